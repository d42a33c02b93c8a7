//! Networks whose edges meet what only edges see: more blocks and votes than there is room for, clocks that are set,
//! disks that are lost, and files that are not the newest.

use crate::{
	mutants::NoLookIntoCertificates,
	networks::faults::{all_well, failures},
	sim::{Behaviour, ClockStep, PassesOn, Plan, SLOT_MS},
};
use smartchain_bft::Protocol;

/// A good network with one Byzantine voter of four.
fn against(seed: u64, behaviour: Behaviour) -> Plan {
	Plan {
		// Every director has had a turn by then, and after it there is another for the others.
		settled_ms: 30_000,
		..Plan::calm(4, seed).with_byzantine(|| behaviour)
	}
}

/// More seals than the tree has places for, none of them refused by the database: the chain that goes on from the one
/// that came last is taken in all the same.
#[test]
fn siblings_beyond_what_a_tree_keeps() {
	for seals in [33, 300] {
		all_well(40, |seed| {
			against(
				seed,
				Behaviour {
					siblings: seals,
					..Behaviour::SIBLINGS
				},
			)
		});
	}
}

/// A database has 32 places a height. An edge that imports what it is sent fills them; one that imports two of an
/// author and slot, and more only if others build on them, does not.
#[test]
fn siblings_beyond_what_a_database_takes() {
	let plan = |seed, unasked_blocks| Plan {
		places_a_height: Some(32),
		unasked_blocks,
		..against(seed, Behaviour::SIBLINGS)
	};
	all_well(40, |seed| plan(seed, Some(2)));
	let (breaches, stalls) = failures::<Protocol>(40, |seed| plan(seed, None));
	println!("{stalls} of 40 runs stall without that limit");
	assert!(breaches == 0 && stalls > 0);
}

/// A voter that invents blocks to vote for, others for each node. If every vote is passed on, honest ones drown.
#[test]
fn votes_without_end() {
	let plan = |seed, passes_on| Plan {
		passes_on,
		settled_ms: 3_000,
		..against(seed, Behaviour::INVENTS)
	};
	all_well(10, |seed| plan(seed, PassesOn::Wanted));
	let (breaches, stalls) = failures::<Protocol>(3, |seed| plan(seed, PassesOn::Everything));
	println!("{stalls} of 3 runs stall if everything is passed on");
	assert!(breaches == 0 && stalls > 0);
}

/// An old copy of a voter's disk takes the place of the newest, while its peers have what it signed since: it casts
/// nothing. (Without it nothing becomes final here: the fourth is silent.)
fn restored(seed: u64) -> Plan {
	Plan {
		restores: true,
		listens: true,
		settled_ms: 30_000,
		..against(seed, Behaviour::SILENT)
	}
}

#[test]
fn an_old_file_is_noticed_before_anything_is_cast() {
	let (breaches, stalls) = failures::<Protocol>(200, restored);
	assert_eq!((breaches, stalls), (0, 200));
}

/// The same when the copy is of a set that has ended since: what the next one signed is heard before anything is cast
/// in it.
#[test]
fn an_old_file_of_an_earlier_set_is_noticed() {
	let plan = |seed| Plan {
		change_percent: 10,
		..restored(seed)
	};
	assert_eq!(failures::<Protocol>(200, plan).0, 0);
	let (breaches, _) = failures::<Protocol>(200, |seed| Plan {
		listens_again: false,
		..plan(seed)
	});
	println!("{breaches} of 200 runs vote by the old file without listening again");
	assert!(breaches > 0);
}

#[test]
fn without_a_look_into_certificates_an_old_file_is_used() {
	let (breaches, _) = failures::<NoLookIntoCertificates>(50, restored);
	println!("{breaches} of 50 runs vote by the old file");
	assert!(breaches > 0);
}

#[test]
fn without_listening_first_an_old_file_is_used() {
	let (breaches, _) = failures::<Protocol>(50, |seed| Plan {
		listens: false,
		..restored(seed)
	});
	println!("{breaches} of 50 runs vote by the old file");
	assert!(breaches > 0);
}

