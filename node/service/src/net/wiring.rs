//! The network, put together.
//!
//! In place of the SDK's `build_network`, which answers whatever peers ask as long as somebody asks, and validates
//! whatever they send. Here requests pass [gates](super::gate), transactions [a door](super::transactions), and those
//! of light clients are not answered at all: they call into the runtime at any block, and nobody has one of this chain,
//! whose proofs of finality are exported and checked in another way. All else is the SDK's, in its order.

use super::{
	budget::Share,
	gate::{BLOCKS, STATES},
	serving::Server,
	transactions,
};
use crate::{bodies, pool::Pool, Client, Network};
use futures::{pin_mut, FutureExt, StreamExt};
use sc_client_api::{BlockBackend, BlockchainEvents};
use sc_network::{
	config::{FullNetworkConfiguration, Params},
	service::traits::{NetworkService, PeerStore},
	NetworkBackend, NetworkBlock, NotificationMetrics, ProtocolName, Roles,
};
use sc_network_sync::{
	block_relay_protocol::{BlockDownloader, BlockRelayParams},
	engine::SyncingEngine,
	service::network::NetworkServiceProvider,
	state_request_handler::StateRequestHandler,
	strategy::{
		polkadot::{PolkadotSyncingStrategy, PolkadotSyncingStrategyConfig},
		warp::WarpSyncProvider,
		SyncingStrategy,
	},
	warp_request_handler::RequestHandler as WarpRequestHandler,
	SyncEventStream, SyncingService, WarpSyncConfig,
};
use sc_network_transactions::{
	config::TransactionPool as OfHandler, TransactionsHandlerController, TransactionsHandlerPrototype,
};
use sc_network_types::PeerId;
use sc_service::{Configuration, Error, ImportQueue, SpawnTaskHandle, TaskManager};
use sc_utils::mpsc::{tracing_unbounded, TracingUnboundedSender};
use smartchain_chain::{Block, Metrics};
use smartchain_consensus::PocaQueue;
use sp_consensus::block_validation::DefaultBlockAnnounceValidator;
use sp_core::H256;
use std::{collections::HashSet, sync::Arc};

/// The group of the tasks.
const GROUP: Option<&str> = Some("networking");
/// Questions over RPC about the network that wait before the log says so.
const MAX_SYSTEM_REQUESTS: usize = 10_000;

/// How the network is configured before it is built.
pub(crate) type NetConfig = FullNetworkConfiguration<Block, H256, Network>;

/// What the network is told of a protocol of notifications.
type Notifications = <Network as NetworkBackend<Block, H256>>::NotificationProtocolConfig;

/// What [`start`] needs.
pub(crate) struct WiringParams<'a> {
	pub config: &'a Configuration,
	pub net_config: NetConfig,
	pub notification_metrics: NotificationMetrics,
	pub genesis: H256,
	pub client: Arc<Client>,
	pub pool: Arc<Pool>,
	pub import_queue: PocaQueue,
	pub warp: Arc<dyn WarpSyncProvider<Block>>,
	pub metrics: Metrics,
	pub task_manager: &'a TaskManager,
}

/// What the rest of the node has of the network.
pub(crate) struct Wired {
	pub network: Arc<dyn NetworkService>,
	pub system: TracingUnboundedSender<sc_rpc::system::Request<Block>>,
	pub transactions: TransactionsHandlerController<H256>,
	pub sync: Arc<SyncingService<Block>>,
}

/// Starts the network, the sync, and what answers peers.
///
/// # Errors
/// Where a part of it cannot be started.
pub(crate) fn start(params: WiringParams<'_>) -> Result<Wired, Error> {
	let WiringParams {
		config,
		mut net_config,
		notification_metrics,
		genesis,
		client,
		pool,
		import_queue,
		warp,
		metrics,
		task_manager,
	} = params;
	let base = Base {
		config,
		genesis,
		client,
		warp,
		metrics,
		tasks: task_manager.spawn_handle(),
	};
	let essential = task_manager.spawn_essential_handle();
	let strategy = base.strategy(&mut net_config, &notification_metrics)?;
	let sync_requests = NetworkServiceProvider::new();
	let (engine, sync, block_announce_config) = SyncingEngine::new(
		Roles::from(&config.role),
		base.client.clone(),
		config.prometheus_registry(),
		notification_metrics.clone(),
		&net_config,
		config.protocol_id(),
		config.chain_spec.fork_id(),
		Box::new(DefaultBlockAnnounceValidator),
		strategy.syncing,
		sync_requests.handle(),
		import_queue.service(),
		net_config.peer_store_handle(),
	)?;
	// Essential: a node that syncs no more is of no use.
	essential.spawn_blocking("syncing", None, engine.run());
	let sync = Arc::new(sync);
	let worker = base.worker(net_config, notification_metrics, block_announce_config)?;
	let network = <Network as NetworkBackend<Block, H256>>::network_service(&worker);
	let transactions = base.transactions(strategy.transactions, &network, &sync, pool)?;

	let tasks = &base.tasks;
	for (name, gate) in strategy.gates {
		tasks.spawn(name, GROUP, gate.run(sync.event_stream(name)));
	}
	let asked = sync_requests.run(Arc::new(network.clone()));
	tasks.spawn_blocking("chain-sync-network-service-provider", GROUP, asked);
	let asked = strategy.block_requests.run(Arc::new(network.clone()));
	tasks.spawn("block-requests", GROUP, asked);
	let link = sync.clone();
	tasks.spawn("import-queue", None, async move { import_queue.run(&*link).await });
	let system = base.system(&network, &sync);
	// Essential: without it the node hears and says nothing.
	let driven = drive(worker, base.client, sync.clone(), config.announce_block);
	essential.spawn_blocking("network-worker", GROUP, driven);
	Ok(Wired {
		network,
		system,
		transactions,
		sync,
	})
}

