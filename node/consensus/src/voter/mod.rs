//! The voter: the task that drives the BFT core. It turns imports and messages into events, and does what the core answers.

mod convert;
pub(crate) mod early;
mod error;
pub(crate) mod kept_blocks;
mod loading;

pub use error::Error;

use crate::{
	blocks::{
		import::{ImportEvent, Imported, PocaBlockImport},
		push::import_sealed,
	},
	chain::{
		clock,
		types::{Block, LOG_TARGET},
		Chain,
	},
	net::{
		gossip::{self, trace_vote, End, Filter, Message, MessageV1, Request, Response, Window},
		peers::{reputation, PeerEvent, Peers},
		protocols::Names,
	},
	own::shown_votes::OwnCommits,
	shown::{
		metrics::Metrics,
		status::{ConsensusHandle, RelaxedStatus, VoterStatus},
	},
	signing::signer::{Cover, Signer, Silence},
	voter::{
		convert::{to_certificate, to_core_certificate, to_core_vote, to_primitive_vote, to_ref, to_target, to_vote},
		early::{changes_from, EarlyMessages, Pauses},
		kept_blocks::RecentBlocks,
		loading::{path_to, unfinalized},
	},
};
use bft_finality_primitives::{
	Certificate, Phase, SetId, SignedVote, Target, Vote, VoterIndex, VoterSet, VoterSignature,
};
use codec::{DecodeAll, Encode};
use futures::{future::BoxFuture, stream::FuturesUnordered, FutureExt, StreamExt};
use poca_primitives::SlotDuration;
use sc_network::{
	config::{IncomingRequest, OutgoingResponse},
	service::traits::{NetworkBlock, NetworkService, NetworkSyncForkRequest},
	IfDisconnected, PeerId,
};
use sc_network_sync::SyncingService;
use smartchain_bft as bft;
use sp_core::H256;
use std::{
	collections::{BTreeMap, HashMap, VecDeque},
	sync::Arc,
	time::{Duration, Instant},
};

type Core = bft::Core<H256, VoterSignature>;
type Action = bft::Action<H256, VoterSignature>;
type Event = bft::Event<H256, VoterSignature>;

/// Ticks come this often; the core acts on slots and seconds.
const TICK: Duration = Duration::from_millis(100);
/// Changes of voters whose proofs are kept beside the safety file: more than a database may forget.
const KEPT_CHANGES: usize = 4;
/// How many peers are asked for certificates at a time.
const ASKED_PEERS: usize = 3;
/// How far back from the best chain a justified block is looked for when a peer asks.
const SEARCHED_BLOCKS: u32 = 64;
/// Gaps between blocks longer than this are not counted as missed slots of single directors.
const MAX_COUNTED_GAP: u64 = 240;
/// A voter that was not heard for so many slots before a final block missed its vote.
const SILENT_SLOTS: u64 = 4;
/// Messages that a peer may send a second for each voter: two votes a slot, four under the 51% rule, slots of a stall sent again, and some room.
const MESSAGES_PER_VOTER: usize = 32;
/// Messages that a peer may send a second besides.
const MESSAGES_ALWAYS: usize = 64;
/// Blocks whose arrival is remembered for the latency measurements.
const REMEMBERED_ARRIVALS: usize = 8192;

/// What a [`Voter`] is made of.
pub(crate) struct VoterParams {
	pub chain: Arc<dyn Chain>,
	pub signer: Arc<Signer>,
	pub set: VoterSet,
	pub slot_duration: SlotDuration,
	pub peers: Peers,
	pub names: Names,
	pub network: Arc<dyn NetworkService>,
	pub sync: Arc<SyncingService<Block>>,
	pub imports: async_channel::Receiver<ImportEvent>,
	pub block_import: PocaBlockImport,
	pub recent: RecentBlocks,
	pub requests: async_channel::Receiver<IncomingRequest>,
	pub commits: OwnCommits,
	pub handle: ConsensusHandle,
	pub metrics: Metrics,
}

/// The voter, or, without a key of the set, an observer that follows finality.
pub(crate) struct Voter {
	chain: Arc<dyn Chain>,
	signer: Arc<Signer>,
	me: Option<VoterIndex>,
	core: Core,
	filter: Filter,
	/// What nodes say that have entered the next voter set already.
	early: EarlyMessages,
	/// Peers in earlier sets that were told of changes, and peers in later ones that were asked.
	told: Pauses,
	asked: Pauses,
	slot_duration: SlotDuration,
	peers: Peers,
	names: Names,
	network: Arc<dyn NetworkService>,
	sync: Arc<SyncingService<Block>>,
	imports: async_channel::Receiver<ImportEvent>,
	block_import: PocaBlockImport,
	recent: RecentBlocks,
	requests: async_channel::Receiver<IncomingRequest>,
	answers: FuturesUnordered<BoxFuture<'static, (PeerId, Option<Vec<u8>>)>>,
	/// What may go on record.
	commits: OwnCommits,
	handle: ConsensusHandle,
	metrics: Metrics,
	started: Instant,
	/// When blocks above the final one arrived.
	arrivals: HashMap<H256, Instant>,
	/// How many messages each peer has sent in the current second.
	received: HashMap<PeerId, u32>,
	received_since: Instant,
	/// The last slot in which each voter was heard.
	heard: Vec<u64>,
	/// The last slot that was looked at for a reason not to vote.
	looked_at: u64,
	/// The last slot in which entering the next voter set failed.
	tried_to_enter: u64,
	counted: BTreeMap<&'static str, u64>,
	/// The block that the node has warped to, until its voter set is entered.
	warped: Option<H256>,
}

