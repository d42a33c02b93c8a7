//! What is stored, and what comes in calls.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use compute_market_primitives::{
	Assurance, Balance, EngineId, Hash, JobId, Outcome, Price, Purse, Record, Spec, Tick, UnitAt, MAX_POOL,
};
use device_primitives::{DeviceId, NetworkGroup};
use frame_support::{traits::ConstU32, BoundedVec};
use rounds_primitives::Member as Rounds;
use scale_info::TypeInfo;

/// Jobs that one claim names at most.
pub const MAX_CLAIMS: u32 = 32;

/// Tickets of a device at most.
pub const MAX_TICKETS: u32 = 32;

/// Engines of a device at most.
pub const MAX_ENGINES: u32 = 8;

/// Units that a device computes at a time at most.
pub const MAX_SLOTS: u8 = 64;

/// Units of a job that are out at a time at most.
pub const MAX_OPEN: u32 = 256;

/// Deadlines of a tick at most.
pub const MAX_DUE: u32 = 64;

/// Jobs that are pooled or run at most, when one is submitted. What is run again comes on top, as many at most.
pub const MAX_LIVE: u32 = 1_024;

/// Accepted units that are remembered, so that the chain can have them run again.
pub const MAX_RECENT: u64 = 1_024;

/// Accumulators that are kept.
pub const MAX_BEACONS: u32 = 8;

/// Engines that a device has.
pub type Engines = BoundedVec<EngineId, ConstU32<MAX_ENGINES>>;

/// Jobs whose pay is claimed.
pub type Claims = BoundedVec<JobId, ConstU32<MAX_CLAIMS>>;

/// Units of a job.
pub type UnitsOf = BoundedVec<UnitAt, ConstU32<MAX_OPEN>>;

/// The pool of a job.
pub type PoolOf<AccountId> = BoundedVec<Member<AccountId>, ConstU32<MAX_POOL>>;

/// Units whose time may be over at a tick.
pub type DueUnits = BoundedVec<(JobId, UnitAt), ConstU32<MAX_DUE>>;

/// What a device offers to compute.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Offering {
	/// Planck for a Gfuel.
	pub ask: Price,
	/// Engines that it has.
	pub engines: Engines,
	/// Units that it computes at a time: none if it takes no new jobs.
	pub slots: u8,
	/// Pages of 64 KiB that each of them may have.
	pub memory_pages: u32,
	/// Whether it runs again what the chain itself orders, for what issuance gives.
	pub for_chain: bool,
}

/// A device that computes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Worker<AccountId> {
	/// Who has it, puts in its stake and is paid.
	pub owner: AccountId,
	/// The network that its agent is in.
	pub group: Option<NetworkGroup>,
	/// What it offers.
	pub offer: Offering,
	/// Units that it computes now.
	pub busy: u32,
	/// Pools that it is in.
	pub pools: u32,
	/// Its stake, in planck,
	pub stake: Balance,
	/// what of that answers for jobs,
	pub locked: Balance,
	/// and what of the rest leaves, from which tick on.
	pub leaving: Option<(Balance, Tick)>,
	/// How many tickets it has.
	pub tickets: u32,
	/// What it has shown.
	pub record: Record,
	/// What its owner has on hold for this entry, in planck.
	pub deposit: Balance,
}

impl<AccountId> Worker<AccountId> {
	/// What of its stake answers for nothing and does not leave, in planck.
	pub fn free_stake(&self) -> Balance {
		let leaving = self.leaving.map_or(0, |(amount, _)| amount);
		self.stake.saturating_sub(self.locked).saturating_sub(leaving)
	}

	/// Whether it has room for a unit.
	pub fn has_room(&self) -> bool {
		self.busy < self.offer.slots.into()
	}
}

/// A member of a job's pool.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Member<AccountId> {
	/// The device.
	pub device: DeviceId,
	/// Who is paid for it.
	pub owner: AccountId,
	/// The network that its agent is in.
	pub group: Option<NetworkGroup>,
	/// Planck for a Gfuel, as it was asked when the pool was drawn.
	pub ask: Price,
	/// Ticks that a unit takes it at most by what it has proven.
	pub takes: Tick,
	/// Its turns.
	pub rounds: Rounds,
	/// What of its stake answers for this job, in planck.
	pub locked: Balance,
	/// Units that it was given.
	pub given: u32,
	/// Units that it handed back.
	pub declined: u32,
	/// Units that were accepted as it had them.
	pub accepted: u32,
	/// Units that it did not bring in time.
	pub late: u8,
	/// Whether it is given nothing more.
	pub gone: bool,
	/// What it can claim, in planck,
	pub earned: Balance,
	/// and what waits until outputs were served.
	pub withheld: Balance,
}

