//! The core under the 51% rule, one step after the other. Seven voters, a relaxed quorum of four.

use crate::workbench::{beyond, block, cast, certificate, config, signed, vote, votes, Act, Bench, ROOT};
use smartchain_bft::{
	core::RELAX_AFTER_MS,
	Action, BlockRef, Certificate, Config, Event,
	Phase::{self, Commit, Prevote},
	Reason, Refused, SignedVote, Vote, VoterIndex, VoterState,
};

const VOTERS: u16 = 7;
const RELAXED: u16 = 4;

fn bench() -> Bench {
	Bench::of(with_rule(VoterState::fresh(ROOT)))
}

fn with_rule(state: VoterState<u64>) -> Config<u64> {
	Config {
		relaxed_quorum: Some(RELAXED),
		..config(VOTERS, state)
	}
}

fn relaxed_vote(phase: Phase, block: BlockRef<u64>, end: Option<BlockRef<u64>>) -> Vote<u64> {
	Vote {
		relaxed: true,
		end,
		..vote(phase, block)
	}
}

fn relaxed(voter: VoterIndex, phase: Phase, block: BlockRef<u64>, end: Option<BlockRef<u64>>) -> SignedVote<u64, u8> {
	SignedVote {
		vote: relaxed_vote(phase, block, end),
		voter,
		signature: voter as u8,
	}
}

fn relaxed_certificate(phase: Phase, block: BlockRef<u64>, end: Option<BlockRef<u64>>) -> Certificate<u64, u8> {
	Certificate {
		vote: relaxed_vote(phase, block, end),
		signatures: (1..=RELAXED).map(|v| (v, v as u8)).collect(),
	}
}

/// The relaxed votes cast, in order.
fn cast_relaxed(actions: &[Act]) -> Vec<(Phase, BlockRef<u64>, Option<BlockRef<u64>>)> {
	actions
		.iter()
		.flat_map(votes)
		.filter(|vote| vote.relaxed)
		.map(|vote| (vote.phase, vote.block, vote.end))
		.collect()
}

fn final_block(actions: &[Act]) -> Option<BlockRef<u64>> {
	actions.iter().find_map(|a| match a {
		Action::Finalize { block, .. } => Some(*block),
		_ => None,
	})
}

fn dropped(bench: &Bench) -> u64 {
	bench.core.refusals().count(Refused::Relaxed)
}

const A: BlockRef<u64> = BlockRef {
	slot: 11,
	number: 1,
	hash: 1100,
};
/// The end.
const H: BlockRef<u64> = BlockRef {
	slot: 12,
	number: 2,
	hash: 1200,
};
const D: BlockRef<u64> = BlockRef {
	slot: 13,
	number: 3,
	hash: 1300,
};

/// A chain of a block, the end, and one beyond it; locked on the end, last prevote beyond it.
fn over_an_end() -> Bench {
	let mut bench = bench();
	bench.import(A, ROOT);
	bench.import_end(H, A);
	bench.certificate(VOTERS, Prevote, H);
	bench.import(D, H);
	assert_eq!((bench.core.state().lock, bench.core.state().last_prevote), (H, D));
	bench
}

#[test]
fn after_a_while_without_finality_the_last_votes_are_cast_anew() {
	let mut bench = over_an_end();
	assert_eq!(bench.core.relaxed_since(), None);
	assert_eq!(cast_relaxed(&bench.tick(RELAX_AFTER_MS - 1)), []);
	let before = bench.core.state();
	let actions = bench.tick(1);
	assert_eq!(
		cast_relaxed(&actions),
		[(Prevote, D, Some(H)), (Commit, H, None)],
		"{actions:?}"
	);
	assert_eq!(cast(&actions).len(), 2, "and nothing else");
	assert_eq!(bench.core.relaxed_since(), Some(RELAX_AFTER_MS));
	assert_eq!(bench.core.state(), before, "the voter's state is the same");
	assert_eq!(cast(&bench.tick(500)), [], "once");
	let votes = bench.core.last_own_votes();
	assert_eq!(votes.len(), 4, "what is sent again is all of it: {votes:?}");
	let again = bench.tick(1_000);
	assert!(again.iter().any(|a| matches!(a, Action::Resend(r) if r.votes == votes)));
}

#[test]
fn while_it_lasts_votes_on_the_end_and_beyond_are_cast_under_both_flags() {
	let mut bench = over_an_end();
	bench.tick(RELAX_AFTER_MS);
	let e = block(14, 4, 0);
	let actions = bench.import(e, D);
	assert_eq!(cast(&actions), [(Prevote, e), (Prevote, e)]);
	assert_eq!(cast_relaxed(&actions), [(Prevote, e, Some(H))]);
	let actions = bench.step(Event::Certificate(relaxed_certificate(Prevote, e, Some(H))));
	assert_eq!(
		cast(&actions),
		[(Commit, e), (Commit, e)],
		"as any certificate permits it"
	);
	assert_eq!(cast_relaxed(&actions), [(Commit, e, Some(H))]);
	assert_eq!(bench.core.state().lock, e);
}

