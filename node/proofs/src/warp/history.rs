//! What enters the database without being executed: the changes and the last final block of a warp proof, and the
//! blocks of the gap behind it.
//!
//! None of it is taken on anybody's word. A change, and the block whose state is taken, was proven by
//! [`super::WarpProvider`]. A block of the gap has a certificate of the voters of its height, or is an ancestor of a
//! block that has, or of one that is known to be final; until that shows, it waits in memory. So a line of headers
//! that was made up never reaches the database. What an execution would show besides, a quorum of its voters has
//! vouched for.

use super::{light_client, provider::ProvenBlocks};
use bft_finality_primitives::{Certificate, LightError, SetId, BFT_ENGINE_ID};
use codec::Encode;
use parking_lot::Mutex;
use sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ForkChoiceStrategy, ImportResult, ImportedAux};
use smartchain_chain::{
	certificate_in, change_record, genesis_record, is_body_of, Block, Chain, ChainError, LOG_TARGET,
};
use sp_consensus::Error as ConsensusError;
use sp_core::H256;
use sp_runtime::traits::Header as _;
use std::{collections::VecDeque, sync::Arc};

/// Blocks of the gap that wait for a proof. A chain whose finality stands still for 4096 blocks stops.
const MAX_WAITING: usize = 8192;
/// The most bytes of them, bodies included.
const MAX_WAITING_BYTES: usize = 128 * 1024 * 1024;

const PROOF: &[u8] = b"smartchain/old-block-proof";

/// The import below this one: the client's.
pub type Inner = dyn BlockImport<Block, Error = ConsensusError> + Send + Sync;

/// Why a block is not taken unexecuted.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
	/// The database cannot be read.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// It is not the block that a warp proof ended with.
	#[error("its state is offered, and nobody has proven it to be final")]
	StateUnproven,
	/// Its body is another one's.
	#[error("its body is not the one that its header commits to")]
	OtherBody,
	/// Nothing here leads to the voters of its certificate.
	#[error("its certificate is of voter set {0}, which is not known here")]
	UnknownSet(SetId),
	/// Its certificate is of voters that no longer voted at its height.
	#[error("its certificate is of voter set {0}, which had ended by then")]
	EndedSet(SetId),
	/// Its certificate does not hold.
	#[error("{0}")]
	Unproven(#[from] LightError),
}

/// Whether an old block's own certificate makes it final.
struct OwnProof(Option<Certificate>);

/// A block of the gap that waits.
struct Waiting {
	block: BlockImportParams<Block>,
	hash: H256,
	bytes: usize,
}

#[derive(Default)]
struct Gap {
	waiting: VecDeque<Waiting>,
	bytes: usize,
}

impl Gap {
	fn clear(&mut self) {
		*self = Self::default();
	}

	fn truncate(&mut self, length: usize) {
		self.waiting.truncate(length);
		self.bytes = self.waiting.iter().map(|waiting| waiting.bytes).sum();
	}
}

/// What is to be done with a block of the gap.
enum Step {
	/// It is in the database.
	Known,
	/// It does not follow on what is known; whose fault that is, nobody can tell.
	Astray(&'static str),
	/// It waits for a proof.
	Waits,
	/// It, and those that have waited below it, are proven.
	Proven(VecDeque<Waiting>),
}

/// Takes what is not executed.
#[derive(Clone)]
pub struct History {
	chain: Arc<dyn Chain>,
	proven: ProvenBlocks,
	gap: Arc<Mutex<Gap>>,
}

impl History {
	/// Takes into this chain what has been `proven`, and the blocks of the gap.
	pub fn new(chain: Arc<dyn Chain>, proven: ProvenBlocks) -> Self {
		Self {
			chain,
			proven,
			gap: Arc::default(),
		}
	}

	/// Checks a block that comes with its state: the one that a warp proof ended with, and no other.
	///
	/// # Errors
	/// If it is another one, or has another body.
	pub fn verify_state(&self, mut block: BlockImportParams<Block>) -> Result<BlockImportParams<Block>, HistoryError> {
		if self.proven.target(&block.post_hash()).is_none() {
			return Err(HistoryError::StateUnproven);
		}
		check_body(&mut block)?;
		Ok(block)
	}

