//! Eras and their randomness.

use crate::{mock::*, randomness::fold, *};
use pallet_traits::EraClock;
use poca_primitives::Randomness;

fn randomnesses() -> [Randomness; 3] {
	[
		CurrentRandomness::<Test>::get(),
		NextRandomness::<Test>::get(),
		AccumulatedRandomness::<Test>::get(),
	]
}

/// The eras that the last block started.
fn started() -> Vec<(u32, Randomness)> {
	events()
		.into_iter()
		.filter_map(|event| match event {
			Event::EraStarted { era, randomness } => Some((era, randomness)),
			_ => None,
		})
		.collect()
}

#[test]
fn eras_count_from_the_first_block_and_are_aligned() {
	with_directors(4, || {
		author(10 * ERA + 100);
		assert_eq!((Era::<Test>::get(), started()), (0, vec![]));
		author(11 * ERA - 1);
		assert_eq!(Era::<Test>::get(), 0);
		author(11 * ERA);
		assert_eq!(Poca::current_era(), 1);
		assert_eq!(started(), vec![(1, Poca::era_randomness())]);
		author(11 * ERA + 1);
		assert_eq!((Era::<Test>::get(), started()), (1, vec![]));
	});
}

#[test]
fn no_turn_straddles_two_eras() {
	with_directors(5, || {
		author(10 * ERA);
		for era in 1..5u64 {
			author((10 + era) * ERA - 1);
			let last = schedule().turn(((10 + era) * ERA - 1).into());
			author((10 + era) * ERA);
			assert_eq!(schedule().turn(((10 + era) * ERA).into()), last + 1);
		}
	});
}

#[test]
fn outputs_of_an_era_make_the_randomness_of_the_era_after_next() {
	with_directors(4, || {
		author(10 * ERA);
		let [_, next, accumulated] = randomnesses();
		author(11 * ERA);
		let [current, next_of_1, _] = randomnesses();
		assert_eq!(current, next, "era 1 has what genesis left");
		assert_eq!(
			next_of_1,
			crate::randomness::of_era(1, &accumulated),
			"era 2 has what era 0 accumulated"
		);
		let in_era_1 = AccumulatedRandomness::<Test>::get();
		author(12 * ERA);
		assert_eq!(randomnesses()[0], next_of_1);
		assert_eq!(randomnesses()[1], crate::randomness::of_era(2, &in_era_1));
	});
}

#[test]
fn only_first_blocks_of_turns_add_and_each_adds_its_output() {
	with_directors(4, || {
		author(10 * ERA);
		let before = AccumulatedRandomness::<Test>::get();
		author(10 * ERA + 1);
		assert_eq!(AccumulatedRandomness::<Test>::get(), before);
		let director = schedule().director((10 * ERA + TURN).into()).expect("has directors");
		let header = header(director, 10 * ERA + TURN);
		let output = header.vrf_output().expect("starts a turn");
		execute(header);
		assert_eq!(AccumulatedRandomness::<Test>::get(), fold(&before, &output));
	});
}

#[test]
fn a_block_that_enters_an_era_evaluates_over_its_parent_s_schedule_and_adds_to_the_new_era() {
	with_directors(4, || {
		author(10 * ERA);
		let parent = schedule();
		let accumulated = AccumulatedRandomness::<Test>::get();
		// `header` evaluates over the schedule of the state before the block.
		let director = parent.director((11 * ERA).into()).expect("has directors");
		let header = header(director, 11 * ERA);
		let output = header.vrf_output().expect("starts a turn");
		execute(header);
		assert_ne!(schedule().randomness, parent.randomness);
		assert_eq!(
			NextRandomness::<Test>::get(),
			crate::randomness::of_era(1, &accumulated),
			"without its output"
		);
		assert_eq!(AccumulatedRandomness::<Test>::get(), fold(&accumulated, &output));
	});
}

#[test]
fn skipped_eras_are_one_step() {
	with_directors(4, || {
		author(10 * ERA);
		let [_, next, _] = randomnesses();
		author(1_000 * ERA + 17);
		assert_eq!(Era::<Test>::get(), 990);
		assert_eq!(started(), vec![(990, next)]);
	});
}

#[test]
fn the_last_era_lasts() {
	with_directors(1, || {
		author(1);
		author(u64::from(u32::MAX) * ERA * 2);
		assert_eq!(Era::<Test>::get(), u32::MAX);
		author(u64::from(u32::MAX) * ERA * 2 + ERA);
		assert!(started().is_empty());
	});
}

#[test]
fn eras_without_outputs_of_their_own_differ_all_the_same() {
	let accumulated = [1; 32];
	assert_ne!(
		crate::randomness::of_era(1, &accumulated),
		crate::randomness::of_era(2, &accumulated)
	);
}
