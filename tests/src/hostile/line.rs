//! A connection to a node, as another implementation would open it.

use super::{
	attack::Protocol,
	greeting, prefix,
	words::{receipt, Heard, Word},
	Orders, Target,
};
use crate::{identity::Identity, Error, Result};
use futures::StreamExt;
use litep2p::{
	config::ConfigBuilder,
	crypto::ed25519::{Keypair, SecretKey},
	executor::Executor,
	protocol::{
		libp2p::kademlia::{
			Config as KademliaConfig, ConfigBuilder as Kademlia, KademliaEvent, KademliaHandle, Quorum, Record,
			RecordKey,
		},
		notification::{
			Config, ConfigBuilder as NotificationConfig, NotificationEvent, NotificationHandle, NotificationSink,
			ValidationResult,
		},
		request_response::{ConfigBuilder as RequestConfig, DialOptions, RequestResponseEvent, RequestResponseHandle},
	},
	transport::tcp::config::Config as TcpConfig,
	types::multiaddr::Multiaddr,
	BandwidthSink, Litep2p, PeerId, ProtocolName,
};
use std::{
	collections::BTreeMap,
	future::Future,
	pin::Pin,
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc,
	},
	time::Duration,
};
use tokio::{
	sync::{
		mpsc::{channel, error::TrySendError, Receiver, Sender},
		Mutex,
	},
	task::JoinSet,
};

/// The largest message of any of the protocols.
const LARGEST: usize = 16 * 1024 * 1024;
/// Messages that wait to be sent on one protocol.
const QUEUE: usize = 64;
/// Bytes that wait to be sent on all protocols. The queue of a protocol is no bound: what leaves it waits for the
/// socket in a list without an end.
const UNSENT: usize = 16 * 1024 * 1024;
/// What is heard and waits to be taken in. Whoever takes in nothing stops the node's sending once this is full.
const HEARD: usize = 64;
/// Requests of one protocol that are not answered yet.
const IN_FLIGHT: usize = 64;
/// What a full node says on every protocol but that of announcements.
const FULL_NODE: u8 = 1;

/// What a node told on one of the protocols.
enum Told {
	/// It opened the protocol.
	Opened(Protocol, NotificationSink),
	/// It said something.
	Heard(Protocol, Vec<u8>),
	/// It closed the protocol.
	Closed,
}

/// What became of something that was to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
	/// It is on its way.
	Yes,
	/// There was no room, or the protocol is not open.
	NoRoom,
	/// The line is dead.
	Gone,
}

/// How many requests a node answered, and how many it refused.
#[derive(Debug, Default)]
pub struct Answers {
	/// Those answered.
	pub answered: AtomicU64,
	/// Those refused.
	pub refused: AtomicU64,
}

/// The tasks of one connection, which end when this is dropped: what waits to be sent lies in them, and a node that is
/// slow to read would keep it there long after the visit.
struct Tasks(Arc<Running>);

impl Drop for Tasks {
	fn drop(&mut self) {
		// Dropping the set ends its tasks; they know it, so that it would not go by itself.
		let tasks = self.0 .0.lock().take();
		drop(tasks);
	}
}

/// What a connection begins, until the connection ends.
struct Running(parking_lot::Mutex<Option<JoinSet<()>>>);

impl Running {
	fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
		if let Some(tasks) = &mut *self.0.lock() {
			while tasks.try_join_next().is_some() {}
			tasks.spawn(future);
		}
	}
}

impl Executor for Running {
	fn run(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
		self.spawn(future);
	}

	fn run_with_name(&self, _: &'static str, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
		self.spawn(future);
	}
}

/// The protocols of one connection. Dropping it closes the connection.
pub struct Line {
	told: Receiver<Told>,
	says: BTreeMap<Protocol, NotificationSink>,
	asks: BTreeMap<Protocol, Sender<Vec<u8>>>,
	answers: Arc<Answers>,
	/// Bytes that were said.
	said: usize,
	/// Bytes that have left.
	socket: BandwidthSink,
	_tasks: Tasks,
}

