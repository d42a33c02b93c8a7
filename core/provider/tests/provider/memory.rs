//! What outlives the program.

use crate::bench::{find, job, open, Bench, SLOT_MS};
use codec::{DecodeAll, Encode};
use proof_lottery_primitives::Resource;
use smartchain_provider::{
	Action, Answer, Body, Event, Key, Memory, Outcome, Provider, Record, Rules, Unit, FORGET_AFTER, MAX_KEPT,
};

fn key(round: u64, group: u32) -> Key {
	Key {
		resource: Resource::Space,
		round,
		challenge: [1; 32],
		unit: Unit::Find { group, find: [5; 16] },
	}
}

fn kept(round: u64, until: u64) -> Record {
	Record::Kept(Answer {
		key: key(round, 3),
		until,
		body: Body::Space { proof: vec![9; 288] },
	})
}

#[test]
fn a_program_that_was_killed_sends_what_it_kept_and_nothing_else() {
	let memory = Memory::replay([kept(8, 125)]);
	let mut bench = Bench::with(memory);
	let actions = bench.head(102, vec![open(Resource::Space, 8, 1, 101, 125)]);
	let Record::Kept(answer) = kept(8, 125) else { panic!() };
	let [Action::Submit(sent), Action::Look { job, .. }] = &actions[..] else {
		panic!("{actions:?}")
	};
	assert_eq!(*sent, answer);
	// The same find is found again, and not solved again.
	let none = bench.step(Event::Looked {
		job: *job,
		finds: vec![find(3, 5)],
	});
	assert!(none.is_empty(), "{none:?}");
	bench.step(Event::Submission {
		key: answer.key,
		outcome: Outcome::Pooled,
	});
}

#[test]
fn memory_is_forgotten_late_and_leaves_a_horizon() {
	let mut bench = Bench::with(Memory::replay([kept(8, 125)]));
	assert!(bench.pass(FORGET_AFTER + 25).is_empty());
	let forgotten = bench.pass(1);
	assert!(
		matches!(&forgotten[..], [Action::Forget(answer)] if answer.key == key(8, 3)),
		"{forgotten:?}"
	);
	assert!(bench.machine.memory().is_empty());
	// Whatever a node says that begins anew: the round is not answered again.
	let records = bench.machine.memory().records();
	for (rules, begins) in [
		(Rules::default(), false),
		(
			Rules {
				horizon: false,
				..Rules::default()
			},
			true,
		),
	] {
		let memory = Memory::replay(records.clone());
		let mut bench = Bench::new();
		bench.machine = Provider::with_rules(crate::bench::config(), memory, rules);
		bench.step(crate::bench::plots(0..8));
		bench.step(Event::Rates(crate::bench::rates()));
		bench.step(Event::Device(crate::bench::device(102)));
		let actions = bench.head(102, vec![open(Resource::Space, 8, 1, 101, 125)]);
		assert_eq!(job(&actions).is_some(), begins, "{actions:?}");
	}
}

#[test]
fn a_journal_is_bounded_and_tells_the_same_when_it_is_written_anew() {
	let records = (0..2 * MAX_KEPT as u64).map(|round| kept(round, 100 + round));
	let memory = Memory::replay(records.chain([Record::Forgotten(key(900, 3), 1_000)]));
	assert_eq!(memory.len(), MAX_KEPT - 1);
	let again = Memory::replay(memory.records());
	assert_eq!(again, memory);
	assert!(memory.records().contains(&Record::Horizon(Resource::Space, 1_000)));
}

#[test]
fn of_two_answers_the_first_counts() {
	let mut other = kept(8, 125);
	if let Record::Kept(answer) = &mut other {
		answer.body = Body::Space { proof: vec![1; 288] };
	}
	let memory = Memory::replay([kept(8, 125), other]);
	assert!(memory.records().contains(&kept(8, 125)));
}

#[test]
fn a_record_reads_as_it_was_written() {
	let pulse = Record::Kept(Answer {
		key: Key {
			resource: Resource::Uptime,
			unit: Unit::Presence,
			..key(3, 0)
		},
		until: 9,
		body: Body::Uptime {
			pre_output: [1; 32],
			proof: [2; 64],
		},
	});
	for record in [
		kept(8, 125),
		pulse,
		Record::Forgotten(key(1, 2), 3),
		Record::Horizon(Resource::Compute, 4),
	] {
		assert_eq!(Record::decode_all(&mut &record.encode()[..]), Ok(record));
	}
}

#[test]
fn an_answer_that_could_not_be_kept_outlives_its_branch() {
	let mut bench = Bench::new();
	let look = bench.head(101, vec![open(Resource::Space, 8, 1, 101, 125)]);
	let solve = bench.step(Event::Looked {
		job: job(&look).unwrap(),
		finds: vec![find(3, 5)],
	});
	let keep = bench.step(Event::Solved {
		job: job(&solve).unwrap(),
		proof: vec![9; 288],
	});
	let [Action::Keep(answer)] = &keep[..] else {
		panic!("{keep:?}")
	};
	bench.step(Event::NotKept(answer.key));
	bench.head(102, Vec::new());
	assert!(bench.pass(2).is_empty());
	bench.now += SLOT_MS;
	let back = bench.head(103, vec![open(Resource::Space, 8, 1, 101, 125)]);
	assert_eq!(back, keep);
}