impl Voter {
	/// A voter that starts from what is final in the database and from the safety file.
	pub fn new(params: VoterParams) -> Result<Self, Error> {
		let VoterParams {
			chain,
			signer,
			set,
			slot_duration,
			peers,
			names,
			network,
			sync,
			imports,
			block_import,
			recent,
			requests,
			commits,
			handle,
			metrics,
		} = params;
		let core = core_of(&*chain, &signer, &set)?;
		show_set(&handle, &metrics, &set);
		let voters = set.voters.len();
		Ok(Self {
			me: core.me(),
			core,
			filter: Filter::new(chain.info().genesis_hash, set),
			early: EarlyMessages::default(),
			told: Pauses::default(),
			asked: Pauses::default(),
			chain,
			signer,
			slot_duration,
			peers,
			names,
			network,
			sync,
			imports,
			block_import,
			recent,
			requests,
			answers: FuturesUnordered::new(),
			commits,
			handle,
			metrics,
			started: Instant::now(),
			arrivals: HashMap::new(),
			received: HashMap::new(),
			received_since: Instant::now(),
			heard: vec![0; voters],
			looked_at: 0,
			tried_to_enter: 0,
			counted: BTreeMap::new(),
			warped: None,
		})
	}

	/// Runs for as long as the node does. Where the network stops, so does the node: it waits for that.
	pub async fn run(mut self) {
		self.load();
		self.recover().await;
		let mut tick = tokio::time::interval(TICK);
		tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
		loop {
			tokio::select! {
				event = self.imports.recv() => match event {
					Ok(event) => self.imported(event),
					Err(_) => return futures::future::pending().await,
				},
				event = self.peers.next() => match event {
					Some(event) => self.from_peer(event),
					None => return futures::future::pending().await,
				},
				request = self.requests.recv() => match request {
					Ok(request) => self.answer(request),
					Err(_) => return futures::future::pending().await,
				},
				Some((peer, answer)) = self.answers.next() => self.answered(peer, answer),
				_ = tick.tick() => self.tick(),
			}
			self.show();
		}
	}

	/// What is in the database: the proof of what is final, and the blocks above it.
	fn load(&mut self) {
		let info = self.chain.info();
		// That of the block that ended the last set is of no use to the core of this one.
		match self.chain.certificate(info.finalized_hash) {
			Ok(Some(certificate)) if certificate.vote.set_id == self.core.set_id() => {
				self.step(Event::Certificate(to_core_certificate(&certificate)));
			}
			Ok(_) => (),
			Err(error) => log::warn!(target: LOG_TARGET, "the stored proof of finality cannot be read: {error}"),
		}
		match unfinalized(&*self.chain, info.finalized_number) {
			Ok(blocks) => blocks.into_iter().for_each(|block| self.step(Event::Imported(block))),
			Err(error) => log::warn!(target: LOG_TARGET, "the blocks above the final one cannot be read: {error}"),
		}
	}

	/// What the database may have forgotten when the process was killed: the last blocks, and the certificate of the lock.
	async fn recover(&mut self) {
		let verifier = self.block_import.verifier();
		for block in self.recent.load() {
			let (number, hash) = (block.header.number, block.header.hash());
			if number <= self.chain.info().finalized_number || matches!(self.chain.header(hash), Ok(Some(_))) {
				continue;
			}
			match import_sealed(&verifier, &self.block_import, block, Instant::now()).await {
				Ok(()) => {
					log::info!(target: LOG_TARGET, "Block {number} ({hash:?}) was lost by the database and is restored")
				}
				Err(refusal) => {
					log::debug!(target: LOG_TARGET, "the kept block {number} ({hash:?}) is of no use: {refusal}")
				}
			}
			while let Ok(event) = self.imports.try_recv() {
				self.imported(event);
			}
		}
		let changes = self.signer.kept_changes();
		let changes = changes.and_then(|bytes| Vec::<Certificate>::decode_all(&mut &bytes[..]).ok());
		let lock = self.signer.kept_lock_certificate();
		let lock = lock.and_then(|bytes| Certificate::decode_all(&mut &bytes[..]).ok());
		for certificate in changes.into_iter().flatten().chain(lock) {
			if self.check_certificate(&certificate).is_ok() {
				self.step(Event::Certificate(to_core_certificate(&certificate)));
			}
		}
	}

	fn now(&self) -> bft::Now {
		let ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
		bft::Now {
			ms,
			slot: *clock::slot_now(self.slot_duration),
		}
	}

	fn window(&self) -> Window {
		Window {
			finalized: self.core.finalized().slot,
			now: *clock::slot_now(self.slot_duration),
		}
	}

	/// What is known here of a block that is said to end the voter set.
	fn end_of_set(core: &Core, decided: &Target) -> End {
		let block = to_ref(*decided);
		if core.is_end(&block) {
			End::Yes
		} else if core.knows(&block.hash) {
			End::No
		} else {
			End::Unknown
		}
	}

