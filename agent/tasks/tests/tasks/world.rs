//! A chain, a disk and a node for one worker, by chance: what is demanded of it is looked at with every action.

use compute_market_primitives::{Kind, Outcome};
use smart_agent_tasks::{
	Action, Answer, Batch, Config, Deed, Done, Event, Failure, Fate, Hash, Machine, Memory, Now, Record, Refusal,
	Rules, Said, TaskKey, Told, What, Work, WorkId, FORGET_AFTER,
};
use smartchain_rng::Rng;
use std::collections::{BTreeMap, BTreeSet};

/// How rough it is, in thousandths of each step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rough {
	pub kills: u64,
	pub lost: u64,
	pub refused: u64,
	pub failures: u64,
	pub unkept: u64,
	pub busy: u64,
	pub node: u64,
}

/// What the chain has of a task.
#[derive(Clone, Copy, Debug)]
struct OnChain {
	what: What,
	/// What was committed to.
	sealed: Option<Answer>,
	/// When something happens next by itself.
	next: u32,
}

pub struct World {
	rng: Rng,
	rough: Rough,
	rules: Rules,
	slots: u16,
	pub machine: Machine,
	ms: u64,
	pub tick: u32,
	tasks: BTreeMap<TaskKey, OnChain>,
	/// Jobs, and when each is over.
	jobs: BTreeMap<u64, u32>,
	next_task: u64,
	/// What is durable.
	journal: Vec<Record>,
	outputs: BTreeSet<Hash>,
	works: BTreeMap<WorkId, (TaskKey, Work, u64)>,
	pool: Vec<Batch>,
	/// The answer that anything was ever sent of, by task.
	said: BTreeMap<TaskKey, Answer>,
	node_lost: bool,
	pub broken: Option<String>,
	pub missed_reveals: u32,
	pub missed: u32,
	pub revealed: u32,
}

impl World {
	pub fn new(seed: u64, rough: Rough, rules: Rules) -> Self {
		let slots = 2;
		let mut world = Self {
			rng: Rng::new(seed),
			rough,
			rules,
			slots,
			machine: Machine::new(Config::default(), Memory::default()),
			ms: 0,
			tick: 1_000,
			tasks: BTreeMap::new(),
			jobs: BTreeMap::new(),
			next_task: 0,
			journal: Vec::new(),
			outputs: BTreeSet::new(),
			works: BTreeMap::new(),
			pool: Vec::new(),
			said: BTreeMap::new(),
			node_lost: false,
			broken: None,
			missed_reveals: 0,
			missed: 0,
			revealed: 0,
		};
		world.start();
		world
	}

	fn hits(&mut self, per_mille: u64) -> bool {
		self.rng.below(1_000) < per_mille
	}

	/// The program begins, with what is durable.
	fn start(&mut self) {
		let config = Config {
			slots: self.slots,
			..Config::default()
		};
		let memory = Memory::replay(self.journal.clone());
		self.machine = Machine::with_rules(config, memory, self.rules);
		self.works.clear();
		let roots = self.outputs.iter().copied().collect();
		self.step(Event::Outputs(roots));
	}

	fn fail(&mut self, why: String) {
		self.broken.get_or_insert(why);
	}

	pub fn step(&mut self, event: Event) {
		self.ms += 1;
		let actions = self.machine.step(Now { ms: self.ms }, event);
		if let Err(what) = self.machine.check_bounds() {
			self.fail(format!("too many {what}"));
		}
		for action in actions {
			self.act(action);
		}
	}

