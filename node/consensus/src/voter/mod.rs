//! The voter: the task that drives the BFT core. It turns imports and messages into events, and does what the core
//! answers.
//!
//! There is one loop, [`Voter::feed`], and it alone steps the core. Everything else hands events to it: what happened
//! outside ([`inbox`], [`ask`], imports, ticks), what an action led to ([`act`]), what a new voter set begins with
//! ([`handover`], [`startup`]).
//!
//! - [`judge`]: what a message is worth, by what the core knows.
//! - [`serve`]: a task of its own that answers requests for certificates.
//! - [`show`]: what people and metrics see.
//! - [`early`], [`convert`]: messages of the next set, the core's words
//!   and the wire's.

mod act;
mod ask;
mod convert;
mod early;
pub(crate) mod handover;
mod inbox;
mod judge;
pub(crate) mod serve;
mod show;
mod startup;
#[cfg(test)]
mod tests;

pub(crate) use ask::NetworkPorts;
pub use handover::Error;

use crate::{
	blocks::import::{ImportEvent, Imported, PocaBlockImport},
	net::{
		gossip::{ClockReading, Message},
		peers::{PeerEvent, Peers},
	},
	own::shown_votes::OwnCommits,
	shown::status::ConsensusHandle,
	voter::{
		ask::{Ports, Question},
		convert::{to_core_certificate, to_ref},
		handover::Handover,
		inbox::Inbox,
		serve::Newest,
		show::Gauges,
		startup::path_to,
	},
};
use bft_finality_primitives::{Phase, VoterIndex, VoterSet, VoterSignature};
use futures::{stream::FuturesUnordered, StreamExt};
use poca_primitives::SlotDuration;
use smartchain_bft as bft;
use smartchain_chain::{clock, Chain, Metrics, LOG_TARGET};
use smartchain_signing::{KeptBlocks, Signer, Silence};
use sp_core::H256;
use std::{
	collections::VecDeque,
	sync::Arc,
	time::{Duration, Instant},
};

type Core = bft::Core<H256, VoterSignature>;
type CoreCertificate = bft::Certificate<H256, VoterSignature>;
type Action = bft::Action<H256, VoterSignature>;
type Event = bft::Event<H256, VoterSignature>;

/// Ticks come this often; the core acts on slots and seconds.
const TICK: Duration = Duration::from_millis(100);
/// A node that doubts its clock tells others what it shows once in this time.
const CLOCK_PAUSE: Duration = Duration::from_secs(1);
/// A head this many slots behind the clock at most is at the top of the chain: two turns of directors that are gone.
const IN_SYNC_SLOTS: u64 = 24;

/// What the voter works with.
pub(crate) struct Edge {
	pub chain: Arc<dyn Chain>,
	pub signer: Arc<Signer>,
	pub slot_duration: SlotDuration,
	pub peers: Peers,
	/// What else it wants of the network.
	pub ports: Arc<dyn Ports>,
	pub imports: async_channel::Receiver<ImportEvent>,
	pub block_import: PocaBlockImport,
	pub kept_blocks: KeptBlocks,
	/// What the task that answers requests reads.
	pub newest: Newest,
	/// What may go on record.
	pub commits: OwnCommits,
	pub handle: ConsensusHandle,
	pub metrics: Metrics,
}

/// The voter, or, without a key of the set, an observer that follows finality.
pub(crate) struct Voter {
	edge: Edge,
	core: Core,
	inbox: Inbox,
	questions: FuturesUnordered<Question>,
	handover: Handover,
	gauges: Gauges,
	started: Instant,
	/// Whether the core's head changed, and the client's best block has not followed yet.
	head_waits: bool,
	/// The last slot in which the client's best block could not follow.
	head_failure: u64,
	/// What the core was told last.
	in_sync: bool,
	clock_doubted: bool,
	/// When others were told last what this node's clock shows.
	clock_told: Instant,
}

