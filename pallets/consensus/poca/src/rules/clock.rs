//! The markets' clock: how it goes on from block to block.

use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// How many blocks a tick takes while blocks are full.
pub const SLOW: u8 = 16;

/// The clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Ticks {
	/// The tick.
	pub tick: u32,
	/// How many blocks it has lasted, in which the clock did not stand: below [`SLOW`].
	pub waited: u8,
}

impl Ticks {
	/// The clock after a block.
	#[must_use]
	pub fn next(self, stands: bool, slow: bool) -> Self {
		if stands {
			return self;
		}
		let waited = self.waited.saturating_add(1);
		if slow && waited < SLOW {
			return Self { waited, ..self };
		}
		Self {
			tick: self.tick.saturating_add(1),
			waited: 0,
		}
	}
}
