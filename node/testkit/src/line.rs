//! A line of empty blocks, nothing more.

use bft_finality_primitives::{Certificate, SetId, VoterSet};
use poca_primitives::{DirectorStatus, Schedule};
use smartchain_chain::{Block, Chain, ChainError, Header};
use sp_blockchain::Info;
use sp_core::H256;
use sp_runtime::{traits::Header as _, Justifications, OpaqueExtrinsic};
use std::collections::HashMap;

/// Blocks one above the other, all of them final.
#[derive(Default)]
pub struct Line {
	headers: HashMap<H256, Header>,
	/// The last final block.
	pub finalized: H256,
	/// How the directors do.
	pub directors: Vec<DirectorStatus>,
	/// The schedule, on whatever block.
	pub schedule: Option<Schedule>,
	/// What ended each voter set, and the proof of it.
	pub changes: Vec<(H256, Certificate)>,
}

impl Line {
	/// So many blocks, genesis included, and their hashes.
	pub fn new(blocks: u32) -> (Self, Vec<H256>) {
		let mut parent = H256::zero();
		let mut line = Self::default();
		let mut hashes = Vec::new();
		for number in 0..blocks {
			let header = Header::new(number, H256::zero(), H256::zero(), parent, Default::default());
			parent = header.hash();
			hashes.push(parent);
			line.headers.insert(parent, header);
		}
		(line, hashes)
	}
}

impl Chain for Line {
	fn info(&self) -> Info<Block> {
		Info {
			best_hash: H256::zero(),
			best_number: 0,
			genesis_hash: H256::zero(),
			finalized_hash: self.finalized,
			finalized_number: 0,
			finalized_state: None,
			number_leaves: 1,
			block_gap: None,
		}
	}
	fn header(&self, hash: H256) -> Result<Option<Header>, ChainError> {
		Ok(self.headers.get(&hash).cloned())
	}
	fn hash_at(&self, _: u32) -> Result<Option<H256>, ChainError> {
		Ok(None)
	}
	fn body(&self, _: H256) -> Result<Option<Vec<OpaqueExtrinsic>>, ChainError> {
		Ok(Some(Vec::new()))
	}
	fn justifications(&self, hash: H256) -> Result<Option<Justifications>, ChainError> {
		let change = self.changes.iter().find(|(end, _)| *end == hash);
		let bytes = change.map(|(_, certificate)| codec::Encode::encode(certificate));
		Ok(bytes.map(|bytes| (bft_finality_primitives::BFT_ENGINE_ID, bytes).into()))
	}
	fn leaves(&self) -> Result<Vec<H256>, ChainError> {
		Ok(Vec::new())
	}
	fn schedule(&self, at: H256) -> Result<Schedule, ChainError> {
		self.schedule.clone().ok_or(ChainError::Missing(at))
	}
	fn has_state(&self) -> bool {
		self.schedule.is_some()
	}
	fn director_status(&self, _: H256) -> Result<Vec<DirectorStatus>, ChainError> {
		Ok(self.directors.clone())
	}
	fn voter_set(&self, _: H256) -> Result<VoterSet, ChainError> {
		Ok(VoterSet::default())
	}
	fn set_end(&self, set_id: SetId) -> Result<Option<H256>, ChainError> {
		let index = usize::try_from(set_id).unwrap_or(usize::MAX);
		Ok(self.changes.get(index).map(|(end, _)| *end))
	}
	fn finalize(&self, _: &Certificate) -> Result<(), ChainError> {
		Ok(())
	}
	fn set_head(&self, _: H256) -> Result<(), ChainError> {
		Ok(())
	}
}
