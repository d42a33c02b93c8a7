//! A seeded simulation of whole networks: directors on slot clocks, blocks and votes over a bad network, machines that crash,
//! and an adversary with up to a third of the keys. Safety is judged all the time, liveness once the network has settled.

mod adversary;
pub mod ledger;
mod node;
mod plan;

use adversary::Adversary;
use ledger::{genuine, genuine_certificate, Ledger};
pub use ledger::{sign, Cert, Sig, Signed, GENESIS};
use node::Node;
pub use plan::{Behaviour, Plan, Resends};
use smartchain_bft::{
	Action, Block, BlockRef, Config, Core, Event, Now, Phase, Protocol, Reason, Resend, Rules, SetId, Slot, VoterIndex,
	VoterState,
};
use smartchain_rng::Rng;
use std::{
	cmp::Reverse,
	collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque},
};

pub const SLOT_MS: u64 = 500;
/// Simulated time begins here on every clock, so that clocks may be behind.
const EPOCH_MS: u64 = 10_000;
pub const SET: u64 = 1;

/// What goes over the network.
#[derive(Clone, Debug)]
pub enum Message {
	Block(u64),
	Vote(Signed),
	Certificate(Cert),
	Ask(u64),
	/// For the proof of what ended this set.
	AskEnd(SetId),
}

#[derive(Clone, Debug)]
enum What {
	Deliver {
		from: usize,
		to: usize,
		message: Message,
	},
	/// A slot begins by a node's clock.
	Slot(usize),
	Restart(usize),
	/// Once a slot: the network's and the adversary's doings.
	Weather,
}

/// How a run ended badly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
	/// Two conflicting blocks are final, or the like.
	Unsafe(String),
	/// Finality did not come back.
	Stalled(String),
}

/// How a run ended well.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
	/// Milliseconds from settling until all honest nodes finalized a block made after it.
	pub recovery_ms: u64,
	/// For each finalized block, milliseconds from its making until the first honest node finalized it.
	pub latencies_ms: Vec<u64>,
	/// How often the voters changed, and how often they had when the network settled.
	pub changes: u64,
	pub changes_before: u64,
	/// How many of the changes, counted once for each node, relaxed votes made final.
	pub relaxed_changes: u64,
}

/// The network.
pub struct World<R = Protocol> {
	pub plan: Plan,
	rng: Rng,
	now_ms: u64,
	sequence: u64,
	queue: BinaryHeap<Reverse<(u64, u64)>>,
	waiting: BTreeMap<u64, What>,
	pub nodes: Vec<Node<R>>,
	pub ledger: Ledger,
	adversary: Option<Adversary>,
	/// Each node's side, and until when the sides are apart.
	partition: (Vec<bool>, u64),
	/// How many changes of voters the one who is furthest has seen become final.
	changes: u64,
	changes_before: Option<u64>,
	relaxed_changes: u64,
	made_ms: BTreeMap<u64, u64>,
	latencies_ms: Vec<u64>,
}

/// Runs a plan by the protocol's rules.
pub fn run(plan: Plan) -> Result<Outcome, Failure> {
	World::<Protocol>::new(plan).run()
}

impl<R: Rules> World<R> {
	pub fn new(plan: Plan) -> Self {
		let mut rng = Rng::new(plan.seed);
		let mut nodes = Vec::new();
		let mut skew = || {
			let skew = rng.range(0, plan.skew_ms * 2) as i64;
			skew - plan.skew_ms as i64
		};
		let mut keys = Vec::new();
		for voter in 0..plan.voters {
			match plan.byzantine.iter().find(|(v, _)| *v == voter) {
				Some((_, behaviour)) if behaviour.twins => {
					nodes.push(Node::new(Some(voter), false, skew()));
					nodes.push(Node::new(Some(voter), false, skew()));
				}
				Some((_, behaviour)) => keys.push((voter, *behaviour)),
				None => nodes.push(Node::new(Some(voter), true, skew())),
			}
		}
		if plan.late {
			nodes.push(Node::new(None, true, skew()));
		}
		for voter in plan.gone.iter().flat_map(|gone| &gone.voters) {
			nodes.push(Node::standing_by(*voter, skew()));
		}
		let adversary = (!keys.is_empty()).then(|| Adversary::new(keys, &plan));
		let mut world = Self {
			rng,
			now_ms: 0,
			sequence: 0,
			queue: BinaryHeap::new(),
			waiting: BTreeMap::new(),
			partition: (vec![false; nodes.len()], 0),
			nodes,
			ledger: Ledger::new(),
			adversary,
			changes: 0,
			changes_before: None,
			relaxed_changes: 0,
			made_ms: BTreeMap::new(),
			latencies_ms: Vec::new(),
			plan,
		};
		for node in 0..world.nodes.len() {
			let late = world.plan.late && (world.nodes[node].identity.is_none() || world.rng.percent(20));
			let start = if late {
				world.rng.range(0, world.plan.settled_ms)
			} else {
				0
			};
			world.at(start, What::Restart(node));
			if let Some(back) = world.plan.gone.as_ref().and_then(|gone| gone.back_ms) {
				world.at(back.max(start), What::Restart(node));
			}
			let skewed = (EPOCH_MS as i64 + world.nodes[node].skew_ms) as u64;
			world.at((SLOT_MS - skewed % SLOT_MS) % SLOT_MS, What::Slot(node));
		}
		world.at(1, What::Weather);
		world
	}

