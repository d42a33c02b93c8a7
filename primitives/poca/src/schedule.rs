//! Whose slot it is.

use crate::{AuthorityId, Randomness, Slot, SlotDuration};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// A director's place in the order of turns.
pub type DirectorIndex = u16;

/// A standby may author slot `s` only on a parent whose slot is at most `s - STANDBY_DISTANCE`: the director has missed two.
pub const STANDBY_DISTANCE: u64 = 3;

/// In which role someone may author a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum Role {
	/// The director whose turn it is.
	Director,
	/// The standby of that turn, after two missed slots.
	Standby,
}

/// Who may author, from a block on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Schedule {
	/// Milliseconds of a slot.
	pub slot_duration: SlotDuration,
	/// Slots of a turn.
	pub turn_length: u32,
	/// Slots of an era.
	pub era_length: u32,
	/// The era, counted from 0 at the first block.
	pub era: u32,
	/// The directors in the order of their turns.
	pub directors: Vec<AuthorityId>,
	/// What the VRF of this era's turns is evaluated over.
	pub randomness: Randomness,
}

impl Schedule {
	/// The turn that a slot belongs to.
	pub fn turn(&self, slot: Slot) -> u64 {
		*slot / u64::from(self.turn_length.max(1))
	}

	/// Whether this is the last slot of a turn: its block has to reach the next director in time.
	pub fn is_last_of_turn(&self, slot: Slot) -> bool {
		self.turn(slot) != self.turn(slot.saturating_add(1u64))
	}

	/// Whether a block in `slot` on a parent in `parent_slot` is the first of its turn, and so carries a VRF output.
	pub fn starts_turn(&self, parent_slot: Slot, slot: Slot) -> bool {
		self.turn(parent_slot) != self.turn(slot)
	}

	/// The director of a slot; `None` only where there are no directors.
	pub fn director(&self, slot: Slot) -> Option<DirectorIndex> {
		self.nth_turn(self.turn(slot))
	}

	/// The standby of a slot: the director of the next turn.
	pub fn standby(&self, slot: Slot) -> Option<DirectorIndex> {
		self.nth_turn(self.turn(slot).saturating_add(1))
	}

	/// In which role `author` may author `slot` on a parent in `parent_slot`, if in any.
	pub fn role(&self, parent_slot: Slot, slot: Slot, author: DirectorIndex) -> Option<Role> {
		if slot <= parent_slot {
			return None;
		}
		if self.director(slot) == Some(author) {
			return Some(Role::Director);
		}
		let waited = slot.saturating_sub(*parent_slot) >= STANDBY_DISTANCE;
		(waited && self.standby(slot) == Some(author)).then_some(Role::Standby)
	}

	/// The key of a director.
	pub fn key(&self, director: DirectorIndex) -> Option<&AuthorityId> {
		self.directors.get(usize::from(director))
	}

	fn nth_turn(&self, turn: u64) -> Option<DirectorIndex> {
		let count = u64::try_from(self.directors.len()).ok()?;
		DirectorIndex::try_from(turn.checked_rem(count)?).ok()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::{sr25519, ByteArray};

	fn schedule(directors: u8) -> Schedule {
		Schedule {
			slot_duration: SlotDuration::from_millis(500),
			turn_length: 12,
			era_length: 1200,
			era: 0,
			directors: (0..directors)
				.map(|i| sr25519::Public::from_slice(&[i; 32]).expect("32 bytes").into())
				.collect(),
			randomness: [0; 32],
		}
	}

	#[test]
	fn turns_of_twelve_go_round() {
		let s = schedule(4);
		let authors: Vec<_> = (0..60u64)
			.map(|slot| s.director(slot.into()).expect("has directors"))
			.collect();
		for (slot, author) in authors.iter().enumerate() {
			assert_eq!(usize::from(*author), slot / 12 % 4);
		}
		assert!(s.is_last_of_turn(11.into()) && !s.is_last_of_turn(10.into()) && !s.is_last_of_turn(12.into()));
	}

	#[test]
	fn the_standby_waits_for_two_missed_slots() {
		let s = schedule(4);
		assert_eq!(s.role(3.into(), 4.into(), 0), Some(Role::Director));
		assert_eq!(s.role(3.into(), 4.into(), 1), None);
		assert_eq!(s.role(3.into(), 5.into(), 1), None);
		assert_eq!(s.role(3.into(), 6.into(), 1), Some(Role::Standby));
		assert_eq!(s.role(3.into(), 6.into(), 2), None);
		assert_eq!(s.role(6.into(), 6.into(), 0), None);
	}

	#[test]
	fn no_directors_no_author() {
		let s = schedule(0);
		assert_eq!(s.director(5.into()), None);
		assert_eq!(s.role(1.into(), 5.into(), 0), None);
	}

	#[test]
	fn a_single_director_is_its_own_standby() {
		let s = schedule(1);
		assert_eq!(s.role(1.into(), 500.into(), 0), Some(Role::Director));
		assert_eq!(s.standby(500.into()), Some(0));
	}
}
