//! The numbers of a lottery, and what follows from them for a claim.

#[cfg(feature = "testing")]
pub mod testing;
mod threshold;

pub use threshold::Threshold;

use crate::fixed::{Credit, Wins, CREDIT_BITS, WINS_BITS};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The most units that a device may claim in one lottery: sixteen times as many still fit into a [`Credit`].
pub const MAX_CLAIM: u32 = 1 << 28;

/// In how many slots a round may be answered at most: two minutes of half seconds, where chains that last need 84. A
/// device believes no node that tells of a round which is open for longer.
pub const MAX_ANSWER: u32 = 240;

/// How often a device may win one round of space, and a compute window. Ten times as often as the most that one may
/// expect in a round, in which a device wins once on average on test chains and much less often on others.
pub const MAX_WINS: u32 = 16;

/// A claim is not cut as long as fewer wins were to be expected: an honest device has fewer than half of 16 in one case
/// of a hundred, of 56 that decay in fewer than one of a million.
pub const CUT_FROM: Wins = Wins::of(16);

/// The numbers of one lottery. All times are in slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Lottery {
	/// In this time what is left of a credit falls to 1/e.
	pub tau: u32,
	/// Rounds in tau: as many as there are on average, if they are drawn.
	pub rounds: u32,
	/// A unit may try in one of so many rounds, on average.
	pub filter: u32,
	/// In the blocks of so many slots a round's wins may come.
	pub answer: u32,
	/// A device expects no more wins in tau, however few devices there are.
	pub most_wins: Wins,
	/// No more wins are expected in a block, however many devices there are.
	pub wins_per_block: u32,
	/// A younger device has no assured units.
	pub assured_from: u32,
}

/// Why the numbers of a lottery make none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLottery {
	/// `tau`, `rounds`, `filter`, `answer`, `wins_per_block` or `assured_from` is zero.
	Zero,
	/// There are fewer rounds in tau than a unit waits for one.
	TooFewRounds,
	/// Rounds and the time in which they are answered are longer than tau, or `answer` exceeds [`MAX_ANSWER`].
	TooLongAnswers,
	/// More than half of what can be counted, or fewer than [`CUT_FROM`].
	Wins,
	/// `assured_from` is longer than tau.
	AssuredTooLate,
}

impl core::fmt::Display for BadLottery {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.write_str(match self {
			Self::Zero => "a number of the lottery is zero: give each at least one",
			Self::TooFewRounds => "a unit has no round in tau: give more rounds in tau, or a smaller filter",
			Self::TooLongAnswers => {
				"answers are too long: rounds times answer slots have to fit into tau, and answer into 240; shorten"
			}
			Self::Wins => "a device should expect between 16 and 32,767 wins in tau: change `most_wins`",
			Self::AssuredTooLate => "a device would be assured only after tau: shorten `assured_from`",
		})
	}
}

impl core::error::Error for BadLottery {}

impl Lottery {
	/// Whether the numbers make a lottery. The functions below have an answer in any case.
	///
	/// # Errors
	/// If they do not, the first reason.
	pub fn check(&self) -> Result<(), BadLottery> {
		let all = [
			self.tau,
			self.rounds,
			self.filter,
			self.answer,
			self.wins_per_block,
			self.assured_from,
		];
		if all.contains(&0) {
			return Err(BadLottery::Zero);
		}
		if self.rounds < self.filter {
			return Err(BadLottery::TooFewRounds);
		}
		let overlap = u64::from(self.rounds).saturating_mul(self.answer.into()) > self.tau.into();
		if overlap || self.answer > MAX_ANSWER {
			return Err(BadLottery::TooLongAnswers);
		}
		if self.most_wins < CUT_FROM || self.most_wins > Wins(u32::MAX).half() {
			return Err(BadLottery::Wins);
		}
		if self.assured_from > self.tau {
			return Err(BadLottery::AssuredTooLate);
		}
		Ok(())
	}

