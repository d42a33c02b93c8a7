//! What a device's proofs count for: its share of what all prove.

use crate::{fixed::Credit, Decay, Lottery};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;

/// Everything that all prove together is 2^48.
pub const COMPETENCE_BITS: u32 = 48;

/// The most that a device can have: competences stay below 2^48, so that a sum of 65,536 of them fits into 64 bits.
pub const MAX_COMPETENCE: u64 = (1 << COMPETENCE_BITS) - 1;

/// The most that one resource may weigh: no single one buys a seat.
pub const MAX_WEIGHT: Perbill = Perbill::from_percent(50);

/// The running sum of the estimates of all devices in one lottery. Like each of them it falls by the same factor, so
/// that it is right without anything being swept: a device is taken out and put in anew when it wins. What it rounds
/// away is at most 2^-32 of a unit for each win.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Total {
	credit: u128,
	touched: u64,
}

impl Total {
	/// The sum in a slot, in 32 fractional bits.
	pub fn at(&self, lottery: &Lottery, now: u64) -> u128 {
		Decay::over(now.saturating_sub(self.touched), lottery.tau).of_total(self.credit)
	}

	/// The slot up to which it is decayed.
	pub fn touched(&self) -> u64 {
		self.touched
	}

	/// One part of it is exchanged for another: what was `before` in slot `since`, and has decayed with the sum, for
	/// what is `after` now.
	pub fn exchange(&mut self, lottery: &Lottery, now: u64, before: Credit, since: u64, after: Credit) {
		self.pass_to(lottery, now);
		let left = Decay::over(self.touched.saturating_sub(since), lottery.tau);
		self.replace(left.of_credit(before), after);
	}

	/// The sum of both, in a slot.
	pub fn join(&mut self, other: &Self, lottery: &Lottery, now: u64) {
		self.pass_to(lottery, now.max(other.touched));
		self.credit = self.credit.saturating_add(other.at(lottery, self.touched));
	}

	/// Decays to a slot; nothing if that has been.
	pub(crate) fn pass_to(&mut self, lottery: &Lottery, slot: u64) {
		self.credit = self.at(lottery, slot);
		self.touched = self.touched.max(slot);
	}

	/// One device counts differently. What is taken out may be more than is there by what was rounded: then there is
	/// nothing left.
	pub(crate) fn replace(&mut self, before: Credit, after: Credit) {
		self.credit = self
			.credit
			.saturating_sub(before.0.into())
			.saturating_add(after.0.into());
	}
}

/// One resource of a device, and what all devices have of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
	/// How much the resource weighs.
	pub weight: Perbill,
	/// What the device has of it.
	pub own: Credit,
	/// What all have, in 32 fractional bits, as [`Total::at`] says it.
	pub all: u128,
}

/// The weights of resources are not fair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnfairWeights {
	/// One resource weighs more than a half.
	MoreThanHalf,
	/// All together weigh more than one.
	MoreThanOne,
}

impl core::fmt::Display for UnfairWeights {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.write_str(match self {
			Self::MoreThanHalf => {
				"a resource weighs more than a half, and could buy seats alone: give each at most 50 %"
			}
			Self::MoreThanOne => "the weights of all resources are more than one: lower them to 100 % together",
		})
	}
}

impl core::error::Error for UnfairWeights {}

/// Whether weights may be governed so.
///
/// # Errors
/// If one resource weighs more than [`MAX_WEIGHT`], or all together more than one.
pub fn check_weights(weights: impl IntoIterator<Item = Perbill>) -> Result<(), UnfairWeights> {
	let mut sum = 0u64;
	for weight in weights {
		if weight > MAX_WEIGHT {
			return Err(UnfairWeights::MoreThanHalf);
		}
		sum = sum.saturating_add(weight.deconstruct().into());
	}
	if sum > Perbill::one().deconstruct().into() {
		return Err(UnfairWeights::MoreThanOne);
	}
	Ok(())
}

/// The part of its time that a device is there, from [`Estimator::corrected`](crate::Estimator::corrected) in the
/// lottery of uptime, where it claims one unit. It is at most one: luck beyond that is nobody's merit.
///
/// Here the correction pays nobody. It is a factor of what a device has: with a factor of one, whatever the machine,
/// all its devices together have no more than one of them would.
pub fn uptime_factor(estimate: Credit) -> Credit {
	estimate.min(Credit::ONE)
}

/// A device's competence: its uptime times the weighted sum of its shares, of 2^48, rounded down.
///
/// It is linear in what the device has, so that it does not matter over how many devices a machine is spread.
pub fn competence(uptime: Credit, shares: impl IntoIterator<Item = Share>) -> u64 {
	let weighted = shares.into_iter().fold(0u128, |sum, share| {
		let parts = u128::from(share.weight.deconstruct());
		sum.saturating_add(parts.saturating_mul(part_of_all(&share)))
	});
	let all = u128::from(Perbill::one().deconstruct());
	let sum = weighted.checked_div(all).unwrap_or(0).min(1 << COMPETENCE_BITS);
	let present = sum.saturating_mul(uptime_factor(uptime).0.into()) >> crate::CREDIT_BITS;
	u64::try_from(present).unwrap_or(u64::MAX).min(MAX_COMPETENCE)
}

