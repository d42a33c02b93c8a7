//! When a voter casts nothing, and what it does when it may again; what it makes of its own signatures; what it casts
//! twice.

use crate::{
	mutants::{CommitsBelowLock, ForgetsPrevotes},
	workbench::{block, cast, certificate, config, signed, votes, Bench, ROOT},
};
use smartchain_bft::{
	core::LISTEN_MS,
	Action, BlockRef, Certificate, Config, Core, Event, Now,
	Phase::{self, Commit, Prevote},
	Reason, Rules, VoterState,
};

const A: BlockRef<u64> = BlockRef {
	slot: 11,
	number: 1,
	hash: 1100,
};
const B: BlockRef<u64> = BlockRef {
	slot: 12,
	number: 2,
	hash: 1200,
};
const C: BlockRef<u64> = BlockRef {
	slot: 13,
	number: 3,
	hash: 1300,
};

/// A certificate that holds the signature of voter 0.
fn with_own(phase: Phase, block: BlockRef<u64>) -> Certificate<u64, u8> {
	Certificate {
		signatures: (0..3).map(|v| (v, v as u8)).collect(),
		..certificate(4, phase, block)
	}
}

fn forgetful(horizon: u64) -> Bench {
	Bench::of(Config {
		silent_until: Some(horizon),
		..config(4, VoterState::forgetful(ROOT, horizon))
	})
}

#[test]
fn a_voter_that_forgets_waits_for_a_final_block_above_the_horizon() {
	let mut bench = forgetful(11);
	bench.step(Event::InSync(true));
	assert_eq!(cast(&bench.import(A, ROOT)), []);
	assert_eq!(cast(&bench.import(B, A)), []);
	assert_eq!(bench.core.why_not_voting(), Some(Reason::Forgotten { horizon: 11 }));
	bench.certificate(4, Commit, A);
	assert_eq!(bench.core.silent_until(), Some(11), "at the horizon it may have signed");
	assert_eq!(cast(&bench.certificate(4, Prevote, B)), []);
	bench.step(Event::InSync(false));
	bench.certificate(4, Commit, B);
	assert_eq!(cast(&bench.import(C, B)), [], "and the node has to be in sync");
	let actions = bench.step(Event::InSync(true));
	assert_eq!(cast(&actions), [(Prevote, C)]);
	assert_eq!((bench.core.silent_until(), bench.core.why_not_voting()), (None, None));
	assert_eq!(
		bench.core.state(),
		VoterState {
			last_prevote: C,
			other_branch_slot: 11,
			lock: ROOT
		},
		"what is forgotten counts as another branch, also after a restart"
	);
	bench.step(Event::InSync(false));
	assert_eq!(cast(&bench.certificate(4, Prevote, C)), [(Commit, C)], "it was so once");
}

/// Whatever state the edge hands over, up to the horizon nothing is cast.
#[test]
fn a_state_is_made_to_forget() {
	let bench = Bench::of(Config {
		silent_until: Some(40),
		..config(4, VoterState::fresh(ROOT))
	});
	assert_eq!(bench.core.state(), VoterState::forgetful(ROOT, 40));
	let later = VoterState {
		last_prevote: block(50, 9, 0),
		..VoterState::fresh(ROOT)
	};
	let expected = VoterState {
		other_branch_slot: 40,
		..later
	};
	assert_eq!(later.forgetting(40), expected, "what was voted since stays");
}

/// What the key signed before it forgot is no news, now or after a restart; what it signs elsewhere since is.
#[test]
fn own_votes_of_below_the_horizon_accuse_nobody() {
	let after = VoterState {
		last_prevote: block(50, 9, 0),
		other_branch_slot: 40,
		lock: ROOT,
	};
	for (state, silent_until) in [
		(VoterState::forgetful(ROOT, 40), Some(40)),
		(VoterState::forgetful(ROOT, 40), None),
		(after, None),
	] {
		let new = || {
			Bench::of(Config {
				silent_until,
				..config(4, state)
			})
		};
		let mut bench = new();
		for (phase, slot) in [(Prevote, 20), (Commit, 20), (Prevote, 40), (Commit, 40)] {
			assert_eq!(bench.vote(0, phase, block(slot, 5, 0)), []);
		}
		bench.step(Event::Certificate(with_own(Commit, block(30, 6, 0))));
		assert_ne!(bench.core.why_not_voting(), Some(Reason::SignedElsewhere));
		for (phase, slot) in [(Prevote, 51), (Commit, 41)] {
			let mut bench = new();
			assert_eq!(bench.vote(0, phase, block(slot, 9, 5)).len(), 1);
			assert_eq!(bench.core.why_not_voting(), Some(Reason::SignedElsewhere));
		}
	}
}

