//! The daemon: one task that owns the machine, and tells it what comes from the chain, from partners and from commands.
//!
//! Each event makes a step; steps are stored by a thread of their own, many at once; what comes of them is signed
//! and sent when they are stored. Whatever fails on the way is said again by the machine: messages may be lost, calls
//! may be.

mod act;
mod answer;
mod arrive;
mod chain;
mod notices;
mod open;
mod pays;
mod peers;
mod streams;
#[cfg(feature = "testing")]
pub mod testing;
mod tower;

pub use peers::NoiseWire;

use chain::known::Known;
use channel_primitives::{Account, Balance, ChannelId, ChannelKey, Hash};
use smart_agent_chain::Signer;
use smart_pay_api::{metrics::Counts, Asked};
use smart_pay_chain::{Interest, Ledger, Mark, Report, Submitter, Tale};
use smart_pay_config::Config;
use smart_pay_frames::{
	invoice::InvoiceSecret,
	wire::{NodeKey, Wire, WireEvent},
};
use smart_pay_routes::letter::Seen;
use smart_pay_store::{ChannelSigner, ChannelStore, Committed, Committer, Contact, HotKeys, Records, StoreError};
use smartchain_channel::{conditions_of, Event, Message, Party, Place, Refused};
use std::{
	collections::{BTreeMap, BTreeSet, VecDeque},
	path::PathBuf,
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::{sync::mpsc, time::MissedTickBehavior};
use zeroize::Zeroizing;

/// How often the machine is woken.
const WAKE: Duration = Duration::from_secs(1);
/// For how long what partners say is taken in, before what is stored goes out.
const TAKES_IN: Duration = Duration::from_millis(2);
/// How many tales, reports and openings wait.
const WAITING: usize = 64;
/// How long a tick is taken to be, if nothing is told: half a second.
pub(crate) const TICK: Duration = Duration::from_millis(500);

/// Why the daemon has ended.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
	/// The store does not take anything any more.
	#[error("{0}")]
	Store(StoreError),
	/// Something was told that must not be: two programs on one store, or a fault of this one.
	#[error("the commit thread has ended: restart smart-pay, and look at the lines above")]
	Thread,
	/// Nobody can ask any more: the program ends.
	#[error("the program ends")]
	Told,
}

/// What a daemon is made of.
pub struct Setup<L> {
	/// Whose it is.
	pub account: Account,
	/// The account's key; without it nothing is signed for the chain, and no channel is agreed to.
	pub signer: Option<Arc<dyn Signer>>,
	/// The keys of channels.
	pub keys: HotKeys,
	/// What invoices are made of.
	pub invoices: InvoiceSecret,
	/// The chain's genesis.
	pub genesis: Hash,
	/// What a person chose.
	pub config: Config,
	/// The data folder.
	pub folder: PathBuf,
	/// The store.
	pub store: ChannelStore,
	/// The chain, once a node is reached.
	pub ledgers: mpsc::Receiver<Arc<L>>,
	/// Connections with partners.
	pub wire: Arc<dyn Wire>,
	/// What happens there.
	pub events: mpsc::Receiver<WireEvent>,
	/// What commands ask.
	pub asked: mpsc::Receiver<Asked>,
}

/// The chain, as long as there is one.
struct OnChain<L> {
	ledger: Arc<L>,
	submitter: Submitter<L>,
	tales: mpsc::Receiver<Tale>,
	/// Since when it has not answered in time what it was asked; none if it did.
	silent: Option<Instant>,
}

