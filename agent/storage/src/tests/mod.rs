//! The daemon with a chain in memory, a disk, and readers and writers over loopback.

mod hostile;

use crate::{node::DealView, run_until, MarketNode, OfferView, ProbesView, Setup};
use async_trait::async_trait;
use device_primitives::{DeviceId, DeviceKey, DeviceSignature, Endpoint, Host, Transport};
use smart_agent_chain::{testing::MockNode, AccountId, ChainError, Hash, Heads, LinkState, Node, Refusal, Result};
use smart_agent_market::{Body, Deed, DeedKey};
use smart_agent_page::status::{unix_now, Status, StatusHandle};
use smartchain_transfer::{
	client::{Free, Holder, Identity, Patience, Remote, Signer},
	wire::SlotId,
};
use sp_core::{sr25519, Pair};
use std::{
	net::{SocketAddr, TcpListener},
	path::Path,
	sync::{Arc, Mutex, MutexGuard},
	time::{Duration, Instant},
};
use storage_market_primitives::{
	Deal, DealId, Geometry, Kind, OpenChallenge, Order, Price, ProbeReport, Receipt, SlotId as At, SlotOfDevice,
	Standing, Terms, Tick, PROBE_BYTES,
};
use storage_proof_primitives::{Contents, Opening, Streamed};
use tokio::{sync::oneshot, sync::watch, task::JoinHandle};

const GENESIS: [u8; 32] = [1; 32];
/// Whatever is waited for comes within so long.
const PATIENCE: Duration = Duration::from_secs(30);
const DEAL: DealId = 17;

fn pair(seed: u8) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[seed; 32])
}

fn device_of(pair: &sr25519::Pair) -> DeviceId {
	DeviceKey::Sr25519(pair.public()).device_id()
}

fn account_of(pair: &sr25519::Pair) -> AccountId {
	AccountId::new(pair.public().0)
}

/// What the chain says.
#[derive(Default)]
struct Said {
	tick: Tick,
	capacity: u64,
	slots: Vec<SlotOfDevice>,
	challenges: Vec<OpenChallenge>,
	granted: Vec<AccountId>,
	/// What each slot may cost for what is given out, and what of it was paid.
	tabs: Vec<(u128, u128)>,
	probes: ProbesView,
	/// Devices that can be probed.
	listed: Vec<DeviceId>,
	/// What the first of them holds.
	theirs: Vec<SlotOfDevice>,
	reports: Vec<ProbeReport<DeviceId>>,
	deeds: Vec<Deed>,
	refuses: bool,
	/// Nobody takes a report.
	refuses_reports: bool,
	/// So many reports have proofs that are none, by its word.
	mistrusts: u32,
	/// Which slots the device has is never said.
	says_no_slots: bool,
	/// Questions about deals that are being answered, and the most of them at a time.
	asking: usize,
	most_asking: usize,
}

/// A market in memory.
struct Market {
	node: MockNode,
	deal: DealView,
	said: Mutex<Said>,
}

impl Market {
	fn new(device: DeviceId, owner: AccountId) -> Arc<Self> {
		let order = Order {
			geometry: Geometry {
				enough: 1,
				slots: 1,
				volume_len: 100_000,
			},
			max_ask: Price(1_000),
			eras: 10,
			factor: 1,
		};
		let terms = Terms::real();
		let (mut deal, _) = Deal::open(owner, Kind::Beacon, order, 1, &terms).unwrap();
		deal.place(0, device, Price(10), true, 2, &terms).unwrap();
		let deal = DealView {
			deal,
			devices: vec![storage_market_primitives::Reach {
				device,
				endpoints: Vec::new(),
			}],
		};
		let said = Said {
			capacity: 1 << 30,
			..Said::default()
		};
		Arc::new(Self {
			node: MockNode::new(Hash::from(GENESIS)),
			deal,
			said: Mutex::new(said),
		})
	}

	fn said(&self) -> MutexGuard<'_, Said> {
		self.said.lock().unwrap()
	}

	fn bytes(&self) -> u64 {
		self.deal.deal.order.geometry.slot_len()
	}

	/// Blocks come, until the device has done something that is looked for.
	async fn until<T>(&self, what: &str, found: impl Fn(&Said) -> Option<T>) -> T {
		let begun = Instant::now();
		loop {
			{
				let mut said = self.said();
				if let Some(found) = found(&said) {
					return found;
				}
				said.tick += 1;
			}
			self.node.author(unix_now() * 2);
			assert!(begun.elapsed() < PATIENCE, "{what}");
			tokio::time::sleep(Duration::from_millis(20)).await;
		}
	}
}

#[async_trait]
impl MarketNode for Market {
	fn genesis(&self) -> [u8; 32] {
		GENESIS
	}

