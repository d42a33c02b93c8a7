//! The peers of one notification protocol: who they are, and what goes to and comes from them.

use futures::{FutureExt, StreamExt};
use sc_network::{
	multiaddr,
	service::traits::{MessageSink, NetworkService, NotificationEvent, NotificationService, ValidationResult},
	types::ProtocolName,
	Multiaddr, PeerId, ReputationChange,
};
use sc_network_sync::{SyncEvent, SyncEventStream};
use smartchain_chain::LOG_TARGET;
use sp_core::traits::SpawnEssentialNamed;
use std::{
	collections::{hash_map::RandomState, HashMap},
	hash::BuildHasher,
	iter,
	sync::Arc,
};

pub(crate) use crate::net::limits::reputation;

/// After as many blocks in a row for which a peer's queue had no room it is reported with each further one.
const STUCK_AFTER: u32 = 8;

/// What happened on a protocol. Its owner hears it without the sink `S`, which [`Peers`] keeps.
pub(crate) enum PeerEvent<S = ()> {
	/// A peer speaks the protocol from now on.
	Opened(PeerId, S),
	/// It does no more.
	Closed(PeerId),
	/// It sent something.
	Received(PeerId, Vec<u8>),
}

/// Where reputation changes go.
type Report = Arc<dyn Fn(PeerId, ReputationChange) + Send + Sync>;

/// Where messages to one peer go.
struct Line {
	sink: Sink,
	/// Large messages in a row for which its queue had no room.
	refused: u32,
}

/// The peers of one notification protocol: all that the node syncs with.
pub(crate) struct Peers {
	events: async_channel::Receiver<PeerEvent<Sink>>,
	report: Report,
	lines: HashMap<PeerId, Line>,
	/// Makes the order in which peers are served, another each time: nobody can choose an identity that comes first.
	order: RandomState,
	rounds: u64,
}

