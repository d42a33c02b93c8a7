//! Builds blocks: inherents first, then what the transaction pool has ready, as much as time, bytes and weight allow.
//!
//! The stock proposer calls the runtime once for every transaction, and counts the bytes of the whole block anew each
//! time. With half a second for a block that is what limits it, so transactions go into the runtime in batches here
//! ([`BatchApi`](smartchain_runtime_apis::BatchApi)). The block is the same as if they had been applied one by one.

mod fill;

use self::fill::{fill, Apply, End, Filled, Limits};
use codec::Encode;
use sc_transaction_pool_api::{InPoolTransaction, ReadyTransactions, TransactionPool, TxInvalidityReportMap};
use smartchain_chain::{Block, Header, Metrics, LOG_TARGET};
use smartchain_runtime_apis::BatchApi;
use sp_api::{ApiExt, CallApiAt, Core, ProvideRuntimeApi, StorageChanges, TransactionOutcome};
use sp_block_builder::BlockBuilder as BlockBuilderApi;
use sp_core::{traits::CallContext, H256};
use sp_inherents::InherentData;
use sp_runtime::{generic::Digest, traits::Header as _, ApplyExtrinsicResult, ExtrinsicInclusionMode, OpaqueExtrinsic};
use std::{sync::Arc, time::Instant};

/// The share of the time, in percent, that is left for the state root and what else closes a block.
const CLOSING_PERCENT: u32 = 10;
/// The share of the time, in percent, that the pool gets to catch up with the parent.
const POOL_PERCENT: u32 = 12;

/// Why no block was built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
	/// The runtime failed.
	#[error("the runtime failed: {0}")]
	Runtime(#[from] sp_api::ApiError),
	/// The client's state could not be read.
	#[error("the state of the parent cannot be read: {0}")]
	State(String),
	/// An inherent that has to be in every block was refused.
	#[error("a mandatory inherent was refused: {0:?}")]
	Inherent(sp_runtime::transaction_validity::TransactionValidityError),
}

/// What a block is to be.
pub struct BlockPlan {
	/// The pre-runtime digest.
	pub digest: Digest,
	/// What the inherents are made from.
	pub inherents: InherentData,
	/// When it has to be ready.
	pub end: Instant,
	/// The most bytes of transactions.
	pub max_bytes: usize,
	/// Take the first transaction that has more bytes than that, and no other; without one, fill the block as usual.
	pub seek_large: bool,
}

/// A block without its seal.
pub struct BuiltBlock {
	/// Its header.
	pub header: Header,
	/// Its extrinsics.
	pub body: Vec<OpaqueExtrinsic>,
	/// What it changes.
	pub changes: StorageChanges<Block>,
	/// Whether a limit of time, bytes or weight ended it while transactions waited.
	pub full: bool,
	/// Whether a transaction with more bytes than a block waits.
	pub large_waits: bool,
	/// Whether such a one is in it.
	pub took_large: bool,
}

/// Builds blocks for the slot worker.
#[async_trait::async_trait]
pub trait BuildBlock: Send {
	/// A child of this block. May block the thread.
	///
	/// # Errors
	/// Where no valid block comes about.
	async fn build(&mut self, parent: &Header, plan: BlockPlan) -> Result<BuiltBlock, BuildError>;
}

/// [`BuildBlock`] over a client and a transaction pool.
pub struct PoolBuilder<C, P> {
	client: Arc<C>,
	pool: Arc<P>,
	metrics: Metrics,
}

impl<C, P> PoolBuilder<C, P> {
	/// Builds on this client's blocks, from this pool.
	pub fn new(client: Arc<C>, pool: Arc<P>, metrics: Metrics) -> Self {
		Self { client, pool, metrics }
	}
}

#[async_trait::async_trait]
impl<C, P> BuildBlock for PoolBuilder<C, P>
where
	P: TransactionPool<Block = Block, Hash = H256>,
	C: ProvideRuntimeApi<Block> + CallApiAt<Block> + Send + Sync,
	C::Api: Core<Block> + BlockBuilderApi<Block> + BatchApi<Block> + ApiExt<Block>,
{
	async fn build(&mut self, parent: &Header, plan: BlockPlan) -> Result<BuiltBlock, BuildError> {
		let started = Instant::now();
		let at = parent.hash();
		let left = plan.end.saturating_duration_since(started);
		let limits = Limits {
			deadline: plan.end.checked_sub(left * CLOSING_PERCENT / 100).unwrap_or(started),
			bytes: plan.max_bytes,
		};
		let wait = left * POOL_PERCENT / 100;
		// An iterator of its own: what it passes over is needed if the large one is refused.
		let large = if plan.seek_large {
			let ready = self.pool.ready_at_with_timeout(at, wait).await;
			let is_large = |extrinsic: &OpaqueExtrinsic| extrinsic.encoded_size() > limits.bytes;
			ready
				.map(|transaction| OpaqueExtrinsic::clone(transaction.data()))
				.find(is_large)
		} else {
			None
		};
		let mut ready = self.pool.ready_at_with_timeout(at, wait).await;
		let waited = started.elapsed();
		let Built {
			block,
			transactions,
			invalid,
			end,
		} = build(&*self.client, parent, plan, limits, large, &mut *ready)?;
		log::debug!(
			target: LOG_TARGET,
			"built block {} with {transactions} transactions in {:?}, the pool's {waited:?} included; {} were invalid; \
			 no more because of: {}",
			block.header.number(),
			started.elapsed(),
			invalid.len(),
			end.as_str(),
		);
		self.metrics
			.block_built(started.elapsed(), transactions as u64, end.as_str());
		if !invalid.is_empty() {
			self.pool.report_invalid(Some(at), invalid).await;
		}
		Ok(block)
	}
}

