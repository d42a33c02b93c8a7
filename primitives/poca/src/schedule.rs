//! Whose slot it is.

use crate::{AuthorityId, Randomness, Slot, SlotDuration};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// Who authored, as headers name it: a director by its place in the order of turns, the standby signer of that seat by the same
/// place after all directors (`directors.len() + place`).
pub type AuthorIndex = u16;

/// Who holds a turn and misses so many of its slots in a row may be replaced by the other of its two.
pub const MISSED_SLOTS: u64 = 2;

/// In which role someone may author a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum Role {
	/// The director whose turn it is.
	Director,
	/// The standby of that turn, after the director has missed [`MISSED_SLOTS`] of its slots in a row.
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
	/// The standby signer of each seat, in the same order; none where there is none, or none any more.
	pub standby_signers: Vec<Option<AuthorityId>>,
	/// What the VRF of this era's turns is evaluated over.
	pub randomness: Randomness,
	/// The turn of the parent, where the standby authored the parent: it holds that turn.
	pub standby_turn: Option<u64>,
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
	pub fn director(&self, slot: Slot) -> Option<AuthorIndex> {
		self.nth_turn(self.turn(slot))
	}

	/// The standby of a slot: the standby signer of the turn's seat, or the director of the next turn where there is none.
	pub fn standby(&self, slot: Slot) -> Option<AuthorIndex> {
		let turn = self.turn(slot);
		let seat = self.nth_turn(turn)?;
		let signer = self.standby_signers.get(usize::from(seat)).is_some_and(Option::is_some);
		if signer {
			AuthorIndex::try_from(self.directors.len()).ok()?.checked_add(seat)
		} else {
			self.nth_turn(turn.saturating_add(1))
		}
	}

	/// In which role `author` may author `slot` on a parent in `parent_slot`, if in any.
	///
	/// A turn is its director's. Who holds it and misses [`MISSED_SLOTS`] of the turn's slots in a row may be replaced by the other of
	/// director and standby, who holds it from its first block on. Slots of the turn before count for nothing: a director need
	/// not pay for the one before it.
	pub fn role(&self, parent_slot: Slot, slot: Slot, author: AuthorIndex) -> Option<Role> {
		if slot <= parent_slot {
			return None;
		}
		let turn = self.turn(slot);
		let first = turn.saturating_mul(u64::from(self.turn_length.max(1)));
		let missed_from = parent_slot.saturating_add(1u64).max(first.into());
		let absent = slot.saturating_sub(*missed_from) >= MISSED_SLOTS;
		let standby_holds = self.standby_turn == Some(turn);
		if (!standby_holds || absent) && self.director(slot) == Some(author) {
			return Some(Role::Director);
		}
		((standby_holds || absent) && self.standby(slot) == Some(author)).then_some(Role::Standby)
	}

	/// The key of a director or a standby signer.
	pub fn key(&self, author: AuthorIndex) -> Option<&AuthorityId> {
		let author = usize::from(author);
		match author.checked_sub(self.directors.len()) {
			None => self.directors.get(author),
			Some(seat) => self.standby_signers.get(seat)?.as_ref(),
		}
	}

	fn nth_turn(&self, turn: u64) -> Option<AuthorIndex> {
		let count = u64::try_from(self.directors.len()).ok()?;
		AuthorIndex::try_from(turn.checked_rem(count)?).ok()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::vec;
	use sp_core::{sr25519, ByteArray};

	fn key(number: u8) -> AuthorityId {
		sr25519::Public::from_slice(&[number; 32]).expect("32 bytes").into()
	}

	fn schedule(directors: u8) -> Schedule {
		Schedule {
			slot_duration: SlotDuration::from_millis(500),
			turn_length: 12,
			era_length: 1200,
			era: 0,
			directors: (0..directors).map(key).collect(),
			standby_signers: Vec::new(),
			randomness: [0; 32],
			standby_turn: None,
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
		assert_eq!(s.role(3.into(), 6.into(), 0), Some(Role::Director));
		assert_eq!(s.role(3.into(), 6.into(), 2), None);
		assert_eq!(s.role(6.into(), 6.into(), 0), None);
	}

	#[test]
	fn slots_that_the_director_before_missed_are_not_this_one_s() {
		let s = schedule(4);
		// The whole turn of director 0 is empty; director 1 is there in time.
		assert_eq!(s.role(Slot::from(47), 60.into(), 1), Some(Role::Director));
		assert_eq!(s.role(Slot::from(47), 60.into(), 2), None);
		assert_eq!(s.role(Slot::from(47), 61.into(), 2), None);
		assert_eq!(s.role(Slot::from(47), 62.into(), 2), Some(Role::Standby));
	}

	#[test]
	fn who_holds_a_turn_keeps_it_until_it_misses_two_slots_itself() {
		let s = Schedule {
			standby_turn: Some(0),
			..schedule(4)
		};
		assert_eq!(s.role(6.into(), 7.into(), 1), Some(Role::Standby));
		assert_eq!(s.role(6.into(), 7.into(), 0), None);
		assert_eq!(s.role(6.into(), 8.into(), 0), None);
		assert_eq!(s.role(6.into(), 9.into(), 0), Some(Role::Director));
		assert_eq!(s.role(6.into(), 9.into(), 1), Some(Role::Standby));
		// The next turn is its director's, who was the standby.
		assert_eq!(s.role(11.into(), 12.into(), 1), Some(Role::Director));
		assert_eq!(s.role(11.into(), 12.into(), 2), None);
	}

	#[test]
	fn every_slot_is_somebody_s_whoever_held_its_turn() {
		for holder in [None, Some(0), Some(1)] {
			let s = Schedule {
				standby_turn: holder,
				standby_signers: vec![None, Some(key(11))],
				..schedule(4)
			};
			for (parent, slot) in (0..24u64).flat_map(|parent| (parent + 1..36).map(move |slot| (parent, slot))) {
				let roles = (0..8).filter(|author| s.role(parent.into(), slot.into(), *author).is_some());
				let count = roles.count();
				assert!(
					(1..=2).contains(&count),
					"{count} may author {slot} on {parent} with {holder:?}"
				);
			}
		}
	}

	#[test]
	fn a_standby_signer_stands_by_its_seat_and_no_other() {
		let s = Schedule {
			standby_signers: vec![Some(key(10)), None, Some(key(12))],
			..schedule(4)
		};
		// Seats 1 and 3 have none: the next director does it.
		assert_eq!(
			[0, 12, 24, 36u64].map(|slot| s.standby(slot.into())),
			[Some(4), Some(2), Some(6), Some(0)]
		);
		assert_eq!(s.role(3.into(), 6.into(), 4), Some(Role::Standby));
		assert_eq!(s.role(3.into(), 5.into(), 4), None);
		assert_eq!(s.role(3.into(), 6.into(), 1), None, "the next director need not");
		assert_eq!(s.role(13.into(), 16.into(), 4), None, "another seat's turn");
	}

	#[test]
	fn keys_are_those_of_directors_and_then_of_standby_signers() {
		let s = Schedule {
			standby_signers: vec![Some(key(10)), None],
			..schedule(4)
		};
		let keys: Vec<_> = (0..7).map(|author| s.key(author).cloned()).collect();
		assert_eq!(
			keys,
			[
				Some(key(0)),
				Some(key(1)),
				Some(key(2)),
				Some(key(3)),
				Some(key(10)),
				None,
				None
			]
		);
		assert_eq!(s.key(u16::MAX), None);
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