	fn check_certificate(&self, certificate: &Certificate) -> Result<(), gossip::Drop> {
		let end_of_set = |decided: &Target| Self::end_of_set(&self.core, decided);
		self.filter.check_certificate(certificate, self.window(), end_of_set)
	}

	fn tick(&mut self) {
		self.enter_warped_set();
		if self.me.is_some() {
			if let Some(silence) = self.signer.silence() {
				self.core.stop_voting(reason(&silence));
			}
		}
		self.step(Event::Tick);
		let slot = *clock::slot_now(self.slot_duration);
		if self.me.is_some() && self.looked_at != slot {
			self.looked_at = slot;
			if let Some(reason) = self.core.why_not_voting() {
				self.metrics.did_not_vote(reason.label());
			}
		}
		let finalized = self.core.finalized().number;
		self.metrics
			.finality_lag(self.core.head().number.saturating_sub(finalized));
	}

	fn imported(&mut self, event: ImportEvent) {
		match event {
			ImportEvent::Block(block) => {
				// A measurement is not worth an error; where the block's parent is gone it is not counted.
				let _ = self.count_missed_slots(&block);
				let Imported {
					target,
					parent,
					primary,
					ends_set,
					seen,
				} = block;
				if self.arrivals.len() < REMEMBERED_ARRIVALS {
					self.arrivals.insert(target.hash, seen);
				}
				self.step(Event::Imported(bft::Block {
					block: to_ref(target),
					parent,
					primary,
					ends_set,
				}));
			}
			ImportEvent::Warped(target) => {
				self.arrivals.clear();
				self.warped = Some(target.hash);
				self.enter_warped_set();
			}
			ImportEvent::Certificate(certificate) => {
				if self.check_certificate(&certificate).is_ok() {
					self.metrics.certificate_received(Phase::Commit);
					self.step(Event::Certificate(to_core_certificate(&certificate)));
				} else {
					self.metrics.dropped("import", "certificate");
				}
			}
			ImportEvent::ForeignSeal(target) => {
				let seen = format!("block {} in slot {}", target.number, target.slot);
				self.signer.stop(Silence::SignedElsewhere(seen));
				self.core.stop_voting(bft::Reason::SignedElsewhere);
			}
		}
	}

	fn from_peer(&mut self, event: PeerEvent) {
		match event {
			// Whoever connects hears at once what is final and certified, and what this node voted last.
			PeerEvent::Opened(peer, ()) => {
				let highest = self.highest_certificate().map(|c| self.to_certificate(c));
				for certificate in self.proof_of_final().into_iter().chain(highest) {
					self.peers.send(&peer, Message::certificate(certificate));
				}
				for vote in self.core.last_own_votes() {
					self.peers.send(&peer, Message::vote(to_vote(&vote)));
				}
			}
			PeerEvent::Closed(peer) => {
				self.received.remove(&peer);
			}
			PeerEvent::Received(peer, bytes) if self.is_flooding(peer) => {
				self.metrics.dropped("votes", "flood");
				log::trace!(target: LOG_TARGET, "{} bytes of {peer} dropped", bytes.len());
				self.peers.report(peer, reputation::FLOOD);
			}
			PeerEvent::Received(peer, bytes) => self.message(peer, &bytes),
		}
	}

	/// Whether a peer sends more than all voters together have reason to.
	fn is_flooding(&mut self, peer: PeerId) -> bool {
		if self.received_since.elapsed() >= Duration::from_secs(1) {
			self.received.clear();
			self.received_since = Instant::now();
		}
		let limit = MESSAGES_PER_VOTER
			.saturating_mul(self.filter.set().voters.len())
			.saturating_add(MESSAGES_ALWAYS);
		let count = self.received.entry(peer).or_insert(0);
		*count = count.saturating_add(1);
		usize::try_from(*count).is_ok_and(|count| count > limit)
	}

	fn message(&mut self, peer: PeerId, bytes: &[u8]) {
		if log::log_enabled!(target: gossip::VOTES_TARGET, log::Level::Trace) {
			// Who watches the wire wants to see every true vote, stale ones too.
			if let Some(vote) = self.filter.true_vote(bytes) {
				trace_vote(&vote, &peer);
			}
		}
		let window = self.window();
		let end_of_set = |decided: &Target| Self::end_of_set(&self.core, decided);
		match self.filter.accept(bytes, window, end_of_set) {
			Ok(MessageV1::Vote(vote)) => {
				self.metrics.vote_received(vote.vote.phase);
				self.hear(&vote);
				self.peers.broadcast(bytes, Some(peer));
				self.step(Event::Vote(to_core_vote(&vote)));
			}
			Ok(MessageV1::Certificate(certificate)) => {
				self.metrics.certificate_received(certificate.vote.phase);
				self.step(Event::Certificate(to_core_certificate(&certificate)));
			}
			Err(gossip::Drop::OtherSet(set_id)) => self.of_other_set(peer, bytes, set_id),
			Err(why) => {
				self.metrics.dropped("votes", why.label());
				match why {
					gossip::Drop::Undecodable => self.peers.report(peer, reputation::UNDECODABLE),
					gossip::Drop::False => self.peers.report(peer, reputation::FALSE_PROOF),
					gossip::Drop::Known
					| gossip::Drop::OutOfWindow
					| gossip::Drop::Relaxed
					| gossip::Drop::OtherSet(_) => (),
				}
			}
		}
	}

