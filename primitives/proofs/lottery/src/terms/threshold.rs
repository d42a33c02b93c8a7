//! What a hash has to stay below.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A win probability as the largest 256-bit number that wins.
///
/// A hash, read as a big-endian number `h`, wins if `h < p * 2^256`. For a whole `h` that is
/// `h <= ceil(p * 2^256) - 1`, which is the number kept here: so the comparison is exact, `p = 1` needs no 257th bit,
/// and the probability that a random hash wins is `p` rounded up to a multiple of 2^-256.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Threshold([u8; 32]);

/// The digits in which the quotient is found have 32 bits.
const DIGIT_BITS: u32 = 32;

/// Denominators stay below 2^96: then a remainder and one more digit fit into 128 bits.
const MAX_DENOMINATOR: u128 = 1 << 96;

impl Threshold {
	/// Every hash wins.
	pub const ALWAYS: Self = Self([0xff; 32]);

	/// Of the probability `numerator / denominator`; one and more is [`Threshold::ALWAYS`]. None if the probability is
	/// zero, or if the denominator has more than 96 bits.
	pub fn of(numerator: u64, denominator: u128) -> Option<Self> {
		if denominator >= MAX_DENOMINATOR {
			return None;
		}
		// The largest number that wins is (numerator * 2^256 - 1) / denominator, rounded down. The dividend is the
		// digit `numerator - 1` followed by eight digits of ones.
		let mut remainder = u128::from(numerator).checked_sub(1)?;
		if remainder.saturating_add(1) >= denominator {
			return Some(Self::ALWAYS);
		}
		let mut limit = [0; 32];
		for digit in limit.chunks_exact_mut(4) {
			let dividend = (remainder << DIGIT_BITS) | u128::from(u32::MAX);
			// The remainder is smaller than the denominator, so that the quotient is a digit.
			let quotient = u32::try_from(dividend.checked_div(denominator)?).ok()?;
			remainder = dividend.checked_rem(denominator)?;
			digit.copy_from_slice(&quotient.to_be_bytes());
		}
		Some(Self(limit))
	}

	/// Of the probability `1 / odds`; none at odds of zero.
	pub fn one_in(odds: u32) -> Option<Self> {
		(odds > 0).then(|| Self::of(1, odds.into()))?
	}

	/// Whether this hash wins.
	pub fn wins(&self, hash: &[u8; 32]) -> bool {
		hash <= &self.0
	}

	/// The largest hash that wins.
	pub fn limit(&self) -> &[u8; 32] {
		&self.0
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use sp_core::{U256, U512};

	/// The same by numbers of 512 bits.
	fn reference(numerator: u64, denominator: u128) -> U256 {
		let dividend = (U512::from(numerator) << 256) - U512::one();
		U256::try_from(dividend / U512::from(denominator)).unwrap_or(U256::MAX)
	}

	#[test]
	fn the_limit_is_the_last_hash_below_p() {
		let half = Threshold::one_in(2).expect("possible");
		let mut hash = [0xff; 32];
		hash[0] = 0x7f;
		assert!(half.wins(&hash));
		assert!(!half.wins(&{
			let mut next = [0; 32];
			next[0] = 0x80;
			next
		}));
		// 2^256 / 3 is no whole number: 0x55..55 is below it, 0x55..56 above.
		let third = Threshold::one_in(3).expect("possible");
		assert_eq!(third.limit(), &[0x55; 32]);
		hash = [0x55; 32];
		hash[31] = 0x56;
		assert!(!third.wins(&hash));
	}

	#[test]
	fn the_ends_of_the_range() {
		assert_eq!(Threshold::of(0, 5), None);
		assert_eq!(Threshold::of(5, 5), Some(Threshold::ALWAYS));
		assert_eq!(Threshold::of(6, 5), Some(Threshold::ALWAYS));
		assert_eq!(Threshold::of(1, 0), Some(Threshold::ALWAYS));
		assert_eq!(Threshold::of(1, MAX_DENOMINATOR), None);
		assert_eq!(Threshold::one_in(0), None);
		assert_eq!(Threshold::one_in(1), Some(Threshold::ALWAYS));
		assert!(Threshold::ALWAYS.wins(&[0xff; 32]));
		assert!(Threshold::of(1, MAX_DENOMINATOR - 1).is_some_and(|least| least.wins(&[0; 32])));
	}

	proptest! {
		#[test]
		fn the_quotient_is_exact(numerator in 1u64.., denominator in 1..MAX_DENOMINATOR) {
			let limit = Threshold::of(numerator, denominator).expect("possible");
			prop_assert_eq!(U256::from_big_endian(limit.limit()), reference(numerator, denominator));
		}

		#[test]
		fn more_chances_are_never_fewer(a in 1u64.., b in 1u64.., denominator in 1..MAX_DENOMINATOR) {
			let of = |numerator| Threshold::of(numerator, denominator);
			prop_assert!(of(a.min(b)) <= of(a.max(b)));
		}
	}
}