	fn at(&mut self, ms: u64, what: What) {
		self.sequence += 1;
		self.queue.push(Reverse((ms, self.sequence)));
		self.waiting.insert(self.sequence, what);
	}

	fn settled(&self) -> bool {
		self.now_ms >= self.plan.settled_ms
	}

	fn clock(&self, node: usize) -> Now {
		let ms = (self.now_ms as i64 + EPOCH_MS as i64 + self.nodes[node].skew_ms) as u64;
		Now { ms, slot: ms / SLOT_MS }
	}

	fn failure(&self, what: &str) -> String {
		format!(
			"{what}\nreplay with SMARTCHAIN_SEED={}; at {} ms of {:?}",
			self.plan.seed, self.now_ms, self.plan
		)
	}

	/// Runs until finality is back after settling, or is overdue.
	pub fn run(&mut self) -> Result<Outcome, Failure> {
		while let Some(Reverse((ms, sequence))) = self.queue.pop() {
			let Some(what) = self.waiting.remove(&sequence) else {
				continue;
			};
			self.now_ms = ms;
			if self.settled() {
				self.changes_before.get_or_insert(self.changes);
			}
			self.happen(what);
			if let Some(breach) = &self.ledger.breach {
				return Err(Failure::Unsafe(self.failure(breach)));
			}
			if self.recovered() {
				let recovery_ms = self.now_ms - self.plan.settled_ms;
				return Ok(Outcome {
					recovery_ms,
					latencies_ms: std::mem::take(&mut self.latencies_ms),
					changes: self.changes,
					changes_before: self.changes_before.unwrap_or(0),
					relaxed_changes: self.relaxed_changes,
				});
			}
			if self.now_ms > self.plan.deadline_ms() {
				let stuck: Vec<_> = self
					.nodes
					.iter()
					.map(|n| {
						n.core
							.as_ref()
							.map(|c| (c.set_id(), c.finalized(), c.head(), c.relaxed_since()))
					})
					.collect();
				return Err(Failure::Stalled(self.failure(&format!("no finality: {stuck:?}"))));
			}
		}
		Err(Failure::Stalled(self.failure("nothing happens any more")))
	}

	fn recovered(&self) -> bool {
		let honest = || self.nodes.iter().filter(|n| n.honest && !self.is_gone(n));
		let after = (self.plan.settled_ms + EPOCH_MS + self.plan.skew_ms) / SLOT_MS;
		if self.plan.rests {
			return self.settled()
				&& honest().all(|n| {
					n.core
						.as_ref()
						.is_some_and(|c| c.finalized() != GENESIS && c.finalized() == c.head())
				});
		}
		self.settled() && honest().all(|n| n.core.as_ref().is_some_and(|c| c.finalized().slot > after))
	}

	fn happen(&mut self, what: What) {
		match what {
			What::Deliver { from, to, message } => self.deliver(from, to, message),
			What::Slot(node) => {
				self.at(self.now_ms + SLOT_MS, What::Slot(node));
				self.slot(node);
			}
			What::Restart(node) => self.start(node),
			What::Weather => {
				self.at(self.now_ms + SLOT_MS, What::Weather);
				self.weather();
			}
		}
	}

	/// Whether a node's machine has failed for long, or for good.
	fn is_gone(&self, node: &Node<R>) -> bool {
		let gone = self.plan.gone.as_ref().zip(node.identity);
		gone.is_some_and(|(gone, voter)| {
			let back = gone.back_ms.is_some_and(|back| self.now_ms >= back);
			gone.voters.contains(&voter) && self.now_ms >= gone.at_ms && !back
		})
	}

