//! The edge of the machine: tells it what happens, and does what it asks for.

mod acts;
mod keeper;
mod probe;
mod unkept;
mod watch;

use crate::{
	calls::price_of,
	desk::{Desk, Place},
	input::{Input, Look, News, Written},
	jobs::Fault,
	orders,
	rebuild::Builder,
	tell::Teller,
	Setup, StorageError, LOG_TARGET,
};
use keeper::Keeper;
use smart_agent_journal::Log;
use smart_agent_market::{
	Asked, Config, DeedKey, Done, Event, JobId, Machine, Memory, Now, OnDisk, Record, Role, SlotKey, Told,
};
use smart_agent_slots::{Cancel, Found, SlotStore};
use smartchain_transfer::server::Counts;
use std::{
	collections::BTreeMap,
	future::Future,
	net::SocketAddr,
	pin::Pin,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use storage_market_primitives::{OpenChallenge, SlotOfDevice, Standing};
use tokio::{
	sync::mpsc,
	task::JoinSet,
	time::{interval, MissedTickBehavior},
};
use unkept::Unkept;

/// How often time is told to the machine.
const TICK: Duration = Duration::from_millis(500);
/// How often orders and the disk are looked at, and the status is told.
const LOOK: Duration = Duration::from_secs(2);
/// How long the end waits for what is being sent.
const END_PATIENCE: Duration = Duration::from_secs(2);
/// And how long for what is being written.
const WRITE_PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of a chunk.
const CHUNK: u64 = 1 << 10;

/// What the edge is made of.
pub(crate) struct Parts {
	pub store: SlotStore,
	pub found: Vec<Found>,
	pub damaged: Vec<String>,
	pub journal: Log<Record>,
	pub memory: Memory,
	pub desk: Desk,
	pub config: Config,
	pub inputs: mpsc::Receiver<Input>,
	pub told: mpsc::Sender<Input>,
	pub counts: Box<dyn Fn() -> Counts + Send + Sync>,
	pub address: SocketAddr,
	/// What serves slots.
	pub serving: JoinSet<()>,
}

pub(crate) struct Edge {
	setup: Setup,
	machine: Machine,
	begun: Instant,
	store: SlotStore,
	desk: Desk,
	builder: Builder,
	keeper: Keeper,
	/// Whether the journal is being written anew.
	rewriting: bool,
	inputs: mpsc::Receiver<Input>,
	told: mpsc::Sender<Input>,
	tasks: JoinSet<()>,
	serving: JoinSet<()>,
	unkept: Unkept,
	jobs: BTreeMap<JobId, Cancel>,
	teller: Teller,
	looked: Option<Instant>,
	/// Whether a thread looks at the disk: one that hangs holds up nothing here.
	looking: bool,
	ended: bool,
}

impl Edge {
	pub fn new(setup: Setup, parts: Parts) -> Result<Self, StorageError> {
		let keeper = Keeper::start(parts.journal, parts.told.clone());
		let keeper = keeper.map_err(|error| StorageError::Thread(error.to_string()))?;
		let genesis = setup.node.genesis();
		let builder = Builder::new(genesis, setup.device, setup.key.clone(), parts.store.clone());
		let teller = Teller::new(setup.status.clone(), setup.node.slot_ms(), parts.address, parts.counts);
		for damaged in &parts.damaged {
			tracing::error!(target: LOG_TARGET, "A slot cannot be read, and is left as it is: {damaged}");
		}
		teller.damaged(&parts.damaged);
		let mut edge = Self {
			machine: Machine::new(parts.config, parts.memory),
			begun: Instant::now(),
			store: parts.store,
			desk: parts.desk,
			builder,
			keeper,
			rewriting: false,
			inputs: parts.inputs,
			told: parts.told,
			tasks: JoinSet::new(),
			serving: parts.serving,
			unkept: Unkept::default(),
			jobs: BTreeMap::new(),
			teller,
			looked: None,
			looking: false,
			ended: false,
			setup,
		};
		edge.step(Event::Disk(parts.found.iter().map(on_disk).collect()));
		Ok(edge)
	}

	/// Works until the end is wanted.
	pub async fn work(&mut self, mut stop: Pin<&mut impl Future<Output = ()>>) -> Result<(), StorageError> {
		let (node, device) = (&self.setup.node, self.setup.device);
		let (key, every) = (self.setup.key.clone(), self.setup.probe_every);
		// They end with this function, however that ends.
		let (mut watching, mut probing) = (JoinSet::new(), JoinSet::new());
		watching.spawn(watch::watch(node.clone(), device, self.told.clone()));
		let kept = self.machine.memory().reports().cloned().collect();
		probing.spawn(probe::probe(
			node.clone(),
			device,
			key,
			every,
			(kept, self.told.clone()),
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
				// Whoever sells and does not hear of challenges, or serves nothing, has to say so.
				Some(ended) = watching.join_next() => break Err(match ended {
					Ok(()) => StorageError::ChainEnded,
					Err(error) => StorageError::Thread(format!("the watch of challenges: {error}")),
				}),
				Some(ended) = self.serving.join_next() => {
					let why = ended.err().map_or_else(|| String::from("it has ended"), |error| error.to_string());
					break Err(StorageError::Thread(format!("the server of slots: {why}")));
				}
				Some(ended) = probing.join_next() => if let Err(error) = ended {
					tracing::error!(target: LOG_TARGET, "No device is probed any more: {error}; restart the agent");
				},
			}
			if self.ended {
				break Err(StorageError::ChainEnded);
			}
		};
		watching.abort_all();
		probing.abort_all();
		self.end().await;
		result
	}

	fn step(&mut self, event: Event) {
		let unix = SystemTime::now()
			.duration_since(UNIX_EPOCH)
			.unwrap_or_default()
			.as_secs();
		let now = Now {
			ms: u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
			unix,
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
		if !self.looking {
			self.looking = true;
			let (state, store, told) = (self.setup.state.clone(), self.store.clone(), self.told.clone());
			tokio::task::spawn_blocking(move || {
				let look = Look {
					orders: orders::take(&state),
					found: store.found(),
					usage: store.usage(),
				};
				let _ = told.blocking_send(Input::Looked(look));
			});
		}
		self.write_debts();
		self.set_places();
		self.teller.tell(&self.machine.status());
	}

	fn on_look(&mut self, look: Look) {
		self.looking = false;
		for order in look.orders {
			self.step(Event::Order(order));
		}
		// That more has come may not have been told: of many uploads at once the newest news were dropped.
		for found in look.found.iter().filter(|found| found.root.is_none()) {
			self.step(Event::Received {
				key: key_of(found),
				durable: found.durable,
			});
		}
		self.teller.disk(look.usage);
	}

	/// What was given out is written down: what is owed for it outlives this program.
	fn write_debts(&mut self) {
		let debts = self.desk.debts();
		if !debts.is_empty() {
			self.step(Event::Owes(debts));
		}
	}

	/// What is here, for those who serve.
	fn set_places(&self) {
		let slots = self.machine.status().slots;
		let places = slots.iter().map(|slot| {
			let takes = self.machine.takes(&slot.key).is_some();
			let place = Place {
				bytes: slot.bytes,
				takes,
				whole: slot.durable == slot.bytes,
				here: takes || slot.durable > 0,
			};
			(slot.key, place)
		});
		self.desk.set_places(places.collect());
	}

	fn on_input(&mut self, input: Input) {
		match input {
			Input::Chain(news) => self.on_news(news),
			Input::Done { job, done } => self.on_done(job, done),
			Input::Sent { key, outcome, words } => {
				if !words.is_empty() {
					tracing::info!(target: LOG_TARGET, "{} was not taken: {words}", name_of(&key));
				}
				self.step(Event::Submission { key, outcome });
			}
			Input::Looked(look) => self.on_look(look),
			Input::Reported(report) => self.step(Event::Reported(report)),
			Input::Written(written) => self.on_written(written),
			Input::Received { key, durable } => self.step(Event::Received { key, durable }),
			Input::Voucher(voucher) => {
				let (key, total) = (voucher.key, voucher.total);
				self.step(Event::Voucher(voucher));
				// One that brings no more than what is kept is kept already.
				let (kept, _) = self.machine.memory().vouchers(&key);
				if kept > total {
					self.desk.kept(key, kept, true);
				}
			}
		}
	}

	fn on_news(&mut self, news: News) {
		match news {
			News::Head { tick, slots, asked } => {
				self.desk.set_tick(tick);
				self.teller.silent(None);
				let told = slots.is_some();
				self.step(Event::Head {
					tick,
					slots: slots.map(|slots| slots.iter().filter_map(told_of).collect()),
					asked: asked.iter().filter_map(asked_of).collect(),
				});
				if told {
					self.set_places();
				}
			}
			News::Offer(offer) => {
				// What it holds has its room, also once nothing is offered any more.
				let space = offer.as_ref().map_or(0, |offer| offer.capacity.max(offer.used));
				self.store.set_space(space);
				self.desk
					.set_price(offer.as_ref().map_or(0, |offer| price_of(offer.egress)));
				self.teller.offer(offer.as_deref());
				self.step(Event::Space(space));
			}
			News::Link(true) => self.step(Event::NodeBack),
			News::Link(false) => self.step(Event::NodeLost),
			News::Clock(ahead) => self.teller.clock(ahead),
			News::Silent(why) => {
				tracing::debug!(target: LOG_TARGET, "The node did not answer: {why}");
				self.teller.silent(Some(why));
			}
			News::Ended => self.ended = true,
		}
	}

	fn on_done(&mut self, job: JobId, done: Result<Done, Fault>) {
		self.jobs.remove(&job);
		let done = done.unwrap_or_else(|fault| {
			if !fault.words.is_empty() {
				tracing::warn!(target: LOG_TARGET, "Work on a slot failed: {}", fault.words);
			}
			Done::Failed(fault.failure)
		});
		let places = matches!(
			done,
			Done::Made | Done::Sealed(_) | Done::Repaired | Done::Reset | Done::Removed
		);
		self.step(Event::Done { job, done });
		if places {
			self.set_places();
		}
	}

	fn on_written(&mut self, written: Written) {
		match written {
			Written::Deed(key, true) => self.step(Event::Kept(key)),
			Written::Deed(key, false) => {
				self.rewrite();
				self.step(Event::NotKept(key));
			}
			Written::Voucher(voucher, durable) => {
				self.desk.kept(voucher.key, voucher.total, durable);
				if !durable {
					// The machine has it: it is written with all others, and counts then.
					self.unkept.failed(voucher.key, voucher.total);
					self.rewrite();
				}
			}
			Written::Due => self.rewrite(),
			Written::Anew(failed) => {
				self.rewriting = false;
				for (key, total) in self.unkept.end(failed.is_none()) {
					self.desk.kept(key, total, true);
				}
				self.teller.journal(failed);
			}
		}
	}

	fn rewrite(&mut self) {
		if self.rewriting {
			return;
		}
		self.rewriting = self.keeper.rewrite(self.machine.memory().records());
		if self.rewriting {
			self.unkept.begin();
		}
	}

	/// Begins nothing more, waits a moment for what is being sent, and has everything written.
	async fn end(&mut self) {
		self.step(Event::Stop);
		self.jobs.values().for_each(Cancel::cancel);
		let deadline = Instant::now() + END_PATIENCE;
		while self.machine.sending() > 0 && Instant::now() < deadline {
			let left = deadline.saturating_duration_since(Instant::now());
			match tokio::time::timeout(left, self.inputs.recv()).await {
				Ok(Some(input)) => self.on_input(input),
				_ => break,
			}
		}
		self.write_debts();
		self.tasks.abort_all();
		self.inputs.close();
		let mut keeper = std::mem::take(&mut self.keeper);
		// A disk that hangs is not waited for: what is not durable by then was never said to be.
		let ending = tokio::task::spawn_blocking(move || keeper.end());
		let _ = tokio::time::timeout(WRITE_PATIENCE, ending).await;
		tracing::info!(target: LOG_TARGET, "The market's part has ended");
	}
}

fn key_of(found: &Found) -> SlotKey {
	SlotKey {
		deal: found.slot.deal,
		slot: found.slot.slot,
	}
}

fn on_disk(found: &Found) -> OnDisk {
	OnDisk {
		key: key_of(found),
		bytes: found.bytes,
		durable: found.durable,
		root: found.root,
		scrubbed: found.scrubbed,
		made: found.made,
	}
}

/// What the chain says of a slot; none for a number that no slot has.
fn told_of(slot: &SlotOfDevice) -> Option<Told> {
	let key = SlotKey {
		deal: slot.deal,
		slot: u8::try_from(slot.slot).ok()?,
	};
	let last = u32::try_from(slot.bytes.div_ceil(CHUNK)).ok()?.saturating_sub(1);
	let role = match slot.standing {
		Standing::Drawn { until, attempt, chunk } => Role::Drawn {
			until,
			attempt,
			repair: slot.ends > 0,
			chunks: slot.root.map(|_| [last, chunk]),
		},
		Standing::Held {
			proven_to,
			suspect,
			leaving,
			accrued,
		} => Role::Held {
			accrued,
			proven_to,
			suspect: suspect.is_some(),
			leaving,
			ends: (slot.ends > 0).then_some(slot.ends),
		},
	};
	Some(Told {
		key,
		bytes: slot.bytes,
		root: slot.root,
		role,
	})
}

fn asked_of(open: &OpenChallenge) -> Option<Asked> {
	let slot = u8::try_from(open.slot).ok()?;
	Some(Asked {
		until: open.until,
		index: open.index,
		key: SlotKey { deal: open.deal, slot },
		chunks: open.chunks,
	})
}

/// A deed, for the log.
fn name_of(key: &DeedKey) -> String {
	match key {
		DeedKey::Answer { key, until, .. } => format!("The answer for slot {key} until tick {until}"),
		DeedKey::Confirm { key, .. } => format!("The confirmation of slot {key}"),
		DeedKey::ProveNow { key, .. } => format!("The wish to prove slot {key}"),
		DeedKey::Claim { .. } => "A claim of slots' pay".into(),
		DeedKey::Redeem { key, .. } => format!("The voucher for slot {key}"),
	}
}
