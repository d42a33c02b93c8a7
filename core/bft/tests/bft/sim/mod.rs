//! A seeded simulation of whole networks: directors on slot clocks, blocks and votes over a bad network, machines that
//! crash, and an adversary with up to a third of the keys. Safety is judged all the time, liveness once the network has
//! settled.

mod adversary;
mod edge;
pub mod ledger;
mod node;
mod plan;

use adversary::Adversary;
use ledger::Ledger;
pub use ledger::{sign, Cert, Signed, GENESIS};
use node::{Disk, Node};
pub use plan::{Behaviour, ClockStep, PassesOn, Plan, Resends};
use smartchain_bft::{Block, BlockRef, Now, Protocol, Rules, SetId, Slot, VoterIndex};
use smartchain_rng::Rng;
use std::{
	cmp::Reverse,
	collections::{BTreeMap, BTreeSet, BinaryHeap},
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
	/// A node that has started finds its peers.
	Connect(usize),
	/// A clock is set by this much.
	Clock(Option<usize>, i64),
	/// The machines fail that the plan says, and not a moment later: else what they vote for until then becomes final.
	Gone,
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
	/// How many machines lost their disks.
	wiped: usize,
	/// The voter whose disk will be restored, and the copy.
	copy: Option<(usize, Disk)>,
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
			wiped: 0,
			copy: None,
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
		for step in world.plan.clocks.clone() {
			world.at(step.at_ms, What::Clock(step.node, step.by_ms));
			if let Some(ms) = step.for_ms {
				world.at(step.at_ms + ms, What::Clock(step.node, -step.by_ms));
			}
		}
		if let Some(at) = world.plan.gone.as_ref().map(|gone| gone.at_ms) {
			world.at(at, What::Gone);
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
		let this = &self.nodes[node];
		let ms = self.now_ms as i64 + EPOCH_MS as i64 + this.skew_ms;
		// A clock that stands before all time is in slot 0.
		let wall = (ms + this.clock.offset_ms).max(0) as u64;
		Now {
			ms: ms as u64,
			slot: wall / SLOT_MS,
		}
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
			What::Connect(node) => self.connect(node),
			What::Clock(node, by_ms) => {
				let those = |i: usize| node.is_none_or(|node| node == i);
				let nodes = self.nodes.iter_mut().enumerate().filter(|(i, _)| those(*i));
				nodes.for_each(|(_, node)| node.clock.offset_ms += by_ms);
			}
			What::Gone => self.go(),
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

	/// As whom a node votes in the set that starts at this block. A change of after machines failed has others in their
	/// seats.
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

	/// Takes a copy of an honest voter's disk, and puts it back once the voter has signed more than is there.
	fn restore(&mut self) {
		let Some((node, copy)) = self.copy.take() else {
			let honest = |n: &Node<R>| n.honest && n.identity.is_some() && n.core.is_some();
			let node = self.rng.below(self.nodes.len() as u64) as usize;
			let this = &self.nodes[node];
			if self.now_ms >= 2_000 && honest(this) {
				self.copy = Some((node, this.disk.clone()));
			}
			return;
		};
		let this = &mut self.nodes[node];
		let signed = this.disk.state.lock.slot > copy.state.last_prevote.slot;
		if signed && !this.is_restored && self.rng.percent(20) {
			this.disk = copy.clone();
			this.is_restored = true;
			self.crash(node);
		}
		self.copy = Some((node, copy));
	}

	/// Partitions, crashes, and the adversary's turn.
	fn weather(&mut self) {
		if self.plan.restores {
			self.restore();
		}
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
		if self.rng.percent(self.plan.wipe_percent) && self.wiped < self.plan.most_wiped {
			self.wiped += 1;
			self.nodes[node].wipe();
		}
		self.nodes[node].crash();
		let down = self.rng.range(100, 5_000);
		let back = (self.now_ms + down).min(self.plan.settled_ms.max(self.now_ms));
		self.at(back, What::Restart(node));
	}

	/// Makes a block, and lets the adversary know of it.
	fn make(&mut self, slot: Slot, parent: BlockRef<u64>, primary: bool, may_change: bool) -> u64 {
		// Those that are gone are replaced as soon as may be.
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
