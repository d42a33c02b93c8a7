//! In which order requests of peers are answered, and which are refused.

use crate::{millis, SECOND};
use sc_network_types::PeerId;
use smartchain_service::net::gate::{
	cost, patience, Gate, Next, Refusal, LONGEST_PAUSE, MAX_REQUEST_BYTES, STATES, WAITING_OF_EACH,
	WAITING_OF_STRANGERS,
};
use std::{
	collections::{HashMap, HashSet},
	time::{Duration, Instant},
};

/// Slots of the sync here.
const SLOTS: usize = 40;
/// An answer that is dear: some two megabytes of state.
const DEAR: Duration = Duration::from_millis(40);

fn gate(reserved: &[PeerId]) -> Gate<u32> {
	Gate::new(STATES, SLOTS, reserved.iter().copied().collect::<HashSet<_>>())
}

fn peers<const N: usize>() -> [PeerId; N] {
	std::array::from_fn(|_| PeerId::random())
}

/// How long requests for states wait.
fn usual() -> Duration {
	patience(40 * SECOND)
}

/// A request as nodes make them.
fn ask(gate: &mut Gate<u32>, peer: PeerId, request: u32, now: Instant) -> Option<(u32, Refusal)> {
	gate.arrive(peer, 100, usual(), request, now)
}

/// A gate, and what answers behind it. Requests are the milliseconds at which they were made.
struct Answers {
	gate: Gate<u32>,
	/// How long answers to these peers take.
	takes: HashMap<PeerId, Duration>,
	busy: Option<(PeerId, u32, Instant)>,
	spent: Duration,
}

impl Answers {
	fn new(takes: impl IntoIterator<Item = (PeerId, Duration)>) -> Self {
		let mut gate = gate(&[]);
		let takes: HashMap<_, _> = takes.into_iter().collect();
		takes.keys().for_each(|peer| gate.connected(*peer));
		Self {
			gate,
			takes,
			busy: None,
			spent: Duration::ZERO,
		}
	}

	/// Goes on at a time. Gives back whose request has been answered, if that is so, and when it was made.
	fn at(&mut self, now: Instant) -> Option<(PeerId, u32)> {
		let ended = self.busy.filter(|(_, _, until)| *until <= now);
		if let Some((peer, _, _)) = ended {
			self.busy = None;
			self.gate.done(peer, self.takes[&peer], now);
		}
		if let Next::Answer(peer, asked) = self.gate.next(now) {
			self.busy = Some((peer, asked, now + self.takes[&peer]));
			self.spent += self.takes[&peer];
		}
		ended.map(|(peer, asked, _)| (peer, asked))
	}
}

#[test]
fn one_request_is_answered_at_a_time_and_a_peer_has_few() {
	let (mut gate, now) = (gate(&[]), Instant::now());
	let peer = PeerId::random();
	assert_eq!(gate.next(now), Next::Nothing);
	assert_eq!(ask(&mut gate, peer, 0, now), None);
	assert_eq!(gate.next(now), Next::Answer(peer, 0));
	for request in 1..=2 {
		assert_eq!(ask(&mut gate, peer, request, now), None);
	}
	assert_eq!(ask(&mut gate, peer, 3, now), Some((3, Refusal::TooMany)));
	let too_large = gate.arrive(PeerId::random(), MAX_REQUEST_BYTES + 1, SECOND, 4, now);
	assert_eq!(too_large, Some((4, Refusal::TooLarge)));
	assert_eq!(gate.next(now), Next::Nothing, "it is busy");
	gate.done(peer, millis(10), now);
	assert_eq!(gate.next(now), Next::Answer(peer, 1));
	// There is room for one again.
	assert_eq!(ask(&mut gate, peer, 5, now), None);
	assert_eq!(ask(&mut gate, peer, 6, now), Some((6, Refusal::TooMany)));
}

#[test]
fn what_nobody_honest_does_costs_reputation_but_not_that_of_trusted_peers() {
	let [trusted, other] = peers();
	let gate = gate(&[trusted]);
	for why in [Refusal::TooMany, Refusal::TooLarge] {
		assert!(gate.penalty(&other, why).is_some() && gate.penalty(&trusted, why).is_none());
	}
	for why in [Refusal::Crowded, Refusal::Late] {
		assert!(gate.penalty(&other, why).is_none());
	}
}