	fn slot_ms(&self) -> u64 {
		500
	}

	fn link(&self) -> watch::Receiver<LinkState> {
		self.node.link()
	}

	fn heads(&self) -> Heads {
		self.node.heads()
	}

	async fn tick(&self, _: Hash) -> Result<Tick> {
		Ok(self.said().tick)
	}

	async fn offer(&self, device: &DeviceId, _: Hash) -> Result<Option<OfferView>> {
		Ok(Some(OfferView {
			reach: storage_market_primitives::Reach {
				device: *device,
				endpoints: Vec::new(),
			},
			owner: self.deal.deal.owner.clone(),
			ask: Price(10),
			egress: Price(0),
			capacity: self.said().capacity,
			used: 0,
			max_slot: 1 << 30,
			score: Default::default(),
			tickets: 1,
		}))
	}

	async fn slots(&self, device: &DeviceId, _: Hash) -> Result<Vec<SlotOfDevice>> {
		if self.said().says_no_slots {
			std::future::pending::<()>().await;
		}
		let said = self.said();
		Ok(match said.listed.first() == Some(device) {
			true => said.theirs.clone(),
			false => said.slots.clone(),
		})
	}

	async fn challenges(&self, _: &DeviceId, _: Hash) -> Result<Vec<OpenChallenge>> {
		Ok(self.said().challenges.clone())
	}

	async fn deal(&self, deal: DealId, _: Hash) -> Result<Option<DealView>> {
		{
			let mut said = self.said();
			said.asking += 1;
			said.most_asking = said.most_asking.max(said.asking);
		}
		for _ in 0..20 {
			tokio::task::yield_now().await;
		}
		self.said().asking -= 1;
		Ok((deal == DEAL).then(|| self.deal.clone()))
	}

	async fn tabs(&self, _: DealId, _: Hash) -> Result<Vec<(u128, u128)>> {
		Ok(self.said().tabs.clone())
	}

	async fn probes(&self, _: Hash) -> Result<ProbesView> {
		Ok(self.said().probes.clone())
	}

	async fn listed(&self, number: u32, _: Hash) -> Result<Option<DeviceId>> {
		Ok(self.said().listed.get(number as usize).copied())
	}

	async fn report(&self, report: &ProbeReport<DeviceId>) -> Result<()> {
		let mut said = self.said();
		if said.refuses_reports {
			return Err(ChainError::Rejected(Refusal::PoolFull));
		}
		if said.mistrusts > 0 {
			said.mistrusts -= 1;
			return Err(ChainError::Rejected(Refusal::BadProof));
		}
		said.reports.push(report.clone());
		Ok(())
	}

	async fn is_granted(&self, _: DealId, who: &AccountId, _: Hash) -> Result<bool> {
		Ok(self.said().granted.contains(who))
	}

	async fn best(&self) -> Result<Hash> {
		Ok(Hash::from(GENESIS))
	}

	async fn submit(&self, _: &DeviceId, _: &sr25519::Pair, deed: &Deed) -> Result<()> {
		let mut said = self.said();
		if said.refuses {
			return Err(ChainError::Rejected(Refusal::PoolFull));
		}
		said.deeds.push(deed.clone());
		Ok(())
	}
}

/// A daemon that runs.
struct Running {
	end: oneshot::Sender<()>,
	task: JoinHandle<()>,
}

fn start(market: &Arc<Market>, folder: &Path, listen: SocketAddr) -> Running {
	start_as(market, pair(1), folder, listen)
}

fn setup(market: &Arc<Market>, key: sr25519::Pair, folder: &Path, listen: SocketAddr) -> Setup {
	Setup {
		node: market.clone(),
		folder: folder.join("storage"),
		state: folder.join("market"),
		device: device_of(&key),
		key,
		listen,
		hand: None,
		scrub_hour: 2,
		probe_every: Duration::from_millis(100),
		status: StatusHandle::in_memory(Status::new(unix_now())),
	}
}

fn start_as(market: &Arc<Market>, key: sr25519::Pair, folder: &Path, listen: SocketAddr) -> Running {
	let setup = setup(market, key, folder, listen);
	let (end, ended) = oneshot::channel::<()>();
	let task = tokio::spawn(async move {
		let stop = async move {
			let _ = ended.await;
		};
		run_until(setup, stop).await.unwrap();
	});
	Running { end, task }
}

impl Running {
	async fn end(self) {
		let _ = self.end.send(());
		self.task.await.unwrap();
	}

	/// As if the power had failed: nothing is written any more.
	async fn kill(self) {
		self.task.abort();
		let _ = self.task.await;
		// Its threads end with what they do: the locks are free then.
		tokio::time::sleep(Duration::from_millis(300)).await;
	}
}

