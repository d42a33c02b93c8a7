//! Fetches, runs, probes, and what is handed back.

use super::{Going, Machine, MAX_ANSWERS};
use crate::{
	events::{Action, Done, Failure, Work, WorkId},
	memory::Said,
	types::{TaskKey, Tick, What},
	why::Why,
};
use compute_market_primitives::Kind;

/// Programs and inputs that are fetched at a time, and outputs that are asked for.
pub(super) const MAX_FETCHES: usize = 4;
pub(super) const MAX_PROBES: usize = 4;
/// For so many milliseconds nothing is run after this machine could not.
const UNABLE_MS: u64 = 60_000;
/// So many ticks after the chain wants nothing of a task any more, work on it is ended: a branch may want it again.
const GONE_TICKS: Tick = 16;

impl Machine {
	pub(super) fn count(&self, work: Work) -> usize {
		self.going.values().filter(|going| going.work == work).count()
	}

	pub(super) fn running(&self) -> usize {
		self.count(Work::Run)
	}

	pub(super) fn is_going(&self, key: &TaskKey, work: Work) -> bool {
		self.going.values().any(|going| going.key == *key && going.work == work)
	}

	fn begin(&mut self, key: TaskKey, work: Work, alone: bool, out: &mut Vec<Action>) {
		let work_id = self.next_work;
		self.next_work = work_id.wrapping_add(1);
		let going = Going {
			key,
			work,
			alone,
			cancelled: false,
		};
		self.going.insert(work_id, going);
		out.push(Action::Begin { work_id, key, work });
	}

	/// Tasks that are to be run and are not answered, the one whose time ends first before all others. None while the
	/// program ends.
	fn to_run(&self, ready: impl Fn(&super::Task) -> bool) -> Vec<TaskKey> {
		if self.stopping {
			return Vec::new();
		}
		let (now, tick, margin) = (self.now.ms, self.tick(), self.config.margin);
		let mut found: Vec<(Tick, TaskKey)> = Vec::new();
		for (key, task) in &self.tasks {
			let Some(What::Run { due }) = task.told else {
				continue;
			};
			let in_time = tick.saturating_add(margin) <= due || !self.rules.in_time;
			let answered = self.rules.once && self.is_answered(key);
			if in_time && !answered && !task.handed && task.pause.0 <= now && ready(task) {
				found.push((due, *key));
			}
		}
		found.sort_unstable();
		found.into_iter().map(|(_, key)| key).collect()
	}

	pub(super) fn fetch(&mut self, out: &mut Vec<Action>) {
		for key in self.to_run(|task| !task.fetched) {
			if self.count(Work::Fetch) >= MAX_FETCHES {
				return;
			}
			if !self.is_going(&key, Work::Fetch) {
				self.begin(key, Work::Fetch, false, out);
			}
		}
	}

	pub(super) fn run(&mut self, out: &mut Vec<Action>) {
		if !self.idle || self.now.ms < self.unable {
			return;
		}
		let slots = usize::from(self.config.slots.max(1));
		for key in self.to_run(|task| task.fetched) {
			let full = self.rules.slots && self.running() >= slots;
			let held = self.going.values().any(|going| going.alone);
			if full || held || self.is_going(&key, Work::Run) {
				if full || held {
					return;
				}
				continue;
			}
			let alone = self.tasks.get(&key).is_some_and(|task| task.alone);
			if alone && self.running() > 0 {
				// It waits until those that run have ended, and nobody overtakes it.
				return;
			}
			self.begin(key, Work::Run, alone, out);
		}
	}

	pub(super) fn probe(&mut self, out: &mut Vec<Action>) {
		if self.stopping {
			return;
		}
		let (now, tick, margin) = (self.now.ms, self.tick(), self.config.margin);
		let wanted = self.tasks.iter().filter(|(key, task)| match task.told {
			Some(What::Probe { due, .. }) => {
				tick.saturating_add(margin) <= due && task.pause.0 <= now && !self.is_answered(key)
			}
			_ => false,
		});
		let wanted: Vec<TaskKey> = wanted.map(|(key, _)| *key).collect();
		for key in wanted {
			if self.count(Work::Probe) >= MAX_PROBES {
				return;
			}
			if !self.is_going(&key, Work::Probe) {
				self.begin(key, Work::Probe, false, out);
			}
		}
	}