#[test]
fn those_that_the_operator_trusts_go_first_and_cost_nothing() {
	let [trusted, other] = peers();
	let (mut gate, now) = (gate(&[trusted]), Instant::now());
	gate.connected(other);
	for _ in 0..10 {
		gate.done(other, SECOND, now);
		gate.done(trusted, SECOND, now);
	}
	ask(&mut gate, other, 1, now);
	ask(&mut gate, trusted, 2, now);
	assert_eq!(gate.next(now), Next::Answer(trusted, 2));
	gate.done(trusted, SECOND, now);
	assert_eq!(gate.next(now), Next::Wait(20 * SECOND));
	assert_eq!(gate.next(now + 20 * SECOND), Next::Answer(other, 1));
}

/// Whoever is connected can ask, with as many identities as it likes. An honest node has a slot before it asks.
#[test]
fn strangers_do_not_crowd_out_those_that_have_a_slot() {
	let (mut gate, start) = (gate(&[]), Instant::now());
	let room = u32::try_from(gate.room()).expect("few");
	let strangers: Vec<_> = (0..room / 2).map(|_| PeerId::random()).collect();
	for (request, peer) in (0..).zip(strangers.iter().flat_map(|peer| [peer; WAITING_OF_EACH])) {
		assert_eq!(ask(&mut gate, *peer, request, start), None);
	}
	let [synced, newcomer, gone] = peers();
	gate.connected(synced);
	gate.connected(gone);
	gate.gone(&gone);
	// A stranger's second one goes, the last of these, before another's first.
	assert_eq!(ask(&mut gate, synced, 1000, start), Some((room - 1, Refusal::Crowded)));
	assert_eq!(
		ask(&mut gate, newcomer, 1001, start),
		Some((room - 3, Refusal::Crowded))
	);
	assert_eq!(ask(&mut gate, gone, 1002, start), Some((room - 5, Refusal::Crowded)));
	assert_eq!(ask(&mut gate, gone, 1003, start), Some((1003, Refusal::Crowded)));
	assert_eq!(gate.next(start), Next::Answer(synced, 1000));
	gate.done(synced, SECOND, start);
	assert_eq!(ask(&mut gate, synced, 1004, start), None);
	assert_eq!(gate.next(start), Next::Answer(synced, 1004), "whatever it has cost");
}

#[test]
fn there_is_room_for_all_that_have_a_slot() {
	let trusted = PeerId::random();
	let (mut gate, now) = (gate(&[trusted]), Instant::now());
	assert_eq!(gate.room(), (SLOTS + 1) * WAITING_OF_EACH + WAITING_OF_STRANGERS);
	for _ in 0..gate.room() {
		ask(&mut gate, PeerId::random(), 0, now);
	}
	let known: Vec<_> = (0..SLOTS).map(|_| PeerId::random()).collect();
	known.iter().for_each(|peer| gate.connected(*peer));
	for peer in known.iter().chain([&trusted]).flat_map(|peer| [peer; WAITING_OF_EACH]) {
		assert_eq!(ask(&mut gate, *peer, 1, now), Some((0, Refusal::Crowded)));
	}
}

#[test]
fn a_flood_of_requests_slows_down_its_sender() {
	let [hostile, honest] = peers();
	let (mut answers, start) = (Answers::new([(hostile, DEAR), (honest, DEAR)]), Instant::now());
	let mut answered = 0;
	for step in 0..60_000 {
		let now = start + millis(step);
		ask(&mut answers.gate, hostile, step, now);
		if step % 1000 == 0 {
			assert_eq!(ask(&mut answers.gate, honest, step, now), None);
		}
		assert!(answers.gate.late(now).is_empty());
		if let Some((_, asked)) = answers.at(now).filter(|(peer, _)| *peer == honest) {
			answered += 1;
			assert!(step - asked <= 600, "asked at {asked}, answered at {step}");
		}
	}
	assert_eq!(answered, 60);
	let spent = answers.spent;
	assert!(spent < millis(8_200), "10 % of a minute and the burst: {spent:?}");
}

/// Many identities, all with slots, take turns.
#[test]
fn who_asks_for_little_waits_for_nobodys_turn() {
	let hostile: [_; 31] = peers();
	let honest = PeerId::random();
	let takes = hostile
		.map(|peer| (peer, DEAR))
		.into_iter()
		.chain([(honest, millis(2))]);
	let (mut answers, start) = (Answers::new(takes), Instant::now());
	let mut answered = 0;
	for step in (0..60_000).step_by(4) {
		let now = start + millis(step);
		for peer in hostile {
			ask(&mut answers.gate, peer, step, now);
		}
		if step % 1000 == 500 {
			assert_eq!(ask(&mut answers.gate, honest, step, now), None);
		}
		if let Some((_, asked)) = answers.at(now).filter(|(peer, _)| *peer == honest) {
			answered += 1;
			assert!(step - asked <= 1_000, "asked at {asked}, answered at {step}");
		}
		answers.gate.late(now);
	}
	assert_eq!(answered, 60);
}