#[test]
fn a_relaxed_quorum_of_commits_ends_the_set() {
	for (on, end) in [(H, None), (D, Some(H))] {
		let mut bench = over_an_end();
		for voter in 1..RELAXED {
			assert_eq!(
				final_block(&bench.step(Event::Vote(relaxed(voter, Commit, on, end)))),
				None
			);
		}
		// Votes without the flag do not complete it.
		assert_eq!(
			final_block(&bench.step(Event::Vote(SignedVote {
				vote: Vote {
					relaxed: false,
					..relaxed_vote(Commit, on, end)
				},
				..relaxed(5, Commit, on, end)
			}))),
			None
		);
		let actions = bench.step(Event::Vote(relaxed(6, Commit, on, end)));
		assert_eq!(final_block(&actions), Some(H), "{actions:?}");
		assert_eq!((bench.core.finalized(), bench.core.has_ended()), (H, true));
		assert_eq!(bench.core.relaxed_since(), None);
		assert_eq!(bench.core.why_not_voting(), Some(Reason::SetEnded));
	}
}

#[test]
fn without_a_change_of_voters_ahead_nobody_relaxes() {
	let mut bench = bench();
	bench.import(A, ROOT);
	assert_eq!(cast_relaxed(&bench.tick(10 * RELAX_AFTER_MS)), []);
	assert_eq!(bench.core.relaxed_since(), None);
	// It comes into force with the end, whose prevote goes out under both flags; what lies below it is voted for as
	// ever.
	let actions = bench.import_end(H, A);
	assert_eq!(cast_relaxed(&actions), [(Prevote, H, None)]);
	assert_eq!(cast(&actions).len(), 2);
	assert!(bench.core.relaxed_since().is_some());
}

#[test]
fn votes_that_decide_no_end_are_not_cast_anew() {
	let mut bench = bench();
	bench.import(A, ROOT);
	bench.certificate(VOTERS, Prevote, A);
	bench.core.stop_voting(Reason::Told);
	bench.import_end(H, A);
	assert_eq!(
		cast_relaxed(&bench.tick(RELAX_AFTER_MS)),
		[],
		"who does not vote casts nothing"
	);
	assert!(
		bench.core.relaxed_since().is_some(),
		"but sees that the rule is in force"
	);
	let mut bench = self::bench();
	bench.now.slot = 11;
	bench.import(A, ROOT);
	bench.certificate(VOTERS, Prevote, A);
	// A clock that stands still: the end is imported, part of the head's chain, and not voted on.
	bench.now.slot = 11;
	bench.import_end(block(13, 2, 0), A);
	bench.now.slot = 12;
	bench.core.stop_voting(Reason::Told);
	assert_eq!(cast_relaxed(&bench.tick(RELAX_AFTER_MS)), []);
}

#[test]
fn finality_of_a_lower_block_takes_the_rule_out_of_force() {
	let mut bench = over_an_end();
	bench.tick(RELAX_AFTER_MS);
	bench.certificate(VOTERS, Commit, A);
	assert_eq!((bench.core.finalized(), bench.core.relaxed_since()), (A, None));
	assert!(bench.core.last_own_votes().iter().all(|signed| !signed.vote.relaxed));
	let e = block(14, 4, 0);
	assert_eq!(cast(&bench.import(e, D)), [(Prevote, e)]);
	// It is back after as long a time.
	assert_eq!(cast_relaxed(&bench.tick(RELAX_AFTER_MS - 1)), []);
	assert_eq!(
		cast_relaxed(&bench.tick(1)),
		[(Prevote, e, Some(H))],
		"the Commit has been"
	);
}

#[test]
fn a_relaxed_quorum_that_is_none_switches_the_rule_off() {
	for named in [
		None,
		Some(0),
		Some(3),
		Some(5),
		Some(6),
		Some(7),
		Some(8),
		Some(u16::MAX),
	] {
		let mut bench = Bench::of(Config {
			relaxed_quorum: named,
			..with_rule(VoterState::fresh(ROOT))
		});
		assert_eq!(bench.core.relaxed_quorum(), None);
		bench.import_end(H, ROOT);
		let all: Vec<_> = (0..VOTERS).map(|v| (v, v as u8)).collect();
		let mut of_all = relaxed_certificate(Commit, H, None);
		of_all.signatures.extend(all);
		for event in [
			Event::Certificate(of_all.clone()),
			Event::Vote(relaxed(1, Commit, H, None)),
		] {
			let before = dropped(&bench);
			assert_eq!(bench.step(event), []);
			assert_eq!(dropped(&bench), before + 1, "{named:?}");
		}
		assert_eq!(cast_relaxed(&bench.tick(10 * RELAX_AFTER_MS)), []);
	}
}

