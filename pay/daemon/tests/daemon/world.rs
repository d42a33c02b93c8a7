//! People with daemons.

use channel_primitives::{Account, ChannelId};
use smart_agent_chain::{PairSigner, Signer};
use smart_agent_keys::{DeviceSecret, Phrase};
use smart_pay_api::{Answer, Ask, Asked, ChannelView, PayView, Planck};
use smart_pay_chain::testing::{FakeLedger, GENESIS};
use smart_pay_config::Config;
use smart_pay_daemon::{testing::Dies, Daemon, Ended, Setup};
use smart_pay_frames::{
	invoice::InvoiceSecret,
	wire::{Frame, NodeKey, Wire, WireEvent},
};
use smart_pay_store::{verify, ChannelStore, HotKeys, Options};
use sp_core::{sr25519, Pair};
use std::{
	collections::{BTreeMap, BTreeSet},
	path::{Path, PathBuf},
	sync::{Arc, Mutex},
	time::{Duration, Instant},
};
use tokio::{
	sync::{mpsc, oneshot},
	task::JoinHandle,
};

const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(60);
/// How often a block comes.
const BLOCK: Duration = Duration::from_millis(10);
/// An STCI, in planck.
pub const STCI: u128 = 1_000_000_000_000;
/// The window of channels here.
pub const WINDOW: u32 = 7_200;

/// A wire in memory: whoever is there is reached at once.
#[derive(Clone, Default)]
pub struct Hub(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
	there: BTreeMap<NodeKey, mpsc::Sender<WireEvent>>,
	wanted: BTreeSet<(NodeKey, NodeKey)>,
	/// Whether nobody reaches anybody.
	cut: bool,
}

impl Inside {
	fn tell(&self, to: &NodeKey, event: WireEvent) -> bool {
		self.there.get(to).is_some_and(|events| events.try_send(event).is_ok())
	}

	fn link(&self, one: NodeKey, other: NodeKey) {
		if !self.cut && self.there.contains_key(&one) && self.there.contains_key(&other) {
			self.tell(&one, WireEvent::Up(other));
			self.tell(&other, WireEvent::Up(one));
		}
	}

	fn partners(&self, of: NodeKey) -> Vec<NodeKey> {
		let pairs = self.wanted.iter().filter(|(one, other)| *one == of || *other == of);
		pairs
			.map(|(one, other)| if *one == of { *other } else { *one })
			.collect()
	}
}

impl Hub {
	/// Somebody is there, with or without a daemon.
	pub fn join(&self, key: NodeKey) -> (MemoryWire, mpsc::Receiver<WireEvent>) {
		let (events, receiver) = mpsc::channel(65_536);
		let mut inside = self.0.lock().expect("the hub");
		inside.there.insert(key, events);
		for partner in inside.partners(key) {
			inside.link(key, partner);
		}
		drop(inside);
		(MemoryWire { hub: self.clone(), key }, receiver)
	}

	/// What a node would say that is there already.
	pub fn speak_as(&self, key: NodeKey) -> MemoryWire {
		MemoryWire { hub: self.clone(), key }
	}

	fn leave(&self, key: NodeKey) {
		let mut inside = self.0.lock().expect("the hub");
		inside.there.remove(&key);
		for partner in inside.partners(key) {
			inside.tell(&partner, WireEvent::Down(key));
		}
	}

	/// There is no network any more.
	pub fn cut(&self) {
		self.0.lock().expect("the hub").cut = true;
	}
}

pub struct MemoryWire {
	hub: Hub,
	key: NodeKey,
}

impl Wire for MemoryWire {
	fn want(&self, node: NodeKey, _: &str) {
		let mut inside = self.hub.0.lock().expect("the hub");
		let pair = (self.key.min(node), self.key.max(node));
		if inside.wanted.insert(pair) {
			inside.link(self.key, node);
		}
	}

	fn forget(&self, node: NodeKey) {
		let mut inside = self.hub.0.lock().expect("the hub");
		let pair = (self.key.min(node), self.key.max(node));
		if inside.wanted.remove(&pair) {
			inside.tell(&self.key, WireEvent::Down(node));
			inside.tell(&node, WireEvent::Down(self.key));
		}
	}

	fn send(&self, node: NodeKey, frame: Frame) -> bool {
		let inside = self.hub.0.lock().expect("the hub");
		!inside.cut && inside.tell(&node, WireEvent::Said(self.key, Box::new(frame)))
	}

