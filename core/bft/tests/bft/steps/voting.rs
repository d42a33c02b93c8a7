//! The core, one step after the other.

use crate::workbench::{block, cast, certificate, config, signed, Act, Bench, ROOT};
use smartchain_bft::{
	Action, BlockRef, Certificate, Config, Event,
	Phase::{Commit, Prevote},
	Reason, Refused, Resend, VoterState,
};

#[test]
fn a_block_goes_through_both_phases() {
	let mut bench = Bench::new(4);
	let a = block(11, 1, 0);
	let actions = bench.import(a, ROOT);
	assert_eq!(actions[0], Action::Head(a));
	assert_eq!(cast(&actions), [(Prevote, a)]);
	assert!(bench.vote(1, Prevote, a).is_empty());
	let actions = bench.vote(2, Prevote, a);
	assert!(
		matches!(&actions[0], Action::Certified(c) if c.vote.block == a && c.signatures.len() == 3),
		"{actions:?}"
	);
	assert_eq!(cast(&actions), [(Commit, a)]);
	assert_eq!(
		bench.core.state(),
		VoterState {
			last_prevote: a,
			other_branch_slot: 0,
			lock: a
		}
	);
	assert!(bench.vote(1, Commit, a).is_empty());
	let actions = bench.vote(3, Commit, a);
	assert!(
		matches!(&actions[..], [Action::Finalize { block, certificate: c }]
			if *block == a && c.vote.block == a && c.vote.phase == Commit),
		"{actions:?}"
	);
	assert_eq!(
		(bench.core.finalized(), bench.core.head(), bench.core.tree_len()),
		(a, a, 1)
	);
	assert_eq!(bench.core.finality_certificate().map(|c| c.vote.block), Some(a));
	assert_eq!(bench.core.why_not_voting(), None);
}

#[test]
fn a_voter_alone_finalizes_by_itself() {
	let mut bench = Bench::new(1);
	let a = block(11, 1, 0);
	let actions = bench.import(a, ROOT);
	assert_eq!(cast(&actions), [(Prevote, a), (Commit, a)]);
	assert!(matches!(actions.last(), Some(Action::Finalize { .. })));
}

#[test]
fn an_observer_counts_and_casts_nothing() {
	let mut bench = Bench::of(Config {
		me: None,
		..config(4, VoterState::fresh(ROOT))
	});
	let a = block(11, 1, 0);
	let mut all = bench.import(a, ROOT);
	for (voter, phase) in [
		(0, Prevote),
		(1, Prevote),
		(2, Prevote),
		(0, Commit),
		(1, Commit),
		(2, Commit),
	] {
		all.extend(bench.vote(voter, phase, a));
	}
	assert!(cast(&all).is_empty() && matches!(all.last(), Some(Action::Finalize { .. })));
	assert_eq!(bench.core.why_not_voting(), Some(Reason::NotAVoter));
}

/// A node that stands outside the set by its index is an observer as well.
#[test]
fn an_index_beyond_the_set_is_none() {
	let mut bench = Bench::of(Config {
		me: Some(4),
		..config(4, VoterState::fresh(ROOT))
	});
	assert!(cast(&bench.import(block(11, 1, 0), ROOT)).is_empty());
	assert_eq!(bench.core.me(), None);
}

#[test]
fn blocks_are_voted_in_order_and_skipped_far_behind() {
	let chain: Vec<_> = (0..=10)
		.map(|i| if i == 0 { ROOT } else { block(10 + i, i, 0) })
		.collect();
	let mut bench = Bench::new(4);
	// The clock is behind, so that all of it waits and wakes at once.
	bench.now.slot = 5;
	for pair in chain.windows(2) {
		assert!(bench.import(pair[1], pair[0]).is_empty());
	}
	bench.now.slot = 19;
	let actions = bench.tick(1);
	assert_eq!(actions[0], Action::Head(chain[10]));
	let expected: Vec<_> = chain[6..=10].iter().map(|b| (Prevote, *b)).collect();
	assert_eq!(cast(&actions), expected, "those within four slots of the head");
	assert_eq!(bench.core.state().other_branch_slot, 0);
}