impl Line {
	/// Greets the node, and waits until it opens the protocols of votes and blocks; `None` if it does not.
	///
	/// # Errors
	/// If this side cannot be set up.
	pub async fn open(orders: &Orders, target: &Target, identity: &Identity, limit: Duration) -> Result<Option<Self>> {
		let failed = |error: litep2p::Error| Error::new(format!("a hostile peer cannot be set up: {error}"));
		let prefix = prefix(orders.genesis);
		let peer: PeerId = target
			.peer_id
			.parse()
			.map_err(|error| Error::new(format!("{}: {error:?}", target.peer_id)))?;
		let (ip, port) = (target.address.ip(), target.address.port());
		let address: Multiaddr = format!("/ip4/{ip}/tcp/{port}/p2p/{}", target.peer_id).parse()?;
		let tasks = Tasks(Arc::new(Running(parking_lot::Mutex::new(Some(JoinSet::new())))));
		let running = tasks.0.clone();
		let mut config = transport(identity)?.with_executor(running.clone());
		let (mut handles, mut questions) = (Vec::new(), Vec::new());
		for said in Protocol::SAID {
			let handshake = if said == Protocol::Announces {
				greeting(orders.genesis)
			} else {
				vec![FULL_NODE]
			};
			let (protocol, handle) = notifications(format!("{prefix}{}", said.suffix()), handshake);
			config = config.with_notification_protocol(protocol);
			handles.push((said, handle));
		}
		for asked in Protocol::ASKED {
			let name = ProtocolName::from(format!("{prefix}{}", asked.suffix()));
			let (protocol, handle) = RequestConfig::new(name).with_max_size(LARGEST).build();
			config = config.with_request_response_protocol(protocol);
			questions.push((asked, handle));
		}
		let (protocol, table) = discovery(format!("{prefix}{}", Protocol::Discovery.suffix()), peer, &address);
		config = config.with_libp2p_kademlia(protocol);
		let mut litep2p = Litep2p::new(config.build()).map_err(failed)?;
		let socket = litep2p.bandwidth_sink();
		litep2p.add_known_address(peer, std::iter::once(address));
		running.spawn(async move { while litep2p.next_event().await.is_some() {} });
		let (tells, told) = channel(HEARD);
		for (protocol, handle) in handles {
			if protocol == Protocol::Announces && handle.open_substream(peer).await.is_err() {
				return Ok(None);
			}
			running.spawn(attend(protocol, handle, tells.clone()));
		}
		let (answers, mut asks) = (Arc::new(Answers::default()), BTreeMap::new());
		for (protocol, handle) in questions {
			let (ask, words) = channel(IN_FLIGHT);
			asks.insert(protocol, ask);
			running.spawn(ask_all(peer, handle, words, answers.clone()));
		}
		let (ask, words) = channel(IN_FLIGHT);
		asks.insert(Protocol::Discovery, ask);
		running.spawn(look_up_all(peer, table, words, answers.clone()));
		let mut line = Self {
			told,
			says: BTreeMap::new(),
			asks,
			answers,
			said: 0,
			socket,
			_tasks: tasks,
		};
		let opened = tokio::time::timeout(limit, line.until_open()).await.unwrap_or(false);
		Ok(opened.then_some(line))
	}

	/// Waits until votes and blocks can be said; whether they can.
	async fn until_open(&mut self) -> bool {
		let needed = [Protocol::Votes, Protocol::Blocks];
		while !needed.iter().all(|protocol| self.says.contains_key(protocol)) {
			match self.told.recv().await {
				Some(Told::Opened(protocol, sink)) => {
					self.says.insert(protocol, sink);
				}
				Some(Told::Heard(..)) => (),
				Some(Told::Closed) | None => return false,
			}
		}
		true
	}

	/// Takes in what the node tells until it pauses for so long; whether it still listens, too.
	pub async fn listen(&mut self, pause: Duration, heard: &Mutex<Heard>) -> bool {
		// No more than there is room for, or one who only hears would never speak.
		for _ in 0..HEARD {
			match tokio::time::timeout(pause, self.told.recv()).await {
				Err(_) => return true,
				Ok(Some(Told::Opened(protocol, sink))) => {
					self.says.insert(protocol, sink);
				}
				Ok(Some(Told::Heard(protocol, bytes))) => self.hear(protocol, bytes, heard).await,
				Ok(Some(Told::Closed) | None) => return false,
			}
		}
		true
	}

	/// Takes in what the node says, and gives the receipts that it asks for: it would part with whoever gives none.
	async fn hear(&mut self, protocol: Protocol, bytes: Vec<u8>, heard: &Mutex<Heard>) {
		match protocol {
			Protocol::Votes | Protocol::Blocks => match receipt(&bytes) {
				Some(bytes) => {
					self.say(Word { protocol, bytes });
				}
				None if protocol == Protocol::Votes => heard.lock().await.vote(&bytes),
				None => heard.lock().await.block(&bytes),
			},
			_ => (),
		}
	}

	/// Says or asks something.
	pub fn say(&mut self, Word { protocol, bytes }: Word) -> Sent {
		if let Some(ask) = self.asks.get(&protocol) {
			return match ask.try_send(bytes) {
				Ok(()) => Sent::Yes,
				Err(TrySendError::Full(_)) => Sent::NoRoom,
				Err(TrySendError::Closed(_)) => Sent::Gone,
			};
		}
		if self.said.saturating_sub(self.socket.outbound()) > UNSENT {
			return Sent::NoRoom;
		}
		let length = bytes.len();
		match self.says.get(&protocol).map(|sink| sink.send_sync_notification(bytes)) {
			Some(Ok(())) => {
				self.said += length;
				Sent::Yes
			}
			_ => Sent::NoRoom,
		}
	}

