//! How fees follow the fullness of blocks: arithmetic alone, which knows nothing of the chain.
//!
//! With `d` = [`ADJUSTMENT`] times the distance of a block's fullness from [`TARGET_FULLNESS`], the multiplier of the
//! next block is that of this one times `1 + d + d²/2` if the block was fuller, and times `1 - d + d²/2` if it was
//! emptier: `e^d` and `e^-d` as far as matters, so that a block above the target and one as far below leave things as
//! they were. It stays from [`MIN_MULTIPLIER`] to [`MAX_MULTIPLIER`].
//!
//! A block is as full as the scarcer of time and bytes says, whatever class they went to; or simply full, if its author
//! says that it had to leave transactions out. An author may lie about that, in both directions. A third of all authors
//! who always say "full" make fees rise from a quarter of fullness on instead of half of it; a third who fill blocks
//! and never say so are still measured by time and bytes.

use crate::constants::fees::{ADJUSTMENT, MAX_MULTIPLIER, MIN_MULTIPLIER, TARGET_FULLNESS};
use sp_runtime::{traits::Saturating, FixedU128, Perquintill};

/// How full something is of which `used` of `capacity` is in use: all of it if it is more, or if there is no room at
/// all.
pub fn share(used: u64, capacity: u64) -> Perquintill {
	if capacity == 0 {
		return Perquintill::one();
	}
	Perquintill::from_rational(used.min(capacity), capacity)
}

/// The multiplier after a block.
pub fn next(previous: FixedU128, fullness: Perquintill) -> FixedU128 {
	// Whatever was stored, or set at genesis.
	let previous = previous.clamp(MIN_MULTIPLIER, MAX_MULTIPLIER);
	let rises = fullness >= TARGET_FULLNESS;
	let distance = if rises {
		fullness.saturating_sub(TARGET_FULLNESS)
	} else {
		TARGET_FULLNESS.saturating_sub(fullness)
	};
	let first = ADJUSTMENT.saturating_mul(distance.into());
	let second = first.saturating_mul(first) / FixedU128::from_u32(2);
	let next = if rises {
		previous.saturating_add(previous.saturating_mul(first.saturating_add(second)))
	} else {
		// The first term is far below 1 and the second far below the first.
		previous.saturating_sub(previous.saturating_mul(first.saturating_sub(second)))
	};
	next.clamp(MIN_MULTIPLIER, MAX_MULTIPLIER)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	/// Blocks of a day.
	const DAY: u32 = 172_800;

	fn after(start: FixedU128, blocks: u32, fullness: Perquintill) -> FixedU128 {
		(0..blocks).fold(start, |multiplier, _| next(multiplier, fullness))
	}

	fn multiplier() -> impl Strategy<Value = FixedU128> {
		(MIN_MULTIPLIER.into_inner()..=MAX_MULTIPLIER.into_inner()).prop_map(FixedU128::from_inner)
	}

	fn fullness() -> impl Strategy<Value = Perquintill> {
		(0..=1_000_000_000_000_000_000u64).prop_map(Perquintill::from_parts)
	}

	#[test]
	fn a_day_of_full_blocks_is_what_the_constants_say() {
		let day = after(MIN_MULTIPLIER, DAY, Perquintill::one());
		assert!(
			day > FixedU128::from_rational(23, 10) && day < FixedU128::from_rational(24, 10),
			"{day:?}"
		);
		// e^(0.864), in both directions.
		let back = after(day, DAY, Perquintill::zero());
		assert!(back < FixedU128::from_rational(10_001, 10_000), "{back:?}");
	}

	#[test]
	fn the_least_surplus_raises_even_the_least_multiplier() {
		let fuller = TARGET_FULLNESS.saturating_add(Perquintill::from_rational(1u64, 1_000_000_000));
		assert!(
			next(MIN_MULTIPLIER, fuller) > MIN_MULTIPLIER,
			"or it would never recover"
		);
	}

	#[test]
	fn full_blocks_end_at_the_maximum_and_empty_ones_at_the_minimum() {
		let (mut up, mut down) = (MIN_MULTIPLIER, MAX_MULTIPLIER);
		// ln(1,000) / (0.5 / 100,000) blocks, and some.
		for _ in 0..1_400_000 {
			up = next(up, Perquintill::one());
			down = next(down, Perquintill::zero());
		}
		assert_eq!((up, down), (MAX_MULTIPLIER, MIN_MULTIPLIER));
	}

	#[test]
	fn what_has_no_room_is_full() {
		assert_eq!(share(0, 0), Perquintill::one());
		assert_eq!(share(u64::MAX, 1), Perquintill::one());
		assert_eq!(share(1, 4), Perquintill::from_percent(25));
		assert_eq!(share(0, u64::MAX), Perquintill::zero());
	}

	proptest! {
		#[test]
		fn it_keeps_its_bounds(previous in any::<u128>(), fullness in fullness()) {
			let next = next(FixedU128::from_inner(previous), fullness);
			prop_assert!((MIN_MULTIPLIER..=MAX_MULTIPLIER).contains(&next));
		}

		#[test]
		fn fuller_blocks_raise_and_emptier_ones_lower(previous in multiplier(), fullness in fullness()) {
			let next = next(previous, fullness);
			if fullness > TARGET_FULLNESS {
				prop_assert!(next >= previous);
			} else if fullness < TARGET_FULLNESS {
				prop_assert!(next <= previous);
			} else {
				prop_assert_eq!(next, previous);
			}
		}

		#[test]
		fn more_fullness_and_more_before_never_mean_less(
			(low, high) in (multiplier(), multiplier()).prop_map(|(a, b)| (a.min(b), a.max(b))),
			(empty, full) in (fullness(), fullness()).prop_map(|(a, b)| (a.min(b), a.max(b))),
		) {
			prop_assert!(next(low, empty) <= next(low, full));
			prop_assert!(next(low, full) <= next(high, full));
		}

		#[test]
		fn a_block_moves_it_by_a_hundred_thousandth_at_most(previous in multiplier(), fullness in fullness()) {
			let next = next(previous, fullness);
			let moved = previous.max(next).saturating_sub(previous.min(next));
			prop_assert!(moved <= previous.saturating_mul(ADJUSTMENT));
		}

		#[test]
		fn shares_rise_with_use(capacity in 1..=u64::MAX, (a, b) in any::<(u64, u64)>()) {
			let (less, more) = (a.min(b), a.max(b));
			prop_assert!(share(less, capacity) <= share(more, capacity));
		}
	}
}
