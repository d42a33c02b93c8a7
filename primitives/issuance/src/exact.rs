//! Products and quotients without a loss in between.

use crate::{Balance, UNIT};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Perbill, Rounding};

/// Parts of a [`Perbill`] that are the whole.
pub(crate) const WHOLE: u128 = 1_000_000_000;

/// `a * b / c`, rounded down, with the product in 256 bits. What does not fit is the most there is; by nothing, none.
pub(crate) const fn mul_div(a: u128, b: u128, c: u128) -> u128 {
	if c == 0 {
		return 0;
	}
	match multiply_by_rational_with_rounding(a, b, c, Rounding::Down) {
		Some(value) => value,
		None => u128::MAX,
	}
}

/// The parts of a ratio, of [`WHOLE`].
pub(crate) fn parts(ratio: Perbill) -> u128 {
	u128::from(ratio.deconstruct())
}

/// A part of a whole, rounded down.
pub(crate) fn part_of(whole: u128, ratio: Perbill) -> u128 {
	mul_div(whole, parts(ratio), WHOLE)
}

/// What so many units (32 fractional bits) are worth at a price of `rate` planck each, rounded down; the most that a
/// balance holds, if it were more.
pub const fn worth(units: u128, rate: Balance) -> Balance {
	mul_div(units, rate, UNIT)
}
