//! Each rule is left out once, and the simulation has to notice.

use crate::world::{run, Plan, BYTES};
use smart_agent_market::Rules;

/// Seeds that are tried until it does.
const SEEDS: u64 = 200;

fn is_noticed(rules: Rules, word: &str, plan: impl Fn(u64) -> Plan) {
	let all = Rules::default();
	assert_ne!(rules, all);
	let noticed = (0..SEEDS).find_map(|seed| {
		let found = run(Plan { rules, ..plan(seed) }).err()?;
		found.contains(word).then_some(found)
	});
	assert!(noticed.is_some(), "{rules:?} was not noticed by `{word}`");
}

#[test]
fn deeds_that_are_not_kept_first_are_noticed() {
	let rules = Rules {
		kept_first: false,
		..Rules::default()
	};
	is_noticed(rules, "that nobody kept", Plan::rough);
}

#[test]
fn confirmations_of_what_was_not_hashed_are_noticed() {
	let rules = Rules {
		sealed_first: false,
		..Rules::default()
	};
	is_noticed(rules, "was not hashed", Plan::rough);
}

#[test]
fn more_than_was_offered_is_noticed() {
	let rules = Rules {
		quota: false,
		..Rules::default()
	};
	is_noticed(rules, "more than was offered", |seed| Plan {
		space: 2 * BYTES,
		..Plan::rough(seed)
	});
}

#[test]
fn slots_that_are_deleted_at_once_are_noticed() {
	let rules = Rules {
		late_delete: false,
		..Rules::default()
	};
	is_noticed(rules, "too early", Plan::rough);
}

#[test]
fn rot_that_stays_is_noticed() {
	let rules = Rules {
		mends: false,
		..Rules::default()
	};
	is_noticed(rules, "nobody mends", |seed| Plan {
		rot: 40,
		kills: 0,
		..Plan::rough(seed)
	});
}

#[test]
fn answers_that_are_not_sent_again_are_noticed() {
	let rules = Rules {
		resends: false,
		..Rules::default()
	};
	is_noticed(rules, "without need", Plan::rough);
}
