//! An honest node: what the edge does around the core, on a simulated machine that may crash.

use super::{
	ledger::{Cert, Sig, GENESIS},
	Message, SET,
};
use smartchain_bft::{BlockRef, Core, SetId, Slot, VoterIndex, VoterState};
use std::collections::{BTreeMap, BTreeSet};

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
	pub disk: Disk,
	/// The database with what is not flushed.
	pub blocks: BTreeSet<u64>,
	/// The proofs of what ended the sets, in the database as well.
	pub proofs: BTreeMap<SetId, Cert>,
	/// What others say in the next set.
	pub early: Vec<Message>,
	/// Blocks that wait for a parent, by the parent.
	pub orphans: BTreeMap<u64, Vec<u64>>,
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
			disk: Disk {
				set: SET,
				state: VoterState::fresh(GENESIS),
				authored: 0,
				lock_certificate: None,
				blocks: BTreeSet::from([0]),
				root: GENESIS,
				finality: None,
				proofs: BTreeMap::new(),
			},
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
		self.orphans.clear();
		self.early.clear();
		self.blocks.clone_from(&self.disk.blocks);
		self.proofs.clone_from(&self.disk.proofs);
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
