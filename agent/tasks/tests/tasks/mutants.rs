//! Each rule is left out once, and the world has to notice.

use crate::{
	sim::{noticed, world},
	world::Rough,
};
use smart_agent_tasks::{
	Action, Answer, Config, Event, Machine, Memory, Now, Record, Rules, Said, TaskKey, Told, What,
};

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

/// A node may tell of a task whose time is over.
#[test]
fn what_is_sent_too_late_is_noticed() {
	let key = TaskKey {
		job: 1,
		unit: 0,
		since: 90,
		of: [1; 32],
	};
	let sent = |in_time: bool| {
		let memory = Memory::replay([Record::Kept(Answer { key, said: Said::Fault })]);
		let rules = Rules {
			in_time,
			..Rules::default()
		};
		let mut machine = Machine::with_rules(Config::default(), memory, rules);
		machine.step(Now::default(), Event::Outputs(Vec::new()));
		let told = vec![Told {
			key,
			what: What::Run { due: 400 },
		}];
		let actions = machine.step(Now::default(), Event::Head { tick: 401, told });
		actions.iter().any(|action| matches!(action, Action::Submit(_)))
	};
	assert!(!sent(true) && sent(false));
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