	/// Checks a block of the gap as far as it can be by itself.
	///
	/// # Errors
	/// If its body or its certificate is false.
	pub fn verify_old(&self, mut block: BlockImportParams<Block>) -> Result<BlockImportParams<Block>, HistoryError> {
		// No body comes as an empty one. A block without its body is taken: nobody executes it, and peers forget
		// bodies.
		if block.body.as_ref().is_some_and(Vec::is_empty) && !is_body_of(&block.header, &[]) {
			block.body = None;
		}
		check_body(&mut block)?;
		let certificate = block.justifications.take().as_ref().and_then(certificate_in);
		if let Some(certificate) = &certificate {
			self.check_certificate(&block, certificate)?;
		}
		block.insert_intermediate(PROOF, OwnProof(certificate));
		Ok(block)
	}

	fn check_certificate(
		&self,
		block: &BlockImportParams<Block>,
		certificate: &Certificate,
	) -> Result<(), HistoryError> {
		let set_id = certificate.vote.set_id;
		let client = light_client(&*self.chain, set_id)?.ok_or(HistoryError::UnknownSet(set_id))?;
		// Whoever has left may have lost its key since.
		if let Some(end) = self.chain.set_end(set_id)? {
			let end = self.chain.header(end)?.ok_or(ChainError::Missing(end))?;
			if block.header.number() > end.number() {
				return Err(HistoryError::EndedSet(set_id));
			}
		}
		Ok(client.check_final(&block.post_header(), certificate)?)
	}

	/// The check before: the parent of a block of the gap may wait here instead of being in the database.
	pub fn check(&self, mut block: BlockCheckParams<Block>) -> BlockCheckParams<Block> {
		let waits = self.gap.lock().waiting.iter().any(|w| w.hash == block.parent_hash);
		block.allow_missing_parent |= waits;
		block
	}

	/// Takes the header of a change that a warp proof has shown. It is no child of anything here; its parents come with
	/// the gap.
	///
	/// # Errors
	/// If no proof has shown it, or the client fails.
	pub async fn import_change(
		&self,
		inner: &Inner,
		mut block: BlockImportParams<Block>,
	) -> Result<ImportResult, ConsensusError> {
		let hash = block.post_hash();
		let certificate = self
			.proven
			.take_change(&hash)
			.ok_or_else(|| refused(format!("the change of voters in block {hash:?} is not proven")))?;
		keep_change(&mut block, hash, &certificate);
		block.fork_choice = Some(ForkChoiceStrategy::Custom(false));
		inner.import_block(block).await
	}

	/// Takes the block that a warp proof ended with, and its state, as final.
	///
	/// # Errors
	/// If no proof has ended with it, or the client fails.
	pub async fn import_state(
		&self,
		inner: &Inner,
		mut block: BlockImportParams<Block>,
	) -> Result<ImportResult, ConsensusError> {
		let (hash, number) = (block.post_hash(), *block.header.number());
		let certificate = self
			.proven
			.target(&hash)
			.ok_or_else(|| refused(HistoryError::StateUnproven))?;
		// Only now is the genesis still at hand, in memory.
		let voters = self.chain.genesis_voters().map_err(refused)?;
		let (key, value) = genesis_record(&voters);
		block.auxiliary.push((key, Some(value)));
		if self.chain.change_in(&block.post_header()).map_err(refused)?.is_some() {
			keep_change(&mut block, hash, &certificate);
		} else {
			block.justifications = Some((BFT_ENGINE_ID, certificate.encode()).into());
		}
		block.finalized = true;
		block.fork_choice = Some(ForkChoiceStrategy::Custom(true));
		let result = inner.import_block(block).await?;
		if let ImportResult::Imported(_) = result {
			log::info!(
				target: LOG_TARGET,
				"⏩ Warped to block {number} ({hash:?}), final by voter set {}",
				certificate.vote.set_id
			);
			self.proven.clear();
		}
		Ok(result)
	}