impl Voter {
	/// A voter that starts from what is final in the database and from the safety file.
	///
	/// # Errors
	/// If the chain cannot be read, or names more voters than votes can count.
	pub fn new(edge: Edge, set: VoterSet) -> Result<Self, Error> {
		let core = handover::core_of(
			&*edge.chain,
			&edge.signer,
			&set,
			handover::Listen::First,
			edge.signer.forgotten_until(),
		)?;
		show::show_set(&edge.handle, &edge.metrics, &set);
		Ok(Self {
			core,
			gauges: Gauges::new(set.voters.len()),
			inbox: Inbox::new(edge.chain.info().genesis_hash, set),
			questions: FuturesUnordered::new(),
			handover: Handover::default(),
			edge,
			started: Instant::now(),
			head_waits: false,
			head_failure: 0,
			in_sync: false,
			clock_doubted: false,
			clock_told: Instant::now(),
		})
	}

	/// Runs for as long as the node does. If the network stops, so does the node: it waits for that.
	pub async fn run(mut self) {
		let events = self.load();
		self.feed(events);
		self.recover().await;
		let mut tick = tokio::time::interval(TICK);
		tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
		loop {
			let events = tokio::select! {
				event = self.edge.imports.recv() => match event {
					Ok(event) => self.imported(event),
					Err(_) => return futures::future::pending().await,
				},
				event = self.edge.peers.next() => match event {
					Some(event) => self.from_peer(event),
					None => return futures::future::pending().await,
				},
				Some((peer, answer)) = self.questions.next() => self.answered(peer, answer),
				_ = tick.tick() => self.tick(),
			};
			// Before anything is voted on by a clock that has just jumped.
			if !self.clock_doubted && self.edge.block_import.clock().doubts() {
				self.clock_doubted = true;
				self.feed(vec![Event::ClockDoubt(true)]);
			}
			self.feed(events);
			self.show();
		}
	}

	/// Feeds events to the core, and does all that follows from them. The one place that steps the core.
	fn feed(&mut self, events: Vec<Event>) {
		let mut todo = VecDeque::from(events);
		loop {
			while let Some(event) = todo.pop_front() {
				let now = self.now();
				for action in self.core.step(now, event) {
					todo.extend(self.act(action));
				}
			}
			// Each certificate of an answer may end the set by which the next one is judged.
			todo.extend(if self.core.has_ended() {
				self.enter_next_set()
			} else {
				self.next_of_answer()
			});
			if todo.is_empty() {
				break;
			}
		}
		if self.head_waits {
			self.follow_head();
		}
	}

	fn now(&self) -> bft::Now {
		let ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
		bft::Now {
			ms,
			slot: self.slot_now(),
		}
	}

	fn slot_now(&self) -> u64 {
		*clock::slot_now(self.edge.slot_duration)
	}

	/// This node's place in the set.
	fn me(&self) -> Option<VoterIndex> {
		self.core.me()
	}

	fn tick(&mut self) -> Vec<Event> {
		let mut events = self.enter_warped_set();
		if self.me().is_some() {
			if let Some(silence) = self.edge.signer.silence() {
				self.core.stop_voting(act::reason(&silence));
			}
		}
		events.extend(self.sync_and_clock());
		events.extend(self.speak_from_genesis());
		events.push(Event::Tick);
		// Blocks that wait here are on their way to the core; until then it does not know better.
		self.head_waits |= self.edge.imports.is_empty();
		self.measure();
		events
	}

	/// What the core is to know of the node's sync and of its clock, if that is news.
	fn sync_and_clock(&mut self) -> Vec<Event> {
		let mut news = Vec::new();
		let in_sync = self.core.head().slot.saturating_add(IN_SYNC_SLOTS) >= self.slot_now();
		if in_sync != self.in_sync {
			self.in_sync = in_sync;
			news.push(Event::InSync(in_sync));
		}
		let doubted = self.look_at_clock();
		// Also a node that waits for its clock tells it: it votes on nothing by which others could believe theirs.
		if doubted || self.clock_lies_behind().is_some() {
			self.tell_clock();
		}
		if doubted != self.clock_doubted {
			self.clock_doubted = doubted;
			news.push(Event::ClockDoubt(doubted));
		}
		news
	}

