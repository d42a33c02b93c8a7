//! A chain with changes of voters and true certificates.

use bft_finality_primitives::{BlockRef, Certificate, ConsensusLog, Phase, SetId, VoterPair, VoterSet, BFT_ENGINE_ID};
use codec::Encode;
use parking_lot::Mutex;
use poca_primitives::{DirectorStatus, Schedule};
use sc_client_api::blockchain::{BlockGap, BlockGapType};
use smartchain_chain::{Block, Chain, ChainError, Header};
use smartchain_testkit as testkit;
use sp_blockchain::Info;
use sp_core::{Pair, H256};
use sp_runtime::{
	traits::{BlakeTwo256, Hash as _},
	Justifications, OpaqueExtrinsic,
};
use std::{
	collections::{BTreeMap, BTreeSet},
	sync::Arc,
};

/// Voters of each set.
const VOTERS: u64 = 4;

/// The keys of a set: one leaves, one comes.
pub fn pairs(set_id: SetId) -> Vec<VoterPair> {
	(set_id..set_id + VOTERS)
		.map(|i| VoterPair::from_seed(&BlakeTwo256::hash(&i.to_le_bytes()).0))
		.collect()
}

/// The set of this id.
pub fn set(set_id: SetId) -> VoterSet {
	let mut set = VoterSet::default();
	set.set_id = set_id;
	set.voters = pairs(set_id).iter().map(|pair| pair.public()).collect();
	set
}

/// The slot of the block at this height.
pub fn slot(number: u32) -> u64 {
	u64::from(number) * 2
}

fn header(number: u32, parent: H256, change: Option<VoterSet>) -> Header {
	let mut header = testkit::header(number, parent, slot(number), H256::zero());
	header.extrinsics_root = BlakeTwo256::ordered_trie_root(Vec::new(), sp_core::storage::StateVersion::V0);
	header
		.digest
		.logs
		.extend(change.map(|set| ConsensusLog::ScheduledChange(set).item()));
	header
}

/// A block as votes name it.
pub fn target(header: &Header) -> BlockRef {
	BlockRef {
		slot: slot(header.number),
		number: header.number,
		hash: header.hash(),
	}
}

/// Votes of three of a set's four voters for a block.
pub fn certificate(genesis: H256, set_id: SetId, phase: Phase, target: BlockRef) -> Certificate {
	let vote = testkit::vote_for(set_id, phase, target);
	let pairs = (0u16..).zip(pairs(set_id)).take(3);
	testkit::certificate_by(vote, VOTERS as usize, pairs, &genesis)
}

/// What of a [`Past`] is in the database.
#[derive(Default)]
pub struct Stored {
	/// Headers, of whatever branch.
	pub headers: BTreeMap<H256, Header>,
	/// The best chain, by height.
	pub canonical: BTreeMap<u32, H256>,
	/// What makes a block final, beside that block.
	pub certificates: BTreeMap<H256, Certificate>,
	/// The block that ended each voter set.
	pub ends: BTreeMap<SetId, H256>,
	/// The height of the last final block.
	pub finalized: u32,
	/// The first and the last height of the blocks behind a warp that are missing.
	pub gap: Option<(u32, u32)>,
}

/// A chain, and what a node has of it.
pub struct Past {
	/// All blocks, by height.
	pub blocks: Vec<Header>,
	/// The heights of the changes, the first of which ends set 0.
	pub changes: Vec<u32>,
	/// What the node has of it.
	pub stored: Mutex<Stored>,
}

impl Past {
	/// A chain of so many blocks above genesis with changes at these heights, of which a node has only genesis. Another
	/// `salt` makes another chain with the same voters.
	pub fn new(length: u32, changes: &[u32], salt: u8) -> Self {
		let mut blocks = vec![header(0, H256::repeat_byte(salt), None)];
		for number in 1..=length {
			let parent = blocks.last().expect("starts with genesis").hash();
			let change = changes.iter().position(|at| *at == number);
			let change = change.map(|index| set(index as u64 + 1));
			blocks.push(header(number, parent, change));
		}
		let stored = Stored {
			headers: [(blocks[0].hash(), blocks[0].clone())].into(),
			canonical: [(0, blocks[0].hash())].into(),
			..Stored::default()
		};
		Self {
			blocks,
			changes: changes.to_vec(),
			stored: Mutex::new(stored),
		}
	}

