//! The node's own protocols: their names and sizes, and the peers that speak one of them.

use crate::{gossip, push, Block};
use futures::StreamExt;
use sc_network::{
	config::{FullNetworkConfiguration, NonReservedPeerMode, SetConfig},
	multiaddr,
	service::traits::{MessageSink, NetworkService, NotificationEvent, NotificationService, ValidationResult},
	types::ProtocolName,
	Multiaddr, NetworkBackend, NotificationMetrics, PeerId, ReputationChange,
};
use sc_network_sync::{SyncEvent, SyncEventStream};
use sp_core::{traits::SpawnEssentialNamed, H256};
use std::{collections::BTreeMap, iter, sync::Arc, time::Duration};

/// Requests for certificates that wait to be answered before more are refused.
const INBOUND_REQUESTS: usize = 64;

/// A request for certificates that is not answered by then has failed.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// Reputation changes, and what they are for.
pub(crate) mod reputation {
	use sc_network::ReputationChange;
	/// Bytes that do not decode.
	pub const UNDECODABLE: ReputationChange = ReputationChange::new(-(1 << 12), "SmartChain: undecodable message");
	/// A false signature, or a certificate that proves nothing.
	pub const FALSE_PROOF: ReputationChange =
		ReputationChange::new(-(1 << 14), "SmartChain: false vote or certificate");
	/// A pushed block that does not verify.
	pub const BAD_BLOCK: ReputationChange = ReputationChange::new(-(1 << 14), "SmartChain: bad block");
	/// More than anybody honest sends.
	pub const FLOOD: ReputationChange = ReputationChange::new(-(1 << 8), "SmartChain: too many messages");
}

/// What [`protocols`] registered, to be handed to [`crate::start`].
pub struct Protocols {
	pub(crate) votes: Box<dyn NotificationService>,
	pub(crate) blocks: Box<dyn NotificationService>,
	pub(crate) requests: async_channel::Receiver<sc_network::config::IncomingRequest>,
	pub(crate) names: Names,
}

/// The names of the protocols, which carry the genesis, so that chains do not mix.
#[derive(Clone)]
pub(crate) struct Names {
	pub votes: ProtocolName,
	pub blocks: ProtocolName,
	pub certificates: ProtocolName,
}

impl Names {
	fn new(genesis: H256, fork_id: Option<&str>) -> Self {
		let chain = array_hex(genesis.as_bytes());
		let prefix = match fork_id {
			Some(fork_id) => format!("/{chain}/{fork_id}/poca"),
			None => format!("/{chain}/poca"),
		};
		Self {
			votes: format!("{prefix}/votes/1").into(),
			blocks: format!("{prefix}/blocks/1").into(),
			certificates: format!("{prefix}/certificates/1").into(),
		}
	}
}

fn array_hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Registers the node's own protocols with the network before it is built.
pub fn protocols<N: NetworkBackend<Block, H256>>(
	genesis: H256,
	fork_id: Option<&str>,
	metrics: NotificationMetrics,
	config: &mut FullNetworkConfiguration<Block, H256, N>,
) -> Protocols {
	let names = Names::new(genesis, fork_id);
	let mut notifications = |name: &ProtocolName, size: u64| {
		// Peers come from the sync service (see `Peers`), which knows who is on this chain.
		let set = SetConfig {
			in_peers: 0,
			out_peers: 0,
			reserved_nodes: Vec::new(),
			non_reserved_mode: NonReservedPeerMode::Deny,
		};
		let (protocol, service) = N::notification_config(
			name.clone(),
			Vec::new(),
			size,
			None,
			set,
			metrics.clone(),
			config.peer_store_handle(),
		);
		config.add_notification_protocol(protocol);
		service
	};
	let votes = notifications(&names.votes, gossip::MAX_MESSAGE_BYTES);
	let blocks = notifications(&names.blocks, push::MAX_MESSAGE_BYTES);
	let (sender, requests) = async_channel::bounded(INBOUND_REQUESTS);
	config.add_request_response_protocol(N::request_response_config(
		names.certificates.clone(),
		Vec::new(),
		gossip::MAX_REQUEST_BYTES,
		gossip::MAX_MESSAGE_BYTES,
		REQUEST_TIMEOUT,
		Some(sender),
	));
	Protocols {
		votes,
		blocks,
		requests,
		names,
	}
}

/// What happened on a protocol. Its owner hears it without the sink `S`, which [`Peers`] keeps.
pub(crate) enum PeerEvent<S = ()> {
	/// A peer speaks the protocol from now on.
	Opened(PeerId, S),
	/// It does no more.
	Closed(PeerId),
	/// It sent something.
	Received(PeerId, Vec<u8>),
}

