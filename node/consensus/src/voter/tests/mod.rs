//! The voter as a whole, without a network and without a database.

mod bench;

use crate::{
	blocks::import::ImportEvent,
	net::{
		gossip::{Message, Response},
		limits::reputation,
	},
	voter::tests::bench::{set, slot_now, Bench},
};
use bft_finality_primitives::{BlockRef, Certificate, Phase};
use codec::Encode;
use sc_network::PeerId;
use smartchain_signing::{Past, Silence};
use sp_core::H256;
use std::time::Duration;

/// Longer than a voter listens before it casts anything, and than it waits before it sends things again.
const A_WHILE: Duration = Duration::from_millis(1_100);

fn is_silenced(bench: &Bench) -> bool {
	matches!(bench.voter.edge.signer.silence(), Some(Silence::SignedElsewhere(_)))
}

#[test]
fn a_voter_listens_for_a_second_before_it_casts_anything() {
	let mut bench = Bench::new(|_| ());
	let peer = bench.connect();
	let block = bench.grow(bench.genesis(), slot_now());
	bench.tick();
	assert!(bench.own_votes(peer).is_empty());
	std::thread::sleep(A_WHILE);
	bench.tick();
	let votes = bench.own_votes(peer);
	assert_eq!(votes.len(), 1);
	assert_eq!((votes[0].phase, votes[0].target), (Phase::Prevote, block));
}

/// An old safety file was restored: what others show of this key's votes tells, inside certificates too, before
/// anything is cast.
#[test]
fn an_own_signature_under_a_certificate_that_was_not_given_here_silences_the_node() {
	type Show = fn(&mut Bench, PeerId, Certificate);
	let ways: [(&str, Show); 3] = [
		("gossip", |bench, peer, certificate| {
			bench.say(peer, Message::certificate(certificate))
		}),
		("answer", |bench, peer, certificate| {
			let answer = Response::V1(vec![certificate]).encode();
			let events = bench.voter.answered(peer, Some(answer));
			bench.voter.feed(events);
		}),
		("import", |bench, _, certificate| {
			bench.voter_hears(ImportEvent::Certificate(certificate))
		}),
	];
	for (name, show) in ways {
		for phase in [Phase::Prevote, Phase::Commit] {
			let mut bench = Bench::new(|_| ());
			let peer = bench.connect();
			let block = bench.grow(bench.genesis(), slot_now());
			let certificate = bench.certificate(0..3, 0, phase, block);
			show(&mut bench, peer, certificate);
			assert!(is_silenced(&bench), "{name}, {phase:?}");
			assert!(bench.own_votes(peer).is_empty(), "{name}, {phase:?}");

			// Without this node's signature it says nothing of this node.
			let mut bench = Bench::new(|_| ());
			let peer = bench.connect();
			let block = bench.grow(bench.genesis(), slot_now());
			let certificate = bench.certificate(1..4, 0, phase, block);
			show(&mut bench, peer, certificate);
			assert!(!is_silenced(&bench), "{name}, {phase:?}");
		}
	}
}

/// A parent that is told after its child, or that the core let go, would cut the core off from all that follows.
#[test]
fn a_block_whose_parent_the_core_lacks_brings_its_ancestors_along() {
	let mut bench = Bench::new(|_| ());
	let slot = slot_now() - 3;
	let first = bench.chain.add(bench.genesis(), slot, None);
	let second = bench.chain.add(first.hash, slot + 1, None);
	let third = bench.chain.add(second.hash, slot + 2, None);
	bench.import(third);
	assert_eq!(bench.voter.core.head().hash, third.hash);
	// The others are told late; that changes nothing.
	bench.import(first);
	bench.import(second);
	assert_eq!(bench.voter.core.head().hash, third.hash);
}

/// The core hears of block after block; the client's best block is the last of them already.
#[test]
fn a_start_moves_the_best_block_nowhere() {
	let bench = Bench::new(|chain| {
		let mut parent = smartchain_chain::Chain::info(chain).genesis_hash;
		for slot in slot_now() - 8..slot_now() {
			parent = chain.add(parent, slot, None).hash;
		}
		chain.set_best(parent);
	});
	assert_eq!(bench.voter.core.head().number, 8);
	assert_eq!(bench.chain.heads(), [H256::zero(); 0]);
}

#[test]
fn a_start_moves_a_best_block_on_another_fork_once() {
	let bench = Bench::new(|chain| {
		let genesis = smartchain_chain::Chain::info(chain).genesis_hash;
		let mut parent = genesis;
		for slot in slot_now() - 8..slot_now() - 1 {
			parent = chain.add(parent, slot, None).hash;
		}
		let stray = chain.add(genesis, slot_now() - 1, None);
		chain.set_best(stray.hash);
	});
	assert_eq!(bench.chain.heads(), [bench.voter.core.head().hash]);
	assert_eq!(bench.voter.core.head().number, 7);
}

