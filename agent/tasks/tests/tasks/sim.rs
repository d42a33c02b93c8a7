//! Worlds by chance. A seed is named by whatever fails, and replays it.

use crate::world::{Rough, World};
use smart_agent_tasks::Rules;

/// Half an hour of blocks.
const BLOCKS: u32 = 3_600;

fn rough() -> Rough {
	Rough {
		kills: 10,
		lost: 50,
		refused: 50,
		failures: 50,
		unkept: 20,
		busy: 10,
		node: 3,
	}
}

pub fn world(seed: u64, rough: Rough, rules: Rules) -> World {
	let mut world = World::new(seed, rough, rules);
	for _ in 0..BLOCKS {
		world.pass();
		if world.broken.is_some() {
			break;
		}
	}
	world
}

#[test]
fn in_a_rough_world_no_rule_is_broken() {
	let mut revealed = 0;
	for seed in 0..40 {
		let world = world(seed, rough(), Rules::default());
		assert_eq!(world.broken, None, "seed {seed}");
		revealed += world.revealed;
	}
	assert!(revealed > 1_000, "{revealed}");
}

#[test]
fn a_sound_worker_reveals_all_that_it_has_committed() {
	for seed in 0..10 {
		let world = world(seed, Rough::default(), Rules::default());
		assert_eq!(
			(world.broken, world.missed, world.missed_reveals),
			(None, 0, 0),
			"seed {seed}"
		);
		assert!(world.revealed > 100, "seed {seed}: {}", world.revealed);
	}
}

/// A program that is killed every ten seconds or so still reveals all.
#[test]
fn kills_at_random_make_it_miss_nothing() {
	for seed in 0..20 {
		let rough = Rough {
			kills: 50,
			..Rough::default()
		};
		let world = world(seed, rough, Rules::default());
		assert_eq!((world.broken, world.missed_reveals), (None, 0), "seed {seed}");
	}
}

/// Each rule that is left out is noticed, by what it guards.
pub fn noticed(rules: Rules, words: &str) {
	let found = (0..60).find_map(|seed| world(seed, rough(), rules).broken);
	let found = found.expect("nothing is noticed");
	assert!(found.contains(words), "{found}");
}
