//! The machine: its state, and which part of it listens to which event.

mod keep;
mod over;
mod send;
mod shown;
mod work;

use crate::{
	events::{Action, Event, Fate, Work, WorkId},
	memory::{Answer, Memory},
	rules::Rules,
	stats::Stats,
	types::{Config, Hash, Now, TaskKey, Tick, Told, What},
	why::Why,
};
use keep::Keeping;
use send::Sending;
use std::collections::{BTreeMap, BTreeSet};

pub use send::{BATCH_UNITS, RESEND_MS};
pub use shown::{Status, TaskState, TaskStatus};

/// Tasks that are followed at most: what a node tells at once, on several branches.
pub const MAX_TASKS: usize = 1_024;

/// Answers that are kept at most. Whoever has so many takes nothing more until jobs are over.
pub const MAX_ANSWERS: usize = 65_536;

/// So many ticks after its time something is forgotten: ten minutes, longer than branches of the chain live.
pub const FORGET_AFTER: Tick = 1_200;

/// Pauses after work that came to nothing, in milliseconds: the first, and the longest.
const FIRST_PAUSE: u64 = 1_000;
const LONGEST_PAUSE: u64 = 60_000;

/// A task.
#[derive(Clone, Debug)]
struct Task {
	/// What the chain wants of it; nothing any more, or on this branch.
	told: Option<What>,
	/// Since which tick it is known to want that.
	seen: Tick,
	/// Since when it wants nothing.
	gone: Option<Tick>,
	/// The last tick at which the chain wanted something of it.
	last: Tick,
	/// Whether program and input are there.
	fetched: bool,
	/// Whether it is to be run while nothing else is.
	alone: bool,
	/// Whether it is handed back.
	handed: bool,
	/// Until when nothing is tried again, and how often that has failed.
	pause: (u64, u32),
	/// Why it is not further.
	why: Option<Why>,
}

impl Task {
	fn new(told: What, tick: Tick) -> Self {
		Self {
			told: Some(told),
			seen: tick,
			gone: None,
			last: tick,
			fetched: false,
			alone: false,
			handed: false,
			pause: (0, 0),
			why: None,
		}
	}

	/// Something failed: it is tried again after a pause that doubles.
	fn failed(&mut self, now: u64) {
		let doublings = self.pause.1.min(16);
		let pause = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
		self.pause = (now.saturating_add(pause), self.pause.1.saturating_add(1));
	}
}

/// Work that is going on.
#[derive(Clone, Copy, Debug)]
struct Going {
	key: TaskKey,
	work: Work,
	alone: bool,
	cancelled: bool,
}

/// A worker. See the crate's head for what it is told and what it asks for.
#[derive(Clone, Debug)]
pub struct Machine {
	config: Config,
	rules: Rules,
	now: Now,
	tick: Option<Tick>,
	node_lost: bool,
	stopping: bool,
	idle: bool,
	/// Whether it is known which outputs are on the disk.
	listed: bool,
	/// Until when nothing is run, for this machine cannot.
	unable: u64,
	tasks: BTreeMap<TaskKey, Task>,
	going: BTreeMap<WorkId, Going>,
	next_work: WorkId,
	/// Answers that are not durable yet.
	keeping: BTreeMap<TaskKey, Keeping>,
	memory: Memory,
	sends: BTreeMap<TaskKey, Sending>,
	/// How long jobs matter, and since when those are gone that are.
	fates: BTreeMap<u64, (Fate, Tick)>,
	/// Outputs on the disk.
	outputs: BTreeSet<Hash>,
	stats: Stats,
}

impl Machine {
	/// A machine that knows what was kept before it began.
	pub fn new(config: Config, memory: Memory) -> Self {
		Self::with_rules(config, memory, Rules::default())
	}

	/// The same without some rules, for tests that show that they would notice.
	#[doc(hidden)]
	pub fn with_rules(config: Config, memory: Memory, rules: Rules) -> Self {
		Self {
			config,
			rules,
			now: Now::default(),
			tick: None,
			node_lost: false,
			stopping: false,
			idle: true,
			listed: false,
			unable: 0,
			tasks: BTreeMap::new(),
			going: BTreeMap::new(),
			next_work: 0,
			keeping: BTreeMap::new(),
			memory,
			sends: BTreeMap::new(),
			fates: BTreeMap::new(),
			outputs: BTreeSet::new(),
			stats: Stats::default(),
		}
	}

