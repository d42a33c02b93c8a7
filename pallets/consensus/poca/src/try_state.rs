//! What must hold between blocks.

use crate::{
	Author, Config, CurrentSlot, Directors, Era, EraStarts, GenesisSlot, Pallet, RecentSlots, SlotDuration,
	StandbySigners, Tallies, TurnHolder,
};
use alloc::collections::BTreeSet;
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks what must hold between blocks.
	///
	/// # Errors
	/// Names the first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::try_offices()?;
		Self::try_slots()?;
		Self::try_eras()
	}

	fn try_offices() -> Result<(), TryRuntimeError> {
		let directors = Directors::<T>::get();
		ensure!(
			directors.len() == Tallies::<T>::get().len(),
			"each director has one tally"
		);
		let keys: BTreeSet<_> = directors.iter().map(|director| &director.key).collect();
		ensure!(keys.len() == directors.len(), "no two directors share a key");
		let signers = StandbySigners::<T>::get();
		ensure!(
			signers.len() == directors.len(),
			"each seat has a standby signer or none, and each standby signer a seat"
		);
		let in_office = || directors.iter().chain(signers.iter().flatten());
		let accounts: BTreeSet<_> = in_office().map(|director| &director.account).collect();
		ensure!(accounts.len() == in_office().count(), "nobody has two offices");
		if let Some((turn, holder)) = TurnHolder::<T>::get() {
			let slot = CurrentSlot::<T>::get();
			// Another number is one of turns of another length, if this runtime has had no block yet. Nobody holds it.
			ensure!(
				turn != Self::turn_of(slot) || Self::schedule().standbys(slot).contains(&holder),
				"the turn is held by one of its line of standbys"
			);
		}
		Ok(())
	}

	fn try_slots() -> Result<(), TryRuntimeError> {
		ensure!(
			SlotDuration::<T>::get() >= T::MinSlotDuration::get(),
			"slots are not shorter than the minimum"
		);
		let slot = CurrentSlot::<T>::get();
		match GenesisSlot::<T>::get() {
			Some(first) => {
				ensure!(first <= slot, "the current slot is not before the first");
				ensure!(!Directors::<T>::get().is_empty(), "a chain with blocks has directors");
				ensure!(Author::<T>::exists(), "a block has an author");
			}
			None => ensure!(*slot == 0, "without a first block there is no slot"),
		}
		for (place, (number, of_block)) in RecentSlots::<T>::iter() {
			ensure!(
				number.checked_rem(T::SlotMemory::get()) == Some(place),
				"slots of blocks are kept at their places"
			);
			ensure!(of_block <= slot, "no block has a later slot than the current one");
		}
		Ok(())
	}

	fn try_eras() -> Result<(), TryRuntimeError> {
		ensure!(
			Self::eras_hold_whole_turns(),
			"eras hold whole turns: a runtime with another turn length does not suit this chain"
		);
		let era = Era::<T>::get();
		if !GenesisSlot::<T>::exists() {
			ensure!(
				era == 0 && EraStarts::<T>::iter().next().is_none(),
				"no era before a block"
			);
			return Ok(());
		}
		if era < u32::MAX {
			ensure!(
				EraStarts::<T>::get(era) == Some(Self::period_start(CurrentSlot::<T>::get())),
				"the era is that of the current slot"
			);
		}
		let oldest = era.saturating_sub(T::EraMemory::get().saturating_sub(1));
		let mut before = None;
		for kept in oldest..=era {
			let start = EraStarts::<T>::get(kept);
			ensure!(start.is_some() && start > before, "eras begin one after the other");
			before = start;
		}
		let kept = u64::try_from(EraStarts::<T>::iter().count()).unwrap_or(u64::MAX);
		ensure!(
			kept == u64::from(era.saturating_sub(oldest)).saturating_add(1),
			"nothing is kept of eras that were forgotten"
		);
		Ok(())
	}
}
