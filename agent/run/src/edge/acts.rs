//! What the machine asks for.

use super::Edge;
use crate::{
	chain,
	input::{Input, Sent, Written},
	jobs::{self, Came, Current, Done, Work},
	tell::resource as shown,
	LOG_TARGET,
};
use proof_lottery_primitives::{Pulse, Resource};
use smart_agent_chain::Node;
use smart_agent_store::{plotter::Cancel, Find};
use smartchain_provider::{
	Action, Answer, Claimed, Ending, Event, Failure, Found, Key, Outcome, Refusal, RoundKey, Why,
};
use sp_core::{crypto::VrfSecret, Pair};
use std::{
	sync::Arc,
	time::{Duration, Instant},
};

/// Answers that are on their way at a time.
const MAX_SENDING: usize = 64;
/// The longest time that a look is given.
const LONGEST_LOOK: Duration = Duration::from_secs(60);

fn resource_name(resource: Resource) -> &'static str {
	shown(resource).name()
}

impl Edge {
	pub(super) fn act(&mut self, action: Action) {
		match action {
			Action::Look { .. } | Action::Solve { .. } | Action::Run { .. } => self.begin(action),
			Action::Cancel(job) => {
				if let Some(current) = self.current.as_ref().filter(|current| current.job == job) {
					current.cancel.cancel();
				}
			}
			Action::Pulse { round, challenge } => {
				let signature = self.setup.key.vrf_sign(&Pulse::input(&challenge));
				let pulse = Pulse::new(self.setup.device.0, round, &signature);
				self.step(Event::Pulsed { challenge, pulse });
			}
			Action::Sign { key, win, draw } => {
				let payload = win.payload(&self.setup.node.genesis(), &draw);
				let signature = self.setup.key.sign(&payload).0;
				self.step(Event::Signed { key, signature });
			}
			Action::Keep(answer) => self.keep(answer),
			Action::Submit(answer) => self.submit(&answer),
			Action::Forget(answer) => self.keeper.forget(answer),
			Action::Declare(claim) => self.declare(claim),
			Action::Explain(explanation) => {
				self.finds.retain(|(challenge, _)| *challenge != explanation.challenge);
				let of = |key: &Key| (key.resource, key.challenge) == (explanation.resource, explanation.challenge);
				let block = self.included.iter().find(|(key, _)| of(key)).map(|(_, at)| at.number);
				self.included.retain(|key, _| !of(key));
				self.teller.explained(&explanation, block);
				if let Ending::NotWon(Why::Late { .. }) = explanation.ending {
					self.hope();
				}
			}
			Action::Missed {
				resource,
				rounds,
				node_lost,
			} => {
				let why = if node_lost {
					"the node was lost"
				} else {
					"this program or the chain stood still"
				};
				let (name, last) = (resource_name(resource), rounds.end.saturating_sub(1));
				tracing::info!(target: LOG_TARGET, "Rounds {} to {last} of {name} were not seen: {why}", rounds.start);
			}
		}
	}

	/// Begins a job.
	fn begin(&mut self, action: Action) {
		match action {
			Action::Look {
				job,
				challenge,
				filter_bits,
				groups,
				..
			} => {
				let kind = (self.inventory.plots.k, self.inventory.plots.strength);
				let threads = usize::try_from(self.setup.look_threads.max(1)).unwrap_or(1);
				let until = Instant::now() + LONGEST_LOOK;
				let work = Work::Look {
					challenge,
					filter_bits,
					groups,
					kind,
					threads,
					until,
				};
				self.start(job, work);
			}
			Action::Solve { job, challenge, find } => match self.find(&challenge, &find) {
				Some(find) => self.start(job, Work::Solve { challenge, find }),
				None => self.later(Input::Done(Done {
					job,
					came: Came::Failed {
						failure: Failure::Broken,
						why: "the find is forgotten".into(),
					},
					took: Duration::ZERO,
				})),
			},
			Action::Run {
				job,
				kernel,
				challenge,
				segments,
				threshold,
				..
			} => {
				let work = Work::Run {
					kernel,
					device: self.setup.device.0,
					challenge,
					segments,
					threshold,
					threads: usize::try_from(self.setup.compute_threads.max(1)).unwrap_or(1),
				};
				self.start(job, work);
			}
			_ => (),
		}
	}

	/// Tells oneself, after what is being done now.
	fn later(&mut self, input: Input) {
		let told = self.told.clone();
		self.tasks.spawn(async move {
			let _ = told.send(input).await;
		});
	}

	fn start(&mut self, job: u64, work: Work) {
		let cancel = Arc::new(Cancel::default());
		self.current = Some(Current {
			job,
			cancel: cancel.clone(),
		});
		let (plots, told) = (self.setup.plots.clone(), self.told.clone());
		tokio::task::spawn_blocking(move || {
			let done = jobs::work(job, work, plots.as_deref(), &cancel);
			let _ = told.blocking_send(Input::Done(done));
		});
	}

	fn find(&self, challenge: &[u8; 32], wanted: &Found) -> Option<Box<Find>> {
		let (_, finds) = self.finds.iter().find(|(known, _)| known == challenge)?;
		let same = |find: &&Find| (find.number, find.quality) == (wanted.group, wanted.quality);
		finds.iter().find(same).cloned().map(Box::new)
	}

	fn keep(&mut self, answer: Answer) {
		let key = answer.key;
		if !self.keeper.keep(answer) {
			self.later(Input::Written(Written::Kept { key, durable: false }));
		}
	}

	fn submit(&mut self, answer: &Answer) {
		let (key, until) = (answer.key, answer.until);
		let node: Arc<dyn Node> = self.setup.node.clone();
		let win = chain::win_of(self.setup.device, answer).filter(|_| self.tasks.len() < MAX_SENDING);
		let Some(win) = win else {
			return self.later(Input::Sent(Sent {
				key,
				outcome: Outcome::Refused(Refusal::Unreachable),
				block: None,
				why: Some("too many answers are on their way".into()),
			}));
		};
		self.teller.sent(&RoundKey {
			resource: key.resource,
			round: key.round,
			challenge: key.challenge,
		});
		self.tasks
			.spawn(chain::submit(node, win, key, until, self.told.clone()));
	}

	/// The owner's key is not here: what should be claimed is told, and the commands do it.
	fn declare(&mut self, claim: Claimed) {
		// Whoever makes more tells the chain when they are made.
		let grows = claim.resource() == Resource::Space && claim.units() > self.claimed;
		if !(grows && self.inventory.plots.growing) {
			self.teller.claim(&claim);
		}
		self.step(Event::Declared {
			resource: claim.resource(),
			taken: false,
		});
	}
}