	fn seal(&self, node: NodeKey, bytes: &[u8]) -> Option<Vec<u8>> {
		Some([&self.key[..], &node[..], bytes].concat())
	}

	fn open(&self, sealed: &[u8]) -> Option<(NodeKey, Vec<u8>)> {
		let (by, rest) = sealed.split_at_checked(32)?;
		let (to, bytes) = rest.split_at_checked(32)?;
		(to == self.key).then(|| (by.try_into().expect("32 bytes"), bytes.to_vec()))
	}

	fn key(&self) -> NodeKey {
		self.key
	}
}

/// A person with a daemon.
pub struct Person {
	name: &'static str,
	pub account: Account,
	pub node: NodeKey,
	pub config: Config,
	folder: PathBuf,
	pair: sr25519::Pair,
	asking: Option<mpsc::Sender<Asked>>,
	task: Option<JoinHandle<Ended>>,
	dies: Dies,
}

/// All of them, with their chain.
pub struct World {
	pub chain: FakeLedger,
	pub hub: Hub,
	folder: tempfile::TempDir,
}

impl World {
	pub fn new() -> Self {
		Self {
			chain: FakeLedger::new([0; 32], verify),
			hub: Hub::default(),
			folder: tempfile::tempdir().expect("a folder"),
		}
	}

	/// Alice and Bob, both as they come.
	pub fn alice_and_bob(&self) -> (Person, Person) {
		let [alice, bob] = ["alice", "bob"].map(|name| self.person(name, Config::default()));
		(alice, bob)
	}

	/// Somebody with a daemon that runs.
	pub fn person(&self, name: &'static str, mut config: Config) -> Person {
		// Whoever has an invoice reaches its payee.
		config.node.url = "memory".into();
		let pair = sr25519::Pair::from_string(&format!("//{name}"), None).expect("a pair");
		let mut person = Person {
			name,
			account: pair.public().0,
			node: [0; 32],
			config,
			folder: self.folder.path().join(name),
			pair,
			asking: None,
			task: None,
			dies: Dies::default(),
		};
		// The key that letters are sealed for.
		person.node = smart_pay_routes::letter::node_key(&person.keys().node_secret());
		self.start(&mut person);
		person
	}

	/// Starts a daemon with what its store has.
	pub fn start(&self, person: &mut Person) {
		self.start_beside(person, true);
	}

	/// The same where no node of the chain is.
	pub fn start_without_chain(&self, person: &mut Person) {
		self.start_beside(person, false);
	}

	fn start_beside(&self, person: &mut Person, chain: bool) {
		let options = Options::new(GENESIS, person.account);
		let store = ChannelStore::open(&person.folder.join("channels"), &options).expect("a store");
		let (wire, events) = self.hub.join(person.node);
		let (asking, asked) = mpsc::channel(16);
		let (ledgers, receiver) = mpsc::channel(1);
		if chain {
			ledgers
				.try_send(Arc::new(self.chain.seen_by(person.account)))
				.expect("there is room");
		}
		let signer: Arc<dyn Signer> = Arc::new(PairSigner(person.pair.clone()));
		let daemon = Daemon::new(Setup {
			account: person.account,
			signer: Some(signer),
			keys: person.keys(),
			invoices: InvoiceSecret::new([person.node[0]; 32]),
			genesis: GENESIS,
			config: person.config.clone(),
			folder: person.folder.clone(),
			store,
			ledgers: receiver,
			wire: Arc::new(wire),
			events,
			asked,
		});
		let daemon = daemon.expect("a daemon");
		person.asking = Some(asking);
		person.dies = daemon.dies();
		person.task = Some(tokio::spawn(daemon.run()));
	}

	/// Ends a daemon at whatever point it is.
	pub async fn kill(&self, person: &mut Person) {
		self.hub.leave(person.node);
		person.asking = None;
		if let Some(task) = person.task.take() {
			task.abort();
			let _ = task.await;
		}
	}

	/// Blocks come until something is so: one each ten milliseconds, so that nothing expires meanwhile.
	pub async fn until(&self, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
		let began = Instant::now();
		self.chain.next(1);
		let mut last = Instant::now();
		while !is_so().await {
			assert!(began.elapsed() < LIMIT, "{what} takes more than {LIMIT:?}");
			if last.elapsed() >= BLOCK {
				self.chain.next(1);
				last = Instant::now();
			}
			tokio::task::yield_now().await;
		}
	}

