//! Blocks that each in office authored, kept for pay-outs.

use crate::{Config, ErasWithPoints, Pallet, Points, TotalPoints, LOG_TARGET};
use frame_support::traits::Get;

impl<T: Config> Pallet<T> {
	/// Starts to count for an era, and drops the oldest where as many are kept as there may be: at most one.
	pub(crate) fn start_points(era: u32) {
		let mut eras = ErasWithPoints::<T>::get();
		if eras.last().is_some_and(|last| *last >= era) {
			return;
		}
		if eras.is_full() {
			let oldest = eras.remove(0);
			TotalPoints::<T>::remove(oldest);
			// Those who were in office then, all of them: whoever took a seat had been a standby.
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

	/// Counts a block for somebody in office, in the era that began last.
	pub(crate) fn add_point(author: &T::AccountId) {
		let Some(era) = ErasWithPoints::<T>::get().last().copied() else {
			return;
		};
		// An era has 1200 slots.
		Points::<T>::mutate(era, author, |points| *points = points.saturating_add(1));
		TotalPoints::<T>::mutate(era, |points| *points = points.saturating_add(1));
	}

	/// The most accounts that can have points in an era.
	pub(crate) fn most_with_points() -> u32 {
		T::MaxDirectors::get().saturating_mul(2)
	}
}
