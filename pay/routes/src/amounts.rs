//! Arithmetic that stays right at the ends of its range.

use channel_primitives::Balance;

/// `amount * part / whole`, rounded up, at most `u128::MAX`; nothing of a whole that is 0. It is exact as long as
/// `whole * part` fits.
pub(crate) fn part_of(amount: Balance, part: Balance, whole: Balance) -> Balance {
	let (Some(times), Some(rest)) = (amount.checked_div(whole), amount.checked_rem(whole)) else {
		return 0;
	};
	let of_rest = rest.saturating_mul(part).div_ceil(whole);
	times.saturating_mul(part).saturating_add(of_rest)
}

/// How improbable something is, in 1,024ths of a bit, that happens in so many of 65,536 cases: 0 if in all of them.
pub(crate) fn doubt(chance: u32) -> u32 {
	// The logarithm, a digit at a time: squared, a number from 1 to 2 has twice the logarithm.
	let chance = u64::from(chance.clamp(1, 1 << 16));
	let whole = chance.ilog2();
	let mut scaled = (chance << 32) >> whole;
	let mut digits = 0_u32;
	for _ in 0..10 {
		let squared = (u128::from(scaled) * u128::from(scaled)) >> 32;
		let carry = squared >= 1 << 33;
		digits = digits * 2 + u32::from(carry);
		let next = if carry { squared >> 1 } else { squared };
		scaled = u64::try_from(next).unwrap_or(u64::MAX);
	}
	(16 - whole) * 1_024 - digits
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn parts_are_right_at_both_ends() {
		assert_eq!(part_of(10, 1, 3), 4);
		assert_eq!(part_of(0, u128::MAX, 3), 0);
		assert_eq!(part_of(7, 5, 0), 0);
		assert_eq!(part_of(u128::MAX, 1, 1_000_000), u128::MAX / 1_000_000 + 1);
		assert_eq!(part_of(u128::MAX, 1_000_000, 1_000_000), u128::MAX);
		assert_eq!(part_of(u128::MAX, 2, 1), u128::MAX);
	}

	#[test]
	fn doubt_is_a_logarithm() {
		assert_eq!((doubt(1 << 16), doubt(1 << 15), doubt(1)), (0, 1_024, 16 * 1_024));
		for chance in 1..=1 << 16_u32 {
			let exact = -(f64::from(chance) / 65_536.0).log2() * 1_024.0;
			assert!((f64::from(doubt(chance)) - exact).abs() <= 1.01, "{chance}");
			assert!(chance == 1 || doubt(chance) <= doubt(chance - 1), "{chance}");
		}
	}
}
