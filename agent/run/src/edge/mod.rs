//! The edge of the machine: tells it what happens, and does what it asks for.

mod acts;
pub(crate) mod part;

use super::{
	chain,
	clock::Clock,
	error::{Outcome, RunError},
	input::{Input, News, Sent, Written},
	jobs::{Came, Current, Done},
	keeper::Keeper,
	plots::{first_rates, inventory, Inventory},
	tell::Teller,
	Setup, LOG_TARGET,
};
use crate::status::Severity;
use proof_lottery_primitives::{DeviceProofs, OpenRound, Resource, WhyNot};
use proof_of_compute_primitives::Kernel;
use smart_agent_chain::{AccountId, Head, Receipt};
use smart_agent_journal::Journal;
use smart_agent_store::{Find, Listed};
use smartchain_provider::{
	Claimed, Config, Device, Event, Failure, Found, Key, Memory, Outcome as Became, Provider, Rates, RoundKey,
	SpaceScheme,
};
use std::{
	collections::{BTreeMap, VecDeque},
	future::Future,
	pin::Pin,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::{
	sync::mpsc,
	task::{JoinHandle, JoinSet},
	time::{interval, MissedTickBehavior},
};

/// What waits for the machine at most.
const MAX_INPUTS: usize = 1_024;
/// Looks whose finds are remembered, until they are solved.
const MAX_LOOKS: usize = 12;
/// An answer has to be ready so many slots before the last one that counts: it has to reach the next author.
const MARGIN: u64 = 2;
/// How often the store is listed.
const LIST_EVERY: Duration = Duration::from_secs(10);
/// Slots without a block after which that is told, and after which it is grave: nothing can be won then.
const STILL: u64 = 20;
const CUT_OFF: u64 = 120;
/// For so long a look that failed stays a problem: a plot is up in few rounds, and others are looked into meanwhile.
const FAILED_FOR: Duration = Duration::from_secs(3_600);
/// Rounds of an answer that are looked at: the chain has a few open at a time.
const MAX_OPEN: usize = 64;
/// How long the end waits for what is being sent.
const END_PATIENCE: Duration = Duration::from_secs(2);

/// Where an answer is.
struct Included {
	block: [u8; 32],
	number: u32,
	receipt: Receipt,
	until: u64,
}

pub(super) struct Edge {
	setup: Setup,
	machine: Provider,
	begun: Instant,
	teller: Teller,
	keeper: Keeper,
	/// Whether the journal is being written anew.
	rewriting: bool,
	inputs: mpsc::Receiver<Input>,
	told: mpsc::Sender<Input>,
	tasks: JoinSet<()>,
	current: Option<Current>,
	finds: VecDeque<([u8; 32], Vec<Find>)>,
	inventory: Inventory,
	/// Plots that the chain says are claimed.
	claimed: u32,
	listed: Option<Instant>,
	/// The listing that is under way.
	listing: Option<JoinHandle<()>>,
	/// When a look failed last.
	failed: Option<Instant>,
	/// When a block came last, and how grave it is that none has come since.
	head: Instant,
	still: Option<Severity>,
	rates: Rates,
	clock: Clock,
	included: BTreeMap<Key, Included>,
	ended: bool,
}

impl Edge {
	pub fn new(setup: Setup, journal: Journal, memory: Memory) -> Result<Self, RunError> {
		let (told, inputs) = mpsc::channel(MAX_INPUTS);
		let keeper = Keeper::start(journal, told.clone()).map_err(|error| RunError::Thread(error.to_string()))?;
		let (genesis, slot_ms) = (setup.node.genesis().0, setup.node.slot_ms().max(1));
		let config = Config {
			genesis,
			device: setup.device.0,
			slot_ms,
			threads: setup.compute_threads.max(1),
			margin: MARGIN,
			kernel: Kernel::V1,
			space: setup.plots.is_some(),
			segments: setup.segments,
			uptime: setup.uptime,
			declares: true,
		};
		let teller = Teller::new(setup.status.clone(), slot_ms, genesis, setup.device.0);
		Ok(Self {
			machine: Provider::new(config, memory),
			begun: Instant::now(),
			teller,
			keeper,
			rewriting: false,
			inputs,
			told,
			tasks: JoinSet::new(),
			current: None,
			finds: VecDeque::new(),
			inventory: Inventory::default(),
			claimed: 0,
			listed: None,
			listing: None,
			failed: None,
			head: Instant::now(),
			still: None,
			rates: Rates::default(),
			clock: Clock::default(),
			included: BTreeMap::new(),
			ended: false,
			setup,
		})
	}

	/// Works until the end is wanted.
	pub async fn work(&mut self, mut stop: Pin<&mut impl Future<Output = ()>>) -> Result<Outcome, RunError> {
		let watching = chain::watch(self.setup.node.clone(), self.setup.device, self.told.clone());
		let watching = tokio::spawn(watching);
		let mut ticks = interval(Duration::from_millis(self.setup.node.slot_ms().max(1)));
		ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
		let result = loop {
			tokio::select! {
				() = &mut stop => break Ok(Outcome::Stopped),
				input = self.inputs.recv() => if let Some(input) = input {
					self.on_input(input);
				},
				_ = ticks.tick() => self.on_tick(),
				Some(_) = self.tasks.join_next() => (),
			}
			if self.ended {
				break Err(RunError::ChainEnded);
			}
		};
		watching.abort();
		self.end().await;
		result
	}

	fn step(&mut self, event: Event) {
		let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
		for action in self.machine.step(now, event) {
			self.act(action);
		}
	}

	fn on_tick(&mut self) {
		self.step(Event::Tick);
		self.teller.sample(&self.machine.status().stats);
		self.watch_heads();
		let due = self.listed.is_none_or(|listed| listed.elapsed() >= LIST_EVERY);
		if due {
			self.listed = Some(Instant::now());
			// That this loop works is all that it says, whatever the node does.
			self.teller.handle().update(|_| ());
		}
		// A disk may hang for good: then one thread waits for it, and leaves room for all other work.
		let waits = self.listing.as_ref().is_some_and(|listing| !listing.is_finished());
		if let (true, false, Some(plots)) = (due, waits, self.setup.plots.clone()) {
			let told = self.told.clone();
			self.listing = Some(tokio::task::spawn_blocking(move || {
				let listed = plots.list().map_err(|error| error.to_string());
				let _ = told.blocking_send(Input::Listed(listed, plots.is_growing()));
			}));
		}
	}

	/// A node may answer and stand still, or hang with its connection open: nobody else tells.
	fn watch_heads(&mut self) {
		let now = stillness(self.head.elapsed(), self.setup.node.slot_ms());
		if now == self.still {
			return;
		}
		self.still = now;
		let problem = now.map(|severity| {
			let what = "no new block comes, so that nothing can be won".to_owned();
			let remedy =
				"see whether the node has peers and is in sync, look at its log and restart it, or name another";
			(severity, what, remedy.to_owned())
		});
		self.teller.problem("blocks", problem);
	}

	fn on_input(&mut self, input: Input) {
		match input {
			Input::Chain(news) => self.on_news(news),
			Input::Done(done) => self.on_done(done),
			Input::Sent(sent) => self.on_sent(sent),
			Input::Written(written) => self.on_written(written),
			Input::Listed(listed, growing) => self.on_listing(listed, growing),
		}
	}

	fn on_news(&mut self, news: News) {
		match news {
			News::Head {
				head,
				rounds,
				abandoned,
			} => self.on_head(&head, rounds, &abandoned),
			News::Device { at, proofs } => self.on_device(at, proofs),
			News::Future(abandoned) => self.on_future(&abandoned),
			News::Registered(device, used) => {
				self.teller.owner(device.as_deref());
				self.teller.registered(device.is_some(), used);
			}
			News::Final(number) => self.teller.finalized(number),
			News::Link(link) => {
				self.teller.link(&link);
				self.clock.forget();
				self.step(match link.is_connected() {
					true => Event::NodeBack,
					false => Event::NodeLost,
				});
			}
			News::Silent(why) => {
				tracing::debug!(target: LOG_TARGET, "The node did not answer: {why}");
				let what = format!("the node does not answer: {why}");
				let remedy = "look at the node's log, and whether it is in sync".to_owned();
				self.teller.problem("node", Some((Severity::Warning, what, remedy)));
			}
			News::Ended => self.ended = true,
		}
	}

	fn on_head(&mut self, head: &Head, mut rounds: Vec<OpenRound>, abandoned: &[[u8; 32]]) {
		rounds.truncate(MAX_OPEN);
		let unix_ms = SystemTime::now()
			.duration_since(UNIX_EPOCH)
			.map_or(0, |now| now.as_millis());
		let unix_ms = u64::try_from(unix_ms).unwrap_or(u64::MAX);
		self.clock.see(unix_ms, head.slot, self.setup.node.slot_ms().max(1));
		self.teller.clock(self.clock.fault());
		self.teller.problem("node", None);
		self.head = Instant::now();
		self.watch_heads();
		self.teller.head(head, self.clock.skew());
		self.teller.rounds(&rounds);
		self.on_abandoned(abandoned);
		let head = smartchain_provider::Head {
			slot: head.slot,
			number: head.number,
			hash: head.hash.0,
		};
		self.step(Event::Head { head, rounds });
	}

	fn on_device(&mut self, at: u64, proofs: Option<Box<DeviceProofs<AccountId>>>) {
		self.teller.device(proofs.as_deref());
		let device = match proofs {
			Some(proofs) => Device {
				at,
				lotteries: proofs.lotteries,
				why_not: proofs.why_not,
			},
			None => Device {
				at,
				lotteries: Vec::new(),
				why_not: vec![WhyNot::NotRegistered],
			},
		};
		let space = device.lotteries.iter().find(|state| state.resource == Resource::Space);
		let claimed = space.map_or(0, |state| state.claimed);
		if self.setup.plots.is_none() {
			self.teller.no_store(claimed);
		}
		if claimed != self.claimed {
			// It may be another kind.
			(self.claimed, self.listed) = (claimed, None);
		}
		for state in &device.lotteries {
			if self.is_claimed(state.resource, state.claimed) {
				self.teller.claimed(state.resource);
			}
		}
		if claimed == 0 && self.machine.status().claimable == 0 {
			// It has left the lottery with its last plots.
			self.teller.claimed(Resource::Space);
		}
		self.step(Event::Device(device));
	}

	/// Nothing of such a block is believed, but which others it abandons.
	fn on_future(&mut self, abandoned: &[[u8; 32]]) {
		let what = "the node tells of a block from the future".to_owned();
		let remedy = "see whether this machine's clock is right; if it is, name another node".to_owned();
		self.teller.problem("node", Some((Severity::Error, what, remedy)));
		self.on_abandoned(abandoned);
	}

	fn is_claimed(&self, resource: Resource, claimed: u32) -> bool {
		match resource {
			Resource::Space => claimed == self.machine.status().claimable,
			Resource::Compute => claimed == self.setup.segments,
			Resource::Uptime => true,
		}
	}

	/// What is not known is not gone: nothing is concluded from a folder that cannot be read.
	fn on_listing(&mut self, listed: Result<Vec<Listed>, String>, growing: bool) {
		let problem = listed.as_ref().err().map(|why| {
			let remedy = "see whether the disk of the plots is mounted; they are looked into again as soon as it is";
			let what = format!("the folder of plots cannot be read: {why}");
			(Severity::Error, what, remedy.to_owned())
		});
		self.teller.problem("folder", problem);
		if let Ok(listed) = listed {
			self.on_listed(&listed, growing);
		}
	}

	fn on_listed(&mut self, listed: &[Listed], growing: bool) {
		let found = inventory(listed, growing, self.claimed);
		if self.claimed > 0 && found.plots.numbers.first() != Some(&0) {
			// The machine never proposes to claim none, and would say nothing.
			self.teller.claim(&Claimed::Space {
				scheme: SpaceScheme::Pos2,
				k: found.plots.k,
				strength: found.plots.strength,
				groups: 0,
			});
		}
		if found == self.inventory && self.machine.status().plots > 0 {
			return;
		}
		if found.plots.k != self.inventory.plots.k {
			self.rates = Rates {
				segment_us: self.rates.segment_us,
				..first_rates(found.plots.k)
			};
			self.tell_rates();
		}
		self.teller.plots(&found);
		let plots = found.plots.clone();
		self.inventory = found;
		self.step(Event::Plots(plots));
	}

	/// The machine reckons with the cores of compute; looks have others.
	fn tell_rates(&mut self) {
		let (looks, compute) = (self.setup.look_threads.max(1), self.setup.compute_threads.max(1));
		let look_us = self.rates.look_us.saturating_mul(compute.into()) / u64::from(looks);
		let rates = Rates { look_us, ..self.rates };
		self.step(Event::Rates(rates));
	}

	/// Nothing was begun, for it would have come too late: then nothing is measured, either, and one bad measurement
	/// would last for ever. So with each such round the rates go half of the way back to what is to be expected.
	fn hope(&mut self) {
		let first = first_rates(self.inventory.plots.k);
		let half = |rate: u64, first: u64| {
			if rate > first {
				rate.saturating_add(first) / 2
			} else {
				rate
			}
		};
		self.rates = Rates {
			look_us: half(self.rates.look_us, first.look_us),
			solve_ms: half(self.rates.solve_ms, first.solve_ms),
			segment_us: half(self.rates.segment_us, first.segment_us),
		};
		self.tell_rates();
	}

	fn on_done(&mut self, done: Done) {
		let Done { job, came, took } = done;
		let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
		let event = match came {
			Came::Looked {
				challenge,
				finds,
				plots,
				failed,
			} => {
				let threads = u64::from(self.setup.look_threads.max(1)).min(plots as u64).max(1);
				if let Some(each) = micros.saturating_mul(threads).checked_div(plots as u64) {
					self.rates.look_us = smooth(self.rates.look_us, each);
				}
				let told = failed.first().map(|first| {
					let what = format!("plots could not be looked into: {first}");
					(
						Severity::Warning,
						what,
						"see to the disk, and verify the plots".to_owned(),
					)
				});
				if told.is_some() {
					self.failed = Some(Instant::now());
				}
				if told.is_some() || self.failed.is_none_or(|failed| failed.elapsed() >= FAILED_FOR) {
					self.teller.problem("looks", told);
				}
				let found = finds.iter().map(|find| Found {
					group: find.number,
					quality: find.quality,
				});
				let found = found.collect();
				self.finds.push_back((challenge, finds));
				while self.finds.len() > MAX_LOOKS {
					self.finds.pop_front();
				}
				Event::Looked { job, finds: found }
			}
			Came::Solved(proof) => {
				self.rates.solve_ms = smooth(self.rates.solve_ms, micros / 1_000);
				Event::Solved { job, proof }
			}
			Came::Ran { winners, count } => {
				// One alone tells nothing of many threads.
				let threads = u64::from(self.setup.compute_threads.max(1));
				let each = micros.saturating_mul(threads).checked_div(count.into());
				if let Some(each) = each.filter(|_| u64::from(count) >= 8 * threads) {
					self.rates.segment_us = smooth(self.rates.segment_us, each);
				}
				Event::Ran { job, winners }
			}
			Came::Failed { failure, why } => {
				if failure == Failure::Broken {
					tracing::warn!(target: LOG_TARGET, "Work failed: {why}");
				}
				Event::Failed { job, failure }
			}
		};
		if self.current.as_ref().is_some_and(|current| current.job == job) {
			self.current = None;
		}
		// Before what comes next is begun.
		self.tell_rates();
		self.step(event);
	}

	fn on_written(&mut self, written: Written) {
		match written {
			Written::Kept { key, durable: true } => self.step(Event::Kept(key)),
			Written::Kept { key, durable: false } => {
				let what = "an answer could not be written to the journal, and was not sent".to_owned();
				let remedy = "see to the disk that the data folder is on".to_owned();
				self.teller.problem("journal", Some((Severity::Error, what, remedy)));
				self.rewrite();
				self.step(Event::NotKept(key));
			}
			Written::Due => self.rewrite(),
			Written::Anew(failed) => {
				self.rewriting = false;
				let told = failed.map(|why| {
					let what = format!("the journal cannot be written: {why}");
					(
						Severity::Error,
						what,
						"see to the disk that the data folder is on".to_owned(),
					)
				});
				self.teller.problem("journal", told);
			}
		}
	}

	fn rewrite(&mut self) {
		if !self.rewriting {
			self.rewriting = self.keeper.rewrite(self.machine.memory().records());
		}
	}

	fn on_sent(&mut self, sent: Sent) {
		let Sent {
			key,
			outcome,
			block,
			why,
		} = sent;
		if let Some(why) = why {
			let name = super::tell::resource(key.resource).name();
			tracing::info!(target: LOG_TARGET, "A win in round {} of {name} was not taken: {why}", key.round);
			let of = RoundKey {
				resource: key.resource,
				round: key.round,
				challenge: key.challenge,
			};
			self.teller.not_taken(of, why);
		}
		if let (Some((number, block, receipt)), Some(answer)) = (block, self.machine.answer(&key)) {
			let until = answer.until;
			let included = Included {
				block,
				number,
				receipt,
				until,
			};
			self.included.insert(key, included);
		}
		self.step(Event::Submission { key, outcome });
	}

	/// Blocks are of the best chain no more: what was in them may come into others.
	fn on_abandoned(&mut self, abandoned: &[[u8; 32]]) {
		let gone: Vec<Key> = self
			.included
			.iter()
			.filter(|(_, included)| abandoned.contains(&included.block))
			.map(|(key, _)| *key)
			.collect();
		for key in gone {
			let Some(included) = self.included.remove(&key) else {
				continue;
			};
			self.step(Event::Submission {
				key,
				outcome: Became::Retracted,
			});
			let (node, told) = (self.setup.node.clone(), self.told.clone());
			let follow = chain::follow(node, included.receipt, key, included.until, told);
			self.tasks.spawn(follow);
		}
	}

	/// Begins nothing more, waits a moment for what is being sent, and has everything written.
	async fn end(&mut self) {
		self.step(Event::Stop);
		if let Some(current) = &self.current {
			current.cancel.cancel();
		}
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
		let status = self.teller.handle().clone();
		let mut keeper = std::mem::replace(&mut self.keeper, Keeper::ended());
		let ended = tokio::task::spawn_blocking(move || {
			keeper.end();
			status.save()
		});
		if let Ok(Err(error)) = ended.await {
			tracing::warn!(target: LOG_TARGET, "The history is not saved: {error}");
		}
		tracing::info!(target: LOG_TARGET, "The agent has ended");
	}
}

/// How grave it is that no block has come for so long.
fn stillness(since: Duration, slot_ms: u64) -> Option<Severity> {
	let slots = u64::try_from(since.as_millis()).unwrap_or(u64::MAX) / slot_ms.max(1);
	match slots {
		CUT_OFF.. => Some(Severity::Error),
		STILL.. => Some(Severity::Warning),
		_ => None,
	}
}

/// A rate as it was, with a new measurement: by a half if it is slower, by a quarter if it is faster.
fn smooth(before: u64, measured: u64) -> u64 {
	match measured >= before {
		true => before.saturating_add(measured) / 2,
		false => before.saturating_mul(3).saturating_add(measured) / 4,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_node_that_stands_still_is_told_and_then_grave() {
		let of = |ms| stillness(Duration::from_millis(ms), 500);
		assert_eq!(of(9_900), None);
		assert_eq!(of(10_000), Some(Severity::Warning));
		assert_eq!(of(60_000), Some(Severity::Error));
		assert_eq!(stillness(Duration::ZERO, 0), None);
	}
}
