//! Single reactions.

use compute_market_primitives::{Kind, Outcome};
use smart_agent_tasks::{
	Action, Batch, Config, Deed, Done, Event, Failure, Fate, Hash, Machine, Memory, Missed, Now, Refusal, Said,
	TaskKey, TaskState, Told, What, Why, Work, WorkId, FORGET_AFTER, RESEND_MS,
};

/// A machine with its clock.
struct Worker {
	machine: Machine,
	ms: u64,
}

fn key(unit: u32) -> TaskKey {
	TaskKey {
		job: 17,
		unit,
		since: 90,
		of: [3; 32],
	}
}

fn run(unit: u32) -> Told {
	Told {
		key: key(unit),
		what: What::Run { due: 400 },
	}
}

fn told(unit: u32, what: What) -> Told {
	Told { key: key(unit), what }
}

fn ran(root: u8) -> Done {
	Done::Ran {
		outcome: Outcome {
			kind: Kind::Ok,
			root: [root; 32],
			fuel: 10,
		},
		salt: [root; 16],
		bytes: 3,
		millis: 5,
	}
}

impl Worker {
	fn new(slots: u16) -> Self {
		Self::with(slots, Memory::default())
	}

	fn with(slots: u16, memory: Memory) -> Self {
		let config = Config {
			slots,
			..Config::default()
		};
		let mut worker = Self {
			machine: Machine::new(config, memory),
			ms: 0,
		};
		assert!(worker.step(Event::Outputs(Vec::new())).is_empty());
		worker
	}

	fn step(&mut self, event: Event) -> Vec<Action> {
		self.ms += 100;
		self.machine.step(Now { ms: self.ms }, event)
	}

	fn head(&mut self, tick: u32, told: Vec<Told>) -> Vec<Action> {
		self.step(Event::Head { tick, told })
	}

	fn done(&mut self, work: WorkId, done: Done) -> Vec<Action> {
		self.step(Event::Done { work, done })
	}

	fn state(&self, unit: u32) -> TaskState {
		let tasks = self.machine.status().tasks;
		tasks.iter().find(|task| task.key.unit == unit).unwrap().state
	}
}

fn begun(actions: &[Action], wanted: Work) -> Vec<(WorkId, u32)> {
	let begun = actions.iter().filter_map(|action| match action {
		Action::Begin { work_id, key, work } if *work == wanted => Some((*work_id, key.unit)),
		_ => None,
	});
	begun.collect()
}

fn sent(actions: &[Action]) -> Vec<&Batch> {
	let sent = actions.iter().filter_map(|action| match action {
		Action::Submit(batch) => Some(batch),
		_ => None,
	});
	sent.collect()
}

/// Runs these units to a durable answer; what is done then.
fn answered(worker: &mut Worker, units: &[u32]) -> Vec<Action> {
	let all = units.iter().map(|unit| run(*unit)).collect();
	let mut actions = worker.head(100, all);
	for _ in units {
		let mut next = Vec::new();
		for (id, _) in begun(&actions, Work::Fetch) {
			next.extend(worker.done(id, Done::Fetched));
		}
		for (id, unit) in begun(&actions, Work::Run) {
			next.extend(worker.done(id, ran(unit as u8)));
			next.extend(worker.step(Event::Kept(key(unit))));
		}
		actions = next;
	}
	for (id, unit) in begun(&actions, Work::Run) {
		actions = worker.done(id, ran(unit as u8));
		actions.extend(worker.step(Event::Kept(key(unit))));
	}
	actions
}

