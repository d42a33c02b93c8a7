//! Whole runs, on a chain in memory: with plots that a test makes up, and with real ones.

mod idle;
mod real;

use super::{run_until, Outcome, PlotStore, RunError, Setup};
use crate::status::{self, DeviceState, Status, StatusHandle};
use device_primitives::DeviceId;
use proof_lottery_primitives::{Credit, DeviceProofs, LotteryState, OpenRound, Resource, SegmentDraw, Threshold, Wins};
use proof_of_compute_primitives::{scratchpad, Kernel};
use proof_of_space_primitives::{Hash as Bytes, Plot};
use smart_agent_chain::{testing::MockNode, AccountId, Hash, KeyUse, Win};
use smart_agent_store::{container::Header, plotter::Cancel, Find, Listed, Looked, State, StoreError};
use sp_core::{sr25519, Pair};
use std::{
	path::Path,
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc,
	},
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::{sync::oneshot, task::JoinHandle, time::sleep};

pub(super) const DEVICE: [u8; 32] = [2; 32];
pub(super) const GENESIS: [u8; 32] = [1; 32];
/// Whatever is waited for comes within this time, or the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// Plots of which each has one find in each round. No two of its proofs are alike.
#[derive(Default)]
pub(super) struct MadeUp {
	pub groups: u32,
	solved: AtomicU32,
}

fn plot_of(number: u32) -> Plot {
	Plot {
		group: [number as u8; 32],
		index: 0,
		meta: 0,
		k: 18,
		strength: 2,
	}
}

impl PlotStore for MadeUp {
	fn list(&self) -> Result<Vec<Listed>, StoreError> {
		let listed = |number| Listed {
			name: format!("group-{number}"),
			bytes: 1 << 20,
			header: Some(Header::new(&plot_of(number), number, 1)),
			state: State::Sound,
		};
		Ok((0..self.groups).map(listed).collect())
	}

	fn look(&self, challenge: &Bytes, _: u8, _: usize, _: Instant, _: &Cancel) -> Looked {
		let find = |number| Find {
			plot: plot_of(number),
			number,
			fragments: [0; 16],
			quality: sp_crypto_hashing::blake2_256(&[&challenge[..], &[number as u8]].concat()),
		};
		Looked {
			plots: self.groups as usize,
			finds: (0..self.groups).map(find).collect(),
			..Looked::default()
		}
	}

	fn solve(&self, find: &Find, _: &Bytes, _: &Cancel) -> Result<Vec<u8>, StoreError> {
		let number = self.solved.fetch_add(1, Ordering::Relaxed);
		let mut proof = vec![find.number as u8; 284];
		proof.extend(number.to_le_bytes());
		Ok(proof)
	}

	fn is_growing(&self) -> bool {
		false
	}
}

pub(super) fn key() -> sr25519::Pair {
	sr25519::Pair::from_seed(&[7; 32])
}

/// A round in which every find, segment and output wins.
pub(super) fn open(resource: Resource, round: u64, challenge: u8, opened: u64, answer: u64) -> OpenRound {
	OpenRound {
		resource,
		round,
		challenge: [challenge; 32],
		opened,
		until: opened + answer,
		wins: Wins::of(32_000),
		rounds: 100,
		filter: 1,
		devices: 1,
	}
}

fn lottery(resource: Resource, units: u32) -> LotteryState {
	LotteryState {
		resource,
		units,
		claimed: units,
		claimed_from: 0,
		estimate: Credit::of(units),
		corrected: Credit::of(units),
		assured: Credit::of(units),
		wins: Wins::of(20),
		expected: Wins::of(20),
		last_win: 0,
		pending: 0,
	}
}

pub(super) fn proofs(groups: u32) -> DeviceProofs<AccountId> {
	DeviceProofs {
		lotteries: vec![
			lottery(Resource::Space, groups),
			lottery(Resource::Compute, 12),
			lottery(Resource::Uptime, 1),
		],
		candidate: Some(AccountId::new([9; 32])),
		competence: 1 << 40,
		why_not: Vec::new(),
	}
}