#[test]
fn relaxed_votes_for_what_ends_no_set_are_dropped() {
	let mut bench = over_an_end();
	let e = block(15, 3, 1);
	bench.import(e, H);
	// A second change before the first is final ends nothing.
	let h2 = block(16, 4, 1);
	bench.import_end(h2, e);
	for (number, (block, end)) in (1..).zip([(A, None), (ROOT, None)]) {
		for phase in [Prevote, Commit] {
			assert_eq!(bench.step(Event::Vote(relaxed(1, phase, block, end))), []);
			assert_eq!(
				bench.step(Event::Certificate(relaxed_certificate(phase, block, end))),
				[]
			);
		}
		assert_eq!(dropped(&bench), number * 4, "{block:?} with {end:?}");
	}
	// These contradict what is known of their blocks.
	let malformed = |bench: &Bench| bench.core.refusals().count(Refused::Malformed);
	for (number, (block, end)) in (1..).zip([(D, None), (D, Some(A)), (h2, None), (h2, Some(e)), (H, Some(A))]) {
		assert_eq!(
			bench.step(Event::Certificate(relaxed_certificate(Commit, block, end))),
			[]
		);
		assert_eq!(malformed(&bench), number, "{block:?} with {end:?}");
	}
	// Of a block that is not here, what is said to end the set is, and does not.
	let far = block(40, 30, 0);
	for phase in [Prevote, Commit] {
		let before = dropped(&bench);
		assert_eq!(
			bench.step(Event::Certificate(relaxed_certificate(phase, far, Some(A)))),
			[]
		);
		assert_eq!(
			bench.step(Event::Certificate(relaxed_certificate(phase, far, Some(h2)))),
			[]
		);
		assert_eq!(
			bench.step(Event::Certificate(relaxed_certificate(phase, far, Some(ROOT)))),
			[]
		);
		assert_eq!(dropped(&bench), before + 3);
	}
	assert_eq!((bench.core.finalized(), bench.core.highest_certified()), (ROOT, H));
}

/// Whether an unknown block ends the set shows when it comes: until then a certificate of relaxed votes proves nothing.
#[test]
fn what_relaxed_votes_decide_is_fetched_and_judged_then() {
	let far = block(40, 30, 0);
	for ends_set in [true, false] {
		for (on, end) in [(H, None), (far, Some(H))] {
			// Prevotes.
			let mut bench = bench();
			bench.import(A, ROOT);
			let proof = relaxed_certificate(Prevote, on, end);
			assert_eq!(bench.step(Event::Certificate(proof.clone())), [Action::Fetch(H)]);
			assert_eq!(bench.step(Event::Certificate(proof.clone())), [], "asked for already");
			assert_eq!(bench.core.highest_certified(), ROOT);
			assert!(bench.tick(1_000).contains(&Action::Fetch(H)), "and again");
			let actions = if ends_set {
				bench.import_end(H, A)
			} else {
				bench.import(H, A)
			};
			assert_eq!(actions.contains(&Action::Certified(proof)), ends_set);
			assert_eq!(bench.core.highest_certified(), if ends_set { on } else { ROOT });
			assert_eq!(dropped(&bench), u64::from(!ends_set));

			// Commits.
			let mut bench = self::bench();
			bench.import(A, ROOT);
			let proof = relaxed_certificate(Commit, on, end);
			assert_eq!(bench.step(Event::Certificate(proof)), [Action::Fetch(H)]);
			let actions = if ends_set {
				bench.import_end(H, A)
			} else {
				bench.import(H, A)
			};
			assert_eq!(final_block(&actions), ends_set.then_some(H));
			assert_eq!(
				(bench.core.has_ended(), dropped(&bench)),
				(ends_set, u64::from(!ends_set))
			);
		}
	}
}

/// Votes may come before their block; what they amount to is judged with it.
#[test]
fn relaxed_votes_may_come_before_their_block() {
	for ends_set in [true, false] {
		let mut bench = bench();
		bench.import(A, ROOT);
		for voter in 1..=RELAXED {
			for phase in [Prevote, Commit] {
				bench.step(Event::Vote(relaxed(voter, phase, H, None)));
			}
		}
		let actions = if ends_set {
			bench.import_end(H, A)
		} else {
			bench.import(H, A)
		};
		assert_eq!(final_block(&actions), ends_set.then_some(H), "{actions:?}");
		assert_eq!(bench.core.highest_certified(), if ends_set { H } else { ROOT });
	}
}

