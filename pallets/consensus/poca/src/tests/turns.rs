//! The closed form against counting.

use crate::turns::{slots_of, turns_of};
use proptest::prelude::*;

fn counted(from: u64, to: u64, turn_length: u64, directors: u64, index: u64) -> u64 {
	(from..to)
		.filter(|slot| slot / turn_length % directors == index)
		.count() as u64
}

proptest! {
	#[test]
	fn slots_are_those_that_counting_finds(
		from in 0u64..5_000,
		length in 0u64..3_000,
		turn_length in 1u64..40,
		directors in 1u64..100,
	) {
		let to = from + length;
		let mut sum = 0;
		for index in 0..directors {
			let slots = slots_of(from, to, turn_length, directors, index);
			prop_assert_eq!(slots, counted(from, to, turn_length, directors, index));
			sum += slots;
		}
		prop_assert_eq!(sum, length);
	}

	#[test]
	fn turns_are_those_that_counting_finds(from in 0u64..5_000, length in 0u64..3_000, directors in 1u64..100) {
		for index in 0..directors {
			let to = from + length;
			prop_assert_eq!(turns_of(from, to, directors, index), counted(from, to, 1, directors, index));
		}
	}

	#[test]
	fn every_slot_is_somebody_s_whatever_the_numbers(
		a in any::<u64>(),
		b in any::<u64>(),
		turn_length in any::<u32>(),
		directors in 1u64..100,
	) {
		let (from, to) = (a.min(b), a.max(b));
		let sum: u128 = (0..directors)
			.map(|index| u128::from(slots_of(from, to, u64::from(turn_length), directors, index)))
			.sum();
		prop_assert_eq!(sum, if turn_length == 0 { 0 } else { u128::from(to - from) });
	}
}

#[test]
fn what_makes_no_sense_is_nobody_s() {
	assert_eq!(slots_of(0, 100, 12, 0, 0), 0);
	assert_eq!(slots_of(0, 100, 0, 4, 0), 0);
	assert_eq!(slots_of(0, 100, 12, 4, 4), 0);
	assert_eq!(slots_of(100, 0, 12, 4, 0), 0);
	assert_eq!(slots_of(0, u64::MAX, u64::MAX, 2, 0), 0, "a cycle longer than time");
}
