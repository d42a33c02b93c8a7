//! What is stored besides jobs and workers, what governs the market, and what others are told.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use compute_market_primitives::{Balance, Hash, JobId, Tick, UnitAt, MAX_CLAIMS, MAX_DUE};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::Perbill;

/// Jobs whose pay is claimed.
pub type Claims = BoundedVec<JobId, ConstU32<MAX_CLAIMS>>;

/// Units whose time may be over at a tick.
pub type DueUnits = BoundedVec<(JobId, UnitAt), ConstU32<MAX_DUE>>;

/// An accepted unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct RecentUnit {
	/// The job.
	pub job: JobId,
	/// The unit.
	pub unit: UnitAt,
	/// The turn in which it was accepted.
	pub turn: u32,
}

/// A job that waits for workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Waiting {
	/// The job.
	pub job: JobId,
	/// The turn whose beacon draws: nobody knew it when the job began to wait.
	pub turn: u32,
}

/// What waits for a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Deadline {
	/// The job.
	pub job: JobId,
	/// The unit, if it is about one.
	pub unit: UnitAt,
	/// The last tick.
	pub until: Tick,
}

/// What a device has computed, as it decays.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Credited {
	/// Units of work with 32 fractional bits, as of a tick,
	pub units: u64,
	/// and that tick.
	pub at: Tick,
}

/// What is put in for state, in planck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Deposits {
	/// For a worker.
	pub worker: Balance,
	/// For a job and its pool,
	pub job: Balance,
	/// and for the result of each of its units.
	pub unit: Balance,
}

impl Deposits {
	/// For a job of so many units.
	pub fn of_job(&self, units: u32) -> Balance {
		self.job.saturating_add(self.unit.saturating_mul(units.into()))
	}
}

/// What governs the market besides the terms that clients and workers reckon with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Rules {
	/// Ticks of an era.
	pub era: Tick,
	/// How many ticks later than expected a unit has to be before somebody idle computes it too.
	pub copy: Tick,
	/// The least that a worker has at stake in a job, in planck, however little units pay.
	pub least_stake: Balance,
	/// The part of what is promised to nobody that burns when a job is given up: else pools are drawn until they
	/// please.
	pub given_up: Perbill,
	/// What each of three gets who look whether an output is served, in planck.
	pub probe: Balance,
	/// What a job or an appeal costs at least, in planck, for what a pool has at stake for it: what units cost less is
	/// for the members.
	pub least_job: Balance,
	/// Units of work in a Gfuel, with 32 fractional bits.
	pub work: u64,
	/// Of the tickets that a draw looks at, those that have to meet the terms, or the work counts for nothing.
	pub met: Perbill,
	/// Mfuel a tick for which a worker has a ticket.
	pub ticket: u32,
}

impl Rules {
	/// Those of the real chain, with ticks of half a second.
	pub const fn real() -> Self {
		Self {
			era: 1_200,
			copy: 20,
			least_stake: 10_000_000_000_000,
			given_up: Perbill::from_percent(3),
			probe: 10_000_000_000,
			least_job: 250_000_000_000,
			work: 1 << 32,
			met: Perbill::from_percent(50),
			ticket: 1_000,
		}
	}
}

/// What a job has come to, for whoever submitted it and is called back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct JobDone {
	/// The job.
	pub job: JobId,
	/// Units with a result: it can be asked for as long as the job is not closed.
	pub accepted: u32,
	/// Units without one.
	pub without: u32,
	/// The root of unit 0, if that has a result.
	pub root: Option<Hash>,
}