#[test]
fn one_relaxed_vote_less_is_not_enough() {
	let mut bench = over_an_end();
	for phase in [Prevote, Commit] {
		let mut few = relaxed_certificate(phase, D, Some(H));
		few.signatures.pop_first();
		assert_eq!(bench.step(Event::Certificate(few)), []);
		// Nor are as many votes without the flag.
		let mut unflagged = relaxed_certificate(phase, D, Some(H));
		unflagged.vote.relaxed = false;
		assert_eq!(bench.step(Event::Certificate(unflagged)), []);
	}
	assert_eq!(bench.core.refusals().count(Refused::NoQuorum), 4);
}

#[test]
fn the_same_vote_under_both_flags_is_no_equivocation_and_two_blocks_under_any_are() {
	let other = block(12, 2, 1);
	let equivocations = |actions: &[Act]| {
		let found = actions.iter().filter(|a| matches!(a, Action::Equivocation { .. }));
		found.count()
	};
	let mut bench = over_an_end();
	bench.core.stop_voting(Reason::Told);
	bench.import_end(other, A);
	assert_eq!(bench.vote(3, Prevote, H), []);
	assert_eq!(bench.step(Event::Vote(relaxed(3, Prevote, H, None))), []);
	let contradiction = relaxed(3, Prevote, other, None);
	let expected = Action::Equivocation {
		first: signed(3, Prevote, H),
		second: contradiction.clone(),
	};
	assert_eq!(bench.step(Event::Vote(contradiction.clone())), [expected]);
	assert_eq!(equivocations(&bench.vote(3, Prevote, other)), 0, "one is reported once");
	assert_eq!(equivocations(&bench.step(Event::Vote(contradiction))), 0);
	// The relaxed one first.
	assert_eq!(bench.step(Event::Vote(relaxed(4, Prevote, H, None))), []);
	assert_eq!(equivocations(&bench.vote(4, Prevote, other)), 1);
	assert_eq!(equivocations(&bench.vote(4, Prevote, H)), 0);
	// However many blocks a voter names, two of each flag are kept.
	for (name, flag) in (2..20).flat_map(|name| [(name, false), (name, true)]) {
		let block = block(12, 2, name);
		bench.import_end(block, A);
		let vote = Vote {
			relaxed: flag,
			..relaxed_vote(Prevote, block, None)
		};
		let signed = SignedVote {
			vote,
			..relaxed(4, Prevote, block, None)
		};
		assert_eq!(equivocations(&bench.step(Event::Vote(signed))), 0);
	}
	assert_eq!(bench.core.refusals().count(Refused::TooMany), 18 + 17);
}

/// A voter that comes back has its state, and not yet the patience.
#[test]
fn after_a_restart_the_rule_takes_its_time_again() {
	let state = VoterState {
		last_prevote: D,
		other_branch_slot: 0,
		lock: H,
	};
	let mut bench = Bench::of(with_rule(state));
	bench.now.ms = 5 * RELAX_AFTER_MS;
	bench.import(A, ROOT);
	assert_eq!(cast(&bench.import_end(H, A)), [(Commit, H)]);
	assert_eq!(cast_relaxed(&bench.tick(RELAX_AFTER_MS)), [(Commit, H, None)]);
	let actions = bench.import(D, H);
	assert_eq!(
		cast(&actions),
		[(Prevote, D), (Prevote, D)],
		"as soon as its block is here"
	);
	assert_eq!(cast_relaxed(&actions), [(Prevote, D, Some(H))]);
}

/// Four of seven, each with a core of its own: nothing but the rule lets them go on.
#[test]
fn relaxed_prevotes_permit_the_commit_and_open_locks() {
	let mut bench = bench();
	let (b, h) = (block(12, 1, 1), block(14, 2, 1));
	bench.import(A, ROOT);
	bench.certificate(VOTERS, Prevote, A);
	assert_eq!(bench.core.state().lock, A);
	bench.import(b, ROOT);
	bench.import_end(h, b);
	// The branch of the end has a certificate of relaxed prevotes above the lock: it is the head now, and the lock
	// opens.
	let actions = bench.step(Event::Certificate(relaxed_certificate(Prevote, h, None)));
	assert!(actions.contains(&Action::Head(h)));
	assert_eq!(cast(&actions), [(Commit, h)]);
	let beyond_it = block(15, 3, 1);
	assert_eq!(cast(&bench.import(beyond_it, h)), [(Prevote, beyond_it)]);
	let actions = bench.step(Event::Certificate(beyond(h, certificate(VOTERS, Commit, beyond_it))));
	assert_eq!(final_block(&actions), Some(h), "and a quorum is a quorum as ever");
}