	/// What became of the questions.
	pub fn answers(&self) -> &Answers {
		&self.answers
	}
}

/// Keys and a transport that only dials.
fn transport(identity: &Identity) -> Result<ConfigBuilder> {
	let mut secret = identity.secret();
	let secret = SecretKey::try_from_bytes(&mut secret).map_err(|error| Error::new(error.to_string()))?;
	Ok(ConfigBuilder::new()
		.with_keypair(Keypair::from(secret))
		.with_tcp(TcpConfig {
			listen_addresses: Vec::new(),
			reuse_port: false,
			..TcpConfig::default()
		}))
}

fn notifications(name: String, handshake: Vec<u8>) -> (Config, NotificationHandle) {
	NotificationConfig::new(ProtocolName::from(name))
		.with_max_size(LARGEST)
		.with_handshake(handshake)
		.with_auto_accept_inbound(true)
		.with_sync_channel_size(QUEUE)
		.build()
}

fn discovery(name: String, peer: PeerId, address: &Multiaddr) -> (KademliaConfig, KademliaHandle) {
	Kademlia::new()
		.with_protocol_names(vec![ProtocolName::from(name)])
		.with_known_peers([(peer, vec![address.clone()])].into())
		.build()
}

/// Answers what a protocol asks for, and tells what happens on it.
async fn attend(protocol: Protocol, mut handle: NotificationHandle, tells: Sender<Told>) {
	while let Some(event) = handle.next().await {
		let told = match event {
			NotificationEvent::ValidateSubstream { peer, .. } => {
				handle.send_validation_result(peer, ValidationResult::Accept);
				continue;
			}
			NotificationEvent::NotificationStreamOpened { peer, .. } => match handle.notification_sink(peer) {
				Some(sink) => Told::Opened(protocol, sink),
				None => continue,
			},
			NotificationEvent::NotificationReceived { notification, .. } => {
				Told::Heard(protocol, notification.to_vec())
			}
			// A node that parts with a peer closes all of them.
			NotificationEvent::NotificationStreamClosed { .. }
			| NotificationEvent::NotificationStreamOpenFailure { .. } => Told::Closed,
		};
		if tells.send(told).await.is_err() {
			return;
		}
	}
}

/// Asks what it is given, as long as not too much is unanswered. What a node asks is refused.
async fn ask_all(peer: PeerId, mut handle: RequestResponseHandle, mut words: Receiver<Vec<u8>>, answers: Arc<Answers>) {
	let mut in_flight = 0usize;
	loop {
		tokio::select! {
			word = words.recv(), if in_flight < IN_FLIGHT => {
				let Some(word) = word else { return };
				if handle.send_request(peer, word, DialOptions::Reject).await.is_ok() {
					in_flight += 1;
				}
			}
			event = handle.next() => match event {
				Some(RequestResponseEvent::ResponseReceived { .. }) => {
					in_flight = in_flight.saturating_sub(1);
					answers.answered.fetch_add(1, Ordering::Relaxed);
				}
				Some(RequestResponseEvent::RequestFailed { .. }) => {
					in_flight = in_flight.saturating_sub(1);
					answers.refused.fetch_add(1, Ordering::Relaxed);
				}
				Some(RequestResponseEvent::RequestReceived { request_id, .. }) => handle.reject_request(request_id),
				None => return,
			},
		}
	}
}

/// Looks up a node that is not there for each word that it is given, and has the word kept as a record.
async fn look_up_all(peer: PeerId, mut handle: KademliaHandle, mut words: Receiver<Vec<u8>>, answers: Arc<Answers>) {
	let mut in_flight = 0usize;
	loop {
		tokio::select! {
			word = words.recv(), if in_flight < IN_FLIGHT => {
				let Some(word) = word else { return };
				handle.find_node(PeerId::random()).await;
				let record = Record::new(RecordKey::new(&word), word);
				handle.put_record_to_peers(record, vec![peer], false, Quorum::One).await;
				in_flight += 2;
			}
			event = handle.next() => match event {
				Some(KademliaEvent::FindNodeSuccess { .. } | KademliaEvent::PutRecordSuccess { .. }) => {
					in_flight = in_flight.saturating_sub(1);
					answers.answered.fetch_add(1, Ordering::Relaxed);
				}
				Some(KademliaEvent::QueryFailed { .. }) => {
					in_flight = in_flight.saturating_sub(1);
					answers.refused.fetch_add(1, Ordering::Relaxed);
				}
				Some(_) => (),
				None => return,
			},
		}
	}
}
