//! What the chain answers to whoever asks it about the market, outside of blocks.

mod stages;

pub use stages::{JobStage, UnitStage};

use crate::{
	Accepted, Assignment, Assurance, Balance, Hash, JobId, Price, Reliability, Spec, Tick, Times, UnitAt, WorkOffer,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use storage_market_primitives::Reach;

/// Entries that an answer has at most: ask again for what follows.
pub const MAX_ANSWERS: u32 = 256;

/// Jobs that are looked through for one answer at most.
pub const MAX_LOOKED_THROUGH: u32 = 4_096;

/// What a worker offers, and how it does.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct WorkerState<Account, Device, Endpoint> {
	/// The device, and where it is reached.
	pub reach: Reach<Device, Endpoint>,
	/// Who offers it, and is paid.
	pub owner: Account,
	/// What it offers.
	pub offer: WorkOffer,
	/// What it may lose, in planck.
	pub stake: Balance,
	/// What of that answers for jobs, in planck: it answers for no other one.
	pub locked: Balance,
	/// What of it is withdrawn, in planck, and the tick from which on it is free.
	pub leaving: Option<(Balance, Tick)>,
	/// How it has done so far.
	pub reliability: Reliability,
	/// Its rate: Mfuel a tick that it has proven.
	pub rate: u32,
	/// How many work tickets it has: none if it is drawn for no job.
	pub tickets: u32,
}

impl<Account, Device, Endpoint> WorkerState<Account, Device, Endpoint> {
	/// What of its stake answers for nothing and does not leave, in planck: with that it can be drawn for another job.
	#[must_use]
	pub fn free_stake(&self) -> Balance {
		let leaving = self.leaving.as_ref().map_or(0, |(amount, _)| *amount);
		self.stake.saturating_sub(self.locked).saturating_sub(leaving)
	}
}

/// How many units of a job stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct UnitCounts {
	/// Nobody has them.
	pub waiting: u32,
	/// Workers have them, or reveal.
	pub in_flight: u32,
	/// They have a result.
	pub accepted: u32,
	/// They have none, and were paid back.
	pub undecided: u32,
	/// Machines could not run them.
	pub faulted: u32,
}

/// What a job waits for whose money does not suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Short {
	/// The last tick of that: after it what is out ends with what there is, and nothing else is given out.
	pub until: Tick,
	/// What has to be put in at least for all that waits to go on, in planck. A further dissent may take more.
	pub missing: Balance,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct JobState<Account, Device, Endpoint> {
	/// Who pays it.
	pub owner: Account,
	/// What is computed.
	pub spec: Spec,
	/// The most that is paid for a Gfuel.
	pub max_price: Price,
	/// How sure results have to be.
	pub assurance: Assurance,
	/// Where it stands.
	pub stage: JobStage,
	/// What its programs see as the time, in milliseconds since 1970.
	pub time: u64,
	/// What its programs draw chance from; none before the pool is drawn.
	pub seed: Option<Hash>,
	/// What is left in its escrow, in planck.
	pub escrow: Balance,
	/// What was paid so far, in planck.
	pub paid: Balance,
	/// That it waits for money, if it does.
	pub short: Option<Short>,
	/// Whether its owner has said that it has the outputs: they are kept no longer than results can be appealed then.
	pub received: bool,
	/// Results of which it is not known yet whether they are run again, or that are: until then it cannot be closed.
	pub checks: u32,
	/// How many of its units stand where.
	pub units: UnitCounts,
	/// Who works for it.
	pub pool: Vec<Reach<Device, Endpoint>>,
}

impl<Account, Device, Endpoint> JobState<Account, Device, Endpoint> {
	/// The last tick at which it cannot be closed yet, as far as times say: its outputs are kept, or its results can be
	/// appealed. None while it is open. Until [`Self::checks`] is 0 it cannot be closed in any case.
	#[must_use]
	pub const fn closes(&self, times: &Times) -> Option<Tick> {
		self.stage.closes(if self.received { times.appeal } else { times.kept })
	}
}

/// Jobs of an account.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct JobsOf {
	/// Their numbers, rising.
	pub jobs: Vec<JobId>,
	/// The last job that was looked at: ask for what follows it, until this is that of the newest one.
	pub looked_to: JobId,
	/// The newest job that there is.
	pub newest: JobId,
}

/// A unit of a job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct UnitState<Device> {
	/// Its number.
	pub unit: UnitAt,
	/// Where it stands.
	pub stage: UnitStage,
	/// How many workers were asked so far.
	pub asked: u32,
	/// Its result, if it has one.
	pub accepted: Option<Accepted>,
	/// Whether that is being run again, or it is looked whether its output is served.
	pub checked: bool,
	/// Who serves its output. Nobody if others have refuted what its workers said: they keep none.
	pub by: Vec<Device>,
}

/// What a worker has to do with a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum What {
	/// To run it, and to commit itself.
	#[codec(index = 0)]
	Run {
		/// The last tick at which that counts.
		due: Tick,
	},
	/// To wait until all others have committed themselves, too.
	#[codec(index = 1)]
	Wait,
	/// To reveal what it has committed itself to.
	#[codec(index = 2)]
	Reveal {
		/// The last tick at which that counts.
		until: Tick,
	},
	/// To ask for its output, as a prober, and to report who gave it.
	#[codec(index = 3)]
	Fetch {
		/// The last tick at which a report counts.
		due: Tick,
		/// The tick at which the output was disputed: the report names it.
		disputed: Tick,
	},
}

/// A unit that a worker was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Task {
	/// The job.
	pub job: JobId,
	/// The unit, and when it was given.
	pub at: Assignment,
	/// The worker's place in the pool of those who have it: what it reveals names it.
	pub place: u8,
	/// What is to be done with it.
	pub what: What,
}

/// What a worker has earned in a job and not claimed, in planck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct JobClaim {
	/// The job.
	pub job: JobId,
	/// What can be claimed now.
	pub now: Balance,
	/// What waits until outputs were handed over.
	pub later: Balance,
}
