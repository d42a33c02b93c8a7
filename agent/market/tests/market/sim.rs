//! The machine in worlds of many seeds.

use crate::world::{run, Plan};
use smartchain_rng::{runs, seeds};

#[test]
fn a_sound_provider_misses_nothing() {
	for seed in seeds(10 * runs()) {
		let world = run(Plan::calm(seed)).unwrap();
		assert_eq!(world.missed, 0, "seed {seed}");
		assert!(
			world.answered > 10 && world.confirmed > 3,
			"seed {seed}: {} answered",
			world.answered
		);
	}
}

#[test]
fn kills_at_random_make_it_miss_nothing() {
	for seed in seeds(20 * runs()) {
		let plan = Plan {
			kills: 4,
			..Plan::calm(seed)
		};
		let world = run(plan).unwrap();
		assert!(world.kills > 10, "seed {seed}");
		assert_eq!(world.missed, 0, "seed {seed}");
	}
}

#[test]
fn in_a_rough_world_no_rule_is_broken() {
	let (mut answered, mut missed) = (0, 0);
	for seed in seeds(40 * runs()) {
		let world = run(Plan::rough(seed)).unwrap();
		answered += world.answered;
		missed += world.missed;
	}
	println!("{answered} answered, {missed} missed");
	assert!(answered > 10 * missed, "{answered} answered, {missed} missed");
}

#[test]
fn what_is_over_is_deleted() {
	let plan = Plan {
		ticks: 8_000,
		..Plan::calm(3)
	};
	let world = run(plan).unwrap();
	assert!(world.removed > 3, "{} removed", world.removed);
}