#[test]
fn a_voter_that_starts_listens_first() {
	let mut bench = Bench::of(Config {
		listen_ms: LISTEN_MS,
		..config(4, VoterState::fresh(ROOT))
	});
	assert_eq!(cast(&bench.import(A, ROOT)), []);
	assert_eq!(cast(&bench.tick(10 * LISTEN_MS)), [], "nobody is there");
	bench.step(Event::Connected);
	assert_eq!(cast(&bench.certificate(4, Prevote, A)), []);
	assert_eq!(bench.core.why_not_voting(), Some(Reason::Listening));
	assert_eq!(cast(&bench.tick(LISTEN_MS - 1)), []);
	assert_eq!(
		cast(&bench.tick(1)),
		[(Commit, A)],
		"and looks again at what it passed over"
	);
	assert_eq!(cast(&bench.import(B, A)), [(Prevote, B)]);
	// A peer that votes is there, whether the edge said so or not.
	let mut bench = Bench::of(Config {
		listen_ms: LISTEN_MS,
		..config(4, VoterState::fresh(ROOT))
	});
	bench.import(A, ROOT);
	bench.tick(5 * LISTEN_MS);
	bench.vote(1, Prevote, A);
	assert_eq!(
		bench.core.next_listens_ms(),
		LISTEN_MS,
		"the next set's core would have to, too"
	);
	assert_eq!(cast(&bench.tick(LISTEN_MS)), [(Prevote, A)]);
	assert_eq!(
		bench.core.next_listens_ms(),
		0,
		"it has voted, and its file is the newest"
	);
	let mut bench = Bench::new(4);
	assert_eq!(
		bench.core.next_listens_ms(),
		LISTEN_MS,
		"nor has one that has cast nothing yet"
	);
	bench.import(A, ROOT);
	assert_eq!(bench.core.next_listens_ms(), 0);
	// The only voter has nobody to listen to.
	let mut alone = Bench::of(Config {
		listen_ms: LISTEN_MS,
		..config(1, VoterState::fresh(ROOT))
	});
	assert_eq!(cast(&alone.import(A, ROOT)), [(Prevote, A), (Commit, A)]);
}

#[test]
fn an_old_file_shows_by_certificates() {
	let state = VoterState {
		last_prevote: A,
		other_branch_slot: 0,
		lock: ROOT,
	};
	for (phase, on) in [(Prevote, B), (Commit, A), (Commit, C)] {
		let mut bench = Bench::of(Config {
			listen_ms: LISTEN_MS,
			..config(4, state)
		});
		bench.step(Event::Connected);
		let proof = with_own(phase, on);
		assert_eq!(bench.core.wants_certificate(&proof.vote, true), Ok(()));
		let actions = bench.step(Event::Certificate(proof.clone()));
		assert_eq!(
			actions.first(),
			Some(&Action::SignedElsewhere(signed(0, phase, on))),
			"{actions:?}"
		);
		assert_eq!(bench.core.why_not_voting(), Some(Reason::SignedElsewhere));
		assert!(
			bench
				.step(Event::Certificate(proof))
				.iter()
				.all(|a| !matches!(a, Action::SignedElsewhere(_))),
			"said once"
		);
		bench.import(A, ROOT);
		assert_eq!(cast(&bench.tick(2 * LISTEN_MS)), []);
	}
	// What the file knows, and what is older than it remembers, is its own.
	let mut bench = Bench::of(config(
		4,
		VoterState {
			last_prevote: B,
			lock: A,
			..state
		},
	));
	for (phase, on) in [(Prevote, A), (Commit, A), (Prevote, B)] {
		bench.step(Event::Certificate(with_own(phase, on)));
		assert_ne!(bench.core.why_not_voting(), Some(Reason::SignedElsewhere));
	}
}

/// Even a certificate of what is final already is looked at, if it has the own signature and should not.
#[test]
fn an_old_file_shows_by_the_proof_of_what_is_final() {
	let mut bench = Bench::new(4);
	bench.core.step(bench.now, Event::ClockDoubt(true));
	bench.import(A, ROOT);
	bench.certificate(4, Commit, A);
	let proof = with_own(Commit, A);
	assert_eq!(bench.core.wants_certificate(&proof.vote, true), Ok(()));
	assert!(bench.core.wants_certificate(&proof.vote, false).is_err());
	let actions = bench.step(Event::Certificate(proof));
	assert_eq!(actions, [Action::SignedElsewhere(signed(0, Commit, A))]);
}

#[test]
fn while_the_clock_is_doubted_nothing_is_cast() {
	let mut bench = Bench::new(4);
	bench.step(Event::ClockDoubt(true));
	assert_eq!(cast(&bench.import(A, ROOT)), []);
	assert_eq!(cast(&bench.certificate(4, Prevote, A)), []);
	bench.import(B, A);
	assert_eq!(bench.core.why_not_voting(), Some(Reason::ClockDoubted));
	let before = bench.core.state();
	assert_eq!(before, VoterState::fresh(ROOT));
	let actions = bench.step(Event::ClockDoubt(false));
	assert_eq!(cast(&actions), [(Commit, A), (Prevote, B)]);
	assert_eq!(
		actions.iter().filter(|a| !votes(a).is_empty()).count(),
		1,
		"in one batch"
	);
	// What is beside the last prevote may not be committed any more, and the highest that may be is.
	let (a, b) = (block(20, 3, 0), block(21, 3, 1));
	let mut bench = Bench::new(4);
	for (block, parent) in [(A, ROOT), (B, A), (b, B), (a, B)] {
		bench.import(block, parent);
	}
	assert_eq!(
		(bench.core.state().last_prevote, bench.core.state().other_branch_slot),
		(b, 0)
	);
	bench.step(Event::ClockDoubt(true));
	for certified in [A, B, a] {
		bench.certificate(4, Prevote, certified);
	}
	assert_eq!(cast(&bench.step(Event::ClockDoubt(false))), [(Commit, B)]);
}