	/// One of the two is behind. Those ahead tell those behind what ended their set; what the next set says waits until then.
	fn of_other_set(&mut self, peer: PeerId, bytes: &[u8], set_id: SetId) {
		let own = self.core.set_id();
		if set_id == own.saturating_add(1) {
			self.early.keep(peer, bytes);
		} else {
			self.metrics.dropped("votes", "other_set");
		}
		if set_id > own {
			// Perhaps the news is on its way; perhaps it was missed.
			if self.asked.over(peer) {
				self.ask_peer(peer);
			}
		} else if self.told.over(peer) {
			match changes_from(&*self.chain, set_id, gossip::MAX_CERTIFICATES) {
				Ok(proofs) => proofs
					.into_iter()
					.for_each(|proof| self.peers.send(&peer, Message::certificate(proof))),
				Err(error) => log::warn!(target: LOG_TARGET, "the proofs of past changes cannot be read: {error}"),
			}
		}
	}

	/// The end of the set is final: the next one starts there.
	fn enter_next_set(&mut self) -> Result<(), Error> {
		let at = self.core.finalized().hash;
		if self.chain.info().finalized_hash != at {
			// Finalizing failed. Of any other block that passes with the next one; here there is no next one.
			if let Some(certificate) = self.core.finality_certificate() {
				self.chain.finalize(&self.to_certificate(certificate))?;
			}
		}
		let set = self.chain.voter_set(at)?;
		if set.set_id <= self.core.set_id() {
			return Err(Error::NoNextSet(self.core.set_id()));
		}
		self.enter(set, at)
	}

	/// After a warp: whatever set this node was in, and whatever it has heard, it begins anew above the block that is final now, as
	/// if it had been started there. Where that fails it is tried again with the next tick.
	fn enter_warped_set(&mut self) {
		let Some(at) = self.warped else { return };
		match self
			.chain
			.voter_set(at)
			.map_err(Into::into)
			.and_then(|set| self.enter(set, at))
		{
			Ok(()) => self.warped = None,
			Err(error) => log::error!(target: LOG_TARGET, "cannot enter the voter set after the warp: {error}"),
		}
	}

	/// Enters a voter set whose start is final.
	fn enter(&mut self, set: VoterSet, at: H256) -> Result<(), Error> {
		let start = self.chain.target(at)?;
		let horizon = clock::slot_now(self.slot_duration).saturating_add(crate::RESET_MARGIN_SLOTS);
		self.signer.enter(&set, start, horizon);
		let relaxed = self.core.finality_certificate().is_some_and(|proof| proof.vote.relaxed);
		self.core = core_of(&*self.chain, &self.signer, &set)?;
		self.me = self.core.me();
		log::info!(
			target: LOG_TARGET,
			"👥 Voter set {} votes from block {} on: {} voters, {} finalize; this node {}",
			set.set_id,
			start.number,
			set.voters.len(),
			set.quorum(),
			self.me.map_or_else(|| "follows".into(), |me| format!("is voter {me}")),
		);
		if self.me.is_some() {
			self.keep_changes(set.set_id);
		}
		show_set(&self.handle, &self.metrics, &set);
		self.metrics.voters_changed(relaxed);
		// Nobody is called silent before it had time to speak.
		self.heard = vec![*clock::slot_now(self.slot_duration); set.voters.len()];
		self.filter = Filter::new(self.chain.info().genesis_hash, set);
		self.load();
		for (peer, bytes) in self.early.take() {
			self.message(peer, &bytes);
		}
		Ok(())
	}

	/// Before the first vote in a set: what shows that those before it have ended, for the day on which all forget at once.
	fn keep_changes(&mut self, set_id: SetId) {
		let last = set_id.saturating_sub(KEPT_CHANGES as u64);
		match changes_from(&*self.chain, last, KEPT_CHANGES) {
			Ok(proofs) => self.signer.keep_changes(&proofs.encode()),
			Err(error) => log::warn!(target: LOG_TARGET, "the proofs of past changes cannot be read: {error}"),
		}
		let start = self.chain.info().finalized_hash;
		if let Err(error) = self.recent.keep(&*self.chain, start) {
			log::warn!(target: LOG_TARGET, "{error}");
		}
	}

	/// The proof of what is final here; the last set's, right after a change.
	fn proof_of_final(&self) -> Option<Certificate> {
		match self.core.finality_certificate() {
			Some(certificate) => Some(self.to_certificate(certificate)),
			None => self.chain.certificate(self.chain.info().finalized_hash).ok()?,
		}
	}

	/// Notes that a voter is there.
	fn hear(&mut self, vote: &SignedVote) {
		if let Some(slot) = self.heard.get_mut(usize::from(vote.voter)) {
			*slot = vote.vote.target.slot.max(*slot);
		}
	}

