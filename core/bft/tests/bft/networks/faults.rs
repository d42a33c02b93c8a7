//! Whole networks: safe whatever happens, live once it stops happening.

use crate::{
	mutants::NoLastPrevote,
	sim::{run, Behaviour, Failure, Outcome, Plan, Resends, World},
};
use smartchain_bft::{Protocol, Rules};
use smartchain_rng::{runs, seeds};

/// Runs each seed's plan; any failure fails the test.
pub fn all_well(count: u64, plan: impl Fn(u64) -> Plan) -> Vec<Outcome> {
	seeds(count * runs())
		.map(|seed| match run(plan(seed)) {
			Ok(outcome) => outcome,
			Err(Failure::Unsafe(what) | Failure::Stalled(what)) => panic!("{what}"),
		})
		.collect()
}

/// How many runs were unsafe, and how many stalled.
pub fn failures<R: Rules>(count: u64, plan: impl Fn(u64) -> Plan) -> (usize, usize) {
	let ends: Vec<_> = seeds(count).map(|seed| World::<R>::new(plan(seed)).run()).collect();
	let breaches = ends.iter().filter(|e| matches!(e, Err(Failure::Unsafe(_)))).count();
	let stalls = ends.iter().filter(|e| matches!(e, Err(Failure::Stalled(_)))).count();
	(breaches, stalls)
}

#[test]
fn faulty_networks_of_4() {
	all_well(10_000, |seed| Plan::faulty(4, seed));
}

#[test]
fn hostile_networks_of_4() {
	all_well(10_000, |seed| Plan::hostile(4, seed));
}

#[test]
fn faulty_networks_of_7() {
	all_well(1_500, |seed| Plan::faulty(7, seed));
}

#[test]
fn hostile_networks_of_7() {
	all_well(1_500, |seed| Plan::hostile(7, seed));
}

#[test]
fn faulty_networks_of_21() {
	all_well(80, |seed| Plan::faulty(21, seed));
}

#[test]
fn hostile_networks_of_21() {
	all_well(80, |seed| Plan::hostile(21, seed));
}

/// Every size in between works too; one voter alone is a development chain.
#[test]
fn networks_of_all_small_sizes() {
	for voters in 1..=13 {
		all_well(30, |seed| Plan::hostile(voters, seed));
	}
}

/// Finality is back soon: the bound leaves room for a few seeds that are worse than these, no more.
#[test]
fn finality_is_back_in_seconds() {
	let mut recoveries: Vec<_> = all_well(2000, |seed| Plan::hostile(4, seed))
		.iter()
		.map(|o| o.recovery_ms)
		.collect();
	recoveries.sort_unstable();
	let (median, last) = (recoveries[recoveries.len() / 2], recoveries[recoveries.len() - 1]);
	println!("median {median} ms, longest {last} ms");
	assert!(median <= 2_000 && last <= 12_000);
}

/// A block is final three message delays after it was sent: the block, the prevotes, the Commits. That holds for every
/// block of a good network, and so it is final before the next one is made.
#[test]
fn blocks_are_final_in_three_delays() {
	for voters in [4, 7, 21] {
		for outcome in all_well(3, |seed| Plan {
			latency_ms: (50, 50),
			settled_ms: 20_000,
			..Plan::calm(voters, seed)
		}) {
			// Then the network settles for another latency.
			let before = outcome.latencies_ms.get(..39).expect("a block a slot");
			assert!(before.iter().all(|ms| *ms == 150), "{before:?}");
		}
	}
}

/// With a third of the voters silent, one director's turn after the other is taken over by a standby, and all becomes
/// final. One set after the other, in networks as bad as any: whoever is behind learns of each change, nothing is final
/// twice.
#[test]
fn faulty_networks_whose_voters_change() {
	let changes = |outcomes: Vec<Outcome>| outcomes.iter().map(|o| o.changes).sum::<u64>();
	let of_4 = changes(all_well(3_000, |seed| Plan::faulty(4, seed).changing()));
	let of_7 = changes(all_well(500, |seed| Plan::faulty(7, seed).changing()));
	println!("{of_4} and {of_7} changes became final");
	assert!(
		of_4 > 4_000 && of_7 > 600,
		"{of_4} and {of_7} changes: too few to tell anything"
	);
}

