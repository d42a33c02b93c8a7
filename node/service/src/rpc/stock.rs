//! The methods that every Substrate node has.

use super::Sources;
use crate::{Backend, Client, Pool};
use jsonrpsee::{core::RegisterMethodError, RpcModule};
use sc_client_api::Backend as _;
use sc_network_sync::SyncingService;
use sc_rpc::{
	author::AuthorApiServer, chain::ChainApiServer, offchain::OffchainApiServer, state::ChildStateApiServer,
	state::StateApiServer, system::SystemApiServer, SubscriptionTaskExecutor,
};
use sc_rpc_spec_v2::{
	archive::{Archive, ArchiveApiServer},
	bitswap::{Bitswap, BitswapApiServer},
	chain_head::{ChainHead, ChainHeadApiServer, ChainHeadConfig},
	chain_spec::{ChainSpec, ChainSpecApiServer},
	transaction::{
		Transaction, TransactionApiServer, TransactionBroadcast, TransactionBroadcastApiServer, TransactionMetrics,
	},
};
use sc_service::Configuration;
use sc_utils::mpsc::TracingUnboundedSender;
use smartchain_chain::Block;
use sp_core::H256;
use sp_keystore::KeystorePtr;
use std::sync::Arc;

/// Transactions that one connection may have this node broadcast at a time. Each stays until it is final. The SDK's 16
/// are too few for PAPI: those above it are never sent, and PAPI waits until they are too old (`AncientBirthBlock`).
/// Not many more, for each may be large, and is tried again with every block while the pool has no room for it.
const MAX_BROADCASTS: usize = 64;

/// What these methods need besides [`Sources`].
pub(crate) struct StockSources<'a> {
	pub config: &'a Configuration,
	pub genesis: H256,
	pub backend: Arc<Backend>,
	pub keystore: KeystorePtr,
	pub system: TracingUnboundedSender<sc_rpc::system::Request<Block>>,
	pub sync: Arc<SyncingService<Block>>,
	pub metrics: Option<TransactionMetrics>,
	pub executor: SubscriptionTaskExecutor,
}

/// `chain_*`, `state_*`, `author_*`, `system_*`, `offchain_*`, and those of the new JSON-RPC specification.
///
/// # Errors
/// Where two modules claim one method name.
pub(crate) fn create(sources: &Sources, stock: StockSources<'_>) -> Result<RpcModule<()>, RegisterMethodError> {
	let mut module = RpcModule::new(());
	old(&mut module, sources, &stock)?;
	new(&mut module, sources, stock)?;
	Ok(module)
}

fn old(module: &mut RpcModule<()>, sources: &Sources, stock: &StockSources<'_>) -> Result<(), RegisterMethodError> {
	let (client, pool, executor) = (&sources.client, &sources.pool, &stock.executor);
	let info = sc_rpc::system::SystemInfo {
		chain_name: stock.config.chain_spec.name().into(),
		impl_name: stock.config.impl_name.clone(),
		impl_version: stock.config.impl_version.clone(),
		properties: stock.config.chain_spec.properties(),
		chain_type: stock.config.chain_spec.chain_type(),
	};
	module.merge(sc_rpc::chain::new_full::<Block, _>(client.clone(), executor.clone()).into_rpc())?;
	let (state, child_state) = sc_rpc::state::new_full::<Backend, Block, _>(client.clone(), executor.clone(), None);
	module.merge(state.into_rpc())?;
	module.merge(child_state.into_rpc())?;
	module.merge(
		sc_rpc::author::Author::new(client.clone(), pool.clone(), stock.keystore.clone(), executor.clone()).into_rpc(),
	)?;
	module.merge(sc_rpc::system::System::new(info, stock.system.clone()).into_rpc())?;
	if let Some(storage) = stock.backend.offchain_storage() {
		module.merge(sc_rpc::offchain::Offchain::new(storage).into_rpc())?;
	}
	Ok(())
}

fn new(module: &mut RpcModule<()>, sources: &Sources, stock: StockSources<'_>) -> Result<(), RegisterMethodError> {
	let (client, pool): (&Arc<Client>, &Arc<Pool>) = (&sources.client, &sources.pool);
	let StockSources {
		config,
		genesis,
		backend,
		sync,
		metrics,
		executor,
		..
	} = stock;
	let spec = &config.chain_spec;
	module.merge(ChainSpec::new(spec.name().into(), genesis, spec.properties()).into_rpc())?;
	module.merge(Transaction::new(client.clone(), pool.clone(), executor.clone(), metrics).into_rpc())?;
	let broadcast = TransactionBroadcast::new(client.clone(), pool.clone(), executor.clone(), MAX_BROADCASTS);
	module.merge(broadcast.into_rpc())?;
	let follow = ChainHead::<Backend, Block, _>::new(
		client.clone(),
		backend.clone(),
		executor.clone(),
		ChainHeadConfig::default(),
	);
	module.merge(follow.into_rpc())?;
	module.merge(Bitswap::<Block, _>::new(client.clone(), sync).into_rpc())?;
	let keeps_states = config
		.state_pruning
		.as_ref()
		.is_some_and(|pruning| pruning.is_archive());
	if keeps_states && config.blocks_pruning.is_archive() {
		module.merge(Archive::<Backend, Block, _>::new(client.clone(), backend, genesis, executor).into_rpc())?;
	}
	Ok(())
}
