//! What the beacon said in the last turns.

use crate::Hash;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Accumulators that are kept.
pub const MAX_BEACONS: u32 = 8;

/// The beacon's accumulators, turn by turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Turns {
	/// The number of the turn: how often the accumulator has changed.
	pub turn: u32,
	/// Those of the last turns, the newest one last.
	pub last: BoundedVec<Hash, ConstU32<MAX_BEACONS>>,
}

impl Turns {
	/// That of a turn; the oldest one that is kept if it is older, none if it is to come.
	pub fn of(&self, turn: u32) -> Option<Hash> {
		let back = self.turn.checked_sub(turn)?;
		let back = usize::try_from(back).unwrap_or(usize::MAX);
		let newest = self.last.len().checked_sub(1)?;
		self.last.get(newest.saturating_sub(back)).copied()
	}

	/// The newest.
	pub fn now(&self) -> Hash {
		self.last.last().copied().unwrap_or_default()
	}
}
