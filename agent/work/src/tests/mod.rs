//! The daemon with a chain in memory, a disk, a client that serves its program, and units that are really run.

use crate::{edge_hash, run_until, units::probe, JobView, Runner, Setup, When, WorkNode, WorkerView, ANSWERS, PROGRAM};
use async_trait::async_trait;
use bounded_collections::BoundedVec;
use compute_market_primitives::{
	Accepted, Assignment, Assurance, Input, JobClaim, JobId, JobStage, JobState, Price, Program, Reach, Reliability,
	Source, Spec, Task, Terms, Tick, UnitAt, UnitCounts, UnitStage, UnitState, What, WorkOffer, WorkerState,
};
use device_primitives::{DeviceId, DeviceKey, Endpoint, Host, Transport};
use smart_agent_chain::{testing::MockNode, AccountId, ChainError, Hash, Heads, LinkState, Refusal, Result};
use smart_agent_journal::Log;
use smart_agent_page::status::{unix_now, Status, StatusHandle};
use smart_agent_tasks::{Answer, Batch, Deed, Done, Memory, Record, Said};
use smartchain_share::{fetch, Halt, Peer, Server, Serving, Stock};
use sp_core::{sr25519, Pair};
use std::{
	fs,
	net::{SocketAddr, TcpListener},
	path::{Path, PathBuf},
	sync::{Arc, Mutex, MutexGuard},
	time::{Duration, Instant},
};
use tokio::{
	sync::{oneshot, watch},
	task::JoinHandle,
};

const GENESIS: [u8; 32] = [1; 32];
/// Whatever is waited for comes within so long.
const PATIENCE: Duration = Duration::from_secs(60);
const JOB: JobId = 17;
const UNIT: UnitAt = 200;

fn pair(seed: u8) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[seed; 32])
}

fn device_of(pair: &sr25519::Pair) -> DeviceId {
	DeviceKey::Sr25519(pair.public()).device_id()
}

/// The program that runs units, which the tests of its own crate have built.
fn runner() -> Runner {
	let tests = std::env::current_exe().unwrap();
	let beside = tests.ancestors().nth(2).unwrap().join(PROGRAM);
	Runner::of(&beside).unwrap()
}

/// The ray tracer, as the engine's tests have it.
fn ray() -> Vec<u8> {
	let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../compute/engine/tests/golden/ray-v1.wasm");
	fs::read(path).unwrap()
}

fn endpoint(address: SocketAddr) -> Endpoint {
	Endpoint {
		transport: Transport::Tcp,
		host: Host::V4([127, 0, 0, 1]),
		port: address.port(),
	}
}

