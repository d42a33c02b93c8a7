//! Eras: how they are counted, and which slots were theirs.

use crate::{
	randomness, AccumulatedRandomness, Config, CurrentRandomness, Era, EraLength, EraStarts, Event, NextRandomness,
	Pallet,
};
use core::cmp::Ordering;
use frame_support::traits::Get;
use pallet_traits::{EraClock, EraOfSlot};
use poca_primitives::{Randomness, Slot};

impl<T: Config> Pallet<T> {
	/// Whether each era ends with a turn. The length of an era is the chain's, and that of a turn the runtime's.
	pub(crate) fn eras_hold_whole_turns() -> bool {
		EraLength::<T>::get().checked_rem(T::TurnLength::get()) == Some(0)
	}

	/// The first slot of the period that a slot lies in: periods are [`EraLength`] slots, aligned to multiples of it.
	pub(crate) fn period_start(slot: Slot) -> Slot {
		let into = (*slot).checked_rem(u64::from(EraLength::<T>::get())).unwrap_or(0);
		slot.saturating_sub(into)
	}

	/// Begins the next era if `slot` lies in another period than the parent's, in one step however many periods passed
	/// without a block. Returns its number if it does.
	///
	/// Eras stay at the maximum once there, in 81,000 years.
	pub(crate) fn enter_era_of(parent_slot: Option<Slot>, slot: Slot) -> Option<u32> {
		let start = Self::period_start(slot);
		let Some(parent_slot) = parent_slot else {
			EraStarts::<T>::insert(Era::<T>::get(), start);
			return None;
		};
		if Self::period_start(parent_slot) == start {
			return None;
		}
		let era = Era::<T>::get().checked_add(1)?;
		Era::<T>::put(era);
		EraStarts::<T>::insert(era, start);
		if let Some(forgotten) = era.checked_sub(T::EraMemory::get()) {
			EraStarts::<T>::remove(forgotten);
		}
		let accumulated = AccumulatedRandomness::<T>::get();
		let randomness = NextRandomness::<T>::get();
		CurrentRandomness::<T>::put(randomness);
		NextRandomness::<T>::put(randomness::of_era(era, &accumulated));
		Self::deposit_event(Event::EraStarted { era, randomness });
		Some(era)
	}
}

impl<T: Config> EraClock for Pallet<T> {
	fn current_era() -> u32 {
		Era::<T>::get()
	}

	fn era_randomness() -> Randomness {
		CurrentRandomness::<T>::get()
	}
}

/// By bisection: some ten reads for a week of eras.
impl<T: Config> EraOfSlot for Pallet<T> {
	fn era_of_slot(slot: Slot) -> Option<u32> {
		let period = Self::period_start(slot);
		let (mut low, mut high) = (0, Era::<T>::get());
		low = low.max(high.saturating_sub(T::EraMemory::get().saturating_sub(1)));
		while low <= high {
			let middle = low.saturating_add(high.saturating_sub(low) / 2);
			// One that was forgotten began before all that are kept.
			let start = EraStarts::<T>::get(middle);
			match start.map_or(Ordering::Less, |start| start.cmp(&period)) {
				Ordering::Equal => return Some(middle),
				Ordering::Less => low = middle.checked_add(1)?,
				Ordering::Greater => high = middle.checked_sub(1)?,
			}
		}
		None
	}
}