/// A chain and an agent that runs on it.
pub(super) struct World {
	pub node: MockNode,
	pub slot: u64,
	pub state: tempfile::TempDir,
	pub plots: Arc<dyn PlotStore>,
	pub status: StatusHandle,
	stop: Option<oneshot::Sender<()>>,
	running: Option<JoinHandle<Result<Outcome, RunError>>>,
}

impl World {
	pub fn new(groups: u32) -> Self {
		let plots = MadeUp {
			groups,
			..MadeUp::default()
		};
		Self::with(Arc::new(plots), groups)
	}

	pub fn with(plots: Arc<dyn PlotStore>, groups: u32) -> Self {
		let node = MockNode::new(Hash::from(GENESIS));
		node.set_proofs(DeviceId(DEVICE), Some(proofs(groups)));
		let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
		Self {
			node,
			slot: now.as_millis() as u64 / 500,
			state: tempfile::tempdir().unwrap(),
			plots,
			status: StatusHandle::in_memory(Status::new(0)),
			stop: None,
			running: None,
		}
	}

	pub fn setup(&self) -> Setup {
		Setup {
			node: Arc::new(self.node.clone()),
			plots: Some(self.plots.clone()),
			device: DeviceId(DEVICE),
			key: key(),
			state: self.state.path().join("state"),
			status: self.status.clone(),
			look_threads: 1,
			compute_threads: 2,
			segments: 12,
			uptime: true,
		}
	}

	pub fn start(&mut self) {
		let (stop, stopped) = oneshot::channel::<()>();
		let setup = self.setup();
		self.stop = Some(stop);
		self.running = Some(tokio::spawn(run_until(setup, async move {
			let _ = stopped.await;
		})));
	}

	/// As `kill -9` does: nothing more is done, and nothing is tidied up.
	pub async fn kill(&mut self) {
		if let Some(running) = self.running.take() {
			running.abort();
			let _ = running.await;
		}
		self.stop = None;
		// The thread of the journal lives a moment longer than its process would.
		let state = self.state.path().join("state");
		self.until("the lock is free", || {
			smart_agent_journal::Journal::open(&state, GENESIS, DEVICE).is_ok()
		})
		.await;
	}

	pub async fn stop(&mut self) -> Result<Outcome, RunError> {
		let _ = self.stop.take().unwrap().send(());
		let ended = tokio::time::timeout(Duration::from_secs(5), self.running.take().unwrap());
		ended.await.expect("it ends soon").unwrap()
	}

	/// A block in the next slot.
	pub fn block(&mut self) {
		self.slot += 1;
		self.node.author(self.slot);
	}

