//! What nobody in the network sees and all of it is judged by: every block made, every honest vote, every finalization.

use smartchain_bft::{Block, BlockRef, Certificate, Phase, SignedVote, Slot, Vote, VoterIndex};
use std::collections::BTreeMap;

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
	votes: BTreeMap<(VoterIndex, Phase, Slot), u64>,
	finalized: BTreeMap<u64, u64>,
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
			.entry((voter, vote.phase, vote.block.slot))
			.or_insert(vote.block.hash);
		if first != vote.block.hash {
			self.accuse(format!(
				"honest voter {voter} voted twice: {vote:?}, before for {first:x}"
			));
		}
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
