//! What is stored, and what comes in calls.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use compute_market_primitives::{
	Accepted, Assurance, Balance, Hash, JobId, PoolMember, Price, Reliability, Spec, Tick, UnitAt, WorkOffer,
	MAX_CLAIMS, MAX_DUE, MAX_POOL, MAX_UNITS,
};
use device_primitives::{DeviceId, NetworkGroup};
use frame_support::{traits::ConstU32, BoundedVec};
use market_primitives::Purse;
use scale_info::TypeInfo;
use sp_runtime::Perbill;

/// Units of a job that are out at a time at most.
pub const MAX_OPEN: u32 = 256;

/// Accumulators that are kept.
pub const MAX_BEACONS: u32 = 8;

/// The network that a device is in, if that matters.
pub type GroupOf = Option<NetworkGroup>;

/// Jobs whose pay is claimed.
pub type Claims = BoundedVec<JobId, ConstU32<MAX_CLAIMS>>;

/// Units of a job.
pub type UnitsOf = BoundedVec<UnitAt, ConstU32<MAX_OPEN>>;

/// Units of a job, each a bit: the first one the lowest of the first byte. Only as long as the last one that is named.
pub type UnitBits = BoundedVec<u8, ConstU32<{ MAX_UNITS / 8 }>>;

/// Where the bit of a unit is: in which byte, and which one there.
fn bit_of(unit: UnitAt) -> (usize, u8) {
	let byte = usize::try_from(unit >> 3).unwrap_or(usize::MAX);
	(byte, 1_u8.checked_shl(unit & 7).unwrap_or(0))
}

/// Names a unit.
pub(crate) fn set_bit(units: &mut UnitBits, unit: UnitAt) {
	let (byte, bit) = bit_of(unit);
	// No job has more units than there is room for.
	while units.len() <= byte && units.try_push(0).is_ok() {}
	if let Some(found) = units.get_mut(byte) {
		*found |= bit;
	}
}

/// Whether a unit is named.
pub(crate) fn has_bit(units: &UnitBits, unit: UnitAt) -> bool {
	let (byte, bit) = bit_of(unit);
	units.get(byte).is_some_and(|found| *found & bit != 0)
}

/// The pool of a job.
pub type PoolOf<AccountId> = BoundedVec<Member<AccountId>, ConstU32<MAX_POOL>>;

/// Units whose time may be over at a tick.
pub type DueUnits = BoundedVec<(JobId, UnitAt), ConstU32<MAX_DUE>>;

/// A device that computes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Worker<AccountId> {
	/// Who has it, puts in its stake and is paid.
	pub owner: AccountId,
	/// The network that its agent is in.
	pub group: GroupOf,
	/// What it offers.
	pub offer: WorkOffer,
	/// Whether it takes units.
	pub open: bool,
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
	pub reliability: Reliability,
	/// What its owner has on hold for this entry, in planck.
	pub deposit: Balance,
}

impl<AccountId> Worker<AccountId> {
	/// What of its stake answers for nothing and does not leave, in planck.
	pub fn free_stake(&self) -> Balance {
		let leaving = self.leaving.map_or(0, |(amount, _)| amount);
		self.stake.saturating_sub(self.locked).saturating_sub(leaving)
	}

	/// How many units more it takes now.
	pub fn room(&self) -> u32 {
		if self.open {
			u32::from(self.offer.slots).saturating_sub(self.busy)
		} else {
			0
		}
	}
}

/// A member of a job's pool.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Member<AccountId> {
	/// The device, and its work.
	pub work: PoolMember<DeviceId>,
	/// Who is paid for it.
	pub owner: AccountId,
	/// The network that its agent is in.
	pub group: GroupOf,
	/// What of its stake answers for this job, in planck.
	pub locked: Balance,
	/// Units that were accepted as it had them.
	pub accepted: u32,
	/// Units that it has, until they are decided.
	pub has: u32,
	/// Results that it answers for of which it is not known whether they stand: the beacon has said nothing yet, or
	/// they are being run again, or looked for.
	pub open: u32,
	/// Those of them that are being run again or looked for: meanwhile it is paid nothing.
	pub checked: u32,
	/// What it can claim, in planck,
	pub earned: Balance,
	/// and what waits until outputs were served.
	pub withheld: Balance,
	/// Whether it left only because all units were decided: it comes back if one has to be computed again.
	pub rests: bool,
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
	/// The same, and the chain has ordered it, for this account's money.
	#[codec(index = 2)]
	ByChain(JobId, UnitAt, AccountId),
	/// The same, and this account has put in what it costs.
	#[codec(index = 3)]
	Appeal(JobId, UnitAt, AccountId),
	/// It is looked whether the output of a unit is served; this account has put in what it costs.
	#[codec(index = 4)]
	Dispute(JobId, UnitAt, AccountId),
}