	/// Counts the slots that went by without a block of their director, in front of an imported block.
	fn count_missed_slots(&self, block: &Imported) -> Result<(), crate::chain::ChainError> {
		let parent_slot = self.chain.target(block.parent)?.slot;
		// Of a long standstill, or while the chain is fetched, nobody learns anything from this.
		let gap = block.target.slot.saturating_sub(parent_slot);
		if gap > MAX_COUNTED_GAP
			|| block.target.slot.saturating_add(MAX_COUNTED_GAP) < *clock::slot_now(self.slot_duration)
		{
			return Ok(());
		}
		if gap <= 1 && block.primary {
			return Ok(());
		}
		let schedule = self.chain.schedule(block.parent)?;
		let last = if block.primary {
			block.target.slot
		} else {
			block.target.slot.saturating_add(1)
		};
		for slot in parent_slot.saturating_add(1)..last {
			if let Some(director) = schedule.director(slot.into()).and_then(|index| schedule.key(index)) {
				self.metrics.missed_slots(director, 1);
			}
		}
		Ok(())
	}

	/// Feeds one event to the core and does all that follows from it.
	fn step(&mut self, event: Event) {
		let now = self.now();
		let mut actions: VecDeque<Action> = self.core.step(now, event).into();
		while let Some(action) = actions.pop_front() {
			match action {
				Action::Cast { vote, state } => {
					// Each state covers the votes before it, so that one write does for all that wait.
					let mut votes = vec![vote];
					let mut covers = state;
					actions.retain(|action| match action {
						Action::Cast { vote, state } => {
							votes.push(*vote);
							covers = *state;
							false
						}
						_ => true,
					});
					for signed in self.cast(&votes, covers) {
						actions.extend(self.core.step(now, Event::Vote(to_core_vote(&signed))));
					}
				}
				Action::Head(block) => {
					if let Err(error) = self.chain.set_head(block.hash) {
						log::warn!(target: LOG_TARGET, "cannot make block {} ({:?}) the best one: {error}", block.number, block.hash);
					}
				}
				Action::Certified(certificate) => {
					self.metrics.certificate_made(Phase::Prevote);
					let certificate = self.to_certificate(&certificate);
					self.handle.announce(certificate);
				}
				Action::Finalize { certificate, .. } => self.finalize(&certificate),
				Action::Fetch(block) => {
					// The client may have what the core let go; then the core is told again, else the sync fetches it.
					let known = path_to(&*self.chain, block.hash, |hash| self.core.knows(hash));
					match known {
						Some(path) => {
							for block in path {
								actions.extend(self.core.step(now, Event::Imported(block)));
							}
						}
						None => {
							let number = u32::try_from(block.number).unwrap_or(u32::MAX);
							self.sync.set_sync_fork_request(Vec::new(), block.hash, number);
						}
					}
				}
				Action::Equivocation { first, second } => {
					self.metrics.equivocation("vote");
					log::warn!(
						target: LOG_TARGET,
						"Equivocation: voter {} cast two votes of phase {:?} in slot {}: {:?} and {:?}",
						first.voter, first.vote.phase, first.vote.block.slot, first.vote.block.hash, second.vote.block.hash,
					);
					// The core speaks of this set's voters alone, and never of this node.
					if let Some(voter) = self.filter.set().voters.get(usize::from(first.voter)) {
						self.block_import
							.reporter()
							.votes(voter, to_vote(&first), to_vote(&second));
					}
				}
				Action::SignedElsewhere(vote) => {
					let seen = format!("a vote of phase {:?} in slot {}", vote.vote.phase, vote.vote.block.slot);
					self.signer.stop(Silence::SignedElsewhere(seen));
				}
				Action::Resend(resend) => self.resend(resend),
			}
		}
		// Where it fails it is tried again in the next slot.
		if self.core.has_ended() && self.tried_to_enter != now.slot {
			self.tried_to_enter = now.slot;
			match self.enter_next_set() {
				Ok(()) => self.tried_to_enter = 0,
				Err(error) => log::error!(target: LOG_TARGET, "cannot enter the next voter set: {error}"),
			}
		}
	}

	/// Signs votes once they are durable, and sends them.
	fn cast(&mut self, votes: &[bft::Vote<H256>], covers: bft::VoterState<H256>) -> Vec<SignedVote> {
		let Some(me) = self.me else { return Vec::new() };
		let votes: Vec<Vote> = votes.iter().map(to_primitive_vote).collect();
		if votes.iter().any(|vote| vote.phase == Phase::Commit) {
			if let Err(error) = self.recent.keep(&*self.chain, covers.lock.hash) {
				log::warn!(target: LOG_TARGET, "Not voting: {error}");
				return Vec::new();
			}
			if let Some(certificate) = self.core.lock_certificate() {
				self.signer
					.keep_lock_certificate(&self.to_certificate(certificate).encode());
			}
		}
		let cover = Cover {
			set_id: self.core.set_id(),
			last_prevote: to_target(covers.last_prevote),
			other_branch_slot: covers.other_branch_slot,
			lock: to_target(covers.lock),
		};
		match self.signer.sign_votes(&*self.chain, me, &votes, cover) {
			Ok(signed) => {
				for vote in &signed {
					trace_vote(vote, &"self");
					self.hear(vote);
					self.commits.note(vote);
					if vote.vote.relaxed {
						self.metrics.relaxed_vote_cast(vote.vote.phase);
					} else {
						self.metrics.vote_cast(vote.vote.phase);
					}
					let bytes = Message::vote(vote.clone());
					self.filter.note(&bytes);
					self.peers.broadcast(&bytes, None);
				}
				signed
			}
			Err(silence) => {
				log::warn!(target: LOG_TARGET, "Not voting: {silence}");
				if self.signer.silence().is_some() {
					self.core.stop_voting(reason(&silence));
				}
				Vec::new()
			}
		}
	}

