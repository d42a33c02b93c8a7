//! How much an era may create at most.

use crate::{Balance, STCI};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What bounds issuance, whatever is earned. It is part of genesis and never changes.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Schedule {
	/// The most that an era creates before the first halving, in planck.
	pub start: Balance,
	/// After so many eras it halves, and again after as many. At least 1; 0 counts as 1.
	pub halving_eras: u32,
	/// Genesis and all that is ever created, together, in planck.
	pub cap: Balance,
}

impl Schedule {
	/// The schedule of a chain that lasts: 1,000 STCI an era, halved every 105,000 eras, 210,000,000 STCI in all. An
	/// era of ten minutes makes a halving two years less a day.
	pub const fn real() -> Self {
		Self {
			start: 1_000 * STCI,
			halving_eras: 105_000,
			cap: 210_000_000 * STCI,
		}
	}

	/// The most that an era may create by its number, in planck, whatever has been created before.
	pub fn start_of(&self, era: u32) -> Balance {
		self.start.checked_shr(era / self.halving_eras.max(1)).unwrap_or(0)
	}

	/// The most that an era may create, in planck, where `genesis` was there at the start, `created` has been created
	/// in all since then, burned or not, and `committed` is what closed eras allot and nobody has been paid yet.
	pub fn ceiling(&self, era: u32, genesis: Balance, created: Balance, committed: Balance) -> Balance {
		let taken = genesis.saturating_add(created).saturating_add(committed);
		self.start_of(era).min(self.cap.saturating_sub(taken))
	}
}
