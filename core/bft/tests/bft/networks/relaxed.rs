//! Whole networks under the 51% rule: more than a third of the voters are gone at once, and others take their seats.

use crate::{
	networks::faults::all_well,
	sim::{Behaviour, Outcome, Plan},
};

/// Runs whose voters were changed by relaxed votes.
fn relaxed(outcomes: &[Outcome]) -> usize {
	outcomes.iter().filter(|o| o.relaxed_changes > 0).count()
}

/// The bound of each run is in its plan: time for the rule to come into force, for turns of those who are gone, and no
/// more.
#[test]
fn three_of_seven_gone_at_once() {
	let outcomes = all_well(250, |seed| Plan::faulty(7, seed).losing(3, Some(4)));
	println!(
		"{} of {} runs change by relaxed votes",
		relaxed(&outcomes),
		outcomes.len()
	);
	assert!(relaxed(&outcomes) * 10 > outcomes.len() * 9);
}

#[test]
fn three_of_ten_gone_and_one_byzantine() {
	let plan = |seed| Plan::hostile(10, seed).with_so_many(1).losing(3, Some(6));
	let outcomes = all_well(60, plan);
	println!(
		"{} of {} runs change by relaxed votes",
		relaxed(&outcomes),
		outcomes.len()
	);
	assert!(relaxed(&outcomes) * 6 > outcomes.len());
	all_well(60, |seed| {
		let all = Plan::against(10, seed, Behaviour::ALL);
		all.with_so_many(1).losing(3, Some(6))
	});
}

/// A relaxed quorum that is a quorum: the rule is off, and two Byzantine of seven are borne as ever.
#[test]
fn two_of_seven_byzantine_and_the_rule_off() {
	let plan = |seed| Plan {
		relaxed_quorum: Some(5),
		..Plan::against(7, seed, Behaviour::ALL).changing()
	};
	let outcomes = all_well(200, plan);
	assert_eq!(relaxed(&outcomes), 0);
}

/// Changes that nothing calls for come in between; the one that was ahead when the voters went is made final first.
#[test]
fn several_changes_a_run() {
	let outcomes = all_well(120, |seed| Plan::faulty(7, seed).changing().losing(3, Some(4)));
	let changes = outcomes.iter().filter(|o| o.changes > 1).count();
	println!("{changes} of {} runs change more than once", outcomes.len());
	assert!(changes * 3 > outcomes.len());
	all_well(50, |seed| {
		Plan::hostile(10, seed).with_so_many(1).changing().losing(3, Some(6))
	});
}

/// The rule does not get in the way where it is not needed: hostile networks that change their voters, fewer than a
/// third gone.
#[test]
fn hostile_networks_under_the_rule() {
	let with_rule = |plan: Plan, relaxed_quorum| Plan {
		relaxed_quorum: Some(relaxed_quorum),
		relax_after_ms: 2_000,
		..plan
	};
	all_well(120, |seed| with_rule(Plan::faulty(7, seed).changing(), 4));
	all_well(60, |seed| {
		with_rule(Plan::hostile(10, seed).with_so_many(1).changing(), 6)
	});
	// Of what they say twice, and of all that they say of what ends no set, nothing comes.
	let relaxes = Behaviour {
		relaxes: true,
		replays: true,
		forges: true,
		votes_for_all: true,
		split_votes: true,
		hidden_certificates: true,
		equivocating_director: true,
		..Behaviour::SILENT
	};
	all_well(100, |seed| {
		let plan = Plan::against(10, seed, relaxes);
		with_rule(plan.with_so_many(1).changing(), 6)
	});
}

/// With the rule off, finality stands still until those who are gone are back, and then it goes on.
#[test]
fn with_the_rule_off_finality_waits_for_those_who_are_gone() {
	for relaxed_quorum in [None, Some(5)] {
		let plan = |seed| {
			let mut plan = Plan::faulty(7, seed).losing(3, relaxed_quorum);
			let back = plan.settled_ms + 60_000;
			if let Some(gone) = &mut plan.gone {
				gone.back_ms = Some(back);
			}
			plan
		};
		for outcome in all_well(15, plan) {
			assert!(outcome.recovery_ms >= 60_000, "after {} ms", outcome.recovery_ms);
			assert_eq!(outcome.relaxed_changes, 0);
		}
	}
}

/// With the rule on they come back to a set that goes on without them, and follow it.
#[test]
fn who_comes_back_finds_its_seat_taken() {
	let plan = |seed| {
		let mut plan = Plan::faulty(7, seed).losing(3, Some(4));
		let at = plan.settled_ms + seed % 5 * 8_000;
		if let Some(gone) = &mut plan.gone {
			gone.back_ms = Some(at);
		}
		plan
	};
	all_well(60, plan);
}

/// Two sides, neither of which has a relaxed quorum, each with an end ahead: nothing changes until they meet again.
#[test]
fn sides_of_less_than_a_relaxed_quorum_change_nothing() {
	let split = |seed, voters, side: u16, relaxed_quorum| Plan {
		settled_ms: 40_000,
		relax_after_ms: 5_000,
		relaxed_quorum: Some(relaxed_quorum),
		split: (0..side).collect(),
		change_percent: 20,
		..Plan::calm(voters, seed)
	};
	for outcome in all_well(20, |seed| split(seed, 10, 5, 6)) {
		assert_eq!(outcome.changes_before, 0);
	}
	for outcome in all_well(20, |seed| split(seed, 11, 5, 7)) {
		assert_eq!(outcome.changes_before, 0);
	}
	// A side that has one changes them by itself.
	let outcomes = all_well(20, |seed| split(seed, 7, 3, 4));
	assert!(outcomes.iter().all(|o| o.changes_before > 0));
}