#[test]
fn a_block_of_a_slot_to_come_waits_for_its_time() {
	let mut bench = Bench::new(4);
	bench.now.slot = 11;
	let (a, b, far) = (block(12, 1, 0), block(13, 2, 0), block(500, 2, 1));
	assert_eq!(
		cast(&bench.import(a, ROOT)),
		[(Prevote, a)],
		"a clock may be a slot behind"
	);
	assert!(
		bench.import(far, a).is_empty(),
		"of no number or slot does it beat what is due"
	);
	assert!(bench.import(b, a).is_empty());
	bench.now.slot = 12;
	let actions = bench.tick(500);
	assert_eq!((&actions[0], cast(&actions)), (&Action::Head(b), vec![(Prevote, b)]));
}

#[test]
fn a_clock_set_back_takes_the_future_out_again() {
	let mut bench = Bench::new(4);
	bench.core.stop_voting(Reason::Told);
	let (a, far) = (block(12, 1, 0), block(500, 2, 0));
	bench.import(a, ROOT);
	bench.import(far, a);
	assert_eq!(bench.core.head(), far);
	bench.now.slot = 12;
	assert_eq!(bench.tick(500), [Action::Head(a)]);
	bench.now.slot = 499;
	assert!(bench.tick(1).contains(&Action::Head(far)));
}

#[test]
fn the_head_follows_the_highest_certificate() {
	let mut bench = Bench::new(4);
	let (a, a2, a3, b) = (block(11, 1, 0), block(12, 2, 0), block(13, 3, 0), block(14, 1, 1));
	for (block, parent) in [(a, ROOT), (a2, a), (a3, a2), (b, ROOT)] {
		bench.import(block, parent);
	}
	assert_eq!(bench.core.head(), a3, "the longest");
	let actions = bench.certificate(4, Prevote, b);
	assert!(actions.contains(&Action::Head(b)), "the certified");
	assert_eq!(bench.core.highest_certified(), b);
	// It had prevoted a3, below b's slot, which says nothing against the Commit. A prevote on b would come after that:
	// no use.
	assert_eq!(cast(&actions), [(Commit, b)]);
	assert_eq!(
		bench.core.state(),
		VoterState {
			last_prevote: a3,
			other_branch_slot: 0,
			lock: b
		}
	);
	let b2 = block(15, 2, 1);
	assert_eq!(cast(&bench.import(b2, b)), [(Prevote, b2)]);
	assert_eq!(
		bench.core.state(),
		VoterState {
			last_prevote: b2,
			other_branch_slot: 13,
			lock: b
		}
	);
}

#[test]
fn a_lock_holds_until_a_later_certificate_opens_it() {
	let mut bench = Bench::new(4);
	let (a, b, b2, b3) = (block(11, 1, 0), block(12, 1, 1), block(13, 2, 1), block(14, 3, 1));
	bench.import(a, ROOT);
	assert_eq!(cast(&bench.certificate(4, Prevote, a)), [(Commit, a)]);
	for (block, parent) in [(b, ROOT), (b2, b), (b3, b2)] {
		assert!(
			bench.import(block, parent).is_empty(),
			"the certified branch stays the head"
		);
	}
	let actions = bench.certificate(4, Prevote, b2);
	assert_eq!(cast(&actions), [(Commit, b2), (Prevote, b3)]);
}