/// A share of 2^48: all of it at most, and nothing of nothing.
fn part_of_all(share: &Share) -> u128 {
	(u128::from(share.own.0) << COMPETENCE_BITS)
		.checked_div(share.all)
		.unwrap_or(0)
		.min(1 << COMPETENCE_BITS)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn share(percent: u32, own: u32, all: u32) -> Share {
		Share {
			weight: Perbill::from_percent(percent),
			own: Credit::of(own),
			all: Credit::of(all).0.into(),
		}
	}

	#[test]
	fn shares_add_up() {
		let shares = [share(50, 1, 4), share(30, 1, 2), share(20, 0, 9)];
		let whole = 1u64 << COMPETENCE_BITS;
		// 0.125 + 0.15.
		assert!(competence(Credit::ONE, shares).abs_diff(whole / 1_000 * 275) < 1_000);
		assert_eq!(
			competence(Credit(Credit::ONE.0 / 2), shares),
			competence(Credit::ONE, shares) / 2
		);
		// A factor and no summand: without it there is nothing, and more than one is one.
		assert_eq!(competence(Credit::ZERO, shares), 0);
		assert_eq!(competence(Credit::of(3), shares), competence(Credit::ONE, shares));
		assert_eq!(competence(Credit::ONE, []), 0);
	}

	#[test]
	fn all_of_everything_is_just_below_a_whole() {
		let all = [share(50, 5, 5), share(50, 5, 5)];
		assert_eq!(competence(Credit::ONE, all), MAX_COMPETENCE);
		// Nobody has more than all there is, and of what nobody has nobody has a share.
		assert_eq!(
			competence(Credit::ONE, [share(50, 7, 5)]),
			competence(Credit::ONE, [share(50, 5, 5)])
		);
		assert_eq!(competence(Credit::ONE, [share(50, 7, 0)]), 0);
	}

	#[test]
	fn parts_are_exchanged_and_sums_joined_as_they_decay() {
		let lottery = Lottery {
			tau: 100,
			rounds: 10,
			filter: 1,
			answer: 1,
			most_wins: crate::Wins::of(16),
			wins_per_block: 1,
			assured_from: 1,
		};
		let (mut one, mut other) = (Total::default(), Total::default());
		one.exchange(&lottery, 10, Credit::ZERO, 0, Credit::of(8));
		other.exchange(&lottery, 30, Credit::ZERO, 0, Credit::of(4));
		let expected = Decay::over(20, 100).of_credit(Credit::of(8)).0 + Credit::of(4).0;
		one.join(&other, &lottery, 20);
		assert!(one.at(&lottery, 30).abs_diff(expected.into()) <= 1 && one.touched() == 30);
		// What was put in can be taken out again later, but for what is rounded.
		one.exchange(&lottery, 80, Credit::of(8), 10, Credit::ZERO);
		one.exchange(&lottery, 80, Credit::of(4), 30, Credit::ZERO);
		assert!(one.at(&lottery, 80) <= 2);
	}

	#[test]
	fn no_resource_weighs_more_than_half() {
		let check = |percents: &[u32]| check_weights(percents.iter().map(|part| Perbill::from_percent(*part)));
		assert_eq!(check(&[50, 30, 20]), Ok(()));
		assert_eq!(check(&[50]), Ok(()));
		assert_eq!(check(&[]), Ok(()));
		assert_eq!(check(&[51, 30]), Err(UnfairWeights::MoreThanHalf));
		assert_eq!(check(&[50, 30, 21]), Err(UnfairWeights::MoreThanOne));
	}

	proptest! {
		#[test]
		fn it_stays_below_2_to_the_48(uptime: u64, shares in prop::collection::vec(any::<(u32, u64, u128)>(), 0..5)) {
			let shares = shares.into_iter().map(|(weight, own, all)| Share {
				weight: Perbill::from_parts(weight % 1_000_000_001),
				own: Credit(own),
				all,
			});
			prop_assert!(competence(Credit(uptime), shares) <= MAX_COMPETENCE);
		}

		#[test]
		fn who_has_more_counts_for_more(a: u64, b: u64, u: u64, v: u64, all in 1u128..) {
			let of = |own, uptime| competence(
				Credit(uptime),
				[Share { weight: MAX_WEIGHT, own: Credit(own), all }],
			);
			prop_assert!(of(a.min(b), u) <= of(a.max(b), u));
			prop_assert!(of(a, u.min(v)) <= of(a, u.max(v)));
		}

		#[test]
		fn a_machine_counts_the_same_however_it_is_split(
			parts in prop::collection::vec(0..u64::from(u32::MAX), 1..50),
			uptime in 0..=Credit::ONE.0,
			others in 1..u128::from(u64::MAX),
		) {
			let sum: u64 = parts.iter().sum();
			let all = u128::from(sum) + others;
			let of = |own| competence(
				Credit(uptime),
				[Share { weight: MAX_WEIGHT, own: Credit(own), all }],
			);
			let split: u64 = parts.iter().map(|part| of(*part)).sum();
			// Each part loses less than three by rounding.
			prop_assert!(split <= of(sum) + 1 && of(sum) <= split + 3 * parts.len() as u64);
		}

		#[test]
		fn the_sum_never_wraps(changes in prop::collection::vec(any::<(u64, u64, u64)>(), 0..20), tau: u32) {
			let lottery = Lottery {
				tau,
				rounds: 1,
				filter: 1,
				answer: 1,
				most_wins: crate::Wins::of(56),
				wins_per_block: 1,
				assured_from: 1,
			};
			let mut total = Total::default();
			for (slot, before, after) in changes {
				total.pass_to(&lottery, slot);
				total.replace(Credit(before), Credit(after));
				prop_assert!(total.at(&lottery, slot) <= total.credit);
			}
		}
	}
}
