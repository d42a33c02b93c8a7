#![doc = include_str!("../README.md")]

pub mod bodies;
pub mod chain_ops;
mod genesis;
pub mod net;
pub mod origin;
pub mod pool;
pub mod proxy;
mod rpc;
pub mod runtime;
mod server;
mod tasks;

pub use genesis::genesis;

use crate::{
	net::wiring::{self, NetConfig, Wired, WiringParams},
	pool::{Limits, Pool},
	rpc::Sources,
	runtime::{ahead, executor::RuntimeExecutor},
	tasks::TaskParams,
};
use futures::{future::BoxFuture, FutureExt};
use sc_client_api::{Backend as _, BlockBackend};
use sc_network::{
	config::{NetworkBackendType, NetworkConfiguration, SyncMode},
	Litep2pNetworkBackend, NetworkBackend,
};
use sc_service::{Configuration, Error, PartialComponents, SpawnTaskHandle, TFullBackend, TFullClient, TaskManager};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use smartchain_chain::{Block, Chain, Metrics, SubstrateChain};
use smartchain_consensus::{
	block_import, import_queue, protocols, BuildBlock, ConsensusHandle, ImportLink, PocaBlockImport, PocaQueue,
	PoolBuilder, PoolTransactions, StartParams,
};
use smartchain_runtime::apis::RuntimeApi;
use smartchain_signing::Past;
use sp_core::{
	traits::{SpawnEssentialNamed, SpawnNamed},
	H256,
};
use std::{
	fs, io,
	path::{Path, PathBuf},
	sync::Arc,
};

/// What the runtime can call of the host: the standard set.
type HostFunctions = sp_io::SubstrateHostFunctions;
/// The client.
pub type Client = TFullClient<Block, RuntimeApi, RuntimeExecutor>;
/// The database.
pub type Backend = TFullBackend<Block>;

/// Messages that telemetry buffers.
const TELEMETRY_BUFFER: usize = 16;
/// The folder of the safety file, beside the chain's database.
const VOTER_STATE_FOLDER: &str = "voter";

/// What a node has besides the usual.
pub struct Parts {
	chain: Arc<dyn Chain>,
	block_import: PocaBlockImport,
	link: ImportLink,
	executor: RuntimeExecutor,
	metrics: Metrics,
	telemetry: Option<Telemetry>,
}

/// A node without network.
pub type Partial = PartialComponents<Client, Backend, (), PocaQueue, Pool, Parts>;

/// Where the safety file lies unless the command line says otherwise.
pub fn default_voter_state_folder(config: &Configuration) -> PathBuf {
	config.data_path.join(VOTER_STATE_FOLDER)
}

/// What an operator says of a node that runs, beside what the SDK's configuration has.
#[derive(Clone, Debug, Default)]
pub struct NodeOptions {
	/// The pool's limits. `None` leaves them to its configuration.
	pub limits: Option<Limits>,
	/// The folder in which compiled runtimes are kept for the next start.
	pub compiled_runtimes: Option<PathBuf>,
}

/// What a node's parts are for.
#[derive(Clone, Debug)]
pub enum Purpose {
	/// A node that runs.
	Node(NodeOptions),
	/// A command that ends.
	Command,
}

/// Tasks of a command: they end with it, and that is no failure.
#[derive(Clone)]
struct Ordinary(SpawnTaskHandle);

impl SpawnEssentialNamed for Ordinary {
	fn spawn_essential(&self, name: &'static str, group: Option<&'static str>, future: BoxFuture<'static, ()>) {
		SpawnNamed::spawn(&self.0, name, group, future);
	}

	fn spawn_essential_blocking(
		&self,
		name: &'static str,
		group: Option<&'static str>,
		future: BoxFuture<'static, ()>,
	) {
		SpawnNamed::spawn_blocking(&self.0, name, group, future);
	}
}