#[test]
fn a_unit_is_fetched_run_kept_committed_and_revealed() {
	let mut worker = Worker::new(1);
	let actions = worker.head(100, vec![run(3)]);
	assert_eq!(worker.state(3), TaskState::Fetching);
	let (fetch, _) = begun(&actions, Work::Fetch)[0];
	let actions = worker.done(fetch, Done::Fetched);
	let (running, _) = begun(&actions, Work::Run)[0];
	assert_eq!(worker.state(3), TaskState::Running);
	let actions = worker.done(running, ran(7));
	let [Action::Keep(answer)] = actions[..] else {
		panic!("{actions:?}");
	};
	assert_eq!(answer.output(), Some([7; 32]));
	let actions = worker.step(Event::Kept(key(3)));
	assert_eq!(sent(&actions)[0].deed, Deed::Commit);
	assert_eq!(sent(&actions)[0].tasks, [(key(3), Some(answer))]);
	assert!(worker
		.step(Event::Sent {
			deed: Deed::Commit,
			tasks: vec![key(3)]
		})
		.is_empty());
	assert!(worker.head(101, vec![told(3, What::Wait)]).is_empty());
	assert_eq!(worker.state(3), TaskState::Sealed);
	let actions = worker.head(102, vec![told(3, What::Reveal { until: 140, place: 0 })]);
	assert_eq!(sent(&actions)[0].deed, Deed::Reveal);
	assert!(worker.head(103, Vec::new()).is_empty());
	let stats = worker.machine.status().stats;
	assert_eq!(
		(stats.ran, stats.committed, stats.revealed, stats.all_missed()),
		(1, 1, 1, 0)
	);
	assert_eq!(stats.commit_ticks, 11);
}

#[test]
fn what_is_said_of_several_units_goes_together_in_their_order() {
	let mut worker = Worker::new(4);
	answered(&mut worker, &[5, 2, 9]);
	// The first went as soon as it was durable; once nothing was heard of them for a while all go anew, together.
	worker.ms += RESEND_MS;
	let actions = worker.step(Event::Tick);
	let batches = sent(&actions);
	assert_eq!(batches.len(), 1, "{batches:?}");
	let units: Vec<u32> = batches[0].tasks.iter().map(|(key, _)| key.unit).collect();
	assert_eq!(units, [2, 5, 9]);
	// One of them is wrong: nobody says which, so that each goes by itself.
	let tasks: Vec<TaskKey> = batches[0].tasks.iter().map(|(key, _)| *key).collect();
	worker.step(Event::Refused {
		deed: Deed::Commit,
		tasks,
		why: Refusal::Wrong,
	});
	worker.ms += 1_000;
	let actions = worker.step(Event::Tick);
	assert!(sent(&actions).iter().all(|batch| batch.tasks.len() == 1) && sent(&actions).len() == 3);
}

#[test]
fn what_has_little_time_left_is_sent_again_sooner() {
	let after = |until: u32| {
		let mut worker = Worker::new(1);
		answered(&mut worker, &[3]);
		worker.head(200, vec![told(3, What::Reveal { until, place: 0 })]);
		worker.step(Event::Sent {
			deed: Deed::Reveal,
			tasks: vec![key(3)],
		});
		let since = worker.ms;
		while sent(&worker.step(Event::Tick)).is_empty() {}
		worker.ms - since
	};
	assert_eq!([after(320), after(264)], [RESEND_MS; 2]);
	assert_eq!([after(240), after(208), after(200)], [5_000, 1_000, 1_000]);
}

#[test]
fn after_a_kill_the_same_is_said() {
	let mut worker = Worker::new(1);
	let first = answered(&mut worker, &[3]);
	let first = sent(&first)[0].clone();
	// What is in the journal is all that is left.
	let memory = Memory::replay(worker.machine.memory().records());
	let mut worker = Worker::with(1, memory);
	let actions = worker.head(101, vec![run(3)]);
	assert_eq!(
		sent(&actions),
		[&first],
		"the same, and nothing is run again: {actions:?}"
	);
	assert!(begun(&actions, Work::Fetch).is_empty());
	let actions = worker.head(102, vec![told(3, What::Reveal { until: 140, place: 0 })]);
	assert_eq!(sent(&actions)[0].tasks, first.tasks);
}

#[test]
fn another_branch_with_another_job_is_another_task() {
	let mut worker = Worker::new(1);
	answered(&mut worker, &[3]);
	let other = TaskKey { of: [4; 32], ..key(3) };
	let actions = worker.head(
		101,
		vec![Told {
			key: other,
			what: What::Run { due: 400 },
		}],
	);
	assert_eq!(begun(&actions, Work::Fetch).len(), 1, "it is another computation");
	// And back again.
	let actions = worker.head(102, vec![run(3)]);
	assert_eq!(sent(&actions)[0].tasks[0].0, key(3));
}