impl Peers {
	/// Spawns what listens to the protocol, and returns what its owner reads and writes. `queue` is how many events
	/// wait for the owner before the network has to.
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
		Self::new(events, Arc::new(move |peer, change| network.report_peer(peer, change)))
	}

	fn new(events: async_channel::Receiver<PeerEvent<Sink>>, report: Report) -> Self {
		Self {
			events,
			report,
			lines: HashMap::new(),
			order: RandomState::new(),
			rounds: 0,
		}
	}

	/// The next event; `None` when the network has stopped. Safe to drop between polls.
	pub async fn next(&mut self) -> Option<PeerEvent> {
		Some(match self.events.recv().await.ok()? {
			PeerEvent::Opened(peer, sink) => {
				self.lines.insert(peer, Line { sink, refused: 0 });
				PeerEvent::Opened(peer, ())
			}
			PeerEvent::Closed(peer) => {
				self.lines.remove(&peer);
				PeerEvent::Closed(peer)
			}
			PeerEvent::Received(peer, bytes) => PeerEvent::Received(peer, bytes),
		})
	}

	/// Queues a small message, such as a vote, for a peer. The network keeps 2,048 of them for it: what it does not
	/// take in time is lost, and sent again when needed.
	pub fn send(&self, peer: &PeerId, bytes: Vec<u8>) {
		if let Some(line) = self.lines.get(peer) {
			line.sink.send_sync_notification(bytes);
		}
	}

	/// Queues a small message for every peer but one.
	pub fn broadcast(&mut self, bytes: &[u8], except: Option<PeerId>) {
		for peer in self.in_random_order() {
			if Some(peer) != except {
				self.send(&peer, bytes.to_vec());
			}
		}
	}

	/// Queues a large message, such as a block or a certificate, for a peer; whether there was room. The network keeps
	/// eight of them for it, so that one that does not read costs this node little memory. What has no room is dropped:
	/// the peer fetches it after an announcement, or gets it when it is sent again.
	pub fn offer(&mut self, peer: &PeerId, bytes: Vec<u8>) -> bool {
		let Some(line) = self.lines.get_mut(peer) else {
			return false;
		};
		// Unconstrained, or a task that has done much already would find every queue full.
		let sent = tokio::task::unconstrained(line.sink.send_async_notification(bytes)).now_or_never();
		match sent {
			Some(sent) => {
				line.refused = 0;
				sent.is_ok()
			}
			None => {
				line.refused = line.refused.saturating_add(1);
				if line.refused > STUCK_AFTER {
					(self.report)(*peer, reputation::STUCK);
				}
				false
			}
		}
	}

	/// Offers a large message to every peer; how many had room.
	pub fn offer_to_all(&mut self, bytes: &[u8]) -> usize {
		self.in_random_order()
			.into_iter()
			.filter(|peer| self.offer(peer, bytes.to_vec()))
			.count()
	}

	/// The peers that speak the protocol, in an order that is another each time and that nobody can foresee.
	pub fn in_random_order(&mut self) -> Vec<PeerId> {
		self.rounds = self.rounds.wrapping_add(1);
		let mut peers: Vec<PeerId> = self.lines.keys().copied().collect();
		peers.sort_by_cached_key(|peer| self.order.hash_one((self.rounds, peer)));
		peers
	}

	/// Whether nobody speaks the protocol.
	pub fn is_empty(&self) -> bool {
		self.lines.is_empty()
	}

	/// Lowers a peer's reputation; the network parts with the worst.
	pub fn report(&self, peer: PeerId, change: ReputationChange) {
		(self.report)(peer, change);
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

#[cfg(test)]
pub(crate) mod testing {
	//! Peers without a network.

	use super::*;
	use parking_lot::Mutex;

	/// The other end of [`Peers`]: what it sent, and whom it reported.
	pub(crate) struct Far {
		events: async_channel::Sender<PeerEvent<Sink>>,
		/// Reports, in order.
		pub reports: Arc<Mutex<Vec<(PeerId, i32)>>>,
		/// What was sent to whom, in order.
		pub sent: Arc<Mutex<Vec<(PeerId, Vec<u8>)>>>,
	}

	/// A peer that takes a few large messages and then no more.
	struct Reader {
		peer: PeerId,
		room: Mutex<u32>,
		sent: Arc<Mutex<Vec<(PeerId, Vec<u8>)>>>,
	}

	#[async_trait::async_trait]
	impl MessageSink for Reader {
		fn send_sync_notification(&self, notification: Vec<u8>) {
			self.sent.lock().push((self.peer, notification));
		}

		async fn send_async_notification(&self, notification: Vec<u8>) -> Result<(), sc_network::error::Error> {
			let full = {
				let mut room = self.room.lock();
				let full = *room == 0;
				*room = room.saturating_sub(1);
				full
			};
			if full {
				futures::future::pending::<()>().await;
			}
			self.sent.lock().push((self.peer, notification));
			Ok(())
		}
	}

	impl Far {
		/// Both ends.
		pub fn new() -> (Self, Peers) {
			let (sender, events) = async_channel::unbounded();
			let reports = Arc::new(Mutex::new(Vec::new()));
			let told = reports.clone();
			let peers = Peers::new(
				events,
				Arc::new(move |peer, change: ReputationChange| told.lock().push((peer, change.value))),
			);
			let far = Self {
				events: sender,
				reports,
				sent: Default::default(),
			};
			(far, peers)
		}

		/// A peer connects, whose queue has room for this many large messages.
		pub fn open(&self, room: u32) -> PeerId {
			let peer = PeerId::random();
			let reader = Reader {
				peer,
				room: Mutex::new(room),
				sent: self.sent.clone(),
			};
			let opened = PeerEvent::Opened(peer, Box::new(reader) as Sink);
			self.events.try_send(opened).expect("has room");
			peer
		}

		/// A peer sends something.
		pub fn says(&self, peer: PeerId, bytes: Vec<u8>) {
			self.events
				.try_send(PeerEvent::Received(peer, bytes))
				.expect("has room");
		}
	}
}

#[cfg(test)]
mod tests {
	use super::{testing::Far, *};

	fn connect(far: &Far, peers: &mut Peers, room: u32) -> PeerId {
		let peer = far.open(room);
		assert!(matches!(peers.next().now_or_never(), Some(Some(PeerEvent::Opened(..)))));
		peer
	}

	#[test]
	fn a_peer_that_does_not_read_costs_no_more_than_its_queue_and_is_reported() {
		let (far, mut peers) = Far::new();
		let slow = connect(&far, &mut peers, 8);
		let sent = (0..100).filter(|_| peers.offer(&slow, vec![0; 1000])).count();
		assert_eq!(sent, 8);
		assert_eq!(far.sent.lock().len(), 8);
		let reports = far.reports.lock().clone();
		assert_eq!(reports.len(), 92 - STUCK_AFTER as usize);
		assert!(reports.iter().all(|report| *report == (slow, reputation::STUCK.value)));
	}

	#[test]
	fn a_peer_that_reads_again_is_not_reported() {
		let (far, mut peers) = Far::new();
		let peer = connect(&far, &mut peers, u32::MAX);
		assert!((0..100).all(|_| peers.offer(&peer, vec![0])));
		assert!(far.reports.lock().is_empty());
		assert!(!peers.offer(&PeerId::random(), vec![0]), "nobody is there");
	}

	#[test]
	fn no_identity_comes_first_more_often_than_others() {
		let (far, mut peers) = Far::new();
		let mut all: Vec<PeerId> = (0..8).map(|_| connect(&far, &mut peers, 8)).collect();
		let mut first = HashMap::new();
		for _ in 0..800 {
			let mut order = peers.in_random_order();
			*first.entry(order[0]).or_insert(0u32) += 1;
			order.sort();
			all.sort();
			assert_eq!(order, all);
		}
		assert_eq!(first.len(), 8);
		assert!(first.values().all(|times| (40..200).contains(times)), "{first:?}");
	}
}
