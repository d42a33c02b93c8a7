//! The latencies that those in office report.

use crate::{election::tour, parameters::to_u32, Config, Error, Event, Latencies, LatencyReport, Pallet};
use alloc::collections::BTreeSet;
use frame_support::{ensure, BoundedVec};
use pallet_traits::{EraClock, Seats};
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
		let era = T::EraClock::current_era();
		let report = LatencyReport {
			told: era,
			latest: latencies,
			before: Latencies::<T>::get(who).map_or_else(BoundedVec::default, |known| known.known_at(era)),
		};
		Latencies::<T>::insert(who, report);
		Self::deposit_event(Event::LatenciesReported {
			reporter: who.clone(),
			count,
		});
		Ok(())
	}

	/// What counts for the order of these directors in the era that begins: what had been told before the era that
	/// ended. The order is drawn from the outputs of that era, and whoever reports late in it knows nearly all of them.
	pub(super) fn reports_for_order(era: u32, directors: &[T::AccountId]) -> tour::Reports<T::AccountId> {
		let ended = era.saturating_sub(1);
		directors
			.iter()
			.filter_map(|director| {
				let report = Latencies::<T>::get(director)?;
				Some((director.clone(), report.known_at(ended).into_inner()))
			})
			.collect()
	}
}