/// The lock that a silent voter brought along is cast anew when it may speak, as it would have been with its block.
#[test]
fn the_last_votes_are_cast_anew_after_a_silence() {
	let state = VoterState {
		last_prevote: B,
		other_branch_slot: 0,
		lock: A,
	};
	let mut bench = Bench::of(Config {
		listen_ms: LISTEN_MS,
		..config(4, state)
	});
	bench.step(Event::Connected);
	bench.import(A, ROOT);
	assert_eq!(cast(&bench.import(B, A)), []);
	assert_eq!(cast(&bench.tick(LISTEN_MS)), [(Prevote, B), (Commit, A)]);
	assert_eq!(bench.core.state(), state);
}

#[test]
fn what_was_not_signed_is_cast_again() {
	let mut bench = Bench::new(4);
	bench.feeds_back = false;
	assert_eq!(cast(&bench.import(A, ROOT)), [(Prevote, A)]);
	assert_eq!(cast(&bench.certificate(4, Prevote, A)), [(Commit, A)]);
	assert_eq!(cast(&bench.tick(999)), []);
	let again = bench.tick(1);
	assert_eq!(cast(&again), [(Prevote, A), (Commit, A)]);
	assert!(matches!(again.first(), Some(Action::Cast { state, .. }) if *state == bench.core.state()));
	bench.feeds_back = true;
	assert_eq!(cast(&bench.tick(1_000)), [(Prevote, A), (Commit, A)]);
	assert_eq!(cast(&bench.tick(1_000)), [], "it came back");
}

/// Votes of slots to come that a wrong clock let in, as many as there are places for, keep nothing out once it is
/// right.
#[test]
fn a_clock_that_was_ahead_leaves_no_votes_behind() {
	let mut bench = Bench::new(4);
	bench.now.slot = 1_000_000;
	for slot in 0..2_000 {
		bench.vote(3, Prevote, block(500_000 + slot, 9, 0));
	}
	bench.now.slot = 11;
	assert_eq!(cast(&bench.import(A, ROOT)), [(Prevote, A)]);
	bench.vote(1, Prevote, A);
	assert_eq!(cast(&bench.vote(2, Prevote, A)), [(Commit, A)]);
	assert_eq!(bench.core.check(), Ok(()));
}

/// Feeds back what is cast, until nothing follows.
fn run<R: Rules>(core: &mut Core<u64, u8, R>, event: Event<u64, u8>) -> usize {
	let mut events = vec![event];
	let mut count = 0;
	while let Some(event) = events.pop() {
		for action in core.step(Now { ms: 0, slot: 1_000 }, event) {
			count += votes(&action).len();
			events.extend(
				votes(&action)
					.iter()
					.map(|vote| Event::Vote(signed(0, vote.phase, vote.block))),
			);
		}
	}
	count
}

fn imported(block: BlockRef<u64>, parent: BlockRef<u64>) -> Event<u64, u8> {
	Event::Imported(smartchain_bft::Block {
		block,
		parent: parent.hash,
		primary: true,
		ends_set: false,
	})
}

/// Rules that are wrong make a state that contradicts itself: the voter falls silent rather than sign by it.
#[test]
fn a_voter_that_contradicts_itself_falls_silent() {
	let mut core = Core::<u64, u8, ForgetsPrevotes>::with_rules(config(4, VoterState::fresh(ROOT)));
	assert_eq!(run(&mut core, imported(A, ROOT)), 0);
	assert_eq!(core.why_not_voting(), Some(Reason::Inconsistent));
	assert_eq!((core.state(), core.check()), (VoterState::fresh(ROOT), Ok(())));

	let mut core = Core::<u64, u8, CommitsBelowLock>::with_rules(config(4, VoterState::fresh(ROOT)));
	for event in [imported(A, ROOT), imported(B, A)] {
		assert_eq!(run(&mut core, event), 1);
	}
	assert_eq!(run(&mut core, Event::Certificate(certificate(4, Prevote, B))), 1);
	let state = core.state();
	assert_eq!(
		run(&mut core, Event::Certificate(certificate(4, Prevote, A))),
		0,
		"below its lock"
	);
	assert_eq!(core.why_not_voting(), Some(Reason::Inconsistent));
	assert_eq!(
		(core.state(), core.check()),
		(state, Ok(())),
		"the state is the one that was handed out"
	);
	assert_eq!(run(&mut core, imported(C, B)), 0);
}