/// Machines that lose their disks, with all that could go wrong besides.
fn wiped(plan: Plan, most: usize) -> Plan {
	Plan {
		wipe_percent: 50,
		most_wiped: most,
		crash_percent: 10,
		..plan
	}
}

/// One may lose what it had at any time: the others make blocks final, and it goes on from there.
#[test]
fn a_voter_that_lost_its_file_votes_again() {
	all_well(1_000, |seed| wiped(Plan::faulty(4, seed), 1));
	all_well(100, |seed| wiped(Plan::faulty(7, seed), 2));
}

/// However many lose it, beside a Byzantine voter, nothing that is wrong becomes final. (If it is more than a third,
/// nothing does.)
#[test]
fn voters_that_lost_their_files_are_safe() {
	let plan = |seed| wiped(Plan::against(4, seed, Behaviour::ALL), 3);
	let (breaches, stalls) = failures::<Protocol>(2_000, plan);
	println!("{stalls} of 2000 runs stall");
	assert_eq!(breaches, 0);
	let (breaches, _) = failures::<Protocol>(100, |seed| wiped(Plan::hostile(7, seed).changing(), 3));
	assert_eq!(breaches, 0);
}

#[test]
fn without_a_horizon_voters_that_lost_their_files_vote_twice() {
	let (breaches, _) = failures::<Protocol>(500, |seed| Plan {
		horizons: false,
		..wiped(Plan::against(4, seed, Behaviour::ALL), 3)
	});
	println!("{breaches} of 500 runs are unsafe");
	assert!(breaches > 0);
}

const HOUR_MS: i64 = 3_600_000;
const YEAR_MS: i64 = 365 * 24 * HOUR_MS;

/// Somebody sets a clock, or all of them.
fn set(plan: Plan, node: Option<usize>, by_ms: i64, for_ms: Option<u64>) -> Plan {
	Plan {
		clocks: vec![ClockStep {
			node,
			at_ms: 6_000 + plan.seed % 13 * 250,
			by_ms,
			for_ms,
		}],
		settled_ms: 12_000,
		listens: true,
		..plan
	}
}

#[test]
fn a_clock_that_is_wrong_for_a_while() {
	for by_ms in [HOUR_MS, -HOUR_MS, YEAR_MS, -YEAR_MS] {
		for for_ms in [SLOT_MS, 4 * SLOT_MS, 5_500] {
			all_well(20, |seed| set(Plan::calm(4, seed), Some(1), by_ms, Some(for_ms)));
			// One voter less is borne as well as long as the others are all there.
			all_well(20, |seed| set(Plan::calm(7, seed), Some(1), by_ms, Some(for_ms)));
		}
	}
}

/// All clocks at once, as by a time server: for less than it takes to ask the others, or forward for good.
#[test]
fn all_clocks_at_once() {
	for by_ms in [HOUR_MS, -HOUR_MS, YEAR_MS, -YEAR_MS] {
		all_well(40, |seed| set(Plan::calm(4, seed), None, by_ms, Some(900)));
	}
	for by_ms in [HOUR_MS, YEAR_MS] {
		all_well(40, |seed| set(Plan::calm(4, seed), None, by_ms, None));
	}
}

/// A node whose clock is ahead for good follows the others and is silent.
#[test]
fn a_clock_ahead_for_good() {
	for by_ms in [HOUR_MS, YEAR_MS] {
		all_well(40, |seed| set(Plan::calm(4, seed), Some(1), by_ms, None));
	}
}

/// An hour ahead for a moment, and all have voted there: until that hour has come nobody may vote again.
#[test]
fn without_doubt_a_moment_costs_as_much_as_the_clocks_were_wrong() {
	let (breaches, stalls) = failures::<Protocol>(40, |seed| Plan {
		doubts: false,
		..set(Plan::calm(4, seed), None, HOUR_MS, Some(900))
	});
	println!("{stalls} of 40 runs stall");
	assert!(breaches == 0 && stalls > 0);
}
