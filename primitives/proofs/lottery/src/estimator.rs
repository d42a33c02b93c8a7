//! What the chain keeps of a device in one lottery, and what it makes of it.

use crate::{
	fixed::{Credit, Wins, WINS_BITS},
	terms::{Lottery, Terms, CUT_FROM},
	Decay, Total,
};
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// With fewer decayed wins nothing is assured: of four, the discount is one half.
pub const ASSURED_FROM: Wins = Wins::of(4);

/// The time between two wins counts as no more expected wins than these. Of a device that has what it claims one wait
/// of three thousand is longer; whoever was away, or is expected to win more often from now on, is not taken for one
/// that claims too much. Twice this is [`CUT_FROM`]: one silence alone never cuts.
pub const MOST_MISSED: Wins = CUT_FROM.half();

/// Units, and from which slot on they count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Claim {
	/// How many.
	#[codec(compact)]
	pub units: u32,
	/// Rounds that begin earlier are not theirs.
	#[codec(compact)]
	pub from: u64,
}

// Not derived: what is derived leaves out that a compact number may take a byte more than the number.
impl MaxEncodedLen for Claim {
	fn max_encoded_len() -> usize {
		Compact::<u32>::max_encoded_len().saturating_add(Compact::<u64>::max_encoded_len())
	}
}

/// A device in one lottery: what it claims, and what its wins amount to. Some thirty bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Estimator {
	#[codec(compact)]
	units: u32,
	next: Option<Claim>,
	#[codec(compact)]
	since: u64,
	#[codec(compact)]
	touched: u64,
	#[codec(compact)]
	credit: Credit,
	#[codec(compact)]
	wins: Wins,
	#[codec(compact)]
	expected: Wins,
	#[codec(compact)]
	equal: Wins,
}

// As that of a claim. A credit is as long as 64 bits are, wins as 32.
impl MaxEncodedLen for Estimator {
	fn max_encoded_len() -> usize {
		let of_32_bits = Compact::<u32>::max_encoded_len().saturating_mul(4);
		let of_64_bits = Compact::<u64>::max_encoded_len().saturating_mul(3);
		of_32_bits
			.saturating_add(of_64_bits)
			.saturating_add(Option::<Claim>::max_encoded_len())
	}
}

/// Why a claim is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimRefused {
	/// A round is open, or wins of it wait to be verified, that began before the claim in force counted: the claim by
	/// which it is judged would be forgotten.
	RoundOpen,
	/// A smaller claim waits to count.
	SmallerWaits,
}

impl core::fmt::Display for ClaimRefused {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.write_str(match self {
			Self::RoundOpen => {
				"a round is open that began before the last claim counted: claim again when its wins count no more"
			}
			Self::SmallerWaits => "a smaller claim waits to count: claim again when it does",
		})
	}
}

impl core::error::Error for ClaimRefused {}

/// An estimator as it is kept, with the version of its encoding.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Kept {
	/// The first version.
	#[codec(index = 1)]
	V1(
		/// What is kept.
		Estimator,
	),
}

impl Kept {
	/// What is kept.
	pub fn estimator(&self) -> &Estimator {
		match self {
			Self::V1(estimator) => estimator,
		}
	}

	/// What is kept, to be changed.
	pub fn estimator_mut(&mut self) -> &mut Estimator {
		match self {
			Self::V1(estimator) => estimator,
		}
	}
}

impl From<Claim> for Kept {
	/// Of a device that has claimed nothing before.
	fn from(claim: Claim) -> Self {
		Self::V1(Estimator::new(claim))
	}
}

impl Estimator {
	/// Of a device that has claimed nothing before.
	pub fn new(claim: Claim) -> Self {
		Self {
			units: claim.units,
			next: None,
			since: claim.from,
			touched: claim.from,
			credit: Credit::ZERO,
			wins: Wins::ZERO,
			expected: Wins::ZERO,
			equal: Wins::ZERO,
		}
	}

	/// Another claim, made in a block of slot `now`; it replaces one that does not count yet, unless that is smaller
	/// than the one in force: nobody takes back that it has less, or that its claim was cut. It changes nothing of what
	/// was won, and nothing of how many wins are expected.
	///
	/// `open` is the slot in which the oldest round was opened of which the device's wins may still come, or wait to be
	/// verified. Two claims are kept: a third one would make the first forgotten, by which that round may have to be
	/// judged. Its device knows by now what it would win by which of them.
	///
	/// # Errors
	/// If that would be so, or if a smaller claim waits; nothing has changed then.
	pub fn claim(&mut self, claim: Claim, now: u64, open: Option<u64>) -> Result<(), ClaimRefused> {
		match &self.next {
			Some(next) if next.from <= now => {
				if open.is_some_and(|opened| opened < next.from) {
					return Err(ClaimRefused::RoundOpen);
				}
				self.units = next.units;
			}
			Some(next) if next.units < self.units => return Err(ClaimRefused::SmallerWaits),
			_ => (),
		}
		self.next = Some(claim);
		Ok(())
	}