	/// Machines that fail for long, at once.
	fn go(&mut self) {
		for node in 0..self.nodes.len() {
			if self.nodes[node].core.is_some() && self.is_gone(&self.nodes[node]) {
				self.nodes[node].crash();
			}
		}
	}

	/// As whom a node votes in the set that starts at this block. A change of after machines failed has others in their seats.
	fn seat(&self, node: usize, start: u64) -> Option<VoterIndex> {
		let ends = self.ledger.ends(start);
		let replaced = ends.iter().any(|end| self.ledger.replacing.contains(&end.hash));
		let this = &self.nodes[node];
		let of_gone = |voter: &VoterIndex| self.plan.gone.as_ref().is_some_and(|gone| gone.voters.contains(voter));
		if replaced {
			this.stands_by_for.or(this.identity.filter(|voter| !of_gone(voter)))
		} else {
			this.identity
		}
	}

	/// Partitions, crashes, and the adversary's turn.
	fn weather(&mut self) {
		self.go();
		if !self.settled() {
			if self.now_ms >= self.partition.1 && self.rng.percent(self.plan.partition_percent) {
				let sides = (0..self.nodes.len()).map(|_| self.rng.percent(50)).collect();
				self.partition = (sides, self.now_ms + self.rng.range(500, 8_000));
			}
			let blackout = self.rng.percent(self.plan.blackout_percent);
			for node in 0..self.nodes.len() {
				if !blackout && !self.rng.percent(self.plan.crash_percent) {
					continue;
				}
				if blackout || self.rng.percent(50) {
					self.crash(node);
				} else {
					self.nodes[node].crashes_at_cast = true;
				}
			}
		}
		if let Some(mut adversary) = self.adversary.take() {
			adversary.act(self);
			self.adversary = Some(adversary);
		}
	}

	fn crash(&mut self, node: usize) {
		if self.nodes[node].core.is_none() {
			return;
		}
		self.nodes[node].crash();
		let down = self.rng.range(100, 5_000);
		let back = (self.now_ms + down).min(self.plan.settled_ms.max(self.now_ms));
		self.at(back, What::Restart(node));
	}

	/// Starts a node from its disk; an observer begins with what another holds final, as by warp sync.
	fn start(&mut self, node: usize) {
		if self.nodes[node].core.is_some() || self.is_gone(&self.nodes[node]) {
			return;
		}
		let warp = self.nodes[node].identity.is_none().then(|| {
			self.nodes
				.iter()
				.filter_map(|n| n.core.as_ref()?.finality_certificate().cloned())
				.next()
		});
		let root = self.nodes[node].disk.root;
		self.enter(node, root);
		if let Some(proof) = self.nodes[node].disk.finality.clone() {
			self.feed(node, Event::Certificate(proof));
		}
		for proof in self.nodes[node].disk.proofs.clone().into_values() {
			self.feed(node, Event::Certificate(proof));
		}
		if let Some(certificate) = self.nodes[node].disk.lock_certificate.clone() {
			self.feed(node, Event::Certificate(certificate));
		}
		if let Some(certificate) = warp.flatten().filter(|c| c.vote.set_id == SET && !self.plan.changes()) {
			self.nodes[node].blocks.insert(certificate.vote.block.hash);
			self.ledger.finalize(node, &certificate.vote.block);
			self.feed(node, Event::FinalizedElsewhere(certificate));
		}
	}

	/// The set that votes above this final block, on what the node has above it.
	fn enter(&mut self, node: usize, root: BlockRef<u64>) {
		let set_id = self.ledger.set_after(root.hash);
		let seat = self.seat(node, root.hash);
		let this = &mut self.nodes[node];
		this.seat = seat;
		let mut core = Core::with_rules(Config {
			set_id,
			voters: self.plan.voters,
			me: seat,
			root,
			relaxed_quorum: self.plan.relaxed_quorum,
			relax_after_ms: self.plan.relax_after_ms,
			state: if this.disk.set < set_id {
				VoterState::fresh(root)
			} else {
				this.disk.state
			},
		});
		if this.disk.set > set_id {
			// The database has forgotten the end of this set.
			core.stop_voting(Reason::SetEnded);
		}
		this.core = Some(core);
		let blocks = this.blocks.iter().filter_map(|h| self.ledger.blocks.get(h));
		let mut blocks: Vec<_> = blocks.copied().filter(|b| b.block.number > root.number).collect();
		blocks.sort_by_key(|b| b.block.number);
		for block in blocks {
			self.feed(node, Event::Imported(block));
		}
	}

