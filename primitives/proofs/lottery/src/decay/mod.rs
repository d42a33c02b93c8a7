//! What is left of a credit after some slots.

mod table;

use crate::fixed::{Credit, Wins};
use table::{LOG2_E, ROOTS};

/// One, in 64 fractional bits.
const ONE: u128 = 1 << 64;

/// Fractional bits of [`LOG2_E`] beyond 64.
const SPARE_BITS: u32 = 16;

/// After so many tau nothing is left: e^-64 is below 2^-92.
const FORGOTTEN_AFTER: u64 = 64;

/// The factor `e^(-elapsed / tau)`, from 1 down to 0, in 64 fractional bits.
///
/// It is `2^-y` with `y = elapsed * log2(e) / tau`: the fractional bits of `y` each choose one of 64 roots of two, the
/// whole part shifts. So it costs the same after a second and after a year. Its error is below 2^-56 (tested against
/// numbers of 512 bits): rounding `y` down by less than 2^-63 raises the factor by less than 2^-63; each of at most 64
/// products is rounded down by less than 2^-64, and each root was by as much, which together lower it by less than
/// 2^-57. One slot changes it by a share of at least 2^-32, so that it never rises with the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decay(u128);

impl Decay {
	/// Nothing is lost.
	pub const NONE: Self = Self(ONE);

	/// Over so many slots, where what is left falls to 1/e in `tau` slots. A `tau` of zero counts as one.
	pub fn over(elapsed: u64, tau: u32) -> Self {
		let tau = tau.max(1);
		if elapsed >= FORGOTTEN_AFTER.saturating_mul(tau.into()) {
			return Self(0);
		}
		// Below 2^38 times 2^81.
		let exponent = u128::from(elapsed)
			.saturating_mul(LOG2_E)
			.checked_div(tau.into())
			.unwrap_or(u128::MAX)
			>> SPARE_BITS;
		let whole = u32::try_from(exponent >> 64).unwrap_or(u32::MAX);
		let factor = ROOTS
			.iter()
			.zip((0..64).rev())
			.filter(|(_, bit)| (exponent >> bit) & 1 == 1)
			// At most 2^64 times less than 2^64.
			.fold(ONE, |factor, (root, _)| factor.saturating_mul((*root).into()) >> 64);
		Self(factor.checked_shr(whole).unwrap_or(0))
	}

	/// The factor in 64 fractional bits: at most 2^64.
	pub fn factor(self) -> u128 {
		self.0
	}

	/// One less the factor, in 64 fractional bits: how much of what is expected in the long run has come by now.
	pub fn come(self) -> u128 {
		ONE.saturating_sub(self.0)
	}

	/// What is left of it, rounded down.
	pub fn of(self, value: u64) -> u64 {
		part(value, self.0)
	}

	/// What is left of it, rounded down.
	pub fn of_credit(self, credit: Credit) -> Credit {
		Credit(self.of(credit.0))
	}

	/// What is left of them, rounded down.
	pub fn of_wins(self, wins: Wins) -> Wins {
		Wins(u32::try_from(self.of(wins.0.into())).unwrap_or(u32::MAX))
	}

	/// What is left of a sum, rounded down.
	pub fn of_total(self, total: u128) -> u128 {
		// Exact: the upper half times the factor is a multiple of what the shift takes away.
		let (upper, lower) = (total >> 64, total & (ONE - 1));
		upper
			.saturating_mul(self.0)
			.saturating_add(lower.saturating_mul(self.0) >> 64)
	}

	/// How many of so many wins in tau have come by now, rounded to the nearest.
	pub fn wins_come(self, in_tau: Wins) -> Wins {
		let come = u128::from(in_tau.0).saturating_mul(self.come()).saturating_add(ONE / 2) >> 64;
		Wins(u32::try_from(come).unwrap_or(u32::MAX))
	}
}

