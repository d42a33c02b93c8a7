//! Blocks to and from files, blocks executed again, and the state that is final.
//!
//! The SDK's `export-blocks` ends at the first block that it lacks as if all was well, its `import-blocks` leaves
//! nothing final, and its `check-block` does not execute what is in the database.

use crate::{Backend, Client, Parts};
use codec::Encode;
use sc_client_api::BlockBackend;
use smartchain_chain::{Block, Header};
use smartchain_proofs::imported::finalize_imported;
use sp_api::{Core, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_core::{storage::Storage, H256};
use sp_runtime::{
	generic::{BlockId, SignedBlock},
	traits::Header as _,
};
use std::{
	future::Future,
	io::Write,
	sync::Arc,
	time::{Duration, Instant},
};

/// How many blocks are exported before the next line says how far it is.
const BLOCKS_A_LINE: u32 = 10_000;

/// Why a command on stored blocks failed.
#[derive(Debug, thiserror::Error)]
pub enum ChainOpError {
	/// The database.
	#[error("the database cannot be read: {0}")]
	Client(#[from] sp_blockchain::Error),
	/// The file.
	#[error("the file cannot be written: {0}")]
	File(#[from] std::io::Error),
	/// As JSON.
	#[error("the block cannot be written as JSON: {0}")]
	Json(#[from] serde_json::Error),
	/// Nothing to export.
	#[error("there are no blocks from {from} to {to}; the best one here is {best}")]
	Range {
		/// The first.
		from: u32,
		/// The last.
		to: u32,
		/// The best.
		best: u32,
	},
	/// Blocks are pruned.
	#[error(
		"block {0} is not here: its body was pruned (--blocks-pruning), or this node joined by warp sync and no peer \
		 had it. Export later blocks with --from, or from a node that keeps all (--blocks-pruning archive)"
	)]
	Missing(u32),
	/// Not a block of this database.
	#[error("block {0} is not in the database")]
	Unknown(String),
	/// Genesis.
	#[error("genesis was not executed, and cannot be")]
	Genesis,
	/// States are pruned.
	#[error(
		"block {number} cannot be executed: the state of its parent is not kept ({why}). Check a later block, or \
		 use a node that keeps all states (--state-pruning archive)"
	)]
	NoState {
		/// The block.
		number: u32,
		/// What the client says.
		why: String,
	},
	/// The state is not kept, or the node has none yet.
	#[error(
		"the state after the final block {number} cannot be read: {why}. Let the node catch up with its peers first, \
		 or use another one's folder"
	)]
	State {
		/// The block.
		number: u32,
		/// What the client says.
		why: String,
	},
	/// The block does not hold.
	#[error("block {number} ({hash:?}) does NOT hold: executed again it fails: {why}")]
	False {
		/// The block.
		number: u32,
		/// Its hash.
		hash: H256,
		/// What the runtime says.
		why: String,
	},
	/// The import.
	#[error("{0}")]
	Import(String),
	/// Consensus.
	#[error(transparent)]
	Chain(#[from] smartchain_chain::ChainError),
}

/// Writes these blocks, each with its proof of finality where it has one: one JSON value after the other, or the number
/// of blocks and the blocks in SCALE.
///
/// # Errors
/// Where one is missing: then the file lacks that one and all after it.
pub fn export_blocks(
	client: &Client,
	from: u32,
	to: Option<u32>,
	binary: bool,
	open: impl FnOnce() -> std::io::Result<Box<dyn Write>>,
) -> Result<(), ChainOpError> {
	let best = client.info().best_number;
	let to = to.unwrap_or(best);
	let length = to.checked_sub(from).filter(|_| to <= best);
	let length = length.ok_or(ChainOpError::Range { from, to, best })?;
	// Before the file is there: what is pruned is pruned from below.
	stored(client, from)?;
	let mut output = std::io::BufWriter::new(open()?);
	log::info!("Exporting blocks from #{from} to #{to}");
	if binary {
		output.write_all(&u64::from(length).saturating_add(1).encode())?;
	}
	for number in from..=to {
		let block = stored(client, number)?;
		if binary {
			output.write_all(&block.encode())?;
		} else {
			serde_json::to_writer(&mut output, &block)?;
		}
		if number.is_multiple_of(BLOCKS_A_LINE) {
			log::info!("#{number}");
		}
	}
	output.flush()?;
	Ok(())
}

