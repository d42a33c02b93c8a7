//! Points for the blocks and the votes of each in office, kept for pay-outs.

use crate::{Config, ErasWithPoints, Pallet, Points, TotalPoints, LOG_TARGET};
use frame_support::traits::Get;
use pallet_traits::VoteHook;

impl<T: Config> Pallet<T> {
	/// Starts to count for an era, and drops the oldest if as many are kept as there may be: at most one.
	pub(crate) fn start_points(era: u32) {
		let mut eras = ErasWithPoints::<T>::get();
		if eras.last().is_some_and(|last| *last >= era) {
			return;
		}
		if eras.is_full() {
			let oldest = eras.remove(0);
			TotalPoints::<T>::remove(oldest);
			// All of them: whoever took a seat had been a standby.
			let most = Self::most_with_points();
			if Points::<T>::clear_prefix(oldest, most, None).maybe_cursor.is_some() {
				log::error!(target: LOG_TARGET, "era {oldest} has points of more than {most} nodes");
			}
		}
		if eras.try_push(era).is_err() {
			log::error!(target: LOG_TARGET, "no room for the points of era {era}");
		}
		ErasWithPoints::<T>::put(eras);
	}

	/// Gives points in the era that began last.
	pub(crate) fn add_points(who: &T::AccountId, points: u32) {
		let Some(era) = ErasWithPoints::<T>::get().last().copied() else {
			return;
		};
		// An era has 1200 slots.
		Points::<T>::mutate(era, who, |sum| *sum = sum.saturating_add(points));
		TotalPoints::<T>::mutate(era, |sum| *sum = sum.saturating_add(points));
	}

	/// The most accounts that can have points in an era: those in office, and the voters of the era before, who vote
	/// until the change to others is final.
	pub(crate) fn most_with_points() -> u32 {
		T::MaxDirectors::get().saturating_mul(3)
	}
}

impl<T: Config> VoteHook<T::AccountId> for Pallet<T> {
	fn vote_recorded(voter: &T::AccountId) {
		Self::add_points(voter, T::VotePoints::get());
	}
}
