//! What the machine asks for.

use super::Edge;
use crate::{
	chain::node::JobView,
	input::{Input, Written},
	units::fetch::{self, Missing},
	units::probe,
	units::run::{self, Ran},
	LOG_TARGET,
};
use smart_agent_chain::{ChainError, Refusal as Said};
use smart_agent_tasks::{Action, Batch, Deed, Done, Failure, Record, Refusal, TaskKey, Tick, Work, WorkId};
use smartchain_share::Halt;
use smartchain_unit::{Stop, MAX_WALL};
use std::time::Duration;
use tokio::time::timeout;

/// What is on its way to the node at a time.
const MAX_SENDING: usize = 64;
/// How long the node may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Ticks before the end of a unit's time at which a run is ended: what it comes to has to reach a block.
const SPARE: Tick = 12;

/// Ends work.
#[derive(Clone, Default)]
pub(super) struct Ender {
	pub halt: Halt,
	pub stop: Stop,
}

impl Ender {
	pub fn end(&self) {
		self.halt.halt();
		self.stop.stop();
	}
}

impl Edge {
	pub(super) fn act(&mut self, action: Action) {
		match action {
			Action::Begin { work_id, key, work } => self.begin(work_id, key, work),
			Action::Cancel(work) => {
				if let Some(ender) = self.works.get(&work) {
					ender.end();
				}
			}
			Action::Keep(answer) => {
				let key = answer.key;
				if !self.keeper.write(Record::Kept(answer)) {
					self.later(Input::Written(Written::Answer(key, false)));
				}
			}
			Action::Forget(key) => self.keeper.note(Record::Forgotten(key)),
			Action::Remove(root) => {
				let stock = self.stock.clone();
				tokio::task::spawn_blocking(move || {
					if let Err(error) = stock.remove(&root) {
						tracing::warn!(target: LOG_TARGET, "An output cannot be removed: {error}");
					}
				});
			}
			Action::Release(key) => {
				let stock = self.stock.clone();
				tokio::task::spawn_blocking(move || stock.release(&key));
			}
			Action::Submit(batch) => self.submit(batch),
			Action::Explain(missed) => {
				let what = if missed.reveal {
					"was not revealed"
				} else {
					"was not done"
				};
				tracing::warn!(target: LOG_TARGET, "Unit {} {what} in time: {}", missed.key, missed.why);
				self.teller.missed(&missed);
			}
		}
	}

	/// Tells oneself, after what is being done now.
	fn later(&mut self, input: Input) {
		let told = self.told.clone();
		self.tasks.spawn(async move {
			let _ = told.send(input).await;
		});
	}

	/// How long a run or a probe may take: until the chain has to have its result, and an hour at most.
	fn wall(&self, key: &TaskKey) -> Duration {
		let due = self.dues.get(key).copied().unwrap_or(0);
		let ticks = due.saturating_sub(self.tick).saturating_sub(SPARE);
		let millis = u64::from(ticks).saturating_mul(self.setup.node.slot_ms());
		Duration::from_millis(millis.max(1)).min(MAX_WALL)
	}

	fn begin(&mut self, work_id: WorkId, key: TaskKey, work: Work) {
		let Some(job) = self.jobs.get(&key).cloned() else {
			return self.later(over(work_id, Failure::Cancelled));
		};
		let ender = Ender::default();
		self.works.insert(work_id, ender.clone());
		let told = self.told.clone();
		match work {
			Work::Fetch => {
				let stock = self.stock.clone();
				self.blocking(work_id, move || {
					let fetched = fetch::fetch_for(&stock, &job, &key, &ender.halt);
					fetched.map_or_else(|missing| missed(work_id, missing), |done| input(work_id, done))
				});
			}
			Work::Run => {
				let (stock, runner) = (self.stock.clone(), self.setup.runner.clone());
				let wall = self.wall(&key);
				tracing::debug!(target: LOG_TARGET, "Unit {key} is run, for {} s at most", wall.as_secs());
				self.blocking(work_id, move || {
					let Ran { done, words, ended } = run::run(&stock, &runner, &job, &key, wall, &ender.stop);
					Input::Done {
						work: work_id,
						done,
						words,
						ended,
					}
				});
			}
			Work::Probe => {
				let (node, own) = (self.setup.node.clone(), self.setup.device);
				let within = self.wall(&key);
				tokio::spawn(async move {
					let asked = async {
						let best = node.best().await?;
						node.unit(key.job, key.unit, best).await
					};
					let unit = timeout(PATIENCE, asked).await.ok().and_then(Result::ok).flatten();
					let done = match unit {
						Some(unit) => {
							let asks = move || probe::probe(&job, &unit, &own, within, &ender.halt);
							let probing = tokio::task::spawn_blocking(asks);
							probing.await.unwrap_or(Done::Failed(Failure::Cancelled))
						}
						None => Done::Failed(Failure::NoInput),
					};
					let _ = told.send(input(work_id, done)).await;
				});
			}
		}
	}