fn stored(client: &Client, number: u32) -> Result<SignedBlock<Block>, ChainOpError> {
	let hash = client.hash(number)?.ok_or(ChainOpError::Missing(number))?;
	client.block(hash)?.ok_or(ChainOpError::Missing(number))
}

/// Runs an import of blocks beside what makes them final, and says how far both came.
///
/// # Errors
/// Where a block, or a proof, cannot be taken.
pub async fn import_blocks(parts: Parts, import: impl Future<Output = Result<(), String>>) -> Result<(), ChainOpError> {
	let Parts {
		chain,
		link,
		block_import,
		..
	} = parts;
	// The events end with the last import that could send one.
	drop(block_import);
	let (imported, finalized) = futures::join!(import, finalize_imported(&*chain, link.certificates()));
	let info = chain.info();
	println!(
		"Best block #{}, final block #{}",
		info.best_number, info.finalized_number
	);
	if info.finalized_number < info.best_number {
		println!(
			"Nothing proved that what lies above block #{} is final",
			info.finalized_number
		);
	}
	imported.map_err(|error| {
		let cut = error.contains("UnexpectedEof");
		let hint = if cut {
			": the file ends before the blocks that it promises"
		} else {
			""
		};
		ChainOpError::Import(format!("{error}{hint}"))
	})?;
	Ok(finalized?)
}

/// What a block that was executed again shows.
#[derive(Debug)]
pub struct Checked {
	/// The block.
	pub number: u32,
	/// Its hash.
	pub hash: H256,
	/// How many extrinsics it has.
	pub extrinsics: usize,
	/// The root of the state that it leaves: that in its header.
	pub state_root: H256,
	/// How long the execution took.
	pub took: Duration,
}

/// Executes a stored block on the state of its parent, which also compares the roots with those in its header.
///
/// # Errors
/// Where it is not here, cannot be executed, or does not hold.
pub fn check_block(client: &Client, block: BlockId<Block>) -> Result<Checked, ChainOpError> {
	let hash = match block {
		BlockId::Hash(hash) => hash,
		BlockId::Number(number) => client.hash(number)?.ok_or(ChainOpError::Unknown(number.to_string()))?,
	};
	let header = client
		.header(hash)?
		.ok_or_else(|| ChainOpError::Unknown(format!("{hash:?}")))?;
	let number = *header.number();
	if number == 0 {
		return Err(ChainOpError::Genesis);
	}
	let body = client.block_body(hash)?.ok_or(ChainOpError::Missing(number))?;
	let parent = *header.parent_hash();
	client.state_at(parent).map_err(|error| ChainOpError::NoState {
		number,
		why: error.to_string(),
	})?;
	let (extrinsics, state_root) = (body.len(), *header.state_root());
	let started = Instant::now();
	let block = Block {
		header: unsealed(header),
		extrinsics: body,
	};
	let executed = client.runtime_api().execute_block(parent, block.into());
	executed.map_err(|error| ChainOpError::False {
		number,
		hash,
		why: error.to_string(),
	})?;
	Ok(Checked {
		number,
		hash,
		extrinsics,
		state_root,
		took: started.elapsed(),
	})
}

/// The whole state after the last final block.
///
/// # Errors
/// Where it is not here.
pub fn final_state(client: Arc<Client>) -> Result<Storage, ChainOpError> {
	let info = client.info();
	let state = sc_service::chain_ops::export_raw_state::<Block, Backend, _>(client, info.finalized_hash);
	state.map_err(|error| ChainOpError::State {
		number: info.finalized_number,
		why: error.to_string(),
	})
}

/// As the runtime sees it: the seal is put on afterwards.
fn unsealed(mut header: Header) -> Header {
	header.digest_mut().pop();
	header
}
