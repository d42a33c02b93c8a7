//! Who missed which slots and turns.

use crate::{turns, Config, DirectorOf, Event, Pallet, Tallies, TurnAttended};
use alloc::vec::Vec;
use frame_support::traits::Get;
use poca_primitives::{AuthorIndex, Role, Slot};
use sp_runtime::traits::Zero;

impl<T: Config> Pallet<T> {
	pub(crate) fn turn_of(slot: Slot) -> u64 {
		*slot / u64::from(T::TurnLength::get().max(1))
	}

	/// Whose turn this is, by place in the order.
	pub(crate) fn seat_of_turn(turn: u64, directors: usize) -> Option<usize> {
		usize::try_from(turn.checked_rem(u64::try_from(directors).ok()?)?).ok()
	}

	/// Counts the block for its author, and every slot between the parent and this block, and this one if a standby
	/// authored it, as missed by its director.
	pub(crate) fn count_slots(count: usize, parent_slot: Option<Slot>, slot: Slot, author: AuthorIndex, role: Role) {
		// Nothing was missed before the first block.
		let from = parent_slot.map_or(*slot, |parent| *parent.saturating_add(1u64));
		let to = match role {
			Role::Director => *slot,
			Role::Standby => slot.saturating_add(1u64).into(),
		};
		Tallies::<T>::mutate(|tallies| {
			for (index, tally) in (0u64..).zip(tallies.iter_mut()) {
				let missed = turns::slots_of(
					from,
					to,
					u64::from(T::TurnLength::get()),
					count.try_into().unwrap_or(0),
					index,
				);
				tally.missed_slots = saturating_add(tally.missed_slots, missed);
			}
			if let Some(tally) = tallies.get_mut(usize::from(author)) {
				tally.authored_blocks = tally.authored_blocks.saturating_add(1);
				tally.missed_turns_in_a_row = 0;
			}
		});
	}

	/// Counts the turns that directors missed, once these are over. Returns who missed how many without a break.
	pub(crate) fn count_turns(
		directors: &[DirectorOf<T>],
		parent_slot: Option<Slot>,
		slot: Slot,
		author: AuthorIndex,
		role: Role,
	) -> Vec<(T::AccountId, u32)> {
		let attended = role == Role::Director;
		let Some(parent_slot) = parent_slot else {
			// The chain began somewhere within this turn.
			TurnAttended::<T>::put(true);
			return Vec::new();
		};
		let (parent_turn, this_turn) = (Self::turn_of(parent_slot), Self::turn_of(slot));
		if parent_turn == this_turn {
			if attended {
				TurnAttended::<T>::put(true);
			}
			return Vec::new();
		}
		let from = if TurnAttended::<T>::get() {
			parent_turn.saturating_add(1)
		} else {
			parent_turn
		};
		TurnAttended::<T>::put(attended);

		let count = u64::try_from(directors.len()).unwrap_or(0);
		// If nobody authored for a whole cycle the chain stood still, and that is no director's fault.
		let stood_still = this_turn.saturating_sub(parent_turn) > count;
		let mut tallies = Tallies::<T>::get();
		let mut in_a_row = Vec::new();
		for (seat, (director, tally)) in directors.iter().zip(tallies.iter_mut()).enumerate() {
			let index = u64::try_from(seat).unwrap_or(u64::MAX);
			let missed = turns::turns_of(from, this_turn, count, index);
			if missed.is_zero() {
				continue;
			}
			Self::deposit_event(Event::DirectorMissedTurn {
				director: director.account.clone(),
				turns: u32::try_from(missed).unwrap_or(u32::MAX),
			});
			// Whoever authored this block, in its own turn or another's, is here again.
			if !stood_still && usize::from(author) != seat {
				tally.missed_turns_in_a_row = saturating_add(tally.missed_turns_in_a_row, missed);
				in_a_row.push((director.account.clone(), tally.missed_turns_in_a_row));
			}
		}
		if !in_a_row.is_empty() {
			Tallies::<T>::put(tallies);
		}
		in_a_row
	}
}

fn saturating_add(count: u32, more: u64) -> u32 {
	count.saturating_add(u32::try_from(more).unwrap_or(u32::MAX))
}