fn free_address() -> SocketAddr {
	TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// What the chain says.
struct Told {
	tick: Tick,
	task: Option<Task>,
	submitted: Vec<Batch>,
	refuses: bool,
}

/// A market in memory.
struct Market {
	node: MockNode,
	job: JobView,
	said: Mutex<Told>,
}

/// A client that serves its program.
fn client() -> (Serving, [u8; 32], u32) {
	let stock = Stock::default();
	let program = ray();
	let length = u32::try_from(program.len()).unwrap();
	let root = stock.put(program).unwrap();
	let serving = Server::bind("127.0.0.1:0".parse().unwrap(), "{}", stock).unwrap();
	(serving.serve().unwrap(), root, length)
}

fn job(client: SocketAddr, root: [u8; 32], length: u32) -> JobView {
	JobState {
		owner: AccountId::new([9; 32]),
		spec: Spec {
			engine: 1,
			program: Program { root, length },
			input: Input::Number,
			source: Source::Client(BoundedVec::truncate_from(vec![endpoint(client)])),
			units: 384,
			fuel_limit: 10_000_000_000,
			memory_pages: 64,
		},
		max_price: Price(1),
		assurance: Assurance::Quorum,
		stage: JobStage::Running,
		time: 1_700_000_000_000,
		seed: Some([7; 32]),
		escrow: 1,
		paid: 0,
		short: None,
		received: false,
		checks: 0,
		units: UnitCounts::default(),
		pool: Vec::new(),
	}
}

impl Market {
	fn new(job: JobView) -> Arc<Self> {
		let at = Assignment { unit: UNIT, since: 90 };
		let what = What::Run { due: 100_000 };
		let task = Task {
			job: JOB,
			at,
			place: 2,
			what,
		};
		Arc::new(Self {
			node: MockNode::new(Hash::from(GENESIS)),
			job,
			said: Mutex::new(Told {
				tick: 100,
				task: Some(task),
				submitted: Vec::new(),
				refuses: false,
			}),
		})
	}

	fn said(&self) -> MutexGuard<'_, Told> {
		self.said.lock().unwrap()
	}

	/// Blocks come, until something is found that is looked for.
	async fn until<T>(&self, what: &str, found: impl Fn(&Told) -> Option<T>) -> T {
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

	/// What the device said of the unit the last time, by this deed.
	async fn said_by(&self, deed: Deed) -> Answer {
		self.until("the unit to be answered", |said| {
			let batch = said.submitted.iter().rev().find(|batch| batch.deed == deed)?;
			batch.tasks.first()?.1
		})
		.await
	}

	fn wants(&self, what: What) {
		let mut said = self.said();
		said.submitted.clear();
		if let Some(task) = &mut said.task {
			task.what = what;
		}
	}
}

#[async_trait]
impl WorkNode for Market {
	fn genesis(&self) -> [u8; 32] {
		GENESIS
	}

	fn slot_ms(&self) -> u64 {
		500
	}

	fn link(&self) -> watch::Receiver<LinkState> {
		smart_agent_chain::Node::link(&self.node)
	}

	fn heads(&self) -> Heads {
		smart_agent_chain::Node::heads(&self.node)
	}

	async fn best(&self) -> Result<Hash> {
		Ok(Hash::from(GENESIS))
	}

	async fn tick(&self, _: Hash) -> Result<Tick> {
		Ok(self.said().tick)
	}

	async fn worker(&self, device: &DeviceId, _: Hash) -> Result<Option<WorkerView>> {
		Ok(Some(WorkerState {
			reach: Reach {
				device: *device,
				endpoints: Vec::new(),
			},
			owner: AccountId::new([9; 32]),
			offer: WorkOffer {
				ask: Price(1),
				engines: BoundedVec::truncate_from(vec![1]),
				slots: 1,
				memory_pages: 64,
			},
			stake: 7,
			locked: 0,
			leaving: None,
			reliability: Reliability::default(),
			rate: 5,
			tickets: 1,
		}))
	}

	async fn tasks(&self, _: &DeviceId, _: Hash) -> Result<Vec<Task>> {
		Ok(self.said().task.into_iter().collect())
	}

	async fn job(&self, job: JobId, _: Hash) -> Result<Option<JobView>> {
		Ok((job == JOB).then(|| self.job.clone()))
	}

	async fn unit(&self, _: JobId, _: UnitAt, _: Hash) -> Result<Option<UnitState<DeviceId>>> {
		Ok(None)
	}

	async fn terms(&self, _: Hash) -> Result<Terms> {
		Ok(Terms::real())
	}

	async fn earned(&self, _: &DeviceId, _: Hash) -> Result<Vec<JobClaim>> {
		Ok(Vec::new())
	}

	async fn submit(&self, _: &DeviceId, _: &sr25519::Pair, batch: &Batch) -> Result<()> {
		let mut said = self.said();
		if said.refuses {
			return Err(ChainError::Rejected(Refusal::PoolFull));
		}
		said.submitted.push(batch.clone());
		Ok(())
	}
}

/// A daemon that runs.
struct Running {
	end: oneshot::Sender<()>,
	task: JoinHandle<()>,
}

fn start(market: &Arc<Market>, folder: &Path, listen: SocketAddr) -> Running {
	let key = pair(1);
	let setup = Setup {
		node: market.clone(),
		folder: folder.join("work"),
		state: folder.join("state"),
		device: device_of(&key),
		key,
		listen,
		runner: runner(),
		slots: 1,
		when: When {
			idle: false,
			mains: false,
		},
		hand: None,
		status: StatusHandle::in_memory(Status::new(unix_now())),
	};
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
		tokio::time::sleep(Duration::from_millis(500)).await;
	}
}