/// How this node syncs, and what has to run when the network does.
struct Strategy {
	syncing: Box<dyn SyncingStrategy<Block>>,
	block_requests: NetworkServiceProvider,
	transactions: TransactionsHandlerPrototype,
	/// What is before the handlers of requests, and the names of their tasks.
	gates: [(&'static str, Server); 2],
}

/// What all parts need.
struct Base<'a> {
	config: &'a Configuration,
	genesis: H256,
	client: Arc<Client>,
	warp: Arc<dyn WarpSyncProvider<Block>>,
	metrics: Metrics,
	tasks: SpawnTaskHandle,
}

impl Base<'_> {
	/// The peers that the operator trusts.
	fn reserved(&self) -> HashSet<PeerId> {
		let nodes = &self.config.network.default_peers_set.reserved_nodes;
		nodes.iter().map(|node| node.peer_id).collect()
	}

	fn gate(&self, share: Share) -> Server {
		let slots = self.config.network.default_peers_set_num_full as usize;
		Server::new(share, slots, self.reserved(), self.metrics.clone())
	}

	/// Registers the protocols of the SDK but that for light clients, and says how this node syncs.
	fn strategy(&self, net_config: &mut NetConfig, metrics: &NotificationMetrics) -> Result<Strategy, Error> {
		let network = &self.config.network;
		if network.sync_mode.is_warp() && self.client.requires_full_sync() {
			return Err(Error::Other(
				"--sync warp is for nodes that keep recent states alone: leave it out, or --state-pruning archive"
					.into(),
			));
		}
		let (relay, block_requests) = bodies::block_relay(self.config, &self.client);
		let (blocks, block_gate) = self.serve_blocks(relay, net_config);
		let (states, warps, state_gate) = self.serve_states(net_config);
		let syncing = PolkadotSyncingStrategy::new(
			PolkadotSyncingStrategyConfig {
				mode: network.sync_mode,
				max_parallel_downloads: network.max_parallel_downloads,
				max_blocks_per_request: network.max_blocks_per_request,
				min_peers_to_start_warp_sync: network.min_peers_to_start_warp_sync,
				metrics_registry: self.config.prometheus_registry().cloned(),
				state_request_protocol_name: states,
				block_downloader: blocks,
				gap_sync_body_policy: sc_service::default_gap_sync_body_policy(self.config.blocks_pruning),
			},
			self.client.clone(),
			Some(WarpSyncConfig::WithProvider(self.warp.clone())),
			Some(warps),
		)?;
		let (transactions, transactions_config) = TransactionsHandlerPrototype::new::<_, Block, Network>(
			self.config.protocol_id(),
			self.genesis,
			self.config.chain_spec.fork_id(),
			metrics.clone(),
			net_config.peer_store_handle(),
		);
		net_config.add_notification_protocol(transactions_config);
		Ok(Strategy {
			syncing: Box::new(syncing),
			block_requests,
			transactions,
			gates: [("block-request-gate", block_gate), ("state-request-gate", state_gate)],
		})
	}

	/// Answers requests for blocks that pass the gate. Gives back what asks others for them, and the gate.
	fn serve_blocks(
		&self,
		relay: BlockRelayParams<Block, Network>,
		net_config: &mut NetConfig,
	) -> (Arc<dyn BlockDownloader<Block>>, Server) {
		let BlockRelayParams {
			mut server,
			downloader,
			mut request_response_config,
		} = relay;
		let mut gate = self.gate(BLOCKS);
		gate.guard("block_requests", &mut request_response_config);
		net_config.add_request_response_protocol(request_response_config);
		self.tasks
			.spawn("block-request-handler", GROUP, async move { server.run().await });
		(downloader, gate)
	}

