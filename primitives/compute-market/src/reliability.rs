//! How a worker has done so far, in all jobs: what a dissent costs it, and whether it may work alone.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;

/// Right units since the last wrong one without which a worker may not work alone.
pub const CLEAN_UNITS: u16 = 100;

/// For so many right units a dissent is remembered: another one within them is no bad memory cell any more.
pub const MEMORY: u32 = 10_000;

/// The error of a worker of which nothing is known.
const UNKNOWN: Perbill = Perbill::from_percent(10);
/// What of the error a right unit leaves.
const LEAVES: Perbill = Perbill::from_percent(95);
/// What a wrong one adds.
const ADDS: Perbill = Perbill::from_percent(5);
/// Below this error a worker may work alone.
const ALONE: Perbill = Perbill::from_percent(5);

/// What a dissent costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Penalty {
	/// It may have been a bad memory cell: two unit pays.
	#[codec(index = 0)]
	Small,
	/// The whole stake.
	#[codec(index = 1)]
	Stake,
}

/// How a worker has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Reliability {
	/// Units of which it returned what was accepted.
	pub right: u32,
	/// Those of which it returned something else, or nothing after it had committed itself.
	pub wrong: u32,
	/// Those of which it said nothing in time.
	pub late: u32,
	/// Right units since the last wrong one that several workers had, up to [`CLEAN_UNITS`].
	pub clean: u16,
	/// Right units since the last wrong one, up to [`MEMORY`]: so many if there was none.
	pub since_wrong: u32,
	/// The share of wrong units, as they come: starts at a tenth, is 0.95 of what it was after a right one, and a
	/// twentieth more after a wrong one.
	pub error: Perbill,
}

impl Default for Reliability {
	fn default() -> Self {
		Self {
			right: 0,
			wrong: 0,
			late: 0,
			clean: 0,
			since_wrong: MEMORY,
			error: UNKNOWN,
		}
	}
}

impl Reliability {
	/// It returned what was accepted; `compared` says whether others had the unit as well.
	pub fn was_right(&mut self, compared: bool) {
		self.right = self.right.saturating_add(1);
		self.since_wrong = self.since_wrong.saturating_add(1).min(MEMORY);
		self.clean = self.clean.saturating_add(u16::from(compared)).min(CLEAN_UNITS);
		self.error = LEAVES * self.error;
	}

	/// It returned something else, or nothing after it had committed itself. Says what that costs.
	#[must_use]
	pub fn was_wrong(&mut self) -> Penalty {
		let penalty = if self.since_wrong >= MEMORY {
			Penalty::Small
		} else {
			Penalty::Stake
		};
		self.wrong = self.wrong.saturating_add(1);
		self.since_wrong = 0;
		self.clean = 0;
		self.error = Perbill::from_parts(self.error.deconstruct().saturating_add(ADDS.deconstruct()));
		penalty
	}

	/// It said nothing in time.
	pub fn was_late(&mut self) {
		self.late = self.late.saturating_add(1);
	}

	/// Whether it may have units alone, of which a part is run again.
	#[must_use]
	pub fn may_work_alone(&self) -> bool {
		self.clean >= CLEAN_UNITS && self.error < ALONE
	}
}