	/// Hands back what is not begun after half of its time, and all that this machine cannot run.
	pub(super) fn hand_back(&mut self, out: &mut Vec<Action>) {
		let (tick, unable) = (self.tick(), self.now.ms < self.unable);
		let full = self.memory.len().saturating_add(self.keeping.len()) >= MAX_ANSWERS;
		let mut handed: Vec<(TaskKey, bool)> = Vec::new();
		for (key, task) in &self.tasks {
			let Some(What::Run { due }) = task.told else {
				continue;
			};
			let half = key.since.saturating_add(due.saturating_sub(key.since) / 2);
			let free = !task.handed && !self.is_answered(key) && !self.is_going(key, Work::Run);
			if free && (unable || full || tick >= half) {
				handed.push((*key, task.seen >= half));
			}
		}
		for (key, late) in handed {
			let busy = !self.idle;
			let Some(task) = self.tasks.get_mut(&key) else {
				continue;
			};
			let why = match (unable, full, late, busy, task.fetched) {
				(true, ..) => Why::Unable,
				(_, true, ..) => Why::Disk,
				// It was never begun: neither its owner nor this machine's load had to do with it.
				(_, _, true, ..) => Why::Late,
				(_, _, _, true, _) => Why::Busy,
				(_, _, _, _, false) => Why::NoInput,
				_ => Why::Busy,
			};
			task.why = task.why.or(Some(why));
			task.handed = true;
			self.cancel(|going| going.key == key, out);
		}
	}

	/// Ends work of which nothing comes any more.
	pub(super) fn end_gone(&mut self, out: &mut Vec<Action>) {
		let tick = self.tick();
		let gone: Vec<TaskKey> = self
			.tasks
			.iter()
			.filter(|(_, task)| task.gone.is_some_and(|gone| gone.saturating_add(GONE_TICKS) <= tick))
			.map(|(key, _)| *key)
			.collect();
		self.cancel(|going| gone.contains(&going.key), out);
	}

	fn cancel(&mut self, which: impl Fn(&Going) -> bool, out: &mut Vec<Action>) {
		for (work_id, going) in &mut self.going {
			if which(going) && !going.cancelled {
				going.cancelled = true;
				out.push(Action::Cancel(*work_id));
			}
		}
	}

	pub(super) fn on_done(&mut self, work: WorkId, done: Done, out: &mut Vec<Action>) {
		let Some(going) = self.going.remove(&work) else {
			return;
		};
		let key = going.key;
		match (going.work, done) {
			(Work::Fetch, Done::Fetched) => {
				if let Some(task) = self.tasks.get_mut(&key) {
					task.fetched = true;
					// That somebody gave it does not say that the disk bears an output now.
					if task.why != Some(Why::Disk) {
						task.pause = (0, 0);
					}
					task.why = task.why.filter(|why| *why != Why::NoInput);
				}
			}
			(
				Work::Run,
				Done::Ran {
					outcome,
					salt,
					bytes,
					millis,
				},
			) => {
				self.stats.ran = self.stats.ran.saturating_add(1);
				self.stats.fuel = self.stats.fuel.saturating_add(outcome.fuel);
				self.stats.run_ms = self.stats.run_ms.saturating_add(millis);
				if outcome.kind == Kind::Ok {
					self.outputs.insert(outcome.root);
				}
				if let Some(task) = self.tasks.get_mut(&key) {
					task.why = None;
				}
				self.say(key, Said::Outcome { outcome, salt, bytes }, out);
			}
			(Work::Run, Done::Fault) => {
				self.stats.faults = self.stats.faults.saturating_add(1);
				self.say(key, Said::Fault, out);
			}
			(Work::Probe, Done::Probed(by)) => {
				let disputed = match self.tasks.get(&key).and_then(|task| task.told) {
					Some(What::Probe { disputed, .. }) => disputed,
					_ => return,
				};
				self.say(key, Said::Served { disputed, by }, out);
			}
			(_, Done::Failed(failure)) => self.on_failed(going, failure, out),
			// What was not asked for says nothing.
			_ => self.on_failed(going, Failure::Cancelled, out),
		}
	}

	fn on_failed(&mut self, going: Going, failure: Failure, out: &mut Vec<Action>) {
		let (now, key) = (self.now.ms, going.key);
		if going.cancelled || failure == Failure::Cancelled {
			return;
		}
		if failure == Failure::Unable {
			self.unable = now.saturating_add(UNABLE_MS);
		}
		let crowded_again = failure == Failure::Crowded && going.alone;
		if let Some(task) = self.tasks.get_mut(&key) {
			task.failed(now);
			match failure {
				Failure::NoInput => (task.fetched, task.why) = (false, Some(Why::NoInput)),
				Failure::Disk => (task.fetched, task.why) = (false, Some(Why::Disk)),
				Failure::Unable => task.why = Some(Why::Unable),
				Failure::Crowded => (task.alone, task.pause) = (true, (now, 1)),
				Failure::Cancelled => (),
			}
		}
		if crowded_again {
			// Alone it was too large for this machine, too.
			self.stats.faults = self.stats.faults.saturating_add(1);
			self.say(key, Said::Fault, out);
		}
	}
}
