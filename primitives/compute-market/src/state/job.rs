//! A job, from its order until it is closed, and what was agreed on.

use super::MAX_OPEN;
use crate::{Accepted, Assurance, Balance, Hash, JobId, Price, Spec, Tick, UnitAt};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use market_primitives::Purse;
use scale_info::TypeInfo;

/// Units of a job.
pub type UnitsOf = BoundedVec<UnitAt, ConstU32<MAX_OPEN>>;

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
