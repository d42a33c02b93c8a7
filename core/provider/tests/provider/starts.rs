//! Programs that begin, and nodes that come back, while rounds are open: who comes late is not told to be faster.

use crate::bench::{config, device, explained, job, open, plots, rates, Bench};
use proof_lottery_primitives::{OpenRound, Resource};
use smartchain_provider::{
	Action, Answer, Body, Ending, Event, Key, Memory, Outcome, Provider, Rates, Record, Refusal, Unit, Why,
};

const SPACE: Resource = Resource::Space;
const UPTIME: Resource = Resource::Uptime;

/// A program that knows its device and plots, and has seen no block.
fn begun(memory: Memory) -> Bench {
	let mut bench = Bench {
		machine: Provider::new(config(), memory),
		now: 0,
	};
	bench.step(Event::Rates(rates()));
	bench.step(plots(0..8));
	bench.step(Event::Device(device(100)));
	bench
}

fn kept(resource: Resource, unit: Unit, body: Body) -> Memory {
	let key = Key {
		resource,
		round: 8,
		challenge: [1; 32],
		unit,
	};
	Memory::replay([Record::Kept(Answer { key, until: 125, body })])
}

/// How the one round ends that was looked at.
fn ending(bench: &mut Bench) -> (Ending, Option<Why>) {
	match explained(&bench.pass(200))[..] {
		[explanation] => (explanation.ending, explanation.besides),
		ref other => panic!("{other:?}"),
	}
}

fn in_mid_round(slot: u64, round: OpenRound) -> Ending {
	let mut bench = begun(Memory::default());
	assert_eq!(job(&bench.head(slot, vec![round])), None);
	ending(&mut bench).0
}

#[test]
fn a_round_that_was_open_before_is_told_as_such() {
	let before = in_mid_round(124, open(SPACE, 8, 1, 101, 125));
	assert_eq!(before, Ending::NotWon(Why::Before));
	assert!(Why::Before.is_chance(), "nobody has to do anything");
	// Whoever has seen it begin had no time.
	let seen = in_mid_round(124, open(SPACE, 8, 1, 124, 125));
	let late = Why::Late { needed: 602, left: 0 };
	assert_eq!(seen, Ending::NotWon(late));
}

#[test]
fn what_could_be_run_of_a_window_that_was_open_before_says_nothing_of_the_machine() {
	let ran_from = |opened| {
		let mut bench = begun(Memory::default());
		bench.step(Event::Rates(Rates {
			segment_us: 1_000_000,
			..rates()
		}));
		let mut run = bench.head(180, vec![open(Resource::Compute, 3, 1, opened, 185)]);
		assert!(job(&run).is_some(), "{run:?}");
		while let Some(job) = job(&run) {
			bench.now += 1_000;
			let winners = Vec::new();
			run = bench.step(Event::Ran { job, winners });
		}
		ending(&mut bench).0
	};
	assert_eq!(ran_from(101), Ending::NotWon(Why::Before));
	let seen = ran_from(180);
	assert!(matches!(seen, Ending::NotWon(Why::Slow { of: 40, .. })), "{seen:?}");
}

#[test]
fn a_pulse_that_the_program_before_sent_is_won_without_a_reproach() {
	let body = Body::Uptime {
		pre_output: [7; 32],
		proof: [8; 64],
	};
	let mut bench = begun(kept(UPTIME, Unit::Presence, body));
	let sent = bench.head(123, vec![open(UPTIME, 8, 1, 101, 125)]);
	let [Action::Submit(answer)] = &sent[..] else {
		panic!("{sent:?}")
	};
	bench.step(Event::Submission {
		key: answer.key,
		outcome: Outcome::Refused(Refusal::Stale),
	});
	assert_eq!(ending(&mut bench), (Ending::Won(1), None));
}

#[test]
fn an_answer_of_the_program_before_for_which_it_is_too_late_blames_no_node() {
	let unit = Unit::Find {
		group: 3,
		find: [5; 16],
	};
	let mut bench = begun(kept(SPACE, unit, Body::Space { proof: vec![9; 288] }));
	bench.head(125, vec![open(SPACE, 8, 1, 101, 125)]);
	assert_eq!(ending(&mut bench).0, Ending::NotWon(Why::Before));
}

#[test]
fn a_round_that_was_opened_while_the_node_was_lost_blames_the_node() {
	let mut bench = Bench::new();
	bench.step(Event::NodeLost);
	bench.step(Event::NodeBack);
	bench.head(124, vec![open(SPACE, 8, 1, 101, 125)]);
	assert_eq!(ending(&mut bench).0, Ending::NotWon(Why::NodeLost));
}

#[test]
fn work_that_never_comes_back_is_not_told_to_have_had_no_time() {
	let mut bench = Bench::new();
	assert!(job(&bench.head(101, vec![open(SPACE, 8, 1, 101, 125)])).is_some());
	assert_eq!(ending(&mut bench).0, Ending::NotWon(Why::Unfinished));
}