	/// Has a thread work, and tells what came of it: always.
	fn blocking(&self, work: WorkId, does: impl FnOnce() -> Input + Send + 'static) {
		let told = self.told.clone();
		// Not among the tasks that are aborted: that it has ended is told always, and threads cannot be aborted.
		tokio::spawn(async move {
			let done = tokio::task::spawn_blocking(does).await;
			let done = done.unwrap_or_else(|error| Input::Done {
				work,
				done: Done::Failed(Failure::Disk),
				words: error.to_string(),
				ended: None,
			});
			let _ = told.send(done).await;
		});
	}

	fn submit(&mut self, batch: Batch) {
		let (deed, keys) = (batch.deed, batch.tasks.iter().map(|(key, _)| *key).collect::<Vec<_>>());
		if self.tasks.len() >= MAX_SENDING {
			return self.later(Input::Sent {
				deed,
				tasks: keys,
				refused: Some((Refusal::Full, String::new())),
			});
		}
		tracing::debug!(target: LOG_TARGET, "{} of job {}: {} units", name_of(deed), batch.job, keys.len());
		let (node, told) = (self.setup.node.clone(), self.told.clone());
		let (device, pair) = (self.setup.device, self.setup.key.clone());
		self.tasks.spawn(async move {
			let refused = match timeout(PATIENCE, node.submit(&device, &pair, &batch)).await {
				Ok(Ok(())) => None,
				Ok(Err(error)) => Some(refusal(&error)),
				Err(_) => Some((Refusal::Unreachable, "the node did not answer in 10 s".into())),
			};
			let sent = Input::Sent {
				deed,
				tasks: keys,
				refused,
			};
			let _ = told.send(sent).await;
		});
	}
}

fn input(work: WorkId, done: Done) -> Input {
	Input::Done {
		work,
		done,
		words: String::new(),
		ended: None,
	}
}

fn over(work: WorkId, failure: Failure) -> Input {
	input(work, Done::Failed(failure))
}

fn missed(work: WorkId, missing: Missing) -> Input {
	Input::Done {
		work,
		done: Done::Failed(missing.failure),
		words: missing.words,
		ended: None,
	}
}

/// What a node's answer means for what was sent, with words if somebody should read them.
fn refusal(error: &ChainError) -> (Refusal, String) {
	let refusal = match error {
		ChainError::Rejected(said) => match said {
			Said::Stale | Said::Banned => Refusal::Stale,
			Said::Ahead | Said::Future => Refusal::Ahead,
			Said::Exhausted | Said::PoolFull | Said::LowPriority => Refusal::Full,
			_ => Refusal::Wrong,
		},
		ChainError::Lost { .. } | ChainError::Timeout { .. } | ChainError::NoState(_) => Refusal::Unreachable,
		_ => Refusal::Wrong,
	};
	// What was there before, or has no room for a moment, is no news.
	let words = match refusal {
		Refusal::Stale | Refusal::Ahead | Refusal::Full => String::new(),
		_ => error.to_string(),
	};
	(refusal, words)
}

/// A deed, for the log.
pub(super) fn name_of(deed: Deed) -> &'static str {
	match deed {
		Deed::Commit => "Commitments",
		Deed::Reveal => "Reveals",
		Deed::Decline => "Units handed back",
		Deed::Report => "A report of an output",
	}
}

/// What is computed, hashed whole: jobs of one number on two branches are two.
pub(crate) fn hash_of(job: &JobView) -> [u8; 32] {
	use codec::Encode;
	blake3::hash(&(&job.spec, job.time, job.seed).encode()).into()
}