/// The daemon.
pub struct Daemon<L> {
	account: Account,
	signer: Option<Arc<dyn Signer>>,
	keys: HotKeys,
	invoices: InvoiceSecret,
	genesis: Hash,
	config: Config,
	folder: PathBuf,
	party: Party,
	records: Records,
	committer: Committer,
	committed: mpsc::UnboundedReceiver<Result<Committed, StoreError>>,
	/// Steps that were handed to the store since the start; `counts.steps` of them are stored.
	handed_over: u64,
	known: Known,
	ledgers: mpsc::Receiver<Arc<L>>,
	chain: Option<OnChain<L>>,
	interest: Interest,
	mark: Option<Mark>,
	told: u32,
	told_at: Option<Instant>,
	/// The same by the clock, in seconds of Unix time: it goes on while a computer sleeps.
	told_unix: u64,
	/// When a block was told that was the newest one then, before this start too; 0: that is not known.
	seen_unix: u64,
	/// Whether the chain is still to be asked what was revealed in blocks that were passed over.
	unasked: bool,
	trouble: Option<String>,
	reports: (mpsc::Sender<Report>, mpsc::Receiver<Report>),
	wire: Arc<dyn Wire>,
	events: mpsc::Receiver<WireEvent>,
	asked: mpsc::Receiver<Asked>,
	contacts: BTreeMap<ChannelId, Contact>,
	/// Keys of ours that have signed since the start.
	signings: BTreeMap<ChannelKey, ChannelSigner>,
	peers: BTreeMap<NodeKey, peers::Peer>,
	/// Channels whose messages go by file, with what waits there.
	by_file: BTreeMap<ChannelId, VecDeque<Message>>,
	openings: open::Openings,
	pays: pays::Pays,
	begun: pays::Begun,
	map: pays::Map,
	/// Letters that came.
	seen: Seen,
	/// What opens them: the node's secret.
	opens: Zeroizing<[u8; 32]>,
	parked: arrive::Parked,
	tower: tower::Watcher,
	streams: streams::Streams,
	counts: Counts,
	/// Channels whose partner was greeted on this connection.
	greeted: BTreeSet<ChannelId>,
	/// How often each partner wanted all to be said again in this second.
	repeats: BTreeMap<ChannelId, u8>,
	/// What is earned by locks that were carried on since the start, once they are paid.
	carried: BTreeMap<Place, Balance>,
	/// After how many more commits it ends, before anything is done of the last: tests kill it so.
	#[cfg(feature = "testing")]
	dies: testing::Dies,
}

impl<L: Ledger> Daemon<L> {
	/// A daemon that goes on with what is stored.
	///
	/// # Errors
	/// Those of the store.
	pub fn new(setup: Setup<L>) -> Result<Self, StoreError> {
		let records = setup.store.records();
		let party = setup.store.restore(setup.config.core())?;
		let told = records.told()?.unwrap_or(0);
		let starts = records.starts()?;
		let contacts: BTreeMap<ChannelId, Contact> = records.contacts()?.into_iter().collect();
		let (done, committed) = mpsc::unbounded_channel();
		let committer = Committer::start(setup.store, move |result| {
			// It fails if the daemon has ended: then nothing is done of it.
			let _ = done.send(result);
		})?;
		let tower = tower::Watcher::load(&setup.folder);
		let interest = Interest::new(party.channels().chain(tower.channels()));
		let (mark, seen_unix) = chain::load_mark(&setup.folder).unzip();
		let openings = open::Openings::load(&setup.folder);
		let begun = pays::Begun::load(&setup.folder);
		let streams = streams::Streams::load(records.orders()?);
		let opens = setup.keys.node_secret();
		let mut daemon = Self {
			account: setup.account,
			signer: setup.signer,
			keys: setup.keys,
			invoices: setup.invoices,
			genesis: setup.genesis,
			config: setup.config,
			folder: setup.folder,
			party,
			records,
			committer,
			committed,
			handed_over: 0,
			known: Known::default(),
			ledgers: setup.ledgers,
			chain: None,
			interest,
			mark,
			told,
			told_at: None,
			told_unix: 0,
			seen_unix: seen_unix.unwrap_or(0),
			unasked: false,
			trouble: Some("no node of the chain was reached yet".into()),
			reports: mpsc::channel(WAITING),
			wire: setup.wire,
			events: setup.events,
			asked: setup.asked,
			contacts,
			signings: BTreeMap::new(),
			peers: BTreeMap::new(),
			by_file: BTreeMap::new(),
			openings,
			pays: pays::Pays::new(starts),
			begun,
			map: pays::Map::default(),
			seen: Seen::default(),
			opens,
			parked: arrive::Parked::default(),
			tower,
			streams,
			counts: Counts::default(),
			greeted: BTreeSet::new(),
			repeats: BTreeMap::new(),
			carried: BTreeMap::new(),
			#[cfg(feature = "testing")]
			dies: testing::Dies::default(),
		};
		daemon.take_up_orders()?;
		Ok(daemon)
	}

	/// What ends it at a commit.
	#[cfg(feature = "testing")]
	pub fn dies(&self) -> testing::Dies {
		self.dies.clone()
	}