	fn finalize(&mut self, certificate: &bft::Certificate<H256, VoterSignature>) {
		let certificate = self.to_certificate(certificate);
		let block = to_ref(certificate.vote.decides());
		self.metrics.certificate_made(Phase::Commit);
		let finalized_before = self.chain.info().finalized_number;
		if u64::from(finalized_before) < block.number {
			if let Err(error) = self.chain.finalize(&certificate) {
				log::error!(target: LOG_TARGET, "cannot finalize block {} ({:?}): {error}", block.number, block.hash);
				return;
			}
		}
		let since_seen = self.arrivals.get(&block.hash).map(Instant::elapsed);
		self.metrics
			.finalized(clock::since_slot(block.slot, self.slot_duration), since_seen);
		log::debug!(
			target: LOG_TARGET,
			"Final: block {} of slot {}, {} ms after its slot began",
			block.number,
			block.slot,
			clock::since_slot(block.slot, self.slot_duration).as_millis(),
		);
		for (voter, heard) in self.filter.set().voters.iter().zip(&self.heard) {
			if heard.saturating_add(SILENT_SLOTS) < block.slot {
				self.metrics.missed_vote(voter);
			}
		}
		let core = &self.core;
		let before = self.arrivals.len();
		self.arrivals.retain(|hash, _| *hash == block.hash || core.knows(hash));
		// What went and is not the final chain's is orphaned.
		let gone = before.saturating_sub(self.arrivals.len());
		let grown = usize::try_from(block.number.saturating_sub(u64::from(finalized_before))).unwrap_or(usize::MAX);
		self.metrics
			.orphaned(gone.saturating_sub(grown.saturating_sub(1)) as u64);
		self.arrivals.remove(&block.hash);
		self.handle.announce(certificate);
	}

	fn resend(&mut self, resend: bft::Resend<H256, VoterSignature>) {
		self.metrics.resent();
		for block in resend.blocks {
			self.sync.announce_block(block.hash, None);
		}
		for vote in &resend.votes {
			self.peers.broadcast(&Message::vote(to_vote(vote)), None);
		}
		let certificates = resend.certificates.iter().map(|c| self.to_certificate(c));
		// A core that has finalized nothing yet knows no proof; whoever is behind needs the one of the change.
		let proof = self
			.core
			.finality_certificate()
			.is_none()
			.then(|| self.proof_of_final());
		let certificates: Vec<_> = certificates.chain(proof.flatten()).collect();
		for certificate in certificates {
			self.peers.broadcast(&Message::certificate(certificate), None);
		}
		self.ask();
	}

	/// Asks a few peers for the certificates that this node lacks.
	fn ask(&mut self) {
		let peers: Vec<PeerId> = self.peers.connected().copied().collect();
		// Others each time, so that no peer alone decides what this node hears.
		let offset = usize::try_from(self.started.elapsed().as_secs()).unwrap_or(0);
		for peer in peers
			.iter()
			.cycle()
			.skip(offset.checked_rem(peers.len()).unwrap_or(0))
			.take(ASKED_PEERS.min(peers.len()))
		{
			self.ask_peer(*peer);
		}
	}

	fn ask_peer(&self, peer: PeerId) {
		let from = u32::try_from(self.core.finalized().number)
			.unwrap_or(u32::MAX)
			.saturating_add(1);
		let request = Request::V1 {
			set_id: self.core.set_id(),
			from,
		}
		.encode();
		let (network, protocol) = (self.network.clone(), self.names.certificates.clone());
		let asked = async move {
			let answer = network
				.request(peer, protocol, request, None, IfDisconnected::ImmediateError)
				.await;
			(peer, answer.ok().map(|(bytes, _)| bytes))
		};
		self.answers.push(asked.boxed());
	}

	fn answered(&mut self, peer: PeerId, answer: Option<Vec<u8>>) {
		let Some(bytes) = answer else { return };
		let Ok(Response::V1(certificates)) = Response::decode_all(&mut &bytes[..]) else {
			self.metrics.dropped("certificates", "undecodable");
			return self.peers.report(peer, reputation::UNDECODABLE);
		};
		let set_before = self.core.set_id();
		for certificate in certificates.into_iter().take(gossip::MAX_CERTIFICATES) {
			match self.check_certificate(&certificate) {
				Ok(()) => {
					self.metrics.certificate_received(certificate.vote.phase);
					self.step(Event::Certificate(to_core_certificate(&certificate)));
				}
				Err(gossip::Drop::False) => {
					self.metrics.dropped("certificates", "false");
					return self.peers.report(peer, reputation::FALSE_PROOF);
				}
				Err(_) => (),
			}
		}
		// There may be more changes than go into an answer.
		if self.core.set_id() != set_before {
			self.ask_peer(peer);
		}
	}