impl<AccountId> Purpose<AccountId> {
	/// Which unit of which job it is about, if nobody has simply ordered it.
	pub fn about(&self) -> Option<(JobId, UnitAt)> {
		match self {
			Self::Ordered => None,
			Self::Recheck(job, unit)
			| Self::ByChain(job, unit, _)
			| Self::Appeal(job, unit, _)
			| Self::Dispute(job, unit, _) => Some((*job, *unit)),
		}
	}

	/// Whether somebody has simply ordered it.
	pub fn is_ordered(&self) -> bool {
		matches!(self, Self::Ordered)
	}

	/// Whether it is about an output and not about a result.
	pub fn is_dispute(&self) -> bool {
		matches!(self, Self::Dispute(..))
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
		/// How many tickets were drawn in this attempt,
		drawn: u32,
		/// how many of them were somebody's,
		looked: u32,
		/// and how many of these met the terms.
		met: u32,
	},
	/// Units are out, or wait.
	#[codec(index = 1)]
	Running,
	/// All units are decided, since this tick.
	#[codec(index = 2)]
	Done(Tick),
}

impl Stage {
	/// Workers are looked for, after so many failures.
	pub fn pooling(attempt: u32) -> Self {
		Self::Pooling {
			attempt,
			drawn: 0,
			looked: 0,
			met: 0,
		}
	}
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
	/// Since when it is there.
	pub since: Tick,
	/// What programs draw chance from: the beacon's, once the pool is drawn.
	pub seed: Hash,
	/// What programs have for the time, in milliseconds since 1970: that of the block in which the pool was drawn.
	pub time: u64,
	/// What lies there for pay, in planck,
	pub escrow: Purse,
	/// what of that is promised to those who have units,
	pub promised: Balance,
	/// and what was paid out of it so far.
	pub paid: Balance,
	/// The deposit for its state, in planck.
	pub deposit: Balance,
	/// What each member has at stake, in planck,
	pub stake: Balance,
	/// and what of it a first dissent costs.
	pub fine: Balance,
	/// Whether its work counts.
	pub counts: bool,
	/// Whether whoever submitted it is called back.
	pub calls_back: bool,
	/// Whether it is among those that are given turns.
	pub queued: bool,
	/// When it is given up, unless somebody puts in more; none if there is enough.
	pub short: Option<Tick>,
	/// Whether nobody is given units that nobody has had.
	pub given_up: bool,
	/// Whether the owner has the outputs.
	pub received: bool,
	/// The first unit that nobody has had.
	pub next: UnitAt,
	/// Units that are out.
	pub open: u32,
	/// Units with a result.
	pub accepted: u32,
	/// Units on which too few agree.
	pub undecided: u32,
	/// Units that too many machines could not run.
	pub faulted: u32,
	/// Accepted units of which it is not known yet whether they are run again, or which are.
	pub checks: u32,
	/// Units of which nothing is kept any more: those below this number.
	pub cleared: UnitAt,
	/// Members who answered for a result that was refuted: a bit for each.
	pub suspects: u64,
}

impl<AccountId> Job<AccountId> {
	/// How many units nobody has had and somebody will.
	pub fn fresh(&self) -> u32 {
		if self.given_up {
			0
		} else {
			self.spec.units.saturating_sub(self.next)
		}
	}

	/// How many units have no result, and will have none.
	pub fn without(&self) -> u32 {
		self.spec.units.saturating_sub(self.accepted)
	}

	/// What one worker is paid for a unit at most, in planck.
	pub fn unit_pay(&self) -> Balance {
		// So much was put in for each.
		self.max_price
			.hold_for_fuel(self.spec.fuel_limit)
			.unwrap_or(Balance::MAX)
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
	/// What came of the unit, and since when that stands.
	pub accepted: Accepted,
	/// Members that said so and answer for it: a bit for each.
	pub by: u64,
	/// Members that were given the unit: a bit for each.
	pub asked: u64,
	/// Whether it waits for the beacon to say whether it is run again.
	pub undrawn: bool,
	/// The job that runs it again, or that looks whether its output is served.
	pub check: Option<JobId>,
}

impl Agreed {
	/// Whether it may still turn out otherwise by what has begun.
	pub fn is_open(&self) -> bool {
		self.undrawn || self.check.is_some()
	}
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