	/// The units that count in a round which began in this slot: by their number are threshold and credit found, and
	/// those with a number below it may win.
	pub fn units_at(&self, slot: u64) -> u32 {
		match &self.next {
			Some(claim) if claim.from <= slot => claim.units,
			_ if slot < self.since => 0,
			_ => self.units,
		}
	}

	/// The units that were claimed last, whether or not they count yet.
	pub fn units_claimed(&self) -> u32 {
		self.units_at(u64::MAX)
	}

	/// The slot from which on these count.
	pub fn claimed_from(&self) -> u64 {
		self.next.as_ref().map_or(self.since, |claim| claim.from)
	}

	/// How many wins were to be expected up to the last change, decayed.
	pub fn expected(&self, lottery: &Lottery, now: u64) -> Wins {
		Decay::over(now.saturating_sub(self.touched), lottery.tau).of_wins(self.expected)
	}

	/// The slot from which on the device's first claim counted.
	pub fn since(&self) -> u64 {
		self.since
	}

	/// The slot up to which everything is decayed: that of the last change.
	pub fn touched(&self) -> u64 {
		self.touched
	}

	/// A win in a round that began in slot `opened`, of which these were the terms. `total` is the sum over all
	/// devices. Of a device that claimed nothing in that round it is none.
	///
	/// A win that comes after something later was counted is counted with it: by a share of the time between both by
	/// tau too much, which is 0.001 % of wins that come in the slots to answer.
	pub fn win(&mut self, terms: &Terms, opened: u64, total: &mut Total) {
		let (lottery, units) = (&terms.lottery, self.units_at(opened));
		let credit = terms.credit(units);
		if credit == Credit::ZERO {
			return;
		}
		self.change(lottery, opened, total, |estimator| {
			// The wins that were to be expected since the last change; terms change far more slowly than devices win.
			let expected = terms.expected(units);
			let elapsed = opened.saturating_sub(estimator.touched);
			let come = Decay::over(elapsed, lottery.tau).wins_come(expected);
			estimator.pass_to(lottery, opened);
			estimator.expected = estimator.expected.plus(come.min(MOST_MISSED));
			estimator.equal = equal(estimator.equal, estimator.credit, credit);
			estimator.credit = estimator.credit.plus(credit);
			estimator.wins = estimator.wins.plus(Wins::ONE);
		});
	}

	/// Cuts the claim to what the corrected estimate bears out, if the device has won less than half of what it should
	/// have. The new claim is returned, and counts from slot `from` on, whatever other waits; no device is cut before
	/// it can be assured of anything. `open` is as for [`Estimator::claim`]: a claim that may not change now is cut at
	/// a later win.
	///
	/// Twice what was won is what is expected from then on. So one bad spell cuts once, and who has what is left to it
	/// recovers with each win; but whoever claims more than twice of it again is cut at the next win.
	pub fn cut(&mut self, lottery: &Lottery, now: u64, from: u64, open: Option<u64>) -> Option<Claim> {
		let old = self.age(now) >= lottery.assured_from.into();
		let short = old && self.expected >= CUT_FROM && self.wins < self.expected.half();
		let units = self.corrected(lottery, now).units().max(1);
		if !short || units >= self.units_at(from).min(self.units_claimed()) {
			return None;
		}
		let claim = Claim { units, from };
		if self.claimed_from() > now {
			// Else whoever claims a little less again and again would never be cut. By what does not count yet no
			// round is judged.
			self.next = Some(claim);
		} else {
			self.claim(claim, now, open).ok()?;
		}
		self.expected = self.wins.plus(self.wins);
		Some(claim)
	}

	/// What the device has, as far as its wins tell, and as far as it has had time to show it: its decayed credits. On
	/// average that is `1 - e^(-age / tau)` of what it has, whatever it claims: 7 % after a fourteenth of tau, 63 %
	/// after tau, 95 % after three.
	///
	/// It is linear in what wins and in for how long. So no way to spread a machine over devices, side by side or one
	/// after the other, makes their sum larger, and [`Total`] is that sum.
	pub fn estimate(&self, lottery: &Lottery, now: u64) -> Credit {
		Decay::over(now.saturating_sub(self.touched), lottery.tau).of_credit(self.credit)
	}

	/// What the device has if it has tried all its life as it does now: the estimate by the part of it that can have
	/// come at its age; no device counts as younger than `assured_from`, for the part would be too small to divide by.
	///
	/// For display, for cuts, and as a factor of at most one ([`uptime_factor`](crate::uptime_factor)). It must not be
	/// added to that of others: a machine that works on a fresh device each day, and leaves the old ones registered,
	/// would have three times what it has.
	pub fn corrected(&self, lottery: &Lottery, now: u64) -> Credit {
		let age = self.age(now).max(lottery.assured_from.into());
		let come = Decay::over(age, lottery.tau).come();
		let corrected = (u128::from(self.estimate(lottery, now).0) << 64).checked_div(come);
		Credit(corrected.map_or(0, |corrected| u64::try_from(corrected).unwrap_or(u64::MAX)))
	}