/// The folder in which compiled runtimes are kept, made if it is missing: its whole path, as the compiler wants it.
fn folder_of_compiled(folder: &Path) -> Result<PathBuf, Error> {
	let failed = |error: io::Error| {
		Error::Other(format!(
			"compiled runtimes cannot be kept in {}: {error}; name another folder, or leave out --compiled-runtimes",
			folder.display()
		))
	};
	fs::create_dir_all(folder).map_err(failed)?;
	fs::canonicalize(folder).map_err(failed)
}

/// Opens database and keystore, and builds what also the subcommands need.
///
/// # Errors
/// Where one of these cannot be opened, or the genesis cannot be built.
pub fn new_partial(config: &Configuration, purpose: Purpose) -> Result<Partial, Error> {
	let telemetry = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty())
		.map(|endpoints| -> Result<_, sc_telemetry::Error> {
			let worker = TelemetryWorker::new(TELEMETRY_BUFFER)?;
			let telemetry = worker.handle().new_telemetry(endpoints);
			Ok((worker, telemetry))
		})
		.transpose()?;
	let kept = match &purpose {
		Purpose::Node(options) => options.compiled_runtimes.as_deref(),
		Purpose::Command => None,
	};
	let kept = kept.map(folder_of_compiled).transpose()?;
	let executor = RuntimeExecutor::new(&config.executor, kept.as_deref());
	let (client, backend, keystore_container, task_manager) = sc_service::new_full_parts::<Block, RuntimeApi, _>(
		config,
		telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
		executor.clone(),
		Vec::new(),
	)?;
	let client = Arc::new(client);
	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});

	let (spawner, limits): (Box<dyn SpawnEssentialNamed>, _) = match purpose {
		Purpose::Node(options) => (Box::new(task_manager.spawn_essential_handle()), options.limits),
		Purpose::Command => (Box::new(Ordinary(task_manager.spawn_handle())), None),
	};
	let pool = sc_transaction_pool::Builder::new(spawner.clone(), client.clone(), config.role.is_authority().into())
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build();
	let pool = Pool::new(pool, client.clone(), limits);

	let metrics = Metrics::register(config.prometheus_registry())?;
	let chain: Arc<dyn Chain> = Arc::new(SubstrateChain::new(client.clone(), backend.clone()));
	let (block_import, link) = block_import(client.clone(), chain.clone(), metrics.clone());
	let import_queue = import_queue(&block_import, &spawner, config.prometheus_registry());

	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		keystore_container,
		select_chain: (),
		import_queue,
		transaction_pool: Arc::new(pool),
		other: Parts {
			chain,
			block_import,
			link,
			executor,
			metrics,
			telemetry,
		},
	})
}

/// What an operator says of how this node votes and authors.
#[derive(Clone, Debug)]
pub struct ConsensusOptions {
	/// The folder of the voter's safety file; beside the database if none is named.
	pub folder: Option<PathBuf>,
	/// What the operator says of what the key has signed.
	pub past: Past,
	/// The most bytes of transactions in a block of this node.
	pub block_bytes: usize,
}

/// The network backend: the only one that is built in.
type Network = Litep2pNetworkBackend;

/// Refuses what the command line offers and this node does not have.
fn refuse(network: &NetworkConfiguration) -> Result<(), Error> {
	if matches!(network.network_backend, NetworkBackendType::Libp2p) {
		return Err(Error::Other(
			"the libp2p network backend is not built in; leave out --network-backend".into(),
		));
	}
	if matches!(network.sync_mode, SyncMode::LightState { .. }) {
		return Err(Error::Other(
			"--sync fast takes headers without asking who may author them, and is not offered; use --sync warp, \
			 which proves what it takes, or leave --sync out"
				.into(),
		));
	}
	if network.ipfs_server {
		return Err(Error::Other(
			"blocks are not served to IPFS, whose peers nothing limits; leave out --ipfs-server".into(),
		));
	}
	Ok(())
}