#[test]
fn a_best_block_that_strays_comes_back_with_the_next_tick() {
	let mut bench = Bench::new(|_| ());
	let slot = slot_now() - 3;
	let first = bench.grow(bench.genesis(), slot);
	let head = bench.grow(first.hash, slot + 1);
	let stray = bench.chain.add(first.hash, slot + 2, None);
	// An import was decided on before the voter changed its mind.
	bench.chain.set_best(stray.hash);
	bench.tick();
	assert_eq!(bench.chain.best(), head.hash);
	// A child of the head is on its way to the core.
	let child = bench.chain.add(head.hash, slot + 2, None);
	bench.chain.set_best(child.hash);
	bench.tick();
	assert_eq!(bench.chain.best(), child.hash);
}

#[test]
fn what_others_may_have_missed_is_pushed_again_as_it_was_sealed() {
	let mut bench = Bench::new(|_| ());
	for _ in 0..5 {
		bench.connect();
	}
	let head = bench.grow(bench.genesis(), slot_now());
	bench.tick();
	assert!(bench.asked.pushed.lock().is_empty());
	std::thread::sleep(A_WHILE);
	bench.tick();
	let pushed = bench.asked.pushed.lock();
	assert_eq!(pushed.len(), 1);
	assert_eq!((pushed[0].0.header.hash(), pushed[0].1), (head.hash, 3));
	assert_eq!(bench.asked.questions.lock().len(), 3);
}

fn invented(slot: u64, block: u8) -> BlockRef {
	BlockRef {
		slot,
		number: 5,
		hash: H256::repeat_byte(block),
	}
}

#[test]
fn two_votes_of_a_voter_in_a_slot_and_phase_are_passed_on_and_no_third() {
	let mut bench = Bench::new(|_| ());
	let (from, to) = (bench.connect(), bench.connect());
	let slot = slot_now();
	for phase in [Phase::Prevote, Phase::Commit] {
		for block in 1..=50 {
			let vote = bench.vote(1, 0, phase, invented(slot, block));
			bench.say(from, Message::vote(vote));
		}
	}
	assert_eq!(bench.votes_to(to).len(), 4);
	assert!(bench.votes_to(from).is_empty());
	assert!(
		bench.far.reports.lock().is_empty(),
		"it may have passed them on in good faith"
	);
}

#[test]
fn the_votes_of_a_certificate_are_passed_on_all_the_same() {
	let mut bench = Bench::new(|_| ());
	let (from, to) = (bench.connect(), bench.connect());
	let block = bench.grow(bench.genesis(), slot_now());
	let certificate = bench.certificate(1..4, 0, Phase::Prevote, block);
	bench.say(from, Message::certificate(certificate));
	// Nobody has got the votes of a certificate by this node.
	let votes: Vec<_> = (1..4)
		.map(|voter| bench.vote(voter, 0, Phase::Prevote, block))
		.collect();
	for vote in &votes {
		bench.say(from, Message::vote(vote.clone()));
	}
	assert_eq!(bench.votes_to(to), votes);
}

#[test]
fn a_false_signature_ends_the_connection() {
	let mut bench = Bench::new(|_| ());
	let peer = bench.connect();
	let mut forged = bench.vote(1, 0, Phase::Prevote, invented(slot_now(), 1));
	forged.voter = 2;
	bench.say(peer, Message::vote(forged));
	assert_eq!(bench.far.reports.lock()[..], [(peer, reputation::FALSE_PROOF.value)]);
}

/// Whatever a dishonest voter has its peers pass on, what honest voters say comes through.
#[test]
fn a_flood_is_reported_and_hides_nobody_else_s_votes() {
	let mut bench = Bench::new(|_| ());
	let (loud, honest, to) = (bench.connect(), bench.connect(), bench.connect());
	let stale = bench.vote(1, 0, Phase::Prevote, invented(slot_now() + 100, 1));
	for number in 0..400 {
		let mut vote = stale.clone();
		vote.vote.target.number = number;
		bench.say(loud, Message::vote(vote));
	}
	assert_eq!(bench.far.reports.lock()[..], [(loud, reputation::FLOOD.value)]);
	let vote = bench.vote(2, 0, Phase::Prevote, invented(slot_now(), 1));
	// As often as it likes: what is known counts for nothing.
	for _ in 0..1_000 {
		bench.say(honest, Message::vote(vote.clone()));
	}
	assert_eq!(bench.votes_to(to), [vote]);
	assert_eq!(bench.far.reports.lock().len(), 1);
}