/// The peers of one notification protocol: all that the node syncs with.
pub(crate) struct Peers {
	events: async_channel::Receiver<PeerEvent<Sink>>,
	network: Arc<dyn NetworkService>,
	sinks: BTreeMap<PeerId, Sink>,
}

impl Peers {
	/// Spawns what listens to the protocol, and returns what its owner reads and writes. `queue` is how many events wait for the
	/// owner before the network has to.
	pub fn spawn(
		mut service: Box<dyn NotificationService>,
		protocol: ProtocolName,
		network: Arc<dyn NetworkService>,
		sync: &dyn SyncEventStream,
		spawner: &impl SpawnEssentialNamed,
		name: &'static str,
		queue: usize,
	) -> Self {
		let (sender, events) = async_channel::bounded(queue);
		let mut sync_events = sync.event_stream(name);
		let listened_network = network.clone();
		// The service's future must run to its end each time: dropped between, it may forget a command.
		let listen = async move {
			let follow = async {
				while let Some(event) = sync_events.next().await {
					follow_sync(&*listened_network, &protocol, event);
				}
			};
			let forward = async {
				while let Some(event) = service.next_event().await {
					let Some(event) = translate(&*service, event) else {
						continue;
					};
					if sender.send(event).await.is_err() {
						return;
					}
				}
			};
			futures::join!(follow, forward);
			// The network has stopped, and the node is about to.
			futures::future::pending::<()>().await;
		};
		spawner.spawn_essential(name, Some("poca"), Box::pin(listen));
		Self {
			events,
			network,
			sinks: BTreeMap::new(),
		}
	}

	/// The next event; `None` when the network has stopped. Safe to drop between polls.
	pub async fn next(&mut self) -> Option<PeerEvent> {
		Some(match self.events.recv().await.ok()? {
			PeerEvent::Opened(peer, sink) => {
				self.sinks.insert(peer, sink);
				PeerEvent::Opened(peer, ())
			}
			PeerEvent::Closed(peer) => {
				self.sinks.remove(&peer);
				PeerEvent::Closed(peer)
			}
			PeerEvent::Received(peer, bytes) => PeerEvent::Received(peer, bytes),
		})
	}

	/// Queues bytes for a peer. Its queue is bounded: what a peer does not take in time is lost, and sent again when needed.
	pub fn send(&self, peer: &PeerId, bytes: Vec<u8>) {
		if let Some(sink) = self.sinks.get(peer) {
			sink.send_sync_notification(bytes);
		}
	}

	/// Queues bytes for every peer but one.
	pub fn broadcast(&self, bytes: &[u8], except: Option<PeerId>) {
		for (peer, sink) in &self.sinks {
			if Some(*peer) != except {
				sink.send_sync_notification(bytes.to_vec());
			}
		}
	}

	/// Who speaks the protocol.
	pub fn connected(&self) -> impl Iterator<Item = &PeerId> {
		self.sinks.keys()
	}

	/// Lowers a peer's reputation; the network parts with the worst.
	pub fn report(&self, peer: PeerId, change: ReputationChange) {
		self.network.report_peer(peer, change);
	}
}

/// Where messages to one peer go.
type Sink = Box<dyn MessageSink>;

fn translate(service: &dyn NotificationService, event: NotificationEvent) -> Option<PeerEvent<Sink>> {
	match event {
		// Version and chain are part of the protocol's name; the handshake says nothing more.
		NotificationEvent::ValidateInboundSubstream { result_tx, .. } => {
			// The network may have given up on the substream meanwhile.
			let _ = result_tx.send(ValidationResult::Accept);
			None
		}
		NotificationEvent::NotificationStreamOpened { peer, .. } => {
			service.message_sink(&peer).map(|sink| PeerEvent::Opened(peer, sink))
		}
		NotificationEvent::NotificationStreamClosed { peer } => Some(PeerEvent::Closed(peer)),
		NotificationEvent::NotificationReceived { peer, notification } => Some(PeerEvent::Received(peer, notification)),
	}
}

fn follow_sync(network: &dyn NetworkService, protocol: &ProtocolName, event: SyncEvent) {
	let result = match event {
		SyncEvent::PeerConnected { peer_id, .. } => {
			let address: Multiaddr = iter::once(multiaddr::Protocol::P2p(peer_id.into())).collect();
			network.add_peers_to_reserved_set(protocol.clone(), iter::once(address).collect())
		}
		SyncEvent::PeerDisconnected(peer) => {
			network.remove_peers_from_reserved_set(protocol.clone(), iter::once(peer).collect())
		}
	};
	if let Err(error) = result {
		log::debug!(target: crate::LOG_TARGET, "{protocol}: the peer set did not change: {error}");
	}
}
