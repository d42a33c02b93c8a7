//! The peers of one notification protocol: who they are, and what goes to and comes from them.

use crate::chain::types::LOG_TARGET;
use futures::StreamExt;
use sc_network::{
	multiaddr,
	service::traits::{MessageSink, NetworkService, NotificationEvent, NotificationService, ValidationResult},
	types::ProtocolName,
	Multiaddr, PeerId, ReputationChange,
};
use sc_network_sync::{SyncEvent, SyncEventStream};
use sp_core::traits::SpawnEssentialNamed;
use std::{collections::BTreeMap, iter, sync::Arc};

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
		log::debug!(target: LOG_TARGET, "{protocol}: the peer set did not change: {error}");
	}
}