	/// Answers a peer that lacks certificates: the newest of both phases, and the first that finalizes what it asks for; or what
	/// ended the sets that it is behind.
	fn answer(&mut self, request: IncomingRequest) {
		let result = match Request::decode_all(&mut &request.payload[..]) {
			Ok(Request::V1 { set_id, from }) if set_id == self.core.set_id() => {
				let highest = self.highest_certificate().map(|c| self.to_certificate(c));
				let newest = self.proof_of_final().into_iter().chain(highest);
				let certificates = newest.chain(self.first_justified(from)).collect();
				Ok(Response::V1(certificates).encode())
			}
			Ok(Request::V1 { set_id, .. }) if set_id < self.core.set_id() => {
				// What the database cannot tell another peer can.
				let proofs = changes_from(&*self.chain, set_id, gossip::MAX_CERTIFICATES).unwrap_or_default();
				Ok(Response::V1(proofs).encode())
			}
			Ok(_) => Ok(Response::V1(Vec::new()).encode()),
			Err(_) => Err(()),
		};
		let reputation_changes = if result.is_err() {
			vec![reputation::UNDECODABLE]
		} else {
			Vec::new()
		};
		// The peer may have gone meanwhile.
		let _ = request.pending_response.send(OutgoingResponse {
			result,
			reputation_changes,
			sent_feedback: None,
		});
	}

	fn first_justified(&self, from: u32) -> Option<Certificate> {
		let finalized = self.chain.info().finalized_number;
		(from..=finalized.min(from.saturating_add(SEARCHED_BLOCKS))).find_map(|number| {
			let hash = self.chain.hash_at(number).ok()??;
			self.chain.certificate(hash).ok()?
		})
	}

	fn highest_certificate(&self) -> Option<&bft::Certificate<H256, VoterSignature>> {
		self.core.certificate(&self.core.highest_certified().hash)
	}

	fn to_certificate(&self, certificate: &bft::Certificate<H256, VoterSignature>) -> Certificate {
		to_certificate(certificate, self.filter.set().voters.len())
	}

	/// Whether the 51% rule is in force, and since when; the log tells when that changes.
	fn show_rule(&self) -> Option<RelaxedStatus> {
		let before = self.handle.status().relaxed;
		let end = self
			.core
			.relaxed_since()
			.and_then(|_| self.core.pending_end())
			.map(to_target);
		let (now, changed) = rule_now(before, end, clock::unix_ms());
		if changed {
			self.metrics.relaxed(now.is_some());
			match (now, self.core.relaxed_quorum()) {
				(Some(rule), Some(relaxed)) => log::warn!(
					target: LOG_TARGET,
					"The 51% rule is in force: nothing became final for {} s, and block {} ({:?}), which changes the voters, waits. \
					 {relaxed} of {} voters can make it final, where {} are needed otherwise",
					bft::core::RELAX_AFTER_MS / 1000,
					rule.end.number,
					rule.end.hash,
					self.filter.set().voters.len(),
					self.core.quorum(),
				),
				_ => log::warn!(target: LOG_TARGET, "The 51% rule is no longer in force"),
			}
		}
		now
	}

	/// Lets people see where things stand.
	fn show(&mut self) {
		let state = self.core.state();
		let certified = self.core.highest_certified();
		let not_voting = match self.signer.silence() {
			Some(silence) if self.me.is_some() || !matches!(silence, Silence::NoKey) => Some(silence.to_string()),
			_ => self.core.why_not_voting().map(|reason| reason.to_string()),
		};
		let voter = self.me.zip(self.signer.key()).map(|(index, key)| VoterStatus {
			index,
			key,
			last_prevote: to_target(state.last_prevote),
			other_branch_slot: state.other_branch_slot,
			lock: to_target(state.lock),
		});
		let (head, finalized) = (self.core.head(), self.core.finalized());
		let relaxed = self.show_rule();
		self.handle.update(|status| {
			status.best = Some(to_target(head));
			status.certified = (certified != finalized).then(|| to_target(certified));
			status.finalized = Some(to_target(finalized));
			status.relaxed = relaxed;
			status.voter = voter;
			status.not_voting = not_voting;
		});
		for (label, count) in self.core.dropped().iter() {
			let before = self.counted.insert(label, count).unwrap_or(0);
			for _ in before..count {
				self.metrics.dropped("core", label);
			}
		}
	}
}

/// How the 51% rule stands now, where it stood so `before`, and whether that is news. `end` is the block that waits.
fn rule_now(before: Option<RelaxedStatus>, end: Option<Target>, now_ms: u64) -> (Option<RelaxedStatus>, bool) {
	let since_ms = before.map_or(now_ms, |before| before.since_ms);
	let now = end.map(|end| RelaxedStatus { since_ms, end });
	(now, now.is_some() != before.is_some())
}

/// The core of a set, from what is final in the database and from what the signer remembers.
fn core_of(chain: &dyn Chain, signer: &Signer, set: &VoterSet) -> Result<Core, Error> {
	let record = signer.record();
	let mut core = Core::new(bft::Config {
		set_id: set.set_id,
		voters: u16::try_from(set.voters.len()).map_err(|_| Error::TooManyVoters(set.voters.len()))?,
		me: signer.key().and_then(|key| set.index_of(&key)),
		root: to_ref(chain.target(chain.info().finalized_hash)?),
		relaxed_quorum: set
			.relaxed_quorum()
			.and_then(|relaxed| VoterIndex::try_from(relaxed).ok()),
		relax_after_ms: bft::core::RELAX_AFTER_MS,
		state: bft::VoterState {
			last_prevote: to_ref(record.last_prevote),
			other_branch_slot: record.other_branch_slot,
			lock: to_ref(record.lock),
		},
	});
	if record.set_id > set.set_id {
		// The database has forgotten the end of this set, which was final when the process was killed. In this set nothing is left
		// to say, and of the next one the record holds.
		core.stop_voting(bft::Reason::SetEnded);
	}
	Ok(core)
}