#[test]
fn whoever_is_new_goes_after_who_asks_for_little_and_before_who_asks_for_much() {
	let [much, new, little] = peers();
	let (mut gate, now) = (gate(&[]), Instant::now());
	gate.done(much, DEAR, now);
	gate.done(little, millis(2), now);
	for (request, peer) in (0..).zip([much, new, little]) {
		ask(&mut gate, peer, request, now);
	}
	for (peer, request, took) in [(little, 2, millis(2)), (new, 1, DEAR), (much, 0, DEAR)] {
		assert_eq!(gate.next(now), Next::Answer(peer, request));
		gate.done(peer, took, now);
	}
}

/// A node that has synced for a minute has cost far more than identities that are new.
#[test]
fn new_identities_do_not_shut_out_who_has_asked_for_long() {
	let hostile: [_; 31] = peers();
	let honest = PeerId::random();
	let takes = hostile.map(|peer| (peer, DEAR)).into_iter().chain([(honest, DEAR)]);
	let (mut answers, start) = (Answers::new(takes), Instant::now());
	ask(&mut answers.gate, honest, 0, start);
	let (mut alone, mut among) = (0, 0);
	for step in (0..120_000).step_by(4) {
		let now = start + millis(step);
		if answers.at(now).is_some_and(|(peer, _)| peer == honest) {
			if step < 60_000 {
				alone += 1;
			} else {
				among += 1;
			}
			assert_eq!(ask(&mut answers.gate, honest, step, now), None);
		}
		for peer in hostile.iter().filter(|_| step >= 60_000) {
			ask(&mut answers.gate, *peer, step, now);
		}
		// Requests are refused if they wait for too long, and then an honest node leaves.
		assert!(answers.gate.late(now).is_empty());
	}
	assert!(alone > 150 && among >= 3, "{alone} answers alone, {among} among many");
}

/// The disk is slow, or the machine busy: an answer takes a second, and whoever gets it asks for the next at once.
#[test]
fn slow_answers_do_not_close_the_gate_for_longer_than_anybody_waits() {
	let shortest = patience(10 * SECOND);
	assert!(LONGEST_PAUSE * 2 <= shortest);
	let lone = PeerId::random();
	let (mut answers, start) = (Answers::new([(lone, SECOND)]), Instant::now());
	answers.gate.arrive(lone, 100, shortest, 0, start);
	let mut answered = 0;
	for step in (0..120_000).step_by(10) {
		let now = start + millis(step);
		if answers.at(now).is_some() {
			answered += 1;
			assert_eq!(answers.gate.arrive(lone, 100, shortest, step, now), None);
		}
		assert!(answers.gate.late(now).is_empty(), "at {step}");
	}
	assert!(answered >= 24, "{answered} answers in two minutes");
}

#[test]
fn a_machine_that_was_suspended_has_not_answered_all_the_while() {
	let [one, other] = peers();
	let (mut gate, start) = (gate(&[]), Instant::now());
	gate.done(one, 3600 * SECOND, start);
	for _ in 0..4 {
		gate.done(other, SECOND, start);
	}
	ask(&mut gate, other, 1, start);
	ask(&mut gate, one, 2, start);
	assert_eq!(gate.next(start), Next::Answer(one, 2));
}

#[test]
fn each_request_waits_for_somewhat_less_than_its_sender() {
	assert_eq!(usual(), 32 * SECOND);
	let [one, other] = peers();
	let (mut gate, start) = (gate(&[]), Instant::now());
	assert_eq!(gate.until_late(start), None);
	gate.arrive(one, 100, 30 * SECOND, 1, start);
	gate.arrive(one, 100, 8 * SECOND, 2, start + SECOND);
	gate.arrive(other, 100, 8 * SECOND, 3, start + SECOND);
	assert_eq!(gate.until_late(start + SECOND), Some(8 * SECOND));
	assert!(gate.late(start + 9 * SECOND - millis(1)).is_empty());
	assert_eq!(gate.late(start + 9 * SECOND), [2, 3]);
	assert_eq!(gate.until_late(start + 9 * SECOND), Some(21 * SECOND));
	assert_eq!(gate.late(start + 30 * SECOND), [1]);
}

#[test]
fn what_an_answer_costs_is_its_time_and_its_bytes() {
	assert_eq!(cost(millis(10), 0), Duration::from_micros(10_100));
	assert_eq!(cost(millis(10), 1024 * 1024), Duration::from_micros(14_196));
}