#[test]
fn commits_look_at_branches_left_and_come_back_to() {
	// Prevoted a at 11, left it for b at 12, came back with a2 at 13: a may not be committed any more, a2 may.
	let mut bench = Bench::new(4);
	let (a, b, a2) = (block(11, 1, 0), block(12, 1, 1), block(13, 2, 0));
	assert_eq!(cast(&bench.import(a, ROOT)), [(Prevote, a)]);
	assert_eq!(cast(&bench.import(b, ROOT)), [(Prevote, b)], "same height, later slot");
	assert_eq!(cast(&bench.import(a2, a)), [(Prevote, a2)]);
	assert_eq!(bench.core.state().other_branch_slot, 12);
	assert!(cast(&bench.certificate(4, Prevote, a)).is_empty());
	assert_eq!(cast(&bench.certificate(4, Prevote, a2)), [(Commit, a2)]);
}

#[test]
fn votes_and_certificates_may_come_before_their_block() {
	let mut bench = Bench::new(4);
	let (a, b) = (block(11, 1, 0), block(12, 2, 0));
	for voter in 1..4 {
		let actions = bench.vote(voter, Prevote, b);
		assert_eq!(actions.contains(&Action::Fetch(b)), voter == 3);
	}
	for voter in 1..4 {
		assert!(bench.vote(voter, Commit, b).is_empty(), "asked for already");
	}
	bench.import(a, ROOT);
	let actions = bench.import(b, a);
	assert!(
		actions
			.iter()
			.any(|x| matches!(x, Action::Finalize { block, .. } if *block == b)),
		"{actions:?}"
	);
	assert_eq!(bench.core.finalized(), b);
}

#[test]
fn a_certificate_of_commits_finalizes_without_the_other_one() {
	let mut bench = Bench::new(4);
	let (a, b) = (block(11, 1, 0), block(12, 2, 0));
	assert_eq!(bench.certificate(4, Commit, b), [Action::Fetch(b)]);
	assert!(bench.certificate(4, Commit, b).is_empty());
	assert!(bench.certificate(4, Commit, a).is_empty(), "a lower one adds nothing");
	bench.import(a, ROOT);
	bench.import(b, a);
	assert_eq!(bench.core.finalized(), b);
	// And it opens locks as the prevotes' would: a voter locked below b votes above it.
	let c = block(13, 3, 0);
	assert_eq!(cast(&bench.import(c, b)), [(Prevote, c)]);
}

/// After a restart with a database that lost the latest blocks.
#[test]
fn an_unknown_lock_and_last_prevote_are_on_the_safe_side() {
	let (lock, last) = (block(20, 5, 0), block(22, 7, 0));
	let mut bench = Bench::of(config(
		4,
		VoterState {
			last_prevote: last,
			other_branch_slot: 0,
			lock,
		},
	));
	// Another branch, longer and later: the lock forbids it.
	let (b, b2, b3) = (block(23, 1, 1), block(24, 2, 1), block(25, 3, 1));
	for (block, parent) in [(b, ROOT), (b2, b)] {
		assert!(cast(&bench.import(block, parent)).is_empty());
	}
	assert_eq!(bench.core.why_not_voting(), Some(Reason::Locked));
	// The lock's own certificate has the block fetched.
	assert!(bench.certificate(4, Prevote, lock).contains(&Action::Fetch(lock)));
	// A later one on the branch opens it; b2 itself was passed by, and the last prevote counts as elsewhere.
	let actions = bench.certificate(4, Prevote, b);
	assert_eq!(cast(&actions), [(Commit, b), (Prevote, b2)]);
	assert_eq!(
		bench.core.state(),
		VoterState {
			last_prevote: b2,
			other_branch_slot: 22,
			lock: b
		}
	);
	assert_eq!(cast(&bench.import(b3, b2)), [(Prevote, b3)]);
}

#[test]
fn a_vote_that_was_not_cast_here_stops_voting() {
	let mut bench = Bench::new(4);
	let (a, other) = (block(11, 1, 0), block(11, 1, 1));
	bench.import(a, ROOT);
	let foreign = signed(0, Prevote, other);
	let actions = bench.step(Event::Vote(foreign.clone()));
	assert_eq!(actions, [Action::SignedElsewhere(foreign)], "and no report of oneself");
	assert_eq!(bench.core.why_not_voting(), Some(Reason::SignedElsewhere));
	assert!(cast(&bench.import(block(12, 2, 0), a)).is_empty());
	assert!(bench.vote(0, Prevote, block(30, 9, 9)).is_empty(), "said once");
}

