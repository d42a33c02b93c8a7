//! The latencies that those in office report.

use crate::{parameters::to_u32, Config, Error, Event, Latencies, Pallet};
use alloc::collections::BTreeSet;
use frame_support::{ensure, BoundedVec};
use pallet_traits::Seats;
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_report_latencies(
		who: &T::AccountId,
		latencies: BoundedVec<(T::AccountId, u16), T::MaxDirectors>,
	) -> DispatchResult {
		let mut in_office: BTreeSet<_> = T::Seats::directors().into_iter().collect();
		in_office.extend(T::Seats::standbys().into_iter().flatten());
		ensure!(in_office.remove(who), Error::<T>::NotInOffice);
		for (other, _) in latencies.iter() {
			// Each may be named once, and the reporter itself is out of the set already.
			ensure!(in_office.remove(other), Error::<T>::BadReport);
		}
		let count = to_u32(latencies.len());
		Latencies::<T>::insert(who, latencies);
		Self::deposit_event(Event::LatenciesReported {
			reporter: who.clone(),
			count,
		});
		Ok(())
	}
}