fn show_set(handle: &ConsensusHandle, metrics: &Metrics, set: &VoterSet) {
	handle.update(|status| {
		status.set_id = set.set_id;
		status.voters = set.voters.len();
		status.quorum = set.quorum();
		status.relaxed_quorum = set.relaxed_quorum();
	});
	metrics.voter_set(set.set_id, set.voters.len());
}

fn reason(silence: &Silence) -> bft::Reason {
	match silence {
		Silence::NoKey => bft::Reason::NotAVoter,
		Silence::Damaged { .. } => bft::Reason::SafetyFileDamaged,
		Silence::VotedBefore => bft::Reason::SafetyFileMissing,
		Silence::File(_) => bft::Reason::SafetyFileUnwritable,
		Silence::Keystore(_) => bft::Reason::CannotSign,
		Silence::SignedElsewhere(_) => bft::Reason::SignedElsewhere,
		Silence::SlotUsed { .. } => bft::Reason::Told,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{chain::testing::Line, signing::signer::SignerParams};
	use bft_finality_primitives::VoterId;
	use sp_core::Pair;
	use sp_keystore::{testing::MemoryKeystore, Keystore};

	#[test]
	fn the_rule_is_told_when_it_begins_and_ends_and_keeps_its_time_between() {
		let end = |number| Target {
			slot: 9,
			number,
			hash: H256::zero(),
		};
		let (rule, news) = rule_now(None, Some(end(7)), 1_000);
		assert_eq!((rule.map(|rule| rule.since_ms), news), (Some(1_000), true));
		// Another fork's end may take the place of the first.
		let (later, news) = rule_now(rule, Some(end(8)), 2_000);
		let expected = RelaxedStatus {
			since_ms: 1_000,
			end: end(8),
		};
		assert_eq!((later, news), (Some(expected), false));
		assert_eq!(rule_now(later, None, 3_000), (None, true));
		assert_eq!(rule_now(None, None, 4_000), (None, false));
	}

	#[test]
	fn the_core_has_the_relaxed_quorum_of_its_set() {
		let folder = tempfile::tempdir().expect("a temporary folder");
		let (mut chain, hashes) = Line::new(1);
		chain.finalized = hashes[0];
		let voters: Vec<VoterId> = (1..=7u8)
			.map(|seed| sp_core::ed25519::Pair::from_seed(&[seed; 32]).public().into())
			.collect();
		for (named, expected) in [(4, Some(4)), (0, None), (3, None), (5, None)] {
			let set = VoterSet {
				set_id: 1,
				voters: voters.clone(),
				relaxed_quorum: named,
			};
			let signer = Signer::open(SignerParams {
				keystore: Arc::new(MemoryKeystore::new()),
				genesis: H256::zero(),
				set: &set,
				folder: folder.path(),
				reset: false,
				start: Target {
					slot: 0,
					number: 0,
					hash: hashes[0],
				},
				horizon: 0.into(),
				metrics: Metrics::default(),
			});
			let core = core_of(&chain, &signer, &set).expect("starts");
			assert_eq!(core.relaxed_quorum(), expected, "{named} of 7");
		}
	}

	/// The file is written before the vote leaves, the database some time after: a killed process may wake up in the set before.
	#[test]
	fn who_wakes_up_in_the_set_before_says_nothing_in_it_and_goes_on_in_the_next() {
		let folder = tempfile::tempdir().expect("a temporary folder");
		let (mut chain, hashes) = Line::new(1);
		chain.finalized = hashes[0];
		let keystore = Arc::new(MemoryKeystore::new());
		let key: VoterId = keystore
			.ed25519_generate_new(bft_finality_primitives::KEY_TYPE, Some("//1"))
			.expect("generates")
			.into();
		let set = |set_id| VoterSet {
			set_id,
			voters: vec![key.clone()],
			relaxed_quorum: 0,
		};
		let open = |set_id| {
			Signer::open(SignerParams {
				keystore: keystore.clone(),
				genesis: H256::zero(),
				set: &set(set_id),
				folder: folder.path(),
				reset: false,
				start: Target {
					slot: 0,
					number: 0,
					hash: hashes[0],
				},
				horizon: 0.into(),
				metrics: Metrics::default(),
			})
		};
		let target = |slot| Target {
			slot,
			number: 9,
			hash: H256::from_low_u64_be(slot),
		};
		let signer = open(4);
		let cover = Cover {
			set_id: 4,
			last_prevote: target(30),
			other_branch_slot: 0,
			lock: target(20),
		};
		signer.sign_votes(&chain, 0, &[], cover).expect("is written");
		drop(signer);

		let signer = open(3);
		let core = core_of(&chain, &signer, &set(3)).expect("starts");
		assert_eq!(core.why_not_voting(), Some(bft::Reason::SetEnded));
		signer.enter(&set(4), target(10), 0.into());
		let core = core_of(&chain, &signer, &set(4)).expect("starts");
		assert_eq!(core.why_not_voting(), None);
		assert_eq!(
			(core.state().last_prevote, core.state().lock),
			(to_ref(target(30)), to_ref(target(20)))
		);
	}
}