/// A safety file from a backup: the own votes that come back from others are of slots above it.
#[test]
fn an_old_state_is_noticed_by_the_votes_that_came_after_it() {
	let state = VoterState {
		last_prevote: block(20, 5, 0),
		other_branch_slot: 0,
		lock: block(19, 4, 0),
	};
	for (later, old) in [
		((Prevote, block(21, 6, 0)), (Prevote, block(15, 3, 0))),
		((Commit, block(20, 5, 0)), (Commit, block(18, 3, 0))),
		((Prevote, block(20, 5, 1)), (Prevote, block(20, 5, 0))),
	] {
		let mut bench = Bench::of(config(4, state));
		assert!(bench.vote(0, old.0, old.1).is_empty(), "older ones may well be its own");
		assert_eq!(bench.vote(0, later.0, later.1).len(), 1);
		assert_eq!(bench.core.why_not_voting(), Some(Reason::SignedElsewhere));
	}
}

#[test]
fn told_to_stop_it_goes_on_counting() {
	let mut bench = Bench::new(4);
	bench.core.stop_voting(Reason::SafetyFileMissing);
	bench.core.stop_voting(Reason::Told);
	assert_eq!(
		bench.core.why_not_voting(),
		Some(Reason::SafetyFileMissing),
		"the first reason stays"
	);
	let a = block(11, 1, 0);
	assert!(cast(&bench.import(a, ROOT)).is_empty());
	assert!(cast(&bench.certificate(4, Prevote, a)).is_empty());
	assert!(
		bench.vote(0, Prevote, block(11, 1, 1)).is_empty(),
		"without a file, its own old votes are no news"
	);
	bench.certificate(4, Commit, a);
	assert_eq!(
		(bench.core.finalized(), bench.core.state()),
		(a, VoterState::fresh(ROOT))
	);
}

#[test]
fn equivocations_are_reported_once_and_count_for_both_blocks() {
	let mut bench = Bench::new(4);
	bench.core.stop_voting(Reason::Told);
	let (a, b, c) = (block(11, 1, 0), block(11, 1, 1), block(11, 1, 2));
	assert!(bench.vote(3, Prevote, a).is_empty());
	assert!(bench.vote(3, Commit, b).is_empty(), "another phase");
	let expected = Action::Equivocation {
		first: signed(3, Prevote, a),
		second: signed(3, Prevote, b),
	};
	assert_eq!(bench.vote(3, Prevote, b), [expected]);
	assert!(bench.vote(3, Prevote, a).is_empty());
	assert!(bench.vote(3, Prevote, c).is_empty(), "two are proof enough");
	assert_eq!(
		(
			bench.core.votes(Prevote, &a),
			bench.core.votes(Prevote, &b),
			bench.core.votes(Prevote, &c)
		),
		(1, 1, 0)
	);
	let dropped = bench.core.refusals();
	assert_eq!(
		(dropped.count(Refused::Duplicate), dropped.count(Refused::TooMany)),
		(1, 1)
	);
	bench.vote(1, Prevote, b);
	assert!(bench
		.vote(2, Prevote, b)
		.iter()
		.any(|x| matches!(x, Action::Certified(c) if c.vote.block == b)));
}

/// Each event is refused, once, for this reason.
fn refused(bench: &mut Bench, cases: impl IntoIterator<Item = (Refused, Event<u64, u8>)>) {
	for (why, event) in cases {
		let before = bench.core.refusals().count(why);
		assert!(bench.step(event.clone()).is_empty(), "{event:?}");
		assert_eq!(bench.core.refusals().count(why), before + 1, "{why:?} of {event:?}");
	}
}

