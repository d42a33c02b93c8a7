//! The RPC methods: the SDK's, and those beyond.

mod dry_run;
pub(crate) mod stock;

use crate::{Client, Pool};
use dry_run::AccountSystem;
use jsonrpsee::{core::RegisterMethodError, RpcModule};
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use smartchain_chain::Chain;
use smartchain_consensus::ConsensusHandle;
use smartchain_rpc::{PocaRpc, PocaRpcApiServer};
use smartchain_runtime::{AccountId, Nonce};
use sp_core::H256;
use std::sync::Arc;
use substrate_frame_rpc_system::SystemApiServer;

/// What the methods answer from.
#[derive(Clone)]
pub(crate) struct Sources {
	/// The client.
	pub client: Arc<Client>,
	/// The transaction pool: an account's next nonce counts what waits there.
	pub pool: Arc<Pool>,
	/// The chain as consensus sees it.
	pub chain: Arc<dyn Chain>,
	/// What consensus shows of itself.
	pub consensus: ConsensusHandle,
}

/// `system_accountNextIndex` and `system_dryRun`, `payment_*`, `poca_*`.
///
/// # Errors
/// Where two modules claim one method name.
pub(crate) fn create(sources: &Sources) -> Result<RpcModule<()>, RegisterMethodError> {
	let Sources {
		client,
		pool,
		chain,
		consensus,
	} = sources.clone();
	let mut module = RpcModule::new(());
	module.merge(SystemApiServer::<H256, AccountId, Nonce>::into_rpc(AccountSystem::new(
		client.clone(),
		pool,
	)))?;
	module.merge(TransactionPaymentApiServer::<_, _>::into_rpc(
		TransactionPayment::<_, _>::new(client),
	))?;
	module.merge(PocaRpc::new(chain, consensus).into_rpc())?;
	Ok(module)
}
