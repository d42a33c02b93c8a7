//! What directors decide by motion: whom to admit, whom to remove. The motions are another pallet's; here they are
//! carried out.

use crate::{Candidates, Config, Error, Event, Pallet};
use alloc::vec::Vec;
use frame_support::ensure;
use pallet_traits::{MotionVoters, Seats};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_admit(who: &T::AccountId) -> DispatchResult {
		let mut candidate = Self::standing(who)?;
		ensure!(!candidate.admitted, Error::<T>::AlreadyAdmitted);
		candidate.admitted = true;
		Candidates::<T>::insert(who, candidate);
		Self::refresh(who);
		Self::deposit_event(Event::Admitted { candidate: who.clone() });
		Ok(())
	}

	/// Whoever could escape it by leaving would leave when the motion is about to carry, and resume after it.
	pub(crate) fn do_eliminate(who: &T::AccountId) -> DispatchResult {
		let mut candidate = Candidates::<T>::get(who).ok_or(Error::<T>::NotCandidate)?;
		Self::expel(who, &mut candidate);
		let barred_until = Self::bar(who);
		Self::deposit_event(Event::Eliminated {
			candidate: who.clone(),
			barred_until,
		});
		Ok(())
	}
}

impl<T: Config> MotionVoters<T::AccountId> for Pallet<T> {
	/// The directors that stand. One that left or was barred, and is in office only because there are too few others,
	/// has no say in who comes after it until it stands again: directors that are too few could admit nobody.
	fn members() -> Vec<T::AccountId> {
		let mut directors = T::Seats::directors();
		directors.retain(|director| Self::standing(director).is_ok());
		directors
	}

	fn seats() -> usize {
		T::Seats::directors().len()
	}
}