#[test]
fn votes_and_certificates_that_do_not_count_are_refused_and_counted() {
	let mut bench = Bench::new(4);
	bench.now.slot = 20;
	let a = block(11, 1, 0);
	bench.import(a, ROOT);
	let with = |change: &dyn Fn(&mut smartchain_bft::SignedVote<u64, u8>)| {
		let mut vote = signed(1, Prevote, a);
		change(&mut vote);
		Event::Vote(vote)
	};
	let of = |signatures: [u16; 2], more: Option<u16>| {
		let signatures = signatures.into_iter().chain(more).map(|v| (v, v as u8)).collect();
		Event::Certificate(Certificate {
			signatures,
			..certificate(4, Prevote, a)
		})
	};
	let cases = [
		(Refused::OtherSet, with(&|v| v.vote.set_id += 1)),
		(Refused::Relaxed, with(&|v| v.vote.relaxed = true)),
		(Refused::UnknownVoter, with(&|v| v.voter = 4)),
		(Refused::Stale, with(&|v| v.vote.block = ROOT)),
		(Refused::Future, with(&|v| v.vote.block = block(25, 9, 0))),
		(Refused::Malformed, with(&|v| v.vote.block.number = 7)),
		(Refused::Malformed, with(&|v| v.vote.block.slot = 12)),
		(Refused::NoQuorum, of([1, 2], None)),
		(Refused::UnknownVoter, of([1, 2], Some(4))),
		(Refused::Stale, Event::Certificate(certificate(4, Prevote, ROOT))),
	];
	refused(&mut bench, cases);
	// A second certificate in a slot takes more than a third of Byzantine voters. It changes nothing, and shows.
	bench.certificate(4, Prevote, a);
	let second = Event::Certificate(certificate(4, Prevote, block(11, 1, 1)));
	refused(&mut bench, [(Refused::Conflicting, second)]);
}

#[test]
fn blocks_that_do_not_fit_are_refused_and_counted() {
	let mut bench = Bench::new(4);
	let a = block(11, 1, 0);
	bench.import(a, ROOT);
	let made = |block, parent| {
		Event::Imported(smartchain_bft::Block {
			block,
			parent,
			primary: true,
			ends_set: false,
		})
	};
	let cases = [
		(Refused::Duplicate, made(a, 0)),
		(Refused::UnknownParent, made(block(13, 2, 0), 77)),
		(Refused::Malformed, made(block(13, 3, 0), a.hash)),
		(Refused::Malformed, made(block(11, 2, 7), a.hash)),
		(Refused::Stale, made(block(10, 1, 7), 0)),
	];
	refused(&mut bench, cases);
}

#[test]
fn without_progress_it_sends_again_each_second() {
	let mut bench = Bench::new(4);
	let (a, b, missing) = (block(11, 1, 0), block(12, 2, 0), block(13, 1, 1));
	bench.import(a, ROOT);
	bench.certificate(4, Prevote, a);
	bench.import(b, a);
	assert!(bench.tick(999).is_empty());
	let resent = |actions: &[Act]| -> Option<Resend<u64, u8>> {
		actions.iter().find_map(|a| match a {
			Action::Resend(resend) => Some(resend.clone()),
			_ => None,
		})
	};
	let expected = Resend {
		blocks: vec![b, a],
		votes: vec![signed(0, Prevote, b), signed(0, Commit, a)],
		certificates: vec![certificate(4, Prevote, a)],
	};
	assert_eq!(resent(&bench.tick(1)), Some(expected));
	assert!(bench.tick(999).is_empty());
	bench.certificate(4, Prevote, missing);
	let actions = bench.tick(1);
	assert_eq!(actions[0], Action::Fetch(missing), "asked for again");
	assert_eq!(resent(&actions).map(|r| r.blocks), Some(vec![b]));
	bench.certificate(4, Commit, a);
	assert!(bench.tick(999).is_empty(), "that was progress");
	let certificates = resent(&bench.tick(1)).map(|r| r.certificates);
	assert_eq!(
		certificates,
		Some(vec![certificate(4, Prevote, missing), certificate(4, Commit, a)])
	);
}

