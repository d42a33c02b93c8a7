//! The peers of one notification protocol: who they are, and what goes to and comes from them.

use crate::net::{
	limits::FloodLimit,
	unread::{Frame, Unread, PATIENCE},
};
use codec::{DecodeAll, Encode};
use futures::{FutureExt, StreamExt};
use sc_network::{
	multiaddr,
	service::traits::{MessageSink, NetworkService, NotificationEvent, NotificationService, ValidationResult},
	types::ProtocolName,
	Multiaddr, PeerId, ReputationChange,
};
use sc_network_sync::{SyncEvent, SyncEventStream};
use smartchain_chain::{Metrics, LOG_TARGET};
use sp_core::traits::SpawnEssentialNamed;
use std::{
	collections::{hash_map::RandomState, HashMap},
	hash::BuildHasher,
	iter,
	sync::Arc,
	time::Instant,
};

pub(crate) use crate::net::limits::reputation;

/// After as many blocks in a row for which a peer's queue had no room it is reported with each further one.
const STUCK_AFTER: u32 = 8;
/// For so many voters' worth of useless messages a peer may ask for receipts: 128 a second. Honest ones ask for few.
const QUESTIONS: usize = 2;

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
	/// Large messages in a row for which there was no room.
	refused: u32,
	/// What it was sent and has not read.
	unread: Unread,
	/// When it was last reported for reading nothing.
	complained: Option<Instant>,
}

impl Line {
	/// Gives bytes to the network; whether it took them. Small ones it always takes, and loses what is too much.
	fn hand_over(&self, bytes: Vec<u8>, size: Size) -> bool {
		match size {
			Size::Small => {
				self.sink.send_sync_notification(bytes);
				true
			}
			// Unconstrained, or a task that has done much already would find every queue full.
			Size::Large => tokio::task::unconstrained(self.sink.send_async_notification(bytes))
				.now_or_never()
				.is_some_and(|sent| sent.is_ok()),
		}
	}
}

/// The peers of one notification protocol: all that the node syncs with.
pub(crate) struct Peers {
	events: async_channel::Receiver<PeerEvent<Sink>>,
	report: Report,
	lines: HashMap<PeerId, Line>,
	/// Makes the order in which peers are served, another each time: nobody can choose an identity that comes first.
	order: RandomState,
	rounds: u64,
	/// Questions for receipts, by peer.
	questions: FloodLimit,
	/// What metrics call the protocol.
	label: &'static str,
	metrics: Metrics,
}

/// How a message is handed to the network.
#[derive(Clone, Copy)]
enum Size {
	Small,
	Large,
}

/// A protocol, as [`Peers::spawn`] needs it.
pub(crate) struct Protocol {
	/// On the wire.
	pub name: ProtocolName,
	/// What its tasks are called.
	pub task: &'static str,
	/// What metrics call it.
	pub label: &'static str,
	/// How many events wait for the owner before the network has to.
	pub queue: usize,
}