/// `value * factor / 2^64`, rounded down; the factor is at most 2^64.
fn part(value: u64, factor: u128) -> u64 {
	u64::try_from(u128::from(value).saturating_mul(factor) >> 64).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use sp_core::U512;

	/// `e^(-elapsed / tau)` in 128 fractional bits, from the series of e^x, whose terms are all positive.
	fn reference(elapsed: u64, tau: u32) -> U512 {
		let mut term = U512::one() << 160;
		let mut sum = term;
		for n in 1..600u32 {
			term = term * U512::from(elapsed) / (U512::from(tau) * U512::from(n));
			sum += term;
		}
		(U512::one() << 288) / sum
	}

	/// By how much a factor is off, in 128 fractional bits.
	fn error(elapsed: u64, tau: u32) -> U512 {
		let (found, exact) = (
			U512::from(Decay::over(elapsed, tau).factor()) << 64,
			reference(elapsed, tau),
		);
		found.max(exact) - found.min(exact)
	}

	fn bound() -> U512 {
		U512::one() << (128 - 56)
	}

	const TAU: u32 = crate::testing::SPACE.tau;

	#[test]
	fn the_table_is_of_roots_of_two() {
		// Squaring a root gives the one before it; one unit in the last place may be lost on the way.
		let mut whole = ONE / 2;
		for root in ROOTS {
			let root = u128::from(root);
			let (squared, above) = (root.pow(2) >> 64, root.saturating_add(1).saturating_mul(root + 1) >> 64);
			assert!(squared <= whole && whole <= above, "{root:x}");
			whole = root;
		}
		// e^(1/log2(e)) = 2: one tau times ln 2 halves, to within the 2^-80 of the constant.
		assert!((LOG2_E as f64 / 2f64.powi(80) - core::f64::consts::LOG2_E).abs() < 1e-15);
	}

	#[test]
	fn known_factors() {
		assert_eq!(Decay::over(0, TAU), Decay::NONE);
		assert_eq!(Decay::over(0, 0), Decay::NONE);
		assert_eq!(Decay::over(u64::MAX, TAU).factor(), 0);
		assert_eq!(Decay::over(u64::MAX, u32::MAX).factor(), 0);
		for elapsed in [1, 12, 1_200, 172_800, u64::from(TAU), 10 * u64::from(TAU)] {
			let float = (-(elapsed as f64) / f64::from(TAU)).exp();
			assert!((Decay::over(elapsed, TAU).factor() as f64 / ONE as f64 - float).abs() < 1e-15);
		}
	}

	#[test]
	fn it_falls_with_every_slot() {
		for tau in [1u32, 2, 1_200, TAU, u32::MAX] {
			for start in [0, u64::from(tau) / 3, u64::from(tau), 20 * u64::from(tau)] {
				let mut before = Decay::over(start, tau);
				for elapsed in start + 1..start + 200 {
					let now = Decay::over(elapsed, tau);
					assert!(now < before || now.factor() == 0, "tau {tau}, elapsed {elapsed}");
					before = now;
				}
			}
		}
	}

	proptest! {
		#[test]
		fn it_is_exact_to_the_bound(elapsed in 0..60u64 * u64::from(TAU), tau in 1_000..=TAU) {
			prop_assume!(elapsed < 60 * u64::from(tau));
			prop_assert!(error(elapsed, tau) < bound());
		}

		#[test]
		fn it_is_exact_for_the_shortest_and_the_longest_tau(x in 0..60u64) {
			prop_assert!(error(x, 1) < bound());
			prop_assert!(error(x.saturating_mul(u32::MAX.into()), u32::MAX) < bound());
		}

		#[test]
		fn two_steps_are_as_one(a in 0..40u64 * u64::from(TAU), b in 0..40u64 * u64::from(TAU)) {
			let (both, a, b) = (Decay::over(a + b, TAU), Decay::over(a, TAU), Decay::over(b, TAU));
			let product = (a.factor() * b.factor().min(ONE - 1)) >> 64;
			prop_assert!(both.factor().abs_diff(product) < 1 << 10);
		}

		#[test]
		fn nothing_grows_or_overflows(value: u64, total: u128, wins: u32, elapsed: u64, tau: u32) {
			let decay = Decay::over(elapsed, tau);
			prop_assert!(decay.of(value) <= value);
			prop_assert!(decay.of_total(total) <= total);
			prop_assert_eq!(decay.of_total(value.into()), u128::from(decay.of(value)));
			prop_assert!(decay.of_wins(Wins(wins)).0 <= wins);
			let sum = u64::from(decay.of_wins(Wins(wins)).0) + u64::from(decay.wins_come(Wins(wins)).0);
			prop_assert!(sum.abs_diff(wins.into()) <= 1);
		}

		#[test]
		fn nothing_is_lost_in_no_time(value: u64, total: u128) {
			prop_assert_eq!(Decay::NONE.of(value), value);
			prop_assert_eq!(Decay::NONE.of_total(total), total);
		}
	}
}