#[test]
fn the_last_votes_outlive_a_restart() {
	let (a, b) = (block(11, 1, 0), block(12, 2, 0));
	let state = VoterState {
		last_prevote: b,
		other_branch_slot: 0,
		lock: a,
	};
	let mut bench = Bench::of(config(4, state));
	assert_eq!(
		cast(&bench.import(a, ROOT)),
		[(Commit, a)],
		"with its block it is known what a vote says"
	);
	assert_eq!(cast(&bench.import(b, a)), [(Prevote, b)]);
	assert_eq!(bench.core.state(), state);
	assert_eq!(
		bench.core.last_own_votes(),
		[signed(0, Prevote, b), signed(0, Commit, a)]
	);
	assert_eq!((bench.core.votes(Prevote, &b), bench.core.votes(Commit, &a)), (1, 1));
	bench.vote(1, Prevote, b);
	assert_eq!(cast(&bench.vote(2, Prevote, b)), [(Commit, b)]);
}

/// Votes of many slots, from a voter that makes them up: what is kept is bounded, and the latest stay.
#[test]
fn memory_is_bounded() {
	let mut bench = Bench::new(4);
	bench.now.slot = 100_000;
	let made_up = |slot: u64| BlockRef {
		slot,
		number: 1,
		hash: slot,
	};
	for slot in 11..5_000 {
		bench.vote(3, Prevote, made_up(slot));
	}
	assert_eq!(bench.core.votes(Prevote, &made_up(4_999)), 1);
	assert_eq!(bench.core.votes(Prevote, &made_up(3_000)), 0);
	bench.vote(2, Prevote, made_up(12));
	assert_eq!(bench.core.votes(Prevote, &made_up(12)), 0, "below the window");
	// One director, one slot, no end of blocks.
	for name in 0..1_000 {
		bench.import(
			BlockRef {
				slot: 50,
				number: 1,
				hash: 1_000_000 + name,
			},
			ROOT,
		);
	}
	assert_eq!(bench.core.tree_len(), 1 + 64);
	assert_eq!(bench.core.refusals().count(Refused::TooMany), 1_000 - 64);
}

/// Ninety-nine voters at two blocks a second leave the core almost idle: a slot's worth of events takes a small part of
/// the slot.
#[test]
fn ninety_nine_voters_are_no_load() {
	let mut bench = Bench::new(99);
	let begin = std::time::Instant::now();
	let mut parent = ROOT;
	for i in 1..=200 {
		let next = block(10 + i, i, 0);
		bench.import(next, parent);
		for phase in [Prevote, Commit] {
			for voter in 1..99 {
				bench.vote(voter, phase, next);
			}
		}
		assert_eq!(bench.core.finalized(), next);
		parent = next;
	}
	let each = begin.elapsed() / 200;
	println!("{each:?} a slot");
	assert!(each.as_millis() < 50, "{each:?} of a slot's 500 ms");
}

/// The same in a long stall: 4096 blocks above the lock, and a vote costs no walk down to it.
#[test]
fn a_long_stall_is_no_load() {
	let mut bench = Bench::new(99);
	bench.now.slot = 10_000;
	let mut parent = ROOT;
	let begin = std::time::Instant::now();
	for i in 1..=4096 {
		let next = block(10 + i, i, 0);
		bench.import(next, parent);
		bench.vote(1, Prevote, next);
		bench.vote(2, Prevote, next);
		parent = next;
	}
	let each = begin.elapsed() / 4096;
	println!("{each:?} a slot");
	assert!(each.as_millis() < 50, "{each:?} of a slot's 500 ms");
}