	fn act(&mut self, action: Action) {
		match action {
			Action::Begin { work_id, key, work } => {
				let takes = 1 + self.rng.below(20);
				self.works.insert(work_id, (key, work, self.ms + takes * 500));
			}
			Action::Cancel(work_id) => {
				if self.works.remove(&work_id).is_some() {
					self.step(Event::Done {
						work: work_id,
						done: Done::Failed(Failure::Cancelled),
					});
				}
			}
			Action::Keep(answer) => {
				let event = match self.hits(self.rough.unkept) {
					true => Event::NotKept(answer.key),
					false => {
						self.journal.push(Record::Kept(answer));
						Event::Kept(answer.key)
					}
				};
				self.step(event);
			}
			Action::Forget(key) => self.journal.push(Record::Forgotten(key)),
			Action::Remove(root) => drop(self.outputs.remove(&root)),
			Action::Release(_) => (),
			Action::Submit(batch) => self.submitted(batch),
			Action::Explain(missed) => {
				self.missed += 1;
				self.missed_reveals += u32::from(missed.reveal);
			}
		}
	}

	fn submitted(&mut self, batch: Batch) {
		let durable = Memory::replay(self.journal.clone());
		let mut last = None;
		for (key, answer) in &batch.tasks {
			if last.is_some_and(|last| last >= key.unit) || key.job != batch.job {
				self.fail(format!("a batch is out of order: {batch:?}"));
			}
			last = Some(key.unit);
			let Some(answer) = answer else {
				continue;
			};
			if durable.answer(key) != Some(answer) {
				self.fail(format!("{key} is sent and not kept"));
			}
			if *self.said.entry(*key).or_insert(*answer) != *answer {
				self.fail(format!("{key} is answered twice"));
			}
			let until = self.tasks.get(key).and_then(|task| task.what.until());
			if until.is_some_and(|until| until < self.tick) {
				self.fail(format!("{key} is sent after its time"));
			}
		}
		let tasks: Vec<TaskKey> = batch.tasks.iter().map(|(key, _)| *key).collect();
		let deed = batch.deed;
		if self.hits(self.rough.refused) {
			let why = match self.rng.below(3) {
				0 => Refusal::Full,
				1 => Refusal::Ahead,
				_ => Refusal::Unreachable,
			};
			return self.step(Event::Refused { deed, tasks, why });
		}
		if !self.hits(self.rough.lost) {
			self.pool.push(batch);
		}
		self.step(Event::Sent { deed, tasks });
	}

	/// A block takes what is in the pool.
	fn block(&mut self) {
		self.tick += 1;
		for batch in std::mem::take(&mut self.pool) {
			for (key, answer) in batch.tasks {
				self.take(batch.deed, &key, answer);
			}
		}
		let tick = self.tick;
		let mut missed = 0;
		self.tasks.retain(|_, task| {
			if let (What::Wait, true) = (task.what, task.next <= tick) {
				task.what = What::Reveal {
					until: tick + 60,
					place: 0,
				};
			}
			let over = task.what.until().is_some_and(|until| until < tick);
			missed += u32::from(over && matches!(task.what, What::Reveal { .. }));
			!over
		});
		let served: Vec<Hash> = self
			.said
			.iter()
			.filter_map(|(key, answer)| {
				let open = self.jobs.get(&key.job).is_some_and(|ends| *ends > tick);
				answer.output().filter(|_| open)
			})
			.collect();
		if let Some(root) = served.iter().find(|root| !self.outputs.contains(*root)) {
			self.fail(format!("an output is not served any more: {root:?}"));
		}
		if self.tasks.len() < 6 && self.rng.below(4) == 0 {
			self.give();
		}
	}

	fn give(&mut self) {
		let job = 1 + self.next_task / 5;
		let tick = self.tick;
		let ends = self.jobs.entry(job).or_insert(tick + 600);
		*ends = (*ends).max(tick + 600);
		let key = TaskKey {
			job,
			unit: (self.next_task % 5) as u32,
			since: tick,
			of: [job as u8; 32],
		};
		self.next_task += 1;
		let due = tick + 120;
		let what = match self.rng.below(8) {
			0 => What::Probe {
				due,
				disputed: tick - 10,
			},
			_ => What::Run { due },
		};
		let task = OnChain {
			what,
			sealed: None,
			next: 0,
		};
		self.tasks.insert(key, task);
	}