/// Starts a node.
///
/// # Errors
/// Where a part of it cannot be started.
pub fn new_full(config: Configuration, voter: ConsensusOptions, options: NodeOptions) -> Result<TaskManager, Error> {
	refuse(&config.network)?;
	let PartialComponents {
		client,
		backend,
		mut task_manager,
		keystore_container,
		select_chain: (),
		import_queue,
		transaction_pool,
		other: Parts {
			chain,
			block_import,
			link,
			executor,
			metrics,
			mut telemetry,
		},
	} = new_partial(&config, Purpose::Node(options))?;
	let registry = config.prometheus_registry().cloned();
	let keystore = keystore_container.keystore();
	let is_authority = config.role.is_authority();
	let force_authoring = config.force_authoring;
	let voter_state_folder = voter.folder.unwrap_or_else(|| default_voter_state_folder(&config));

	let mut net_config = NetConfig::new(&config.network, registry.clone());
	let notification_metrics =
		<Network as NetworkBackend<Block, H256>>::register_notification_metrics(registry.as_ref());
	let genesis = client
		.block_hash(0)?
		.ok_or_else(|| Error::Other("the database has no genesis block; remove it with purge-chain".into()))?;
	let protocols = protocols::<Network>(
		genesis,
		config.chain_spec.fork_id(),
		notification_metrics.clone(),
		&mut net_config,
	);
	let Wired {
		network,
		system,
		transactions,
		sync,
	} = wiring::start(WiringParams {
		config: &config,
		net_config,
		notification_metrics,
		genesis,
		client: client.clone(),
		pool: transaction_pool.clone(),
		import_queue,
		warp: block_import.warp_provider(),
		metrics: metrics.clone(),
		task_manager: &task_manager,
	})?;

	if config.offchain_worker.enabled {
		let offchain_workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
			runtime_api_provider: client.clone(),
			is_validator: is_authority,
			keystore: Some(keystore.clone()),
			offchain_db: backend.offchain_storage(),
			transaction_pool: Some(OffchainTransactionPoolFactory::new(transaction_pool.clone())),
			network_provider: Arc::new(network.clone()),
			enable_http_requests: true,
			custom_extensions: |_| Vec::new(),
		})?;
		task_manager.spawn_handle().spawn(
			"offchain-workers-runner",
			"offchain-worker",
			offchain_workers
				.run(client.clone(), task_manager.spawn_handle())
				.boxed(),
		);
	}

	let handle = ConsensusHandle::default();
	let sources = Sources {
		client: client.clone(),
		pool: transaction_pool.clone(),
		chain: chain.clone(),
		consensus: handle.clone(),
	};
	// Also puts the keys of --alice and the like into the keystore, so consensus starts after it.
	tasks::spawn(TaskParams {
		config,
		backend,
		task_manager: &mut task_manager,
		keystore: keystore.clone(),
		network: network.clone(),
		system,
		transactions,
		sync: sync.clone(),
		telemetry: telemetry.as_mut(),
		sources,
	})?;

	task_manager.spawn_handle().spawn_blocking(
		"runtime-compiler",
		None,
		ahead::run(client.clone(), executor, metrics.clone()),
	);

	let transactions = Arc::new(PoolTransactions::new(client.clone(), transaction_pool.clone()));
	let builder = is_authority
		.then(|| Box::new(PoolBuilder::new(client, transaction_pool, metrics.clone())) as Box<dyn BuildBlock>);
	smartchain_consensus::start(
		StartParams {
			chain,
			block_import,
			link,
			protocols,
			network,
			sync: sync.clone(),
			keystore,
			transactions,
			builder,
			force_authoring,
			block_bytes: voter.block_bytes,
			voter_state_folder,
			past: voter.past,
			handle: handle.clone(),
			metrics,
		},
		&task_manager.spawn_essential_handle(),
	)
	.map_err(|error| Error::Application(Box::new(error)))?;

	task_manager.spawn_handle().spawn(
		"informant-line",
		None,
		smartchain_consensus::shown::informant::run(handle, sync),
	);
	Ok(task_manager)
}
