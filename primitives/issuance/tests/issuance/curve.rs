//! The rate by usage.

use issuance_primitives::{Balance, Curve, STCI};
use proptest::prelude::*;
use sp_arithmetic::Perbill;

const THOUSANDTH: Balance = STCI / 1_000;

fn rate(parts: u32) -> Balance {
	Curve::real().rate(Perbill::from_parts(parts))
}

/// What a hundred units of capacity earn at so many parts of usage.
fn of_a_hundred(parts: u32) -> Balance {
	100 * rate(parts) * Balance::from(parts) / 1_000_000_000
}

const PERCENT: u32 = 10_000_000;

#[test]
fn the_curve_s_points() {
	assert_eq!(rate(0), 200 * THOUSANDTH);
	assert_eq!(rate(29 * PERCENT), 200 * THOUSANDTH);
	assert_eq!(rate(30 * PERCENT), 200 * THOUSANDTH);
	assert_eq!(rate(40 * PERCENT), 130 * THOUSANDTH);
	assert_eq!(rate(50 * PERCENT), 60 * THOUSANDTH);
	assert_eq!(rate(75 * PERCENT), 50 * THOUSANDTH);
	assert_eq!(rate(100 * PERCENT), 40 * THOUSANDTH);
}

#[test]
fn a_hundred_units_earn_up_to_six_then_three_then_four() {
	// Below 30 %: more with each percent, up to 6.
	for percent in 1..=30 {
		assert_eq!(
			of_a_hundred(percent * PERCENT),
			20 * Balance::from(percent) * STCI / 100
		);
	}
	assert_eq!(of_a_hundred(30 * PERCENT), 6 * STCI);
	// From there to 50 %: down to 3.
	for percent in 31..=50 {
		assert!(of_a_hundred(percent * PERCENT) < of_a_hundred((percent - 1) * PERCENT));
	}
	assert_eq!(of_a_hundred(50 * PERCENT), 3 * STCI);
	// From there on less a unit, and more in all, up to 4.
	for percent in 51..=100 {
		assert!(of_a_hundred(percent * PERCENT) > of_a_hundred((percent - 1) * PERCENT));
		assert!(rate(percent * PERCENT) < rate((percent - 1) * PERCENT));
	}
	assert_eq!(of_a_hundred(100 * PERCENT), 4 * STCI);
}

/// A part more of usage moves the rate by what the steeper line falls in it, 700 planck, everywhere.
#[test]
fn the_rate_has_no_jump() {
	for at in [30, 50, 100].map(|percent| percent * PERCENT) {
		for parts in at - 3..(at + 3).min(1_000_000_000) {
			assert!(rate(parts) - rate(parts + 1) <= 701, "{parts}");
		}
	}
}

proptest! {
	#[test]
	fn the_rate_never_rises(a in 0..=1_000_000_000_u32, b in 0..=1_000_000_000_u32) {
		prop_assert!(rate(a.max(b)) <= rate(a.min(b)));
	}

	#[test]
	fn no_step_is_larger_than_the_steeper_line_s(parts in 0..1_000_000_000_u32) {
		prop_assert!(rate(parts) - rate(parts + 1) <= 701);
	}

	#[test]
	fn whatever_passes_the_check_falls(
		low: u128, middle: u128, high: u128, below in 0..=1_000_000_000_u32, at in 0..=1_000_000_000_u32,
		a in 0..=1_000_000_000_u32, b in 0..=1_000_000_000_u32,
	) {
		let mut rates = [low, middle, high];
		rates.sort_unstable();
		let curve = Curve {
			low: rates[2],
			middle: rates[1],
			high: rates[0],
			low_below: Perbill::from_parts(below.min(at)),
			middle_at: Perbill::from_parts(below.max(at)),
		};
		prop_assume!(curve.check().is_ok());
		let rate = |parts| curve.rate(Perbill::from_parts(parts));
		prop_assert!(rate(a.max(b)) <= rate(a.min(b)));
		prop_assert_eq!((rate(0), rate(1_000_000_000)), (curve.low, curve.high));
		prop_assert_eq!(curve.rate(curve.middle_at), curve.middle);
	}
}