#[test]
fn a_busy_machine_hands_back_what_it_cannot_begin() {
	let mut worker = Worker::new(1);
	worker.step(Event::Idle(false));
	let actions = worker.head(100, vec![run(3)]);
	let (fetch, _) = begun(&actions, Work::Fetch)[0];
	assert!(begun(&worker.done(fetch, Done::Fetched), Work::Run).is_empty());
	assert!(worker.head(244, vec![run(3)]).is_empty(), "it may be idle in time");
	let actions = worker.head(245, vec![run(3)]);
	assert_eq!(sent(&actions)[0].deed, Deed::Decline);
	assert_eq!(worker.state(3), TaskState::HandedBack);
	worker.step(Event::Idle(true));
	assert!(begun(&worker.step(Event::Tick), Work::Run).is_empty(), "others have it");
	worker.head(246, Vec::new());
	assert_eq!(worker.machine.status().stats.declined, 1);
}

#[test]
fn a_machine_that_cannot_confine_takes_nothing() {
	let mut worker = Worker::new(2);
	let actions = worker.head(100, vec![run(3), run(4)]);
	let fetches = begun(&actions, Work::Fetch);
	let actions = worker.done(fetches[0].0, Done::Fetched);
	let (running, _) = begun(&actions, Work::Run)[0];
	let actions = worker.done(running, Done::Failed(Failure::Unable));
	let declined: Vec<u32> = sent(&actions)[0].tasks.iter().map(|(key, _)| key.unit).collect();
	assert_eq!(declined, [3, 4]);
	assert!(worker.machine.status().unable);
	assert!(begun(&worker.done(fetches[1].0, Done::Fetched), Work::Run).is_empty());
}

#[test]
fn who_was_short_of_memory_runs_alone_and_says_so_then() {
	let mut worker = Worker::new(2);
	let actions = worker.head(100, vec![run(3), run(4)]);
	let mut runs = Vec::new();
	for (fetch, _) in begun(&actions, Work::Fetch) {
		runs.extend(begun(&worker.done(fetch, Done::Fetched), Work::Run));
	}
	assert_eq!(runs.len(), 2);
	assert!(begun(&worker.done(runs[0].0, Done::Failed(Failure::Crowded)), Work::Run).is_empty());
	worker.ms += 2_000;
	assert!(
		begun(&worker.step(Event::Tick), Work::Run).is_empty(),
		"another one runs"
	);
	let actions = worker.done(runs[1].0, ran(4));
	let alone = begun(&actions, Work::Run);
	assert_eq!(alone.len(), 1, "{actions:?}");
	let actions = worker.done(alone[0].0, Done::Failed(Failure::Crowded));
	assert!(
		actions
			.iter()
			.any(|action| matches!(action, Action::Keep(answer) if answer.said == Said::Fault)),
		"{actions:?}"
	);
}

#[test]
fn what_is_over_is_not_sent() {
	let mut worker = Worker::new(1);
	answered(&mut worker, &[3]);
	// The node was away, and its pool has lost it.
	worker.step(Event::NodeLost);
	let actions = worker.head(401, Vec::new());
	assert!(
		matches!(
			actions[..],
			[Action::Explain(Missed {
				why: Why::NodeLost,
				reveal: false,
				..
			})]
		),
		"{actions:?}"
	);
	assert!(sent(&worker.step(Event::NodeBack)).is_empty());
	// Nothing is begun that cannot end in time.
	let late = Told {
		key: key(8),
		what: What::Run { due: 402 },
	};
	assert!(begun(&worker.head(401, vec![late]), Work::Fetch).is_empty());
}

#[test]
fn outputs_stay_until_their_job_is_over() {
	let mut worker = Worker::new(1);
	answered(&mut worker, &[3]);
	worker.head(102, Vec::new());
	let fate = |worker: &mut Worker, fate| worker.step(Event::Job { job: 17, fate });
	assert!(fate(&mut worker, Fate::Open).is_empty());
	assert!(worker
		.head(50_000, Vec::new())
		.iter()
		.all(|action| matches!(action, Action::Release(_))));
	assert!(fate(&mut worker, Fate::Closes(60_000)).is_empty());
	assert!(worker.head(60_000 + FORGET_AFTER, Vec::new()).is_empty());
	let actions = worker.head(60_001 + FORGET_AFTER, Vec::new());
	assert_eq!(actions, [Action::Forget(key(3)), Action::Remove([3; 32])]);
	// What belongs to no answer is removed at the start.
	let mut machine = Machine::new(Config::default(), Memory::default());
	let root: Hash = [9; 32];
	assert!(machine
		.step(Now::default(), Event::Outputs(vec![root]))
		.contains(&Action::Remove(root)));
}

