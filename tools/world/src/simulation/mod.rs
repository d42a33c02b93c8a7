//! The simulation: a queue of events by time, and the machines to which they happen. `author`, `blocks` and `voter` say
//! what happens.

mod author;
mod blocks;
mod voter;

use self::voter::Message;
use crate::{
	chain::{Chain, Id},
	network::Network,
	plan::{Plan, Us, DRAIN_SLOTS, SLOT_US, TURN},
	regions,
	rng::Rng,
};
use smartchain_bft::{BlockRef, Config, Core, Now, Slot, VoterState};
use std::{
	cmp::{Ordering, Reverse},
	collections::{BinaryHeap, HashMap},
};

/// The voter set.
pub const SET: u64 = 1;
/// The voter's task looks at the clock this often.
const TICK_US: Us = 100_000;

/// Something that happens.
#[derive(Clone, Copy, Debug)]
pub enum What {
	/// A slot begins.
	Slot(Slot),
	/// An author looks again whether its parent has come.
	Look { node: u16, slot: Slot, until: Us },
	/// A block is built.
	Built { node: u16, id: Id },
	/// A pushed block arrives.
	Pushed { node: u16, from: u16, id: Id },
	/// Someone says that it has a block.
	Announced { node: u16, from: u16, id: Id },
	/// Someone asks for a block.
	Requested { node: u16, from: u16, id: Id },
	/// A block arrives that was asked for.
	Answered { node: u16, id: Id },
	/// A block is executed.
	Imported { node: u16, id: Id },
	/// The voter's task hears of that.
	Told { node: u16, id: Id },
	/// A vote or a certificate arrives.
	Message { node: u16, from: u16, id: u32 },
	/// Someone asks for certificates.
	Asked { node: u16, from: u16 },
	/// The voter's task looks at the clock.
	Tick { node: u16 },
}

struct Event {
	at: Us,
	sequence: u64,
	what: What,
}

impl Event {
	fn key(&self) -> (Us, u64) {
		(self.at, self.sequence)
	}
}
impl PartialEq for Event {
	fn eq(&self, other: &Self) -> bool {
		self.key() == other.key()
	}
}
impl Eq for Event {}
impl PartialOrd for Event {
	fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
		Some(self.cmp(other))
	}
}
impl Ord for Event {
	fn cmp(&self, other: &Self) -> Ordering {
		self.key().cmp(&other.key())
	}
}

/// One machine.
pub struct Node {
	/// The real core.
	pub core: Core<u64, u8>,
	/// Until when its voter's task is at work: it takes one thing after the other.
	pub voter_busy: Us,
	/// The same of its imports.
	pub import_busy: Us,
	/// Messages that it has taken, a bit each.
	pub known: Vec<u64>,
	/// Blocks that wait for a parent.
	pub waiting: Vec<Id>,
	/// Whom it asks next for certificates.
	pub asks: usize,
}

/// The whole.
pub struct Simulation {
	/// What is simulated.
	pub plan: Plan,
	/// Who is down.
	pub is_down: Vec<bool>,
	/// The machines.
	pub nodes: Vec<Node>,
	/// The network.
	pub network: Network,
	/// The blocks.
	pub chain: Chain,
	/// Votes and certificates that were sent.
	pub messages: Vec<Message>,
	/// Where a vote is among them.
	pub message_ids: HashMap<(u16, bool, u64), u32>,
	/// The first slot that is simulated.
	pub first_slot: Slot,
	/// What should never happen, if it did.
	pub breach: Option<String>,
	now: Us,
	sequence: u64,
	queue: BinaryHeap<Reverse<Event>>,
}