	/// What happened, and when; and what is to be done.
	pub fn step(&mut self, now: Now, event: Event) -> Vec<Action> {
		self.now = Now {
			ms: self.now.ms.max(now.ms),
		};
		let mut out = Vec::new();
		match event {
			Event::Head { tick, told } => self.on_head(tick, told, &mut out),
			Event::Outputs(roots) => self.on_outputs(roots, &mut out),
			Event::Job { job, fate } => self.on_job(job, fate),
			Event::Idle(idle) => self.idle = idle,
			Event::Done { work, done } => self.on_done(work, done, &mut out),
			Event::Kept(key) => self.on_kept(&key, true, &mut out),
			Event::NotKept(key) => self.on_kept(&key, false, &mut out),
			Event::Sent { deed, tasks } => self.on_sent(deed, &tasks),
			Event::Refused { deed, tasks, why } => self.on_refused(deed, &tasks, why),
			Event::NodeLost => self.node_lost = true,
			Event::NodeBack => self.on_node_back(),
			Event::Tick => (),
			Event::Stop => self.stopping = true,
		}
		// Until both are known, what is missing cannot be told from what was not looked for.
		if self.listed && self.tick.is_some() {
			self.hand_back(&mut out);
			self.end_gone(&mut out);
			self.fetch(&mut out);
			self.run(&mut out);
			self.probe(&mut out);
			self.keep_again(&mut out);
			self.send(&mut out);
			self.forget(&mut out);
		}
		out
	}

	/// The tick of the last block; 0 before there was one.
	fn tick(&self) -> Tick {
		self.tick.unwrap_or(0)
	}

	fn on_head(&mut self, tick: Tick, told: Vec<Told>, out: &mut Vec<Action>) {
		self.tick = Some(tick);
		let mut told: BTreeMap<TaskKey, What> = told
			.into_iter()
			.take(MAX_TASKS)
			.map(|told| (told.key, told.what))
			.collect();
		let keys: Vec<TaskKey> = self.tasks.keys().copied().collect();
		for key in keys {
			self.on_told(&key, told.remove(&key), tick, out);
		}
		for (key, what) in told {
			if self.tasks.len() >= MAX_TASKS {
				break;
			}
			self.tasks.insert(key, Task::new(what, tick));
		}
	}

	/// What the chain wants of a task now.
	fn on_told(&mut self, key: &TaskKey, after: Option<What>, tick: Tick, out: &mut Vec<Action>) {
		let Some(before) = self.tasks.get(key).map(|task| task.told) else {
			return;
		};
		if before != after {
			self.over(key, before, tick, out);
			// What was sent for it was for something else, or has done what it should.
			self.sends.remove(key);
		}
		if let Some(task) = self.tasks.get_mut(key) {
			task.gone = match after {
				Some(_) => None,
				None => task.gone.or(Some(tick)),
			};
			if after.is_some() {
				task.last = tick;
				if before != after {
					task.seen = tick;
				}
			}
			task.told = after;
		}
	}

	/// What is said of a task, if that may be sent.
	fn answer(&self, key: &TaskKey) -> Option<&Answer> {
		let early = || match self.rules.kept_first {
			true => None,
			false => self.keeping.get(key).map(|keeping| &keeping.answer),
		};
		self.memory.answer(key).or_else(early)
	}

	/// Whether there is an answer to a task, durable or not.
	fn is_answered(&self, key: &TaskKey) -> bool {
		self.memory.answer(key).is_some() || self.keeping.contains_key(key)
	}

	/// Jobs of which it matters how long they do.
	pub fn jobs(&self) -> BTreeSet<u64> {
		let tasks = self.tasks.keys().map(|key| key.job);
		tasks
			.chain(self.memory.answers().map(|answer| answer.key.job))
			.collect()
	}

	/// What was kept, to be kept beyond this machine.
	pub fn memory(&self) -> &Memory {
		&self.memory
	}

	/// For tests: that everything stays within its bounds.
	///
	/// # Errors
	/// Names the first that does not.
	pub fn check_bounds(&self) -> Result<(), &'static str> {
		let checks = [
			(self.tasks.len() <= MAX_TASKS, "tasks"),
			(self.memory.len() <= MAX_ANSWERS, "answers"),
			(self.sends.len() <= self.tasks.len(), "sends"),
			(self.running() <= usize::from(self.config.slots.max(1)), "slots"),
			(self.count(Work::Fetch) <= work::MAX_FETCHES, "fetches"),
			(self.count(Work::Probe) <= work::MAX_PROBES, "probes"),
		];
		match checks.into_iter().find(|(holds, _)| !holds) {
			Some((_, what)) => Err(what),
			None => Ok(()),
		}
	}
}