#[test]
fn hostile_networks_whose_voters_change() {
	all_well(3_000, |seed| Plan::hostile(4, seed).changing());
	all_well(500, |seed| Plan::hostile(7, seed).changing());
}

#[test]
fn everything_at_once_while_voters_change() {
	all_well(1_000, |seed| Plan::against(4, seed, Behaviour::ALL).changing());
}

#[test]
fn silent_voters() {
	all_well(500, |seed| Plan::against(4, seed, Behaviour::SILENT));
	all_well(100, |seed| Plan::against(7, seed, Behaviour::SILENT));
}

#[test]
fn twins() {
	let twins = Behaviour {
		twins: true,
		..Behaviour::SILENT
	};
	all_well(1000, |seed| Plan::against(4, seed, twins));
	all_well(200, |seed| Plan::against(7, seed, twins));
}

#[test]
fn an_equivocating_director() {
	all_well(1000, |seed| {
		Plan::against(
			4,
			seed,
			Behaviour {
				equivocating_director: true,
				..Behaviour::SILENT
			},
		)
	});
}

#[test]
fn a_voter_that_votes_for_all() {
	let votes = Behaviour {
		votes_for_all: true,
		equivocating_director: true,
		..Behaviour::SILENT
	};
	all_well(1000, |seed| Plan::against(4, seed, votes));
}

#[test]
fn split_votes() {
	let split = Behaviour {
		votes_for_all: true,
		split_votes: true,
		equivocating_director: true,
		..Behaviour::SILENT
	};
	all_well(1000, |seed| Plan::against(4, seed, split));
}

#[test]
fn withheld_votes() {
	let late = Behaviour {
		votes_for_all: true,
		withheld_votes: true,
		equivocating_director: true,
		..Behaviour::SILENT
	};
	all_well(1000, |seed| Plan::against(4, seed, late));
}

#[test]
fn certificates_shown_late() {
	let hides = Behaviour {
		hidden_certificates: true,
		equivocating_director: true,
		..Behaviour::SILENT
	};
	all_well(1000, |seed| Plan::against(4, seed, hides));
	all_well(200, |seed| Plan::against(7, seed, hides));
}

#[test]
fn blocks_of_slots_to_come() {
	all_well(1000, |seed| {
		Plan::against(
			4,
			seed,
			Behaviour {
				future_slots: true,
				votes_for_all: true,
				..Behaviour::SILENT
			},
		)
	});
}

#[test]
fn old_votes_again() {
	all_well(1000, |seed| {
		Plan::against(
			4,
			seed,
			Behaviour {
				replays: true,
				..Behaviour::SILENT
			},
		)
	});
}

#[test]
fn forged_and_doubled_signers() {
	all_well(1000, |seed| {
		Plan::against(
			4,
			seed,
			Behaviour {
				forges: true,
				..Behaviour::SILENT
			},
		)
	});
}

#[test]
fn everything_at_once() {
	all_well(1000, |seed| Plan::against(4, seed, Behaviour::ALL));
	all_well(200, |seed| Plan::against(7, seed, Behaviour::ALL));
}

/// The protocol bears less than a third. With two of four Byzantine the judge must find conflicting final blocks: it
/// can.
#[test]
fn half_the_voters_byzantine_breaks_it() {
	let plan = |seed| {
		let mut plan = Plan::against(4, seed, Behaviour::ALL);
		let other = (0..4).find(|v| plan.byzantine.iter().all(|(b, _)| b != v));
		plan.byzantine.extend(other.map(|v| (v, Behaviour::ALL)));
		plan
	};
	assert!(failures::<Protocol>(200, plan).0 > 0);
}

