//! What a chain specification says by itself: the hash of genesis and its voters, without a database on disk.

use crate::{runtime::executor::RuntimeExecutor, Backend, Client};
use bft_finality_primitives::VoterSet;
use futures::future::BoxFuture;
use sc_client_api::execution_extensions::ExecutionExtensions;
use sc_client_db::DatabaseSettings;
use sc_service::{
	config::ExecutorConfiguration, BlocksPruning, ChainSpec, ClientConfig, DatabaseSource, Error, GenesisBlockBuilder,
	PruningMode,
};
use smartchain_chain::Block;
use smartchain_runtime_apis::BftFinalityApi;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_core::{traits::SpawnNamed, H256};
use sp_database::MemDb;
use std::sync::Arc;

/// A client that is asked one question has no work beside it.
#[derive(Clone)]
struct NoTasks;

impl SpawnNamed for NoTasks {
	fn spawn(&self, _: &'static str, _: Option<&'static str>, _: BoxFuture<'static, ()>) {}
	fn spawn_blocking(&self, _: &'static str, _: Option<&'static str>, _: BoxFuture<'static, ()>) {}
}

/// Builds the genesis of a specification in memory: its hash, and who votes on what follows it.
///
/// # Errors
/// Where the specification makes no genesis, or its runtime cannot be asked.
pub fn genesis(spec: &dyn ChainSpec) -> Result<(H256, VoterSet), Error> {
	let backend: Arc<Backend> = sc_service::new_db_backend(DatabaseSettings {
		trie_cache_maximum_size: None,
		state_pruning: Some(PruningMode::ArchiveAll),
		source: DatabaseSource::Custom {
			db: Arc::new(MemDb::default()),
			require_create_flag: true,
		},
		blocks_pruning: BlocksPruning::KeepAll,
		pruning_filters: Vec::new(),
		metrics_registry: None,
	})?;
	let executor = RuntimeExecutor::new(&ExecutorConfiguration::default(), None);
	let builder =
		GenesisBlockBuilder::<Block, _, _>::new(spec.as_storage_builder(), true, backend.clone(), executor.clone())?;
	let client: Client = sc_service::new_client(
		backend,
		executor.clone(),
		builder,
		Default::default(),
		Default::default(),
		ExecutionExtensions::new(None, Arc::new(executor)),
		Box::new(NoTasks),
		None,
		None,
		ClientConfig::default(),
	)?;
	let hash = client.info().genesis_hash;
	let voters = client.runtime_api().voter_set(hash);
	let voters = voters.map_err(|error| Error::Application(Box::new(error)))?;
	Ok((hash, voters))
}
