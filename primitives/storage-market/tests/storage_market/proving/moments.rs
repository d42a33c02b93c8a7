//! What the beacon draws, and who can tell it before.

use crate::workbench::{moment, source};
use proptest::prelude::*;
use smartchain_rng::{runs, seeds, Rng};
use std::collections::BTreeSet;
use storage_market_primitives::{place, Moment, SlotId};
use storage_proof_primitives::{Shape, MAX_BYTES};

fn at(deal: u64) -> SlotId {
	SlotId::new(deal, (deal % 8) as u32)
}

#[test]
fn each_chunk_is_as_likely_as_any_other() {
	let mut rng = source(Rng::seed_from_env());
	let shape = Shape::of(50 * 1_024).unwrap();
	let mut counts = [0u32; 50];
	for tick in 0..10_000 {
		let asked = moment(&mut rng, tick).asked(at(1), shape);
		asked.iter().for_each(|chunk| counts[*chunk as usize] += 1);
	}
	// 400 each on average; six deviations of 20.
	assert!(counts.iter().all(|count| count.abs_diff(400) < 120), "{counts:?}");
}

#[test]
fn each_slot_is_as_likely_as_any_other() {
	let mut rng = source(Rng::seed_from_env());
	let mut counts = [0u32; 50];
	for tick in 0..1_000 {
		let slots = moment(&mut rng, tick).slots();
		(0..20).for_each(|number| counts[slots.below_u32(number, 50) as usize] += 1);
	}
	assert!(counts.iter().all(|count| count.abs_diff(400) < 120), "{counts:?}");
}

#[test]
fn whatever_differs_draws_something_else() {
	for seed in seeds(20 * runs()) {
		let mut rng = source(seed);
		let one = moment(&mut rng, 100);
		let mut bit = one;
		bit.randomness[rng.below(32) as usize] ^= 1 << rng.below(8);
		let later = Moment { tick: 101, ..one };
		let (here, there, slot) = (SlotId::new(5, 1), SlotId::new(6, 1), SlotId::new(5, 2));
		let mut seen = BTreeSet::new();
		for moment in [one, bit, later] {
			for at in [here, there, slot] {
				assert!(seen.insert(*moment.audit(at).seed()));
			}
		}
		for randomness in [one.randomness, bit.randomness] {
			for at in [here, there, slot] {
				assert!((0..3).all(|attempt| seen.insert(*place(&randomness, at, attempt).seed())));
			}
		}
		// Two chunks of a challenge, two slots of a tick, are drawn apart.
		let draw = one.audit(here);
		assert_ne!(draw.below(0, u64::MAX), draw.below(1, u64::MAX));
		assert_ne!(one.slots().below_u32(0, u32::MAX), one.slots().below_u32(1, u32::MAX));
	}
}

#[test]
fn what_is_shown_first_depends_on_tick_and_attempt() {
	let mut rng = source(Rng::seed_from_env());
	let one = moment(&mut rng, 100);
	let shape = Shape::of(MAX_BYTES).unwrap();
	let later = Moment { tick: 101, ..one };
	let shown: BTreeSet<u32> = (0..4)
		.flat_map(|attempt| [one, later].map(|moment| moment.first(at(1), attempt, shape)))
		.collect();
	// Eight of 2^26: two are the same once in two million times.
	assert_eq!(shown.len(), 8);
}

proptest! {
	#[test]
	fn a_draw_stays_below_its_end(
		randomness: [u8; 32], tick: u32, deal: u64, slot in 0..32_u32, number: u32, end: u64,
	) {
		let draw = Moment { tick, randomness }.audit(SlotId::new(deal, slot));
		prop_assert!(draw.below(number, end) < end.max(1));
		prop_assert!(draw.below_u32(number, end as u32) < (end as u32).max(1));
		prop_assert_eq!(draw.below(number, 0), 0);
		prop_assert_eq!(draw.below(number, 1), 0);
	}

	#[test]
	fn every_chunk_that_is_asked_is_there(randomness: [u8; 32], tick: u32, deal: u64, bytes in 0..=MAX_BYTES) {
		let (shape, moment) = (Shape::of(bytes).unwrap(), Moment { tick, randomness });
		let asked = moment.asked(at(deal), shape);
		prop_assert!(asked.iter().all(|chunk| *chunk < shape.chunks()));
		prop_assert!(moment.first(at(deal), 0, shape) < shape.chunks());
	}
}
