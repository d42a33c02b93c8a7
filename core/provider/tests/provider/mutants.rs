//! Each rule is left out once, and the simulation has to notice. (That a horizon is needed, `memory` shows.)

use crate::sim::{run, Plan};
use smartchain_provider::Rules;

/// Seeds that are tried until it does.
const SEEDS: u64 = 300;

fn is_noticed(rules: Rules, word: &str) {
	let all = Rules::default();
	assert_ne!(rules, all);
	let noticed = (0..SEEDS).find_map(|seed| {
		run(Plan {
			rules,
			..Plan::rough(seed)
		})
		.err()
	});
	let noticed = noticed.unwrap_or_default();
	assert!(noticed.contains(word), "{rules:?}: {noticed:?}");
}

#[test]
fn answers_that_are_not_kept_first_are_noticed() {
	is_noticed(
		Rules {
			kept_first: false,
			..Rules::default()
		},
		"that nobody kept",
	);
}

#[test]
fn second_answers_are_noticed() {
	is_noticed(
		Rules {
			once: false,
			..Rules::default()
		},
		"two answers",
	);
}

#[test]
fn work_that_comes_too_late_is_noticed() {
	is_noticed(
		Rules {
			in_time: false,
			..Rules::default()
		},
		"too late",
	);
}

#[test]
fn announcements_of_segments_that_ran_once_are_noticed() {
	is_noticed(
		Rules {
			twice: false,
			..Rules::default()
		},
		"false answer",
	);
}

#[test]
fn claims_of_more_than_is_held_are_noticed() {
	is_noticed(
		Rules {
			held: false,
			..Rules::default()
		},
		"not all are there",
	);
}