	/// The end of a node's set is final: it keeps the proof for those behind, and goes on in the next set.
	fn enter_next(&mut self, node: usize) {
		let this = &mut self.nodes[node];
		let Some(core) = &this.core else { return };
		let (set_id, end) = (core.set_id(), core.finalized());
		let relaxed = core.finality_certificate().is_some_and(|proof| proof.vote.relaxed);
		self.relaxed_changes += u64::from(relaxed);
		this.proofs
			.extend(core.finality_certificate().map(|proof| (set_id, proof.clone())));
		let early = std::mem::take(&mut this.early);
		self.changes = self.changes.max(set_id + 1 - SET);
		self.enter(node, end);
		for message in early {
			self.deliver(node, node, message);
		}
	}

	/// A slot begins at a node: the core's tick, perhaps a block, perhaps a flush of the database.
	fn slot(&mut self, node: usize) {
		if self.nodes[node].core.is_none() {
			return;
		}
		self.feed(node, Event::Tick);
		let slot = self.clock(node).slot;
		let this = &mut self.nodes[node];
		let Some(core) = &this.core else { return };
		let (head, finalized) = (core.head(), core.finalized());
		let finality = core.finality_certificate().cloned();
		if self.rng.percent(40) {
			this.flush(finalized, finality);
		}
		let Some(me) = this.seat else { return };
		let director = director(&self.plan, slot) == me;
		let standby = director_after(&self.plan, slot) == me && head.slot + 3 <= slot;
		let rests = self.plan.rests && self.now_ms >= self.plan.settled_ms;
		let due = head.slot < slot && this.disk.authored < slot && (director || standby);
		if due && !rests {
			this.disk.authored = slot;
			// No second change before what the author holds final has reached the last.
			let may_change = self
				.ledger
				.ends(head.hash)
				.iter()
				.all(|end| end.number <= finalized.number);
			let hash = self.make(slot, head, director, may_change);
			self.import(node, hash);
			self.broadcast(node, &Message::Block(hash));
		}
	}

	/// Makes a block, and lets the adversary know of it.
	fn make(&mut self, slot: Slot, parent: BlockRef<u64>, primary: bool, may_change: bool) -> u64 {
		// Who is gone is replaced as soon as may be.
		let replaces = self.ledger.replaces(&self.plan, self.now_ms, parent.hash);
		let wanted = self.plan.changes() && self.rng.percent(self.plan.change_percent);
		let ends_set = may_change && (wanted || replaces);
		let hash = self.rng.next_u64();
		let block = BlockRef {
			slot,
			number: parent.number + 1,
			hash,
		};
		let block = Block {
			block,
			parent: parent.hash,
			primary,
			ends_set,
		};
		self.ledger.make(block);
		if ends_set && replaces {
			self.ledger.replacing.insert(hash);
		}
		self.made_ms.insert(hash, self.now_ms);
		if let Some(mut adversary) = self.adversary.take() {
			adversary.saw_block(self, block);
			self.adversary = Some(adversary);
		}
		hash
	}

	fn broadcast(&mut self, from: usize, message: &Message) {
		for to in (0..self.nodes.len()).filter(|to| *to != from) {
			self.send(from, to, message.clone());
		}
	}

	fn send(&mut self, from: usize, to: usize, message: Message) {
		let mut copies = 1;
		if !self.settled() {
			let side = |node: usize| {
				let voter = self.nodes[node].identity.or(self.nodes[node].stands_by_for);
				voter.is_some_and(|voter| self.plan.split.contains(&voter))
			};
			let passing = self.now_ms < self.partition.1 && self.partition.0.get(from) != self.partition.0.get(to);
			let apart = passing || side(from) != side(to);
			let lost = match message {
				Message::Vote(_) => self.plan.loss_percent.max(self.plan.vote_loss_percent),
				_ => self.plan.loss_percent,
			};
			if apart || self.rng.percent(lost) {
				return;
			}
			copies += u64::from(self.rng.percent(self.plan.duplicate_percent));
		}
		for _ in 0..copies {
			let (low, high) = if self.settled() {
				(20, 100)
			} else {
				self.plan.latency_ms
			};
			let arrives = self.now_ms + self.rng.range(low, high);
			self.at(
				arrives,
				What::Deliver {
					from,
					to,
					message: message.clone(),
				},
			);
		}
	}