/// Why a job is there.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Purpose<AccountId> {
	/// Somebody ordered it.
	#[codec(index = 0)]
	Ordered,
	/// An accepted unit of another job is run again, for the beacon has drawn it.
	#[codec(index = 1)]
	Recheck(JobId, UnitAt),
	/// The same, and the chain has ordered it.
	#[codec(index = 2)]
	ByChain(JobId, UnitAt),
	/// The same, and this account has put in what it costs.
	#[codec(index = 3)]
	Appeal(JobId, UnitAt, AccountId),
	/// Whether the output of a unit is served.
	#[codec(index = 4)]
	Dispute(JobId, UnitAt, AccountId),
}

impl<AccountId> Purpose<AccountId> {
	/// Which unit of which job it is about, if somebody has not simply ordered it.
	pub fn about(&self) -> Option<(JobId, UnitAt)> {
		match self {
			Self::Ordered => None,
			Self::Recheck(job, unit)
			| Self::ByChain(job, unit)
			| Self::Appeal(job, unit, _)
			| Self::Dispute(job, unit, _) => Some((*job, *unit)),
		}
	}
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Stage {
	/// Workers are looked for.
	#[codec(index = 0)]
	Pooling {
		/// How often that has failed.
		attempt: u32,
		/// How many tickets were looked at in this attempt,
		looked: u32,
		/// and how many of them met the terms.
		met: u32,
		/// From when on it is in vain.
		until: Tick,
	},
	/// Units are out, or wait.
	#[codec(index = 1)]
	Running,
	/// All units are accepted or refunded, since this tick.
	#[codec(index = 2)]
	Done(Tick),
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Job<AccountId> {
	/// Whose it is.
	pub owner: AccountId,
	/// Why it is there.
	pub purpose: Purpose<AccountId>,
	/// What is computed.
	pub spec: Spec,
	/// The most that is paid for a Gfuel.
	pub max_price: Price,
	/// How sure results have to be.
	pub assurance: Assurance,
	/// How far it is.
	pub stage: Stage,
	/// What programs draw chance from: the beacon's, when the pool was drawn.
	pub seed: Hash,
	/// The slot of the block in which that was: what programs have for a clock.
	pub slot: u64,
	/// What lies there for pay, in planck,
	pub escrow: Purse,
	/// and what of that is promised to those who have units.
	pub promised: Balance,
	/// The deposit for its state, in planck.
	pub deposit: Balance,
	/// What each member has at stake, in planck.
	pub stake: Balance,
	/// Whether its work counts.
	pub counts: bool,
	/// Whether whoever submitted it is called back.
	pub calls_back: bool,
	/// Whether it is among those that are given turns.
	pub queued: bool,
	/// When it is given up, unless somebody puts in more; none if there is enough.
	pub short: Option<Tick>,
	/// Whether units that nobody has got yet are refunded.
	pub given_up: bool,
	/// Whether the owner has the outputs.
	pub received: bool,
	/// Units that were given out, or never will be: those below this number.
	pub next: UnitAt,
	/// Units that are out.
	pub open: u32,
	/// Units with a result.
	pub accepted: u32,
	/// Units without one, which cost no more than fees.
	pub refunded: u32,
	/// Accepted units of which it is not known yet whether they are run again, or which are.
	pub checks: u32,
	/// Units of which nothing is kept any more: those below this number.
	pub cleared: UnitAt,
}

impl<AccountId> Job<AccountId> {
	/// How many units nobody has got yet and somebody will.
	pub fn fresh(&self) -> u32 {
		if self.given_up {
			0
		} else {
			self.spec.units.saturating_sub(self.next)
		}
	}

	/// Whether all of it has been given out, and not all is back: what is out ends.
	pub fn is_draining(&self) -> bool {
		self.stage == Stage::Running && self.fresh() == 0
	}

	/// What of the escrow is promised to nobody, in planck.
	pub fn free(&self) -> Balance {
		self.escrow.amount().saturating_sub(self.promised)
	}
}

/// Units of a job that are out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Board {
	/// All of them,
	pub open: UnitsOf,
	/// and those for which members are missing.
	pub wanting: UnitsOf,
}

/// A result that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Agreed {
	/// What came of the unit.
	pub outcome: Outcome,
	/// Since when it stands.
	pub at: Tick,
	/// Members that said so and answer for it: a bit for each.
	pub by: u64,
	/// Members that were given the unit: a bit for each.
	pub asked: u64,
	/// Whether it waits for the beacon to say whether it is run again.
	pub undrawn: bool,
	/// The job that runs it again, or that tries to fetch its output.
	pub check: Option<JobId>,
}

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

/// What a job has come to, for whoever submitted it and is called back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct JobDone {
	/// The job.
	pub job: JobId,
	/// Units with a result: it can be asked for as long as the job is not closed.
	pub accepted: u32,
	/// Units without one.
	pub refunded: u32,
	/// The root of unit 0, if that has a result.
	pub root: Option<Hash>,
}