	/// How many wins blocks take in tau, as many as are expected in each in which they may come.
	pub fn wins_in_tau(&self) -> u128 {
		u128::from(self.rounds)
			.saturating_mul(self.answer.into())
			.saturating_mul(self.wins_per_block.into())
	}

	/// As the lottery stands while so many devices are in it: the more there are, the fewer wins each may expect, so
	/// that all together expect no more than `wins_per_block` in each block in which they may come.
	///
	/// Each device counts, whatever it claims: how often it wins does not depend on the size of its claim.
	pub fn with(&self, devices: u32) -> Terms {
		let all = self.wins_in_tau().saturating_mul(Wins::ONE.0.into());
		let each = all.checked_div(devices.into()).unwrap_or(u128::MAX);
		Terms {
			lottery: *self,
			wins: Wins(u32::try_from(each).unwrap_or(u32::MAX)).min(self.most_wins),
		}
	}

	/// How many devices the lottery carries: with more, a device expects fewer than `least` wins in tau.
	pub fn capacity(&self, least: Wins) -> u32 {
		let all = self.wins_in_tau().saturating_mul(Wins::ONE.0.into());
		all.checked_div(least.0.into())
			.and_then(|devices| u32::try_from(devices).ok())
			.unwrap_or(u32::MAX)
	}
}

/// A lottery as it stands: what it pays, and how often. Both follow from the terms of the round that was won.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Terms {
	/// Its numbers.
	pub lottery: Lottery,
	/// How many wins a device expects in tau if it has what it claims.
	pub wins: Wins,
}

impl Terms {
	/// What a hash of a device that claims so many units has to stay below: each try of each of its units wins with
	/// probability `p = min(1, wins * filter / (units * rounds))`. None if it claims nothing, or no wins are left for a
	/// device.
	pub fn threshold(&self, units: u32) -> Option<Threshold> {
		let favourable = u64::from(self.wins.0).saturating_mul(self.lottery.filter.into());
		// At most 2^80.
		let all = u128::from(units).saturating_mul(self.lottery.rounds.into()) << WINS_BITS;
		(all > 0).then(|| Threshold::of(favourable, all))?
	}

	/// What a win is worth to a device that claims so many units: `1 / (p * tries of a unit in tau)`, to the nearest
	/// 2^-32 of a unit. None is worth anything if none can be had.
	pub fn credit(&self, units: u32) -> Credit {
		if self.threshold(units).is_none() {
			return Credit::ZERO;
		}
		// 1 / (p * rounds / filter) is units / wins or, where p is 1, filter / rounds, whichever is more.
		let by_wins = nearest(u128::from(units) << (CREDIT_BITS + WINS_BITS), self.wins.0);
		let by_tries = nearest(u128::from(self.lottery.filter) << CREDIT_BITS, self.lottery.rounds);
		Credit(u64::try_from(by_wins.max(by_tries)).unwrap_or(u64::MAX))
	}

	/// How many wins in tau a device expects that has the units that it claims: fewer than the terms say if even a sure
	/// win in every try would not give as many.
	pub fn expected(&self, units: u32) -> Wins {
		let tries = nearest(
			u128::from(units).saturating_mul(self.lottery.rounds.into()) << WINS_BITS,
			self.lottery.filter,
		);
		Wins(u32::try_from(tries).unwrap_or(u32::MAX)).min(self.wins)
	}

	/// How many wins of one window a device may announce: one more than three times what it may expect, and rounded up.
	/// A device that has what it claims has more in one window of 1,400, if it expects 0.17.
	pub fn most_announced(&self, units: u32) -> u32 {
		let rounds = u64::from(self.lottery.rounds.max(1)) << WINS_BITS;
		let thrice = u64::from(self.expected(units).0).saturating_mul(3).div_ceil(rounds);
		u32::try_from(thrice)
			.unwrap_or(u32::MAX)
			.saturating_add(1)
			.min(MAX_WINS)
	}
}

/// The quotient, to the nearest; zero by zero.
fn nearest(dividend: u128, divisor: u32) -> u128 {
	let half = u128::from(divisor / 2);
	dividend.saturating_add(half).checked_div(divisor.into()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