/// The answers in a journal.
fn journal(folder: &Path) -> Vec<Answer> {
	let device = device_of(&pair(1)).0;
	let records = Log::<Record>::peek(ANSWERS, &folder.join("state"), GENESIS, device).unwrap_or_default();
	Memory::replay(records).answers().copied().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_is_run_committed_and_revealed_over_kills() {
	let (folder, (client, root, length)) = (tempfile::tempdir().unwrap(), client());
	let market = Market::new(job(client.address(), root, length));
	let listen = free_address();
	// The chain takes nothing: it is killed with an answer that nobody has seen.
	market.said().refuses = true;
	let running = start(&market, folder.path(), listen);
	let begun = Instant::now();
	while journal(folder.path()).is_empty() {
		market.node.author(unix_now() * 2);
		assert!(begun.elapsed() < PATIENCE, "nothing is answered");
		tokio::time::sleep(Duration::from_millis(50)).await;
	}
	running.kill().await;
	let kept = journal(folder.path())[0];
	let Said::Outcome { outcome, salt, .. } = kept.said else {
		panic!("{kept:?}");
	};
	// The client has gone: nothing is fetched or run again.
	drop(client);
	market.said().refuses = false;
	let running = start(&market, folder.path(), listen);
	assert_eq!(market.said_by(Deed::Commit).await, kept);
	running.kill().await;
	market.wants(What::Wait);
	let running = start(&market, folder.path(), listen);
	let tick = market.said().tick;
	market
		.until("some blocks to pass", |said| (said.tick > tick + 5).then_some(()))
		.await;
	assert!(
		market.said().submitted.is_empty(),
		"nothing is said while others are waited for"
	);
	running.kill().await;
	market.wants(What::Reveal { until: 200_000 });
	let running = start(&market, folder.path(), listen);
	let revealed = market.said_by(Deed::Reveal).await;
	assert_eq!(revealed, kept);
	// Its output is served, by its root, to whoever asks.
	let peer = Peer::new([listen.to_string()]);
	let fetched = tokio::task::spawn_blocking(move || fetch(&[peer], &outcome.root, 1 << 20, &Halt::default()));
	let output = fetched.await.unwrap().unwrap();
	assert_eq!(blake3::hash(&output), outcome.root);
	// Nothing is wanted of this device any more: whoever runs a unit of the job again finds the program here.
	market.said().task = None;
	let over = Instant::now();
	while over.elapsed() < Duration::from_secs(5) {
		market.node.author(unix_now() * 2);
		tokio::time::sleep(Duration::from_millis(100)).await;
	}
	let peer = Peer::new([listen.to_string()]);
	let fetched = tokio::task::spawn_blocking(move || fetch(&[peer], &root, 1 << 20, &Halt::default()));
	assert_eq!(blake3::hash(&fetched.await.unwrap().unwrap()), root);
	running.end().await;
	assert_ne!(salt, [0; 16]);
	assert_eq!(journal(folder.path()), [kept]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_gives_is_handed_back() {
	let folder = tempfile::tempdir().unwrap();
	// Nobody serves there.
	let market = Market::new(job(free_address(), [3; 32], 1_000));
	if let Some(task) = &mut market.said().task {
		task.what = What::Run { due: 200 };
	}
	let running = start(&market, folder.path(), free_address());
	let declined = market.until("it to be handed back", |said| {
		let batch = said.submitted.iter().find(|batch| batch.deed == Deed::Decline)?;
		Some(batch.tasks.len())
	});
	assert_eq!(declined.await, 1);
	running.end().await;
	assert!(journal(folder.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_damaged_is_put_aside() {
	let (folder, (client, root, length)) = (tempfile::tempdir().unwrap(), client());
	let market = Market::new(job(client.address(), root, length));
	let running = start(&market, folder.path(), free_address());
	market.said_by(Deed::Commit).await;
	running.end().await;
	let file: PathBuf = folder.path().join("state").join(ANSWERS.file);
	let mut bytes = fs::read(&file).unwrap();
	bytes[20] ^= 1;
	fs::write(&file, bytes).unwrap();
	market.wants(What::Run { due: 100_000 });
	let running = start(&market, folder.path(), free_address());
	market.said_by(Deed::Commit).await;
	running.end().await;
	assert!(file.with_extension("damaged").is_file());
}

#[test]
fn what_is_computed_is_hashed_whole() {
	let one = job(free_address(), [3; 32], 1_000);
	let hash = edge_hash(&one);
	let mut other = one.clone();
	other.spec.fuel_limit += 1;
	assert_ne!(edge_hash(&other), hash);
	for change in [0, 1] {
		let mut other = one.clone();
		match change {
			0 => other.seed = Some([8; 32]),
			_ => other.time += 1,
		}
		assert_ne!(edge_hash(&other), hash, "{change}");
	}
	// Who works for it, and how far it is, changes nothing.
	let mut same = one.clone();
	(same.stage, same.paid) = (JobStage::Draining, 9);
	assert_eq!(edge_hash(&same), hash);
}

#[test]
fn a_prober_names_who_serves() {
	let stock = Stock::default();
	let root = stock.put(b"an output".to_vec()).unwrap();
	let serving = Server::bind("127.0.0.1:0".parse().unwrap(), "{}", stock).unwrap();
	let serving = serving.serve().unwrap();
	let devices = [DeviceId([1; 32]), DeviceId([2; 32]), DeviceId([3; 32])];
	let mut view = job(free_address(), root, 9);
	view.pool = vec![
		Reach {
			device: devices[0],
			endpoints: vec![endpoint(free_address())],
		},
		Reach {
			device: devices[1],
			endpoints: vec![endpoint(serving.address())],
		},
	];
	let outcome = compute_market_primitives::Outcome {
		kind: compute_market_primitives::Kind::Ok,
		root,
		fuel: 1,
	};
	let unit = |by: Vec<DeviceId>| UnitState {
		unit: 0,
		stage: UnitStage::Accepted,
		asked: 3,
		accepted: Some(Accepted { outcome, at: 5 }),
		checked: false,
		by,
	};
	let halt = Halt::default();
	let minute = Duration::from_secs(60);
	let served = probe::probe(&view, &unit(devices.to_vec()), &devices[2], minute, &halt);
	assert_eq!(served, Done::Probed(Some(devices[1].0)));
	// Nobody is blamed if there was no time to ask.
	let early = probe::probe(&view, &unit(vec![devices[0]]), &devices[2], Duration::ZERO, &halt);
	assert!(matches!(early, Done::Failed(_)), "{early:?}");
	// Whoever has it and is not among those who answer for it counts for nothing.
	halt.halt();
	let stopped = probe::probe(&view, &unit(vec![devices[0]]), &devices[2], minute, &halt);
	assert!(matches!(stopped, Done::Failed(_)), "{stopped:?}");
}

/// Whoever takes a connection and gives nothing has the time of a report, and no more.
#[test]
fn a_prober_does_not_wait_for_whoever_dawdles() {
	let dawdles = TcpListener::bind("127.0.0.1:0").unwrap();
	let device = DeviceId([1; 32]);
	let mut view = job(free_address(), [3; 32], 9);
	view.pool = vec![Reach {
		device,
		endpoints: vec![endpoint(dawdles.local_addr().unwrap())],
	}];
	let outcome = compute_market_primitives::Outcome {
		kind: compute_market_primitives::Kind::Ok,
		root: [3; 32],
		fuel: 1,
	};
	let unit = UnitState {
		unit: 0,
		stage: UnitStage::Accepted,
		asked: 3,
		accepted: Some(Accepted { outcome, at: 5 }),
		checked: false,
		by: vec![device],
	};
	let (within, begun) = (Duration::from_secs(20), Instant::now());
	let asked = probe::probe(&view, &unit, &DeviceId([2; 32]), within, &Halt::default());
	assert_eq!(asked, Done::Probed(None));
	assert!(
		begun.elapsed() < within + Duration::from_secs(2),
		"{:?}",
		begun.elapsed()
	);
}