#[test]
fn a_prober_asks_and_reports_once() {
	let mut worker = Worker::new(1);
	let what = What::Probe { due: 300, disputed: 80 };
	let actions = worker.head(100, vec![told(3, what)]);
	let (probe, _) = begun(&actions, Work::Probe)[0];
	let actions = worker.done(probe, Done::Probed(Some([8; 32])));
	assert!(matches!(actions[..], [Action::Keep(_)]), "{actions:?}");
	let actions = worker.step(Event::Kept(key(3)));
	assert_eq!(sent(&actions)[0].deed, Deed::Report);
	worker.head(101, Vec::new());
	assert_eq!(worker.machine.status().stats.reported, 1);
}

/// What is the matter is shown until it is over, and no longer.
#[test]
fn a_reason_stays_as_long_as_it_holds() {
	let mut worker = Worker::new(1);
	let why = |worker: &Worker| worker.machine.status().tasks[0].why;
	let fetch = begun(&worker.head(100, vec![run(3)]), Work::Fetch)[0].0;
	worker.done(fetch, Done::Failed(Failure::NoInput));
	assert_eq!(why(&worker), Some(Why::NoInput));
	worker.ms += 60_000;
	let fetch = begun(&worker.head(101, vec![run(3)]), Work::Fetch)[0].0;
	let going = begun(&worker.done(fetch, Done::Fetched), Work::Run)[0].0;
	assert_eq!(why(&worker), None, "somebody gave it");
	worker.done(going, Done::Failed(Failure::Disk));
	worker.ms += 60_000;
	let fetch = begun(&worker.head(102, vec![run(3)]), Work::Fetch)[0].0;
	let going = begun(&worker.done(fetch, Done::Fetched), Work::Run)[0].0;
	assert_eq!(
		why(&worker),
		Some(Why::Disk),
		"the output was not kept, and that is not over"
	);
	worker.done(going, Done::Failed(Failure::Disk));
	worker.ms += 1_500;
	let early = begun(&worker.head(103, vec![run(3)]), Work::Fetch);
	assert!(early.is_empty(), "the pause of a disk that fails grows");
	worker.ms += 600;
	let fetch = begun(&worker.head(104, vec![run(3)]), Work::Fetch)[0].0;
	let going = begun(&worker.done(fetch, Done::Fetched), Work::Run)[0].0;
	worker.done(going, ran(3));
	assert_eq!(why(&worker), None);
}

#[test]
fn each_miss_has_a_reason() {
	let miss = |prepare: &dyn Fn(&mut Worker)| {
		let mut worker = Worker::new(1);
		prepare(&mut worker);
		let actions = worker.head(401, Vec::new());
		let why = actions.iter().find_map(|action| match action {
			Action::Explain(missed) => Some(missed.why),
			_ => None,
		});
		why.expect("it is explained")
	};
	assert_eq!(
		miss(&|worker| {
			let actions = worker.head(100, vec![run(3)]);
			let fetch = begun(&actions, Work::Fetch)[0].0;
			worker.done(fetch, Done::Failed(Failure::NoInput));
			worker.step(Event::NodeLost);
			worker.head(400, vec![run(3)]);
		}),
		Why::NodeLost
	);
	assert_eq!(
		miss(&|worker| {
			let actions = worker.head(100, vec![run(3)]);
			let fetch = begun(&actions, Work::Fetch)[0].0;
			let actions = worker.done(fetch, Done::Fetched);
			assert_eq!(begun(&actions, Work::Run).len(), 1);
			worker.head(400, vec![run(3)]);
		}),
		Why::Slow
	);
	assert_eq!(
		miss(&|worker| drop(worker.head(400, vec![told(3, What::Reveal { until: 400, place: 0 })]))),
		Why::Lost
	);
	assert_eq!(miss(&|worker| drop(worker.head(399, vec![run(3)]))), Why::Late);
	// What was seen in time, and handed back, is not late.
	assert_eq!(
		miss(&|worker| {
			worker.step(Event::Idle(false));
			worker.head(100, vec![run(3)]);
			worker.head(245, vec![run(3)]);
		}),
		Why::NotIncluded
	);
}
