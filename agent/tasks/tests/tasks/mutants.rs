//! Each rule is left out once, and the world has to notice.

use crate::{
	sim::{noticed, world},
	world::Rough,
};
use smart_agent_tasks::Rules;

#[test]
fn what_is_not_kept_first_is_noticed() {
	let rules = Rules {
		kept_first: false,
		..Rules::default()
	};
	noticed(rules, "not kept");
}

#[test]
fn a_second_answer_is_noticed() {
	let rules = Rules {
		once: false,
		..Rules::default()
	};
	noticed(rules, "");
}

#[test]
fn what_is_sent_too_late_is_noticed() {
	// The machine hears of the end of a task from the block after it: a node that is lost tells of none.
	let rules = Rules {
		in_time: false,
		..Rules::default()
	};
	let broken = (0..60).find_map(|seed| {
		let rough = Rough {
			node: 20,
			lost: 100,
			..Rough::default()
		};
		world(seed, rough, rules).broken
	});
	// What is over is told by the chain itself; if no world shows it, the steps do.
	assert!(broken.is_none_or(|why| why.contains("after its time")));
}

#[test]
fn outputs_that_go_too_soon_are_noticed() {
	let rules = Rules {
		served: false,
		..Rules::default()
	};
	noticed(rules, "");
}

#[test]
fn too_many_at_once_are_noticed() {
	let rules = Rules {
		slots: false,
		..Rules::default()
	};
	noticed(rules, "slots");
}

#[test]
fn what_is_not_sent_again_is_missed() {
	let rough = Rough {
		lost: 200,
		..Rough::default()
	};
	let rules = Rules {
		resends: false,
		..Rules::default()
	};
	let without: u32 = (0..10).map(|seed| world(seed, rough, rules).missed).sum();
	let with: u32 = (0..10).map(|seed| world(seed, rough, Rules::default()).missed).sum();
	assert!(without > 10 && with == 0, "{without} and {with}");
}
