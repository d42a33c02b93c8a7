//! Whose slot it is.

use crate::{AuthorIndex, AuthorityId, PreDigest, Randomness, Slot, SlotDuration, VRF_VERSION};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use sp_core::sr25519::vrf::VrfSignData;

#[cfg(test)]
mod tests;

/// In which role someone may author a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum Role {
	/// The director whose turn it is.
	Director,
	/// One of the line of standbys of that turn.
	Standby,
}

/// The schedule follows a rule that this code does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownVrfVersion(
	/// The version that the schedule asks for.
	pub u8,
);

impl core::fmt::Display for UnknownVrfVersion {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		write!(
			f,
			"the chain evaluates VRFs by rule {}, and this node knows rule {VRF_VERSION}: install a newer node",
			self.0
		)
	}
}

impl core::error::Error for UnknownVrfVersion {}

/// Who may author, from a block on, with every number that node and runtime both evaluate: so a new runtime can change
/// a number, and nodes need not.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Schedule {
	/// Milliseconds of a slot.
	pub slot_duration: SlotDuration,
	/// Slots of a turn.
	pub turn_length: u32,
	/// Whoever holds a turn and misses so many of its slots in a row may be replaced by the next one, who may be
	/// replaced after as many more, and so on.
	pub missed_slots: u32,
	/// How many stand by for the director of a turn, at most.
	pub standby_line: u32,
	/// The version of what VRFs are evaluated over.
	pub vrf_version: u8,
	/// Slots of an era.
	pub era_length: u32,
	/// The era, counted from 0 at the first block.
	pub era: u32,
	/// The directors in the order of their turns.
	pub directors: Vec<AuthorityId>,
	/// The standby signer of each seat, in the same order; none if there is none, or none any more.
	pub standby_signers: Vec<Option<AuthorityId>>,
	/// What the VRF of this era's turns is evaluated over.
	pub randomness: Randomness,
	/// The turn of the parent and the standby that authored the parent: it holds that turn. None if a director holds
	/// its own turn.
	pub turn_holder: Option<(u64, AuthorIndex)>,
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

	/// What the first block of the turn of `slot` evaluates its VRF over.
	///
	/// # Errors
	/// If that follows a rule that this code does not know.
	pub fn vrf_input(&self, slot: Slot) -> Result<VrfSignData, UnknownVrfVersion> {
		match self.vrf_version {
			VRF_VERSION => Ok(PreDigest::<()>::vrf_input(&self.randomness, self.turn(slot))),
			unknown => Err(UnknownVrfVersion(unknown)),
		}
	}

	/// The director of a slot; `None` only if there are no directors.
	pub fn director(&self, slot: Slot) -> Option<AuthorIndex> {
		let count = u64::try_from(self.directors.len()).ok()?;
		AuthorIndex::try_from(self.turn(slot).checked_rem(count)?).ok()
	}

	/// The first of the line of standbys of a slot; `None` if nobody stands by.
	pub fn standby(&self, slot: Slot) -> Option<AuthorIndex> {
		self.standbys(slot).first().copied()
	}

	/// The line of standbys of a slot: the standby signer of the turn's seat if there is one, then the directors of the
	/// next turns in their order; at most [`Schedule::standby_line`], and nobody twice.
	pub fn standbys(&self, slot: Slot) -> Vec<AuthorIndex> {
		let Some(seat) = self.director(slot) else {
			return Vec::new();
		};
		let count = self.directors.len();
		let place = usize::from(seat);
		let signer = self
			.standby_signers
			.get(place)
			.and_then(Option::as_ref)
			.and_then(|_| count.checked_add(place));
		let next = (1..count).filter_map(|ahead| place.checked_add(ahead)?.checked_rem(count));
		signer
			.into_iter()
			.chain(next)
			.filter_map(|author| AuthorIndex::try_from(author).ok())
			.take(usize::try_from(self.standby_line).unwrap_or(usize::MAX))
			.collect()
	}

	/// All that may author slots of the turn of `slot`, in the order in which they may: who holds the turn, the
	/// director if it does not, and the line of standbys.
	pub fn authors(&self, slot: Slot) -> Vec<AuthorIndex> {
		let mut authors: Vec<_> = self.director(slot).into_iter().chain(self.standbys(slot)).collect();
		let holder = self
			.turn_holder
			.filter(|(turn, _)| *turn == self.turn(slot))
			.and_then(|(_, holder)| authors.iter().position(|author| *author == holder));
		if let Some(up_to_holder) = holder.and_then(|place| authors.get_mut(..=place)) {
			up_to_holder.rotate_right(1);
		}
		authors
	}

	/// In which role `author` may author `slot` on a parent in `parent_slot`, if in any.
	///
	/// A turn is its director's. The first of [`Schedule::authors`] may author any slot; each of the others once
	/// [`Schedule::missed_slots`] more of the turn's slots in a row were missed than the one before it needs. Who does
	/// so holds the turn from then on. Slots of the turn before count for nothing, or standbys would compete with a
	/// director that is there.
	pub fn role(&self, parent_slot: Slot, slot: Slot, author: AuthorIndex) -> Option<Role> {
		if slot <= parent_slot {
			return None;
		}
		let first = self.turn(slot).saturating_mul(u64::from(self.turn_length.max(1)));
		let missed_from = parent_slot.saturating_add(1u64).max(first.into());
		let missed = *slot.saturating_sub(*missed_from);
		let place = self.authors(slot).iter().position(|other| *other == author)?;
		let needed = u64::try_from(place)
			.unwrap_or(u64::MAX)
			.saturating_mul(self.missed_slots.into());
		if missed < needed {
			return None;
		}
		Some(if self.director(slot) == Some(author) {
			Role::Director
		} else {
			Role::Standby
		})
	}

	/// The key of a director or a standby signer.
	pub fn key(&self, author: AuthorIndex) -> Option<&AuthorityId> {
		let author = usize::from(author);
		match author.checked_sub(self.directors.len()) {
			None => self.directors.get(author),
			Some(seat) => self.standby_signers.get(seat)?.as_ref(),
		}
	}
}