	/// From the adversary: at once, and never lost.
	fn slip(&mut self, to: usize, message: Message) {
		self.at(self.now_ms + 1, What::Deliver { from: to, to, message });
	}

	fn deliver(&mut self, from: usize, to: usize, message: Message) {
		if self.nodes[to].core.is_none() {
			return;
		}
		match message {
			Message::Block(hash) => self.receive_block(from, to, hash),
			Message::Vote(signed) if genuine(&signed) => {
				if self.is_of_this_set(from, to, signed.vote.set_id, &Message::Vote(signed.clone())) {
					self.feed(to, Event::Vote(signed));
				}
			}
			Message::Certificate(cert) if genuine_certificate(&cert) => {
				if self.is_of_this_set(from, to, cert.vote.set_id, &Message::Certificate(cert.clone())) {
					self.feed(to, Event::Certificate(cert));
				}
			}
			Message::Vote(_) | Message::Certificate(_) => {}
			Message::AskEnd(set_id) => {
				if let Some(proof) = self.nodes[to].proofs.get(&set_id).cloned() {
					self.send(to, from, Message::Certificate(proof));
				}
			}
			Message::Ask(hash) => {
				if self.nodes[to].blocks.contains(&hash) {
					self.send(to, from, Message::Block(hash));
				}
			}
		}
	}

	/// What is of the next set waits for it. Who is ahead is asked for what ended this set, who is behind is told.
	fn is_of_this_set(&mut self, from: usize, to: usize, named: SetId, message: &Message) -> bool {
		let own = self.nodes[to].core.as_ref().map_or(named, |core| core.set_id());
		if named == own {
			return true;
		}
		if named == own + 1 {
			self.nodes[to].keep_early(message.clone());
		}
		if named > own {
			self.send(to, from, Message::AskEnd(own));
		} else if matches!(message, Message::Vote(_)) {
			if let Some(proof) = self.nodes[to].proofs.get(&named).cloned() {
				self.send(to, from, Message::Certificate(proof));
			}
		}
		false
	}

	fn receive_block(&mut self, from: usize, to: usize, hash: u64) {
		let Some(block) = self.ledger.blocks.get(&hash).copied() else {
			return;
		};
		let this = &mut self.nodes[to];
		let root = this.core.as_ref().map_or(GENESIS, |c| c.finalized());
		if this.blocks.contains(&hash) || block.block.number <= root.number {
			return;
		}
		if this.blocks.contains(&block.parent) {
			return self.import(to, hash);
		}
		let orphans = this.orphans.entry(block.parent).or_default();
		if !orphans.contains(&hash) {
			orphans.push(hash);
		}
		if from == to {
			self.ask_some(to, block.parent);
		} else {
			self.send(to, from, Message::Ask(block.parent));
		}
	}

	fn ask_some(&mut self, node: usize, hash: u64) {
		for _ in 0..3 {
			let peer = self.rng.below(self.nodes.len() as u64) as usize;
			self.send(node, peer, Message::Ask(hash));
		}
	}

	/// Imports a block whose parent is there, and what waited for it.
	fn import(&mut self, node: usize, hash: u64) {
		let mut open = vec![hash];
		while let Some(hash) = open.pop() {
			let Some(block) = self.ledger.blocks.get(&hash).copied() else {
				continue;
			};
			if self.nodes[node].core.is_none() {
				return;
			}
			self.nodes[node].blocks.insert(hash);
			self.feed(node, Event::Imported(block));
			open.extend(self.nodes[node].orphans.remove(&hash).unwrap_or_default());
		}
	}

	/// Feeds the core and does what it says.
	pub fn feed(&mut self, node: usize, event: Event<u64, Sig>) {
		let mut events = VecDeque::from([event]);
		while let Some(event) = events.pop_front() {
			let now = self.clock(node);
			let Some(core) = &mut self.nodes[node].core else { return };
			for action in core.step(now, event) {
				if self.nodes[node].core.is_none() {
					return;
				}
				events.extend(self.perform(node, action));
			}
		}
		if self.nodes[node].core.as_ref().is_some_and(|core| core.has_ended()) {
			self.enter_next(node);
		}
	}