/// One set after the other, out of one answer: each certificate ends the set by which the next is judged.
#[test]
fn an_answer_carries_a_node_through_several_sets() {
	let mut bench = Bench::new(|_| ());
	let peer = bench.connect();
	let slot = slot_now() - 4;
	let first = bench.chain.add(bench.genesis(), slot, Some(set(1)));
	let second = bench.chain.add(first.hash, slot + 1, Some(set(2)));
	let third = bench.chain.add(second.hash, slot + 2, None);
	for block in [first, second, third] {
		bench.chain.set_best(block.hash);
		bench.import(block);
	}
	let early = bench.vote(2, 1, Phase::Prevote, second);
	bench.say(peer, Message::vote(early));
	let answer = vec![
		bench.certificate(1..4, 0, Phase::Commit, first),
		bench.certificate(1..4, 1, Phase::Commit, second),
	];
	bench.asked.questions.lock().clear();
	let events = bench.voter.answered(peer, Some(Response::V1(answer).encode()));
	bench.voter.feed(events);
	assert_eq!(bench.voter.core.set_id(), 2);
	assert_eq!(bench.voter.core.finalized().hash, second.hash);
	assert_eq!(bench.voter.core.head().hash, third.hash);
	assert_eq!(bench.asked.questions.lock()[..], [peer], "there may be more");
	assert_eq!(
		bench.chain.heads(),
		[H256::zero(); 0],
		"the best block stays where it is"
	);
}

#[test]
fn a_false_certificate_in_an_answer_ends_it() {
	let mut bench = Bench::new(|_| ());
	let peer = bench.connect();
	let block = bench.grow(bench.genesis(), slot_now());
	let mut forged = bench.certificate(1..4, 0, Phase::Commit, block);
	forged.vote.target.hash = H256::zero();
	let answer = vec![forged, bench.certificate(1..4, 0, Phase::Commit, block)];
	let events = bench.voter.answered(peer, Some(Response::V1(answer).encode()));
	bench.voter.feed(events);
	assert_eq!(bench.voter.core.finalized().number, 0);
	assert_eq!(bench.far.reports.lock()[..], [(peer, reputation::FALSE_PROOF.value)]);
}

/// Nobody knows what a key without a file has signed, unless the chain has only just begun.
#[test]
fn a_new_file_is_silent_but_on_a_chain_that_has_just_begun() {
	for (age, votes) in [(1_000, true), (2_000, false)] {
		let horizon = slot_now() + 4;
		let mut bench = Bench::with_past(Past::InFile, horizon, |_| ());
		let peer = bench.connect();
		let first = bench.grow(bench.genesis(), horizon - age);
		// Not in sync: this may be any part of any chain.
		bench.tick();
		std::thread::sleep(A_WHILE);
		bench.tick();
		assert!(bench.voter.core.silent_until().is_some());
		bench.grow(first.hash, slot_now());
		bench.tick();
		bench.tick();
		assert_eq!(
			bench.voter.core.silent_until().is_none(),
			votes,
			"block 1 is {age} slots old"
		);
		assert!(bench.own_votes(peer).is_empty(), "it listens first");
	}
}

/// Machines that slept together wake together: each tells what its clock shows, and a quorum is believed.
#[test]
fn a_doubted_clock_is_told_once_a_second_and_a_quorum_of_readings_is_believed() {
	let mut bench = Bench::new(|_| ());
	let (peer, other) = (bench.connect(), bench.connect());
	let clock = bench.voter.edge.block_import.clock();
	clock.jump(3_600_000);
	bench.tick();
	assert!(clock.doubts());
	assert_eq!(
		bench.voter.core.why_not_voting().map(|why| why.label()),
		Some("listening")
	);
	std::thread::sleep(A_WHILE);
	bench.tick();
	bench.tick();
	assert_eq!(
		bench.voter.core.why_not_voting().map(|why| why.label()),
		Some("clock_doubted")
	);
	assert_eq!(bench.clocks_to(peer).len(), 1);
	for voter in 1..3 {
		assert!(clock.doubts());
		let reading = bench.clock_reading(voter, slot_now());
		bench.say(peer, Message::clock(reading.clone()));
		assert_eq!(bench.clocks_to(other).last(), Some(&reading), "it is passed on");
		bench.tick();
	}
	assert!(!clock.doubts());
}

#[test]
fn an_own_signature_is_looked_for_under_certificates_that_are_no_news_as_well() {
	let mut bench = Bench::new(|_| ());
	let peer = bench.connect();
	let block = bench.grow(bench.genesis(), slot_now());
	let known = bench.certificate(1..4, 0, Phase::Prevote, block);
	bench.say(peer, Message::certificate(known));
	assert!(!is_silenced(&bench));
	let with_own = bench.certificate(0..3, 0, Phase::Prevote, block);
	bench.say(peer, Message::certificate(with_own));
	assert!(is_silenced(&bench));
}
