//! The edge of the machine: tells it what happens, and does what it asks for.

mod acts;
mod keeper;
mod watch;

use crate::{
	chain::calls::claim_call,
	chain::node::JobView,
	claims,
	idle::Load,
	input::{Input, News, Written},
	tell::Teller,
	units::fetch::needed,
	units::stock::Stock,
	Setup, WorkError, LOG_TARGET,
};
pub(crate) use acts::hash_of;
use acts::{name_of, Ender};
use compute_market_primitives::{JobClaim, JobId, Task, What as Wanted};
use keeper::Keeper;
use smart_agent_journal::Log;
use smart_agent_tasks::{Config, Event, Hash, Machine, Memory, Now, Record, TaskKey, Tick, Told, What, WorkId};
use smartchain_share::Serving;
use std::{
	collections::BTreeMap,
	future::Future,
	pin::Pin,
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::{
	sync::mpsc,
	task::JoinSet,
	time::{interval, MissedTickBehavior},
};
use watch::Jobs;

/// How often time is told to the machine.
const TICK: Duration = Duration::from_millis(500);
/// How often it is looked at the machine, and the status is told.
const LOOK: Duration = Duration::from_secs(2);
/// How often pay is claimed at most.
const CLAIM_EVERY: Duration = Duration::from_secs(600);
/// How long the end waits for what is being sent, and for what is being written.
const END_PATIENCE: Duration = Duration::from_secs(2);
const WRITE_PATIENCE: Duration = Duration::from_secs(20);

/// What the edge is made of.
pub(crate) struct Parts {
	pub stock: Stock,
	pub outputs: Vec<Hash>,
	pub journal: Log<Record>,
	pub memory: Memory,
	pub config: Config,
	pub inputs: mpsc::Receiver<Input>,
	pub told: mpsc::Sender<Input>,
	/// What serves outputs, until it is dropped.
	pub serving: Serving,
}

pub(crate) struct Edge {
	setup: Setup,
	machine: Machine,
	begun: Instant,
	stock: Stock,
	keeper: Keeper,
	/// Whether the journal is being written anew.
	rewriting: bool,
	inputs: mpsc::Receiver<Input>,
	told: mpsc::Sender<Input>,
	/// What is being sent.
	tasks: JoinSet<()>,
	works: BTreeMap<WorkId, Ender>,
	/// The jobs of tasks that the chain tells of, and the ends of their times.
	jobs: BTreeMap<TaskKey, Arc<JobView>>,
	dues: BTreeMap<TaskKey, Tick>,
	tick: Tick,
	/// Jobs of which it is asked how long they matter,
	asked: Jobs,
	/// and what of them is shared with other workers: a unit may be run again until its job is closed.
	shared: BTreeMap<JobId, Vec<Hash>>,
	serving: Serving,
	teller: Teller,
	looked: Option<Instant>,
	looking: bool,
	claimed: Option<Instant>,
	ended: bool,
}

impl Edge {
	pub fn new(setup: Setup, parts: Parts) -> Result<Self, WorkError> {
		let keeper = Keeper::start(parts.journal, parts.told.clone());
		let keeper = keeper.map_err(|error| WorkError::Thread(error.to_string()))?;
		let teller = Teller::new(setup.status.clone(), setup.node.slot_ms(), parts.serving.address());
		let mut edge = Self {
			machine: Machine::new(parts.config, parts.memory),
			begun: Instant::now(),
			stock: parts.stock,
			keeper,
			rewriting: false,
			inputs: parts.inputs,
			told: parts.told,
			tasks: JoinSet::new(),
			works: BTreeMap::new(),
			jobs: BTreeMap::new(),
			dues: BTreeMap::new(),
			tick: 0,
			asked: Jobs::default(),
			shared: BTreeMap::new(),
			serving: parts.serving,
			teller,
			looked: None,
			looking: false,
			claimed: None,
			ended: false,
			setup,
		};
		edge.step(Event::Outputs(parts.outputs));
		Ok(edge)
	}

	/// Works until the end is wanted.
	pub async fn work(&mut self, mut stop: Pin<&mut impl Future<Output = ()>>) -> Result<(), WorkError> {
		// It ends with this function, however that ends.
		let mut watching = JoinSet::new();
		watching.spawn(watch::watch(
			self.setup.node.clone(),
			self.setup.device,
			self.asked.clone(),
			self.told.clone(),
		));
		let mut ticks = interval(TICK);
		ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
		let result = loop {
			tokio::select! {
				() = &mut stop => break Ok(()),
				input = self.inputs.recv() => if let Some(input) = input {
					self.on_input(input);
				},
				_ = ticks.tick() => self.on_tick(),
				Some(_) = self.tasks.join_next() => (),
				// Whoever has committed itself and does not hear that it is to reveal pays for it.
				Some(ended) = watching.join_next() => break Err(match ended {
					Ok(()) => WorkError::ChainEnded,
					Err(error) => WorkError::Thread(format!("the watch of units: {error}")),
				}),
			}
			if self.ended {
				break Err(WorkError::ChainEnded);
			}
		};
		watching.abort_all();
		self.end().await;
		result
	}

	fn step(&mut self, event: Event) {
		let now = Now {
			ms: u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
		};
		for action in self.machine.step(now, event) {
			self.act(action);
		}
	}

	fn on_tick(&mut self) {
		self.step(Event::Tick);
		if self.looked.is_some_and(|looked| looked.elapsed() < LOOK) {
			return;
		}
		self.looked = Some(Instant::now());
		let jobs = self.machine.jobs();
		self.shared.retain(|job, _| jobs.contains(job));
		// Until all jobs are known, what is needed cannot be told from what is not.
		let is_known = self.tick > 0 && jobs.iter().all(|job| self.shared.contains_key(job));
		let needed = is_known.then(|| self.shared.values().flatten().copied().collect::<Vec<_>>());
		self.asked.set(jobs);
		let status = self.machine.status();
		if !self.looking {
			self.looking = true;
			let (when, told, stock) = (self.setup.when, self.told.clone(), self.stock.clone());
			let ours = u32::try_from(status.running).unwrap_or(u32::MAX);
			tokio::task::spawn_blocking(move || {
				if let Some(Err(error)) = needed.map(|needed| stock.retain(&needed)) {
					tracing::debug!(target: LOG_TARGET, "What no unit needs is not removed: {error}");
				}
				// A system that does not say is one that nobody else uses.
				let lets = Load::now().is_none_or(|load| load.lets(when, ours));
				let _ = told.blocking_send(Input::Looked(lets));
			});
		}
		self.teller.tell(&status, &self.serving.counts());
	}

	fn on_input(&mut self, input: Input) {
		match input {
			Input::Chain(news) => self.on_news(news),
			Input::Done {
				work,
				done,
				words,
				ended,
			} => {
				self.works.remove(&work);
				if !words.is_empty() {
					tracing::info!(target: LOG_TARGET, "Work on a unit came to nothing: {words}");
				}
				self.teller.ended(ended);
				self.step(Event::Done { work, done });
			}
			Input::Sent { deed, tasks, refused } => match refused {
				None => self.step(Event::Sent { deed, tasks }),
				Some((why, words)) => {
					if !words.is_empty() {
						tracing::info!(target: LOG_TARGET, "{} were not taken: {words}", name_of(deed));
					}
					self.step(Event::Refused { deed, tasks, why });
				}
			},
			Input::Written(written) => self.on_written(written),
			Input::Looked(lets) => {
				self.looking = false;
				self.step(Event::Idle(lets));
			}
			Input::Claimed(Ok(())) => tracing::info!(target: LOG_TARGET, "Pay for units was claimed"),
			Input::Claimed(Err(why)) => {
				tracing::warn!(target: LOG_TARGET, "Pay for units was not claimed: {why}; it is tried again");
			}
		}
	}

	fn on_news(&mut self, news: News) {
		match news {
			News::Head { tick, tasks } => {
				self.teller.silent(None);
				self.tick = tick;
				let told = tasks
					.iter()
					.map(|(task, job)| self.told_of(task, job))
					.collect::<Vec<_>>();
				self.jobs = told
					.iter()
					.zip(&tasks)
					.map(|(told, (_, job))| (told.key, job.clone()))
					.collect();
				self.dues = told
					.iter()
					.filter_map(|told| Some((told.key, told.what.until()?)))
					.collect();
				let shared = tasks.iter().map(|(task, job)| (task.job, needed(job).collect()));
				self.shared.extend(shared);
				self.step(Event::Head { tick, told });
			}
			News::Worker(worker) => self.teller.worker(worker.as_deref()),
			News::Earned(earned) => {
				self.teller.earned(&earned);
				self.claim(&earned);
			}
			News::Job(job, fate, roots) => {
				self.shared.insert(job, roots);
				self.step(Event::Job { job, fate });
			}
			News::Link(true) => self.step(Event::NodeBack),
			News::Link(false) => self.step(Event::NodeLost),
			News::Silent(why) => {
				tracing::debug!(target: LOG_TARGET, "The node did not answer: {why}");
				self.teller.silent(Some(why));
			}
			News::Ended => self.ended = true,
		}
	}

	fn told_of(&self, task: &Task, job: &JobView) -> Told {
		Told {
			key: TaskKey {
				job: task.job,
				unit: task.at.unit,
				since: task.at.since,
				of: hash_of(job),
			},
			what: match task.what {
				Wanted::Run { due } => What::Run { due },
				Wanted::Wait => What::Wait,
				Wanted::Reveal { until } => What::Reveal {
					until,
					place: task.place,
				},
				Wanted::Fetch { due, disputed } => What::Probe { due, disputed },
			},
		}
	}

	/// Has the owner's account claim what was earned, if it signs here and that is worth its fee.
	fn claim(&mut self, earned: &[JobClaim]) {
		let early = self.claimed.is_some_and(|claimed| claimed.elapsed() < CLAIM_EVERY);
		let (Some(hand), Some(jobs), false) = (self.setup.hand.clone(), claims::plan(earned), early) else {
			return;
		};
		self.claimed = Some(Instant::now());
		let told = self.told.clone();
		tokio::spawn(async move {
			let claimed = hand.send(&claim_call(&jobs)).await;
			let _ = told
				.send(Input::Claimed(claimed.map_err(|error| error.to_string())))
				.await;
		});
	}

	fn on_written(&mut self, written: Written) {
		match written {
			Written::Answer(key, true) => self.step(Event::Kept(key)),
			Written::Answer(key, false) => {
				self.rewrite();
				self.step(Event::NotKept(key));
			}
			Written::Due => self.rewrite(),
			Written::Anew(failed) => {
				self.rewriting = false;
				self.teller.journal(failed);
			}
		}
	}

	fn rewrite(&mut self) {
		if !self.rewriting {
			self.rewriting = self.keeper.rewrite(self.machine.memory().records());
		}
	}

	/// Begins nothing more, waits a moment for what is being sent, and has everything written.
	async fn end(&mut self) {
		self.step(Event::Stop);
		self.works.values().for_each(Ender::end);
		let deadline = Instant::now() + END_PATIENCE;
		while self.machine.sending() > 0 && Instant::now() < deadline {
			let left = deadline.saturating_duration_since(Instant::now());
			match tokio::time::timeout(left, self.inputs.recv()).await {
				Ok(Some(input)) => self.on_input(input),
				_ => break,
			}
		}
		self.tasks.abort_all();
		self.inputs.close();
		let mut keeper = std::mem::take(&mut self.keeper);
		// A disk that hangs is not waited for: what is not durable by then was never said to be.
		let ending = tokio::task::spawn_blocking(move || keeper.end());
		let _ = tokio::time::timeout(WRITE_PATIENCE, ending).await;
		tracing::info!(target: LOG_TARGET, "The part that computes has ended");
	}
}