	fn perform(&mut self, node: usize, action: Action<u64, Sig>) -> Option<Event<u64, Sig>> {
		let this = &mut self.nodes[node];
		match action {
			Action::Cast { vote, state } => {
				let me = this.seat?;
				let crashes = std::mem::take(&mut this.crashes_at_cast);
				// Written after sending, it is lost where the crash comes between.
				if self.plan.writes_first || !crashes {
					if this.disk.set != vote.set_id && self.plan.keeps_ends {
						// What made the last set's end final, and the end itself: were it lost everywhere, nobody could go on.
						this.disk.proofs.clone_from(&this.proofs);
						let root = this.core.as_ref().map_or(GENESIS, |core| core.finalized());
						keep_chain(&mut this.disk.blocks, &self.ledger, root.hash);
					}
					this.disk.state = state;
					this.disk.set = vote.set_id;
				}
				if vote.phase == Phase::Commit && self.plan.keeps_lock {
					// After a restart the Commit is cast anew before the kept certificate is read.
					if let Some(certificate) = this.core.as_ref().and_then(|c| c.lock_certificate()) {
						this.disk.lock_certificate = Some(certificate.clone());
					}
					keep_chain(&mut this.disk.blocks, &self.ledger, state.lock.hash);
				}
				if this.honest {
					self.ledger.voted(me, &vote);
				}
				let signed = sign(me, vote);
				if !crashes || !self.plan.writes_first {
					self.broadcast(node, &Message::Vote(signed.clone()));
				}
				if crashes {
					self.crash(node);
					return None;
				}
				if let Some(mut adversary) = self.adversary.take() {
					adversary.saw_vote(self, &signed);
					self.adversary = Some(adversary);
				}
				Some(Event::Vote(signed))
			}
			Action::Head(_) => None,
			Action::Certified(certificate) => {
				if self.plan.gossip_certificates {
					self.broadcast(node, &Message::Certificate(certificate));
				}
				None
			}
			Action::Finalize { block, .. } => {
				if let Some(made) = self.made_ms.remove(&block.hash) {
					self.latencies_ms.push(self.now_ms - made);
				}
				self.ledger.finalize(node, &block);
				None
			}
			Action::Fetch(block) => {
				self.ask_some(node, block.hash);
				None
			}
			Action::Equivocation { first, second } => {
				let proven = first.voter == second.voter
					&& first.vote.phase == second.vote.phase
					&& first.vote.block.slot == second.vote.block.slot
					&& first.vote.block.hash != second.vote.block.hash;
				if !proven || !self.plan.byzantine.iter().any(|(v, _)| *v == first.voter) {
					self.ledger.accuse(format!("a false report: {first:?} and {second:?}"));
				}
				None
			}
			Action::SignedElsewhere(signed) => {
				if this.honest {
					self.ledger.accuse(format!("node {node} disowns {signed:?}"));
				}
				None
			}
			Action::Resend(resend) => {
				self.resend(node, resend);
				None
			}
		}
	}

	fn resend(
		&mut self,
		node: usize,
		Resend {
			blocks,
			votes,
			certificates,
		}: Resend<u64, Sig>,
	) {
		let Resends {
			blocks: with_blocks,
			votes: with_votes,
			certificates: with_certificates,
		} = self.plan.resends;
		for block in blocks.into_iter().filter(|_| with_blocks) {
			self.broadcast(node, &Message::Block(block.hash));
		}
		for vote in votes.into_iter().filter(|_| with_votes) {
			self.broadcast(node, &Message::Vote(vote));
		}
		// The one who has just entered a set has no other proof of what is final.
		let last = self.nodes[node].core.as_ref().map_or(SET, |core| core.set_id()) - 1;
		let proof = self.nodes[node].proofs.get(&last).cloned();
		let certificates = certificates.into_iter().chain(proof);
		for certificate in certificates.filter(|_| with_certificates) {
			self.broadcast(node, &Message::Certificate(certificate));
		}
	}
}

/// A block and its ancestors, on disk.
fn keep_chain(blocks: &mut BTreeSet<u64>, ledger: &Ledger, mut at: u64) {
	while blocks.insert(at) {
		at = ledger.blocks.get(&at).map_or(0, |b| b.parent);
	}
}

/// Whose turn a slot is in.
pub fn director(plan: &Plan, slot: Slot) -> VoterIndex {
	(slot / plan.turn % u64::from(plan.voters)) as VoterIndex
}

/// Who stands by in that turn.
pub fn director_after(plan: &Plan, slot: Slot) -> VoterIndex {
	((slot / plan.turn + 1) % u64::from(plan.voters)) as VoterIndex
}

/// Nodes drawn from a plan's, for the adversary.
fn some_of(rng: &mut Rng, nodes: usize) -> BTreeSet<usize> {
	(0..nodes).filter(|_| rng.percent(50)).collect()
}