	/// The same, of a node that has all of it, and certificates of all changes, of the last block and of those
	/// `certified`.
	pub fn known(length: u32, changes: &[u32], certified: &[u32]) -> Arc<Self> {
		let past = Self::new(length, changes, 0);
		{
			let mut stored = past.stored.lock();
			for block in &past.blocks {
				stored.headers.insert(block.hash(), block.clone());
				stored.canonical.insert(block.number, block.hash());
			}
			let certified: BTreeSet<u32> = certified.iter().chain(changes).copied().chain([length]).collect();
			for number in certified {
				stored
					.certificates
					.insert(past.blocks[number as usize].hash(), past.certificate(number));
			}
			for (set_id, number) in (0u64..).zip(changes) {
				stored.ends.insert(set_id, past.blocks[*number as usize].hash());
			}
			stored.finalized = length;
		}
		Arc::new(past)
	}

	/// The hash of genesis.
	pub fn genesis(&self) -> H256 {
		self.blocks[0].hash()
	}

	/// The hash at this height.
	pub fn hash(&self, number: u32) -> H256 {
		self.blocks[number as usize].hash()
	}

	/// The set that votes for the block at this height.
	pub fn set_at(&self, number: u32) -> SetId {
		self.changes.iter().filter(|at| **at < number).count() as u64
	}

	/// What makes the block at this height final.
	pub fn certificate(&self, number: u32) -> Certificate {
		let target = target(&self.blocks[number as usize]);
		certificate(self.genesis(), self.set_at(number), Phase::Commit, target)
	}
}

impl Chain for Past {
	fn info(&self) -> Info<Block> {
		let stored = self.stored.lock();
		let finalized = (self.blocks[stored.finalized as usize].hash(), stored.finalized);
		Info {
			best_hash: finalized.0,
			best_number: finalized.1,
			genesis_hash: self.blocks[0].hash(),
			finalized_hash: finalized.0,
			finalized_number: finalized.1,
			finalized_state: (stored.finalized > 0).then_some(finalized),
			number_leaves: 1,
			block_gap: stored.gap.map(|(start, end)| BlockGap {
				start,
				end,
				gap_type: BlockGapType::MissingHeaderAndBody,
			}),
		}
	}
	fn header(&self, hash: H256) -> Result<Option<Header>, ChainError> {
		Ok(self.stored.lock().headers.get(&hash).cloned())
	}
	fn hash_at(&self, number: u32) -> Result<Option<H256>, ChainError> {
		Ok(self.stored.lock().canonical.get(&number).copied())
	}
	fn body(&self, _: H256) -> Result<Option<Vec<OpaqueExtrinsic>>, ChainError> {
		Ok(None)
	}
	fn justifications(&self, hash: H256) -> Result<Option<Justifications>, ChainError> {
		let stored = self.stored.lock();
		let certificate = stored.certificates.get(&hash);
		Ok(certificate.map(|certificate| (BFT_ENGINE_ID, certificate.encode()).into()))
	}
	fn leaves(&self) -> Result<Vec<H256>, ChainError> {
		Ok(Vec::new())
	}
	fn schedule(&self, at: H256) -> Result<Schedule, ChainError> {
		Err(ChainError::Missing(at))
	}
	fn director_status(&self, _: H256) -> Result<Vec<DirectorStatus>, ChainError> {
		Ok(Vec::new())
	}
	fn voter_set(&self, at: H256) -> Result<VoterSet, ChainError> {
		let number = self.blocks.iter().find(|block| block.hash() == at);
		let number = number.ok_or(ChainError::Missing(at))?.number;
		Ok(set(self.set_at(number + 1)))
	}
	fn set_end(&self, set_id: SetId) -> Result<Option<H256>, ChainError> {
		Ok(self.stored.lock().ends.get(&set_id).copied())
	}
	fn finalize(&self, certificate: &Certificate) -> Result<(), ChainError> {
		let mut stored = self.stored.lock();
		stored.finalized = stored.finalized.max(certificate.vote.decides().number);
		Ok(())
	}
	fn set_head(&self, _: H256) -> Result<(), ChainError> {
		Ok(())
	}
}
