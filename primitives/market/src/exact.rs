//! Products and quotients without a loss in between.

use crate::Balance;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Perbill, Rounding};

/// Parts of a [`Perbill`] that are the whole.
pub(crate) const WHOLE: u128 = 1_000_000_000;

/// `a * b / c`, rounded down, with the product in 256 bits; none if it does not fit, or by nothing.
pub(crate) const fn down(a: u128, b: u128, c: u128) -> Option<u128> {
	multiply_by_rational_with_rounding(a, b, c, Rounding::Down)
}

/// The same, rounded up.
pub(crate) const fn up(a: u128, b: u128, c: u128) -> Option<u128> {
	multiply_by_rational_with_rounding(a, b, c, Rounding::Up)
}

/// The parts of a ratio, at most [`WHOLE`].
pub(crate) fn parts(ratio: Perbill) -> u128 {
	u128::from(ratio.deconstruct()).min(WHOLE)
}

/// A part of an amount in planck, rounded down: never more than the amount.
pub fn part_down(amount: Balance, ratio: Perbill) -> Balance {
	down(amount, parts(ratio), WHOLE).unwrap_or(amount)
}

/// A part of an amount in planck, rounded up: never more than the amount.
pub fn part_up(amount: Balance, ratio: Perbill) -> Balance {
	up(amount, parts(ratio), WHOLE).unwrap_or(amount)
}
