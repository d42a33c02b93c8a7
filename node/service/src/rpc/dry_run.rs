//! `system_accountNextIndex` and `system_dryRun`.
//!
//! The SDK's dry run applies a transaction in the state that block `n` has left, where the block's own hash is not
//! known yet. A transaction that was signed on that block, as wallets do where blocks are final at once, is then told
//! to be older than its era (`AncientBirthBlock`). Here it is applied as in block `n + 1`.

use crate::{Client, Pool};
use codec::{DecodeAll, Encode};
use jsonrpsee::{
	core::{async_trait, RpcResult},
	types::ErrorObjectOwned,
	Extensions,
};
use smartchain_chain::Block;
use smartchain_runtime::{AccountId, Nonce};
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_block_builder::BlockBuilder;
use sp_blockchain::HeaderBackend;
use sp_core::{Bytes, H256};
use sp_runtime::{transaction_validity::TransactionSource, ApplyExtrinsicResult, OpaqueExtrinsic};
use sp_transaction_pool::runtime_api::TaggedTransactionQueue;
use std::sync::Arc;
use substrate_frame_rpc_system::{System, SystemApiServer};

/// The SDK's codes: the runtime failed, and the transaction cannot be decoded.
const RUNTIME_ERROR: i32 = 1;
const DECODE_ERROR: i32 = 2;

/// The SDK's methods, with a dry run of our own.
pub(super) struct AccountSystem {
	stock: System<Pool, Client, Block>,
	client: Arc<Client>,
}

impl AccountSystem {
	pub(super) fn new(client: Arc<Client>, pool: Arc<Pool>) -> Self {
		Self {
			stock: System::new(client.clone(), pool),
			client,
		}
	}

	fn apply(&self, at: H256, transaction: OpaqueExtrinsic) -> Result<ApplyExtrinsicResult, ApiError> {
		let api = self.client.runtime_api();
		// It begins block `n + 1` before it looks at the transaction, and what it has begun stays in this `api`. What
		// it finds does not matter here. (Beginning the block in the ordinary way takes an author's digest.)
		let _ = api.validate_transaction(at, TransactionSource::External, transaction.clone(), at)?;
		api.apply_extrinsic(at, transaction)
	}
}

#[async_trait]
impl SystemApiServer<H256, AccountId, Nonce> for AccountSystem {
	async fn nonce(&self, account: AccountId) -> RpcResult<Nonce> {
		SystemApiServer::<H256, AccountId, Nonce>::nonce(&self.stock, account).await
	}

	async fn dry_run(&self, extensions: &Extensions, extrinsic: Bytes, at: Option<H256>) -> RpcResult<Bytes> {
		sc_rpc_api::check_if_safe(extensions)?;
		let refused = |code, why: String| ErrorObjectOwned::owned(code, "Unable to dry run extrinsic.", Some(why));
		let transaction = OpaqueExtrinsic::decode_all(&mut &extrinsic[..])
			.map_err(|error| refused(DECODE_ERROR, error.to_string()))?;
		let at = at.unwrap_or_else(|| self.client.info().best_hash);
		let result = self
			.apply(at, transaction)
			.map_err(|error| refused(RUNTIME_ERROR, error.to_string()))?;
		Ok(result.encode().into())
	}
}