	/// A channel that one opens with another, when both can use it.
	pub async fn open(&self, opener: &Person, partner: &Person, deposit: u128) -> ChannelId {
		let before = opener.channels().await.len();
		let ask = Ask::Open {
			node: partner.node.iter().map(|byte| format!("{byte:02x}")).collect(),
			url: "memory".into(),
			deposit: Planck(deposit),
			window: WINDOW,
			dry_run: false,
		};
		// The partner has to know the time of the chain.
		self.until("a first block", async || {
			partner.status_block().await > 0 && opener.status_block().await > 0
		})
		.await;
		let answer = opener.ask(ask).await;
		assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
		self.until("a channel", async || {
			let (ours, theirs) = (opener.channels().await, partner.channels().await);
			let ready = |all: &[ChannelView]| all.last().is_some_and(|view| view.connected && view.state == "open");
			ours.len() > before && ready(&ours) && ready(&theirs)
		})
		.await;
		opener.channels().await.last().expect("it is there").channel
	}

	/// Pays, and waits until all of it has ended.
	pub async fn pay(&self, payer: &Person, invoice: &str, times: u32) -> PayView {
		let view = payer.begin(invoice, times).await;
		self.paid(payer, view.payment).await
	}

	/// Waits until a payment has ended.
	pub async fn paid(&self, payer: &Person, payment: u64) -> PayView {
		self.until("a payment", async || payer.payment(payment).await.done)
			.await;
		payer.payment(payment).await
	}
}

impl Person {
	/// Its hot keys.
	pub fn keys(&self) -> HotKeys {
		let phrase = Phrase::parse(WORDS).expect("a phrase");
		let name = self.name.parse().expect("a name");
		HotKeys::new(DeviceSecret::derive(&phrase, &name).expect("a secret"))
	}

	pub fn folder(&self) -> &Path {
		&self.folder
	}

	/// Its daemon ends after so many more commits, before anything is done of the last one.
	pub fn die_after(&self, commits: u64) {
		self.dies.after(commits);
	}

	pub fn has_ended(&self) -> bool {
		self.task.as_ref().is_none_or(JoinHandle::is_finished)
	}

	/// What a daemon answers that may end meanwhile.
	pub async fn try_ask(&self, ask: Ask) -> Option<Answer> {
		let (reply, answer) = oneshot::channel();
		self.asking.as_ref()?.send(Asked::Ask(ask, reply)).await.ok()?;
		tokio::time::timeout(LIMIT, answer).await.ok()?.ok()
	}

	pub async fn ask(&self, ask: Ask) -> Answer {
		let (reply, answer) = oneshot::channel();
		let asking = self.asking.as_ref().expect("it runs");
		asking.send(Asked::Ask(ask, reply)).await.expect("it runs");
		tokio::time::timeout(LIMIT, answer)
			.await
			.expect("in time")
			.expect("it answers")
	}

	pub async fn channels(&self) -> Vec<ChannelView> {
		match self.ask(Ask::Channels).await {
			Answer::Channels(all) => all,
			other => panic!("{other:?}"),
		}
	}

	pub async fn status_block(&self) -> u32 {
		match self.ask(Ask::Status).await {
			Answer::Status(status) => status.block,
			other => panic!("{other:?}"),
		}
	}

	pub async fn invoice(&self, amount: u128) -> String {
		let ask = Ask::Invoice {
			amount: Planck(amount),
			seconds: 3_600,
			text: "tea".into(),
		};
		match self.ask(ask).await {
			Answer::Invoice(text) => text,
			other => panic!("{other:?}"),
		}
	}

	pub async fn begin(&self, invoice: &str, times: u32) -> PayView {
		let ask = Ask::Pay {
			invoice: invoice.into(),
			times,
			dry_run: false,
		};
		match self.ask(ask).await {
			Answer::Pay(view) => view,
			other => panic!("{other:?}"),
		}
	}

	pub async fn payment(&self, payment: u64) -> PayView {
		match self.ask(Ask::Paid { payment }).await {
			Answer::Pay(view) => view,
			other => panic!("{other:?}"),
		}
	}
}

/// A configuration that carries payments on.
pub fn relay() -> Config {
	let mut config = Config::default();
	config.relay.enabled = true;
	config.relay.fee_base = 1_000;
	config.relay.fee_ppm = 0;
	config.relay.least = 0;
	config
}
