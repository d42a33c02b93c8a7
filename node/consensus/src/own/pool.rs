//! The one road of this node's own transactions into its pool.

use crate::own::offence::Offence;
use bft_finality_primitives::SignedVote;
use poca_primitives::{AuthorityId, AuthoritySignature};
use sc_transaction_pool_api::{
	error::{Error as PoolError, IntoPoolError},
	TransactionPool, TransactionSource,
};
use smartchain_chain::{Block, Heartbeat};
use smartchain_runtime_apis::{BlockEquivocationApi, HeartbeatApi, VoteEquivocationApi, VoteRecordApi};
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_core::H256;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	AccountId32, OpaqueExtrinsic,
};
use sp_transaction_pool::runtime_api::TaggedTransactionQueue;
use std::sync::Arc;

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// It is in the pool, and goes to other nodes.
	Submitted(H256),
	/// It is known already: one like it is in the pool, or the runtime has what it says.
	Known,
	/// It would not count.
	NotNeeded,
	/// It failed, and may succeed later.
	Failed(OwnTransactionError),
}

/// Why a transaction of this node's own is not on its way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnTransactionError {
	/// The runtime could not be asked.
	#[error("the runtime did not answer: {0}")]
	Runtime(String),
	/// The runtime finds it invalid at the best block.
	#[error("it is invalid now: {}", <&str>::from(*.0))]
	Invalid(TransactionValidityError),
	/// The pool has no place for it.
	#[error("the pool does not take it: {0}")]
	Pool(String),
}

impl From<ApiError> for OwnTransactionError {
	fn from(error: ApiError) -> Self {
		Self::Runtime(error.to_string())
	}
}

/// What a node tells the chain by itself, and what it asks to know whether it has to.
#[async_trait::async_trait]
pub trait OwnTransactions: Send + Sync {
	/// The account of this authoring key, if it is isolated in the state of block `at` and has not shown itself since.
	///
	/// # Errors
	/// Why that cannot be told.
	fn isolated(&self, at: H256, key: &AuthorityId) -> Result<Option<AccountId32>, OwnTransactionError>;

	/// Sends a heartbeat above block `at`.
	async fn heartbeat(&self, at: H256, heartbeat: Heartbeat, signature: AuthoritySignature) -> Outcome;

	/// Reports an offence above the best block.
	async fn report(&self, offence: &Offence) -> Outcome;

	/// Puts a vote on record above block `at`, unless it would not count there.
	async fn record_vote(&self, at: H256, vote: SignedVote) -> Outcome;
}

/// [`OwnTransactions`] over a client and a transaction pool.
pub struct PoolTransactions<C, P> {
	client: Arc<C>,
	pool: Arc<P>,
}

impl<C, P> PoolTransactions<C, P> {
	/// Asks this client's runtime for the transactions, and puts them into this pool.
	pub fn new(client: Arc<C>, pool: Arc<P>) -> Self {
		Self { client, pool }
	}
}

impl<C, P> PoolTransactions<C, P>
where
	P: TransactionPool<Block = Block, Hash = H256>,
	C: ProvideRuntimeApi<Block> + Send + Sync,
	C::Api: TaggedTransactionQueue<Block>,
{
	/// Puts a transaction into the pool, if it is valid above block `at`. It is validated before, for the pool bans
	/// what is invalid, also if it will be valid with the next block.
	async fn submit(&self, at: H256, made: Result<OpaqueExtrinsic, ApiError>) -> Outcome {
		let transaction = match made {
			Ok(transaction) => transaction,
			Err(error) => return Outcome::Failed(error.into()),
		};
		match self.validity(at, transaction.clone()) {
			Ok(Ok(())) => (),
			Ok(Err(error)) => return invalid(error),
			Err(error) => return Outcome::Failed(error.into()),
		}
		match self.pool.submit_one(at, TransactionSource::Local, transaction).await {
			Ok(hash) => Outcome::Submitted(hash),
			Err(error) => match error.into_pool_error() {
				Ok(error) => refused(&error),
				Err(error) => Outcome::Failed(OwnTransactionError::Pool(error.to_string())),
			},
		}
	}

	fn validity(
		&self,
		at: H256,
		transaction: OpaqueExtrinsic,
	) -> Result<Result<(), TransactionValidityError>, ApiError> {
		let api = self.client.runtime_api();
		let validity = api.validate_transaction(at, TransactionSource::Local, transaction, at)?;
		Ok(validity.map(|_| ()))
	}
}

#[async_trait::async_trait]
impl<C, P> OwnTransactions for PoolTransactions<C, P>
where
	P: TransactionPool<Block = Block, Hash = H256>,
	C: ProvideRuntimeApi<Block> + HeaderBackend<Block> + Send + Sync,
	C::Api: HeartbeatApi<Block, AccountId32>
		+ VoteRecordApi<Block>
		+ VoteEquivocationApi<Block>
		+ BlockEquivocationApi<Block>
		+ TaggedTransactionQueue<Block>,
{
	fn isolated(&self, at: H256, key: &AuthorityId) -> Result<Option<AccountId32>, OwnTransactionError> {
		Ok(self.client.runtime_api().isolated(at, key.clone())?)
	}

	async fn heartbeat(&self, at: H256, heartbeat: Heartbeat, signature: AuthoritySignature) -> Outcome {
		let made = self
			.client
			.runtime_api()
			.heartbeat_transaction(at, heartbeat, signature);
		self.submit(at, made).await
	}

	async fn report(&self, offence: &Offence) -> Outcome {
		let best = self.client.info().best_hash;
		let made = match offence.clone() {
			Offence::Votes(proof) => self.client.runtime_api().report_vote_equivocation(best, proof),
			Offence::Blocks(proof) => self.client.runtime_api().report_block_equivocation(best, proof),
		};
		self.submit(best, made).await
	}

	async fn record_vote(&self, at: H256, vote: SignedVote) -> Outcome {
		let made = self.client.runtime_api().record_vote(at, vote);
		match made {
			Ok(Some(transaction)) => self.submit(at, Ok(transaction)).await,
			Ok(None) => Outcome::NotNeeded,
			Err(error) => Outcome::Failed(error.into()),
		}
	}
}

fn invalid(error: TransactionValidityError) -> Outcome {
	match error {
		TransactionValidityError::Invalid(InvalidTransaction::Stale) => Outcome::Known,
		error => Outcome::Failed(OwnTransactionError::Invalid(error)),
	}
}

fn refused(error: &PoolError) -> Outcome {
	match error {
		PoolError::AlreadyImported(_) | PoolError::TooLowPriority { .. } => Outcome::Known,
		error => Outcome::Failed(OwnTransactionError::Pool(error.to_string())),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_the_pool_has_or_the_chain_has_punished_is_known() {
		for error in [
			PoolError::AlreadyImported(Box::new(())),
			PoolError::TooLowPriority { old: 1, new: 1 },
		] {
			assert_eq!(refused(&error), Outcome::Known);
		}
		assert_eq!(invalid(InvalidTransaction::Stale.into()), Outcome::Known);
		assert!(matches!(refused(&PoolError::ImmediatelyDropped), Outcome::Failed(_)));
		for reason in [InvalidTransaction::Future, InvalidTransaction::BadSigner] {
			assert!(matches!(invalid(reason.into()), Outcome::Failed(_)), "{reason:?}");
		}
	}
}
