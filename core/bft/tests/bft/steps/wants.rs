//! What the core has a use for, by what it says alone.

use crate::workbench::{block, certificate, config, signed, vote, Bench, ROOT, SET};
use smartchain_bft::{
	Config, Event,
	Phase::{Commit, Prevote},
	Reason, Refused, Vote, VoterState, Want,
};

#[test]
fn two_votes_of_a_voter_slot_phase_and_flag_are_wanted() {
	let mut bench = Bench::of(Config {
		relaxed_quorum: Some(4),
		..config(7, VoterState::fresh(ROOT))
	});
	bench.core.stop_voting(Reason::Told);
	let (a, b, c) = (block(11, 1, 0), block(11, 1, 1), block(11, 1, 2));
	let wants = |bench: &Bench, voter, block| bench.core.wants_vote(voter, &vote(Prevote, block));
	assert_eq!(wants(&bench, 3, a), Want::New);
	bench.vote(3, Prevote, a);
	assert_eq!((wants(&bench, 3, a), wants(&bench, 3, b)), (Want::Known, Want::Proof));
	bench.vote(3, Prevote, b);
	assert_eq!(wants(&bench, 3, b), Want::Known);
	for name in 2..300 {
		assert_eq!(wants(&bench, 3, block(11, 1, name)), Want::Full, "whatever it invents");
	}
	// Another phase, flag, slot and voter each count for themselves.
	assert_eq!(bench.core.wants_vote(3, &vote(Commit, c)), Want::New);
	let relaxed = Vote {
		relaxed: true,
		..vote(Prevote, c)
	};
	assert_eq!(bench.core.wants_vote(3, &relaxed), Want::New);
	assert_eq!(wants(&bench, 3, block(12, 1, 0)), Want::New);
	assert_eq!(wants(&bench, 4, c), Want::New);
	assert_eq!(wants(&bench, 7, a), Want::Full, "the set has no such voter");
}

#[test]
fn what_the_core_would_refuse_for_want_of_place_is_not_wanted() {
	let mut bench = Bench::new(4);
	bench.core.stop_voting(Reason::Told);
	bench.now.slot = 10_000;
	for slot in 0..1_024 {
		bench.vote(3, Prevote, block(100 + slot, 1, 0));
	}
	let old = vote(Prevote, block(99, 1, 0));
	assert_eq!(bench.core.wants_vote(2, &old), Want::Full);
	let new = vote(Prevote, block(5_000, 1, 0));
	assert_eq!(bench.core.wants_vote(2, &new), Want::New);
}

/// Peers have got a quorum of them by this node; those that came as a certificate it passed on to nobody.
#[test]
fn a_quorum_of_votes_is_enough_to_pass_on() {
	let mut bench = Bench::new(4);
	bench.core.stop_voting(Reason::Told);
	let (a, b) = (block(11, 1, 0), block(12, 2, 0));
	bench.import(a, ROOT);
	bench.certificate(4, Prevote, b);
	assert!(bench.core.is_certified(Prevote, &b) && !bench.core.has_quorum(&vote(Prevote, b)));
	for voter in 0..3 {
		assert!(!bench.core.is_certified(Prevote, &a));
		assert!(!bench.core.has_quorum(&vote(Prevote, a)));
		bench.vote(voter, Prevote, a);
	}
	assert!(bench.core.has_quorum(&vote(Prevote, a)) && bench.core.is_certified(Prevote, &a));
	assert!(!bench.core.is_certified(Commit, &a) && !bench.core.has_quorum(&vote(Commit, a)));
	bench.certificate(4, Commit, b);
	assert!(bench.core.is_certified(Commit, &b), "it waits for its block");
	bench.certificate(4, Commit, a);
	assert!(bench.core.is_certified(Commit, &a), "it is final");
}

/// What is wanted changes something, and what is not would be refused: the question and the answer agree.
#[test]
fn certificates_are_asked_for_news_before_they_are_verified() {
	let mut bench = Bench::new(4);
	bench.core.stop_voting(Reason::Told);
	let (a, b, c) = (block(11, 1, 0), block(12, 2, 0), block(13, 3, 0));
	bench.import(a, ROOT);
	let mut of_other_set = certificate(4, Prevote, a);
	of_other_set.vote.set_id = SET + 1;
	let mut relaxed = certificate(4, Prevote, a);
	relaxed.vote.relaxed = true;
	let mut lie = certificate(4, Prevote, a);
	lie.vote.block.number = 9;
	let cases = [
		(certificate(4, Prevote, a), Ok(())),
		(certificate(4, Prevote, a), Err(Refused::Duplicate)),
		(certificate(4, Prevote, ROOT), Err(Refused::Stale)),
		(certificate(4, Commit, c), Ok(())),
		(certificate(4, Commit, c), Err(Refused::Duplicate)),
		(certificate(4, Commit, b), Err(Refused::Stale)),
		(certificate(4, Commit, a), Ok(())),
		(certificate(4, Commit, a), Err(Refused::Stale)),
		(certificate(4, Prevote, a), Err(Refused::Stale)),
		(of_other_set, Err(Refused::OtherSet)),
		(relaxed, Err(Refused::Relaxed)),
		(lie, Err(Refused::Malformed)),
	];
	for (proof, expected) in cases {
		assert_eq!(bench.core.wants_certificate(&proof.vote, false), expected, "{proof:?}");
		let count = |bench: &Bench| bench.core.refusals().iter().map(|(_, n)| n).sum::<u64>();
		let before = count(&bench);
		bench.step(Event::Certificate(proof));
		assert_eq!(count(&bench) - before, u64::from(expected.is_err()));
	}
}

#[test]
fn a_vote_of_ones_own_that_came_back_is_known() {
	let mut bench = Bench::new(4);
	let a = block(11, 1, 0);
	bench.import(a, ROOT);
	assert_eq!(bench.core.wants_vote(0, &signed(0, Prevote, a).vote), Want::Known);
}
