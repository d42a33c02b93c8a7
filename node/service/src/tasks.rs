//! What runs beside consensus: the pool's tasks, metrics, telemetry and the RPC server.
//!
//! In place of the SDK's `spawn_tasks`, which starts [a server](crate::server) that is not ours.

use crate::{
	rpc::{self, stock::StockSources, Sources},
	server, Backend,
};
use sc_network::service::traits::NetworkService;
use sc_network_sync::SyncingService;
use sc_network_transactions::TransactionsHandlerController;
use sc_rpc_server::RpcSpawnHandle;
use sc_rpc_spec_v2::transaction::TransactionMetrics;
use sc_service::{config::PrometheusConfig, Configuration, Error, MetricsService, TaskManager};
use sc_telemetry::{SysInfo, Telemetry, TelemetryHandle};
use sc_utils::mpsc::TracingUnboundedSender;
use smartchain_chain::Block;
use sp_blockchain::HeaderBackend;
use sp_core::H256;
use sp_keystore::KeystorePtr;
use std::sync::Arc;

/// What [`spawn`] needs.
pub(crate) struct TaskParams<'a> {
	pub config: Configuration,
	pub backend: Arc<Backend>,
	pub task_manager: &'a mut TaskManager,
	pub keystore: KeystorePtr,
	pub network: Arc<dyn NetworkService>,
	pub system: TracingUnboundedSender<sc_rpc::system::Request<Block>>,
	pub transactions: TransactionsHandlerController<H256>,
	pub sync: Arc<SyncingService<Block>>,
	pub telemetry: Option<&'a mut Telemetry>,
	pub sources: Sources,
}

/// Starts it all. Before that, it puts the keys of `--alice` and the like into the keystore.
///
/// # Errors
/// Where a part of it cannot be started.
pub(crate) fn spawn(params: TaskParams<'_>) -> Result<(), Error> {
	let TaskParams {
		config,
		backend,
		task_manager,
		keystore,
		network,
		system,
		transactions,
		sync,
		telemetry,
		sources,
	} = params;
	let (client, pool) = (sources.client.clone(), sources.pool.clone());
	let info = client.info();
	let seeds = config.dev_key_seed.clone().into_iter().collect();
	sp_session::generate_initial_session_keys::<Block, _>(client.clone(), info.best_hash, seeds, keystore.clone())
		.map_err(application)?;

	let machine = sc_sysinfo::gather_sysinfo();
	sc_sysinfo::print_sysinfo(&machine);
	let telemetry = telemetry
		.map(|telemetry| init_telemetry(&config, &network, &client, telemetry, machine))
		.transpose()?;
	log::info!("📦 Highest known block at #{}", info.best_number);

	let tasks = task_manager.spawn_handle();
	let of_pool = Some("transaction-pool");
	let every_block = config.transaction_pool.use_all_block_notifications();
	let notifications = sc_transaction_pool::notification_future(client.clone(), pool.clone(), every_block);
	tasks.spawn("txpool-notifications", of_pool, notifications);
	let propagation = sc_service::propagate_transaction_notifications(pool.clone(), transactions, telemetry.clone());
	tasks.spawn("on-transaction-imported", of_pool, propagation);
	let measured = metrics(&config, telemetry, task_manager)?;
	let measuring = measured.run(client.clone(), pool, network.clone(), sync.clone());
	tasks.spawn("telemetry-periodic-send", None, measuring);
	tasks.spawn("informant", None, sc_informant::build(client, network, sync.clone()));

	let runtime = sc_service::create_rpc_runtime(config.rpc.max_connections).map_err(application)?;
	let registry = config.prometheus_registry();
	let stock = StockSources {
		config: &config,
		genesis: info.genesis_hash,
		backend,
		keystore,
		system,
		sync,
		metrics: registry.map(TransactionMetrics::new).transpose()?,
		executor: Arc::new(RpcSpawnHandle::new(runtime.handle().clone())),
	};
	let mut module = rpc::stock::create(&sources, stock).map_err(application)?;
	module
		.merge(rpc::create(&sources).map_err(application)?)
		.map_err(application)?;
	let server = server::start(&config.rpc, registry, runtime, module)?;
	// A temporary base path is removed when the node ends.
	task_manager.keep_alive((config.base_path, server));
	Ok(())
}

fn init_telemetry(
	config: &Configuration,
	network: &Arc<dyn NetworkService>,
	client: &Arc<crate::Client>,
	telemetry: &mut Telemetry,
	machine: SysInfo,
) -> Result<TelemetryHandle, Error> {
	let handle = sc_service::init_telemetry::<Block, _, _>(
		config.network.node_name.clone(),
		config.impl_name.clone(),
		config.impl_version.clone(),
		config.chain_spec.name().to_string(),
		config.role.is_authority(),
		network.clone(),
		client.clone(),
		telemetry,
		Some(machine),
	)?;
	Ok(handle)
}

/// What measures the node, and the server that shows it, where there is one.
fn metrics(
	config: &Configuration,
	telemetry: Option<TelemetryHandle>,
	task_manager: &TaskManager,
) -> Result<MetricsService, Error> {
	let Some(PrometheusConfig { port, registry }) = config.prometheus_config.clone() else {
		return Ok(MetricsService::new(telemetry));
	};
	let name = &config.network.node_name;
	let service = MetricsService::with_prometheus(telemetry, &registry, config.role, name, &config.impl_version)?;
	task_manager
		.spawn_handle()
		.spawn("prometheus-endpoint", None, async move {
			if prometheus_endpoint::init_prometheus(port, registry).await.is_err() {
				log::warn!(
					"Nobody can read this node's metrics: they cannot be shown on {port}; choose another \
					 --prometheus-port"
				);
			}
		});
	Ok(service)
}

fn application(error: impl std::error::Error + Send + Sync + 'static) -> Error {
	Error::Application(Box::new(error))
}