	/// Answers requests for states, and for proofs of all changes of voters, that pass the gate. Gives back the names
	/// of the two protocols, and the gate.
	fn serve_states(&self, net_config: &mut NetConfig) -> (ProtocolName, ProtocolName, Server) {
		let (config, network) = (self.config, &self.config.network);
		let fork_id = config.chain_spec.fork_id();
		let mut gate = self.gate(STATES);
		let peers = network.default_peers_set_num_full as usize;
		let (handler, mut protocol) = StateRequestHandler::<Block, Client>::new::<Network>(
			&config.protocol_id(),
			fork_id,
			self.client.clone(),
			peers.saturating_add(network.default_peers_set.reserved_nodes.len()),
		);
		let states = protocol.protocol_name.clone();
		gate.guard("state_requests", &mut protocol);
		net_config.add_request_response_protocol(protocol);
		self.tasks.spawn("state-request-handler", GROUP, handler.run());

		let (handler, mut protocol) = WarpRequestHandler::<Block>::new::<_, Network>(
			config.protocol_id(),
			self.genesis,
			fork_id,
			self.warp.clone(),
		);
		let warps = protocol.protocol_name.clone();
		gate.guard("warp_requests", &mut protocol);
		net_config.add_request_response_protocol(protocol);
		self.tasks.spawn("warp-sync-request-handler", GROUP, handler.run());
		(states, warps, gate)
	}

	/// The network itself, which does nothing until it is [driven](drive).
	fn worker(
		&self,
		mut net_config: NetConfig,
		notification_metrics: NotificationMetrics,
		block_announce_config: Notifications,
	) -> Result<Network, Error> {
		let (config, executor) = (self.config, self.tasks.clone());
		let peers = PeerStore::run(net_config.take_peer_store());
		self.tasks.spawn("peer-store", GROUP, peers);
		let worker = <Network as NetworkBackend<Block, H256>>::new(Params {
			role: config.role,
			executor: Box::new(move |future| executor.spawn("libp2p-node", GROUP, future)),
			network_config: net_config,
			genesis_hash: self.genesis,
			protocol_id: config.protocol_id(),
			fork_id: config.chain_spec.fork_id().map(ToOwned::to_owned),
			metrics_registry: config.prometheus_registry().cloned(),
			block_announce_config,
			ipfs_config: None,
			notification_metrics,
		})?;
		Ok(worker)
	}

	/// Takes transactions from peers, and passes on those of the pool.
	fn transactions(
		&self,
		prototype: TransactionsHandlerPrototype,
		network: &Arc<dyn NetworkService>,
		sync: &Arc<SyncingService<Block>>,
		pool: Arc<Pool>,
	) -> Result<TransactionsHandlerController<H256>, Error> {
		let (witness, gossip) = transactions::around(
			network.clone(),
			pool,
			self.client.clone(),
			self.reserved(),
			self.metrics.clone(),
		);
		let gossip: Arc<dyn OfHandler<H256, Block>> = Arc::new(gossip);
		let registry = self.config.prometheus_registry();
		let (handler, controller) = prototype.build(witness, sync.clone(), gossip, registry)?;
		self.tasks
			.spawn_blocking("network-transactions-handler", GROUP, handler.run());
		Ok(controller)
	}

	/// Answers questions about the network that come over RPC.
	fn system(
		&self,
		network: &Arc<dyn NetworkService>,
		sync: &Arc<SyncingService<Block>>,
	) -> TracingUnboundedSender<sc_rpc::system::Request<Block>> {
		let (sender, requests) = tracing_unbounded("mpsc_system_rpc", MAX_SYSTEM_REQUESTS);
		let answered = sc_service::build_system_rpc_future::<_, _, H256>(
			self.config.role,
			network.clone(),
			sync.clone(),
			self.client.clone(),
			requests,
			!self.config.network.boot_nodes.is_empty(),
		);
		self.tasks.spawn("system-rpc-handler", GROUP, answered);
		sender
	}
}

/// Drives the network, and tells the sync of blocks.
async fn drive(worker: Network, client: Arc<Client>, sync: Arc<SyncingService<Block>>, announces: bool) {
	let mut imported = client.import_notification_stream().fuse();
	let mut finalized = client.finality_notification_stream().fuse();
	let running = <Network as NetworkBackend<Block, H256>>::run(worker).fuse();
	pin_mut!(running);
	loop {
		futures::select! {
			block = imported.next() => {
				let Some(block) = block else { return };
				if announces {
					sync.announce_block(block.hash, None);
				}
				if block.is_new_best {
					sync.new_best_block_imported(block.hash, block.header.number);
				}
			}
			block = finalized.select_next_some() => sync.on_block_finalized(block.hash, block.header),
			() = running => return,
		}
	}
}
