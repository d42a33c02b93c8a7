//! What nobody in the network sees and all of it is judged by: every block made, every honest vote, every finalization.

use super::{Plan, SET};
use smartchain_bft::{Block, BlockRef, Certificate, Phase, SetId, SignedVote, Slot, Vote, VoterIndex};
use std::collections::{BTreeMap, BTreeSet};

/// A simulated signature: whose, and over what. Only the owner of a key makes one; the edges check both parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sig {
	pub by: VoterIndex,
	pub over: Vote<u64>,
}

pub type Signed = SignedVote<u64, Sig>;
pub type Cert = Certificate<u64, Sig>;

/// Signs.
pub fn sign(by: VoterIndex, over: Vote<u64>) -> Signed {
	SignedVote {
		vote: over,
		voter: by,
		signature: Sig { by, over },
	}
}

/// The edge's check of a vote.
pub fn genuine(signed: &Signed) -> bool {
	signed.signature
		== Sig {
			by: signed.voter,
			over: signed.vote,
		}
}

/// The edge's check of a certificate. Whether the signers are a quorum the core checks as well.
pub fn genuine_certificate(certificate: &Cert) -> bool {
	certificate.signatures.iter().all(|(by, sig)| {
		*sig == Sig {
			by: *by,
			over: certificate.vote,
		}
	})
}

/// The slot before the first on the clocks, so that no standby takes the first turn over.
pub const GENESIS: BlockRef<u64> = BlockRef {
	slot: 19,
	number: 0,
	hash: 0,
};

/// The judge.
pub struct Ledger {
	pub blocks: BTreeMap<u64, Block<u64>>,
	/// Hashes in the order in which they were made.
	pub made: Vec<u64>,
	/// By voter, phase, set and slot.
	votes: BTreeMap<(VoterIndex, Phase, SetId, Slot), Vote<u64>>,
	finalized: BTreeMap<u64, u64>,
	/// The changes that give the seats of voters who are gone to others.
	pub replacing: BTreeSet<u64>,
	/// The first breach of safety.
	pub breach: Option<String>,
}

impl Ledger {
	pub fn new() -> Self {
		let genesis = Block {
			block: GENESIS,
			parent: 0,
			primary: true,
			ends_set: false,
		};
		Self {
			blocks: BTreeMap::from([(0, genesis)]),
			made: vec![0],
			votes: BTreeMap::new(),
			finalized: BTreeMap::from([(0, 0)]),
			replacing: BTreeSet::new(),
			breach: None,
		}
	}

	pub fn make(&mut self, block: Block<u64>) {
		self.blocks.insert(block.block.hash, block);
		self.made.push(block.block.hash);
	}

	pub fn accuse(&mut self, what: String) {
		self.breach.get_or_insert(what);
	}

	/// An honest voter signs.
	pub fn voted(&mut self, voter: VoterIndex, vote: &Vote<u64>) {
		let first = *self
			.votes
			.entry((voter, vote.phase, vote.set_id, vote.block.slot))
			.or_insert(*vote);
		// Under the other flag it is the same vote.
		let relaxed = vote.relaxed;
		if (Vote { relaxed, ..first }) != *vote {
			self.accuse(format!("honest voter {voter} voted twice: {vote:?}, before {first:?}"));
		}
		let sets = self.sets_of(vote.block.hash);
		if !sets.contains(&(vote.set_id, vote.end)) {
			self.accuse(format!("honest voter {voter} votes where its set has no say: {vote:?}"));
		}
		let ends = self
			.blocks
			.get(&vote.decides().hash)
			.is_some_and(|block| block.ends_set);
		if vote.relaxed && !ends {
			self.accuse(format!("honest voter {voter} relaxes for what ends no set: {vote:?}"));
		}
	}

	/// The blocks on the chain of this one, itself included, that change the voters, lowest first.
	pub fn ends(&self, hash: u64) -> Vec<BlockRef<u64>> {
		let mut ends = Vec::new();
		let mut at = hash;
		while let Some(block) = self.blocks.get(&at).filter(|b| b.block != GENESIS) {
			if block.ends_set {
				ends.push(block.block);
			}
			at = block.parent;
		}
		ends.reverse();
		ends
	}

	/// Whether a change on this parent, made now, would give the seats of voters who are gone to others.
	pub fn replaces(&self, plan: &Plan, now_ms: u64, parent: u64) -> bool {
		let gone = plan.gone.as_ref().is_some_and(|gone| now_ms >= gone.at_ms);
		gone && !self.ends(parent).iter().any(|end| self.replacing.contains(&end.hash))
	}

	/// The set that votes on what follows this block once it is final.
	pub fn set_after(&self, hash: u64) -> SetId {
		SET + self.ends(hash).len() as u64
	}

	/// Which sets may vote on a block, and what end their votes name: all up to the one that its parent leaves in
	/// force.
	pub fn sets_of(&self, hash: u64) -> Vec<(SetId, Option<BlockRef<u64>>)> {
		let mut below = self.ends(hash);
		below.retain(|end| end.hash != hash);
		let ended = below.iter().zip(SET..).map(|(end, set)| (set, Some(*end)));
		ended.chain([(SET + below.len() as u64, None)]).collect()
	}

	/// An honest node holds this final.
	pub fn finalize(&mut self, node: usize, block: &BlockRef<u64>) {
		let mut at = block.hash;
		while let Some(made) = self.blocks.get(&at) {
			match self.finalized.insert(made.block.number, at) {
				Some(known) if known == at => return,
				Some(other) => {
					self.accuse(format!(
						"node {node} finalizes {block:?}, whose chain has {at:x} where {other:x} is final"
					));
					return;
				}
				None => at = made.parent,
			}
		}
		self.accuse(format!("node {node} finalizes {block:?}, which nobody made"));
	}
}