	/// Looks whether the clock jumped, and whether others have borne it out since; whether it is doubted now.
	fn look_at_clock(&mut self) -> bool {
		use smartchain_chain::clock_guard::News;
		let clock = self.edge.block_import.clock();
		match clock.look() {
			Some(News::Jumped(ms)) => log::warn!(
				target: LOG_TARGET,
				"The clock jumped by {ms} ms. This node signs nothing until it is back, or until others show the same \
				 time: check the time service",
			),
			Some(News::Back) => log::info!(target: LOG_TARGET, "The clock is back"),
			None => (),
		}
		if clock.settle(self.inbox.voters(), self.core.quorum()) {
			log::info!(target: LOG_TARGET, "Others show the same time as this node's clock: it is believed again");
		}
		clock.doubts()
	}

	/// Tells others what the clock shows that this node doubts: if they doubt theirs as well, as after a sleep of all
	/// machines, nobody else could say.
	fn tell_clock(&mut self) {
		let slot = self.slot_now();
		let Some(me) = self.me().filter(|_| self.clock_told.elapsed() >= CLOCK_PAUSE) else {
			return;
		};
		self.clock_told = Instant::now();
		let set_id = self.core.set_id();
		let Some(signature) = self.edge.signer.sign_clock(set_id, slot) else {
			return;
		};
		let clock = self.edge.block_import.clock();
		clock.read(me, slot.into(), self.edge.slot_duration);
		let bytes = Message::clock(ClockReading {
			set_id,
			voter: me,
			slot,
			signature,
		});
		self.inbox.filter.note(&bytes);
		self.edge.peers.broadcast(&bytes, None);
	}

	fn imported(&mut self, event: ImportEvent) -> Vec<Event> {
		match event {
			ImportEvent::Block(block) => self.imported_block(&block),
			ImportEvent::Warped(target) => {
				self.gauges.forget_arrivals();
				self.handover.warp_target = Some(target.hash);
				self.enter_warped_set()
			}
			ImportEvent::Certificate(certificate) => {
				if self.check_certificate(&certificate).is_err() {
					self.edge.metrics.dropped("import", "certificate");
					return Vec::new();
				}
				self.edge.metrics.certificate_received(Phase::Commit);
				vec![Event::Certificate(to_core_certificate(&certificate))]
			}
			ImportEvent::ForeignSeal(target) => {
				let seen = format!("block {} in slot {}", target.number, target.slot);
				self.edge.signer.stop(Silence::SignedElsewhere(seen));
				self.core.stop_voting(bft::Reason::SignedElsewhere);
				Vec::new()
			}
		}
	}

	fn imported_block(&mut self, imported: &Imported) -> Vec<Event> {
		// A measurement is not worth an error; if the block's parent is gone it is not counted.
		let _ = self.count_missed_slots(imported);
		self.gauges.arrived(imported);
		let block = bft::Block {
			block: to_ref(imported.target),
			parent: imported.parent,
			primary: imported.primary,
			ends_set: imported.ends_set,
		};
		if !self.core.lacks_parent(&block) {
			return vec![Event::Imported(block)];
		}
		// Without the parent the core would refuse this block and all above it, whatever is voted on: a parent may be
		// told after its child, and the core may have let it go.
		let hash = imported.target.hash;
		match path_to(&*self.edge.chain, hash, |hash| self.core.knows(hash)) {
			Some(path) => path.into_iter().map(Event::Imported).collect(),
			None => vec![Event::Imported(block)],
		}
	}

	fn from_peer(&mut self, event: PeerEvent) -> Vec<Event> {
		match event {
			PeerEvent::Opened(peer, ()) => {
				self.greet(peer);
				vec![Event::Connected]
			}
			PeerEvent::Closed(_) => Vec::new(),
			PeerEvent::Received(peer, bytes) => self.received(peer, &bytes),
		}
	}
}
