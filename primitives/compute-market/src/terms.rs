//! What holders govern: times, shares, stakes, penalties.

use crate::{Balance, ComputeError, Tick};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use market_primitives::{part_down, part_up, Instalments, Penalties, Price, Shares};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;

/// Times, in ticks of the markets' clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Times {
	/// For how long workers are looked for, and for how long a job without money waits for some.
	pub starve: Tick,
	/// What a worker has for a unit besides three times what it takes it by its proven rate.
	pub slack: Tick,
	/// For how long commitments may be revealed, once all are in.
	pub reveal: Tick,
	/// For how long outputs are kept once a job is done.
	pub kept: Tick,
	/// For how long anybody may appeal before others rely on a result.
	pub appeal: Tick,
	/// How much later than expected a unit has to be before somebody idle computes it too.
	pub copy: Tick,
	/// How long it takes until stake leaves: 28 eras.
	pub unbond: Tick,
}

/// All that holders govern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Terms {
	/// Times.
	pub times: Times,
	/// How pay is split.
	pub shares: Shares,
	/// How much of it is due at once.
	pub instalments: Instalments,
	/// What it costs to give up.
	pub penalties: Penalties,
	/// The share of accepted units that is run again,
	pub recheck: Perbill,
	/// and of those that one worker computed alone.
	pub audit: Perbill,
	/// A stake, in pays of a unit,
	pub stake: u32,
	/// and at least so many planck.
	pub least_stake: Balance,
	/// What a first dissent costs, in pays of a unit.
	pub wrong: u32,
	/// After so many right units a dissent is a first one again.
	pub wrong_apart: u64,
	/// What a worker gets for a unit of which nothing comes, as a part of its pay at most.
	pub start_fee: Perbill,
	/// How often a worker may be late in a job before it leaves the pool.
	pub lates: u8,
	/// Of so many units that it is given a worker may hand back one.
	pub declines: u32,
	/// So many right units in a row let a worker compute alone,
	pub clean: u32,
	/// if it is wrong more rarely than this.
	pub error: Perbill,
	/// What each of three who try to fetch an output gets, in planck.
	pub probe: Balance,
	/// Units of work in a Gfuel, with 32 fractional bits.
	pub work: u64,
	/// Of the tickets that a draw looks at, those that have to meet the terms, or the work counts for nothing.
	pub met: Perbill,
	/// The time in which what a worker computed counts for an e-th, in ticks.
	pub tau: u32,
}

impl Terms {
	/// Those of the real chain, with a tick a second, eras of an hour and a day of four hours kept.
	pub const fn real() -> Self {
		Self {
			times: Times {
				starve: 2_400,
				slack: 120,
				reveal: 120,
				kept: 14_400,
				appeal: 1_200,
				copy: 20,
				unbond: 28 * 3_600,
			},
			shares: Shares::of_compute(),
			instalments: Instalments::of_compute(),
			penalties: Penalties::real(),
			recheck: Perbill::from_percent(2),
			audit: Perbill::from_percent(10),
			stake: 200,
			least_stake: 1_000_000_000_000,
			wrong: 2,
			wrong_apart: 10_000,
			start_fee: Perbill::from_percent(1),
			lates: 3,
			declines: 20,
			clean: 100,
			error: Perbill::from_percent(5),
			probe: 10_000_000_000,
			work: 1 << 32,
			met: Perbill::from_percent(50),
			tau: 7 * 86_400,
		}
	}

	/// Whether they can be as they are.
	///
	/// # Errors
	/// [`TermsError`].
	pub fn check(&self) -> Result<(), TermsError> {
		if self.shares.check().is_err() {
			return Err(TermsError::Shares);
		}
		if self.wrong == 0 || self.wrong > self.stake {
			return Err(TermsError::Stake);
		}
		if self.times.reveal == 0 || self.times.slack == 0 || self.times.appeal > self.times.kept {
			return Err(TermsError::Times);
		}
		if self.lates == 0 || self.declines == 0 {
			return Err(TermsError::Counts);
		}
		Ok(())
	}

	/// What a worker has at stake in a job in which a unit pays so much at most, in planck.
	///
	/// # Errors
	/// [`ComputeError::TooMuch`].
	pub fn stake_of(&self, unit_pay: Balance) -> Result<Balance, ComputeError> {
		let stake = unit_pay.checked_mul(self.stake.into()).ok_or(ComputeError::TooMuch)?;
		Ok(stake.max(self.least_stake))
	}

	/// What a first dissent costs of such a stake, in planck.
	pub fn fine_of(&self, stake: Balance) -> Balance {
		part_up(stake, Perbill::from_rational(self.wrong, self.stake.max(1)))
	}

	/// What is paid for a unit of which nothing comes, where at most so much would have been, in planck.
	pub fn start_fee_of(&self, hold: Balance) -> Balance {
		part_down(hold, self.start_fee)
	}

	/// Units of work that so much fuel is, with 32 fractional bits.
	pub fn units_of(&self, fuel: u64) -> u128 {
		// Below 2^128.
		u128::from(fuel)
			.saturating_mul(self.work.into())
			.checked_div(market_primitives::GFUEL)
			.unwrap_or(0)
	}

	/// What a price for one Gfuel comes to for the three who try to fetch an output: what each gets.
	pub const fn probe_price(&self) -> Price {
		Price(self.probe)
	}
}

impl Times {
	/// Until when a unit is due that takes so many ticks by what was proven, and is given out now.
	pub fn due(&self, now: Tick, takes: Tick) -> Tick {
		now.saturating_add(takes.saturating_mul(3)).saturating_add(self.slack)
	}
}

/// Terms that there cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermsError {
	/// Shares are more than the whole.
	Shares,
	/// A dissent costs more than the stake, or nothing.
	Stake,
	/// No time to work or to reveal, or appeals last longer than results.
	Times,
	/// Nobody may be late or decline.
	Counts,
}

impl fmt::Display for TermsError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Shares => "the shares of pay are more than 100 % together: lower one",
			Self::Stake => "a dissent costs at least a pay, and no more than the stake: lower the one or raise the other",
			Self::Times => "work and reveals take a tick at least, and appeals last no longer than results: change that",
			Self::Counts => "a worker is late once at least, and declines one unit of so many: give a number above 0",
		})
	}
}

impl core::error::Error for TermsError {}
