//! A block import without a client, for tests.

use crate::blocks::import::{block_import, ImportLink, PocaBlockImport};
use sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ImportResult};
use smartchain_chain::{Block, Chain, Header, Metrics};
use sp_core::H256;
use sp_runtime::traits::Header as _;
use std::sync::Arc;

struct NoClient;

#[async_trait::async_trait]
impl BlockImport<Block> for NoClient {
	type Error = sp_consensus::Error;
	async fn check_block(&self, _: BlockCheckParams<Block>) -> Result<ImportResult, Self::Error> {
		Ok(ImportResult::AlreadyInChain)
	}
	async fn import_block(&self, _: BlockImportParams<Block>) -> Result<ImportResult, Self::Error> {
		Ok(ImportResult::AlreadyInChain)
	}
}

/// An import that knows every block, and imports none.
pub fn idle_import(chain: Arc<dyn Chain>) -> (PocaBlockImport, ImportLink) {
	block_import(NoClient, chain, Metrics::default())
}

/// A header like no other.
pub fn header(block: u64) -> Header {
	let state_root = H256::from_low_u64_be(block);
	Header::new(1, H256::zero(), state_root, H256::zero(), Default::default())
}