impl Simulation {
	/// A network at rest, right before the first turn of the first director.
	pub fn new(plan: Plan) -> Self {
		let mut rng = Rng::new(plan.seed);
		let mut places: Vec<usize> = (0..plan.voters).collect();
		regions::shuffle(&mut places, &mut rng);
		let mut is_down = vec![false; plan.voters];
		places.iter().take(plan.offline).for_each(|node| is_down[*node] = true);
		let first_slot = plan.voters as Slot * TURN;
		let genesis = BlockRef {
			slot: first_slot - 1,
			number: 0,
			hash: hash_of(0),
		};
		let core = |me: usize| {
			Core::new(Config {
				set_id: SET,
				voters: plan.voters as u16,
				me: Some(me as u16),
				root: genesis,
				relaxed_quorum: None,
				relax_after_ms: smartchain_bft::core::RELAX_AFTER_MS,
				state: VoterState::fresh(genesis),
				silent_until: None,
				listen_ms: 0,
			})
		};
		let nodes = (0..plan.voters)
			.map(|me| Node {
				core: core(me),
				voter_busy: 0,
				import_busy: 0,
				known: Vec::new(),
				waiting: Vec::new(),
				asks: 0,
			})
			.collect();
		let mut simulation = Self {
			network: Network::new(&plan, &is_down, plan.slots * SLOT_US, &mut rng),
			chain: Chain::new(plan.voters, genesis),
			messages: Vec::new(),
			message_ids: HashMap::new(),
			breach: None,
			now: 0,
			sequence: 0,
			queue: BinaryHeap::new(),
			first_slot,
			is_down,
			nodes,
			plan,
		};
		for node in simulation.up() {
			simulation.at(rng.below(TICK_US), What::Tick { node: node as u16 });
		}
		simulation.at(0, What::Slot(first_slot));
		simulation
	}

	/// Runs to the end; `progress` is told each slot that begins, counted from zero.
	///
	/// # Errors
	/// Where two conflicting blocks become final, or an honest voter is accused.
	pub fn run(&mut self, mut progress: impl FnMut(u64)) -> Result<(), String> {
		let end = (self.plan.slots + DRAIN_SLOTS) * SLOT_US;
		while let Some(Reverse(Event { at, what, .. })) = self.queue.pop() {
			if at >= end {
				break;
			}
			self.now = at;
			if let What::Slot(slot) = what {
				progress(slot - self.first_slot);
			}
			self.happen(what);
			if let Some(breach) = self.breach.take() {
				return Err(format!("{breach}; at {at} us of {:?}", self.plan));
			}
		}
		Ok(())
	}

	fn happen(&mut self, what: What) {
		match what {
			What::Slot(slot) => {
				self.at(self.now + SLOT_US, What::Slot(slot + 1));
				self.slot(slot);
			}
			What::Look { node, slot, until } => self.claim(node.into(), slot, until),
			What::Built { node, id } => self.built(node.into(), id),
			What::Pushed { node, from, id } => self.pushed(node.into(), from.into(), id),
			What::Announced { node, from, id } => self.announced(node.into(), from.into(), id),
			What::Requested { node, from, id } => self.requested(node.into(), from.into(), id),
			What::Answered { node, id } => self.answered(node.into(), id),
			What::Imported { node, id } => self.imported(node.into(), id),
			// What the voter's task does waits until it is free.
			What::Told { node, .. } | What::Message { node, .. } | What::Asked { node, .. } | What::Tick { node } => {
				let free = self.nodes[usize::from(node)].voter_busy;
				if free > self.now {
					return self.at(free, what);
				}
				match what {
					What::Told { id, .. } => self.told(node.into(), id),
					What::Message { from, id, .. } => self.message(node.into(), from.into(), id),
					What::Asked { from, .. } => self.asked(node.into(), from.into()),
					_ => {
						self.at(self.now + TICK_US, what);
						self.tick(node.into());
					}
				}
			}
		}
	}

	/// Something will happen.
	pub fn at(&mut self, at: Us, what: What) {
		self.sequence += 1;
		self.queue.push(Reverse(Event {
			at,
			sequence: self.sequence,
			what,
		}));
	}

	/// The time.
	pub fn now(&self) -> Us {
		self.now
	}

	/// The time as a core is told it. All clocks are right.
	pub fn clock(&self, at: Us) -> Now {
		Now {
			ms: at / 1_000,
			slot: self.first_slot + at / SLOT_US,
		}
	}

	/// The nodes that are up.
	pub fn up(&self) -> Vec<usize> {
		(0..self.plan.voters).filter(|node| !self.is_down[*node]).collect()
	}
}

/// The hash of the n-th block: any order, no two alike (the finalizer of splitmix64, which is a bijection).
pub fn hash_of(n: u64) -> u64 {
	let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
	z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
	z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
	z ^ (z >> 31)
}