impl Peers {
	/// Spawns what listens to the protocol, and returns what its owner reads and writes.
	pub fn spawn(
		protocol: Protocol,
		mut service: Box<dyn NotificationService>,
		network: Arc<dyn NetworkService>,
		sync: &dyn SyncEventStream,
		spawner: &impl SpawnEssentialNamed,
		metrics: Metrics,
	) -> Self {
		let Protocol {
			name,
			task,
			label,
			queue,
		} = protocol;
		let (sender, events) = async_channel::bounded(queue);
		let mut sync_events = sync.event_stream(task);
		let listened_network = network.clone();
		// The service's future must run to its end each time: dropped between, it may forget a command.
		let listen = async move {
			let follow = async {
				while let Some(event) = sync_events.next().await {
					follow_sync(&*listened_network, &name, event);
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
		spawner.spawn_essential(task, Some("poca"), Box::pin(listen));
		let report = Arc::new(move |peer, change| network.report_peer(peer, change));
		Self::new(events, report, label, metrics)
	}

	fn new(
		events: async_channel::Receiver<PeerEvent<Sink>>,
		report: Report,
		label: &'static str,
		metrics: Metrics,
	) -> Self {
		Self {
			events,
			report,
			lines: HashMap::new(),
			order: RandomState::new(),
			rounds: 0,
			questions: FloodLimit::new(QUESTIONS),
			label,
			metrics,
		}
	}

	/// The next event; `None` when the network has stopped. Safe to drop between polls.
	pub async fn next(&mut self) -> Option<PeerEvent> {
		loop {
			match self.events.recv().await.ok()? {
				PeerEvent::Opened(peer, sink) => {
					let line = Line {
						sink,
						refused: 0,
						unread: Unread::default(),
						complained: None,
					};
					self.lines.insert(peer, line);
					return Some(PeerEvent::Opened(peer, ()));
				}
				PeerEvent::Closed(peer) => {
					self.lines.remove(&peer);
					return Some(PeerEvent::Closed(peer));
				}
				PeerEvent::Received(peer, bytes) => match Frame::decode_all(&mut &bytes[..]) {
					Ok(frame) => self.take(peer, frame, Instant::now()),
					Err(_) => return Some(PeerEvent::Received(peer, bytes)),
				},
			}
		}
	}

	/// Answers a question for a receipt, or takes a receipt.
	fn take(&mut self, peer: PeerId, frame: Frame, now: Instant) {
		if self.questions.is_over(&peer, now) {
			self.metrics.dropped(self.label, "questions");
			if self.questions.complains(peer, now) {
				self.report(peer, reputation::FLOOD);
			}
			return;
		}
		let Some(line) = self.lines.get_mut(&peer) else {
			return;
		};
		match frame {
			Frame::Ask(token) => {
				self.questions.count(peer, now);
				// Whoever asks and does not read gets no more of them than there is room for.
				if line.unread.has_room_for_receipt() {
					line.sink.send_sync_notification(Frame::Receipt(token).encode());
					line.unread.sent(Frame::BYTES);
				}
			}
			Frame::Receipt(token) => {
				if !line.unread.receipt(token) {
					// No offence: the protocol may have been closed and opened since it was asked for.
					self.questions.count(peer, now);
					self.metrics.dropped(self.label, "receipts");
				}
			}
		}
	}

	/// Hands a message to the network, if the peer has read enough of those before; whether there was room. What has no
	/// room is dropped: the peer fetches it after an announcement, or gets it when it is sent again.
	fn put(&mut self, peer: &PeerId, bytes: Vec<u8>, size: Size, now: Instant) -> bool {
		let Some(line) = self.lines.get_mut(peer) else {
			return false;
		};
		let length = bytes.len();
		let room = line.unread.has_room(length);
		let sent = room && line.hand_over(bytes, size);
		if sent {
			line.unread.sent(length);
		}
		if !room {
			self.metrics.dropped(self.label, "unread");
		}
		if line.unread.is_to_be_asked(now) {
			let token = self.order.hash_one((peer, self.rounds));
			self.rounds = self.rounds.wrapping_add(1);
			// As the message before it: the network has a queue for each size, and empties them as it likes. So a
			// receipt may overtake what is in the other one, which is eight large messages at most.
			if line.hand_over(Frame::Ask(token).encode(), size) {
				line.unread.asked(token, now);
			}
		}
		if line.unread.is_stuck(now) && line.complained.is_none_or(|last| now.duration_since(last) >= PATIENCE) {
			line.complained = Some(now);
			log::debug!(target: LOG_TARGET, "{peer} has read nothing of {} for a minute", self.label);
			(self.report)(*peer, reputation::READS_NOTHING);
		}
		sent
	}

	/// Queues a small message, such as a vote, for a peer. What the peer or the network does not take in time is lost,
	/// and sent again when needed.
	pub fn send(&mut self, peer: &PeerId, bytes: Vec<u8>) {
		self.put(peer, bytes, Size::Small, Instant::now());
	}

	/// Queues a small message for every peer but one.
	pub fn broadcast(&mut self, bytes: &[u8], except: Option<PeerId>) {
		for peer in self.in_random_order() {
			if Some(peer) != except {
				self.send(&peer, bytes.to_vec());
			}
		}
	}

	/// Queues a large message, such as a block or a certificate, for a peer; whether there was room. A peer for which
	/// there is none again and again loses reputation.
	pub fn offer(&mut self, peer: &PeerId, bytes: Vec<u8>) -> bool {
		let sent = self.put(peer, bytes, Size::Large, Instant::now());
		let Some(line) = self.lines.get_mut(peer) else {
			return false;
		};
		line.refused = if sent { 0 } else { line.refused.saturating_add(1) };
		if line.refused > STUCK_AFTER {
			(self.report)(*peer, reputation::STUCK);
		}
		sent
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
				"votes",
				Metrics::default(),
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
	use crate::net::unread::UNREAD_BYTES;
	use std::time::Duration;

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

	/// Takes in what the peer says, which is not for the owner.
	fn take_in(peers: &mut Peers) {
		assert!(peers.next().now_or_never().is_none());
	}

	/// The questions that a peer was sent.
	fn questions(far: &Far) -> Vec<u64> {
		let sent = far.sent.lock();
		let frames = sent
			.iter()
			.filter_map(|(_, bytes)| Frame::decode_all(&mut &bytes[..]).ok());
		let tokens = frames.filter_map(|frame| match frame {
			Frame::Ask(token) => Some(token),
			Frame::Receipt(_) => None,
		});
		tokens.collect()
	}

	fn bytes(far: &Far) -> usize {
		far.sent.lock().iter().map(|(_, bytes)| bytes.len()).sum()
	}

	/// The network takes whatever it is given, as the real one does.
	#[test]
	fn a_peer_that_gives_no_receipts_costs_no_more_than_is_allowed_and_one_that_does_gets_all() {
		let (far, mut peers) = Far::new();
		let peer = connect(&far, &mut peers, u32::MAX);
		let block = vec![1; 150_000];
		let sent = (0..1000).filter(|_| peers.offer(&peer, block.clone())).count();
		assert_eq!(sent, UNREAD_BYTES / 150_100);
		(0..1000).for_each(|_| peers.send(&peer, vec![1; 200]));
		assert!(bytes(&far) <= UNREAD_BYTES + 1000, "{}", bytes(&far));
		assert!(far
			.reports
			.lock()
			.iter()
			.all(|report| *report == (peer, reputation::STUCK.value)));

		let reader = connect(&far, &mut peers, u32::MAX);
		for _ in 0..1000 {
			far.sent.lock().clear();
			assert!(peers.offer(&reader, block.clone()));
			for token in questions(&far) {
				far.says(reader, Frame::Receipt(token).encode());
			}
			take_in(&mut peers);
		}
	}

	#[test]
	fn a_peer_that_reads_nothing_for_a_minute_is_parted_with() {
		let (far, mut peers) = Far::new();
		let peer = connect(&far, &mut peers, u32::MAX);
		let start = Instant::now();
		let vote = |second| start + Duration::from_secs(second);
		assert!(peers.put(&peer, vec![1; 300_000], Size::Large, start));
		for second in 0..60 {
			peers.put(&peer, vec![1; 100], Size::Small, vote(second));
		}
		assert!(far.reports.lock().is_empty());
		for second in 60..150 {
			peers.put(&peer, vec![1; 100], Size::Small, vote(second));
		}
		assert_eq!(*far.reports.lock(), [(peer, reputation::READS_NOTHING.value); 2]);
	}

	#[test]
	fn questions_are_answered_and_a_flood_of_them_is_not() {
		let (far, mut peers) = Far::new();
		let peer = connect(&far, &mut peers, u32::MAX);
		far.says(peer, Frame::Ask(7).encode());
		take_in(&mut peers);
		assert_eq!(*far.sent.lock(), [(peer, Frame::Receipt(7).encode())]);
		(0..10_000).for_each(|token| far.says(peer, Frame::Ask(token).encode()));
		take_in(&mut peers);
		let answers = far.sent.lock().len();
		assert!((128..400).contains(&answers), "{answers}");
		assert!(far.reports.lock().contains(&(peer, reputation::FLOOD.value)));
	}

	#[test]
	fn receipts_that_nobody_asked_for_stand_for_nothing_and_a_flood_of_them_is_reported() {
		let (far, mut peers) = Far::new();
		let peer = connect(&far, &mut peers, u32::MAX);
		assert!(peers.offer(&peer, vec![1; 300_000]));
		let tokens = questions(&far);
		assert_eq!(tokens.len(), 1);
		// A few, such as those of before the protocol was opened anew, cost nothing.
		(1..=100).for_each(|other| far.says(peer, Frame::Receipt(tokens[0].wrapping_add(other)).encode()));
		take_in(&mut peers);
		assert!(far.reports.lock().is_empty());
		let sent = (0..100).filter(|_| peers.offer(&peer, vec![1; 150_000])).count();
		assert!(sent < 54, "{sent}");
		(1..=10_000).for_each(|other| far.says(peer, Frame::Receipt(tokens[0].wrapping_add(other)).encode()));
		take_in(&mut peers);
		assert!(far.reports.lock().contains(&(peer, reputation::FLOOD.value)));
	}

	#[test]
	fn a_peer_to_which_nothing_more_may_be_sent_still_gets_receipts() {
		let (far, mut peers) = Far::new();
		let peer = connect(&far, &mut peers, u32::MAX);
		while peers.offer(&peer, vec![1; 1000]) {}
		far.sent.lock().clear();
		far.says(peer, Frame::Ask(7).encode());
		take_in(&mut peers);
		assert!(far.sent.lock().contains(&(peer, Frame::Receipt(7).encode())));
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
