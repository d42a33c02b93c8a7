//! An honest node: what the edge does around the core, on a simulated machine that may crash.

use super::{
	ledger::{Cert, Sig, GENESIS},
	Message, SET,
};
use smartchain_bft::{BlockRef, Core, SetId, Slot, Vote, VoterIndex, VoterState};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What survives a crash.
#[derive(Clone, Debug)]
pub struct Disk {
	/// The safety file: written through. The set, and the state in it.
	pub set: SetId,
	pub state: VoterState<u64>,
	pub authored: Slot,
	/// Kept beside it with each Commit.
	pub lock_certificate: Option<Cert>,
	/// The database: as of the last flush.
	pub blocks: BTreeSet<u64>,
	pub root: BlockRef<u64>,
	/// What shows that the root is final; it is stored beside it.
	pub finality: Option<Cert>,
	pub proofs: BTreeMap<SetId, Cert>,
	/// Up to which slot the safety file forgets, as long as that matters.
	pub horizon: Option<Slot>,
}

impl Disk {
	/// A disk with nothing on it but the genesis.
	pub fn new() -> Self {
		Self {
			set: SET,
			state: VoterState::fresh(GENESIS),
			authored: 0,
			lock_certificate: None,
			blocks: BTreeSet::from([0]),
			root: GENESIS,
			finality: None,
			proofs: BTreeMap::new(),
			horizon: None,
		}
	}
}

/// Messages of the next set that are kept.
const EARLY: usize = 256;

/// The node.
pub struct Node<R> {
	pub identity: Option<VoterIndex>,
	/// Whose seat it takes when that voter is replaced.
	pub stands_by_for: Option<VoterIndex>,
	/// As whom it votes in the set that it is in.
	pub seat: Option<VoterIndex>,
	/// False for a twin, whose two votes are no breach.
	pub honest: bool,
	/// None while it is down.
	pub core: Option<Core<u64, Sig, R>>,
	pub skew_ms: i64,
	pub clock: Clock,
	pub disk: Disk,
	/// Its disk was lost with all that was on it; it will notice when it starts.
	pub was_wiped: bool,
	/// Another signs with its key: it signs nothing any more, until it is started anew.
	pub is_stopped: bool,
	/// An older copy of its disk was put in the place of what it had.
	pub is_restored: bool,
	/// The database with what is not flushed.
	pub blocks: BTreeSet<u64>,
	/// The proofs of what ended the sets, in the database as well.
	pub proofs: BTreeMap<SetId, Cert>,
	/// What others say in the next set.
	pub early: Vec<Message>,
	/// Blocks that wait for a parent, by the parent.
	pub orphans: BTreeMap<u64, Vec<u64>>,
	/// Blocks that a certificate asked for.
	pub asked: BTreeSet<u64>,
	/// Votes that were passed on, if everything is.
	pub seen: HashSet<(VoterIndex, Vote<u64>)>,
	/// Messages that count against a peer, by peer and second.
	pub received: BTreeMap<(usize, u64), usize>,
	/// It crashes at its next vote: after the state is written, before the vote is sent.
	pub crashes_at_cast: bool,
}

impl<R> Node<R> {
	pub fn new(identity: Option<VoterIndex>, honest: bool, skew_ms: i64) -> Self {
		Self {
			identity,
			stands_by_for: None,
			seat: identity,
			honest,
			core: None,
			skew_ms,
			clock: Clock::default(),
			was_wiped: false,
			is_restored: false,
			is_stopped: false,
			asked: BTreeSet::new(),
			seen: HashSet::new(),
			received: BTreeMap::new(),
			disk: Disk::new(),
			proofs: BTreeMap::new(),
			early: Vec::new(),
			blocks: BTreeSet::from([0]),
			orphans: BTreeMap::new(),
			crashes_at_cast: false,
		}
	}

	/// A node that follows until it takes this voter's seat.
	pub fn standing_by(voter: VoterIndex, skew_ms: i64) -> Self {
		Self {
			stands_by_for: Some(voter),
			..Self::new(None, true, skew_ms)
		}
	}

	/// Loses what was not written.
	pub fn crash(&mut self) {
		self.core = None;
		self.crashes_at_cast = false;
		self.is_stopped = false;
		self.orphans.clear();
		self.asked.clear();
		self.early.clear();
		self.blocks.clone_from(&self.disk.blocks);
		self.proofs.clone_from(&self.disk.proofs);
	}

	/// Loses everything.
	pub fn wipe(&mut self) {
		self.disk = Disk::new();
		self.was_wiped = true;
		self.crash();
	}

	/// The database writes what it has queued.
	pub fn flush(&mut self, root: BlockRef<u64>, finality: Option<Cert>) {
		self.disk.blocks.clone_from(&self.blocks);
		self.disk.proofs.clone_from(&self.proofs);
		self.disk.root = root;
		self.disk.finality = finality;
	}

	/// Keeps a message of the next set.
	pub fn keep_early(&mut self, message: Message) {
		if self.early.len() < EARLY {
			self.early.push(message);
		}
	}
}

/// A machine's wall clock, which may be set, and what the node makes of that.
#[derive(Clone, Debug, Default)]
pub struct Clock {
	/// How far it was set, in milliseconds.
	pub offset_ms: i64,
	/// How far it was when the node looked last.
	looked_at_ms: i64,
	/// Since when it is doubted.
	doubted_ms: Option<u64>,
	/// The slots of others' votes since then.
	heard: BTreeMap<VoterIndex, Slot>,
}

impl Clock {
	pub fn is_doubted(&self) -> bool {
		self.doubted_ms.is_some()
	}

	pub fn trust(&mut self) {
		self.doubted_ms = None;
	}

	/// A vote of this slot came.
	pub fn hears(&mut self, voter: VoterIndex, slot: Slot) {
		if self.is_doubted() {
			self.heard.insert(voter, slot);
		}
	}

	/// A look at the clock, which is in this slot. The monotonic clock tells that it was set. It is believed again when
	/// it is set back, when `enough` others vote about now, or when a quorum's clocks, asked once a second, `agree`.
	pub fn look(&mut self, now_ms: u64, slot: Slot, enough: usize, agree: bool) {
		if self.offset_ms.abs_diff(self.looked_at_ms) > 2_000 {
			self.looked_at_ms = self.offset_ms;
			self.heard.clear();
			self.doubted_ms = Some(now_ms);
		}
		let near = self.heard.values().filter(|heard| heard.abs_diff(slot) <= 4).count();
		let told = self.doubted_ms.is_some_and(|since| now_ms >= since + 1_000) && agree;
		if near >= enough || told {
			self.doubted_ms = None;
		}
	}
}