	/// Takes a block of the gap, or keeps it until it is proven.
	///
	/// # Errors
	/// If it was not checked before, or the client fails.
	pub async fn import_old(
		&self,
		inner: &Inner,
		mut block: BlockImportParams<Block>,
	) -> Result<ImportResult, ConsensusError> {
		let OwnProof(certificate) = block.remove_intermediate(PROOF)?;
		if let Some(certificate) = &certificate {
			block.justifications = Some((BFT_ENGINE_ID, certificate.encode()).into());
		}
		block.fork_choice = Some(ForkChoiceStrategy::Custom(false));
		let number = *block.header.number();
		let proven = match self.step(block, certificate.is_some()).map_err(refused)? {
			Step::Known => return Ok(ImportResult::AlreadyInChain),
			Step::Waits => return Ok(ImportResult::Imported(ImportedAux::default())),
			Step::Astray(why) => {
				log::debug!(target: LOG_TARGET, "the old block {number} is not taken: {why}; it is fetched again");
				return Ok(ImportResult::UnknownParent);
			}
			Step::Proven(blocks) => blocks,
		};
		let mut last = ImportResult::AlreadyInChain;
		for waiting in proven {
			match inner.import_block(waiting.block).await? {
				result @ (ImportResult::Imported(_) | ImportResult::AlreadyInChain) => last = result,
				other => return Ok(other),
			}
		}
		Ok(last)
	}

	fn step(&self, block: BlockImportParams<Block>, certified: bool) -> Result<Step, ChainError> {
		let chain = &*self.chain;
		let (hash, number) = (block.post_hash(), *block.header.number());
		let mut gap = self.gap.lock();
		let Some(open) = chain
			.info()
			.block_gap
			.filter(|open| number >= open.start && number <= open.end)
		else {
			return Ok(if chain.hash_at(number)? == Some(hash) {
				Step::Known
			} else {
				Step::Astray("it lies in no gap")
			});
		};
		// The sync may have begun again at the start of the gap, or somewhere between.
		let at = usize::try_from(number.saturating_sub(open.start)).unwrap_or(usize::MAX);
		gap.truncate(at);
		let parent = match gap.waiting.back() {
			_ if gap.waiting.len() != at => {
				gap.clear();
				return Ok(Step::Astray("the blocks below it are missing"));
			}
			Some(below) => below.hash,
			None => chain
				.hash_at(number.saturating_sub(1))?
				.ok_or(ChainError::Missing(hash))?,
		};
		if *block.header.parent_hash() != parent {
			gap.clear();
			return Ok(Step::Astray("it is no child of the block below it"));
		}
		let known = certified || chain.hash_at(number)? == Some(hash) || is_known_final(chain, &block, hash, open.end)?;
		if number == open.end && !known {
			gap.clear();
			return Ok(Step::Astray("it is not the parent of the block above the gap"));
		}
		let bytes = block.body.encoded_size().saturating_add(block.header.encoded_size());
		gap.bytes = gap.bytes.saturating_add(bytes);
		gap.waiting.push_back(Waiting { block, hash, bytes });
		if known {
			return Ok(Step::Proven(std::mem::take(&mut *gap).waiting));
		}
		if gap.waiting.len() > MAX_WAITING || gap.bytes > MAX_WAITING_BYTES {
			gap.clear();
			return Ok(Step::Astray("too many blocks without a certificate"));
		}
		Ok(Step::Waits)
	}
}

/// Whether a block of the gap is a change that the warp proof showed, or the parent of the block above the gap.
fn is_known_final(
	chain: &dyn Chain,
	block: &BlockImportParams<Block>,
	hash: H256,
	gap_end: u32,
) -> Result<bool, ChainError> {
	if *block.header.number() == gap_end {
		let Some(above) = chain.hash_at(gap_end.saturating_add(1))? else {
			return Ok(false);
		};
		let above = chain.header(above)?.ok_or(ChainError::Missing(above))?;
		return Ok(*above.parent_hash() == hash);
	}
	let change = chain.change_in(&block.post_header())?;
	let Some(before) = change.and_then(|set| set.set_id.checked_sub(1)) else {
		return Ok(false);
	};
	Ok(chain.set_end(before)? == Some(hash))
}

/// The header and the certificate of a change, such that this node can show them to others.
fn keep_change(block: &mut BlockImportParams<Block>, hash: H256, certificate: &Certificate) {
	block.justifications = Some((BFT_ENGINE_ID, certificate.encode()).into());
	let record = change_record(hash, certificate);
	block.auxiliary.extend(record.map(|(key, value)| (key, Some(value))));
}

/// The sync does not compare bodies with headers, execution does; what is not executed is compared here.
fn check_body(block: &mut BlockImportParams<Block>) -> Result<(), HistoryError> {
	block.indexed_body = None;
	let Some(body) = &block.body else { return Ok(()) };
	if is_body_of(&block.header, body) {
		Ok(())
	} else {
		Err(HistoryError::OtherBody)
	}
}

fn refused(why: impl std::fmt::Display) -> ConsensusError {
	ConsensusError::ClientImport(why.to_string())
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