	/// What of the estimate is assured: `C * (1 - 1 / sqrt(W))`, rounded down, with `W` the decayed wins; nothing below
	/// [`ASSURED_FROM`], and nothing as long as the device is younger than `assured_from`. Whoever claims more than it
	/// has wins less often, and has less of it assured.
	///
	/// If claims have changed, one large win may make up most of the credit, whatever the number of small ones before:
	/// `W` is never more than as many equal wins as are as certain as these, `(sum of credits)^2 / (sum of squares)`.
	/// As long as nothing changes that is more than the decayed wins, up to twice as many.
	pub fn assured(&self, lottery: &Lottery, now: u64) -> Credit {
		if self.age(now) < lottery.assured_from.into() {
			return Credit::ZERO;
		}
		assured(self.estimate(lottery, now), self.wins(lottery, now).min(self.equal))
	}

	/// The decayed wins.
	pub fn wins(&self, lottery: &Lottery, now: u64) -> Wins {
		Decay::over(now.saturating_sub(self.touched), lottery.tau).of_wins(self.wins)
	}

	/// The device leaves: nothing of it remains in the sum over all devices.
	pub fn leave(mut self, lottery: &Lottery, now: u64, total: &mut Total) {
		self.change(lottery, now, total, |estimator| {
			estimator.pass_to(lottery, now);
			estimator.credit = Credit::ZERO;
			estimator.equal = Wins::ZERO;
		});
	}

	/// Changes what was won, and the sum over all devices with it.
	fn change(&mut self, lottery: &Lottery, slot: u64, total: &mut Total, change: impl FnOnce(&mut Self)) {
		total.pass_to(lottery, slot);
		// All that is in the sum has decayed by one factor since it was put there.
		let left = Decay::over(total.touched().saturating_sub(self.touched), lottery.tau);
		let before = left.of_credit(self.credit);
		change(self);
		let left = Decay::over(total.touched().saturating_sub(self.touched), lottery.tau);
		total.replace(before, left.of_credit(self.credit));
	}

	/// Decays to a slot; nothing if that has been.
	fn pass_to(&mut self, lottery: &Lottery, slot: u64) {
		let left = Decay::over(slot.saturating_sub(self.touched), lottery.tau);
		self.credit = left.of_credit(self.credit);
		self.wins = left.of_wins(self.wins);
		self.expected = left.of_wins(self.expected);
		self.touched = self.touched.max(slot);
	}

	fn age(&self, now: u64) -> u64 {
		now.saturating_sub(self.since)
	}
}

/// Fractional bits of the ratio of two credits.
const RATIO_BITS: u32 = 16;

/// A win that is so many times smaller than what was won before changes nothing.
const MAX_RATIO: u128 = 1 << (24 + RATIO_BITS);

/// As many equal wins as are as certain as all these, after one more: with `r` what there was by what is added, and `n`
/// the number before, `(r + 1)^2 / (r^2 / n + 1)`, rounded down. Decay makes all credits smaller alike, and does not
/// change it.
fn equal(before: Wins, sum: Credit, added: Credit) -> Wins {
	let one = 1u128 << RATIO_BITS;
	let ratio = (u128::from(sum.0) << RATIO_BITS)
		.checked_div(added.0.into())
		.map_or(MAX_RATIO, |ratio| ratio.min(MAX_RATIO));
	// In 32 fractional bits, as squares of ratios are; at most 2^82.
	let sum_squared = ratio.saturating_add(one).saturating_pow(2);
	let before_squared = (ratio.saturating_pow(2) << WINS_BITS)
		.checked_div(before.0.into())
		.unwrap_or(0);
	let squares = before_squared.saturating_add(one.saturating_pow(2));
	let equal = (sum_squared << WINS_BITS).checked_div(squares).unwrap_or(0);
	Wins(u32::try_from(equal).unwrap_or(u32::MAX))
}

/// Fractional bits of the root of wins, beyond their own.
const ROOT_BITS: u32 = 24;

/// `credit * (1 - 1 / sqrt(wins))`, rounded down; nothing below [`ASSURED_FROM`].
fn assured(credit: Credit, wins: Wins) -> Credit {
	if wins < ASSURED_FROM {
		return Credit::ZERO;
	}
	// The root of (wins * 2^16) * 2^32 is that of wins times 2^24.
	let root = (u64::from(wins.0) << 32).isqrt();
	let discount = (u128::from(credit.0) << ROOT_BITS).div_ceil(root.max(1).into());
	Credit(credit.0.saturating_sub(u64::try_from(discount).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests;