fn free_address() -> SocketAddr {
	TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

struct Key(sr25519::Pair);

impl Signer for Key {
	fn key(&self) -> DeviceKey {
		DeviceKey::Sr25519(self.0.public())
	}

	fn sign(&self, payload: &[u8]) -> Option<DeviceSignature> {
		Some(DeviceSignature::Sr25519(self.0.sign(payload)))
	}
}

fn remote(who: sr25519::Pair, address: SocketAddr, bytes: u64, root: Option<[u8; 32]>) -> Remote {
	let identity = Identity {
		genesis: GENESIS,
		signer: Arc::new(Key(who)),
		payer: Arc::new(Free),
		patience: Patience::default(),
	};
	let holder = Holder {
		device: device_of(&pair(1)),
		addresses: vec![address.to_string()],
		slot: SlotId { deal: DEAL, slot: 0 },
		length: bytes,
		root,
		price: 0,
	};
	Remote::new(Arc::new(identity), holder)
}

fn drawn(bytes: u64, root: Option<[u8; 32]>) -> SlotOfDevice {
	SlotOfDevice {
		deal: DEAL,
		slot: 0,
		bytes,
		root,
		ends: 0,
		standing: Standing::Drawn {
			until: 1_000_000,
			attempt: 0,
			chunk: 4,
		},
	}
}

fn held(bytes: u64, root: [u8; 32]) -> SlotOfDevice {
	SlotOfDevice {
		ends: 1_000_000,
		standing: Standing::Held {
			proven_to: 5,
			suspect: None,
			leaving: false,
			accrued: 0,
		},
		..drawn(bytes, Some(root))
	}
}

fn challenge(until: Tick, contents: &Contents, chunks: [u32; 2]) -> OpenChallenge {
	OpenChallenge {
		until,
		index: 0,
		issued: until - 600,
		deal: DEAL,
		slot: 0,
		bytes: contents.bytes,
		root: contents.root,
		chunks,
	}
}

/// What is shown verifies, chunk by chunk.
fn check(deed: &Deed, contents: &Contents, chunks: [u32; 2]) {
	let Body::Shown(root, shown) = &deed.body else {
		panic!("{deed:?} shows nothing");
	};
	assert_eq!(*root, contents.root);
	for (shown, chunk) in shown.iter().zip(chunks) {
		let opening = Opening::of(shown.chunk.clone(), shown.path.clone()).unwrap();
		opening.verify(contents, chunk).unwrap();
	}
}

fn contents_of(data: &[u8]) -> Contents {
	let mut outboard = Vec::new();
	let mut streamed = Streamed::new(data.len() as u64, &[]).unwrap();
	streamed.push(data, &mut outboard).unwrap();
	streamed.finish(&mut outboard).unwrap().0
}

/// Writes all of a slot, as often as it takes until room is made; the root that the device says.
async fn upload(market: &Arc<Market>, address: SocketAddr, data: Vec<u8>) {
	let bytes = data.len() as u64;
	let writing = tokio::task::spawn_blocking(move || {
		let begun = Instant::now();
		loop {
			let mut remote = remote(pair(2), address, bytes, None);
			let wrote = remote.write(0, &data).and_then(|_| remote.sync());
			match wrote {
				Ok(durable) => return assert_eq!(durable, bytes),
				Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
			}
		}
	});
	market.until("an upload", |_| writing.is_finished().then_some(())).await;
	writing.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_comes_is_confirmed_asked_and_answered_also_after_a_kill() {
	let folder = tempfile::tempdir().unwrap();
	let market = Market::new(device_of(&pair(1)), account_of(&pair(2)));
	let (bytes, address) = (market.bytes(), free_address());
	let data = smartchain_rng::Rng::new(1).bytes(bytes as usize);
	let contents = contents_of(&data);
	let last = contents.shape().unwrap().last();
	market.said().slots = vec![drawn(bytes, None)];
	let running = start(&market, folder.path(), address);
	upload(&market, address, data.clone()).await;
	// The owner commits, and the device shows the last chunk and the one that is drawn.
	market.said().slots = vec![drawn(bytes, Some(contents.root))];
	let deed = market.until("a confirmation", |said| said.deeds.first().cloned()).await;
	assert!(matches!(deed.key, DeedKey::Confirm { .. }));
	check(&deed, &contents, [last, 4]);
	// It is asked while pools are full, and killed; what it kept goes out.
	{
		let mut said = market.said();
		said.deeds.clear();
		said.slots = vec![held(bytes, contents.root)];
		said.refuses = true;
		let until = said.tick + 100_000;
		said.challenges = vec![challenge(until, &contents, [9, 77])];
	}
	let tick = market.said().tick;
	market
		.until("some blocks", |said| (said.tick > tick + 40).then_some(()))
		.await;
	running.kill().await;
	market.said().refuses = false;
	let running = start(&market, folder.path(), address);
	let deed = market.until("an answer", |said| said.deeds.first().cloned()).await;
	assert!(matches!(deed.key, DeedKey::Answer { .. }));
	check(&deed, &contents, [9, 77]);
	// Whom the chain lets read does; nobody else.
	let reading = tokio::task::spawn_blocking(move || {
		let mut found = vec![0; 5_000];
		remote(pair(2), address, bytes, Some(contents.root))
			.read(1_000, &mut found)
			.unwrap();
		assert_eq!(found, data[1_000..6_000]);
		let stranger = remote(pair(3), address, bytes, Some(contents.root)).read(0, &mut found);
		assert!(stranger.is_err(), "a stranger reads it");
	});
	reading.await.unwrap();
	market.said().granted = vec![account_of(&pair(3))];
	let reading = tokio::task::spawn_blocking(move || {
		let mut found = vec![0; 100];
		remote(pair(3), address, bytes, Some(contents.root))
			.read(0, &mut found)
			.unwrap();
	});
	reading.await.unwrap();
	running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rot_that_nobody_can_mend_is_answered_around() {
	let folder = tempfile::tempdir().unwrap();
	let market = Market::new(device_of(&pair(1)), account_of(&pair(2)));
	let (bytes, address) = (market.bytes(), free_address());
	let data = smartchain_rng::Rng::new(2).bytes(bytes as usize);
	market.said().slots = vec![drawn(bytes, None)];
	let running = start(&market, folder.path(), address);
	upload(&market, address, data.clone()).await;
	running.end().await;
	// A bit of the first group is another one.
	let path = folder.path().join(format!("storage/slots/{DEAL}-00/data"));
	let contents = contents_of(&data);
	let mut rotten = data;
	rotten[3] ^= 1;
	std::fs::write(&path, &rotten).unwrap();
	{
		let mut said = market.said();
		said.slots = vec![held(bytes, contents.root)];
		let until = said.tick + 100_000;
		let mut second = challenge(until, &contents, [40, 50]);
		second.index = 1;
		said.challenges = vec![challenge(until, &contents, [0, 50]), second];
	}
	let running = start(&market, folder.path(), address);
	let deed = market.until("an answer", |said| said.deeds.first().cloned()).await;
	assert!(
		matches!(deed.key, DeedKey::Answer { index: 1, .. }),
		"what is rotten is not shown"
	);
	check(&deed, &contents, [40, 50]);
	running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_drawn_probes_another_one_and_has_its_receipt() {
	let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
	let (holder, prober) = (device_of(&pair(1)), pair(6));
	let market = Market::new(holder, account_of(&pair(2)));
	let (bytes, address) = (market.bytes(), free_address());
	let data = smartchain_rng::Rng::new(3).bytes(bytes as usize);
	let contents = contents_of(&data);
	let probes = ProbesView {
		era: 3,
		challenge: [8; 32],
		devices: 1,
		probers: vec![(device_of(&prober), account_of(&pair(7)), 0b1110)],
	};
	{
		let mut said = market.said();
		said.slots = vec![drawn(bytes, None)];
		said.probes = probes.clone();
	}
	let running = start(&market, folder.path(), address);
	upload(&market, address, data).await;
	// The prober asks a node of its own.
	let mut asked = Market::new(holder, account_of(&pair(2)));
	let reach = Endpoint {
		transport: Transport::Tcp,
		host: Host::V4([127, 0, 0, 1]),
		port: address.port(),
	};
	Arc::get_mut(&mut asked).unwrap().deal.devices[0].endpoints = vec![reach];
	{
		let mut said = asked.said();
		(said.probes, said.listed) = (probes.clone(), vec![holder]);
		said.theirs = vec![held(bytes, contents.root)];
	}
	let probing = start_as(&asked, prober.clone(), other.path(), free_address());
	let report = asked.until("a report", |said| said.reports.first().cloned()).await;
	assert_eq!((report.era, report.errand, report.device), (3, 0, holder));
	report.verify(&prober.public(), &GENESIS, &probes.challenge).unwrap();
	let receipt = Receipt {
		prober: device_of(&prober),
		device: holder,
		at: At::new(DEAL, 0),
		era: 3,
		bytes: PROBE_BYTES.min(bytes as u32),
	};
	let served = report.served.expect("it was given what it asked for");
	let payload = receipt.payload(&GENESIS);
	assert!(sr25519::Pair::verify(&served.receipt, payload, &pair(1).public()));
	probing.end().await;
	running.end().await;
}