	/// Blocks come until something holds.
	pub async fn blocks_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
		let end = Instant::now() + PATIENCE;
		while !holds(self) {
			assert!(Instant::now() < end, "{what}: {:?}", self.status.get());
			self.block();
			sleep(Duration::from_millis(60)).await;
		}
	}

	/// Waits without blocks.
	pub async fn until(&self, what: &str, holds: impl Fn() -> bool) {
		let end = Instant::now() + PATIENCE;
		while !holds() {
			assert!(Instant::now() < end, "{what}: {:?}", self.status.get());
			sleep(Duration::from_millis(20)).await;
		}
	}

	/// Until the agent knows its plots and its device.
	pub async fn ready(&mut self) {
		let there = |world: &Self| {
			let status = world.status.get();
			let device = status
				.device
				.as_ref()
				.is_some_and(|device| device.state == DeviceState::Active);
			device && (!status.plots.kinds.is_empty() || world.plots.list().is_ok_and(|all| all.is_empty()))
		};
		self.blocks_until("the agent is ready", there).await;
	}

	pub fn wins(&self) -> Vec<(Win, u32)> {
		self.node.wins()
	}

	fn ended(&self, resource: status::Resource, round: u64) -> Option<status::Round> {
		let status = self.status.get();
		let of = |known: &&status::Round| known.resource == resource && known.round == round && known.outcome.is_end();
		status.rounds.iter().find(of).cloned()
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn plots_and_presence_win_and_are_told() {
	let mut world = World::new(2);
	world.start();
	world.ready().await;
	let opened = world.slot + 1;
	world.node.set_rounds(vec![
		open(Resource::Space, 5, 1, opened, 24),
		open(Resource::Uptime, 6, 2, opened, 24),
	]);
	world.block();
	let node = world.node.clone();
	world
		.until("two finds and a pulse are sent", || node.wins().len() == 3)
		.await;
	world
		.blocks_until("both rounds end", |world| {
			world.ended(status::Resource::Space, 5).is_some() && world.ended(status::Resource::Uptime, 6).is_some()
		})
		.await;
	for (resource, round) in [(status::Resource::Space, 5), (status::Resource::Uptime, 6)] {
		let ended = world.ended(resource, round).unwrap();
		assert_eq!(ended.outcome, status::Outcome::Won, "{ended:?}");
		assert!(ended.block.is_some());
	}
	assert!(world.wins().iter().all(|(_, times)| *times == 1), "{:?}", world.wins());
	let pulse = world.wins().into_iter().find_map(|(win, _)| match win {
		Win::Uptime(pulse) => Some(pulse),
		_ => None,
	});
	assert_eq!(
		pulse
			.unwrap()
			.verify(&key().public().into(), &[2; 32], &Threshold::ALWAYS),
		Ok(())
	);
	let status = world.status.get();
	assert_eq!((status.tallies.space.won, status.tallies.uptime.won), (1, 1));
	assert_eq!(status.lotteries.len(), 3);
	assert!(!status.history.points.is_empty());
	assert_eq!(world.stop().await.unwrap(), Outcome::Stopped);
}

/// One lie of a node must not make all that is true look old.
#[tokio::test(flavor = "multi_thread")]
async fn a_block_of_a_made_up_future_changes_nothing() {
	let mut world = World::new(0);
	world.start();
	world.ready().await;
	let (real, lie) = (world.slot, 1_000_000_000_000);
	world.node.set_rounds(vec![open(Resource::Uptime, 9, 9, lie, 24)]);
	world.node.author(lie);
	let (node, status) = (world.node.clone(), world.status.clone());
	let told = || {
		status
			.get()
			.problems
			.iter()
			.any(|problem| problem.what.contains("the future"))
	};
	world.until("it is told", told).await;
	world.node.set_rounds(vec![open(Resource::Uptime, 6, 2, real + 1, 24)]);
	world.block();
	world.until("the real round is won", || node.wins().len() == 1).await;
	world.until("nothing is wrong any more", || !told()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_are_announced_under_the_windows_own_draw() {
	let mut world = World::new(0);
	world.start();
	world.ready().await;
	let window = OpenRound {
		wins: Wins::of(16),
		rounds: 32,
		..open(Resource::Compute, 3, 4, world.slot + 1, 84)
	};
	world.node.set_rounds(vec![window]);
	world.block();
	// Half a win is expected of 12 segments: one in 24 wins. More than three are not taken.
	let threshold = Threshold::one_in(24).unwrap();
	let mut pad = scratchpad();
	let winning: Vec<u32> = (0..12)
		.filter(|segment| threshold.wins(&Kernel::V1.run(&[4; 32], &DEVICE, *segment, &mut pad)))
		.collect();
	let node = world.node.clone();
	let count = winning.len().min(3);
	world
		.blocks_until("the window ends", |world| {
			world.ended(status::Resource::Compute, 3).is_some()
		})
		.await;
	assert_eq!(node.wins().len(), count, "{winning:?}");
	let draw = SegmentDraw {
		kernel: Kernel::V1,
		challenge: [4; 32],
		threshold,
	};
	for (win, _) in node.wins() {
		let Win::Compute { win, signature } = win else {
			panic!("{win:?}")
		};
		assert!(winning.contains(&win.segment));
		assert!(win.verify(&Hash::from(GENESIS), &draw, &key().public().into(), &signature));
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_agent_answers_as_before_and_nothing_twice() {
	let mut world = World::new(3);
	world.node.include_wins(false);
	world.start();
	world.ready().await;
	let opened = world.slot + 1;
	world.node.set_rounds(vec![
		open(Resource::Space, 5, 1, opened, 240),
		open(Resource::Uptime, 5, 2, opened, 240),
	]);
	world.block();
	let node = world.node.clone();
	world.until("all is sent", || node.wins().len() == 4).await;
	for kill in 1..4 {
		world.kill().await;
		world.start();
		let node = world.node.clone();
		world
			.blocks_until("it is sent again", |_| {
				node.wins().iter().all(|(_, times)| *times > kill)
			})
			.await;
		// Proofs and pulses made anew would differ.
		assert_eq!(world.wins().len(), 4, "{:?}", world.wins());
	}
	assert_eq!(world.stop().await.unwrap(), Outcome::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_at_any_moment_leave_one_answer_for_each_unit() {
	let mut world = World::new(4);
	world.node.include_wins(false);
	world.start();
	world.ready().await;
	for round in 0..6u64 {
		let resource = if round % 2 == 0 {
			Resource::Space
		} else {
			Resource::Uptime
		};
		world
			.node
			.set_rounds(vec![open(resource, round, 10 + round as u8, world.slot + 1, 240)]);
		world.block();
		sleep(Duration::from_millis(round * 7)).await;
		world.kill().await;
		world.start();
		let wanted = |world: &World| {
			let of = |(win, _): &&(Win, u32)| match win {
				Win::Space { round: of, .. } => *of == round,
				Win::Uptime(pulse) => pulse.round == round,
				Win::Compute { .. } => false,
			};
			world.wins().iter().filter(of).count()
		};
		let count = if round % 2 == 0 { 4 } else { 1 };
		world
			.blocks_until("all units are answered", |world| wanted(world) >= count)
			.await;
		assert_eq!(wanted(&world), count, "{:?}", world.wins());
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_lost_node_had_is_sent_again() {
	let mut world = World::new(1);
	world.node.include_wins(false);
	world.start();
	world.ready().await;
	world
		.node
		.set_rounds(vec![open(Resource::Space, 5, 1, world.slot + 1, 100)]);
	world.block();
	let node = world.node.clone();
	world.until("it is sent", || node.wins().len() == 1).await;
	world.node.lose("it was restarted");
	let status = world.status.clone();
	world
		.until("that is seen", || {
			matches!(status.get().chain.connection, status::Connection::Lost { .. })
		})
		.await;
	world.node.recover();
	world.until("it is sent again", || node.wins()[0].1 >= 2).await;
	assert_eq!(world.wins().len(), 1);
	world.node.include_wins(true);
	world
		.blocks_until("it is won", |world| {
			world
				.ended(status::Resource::Space, 5)
				.is_some_and(|round| round.outcome == status::Outcome::Won)
		})
		.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reorganisation_is_answered_anew() {
	let mut world = World::new(1);
	world.start();
	world.ready().await;
	world
		.node
		.set_rounds(vec![open(Resource::Space, 5, 1, world.slot + 1, 100)]);
	world.block();
	let node = world.node.clone();
	world.until("it is sent", || node.wins().len() == 1).await;
	world
		.node
		.set_rounds(vec![open(Resource::Space, 5, 2, world.slot + 1, 100)]);
	world.slot += 1;
	world.node.author_after(1, world.slot);
	world
		.until("the other challenge is answered", || node.wins().len() == 2)
		.await;
	assert!(world.wins().iter().all(|(_, times)| *times == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_agent_ends_at_once() {
	let mut world = World::new(1);
	world.start();
	world.ready().await;
	let error = run_until(world.setup(), std::future::pending()).await.unwrap_err();
	assert!(error.to_string().contains("one agent"), "{error}");
	assert_eq!(world.stop().await.unwrap(), Outcome::Stopped);
	// And begins when the first one has ended.
	world.start();
	world.ready().await;
	assert_eq!(world.stop().await.unwrap(), Outcome::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_journal_is_an_error_with_a_remedy() {
	let world = World::new(1);
	let state = world.state.path().join("state");
	std::fs::create_dir_all(&state).unwrap();
	std::fs::write(state.join(smart_agent_journal::FILE), [7; 200]).unwrap();
	let error = run_until(world.setup(), std::future::pending()).await.unwrap_err();
	assert!(error.to_string().contains("wait two minutes"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_should_be_claimed_is_a_problem_if_nobody_may_claim() {
	let mut world = World::new(4);
	world.node.set_proofs(DeviceId(DEVICE), Some(proofs(3)));
	world.start();
	let has = |world: &World| {
		world
			.status
			.get()
			.problems
			.iter()
			.any(|problem| problem.code == "claim-space")
	};
	world.blocks_until("it is said", has).await;
	world.node.set_proofs(DeviceId(DEVICE), Some(proofs(4)));
	world.blocks_until("it is said no more", |world| !has(world)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_told() {
	let mut world = World::new(1);
	world.slot -= 120;
	world.start();
	let told = |world: &World| {
		world
			.status
			.get()
			.problems
			.iter()
			.any(|problem| problem.code == "clock")
	};
	world.blocks_until("the clock is told", told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_is_not_registered_is_told_why() {
	let mut world = World::new(1);
	world.node.set_proofs(DeviceId(DEVICE), None);
	world.start();
	world
		.blocks_until("it is told", |world| {
			let status = world.status.get();
			status
				.device
				.as_ref()
				.is_some_and(|device| device.state == DeviceState::NotRegistered)
		})
		.await;
	world
		.node
		.set_rounds(vec![open(Resource::Space, 5, 1, world.slot + 1, 10)]);
	world
		.blocks_until("the round ends", |world| {
			world.ended(status::Resource::Space, 5).is_some()
		})
		.await;
	let ended = world.ended(status::Resource::Space, 5).unwrap();
	assert!(ended.why.contains("register it"), "{ended:?}");
	assert_eq!(world.wins(), []);
}

/// What became of its key is asked at once, and not minutes later.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_retired_while_it_runs_is_told_so_soon() {
	let mut world = World::new(1);
	world.start();
	let state = |world: &World| world.status.get().device.as_ref().map(|device| device.state);
	world
		.blocks_until("it is known", |world| state(world) == Some(DeviceState::Active))
		.await;
	world.node.set_key_use(DeviceId(DEVICE), KeyUse::Retired);
	world.node.set_proofs(DeviceId(DEVICE), None);
	let before = world.slot;
	let told = |world: &World| {
		let status = world.status.get();
		let mut problems = status.problems.iter();
		problems.any(|problem| problem.remedy.contains("smart-agent device renew NAME"))
	};
	world.blocks_until("it is told", told).await;
	assert!(world.slot - before < 200, "it took {} slots", world.slot - before);
	assert_eq!(state(&world), Some(DeviceState::Retired));
}

/// Bytes of a folder.
pub(super) fn bytes_of(folder: &Path) -> u64 {
	let entries = std::fs::read_dir(folder).unwrap();
	entries.map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_stays_small() {
	let mut world = World::new(2);
	world.start();
	world.ready().await;
	for round in 0..10u64 {
		world
			.node
			.set_rounds(vec![open(Resource::Space, round, round as u8, world.slot + 1, 12)]);
		let count = 2 * (round as usize + 1);
		world
			.blocks_until("it is answered", |world| world.wins().len() >= count)
			.await;
	}
	world.stop().await.unwrap();
	let bytes = bytes_of(&world.state.path().join("state"));
	assert!(bytes < 20 * 512, "{bytes}");
}
