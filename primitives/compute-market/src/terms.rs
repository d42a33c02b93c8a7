//! What governance decides of jobs.

use crate::{Assurance, Balance, Price, Tick, MFUEL};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use market_primitives::{Instalments, MarketError, Shares};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;

/// Parts of a [`Perbill`] that are the whole.
const WHOLE: Balance = 1_000_000_000;

/// Times of jobs, in ticks where nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Times {
	/// To find enough workers, from the submission on.
	pub pooling: Tick,
	/// How many times as long as its proven rate says a worker may take for a unit.
	pub slowness: u32,
	/// What it has besides, to fetch the input and to be included.
	pub slack: Tick,
	/// To reveal.
	pub reveal: Tick,
	/// For how long a result may be appealed or disputed.
	pub appeal: Tick,
	/// For how long outputs are kept, once all units are decided.
	pub kept: Tick,
	/// For how many eras a stake stays that is withdrawn.
	pub notice: u32,
}

impl Times {
	/// Twenty minutes to find workers; three times as long as it should take, and a minute; a minute to reveal; ten
	/// minutes to appeal; two hours to fetch; 28 eras of notice.
	#[must_use]
	pub const fn real() -> Self {
		Self {
			pooling: 2_400,
			slowness: 3,
			slack: 120,
			reveal: 120,
			appeal: 1_200,
			kept: 14_400,
			notice: 28,
		}
	}

	/// The same, divided by a number, for chains that are tried out; at least a tick each.
	#[must_use]
	pub fn scaled(self, by: Tick) -> Self {
		let part = |time: Tick| time.checked_div(by).unwrap_or(time).max(1);
		Self {
			pooling: part(self.pooling),
			slowness: self.slowness,
			slack: part(self.slack),
			reveal: part(self.reveal),
			appeal: part(self.appeal),
			kept: part(self.kept),
			notice: part(self.notice),
		}
	}

	/// The last tick at which a worker may say something of a unit with such a fuel limit that it is given now, if it
	/// burns `rate` Mfuel a tick.
	#[must_use]
	pub fn due(&self, now: Tick, fuel_limit: u64, rate: u32) -> Tick {
		let rate = u128::from(rate.max(1)).saturating_mul(MFUEL.into());
		let ticks = u128::from(fuel_limit)
			.saturating_mul(self.slowness.into())
			.div_ceil(rate);
		let ticks = Tick::try_from(ticks).unwrap_or(Tick::MAX);
		now.saturating_add(ticks).saturating_add(self.slack)
	}
}

/// All that governance decides of jobs. A unit's pay is that of its fuel limit at the job's highest price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Terms {
	/// Times.
	pub times: Times,
	/// How pay is split.
	pub shares: Shares,
	/// How much of a worker's pay is due at once; the rest waits until its output was handed over.
	pub instalments: Instalments,
	/// What an escrow has besides what workers get if no unit needs more of them.
	pub margin: Perbill,
	/// How many units' pay a worker stakes, `S`.
	pub stake: u32,
	/// How many units' pay a first dissent costs.
	pub dissent: u32,
	/// How many units' pay whoever appeals leaves.
	pub appeal: u32,
	/// The share of accepted units that are run again, `a`.
	pub recheck: Perbill,
	/// The same of units that one worker had alone.
	pub audit: Perbill,
	/// What of its pay an idle worker gets whose copy of a unit came second.
	pub second: Perbill,
	/// What of a unit's pay a worker gets whose unit could be run by too few machines.
	pub start: Perbill,
	/// The least ask for which work counts. For nothing, or next to it, whoever is user and worker at once would have
	/// any competence.
	pub least_ask: Price,
}

impl Terms {
	/// What a chain starts with.
	#[must_use]
	pub const fn real() -> Self {
		Self {
			times: Times::real(),
			shares: Shares::of_compute(),
			instalments: Instalments::of_compute(),
			margin: Perbill::from_percent(50),
			stake: 200,
			dissent: 2,
			appeal: 13,
			recheck: Perbill::from_percent(2),
			audit: Perbill::from_percent(10),
			second: Perbill::from_percent(50),
			start: Perbill::from_percent(1),
			least_ask: Price(100_000_000),
		}
	}

	/// Which share of accepted units is run again.
	#[must_use]
	pub const fn share_run_again(&self, assurance: Assurance) -> Perbill {
		match assurance {
			Assurance::Quorum | Assurance::Strict => self.recheck,
			Assurance::Audit => self.audit,
		}
	}

	/// Up to what gain from one false unit, in units' pay, lying costs those more on average who have all of its
	/// workers: `a R S / (1 - a)`, where `a` is run again and each of `R` loses `S`. Rounded down.
	#[must_use]
	pub fn covers(&self, assurance: Assurance) -> Balance {
		let share = Balance::from(self.share_run_again(assurance).deconstruct()).min(WHOLE);
		let lost = Balance::from(assurance.replicas()).saturating_mul(self.stake.into());
		let rest = WHOLE.saturating_sub(share);
		share.saturating_mul(lost).checked_div(rest).unwrap_or(Balance::MAX)
	}

	/// Whether jobs may be governed so.
	///
	/// # Errors
	/// [`TermsError`].
	pub fn check(&self) -> Result<(), TermsError> {
		let Times {
			pooling,
			slowness,
			slack,
			reveal,
			appeal,
			kept,
			notice,
		} = self.times;
		if [pooling, slowness, slack, reveal, appeal, kept, notice].contains(&0) {
			return Err(TermsError::NoTime);
		}
		if appeal > kept {
			return Err(TermsError::Kept);
		}
		self.shares.check().map_err(TermsError::Shares)?;
		if self.dissent > self.stake {
			return Err(TermsError::Dissent);
		}
		// Whoever does not run a unit saves its pay: those of one have all of it together.
		for assurance in [Assurance::Quorum, Assurance::Strict, Assurance::Audit] {
			if self.covers(assurance) < Balance::from(assurance.replicas()) {
				return Err(TermsError::LyingPays);
			}
		}
		Ok(())
	}
}

/// Terms that jobs cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermsError {
	/// A step has no time at all.
	NoTime,
	/// Outputs are gone while results may still be appealed.
	Kept,
	/// The shares of pay.
	Shares(MarketError),
	/// A first dissent would cost more than there is.
	Dissent,
	/// To say anything without having run the unit would bring more than it costs.
	LyingPays,
}

impl fmt::Display for TermsError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::NoTime => "a step of a job has no time; give each a tick at least",
			Self::Kept => "results may be appealed for longer than outputs are kept; keep them as long at least",
			Self::Shares(error) => return fmt::Display::fmt(error, f),
			Self::Dissent => "a first dissent costs more than the stake; lower it",
			Self::LyingPays => "to lie would pay: have more units run again, or raise the stake",
		})
	}
}

impl core::error::Error for TermsError {}
