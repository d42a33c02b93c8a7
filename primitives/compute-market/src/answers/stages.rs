//! Where jobs and units stand.

use crate::Tick;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Where a job stands. One that is closed is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum JobStage {
	/// It is paid for, and waits until its pool is drawn.
	#[codec(index = 0)]
	Pooling {
		/// The tick at which it was submitted.
		since: Tick,
	},
	/// Units are given out.
	#[codec(index = 1)]
	Running,
	/// Nothing waits any more, and some units are not decided yet.
	#[codec(index = 2)]
	Draining,
	/// All units are decided. Outputs are kept for a while from then on.
	#[codec(index = 3)]
	Done {
		/// The tick at which the last one was.
		at: Tick,
	},
	/// Too few owners work for its terms: all was given back.
	#[codec(index = 4)]
	Starved {
		/// The tick at which it was given up.
		at: Tick,
	},
	/// Its owner has cancelled it: what was given out is decided and paid, and nothing else is given out.
	#[codec(index = 5)]
	Cancelled {
		/// The tick at which that was.
		at: Tick,
	},
}

impl JobStage {
	/// Whether units may still be given out.
	#[must_use]
	pub const fn is_open(&self) -> bool {
		matches!(self, Self::Pooling { .. } | Self::Running | Self::Draining)
	}

	/// From which tick on anybody may close it, if outputs are kept for so many ticks; none while it is open. What
	/// starved has no outputs.
	#[must_use]
	pub const fn closes(&self, kept: Tick) -> Option<Tick> {
		match self {
			Self::Done { at } | Self::Cancelled { at } => Some(at.saturating_add(kept)),
			Self::Starved { at } => Some(*at),
			Self::Pooling { .. } | Self::Running | Self::Draining => None,
		}
	}
}

/// Where a unit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum UnitStage {
	/// Nobody has it.
	#[codec(index = 0)]
	Waiting,
	/// Workers have it, and not all of them have said something of it.
	#[codec(index = 1)]
	Dispatched {
		/// The last tick at which the slowest of them may.
		due: Tick,
	},
	/// All have, or their time is over: now they reveal.
	#[codec(index = 2)]
	Revealing {
		/// The last tick at which they may.
		until: Tick,
	},
	/// It has a result.
	#[codec(index = 3)]
	Accepted,
	/// Two thirds of the machines could not run it.
	#[codec(index = 4)]
	Faulted,
	/// Too few agree, and nobody is left to be asked: it is paid back.
	#[codec(index = 5)]
	Undecided,
}

impl UnitStage {
	/// Whether nothing comes of it any more but by an appeal or a re-check.
	#[must_use]
	pub const fn is_decided(&self) -> bool {
		matches!(self, Self::Accepted | Self::Faulted | Self::Undecided)
	}
}