/// A block and how it came to be filled.
struct Built {
	block: BuiltBlock,
	transactions: usize,
	/// Those that the pool should forget, and why.
	invalid: TxInvalidityReportMap<H256>,
	end: End,
}

/// The part without waiting: the runtime's API holds the block in progress and cannot leave the thread.
fn build<C, T>(
	client: &C,
	parent: &Header,
	plan: BlockPlan,
	limits: Limits,
	large: Option<OpaqueExtrinsic>,
	ready: &mut (dyn ReadyTransactions<Item = Arc<T>> + Send),
) -> Result<Built, BuildError>
where
	T: sc_transaction_pool_api::InPoolTransaction<Transaction = Arc<OpaqueExtrinsic>, Hash = H256>,
	C: ProvideRuntimeApi<Block> + CallApiAt<Block>,
	C::Api: Core<Block> + BlockBuilderApi<Block> + BatchApi<Block> + ApiExt<Block>,
{
	let at = parent.hash();
	let header = Header::new(
		parent.number().saturating_add(1),
		Default::default(),
		Default::default(),
		at,
		plan.digest,
	);
	let mut api = client.runtime_api();
	api.set_call_context(CallContext::Onchain { import: false });
	let mode = api.initialize_block(at, &header)?;

	let mut body = inherents_of(&*api, at, plan.inherents)?;
	let without = |end| Filled {
		body: Vec::new(),
		invalid: Default::default(),
		end,
		large_waits: false,
	};
	let mut took_large = false;
	let filled = match (mode, large) {
		(ExtrinsicInclusionMode::OnlyInherents, _) => without(End::Forbidden),
		(ExtrinsicInclusionMode::AllExtrinsics, Some(large)) if apply_one(&*api, at, large.clone())?.is_ok() => {
			took_large = true;
			Filled {
				body: vec![large],
				..without(End::Size)
			}
		}
		(ExtrinsicInclusionMode::AllExtrinsics, _) => fill(&mut InBlock { api: &*api, at }, ready, limits),
	};
	let transactions = filled.body.len();
	body.extend(filled.body);

	let header = api.finalize_block(at)?;
	let state = client
		.state_at(at)
		.map_err(|error| BuildError::State(error.to_string()))?;
	let changes = api.into_storage_changes(&state, at).map_err(BuildError::State)?;
	Ok(Built {
		block: BuiltBlock {
			header,
			body,
			changes,
			full: matches!(filled.end, End::Deadline | End::Size | End::Weight),
			large_waits: filled.large_waits,
			took_large,
		},
		transactions,
		invalid: filled.invalid,
		end: filled.end,
	})
}

/// The inherents of a block, applied.
fn inherents_of<A: BlockBuilderApi<Block> + ApiExt<Block>>(
	api: &A,
	at: H256,
	data: InherentData,
) -> Result<Vec<OpaqueExtrinsic>, BuildError> {
	let mut body = Vec::new();
	let inherents =
		api.execute_in_transaction(|api| TransactionOutcome::Rollback(api.inherent_extrinsics(at, data)))?;
	for inherent in inherents {
		match apply_one(api, at, inherent.clone())? {
			Ok(_) => body.push(inherent),
			Err(error) if error.was_mandatory() => return Err(BuildError::Inherent(error)),
			Err(error) => log::warn!(target: LOG_TARGET, "An inherent was refused and is left out: {error:?}"),
		}
	}
	Ok(body)
}

fn apply_one<A: BlockBuilderApi<Block> + ApiExt<Block>>(
	api: &A,
	at: H256,
	extrinsic: OpaqueExtrinsic,
) -> Result<ApplyExtrinsicResult, sp_api::ApiError> {
	api.execute_in_transaction(|api| match api.apply_extrinsic(at, extrinsic) {
		Ok(Ok(applied)) => TransactionOutcome::Commit(Ok(Ok(applied))),
		refused => TransactionOutcome::Rollback(refused),
	})
}

/// The block in progress.
struct InBlock<'a, A> {
	api: &'a A,
	at: H256,
}

impl<A: BatchApi<Block> + ApiExt<Block>> Apply for InBlock<'_, A> {
	fn apply(&mut self, batch: Vec<OpaqueExtrinsic>) -> Option<Vec<ApplyExtrinsicResult>> {
		let count = batch.len();
		let results = self
			.api
			.execute_in_transaction(|api| match api.apply_extrinsics(self.at, batch) {
				Ok(results) => TransactionOutcome::Commit(Ok(results)),
				Err(error) => TransactionOutcome::Rollback(Err(error)),
			});
		results
			.inspect_err(|error| {
				log::warn!(target: LOG_TARGET, "the runtime failed on a batch of {count} transactions: {error}");
			})
			.ok()
	}
}