	fn take(&mut self, deed: Deed, key: &TaskKey, answer: Option<Answer>) {
		let wait = 1 + self.rng.below(30) as u32;
		let Some(task) = self.tasks.get_mut(key) else {
			return;
		};
		match (deed, task.what, answer) {
			(Deed::Commit, What::Run { .. }, Some(answer)) => match answer.said {
				Said::Fault => drop(self.tasks.remove(key)),
				_ => {
					task.sealed = Some(answer);
					(task.what, task.next) = (What::Wait, self.tick + wait);
				}
			},
			(Deed::Reveal, What::Reveal { .. }, answer) => {
				if task.sealed != answer {
					self.broken
						.get_or_insert(format!("{key} reveals something else than it has sealed"));
				}
				self.tasks.remove(key);
				self.revealed += 1;
			}
			(Deed::Decline, What::Run { .. }, _) | (Deed::Report, What::Probe { .. }, Some(_)) => {
				self.tasks.remove(key);
			}
			_ => (),
		}
	}

	fn end_works(&mut self) {
		let over: Vec<WorkId> = self
			.works
			.iter()
			.filter(|(_, (_, _, at))| *at <= self.ms)
			.map(|(id, _)| *id)
			.collect();
		for id in over {
			let Some((key, work, _)) = self.works.remove(&id) else {
				continue;
			};
			let failed = self.hits(self.rough.failures);
			let done = match (failed, work) {
				(true, Work::Fetch) => Done::Failed(Failure::NoInput),
				(true, Work::Run) => Done::Failed(Failure::Crowded),
				(true, Work::Probe) => Done::Failed(Failure::Cancelled),
				(_, Work::Fetch) => Done::Fetched,
				(_, Work::Probe) => Done::Probed(None),
				(_, Work::Run) => self.ran(&key),
			};
			self.step(Event::Done { work: id, done });
		}
	}

	/// An outcome, which is the same each time; its salt is not.
	fn ran(&mut self, key: &TaskKey) -> Done {
		let mut root = [0; 32];
		root[..8].copy_from_slice(&key.job.to_le_bytes());
		root[8..12].copy_from_slice(&key.unit.to_le_bytes());
		root[12..16].copy_from_slice(&key.since.to_le_bytes());
		self.outputs.insert(root);
		let mut salt = [0; 16];
		salt[..8].copy_from_slice(&self.rng.below(u64::MAX).to_le_bytes());
		Done::Ran {
			outcome: Outcome {
				kind: Kind::Ok,
				root,
				fuel: 7,
			},
			salt,
			bytes: 32,
			millis: 1,
		}
	}

	/// Half a second, with a block.
	pub fn pass(&mut self) {
		self.ms += 500;
		self.block();
		self.end_works();
		if self.hits(self.rough.kills) {
			self.start();
		}
		if self.hits(self.rough.busy) {
			let idle = self.rng.below(2) == 0;
			self.step(Event::Idle(idle));
		}
		if self.hits(self.rough.node) {
			self.node_lost = !self.node_lost;
			self.pool.clear();
			let event = if self.node_lost {
				Event::NodeLost
			} else {
				Event::NodeBack
			};
			self.step(event);
		}
		if self.tick % 20 == 0 {
			for job in self.machine.jobs() {
				let fate = match self.jobs.get(&job) {
					Some(ends) if *ends + 2 * FORGET_AFTER < self.tick => Fate::Gone,
					Some(ends) if *ends <= self.tick + 300 => Fate::Closes(*ends),
					Some(_) => Fate::Open,
					None => Fate::Gone,
				};
				self.step(Event::Job { job, fate });
			}
		}
		if self.node_lost {
			return self.step(Event::Tick);
		}
		let told = self.tasks.iter().map(|(key, task)| Told {
			key: *key,
			what: task.what,
		});
		let told = told.collect();
		self.step(Event::Head { tick: self.tick, told });
	}
}
