//! What a job costs, and who is paid what.

use crate::{Assurance, Balance, JobError, Price, Spec, Terms};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use market_primitives::{part_down, part_up, MarketError};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;

/// What a job comes to, in planck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Quote {
	/// A unit's pay: the most that one worker gets for one unit, before it is split.
	pub unit: Balance,
	/// What the user puts in: all units for all of their first workers, and the margin; that is no less than what one
	/// unit may need besides ([`Assurance::further`]).
	pub escrow: Balance,
	/// What each worker has to stake.
	pub stake: Balance,
	/// What a first dissent costs.
	pub dissent: Balance,
	/// What whoever appeals leaves.
	pub appeal: Balance,
	/// What the job's owner leaves who says that nobody serves an output; what those do not get who look comes back.
	pub dispute: Balance,
}

impl Quote {
	/// That of a job, but for [`Self::dispute`], which is 0: no terms say what it costs.
	///
	/// # Errors
	/// If there can be no such job ([`Spec::check`]), or it costs more than a balance holds.
	pub fn of(spec: &Spec, max_price: Price, assurance: Assurance, terms: &Terms) -> Result<Self, JobError> {
		spec.check()?;
		let unit = max_price.hold_for_fuel(spec.fuel_limit)?;
		let times = |count: u32| unit.checked_mul(count.into()).ok_or(MarketError::TooMuch);
		let workers = times(spec.units)?.checked_mul(assurance.replicas().into());
		let workers = workers.ok_or(MarketError::TooMuch)?;
		let margin = part_up(workers, terms.margin).max(times(assurance.further())?);
		let escrow = workers.checked_add(margin);
		Ok(Self {
			unit,
			escrow: escrow.ok_or(MarketError::TooMuch)?,
			stake: times(terms.stake)?,
			dissent: times(terms.dissent)?,
			appeal: times(terms.appeal)?,
			dispute: 0,
		})
	}
}

/// What one worker's work on a unit is paid with, in planck: all of it together leaves the escrow.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Pay {
	/// For the worker, at once.
	pub now: Balance,
	/// For the worker, once its output was handed over.
	pub later: Balance,
	/// To be burned.
	pub burned: Balance,
	/// For re-checks.
	pub pool: Balance,
}

impl Pay {
	/// Splits an amount.
	#[must_use]
	pub fn of(amount: Balance, terms: &Terms) -> Self {
		let split = terms.shares.split(amount, Perbill::one());
		let (now, later) = terms.instalments.split(split.provider);
		Self {
			now,
			later,
			burned: split.burned,
			pool: split.pool,
		}
	}

	/// That of a worker whose result was accepted: fuel at its ask.
	///
	/// # Errors
	/// If it is more than a balance holds.
	pub fn agreed(fuel: u64, ask: Price, terms: &Terms) -> Result<Self, JobError> {
		Ok(Self::of(ask.of_fuel(fuel)?, terms))
	}

	/// That of an idle worker whose copy of a unit came second, and agrees.
	///
	/// # Errors
	/// If the whole is more than a balance holds.
	pub fn second(fuel: u64, ask: Price, terms: &Terms) -> Result<Self, JobError> {
		Ok(Self::of(part_down(ask.of_fuel(fuel)?, terms.second), terms))
	}

	/// That of a worker of a unit that too few machines could run: a part of what all of its fuel would have cost.
	///
	/// # Errors
	/// If the whole is more than a balance holds.
	pub fn started(fuel_limit: u64, ask: Price, terms: &Terms) -> Result<Self, JobError> {
		Ok(Self::of(part_down(ask.of_fuel(fuel_limit)?, terms.start), terms))
	}

	/// All of it, in planck.
	#[must_use]
	pub const fn total(&self) -> Balance {
		let worker = self.now.saturating_add(self.later);
		worker.saturating_add(self.burned).saturating_add(self.pool)
	}
}

/// What becomes of stakes that are lost, in planck: all of them together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forfeit {
	/// For those who ran the unit again, or besides.
	pub reruns: Balance,
	/// Back to the user.
	pub user: Balance,
	/// For the treasury.
	pub treasury: Balance,
}

impl Forfeit {
	/// Of so much that was lost: first what it took to find out, then what the user has paid for what was wrong, and
	/// the rest.
	#[must_use]
	pub fn of(lost: Balance, reruns: Balance, paid: Balance) -> Self {
		let reruns = reruns.min(lost);
		let left = lost.saturating_sub(reruns);
		let user = paid.min(left);
		Self {
			reruns,
			user,
			treasury: left.saturating_sub(user),
		}
	}
}