/// Nothing that was sent before has arrived, and nothing new is made: what is sent again has to do it all.
fn all_lost(seed: u64, resends: Resends) -> Plan {
	Plan {
		loss_percent: 100,
		settled_ms: 400,
		rests: true,
		resends,
		..Plan::calm(4, seed)
	}
}

/// The same, but that the blocks have arrived.
fn votes_lost(seed: u64, resends: Resends) -> Plan {
	Plan {
		loss_percent: 0,
		vote_loss_percent: 100,
		..all_lost(seed, resends)
	}
}

const ALL: Resends = Resends {
	blocks: true,
	votes: true,
	certificates: true,
};

#[test]
fn the_last_block_becomes_final_by_what_is_sent_again() {
	all_well(100, |seed| all_lost(seed, ALL));
	all_well(100, |seed| votes_lost(seed, ALL));
}

#[test]
fn without_sending_blocks_again_it_stalls() {
	let none = Resends { blocks: false, ..ALL };
	assert_eq!(failures::<Protocol>(20, |seed| all_lost(seed, none)), (0, 20));
}

#[test]
fn without_sending_votes_again_it_stalls() {
	let none = Resends { votes: false, ..ALL };
	assert_eq!(failures::<Protocol>(20, |seed| votes_lost(seed, none)), (0, 20));
}

/// While new blocks and votes come, they carry much of what old ones would; certificates nobody makes again.
#[test]
fn without_sending_certificates_again_it_stalls() {
	for resends in [
		Resends {
			certificates: false,
			..ALL
		},
		Resends {
			blocks: false,
			votes: false,
			certificates: false,
		},
	] {
		let (breaches, stalls) = failures::<Protocol>(2_000, |seed| Plan {
			resends,
			gossip_certificates: false,
			..Plan::faulty(7, seed)
		});
		println!("{resends:?}: {stalls} of 2000 runs stall");
		assert!(breaches == 0 && stalls > 0);
	}
}

/// Why the edge keeps the block of the lock, with its certificate, as safe as the lock: when all machines fail at once
/// and lose it, everybody waits for a block that is nowhere. That is no danger to safety, but for good.
#[test]
fn without_keeping_the_locked_block_a_blackout_stalls_it() {
	let (breaches, stalls) = failures::<Protocol>(500, |seed| Plan {
		keeps_lock: false,
		blackout_percent: 4,
		..Plan::faulty(4, seed)
	});
	println!("{stalls} of 500 runs stall");
	assert!(breaches == 0 && stalls > 0);
}

/// All have voted in the next set, all fall, and nobody can show that the last one has ended.
#[test]
fn without_keeping_the_proof_of_a_change_a_blackout_stalls_it() {
	let (breaches, stalls) = failures::<Protocol>(500, |seed| Plan {
		blackout_percent: 10,
		keeps_ends: false,
		..Plan::faulty(4, seed).changing()
	});
	println!("{stalls} of 500 runs stall");
	assert!(breaches == 0 && stalls > 0, "{breaches} breaches, {stalls} stalls");
}

#[test]
fn without_writing_the_state_first_a_voter_votes_twice() {
	let (breaches, _) = failures::<Protocol>(500, |seed| Plan {
		writes_first: false,
		crash_percent: 20,
		..Plan::faulty(4, seed)
	});
	assert!(breaches > 0);
}

/// The fork choice leads voters to where the locks are, so that a missing rule seldom shows in a network: the model and
/// the runs over any leaf are the proof. One does show, which says that the whole of core, edge and judge can fail.
#[test]
fn without_the_last_prevotes_place_networks_break() {
	let (breaches, _) = failures::<NoLastPrevote>(1000, |seed| Plan::against(4, seed, Behaviour::ALL));
	println!("{breaches} of 1000 runs are unsafe");
	assert!(breaches > 0);
}