	/// Does its work until the store fails or the program ends. What was stored then is all that was done.
	pub async fn run(mut self) -> Ended {
		self.begin().await;
		let mut wake = tokio::time::interval(WAKE);
		wake.set_missed_tick_behavior(MissedTickBehavior::Delay);
		loop {
			if self.committer.is_stopped() {
				return self.why_stopped();
			}
			tokio::select! {
				// What is stored goes out before more is taken in.
				biased;
				done = self.committed.recv() => match done {
					Some(done) => {
						if let Some(ended) = self.on_committed(done).await {
							return ended;
						}
					}
					None => return Ended::Thread,
				},
				Some(ledger) = self.ledgers.recv() => self.on_ledger(ledger),
				tale = next_tale(&mut self.chain) => self.on_tale(tale).await,
				Some(report) = self.reports.1.recv() => self.on_report(report),
				Some(opened) = self.openings.done() => self.on_carried(opened),
				Some(event) = self.events.recv() => self.on_events(event).await,
				asked = self.asked.recv() => match asked {
					Some(asked) => self.on_asked(asked).await,
					None => return Ended::Told,
				},
				() = tokio::time::sleep_until(self.streams.due()) => self.pace_streams().await,
				_ = wake.tick() => self.on_wake().await,
			}
		}
	}

	/// What partners say that has come: what follows from it is stored at once, as far as it can be.
	async fn on_events(&mut self, first: WireEvent) {
		let began = Instant::now();
		self.on_wire(first).await;
		while !self.committer.is_stopped() && began.elapsed() < TAKES_IN {
			let Ok(event) = self.events.try_recv() else {
				return;
			};
			self.on_wire(event).await;
		}
	}

	/// Why nothing is stored any more. What was stored before is not done: it is done after the next start.
	fn why_stopped(&mut self) -> Ended {
		while let Ok(done) = self.committed.try_recv() {
			if let Err(error) = done {
				return Ended::Store(error);
			}
		}
		Ended::Thread
	}

	/// What is done once, before anything comes: the last tick is told, and partners are called.
	async fn begin(&mut self) {
		if let Some(mark) = self.mark {
			let block = smartchain_channel::Block {
				tick: mark.tick,
				facts: Vec::new(),
			};
			let _ = self.step(Event::Final(block), None);
		}
		let reaches: Vec<_> = self
			.contacts
			.values()
			.filter_map(|contact| contact.reach.clone())
			.collect();
		for reach in reaches {
			self.want(reach.node, &reach.url);
		}
		if let Some(tower) = self.config.tower() {
			self.want(tower.node, &tower.url);
		}
		self.park_again();
		self.find_left_streams();
	}

	/// Tells the machine something, and hands what comes of it to the store.
	fn step(&mut self, event: Event, told: Option<u32>) -> Result<(), Refused> {
		let step = self.party.step(event, &self.known)?;
		self.handed_over = self.handed_over.saturating_add(1);
		// If it fails the daemon ends, before anything else is told.
		let _ = self.committer.submit(step, told);
		Ok(())
	}

	/// The same, once the chain has said what it knows of the conditions in it.
	async fn ask_and_step(&mut self, event: Event) -> Result<(), String> {
		let conditions = conditions_of(&event, &self.party);
		self.learn(conditions).await?;
		self.step(event, None).map_err(|refused| refused.to_string())
	}

	async fn on_wake(&mut self) {
		let _ = self.step(Event::Wake, None);
		self.may_ask_again();
		self.unpark().await;
		self.leave_silent();
		self.drive().await;
		self.openings.age();
		self.guard().await;
		self.age_streams();
	}

	/// The tick, as far as it is known.
	fn now(&self) -> channel_primitives::Tick {
		self.party.now()
	}

	/// Wants a connection, if it is known where.
	fn want(&self, node: NodeKey, url: &str) {
		self.wire.expect(node);
		if !url.is_empty() {
			self.wire.want(node, url);
		}
	}
}

/// The next tale; never, if there is no chain.
async fn next_tale<L>(chain: &mut Option<OnChain<L>>) -> Option<Tale> {
	match chain {
		Some(chain) => chain.tales.recv().await,
		None => std::future::pending().await,
	}
}

/// The key of the receipts of a program that watches, by its keys and account.
pub fn receipt_key(keys: &HotKeys, account: &Account) -> channel_primitives::ChannelKey {
	keys.channel(&tower::receipt_key_of(account)).key()
}

/// What a machine may ask when nothing is known: for steps that ask nothing.
pub fn nothing_known() -> impl smartchain_channel::Checks {
	Known::default()
}
