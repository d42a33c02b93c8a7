//! The RPC methods beyond those that every node has.

use crate::{Client, Pool};
use jsonrpsee::{core::RegisterMethodError, RpcModule};
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use smartchain_consensus::{
	rpc::{PocaRpc, PocaRpcApiServer},
	Chain, ConsensusHandle,
};
use smartchain_runtime::{AccountId, Nonce};
use std::sync::Arc;
use substrate_frame_rpc_system::{System, SystemApiServer};

/// What the methods answer from.
#[derive(Clone)]
pub struct Sources {
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
pub fn create(sources: Sources) -> Result<RpcModule<()>, RegisterMethodError> {
	let Sources {
		client,
		pool,
		chain,
		consensus,
	} = sources;
	let mut module = RpcModule::new(());
	module.merge(SystemApiServer::<_, AccountId, Nonce>::into_rpc(System::new(
		client.clone(),
		pool,
	)))?;
	module.merge(TransactionPaymentApiServer::<_, _>::into_rpc(
		TransactionPayment::<_, _>::new(client),
	))?;
	module.merge(PocaRpc::new(chain, consensus).into_rpc())?;
	Ok(module)
}
