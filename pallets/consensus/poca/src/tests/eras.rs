//! Eras and their randomness.

use crate::{mock::*, randomness::fold, *};
use pallet_traits::{EraClock, EraOfSlot};
use poca_primitives::Randomness;
use proptest::prelude::*;

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
fn only_eras_count_that_began() {
	with_directors(4, || {
		author(10 * ERA);
		let [_, next, _] = randomnesses();
		author(1_000 * ERA + 17);
		assert_eq!(Era::<Test>::get(), 1);
		assert_eq!(started(), vec![(1, next)]);
		assert!(matches!(told().last(), Some(Told::EraStarted(1, _))));
		author(1_001 * ERA);
		assert_eq!(Era::<Test>::get(), 2);
	});
}

#[test]
fn the_last_era_lasts() {
	genesis(1, Default::default()).execute_with(|| {
		author(1);
		Era::<Test>::put(u32::MAX - 1);
		author(ERA);
		assert_eq!((Era::<Test>::get(), started().len()), (u32::MAX, 1));
		author(2 * ERA);
		assert_eq!((Era::<Test>::get(), started().len()), (u32::MAX, 0));
	});
}

#[test]
fn the_order_of_turns_comes_from_all_outputs_of_the_era_that_ended_and_the_first_after_it() {
	with_directors(4, || {
		author(10 * ERA);
		author(11 * ERA - 1);
		assert!(Recorder::only(Told::era).is_empty(), "era 0 begins with genesis");
		let accumulated = AccumulatedRandomness::<Test>::get();
		let director = schedule().director((11 * ERA).into()).expect("has directors");
		let first = header(director, 11 * ERA);
		let output = first.vrf_output().expect("starts a turn");
		execute(first);
		let (_, order) = told().into_iter().find_map(Told::era).expect("told");
		// Whoever authored last in era 0 knew all but the output of this block.
		assert_eq!(order, crate::randomness::of_order(1, &fold(&accumulated, &output)));
		assert_ne!(order, crate::randomness::of_order(1, &accumulated));
		assert_eq!(
			NextRandomness::<Test>::get(),
			crate::randomness::of_era(1, &accumulated),
			"which comes from the era that ended alone"
		);
		// What VRFs are evaluated over comes from the same outputs and tells nothing of it.
		assert!(!randomnesses().contains(&order));
		// Without the last output it is another.
		author(12 * ERA - 13);
		let early = AccumulatedRandomness::<Test>::get();
		author(12 * ERA - 1);
		let last = AccumulatedRandomness::<Test>::get();
		let director = schedule().director((12 * ERA).into()).expect("has directors");
		let first = header(director, 12 * ERA);
		let output = first.vrf_output().expect("starts a turn");
		execute(first);
		let (_, order) = told().into_iter().find_map(Told::era).expect("told");
		assert_eq!(order, crate::randomness::of_order(2, &fold(&last, &output)));
		assert_ne!(order, crate::randomness::of_order(2, &fold(&early, &output)));
	});
}

#[test]
fn the_eras_of_slots_are_kept_for_so_many_eras() {
	with_directors(4, || {
		let era_of = |slot: u64| <Poca as EraOfSlot>::era_of_slot(slot.into());
		assert_eq!(era_of(0), None, "before the first block");
		author(10 * ERA + 100);
		assert_eq!(
			era_of(10 * ERA),
			Some(0),
			"the whole period of the first block is era 0"
		);
		assert_eq!(era_of(10 * ERA - 1), None);
		assert_eq!(era_of(11 * ERA), None, "ahead of the current era's end");
		// Periods 11 to 19 pass without a block.
		author(20 * ERA + 5);
		assert_eq!(
			[10, 11, 19, 20, 21].map(|period| era_of(period * ERA + 7)),
			[Some(0), None, None, Some(1), None]
		);
		assert_eq!((era_of(21 * ERA - 1), era_of(u64::MAX)), (Some(1), None));
		for period in 21..25 {
			author(period * ERA);
		}
		assert_eq!(
			(Era::<Test>::get(), EraStarts::<Test>::iter().count()),
			(5, ERA_MEMORY as usize)
		);
		assert_eq!((era_of(10 * ERA), era_of(20 * ERA)), (None, Some(1)));
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	/// Whichever periods have blocks: the era of a slot is how many began before it, and the era of the current block's
	/// slot is the current one.
	#[test]
	fn eras_of_slots_are_those_of_counting(gaps in prop::collection::vec(1u64..5, 1..12)) {
		with_directors(4, || {
			let mut period = 10;
			let mut periods = vec![period];
			author(period * ERA + 3);
			for gap in gaps {
				period += gap;
				periods.push(period);
				author(period * ERA + 3);
				assert_eq!(Era::<Test>::get() as usize, periods.len() - 1);
			}
			let oldest = periods.len().saturating_sub(ERA_MEMORY as usize);
			for looked_at in 8..period + 3 {
				let expected = periods.iter().position(|began| *began == looked_at).filter(|era| *era >= oldest);
				for slot in [looked_at * ERA, looked_at * ERA + ERA - 1] {
					let era = <Poca as EraOfSlot>::era_of_slot(slot.into());
					assert_eq!(era.map(|era| era as usize), expected, "slot {slot}");
				}
			}
		});
	}
}

#[test]
fn eras_without_outputs_of_their_own_differ_all_the_same() {
	let accumulated = [1; 32];
	assert_ne!(
		crate::randomness::of_era(1, &accumulated),
		crate::randomness::of_era(2, &accumulated)
	);
}
