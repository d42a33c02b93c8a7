//! Tests of the simulation itself.

use crate::{
	plan::{Costs, Links, Plan, Us},
	report::{tables, Outcome},
	simulation::Simulation,
};

fn run(plan: Plan) -> Outcome {
	let mut simulation = Simulation::new(plan);
	assert_eq!(simulation.run(|_| ()), Ok(()));
	Outcome::of(&simulation)
}

/// Machines that take no time, links that take this much, all connected.
fn ideal(voters: usize, link: Us) -> Plan {
	Plan {
		slots: 30,
		peers: voters,
		transfers: 0,
		links: Links::Fixed(link),
		costs: Costs::NONE,
		..Plan::new(voters)
	}
}

#[test]
fn without_delays_blocks_are_final_when_their_slot_begins() {
	let outcome = run(ideal(21, 0));
	assert_eq!(outcome.slot_to_final.max(), 0);
	assert_eq!((outcome.final_blocks, outcome.orphans, outcome.unfinished), (30, 0, 0));
}

#[test]
fn finality_takes_three_hops_where_all_are_connected() {
	let outcome = run(ideal(21, 10_000));
	// The block, its prevotes, its Commits.
	assert_eq!(outcome.slot_to_final.percentile(0), 30_000);
	assert_eq!(outcome.slot_to_final.max(), 30_000);
	let [built, seen, imported, certified] = &outcome.stages;
	assert_eq!(
		(built.max(), seen.max(), imported.max(), certified.max()),
		(0, 10_000, 10_000, 20_000)
	);
}

#[test]
fn a_block_takes_four_ways_to_those_who_are_no_peers_of_its_author_and_two_where_it_is_passed_on() {
	// With twelve of twenty peers any two nodes have one in common.
	let plan = Plan {
		peers: 12,
		..ideal(21, 1_000)
	};
	let [_, seen, ..] = run(plan).stages;
	// Push, announcement, request, answer.
	assert_eq!((seen.percentile(50), seen.max()), (1_000, 4_000));
	let [_, seen, ..] = run(Plan { relay: 12, ..plan }).stages;
	assert_eq!((seen.percentile(50), seen.max()), (1_000, 2_000));
}

#[test]
fn finality_stops_with_more_than_a_third_down_and_not_with_a_third() {
	let with = |offline| {
		run(Plan {
			offline,
			slots: 60,
			..ideal(21, 1_000)
		})
	};
	let third = with(7);
	assert!(
		third.final_blocks > 20 && third.unfinished == 0,
		"{}",
		third.final_blocks
	);
	assert_eq!(with(8).final_blocks, 0);
}

#[test]
fn a_seed_gives_the_same_run_and_another_seed_another() {
	let run = |seed| {
		let plan = Plan {
			seed,
			slots: 26,
			peers: 6,
			offline: 2,
			..Plan::new(13)
		};
		tables(&[run(plan)])
	};
	assert_eq!(run(7), run(7));
	assert_ne!(run(7), run(8));
}

#[test]
fn what_is_sent_is_received() {
	let outcome = run(Plan {
		slots: 12,
		peers: 6,
		..Plan::new(21)
	});
	let sum = |of: fn(&crate::network::Traffic) -> u64| outcome.traffic.iter().map(of).sum::<u64>();
	assert_eq!(sum(|t| t.sent), sum(|t| t.received));
	assert!(sum(|t| t.blocks) > 0 && sum(|t| t.blocks) < sum(|t| t.sent));
}

#[test]
fn nobody_competes_with_a_director_who_is_there_and_a_missing_one_costs_two_slots_a_turn() {
	let plan = Plan {
		offline: 6,
		slots: 252,
		..Plan::new(21)
	};
	let outcome = run(plan);
	assert_eq!(outcome.orphans, 0);
	// Every director has one turn. Two slots are empty of a missing one's, and all twelve where its standby is missing
	// as well.
	let empty = outcome.slots - outcome.final_blocks as u64;
	assert!((12..=72).contains(&empty), "{empty} slots are empty");
}
