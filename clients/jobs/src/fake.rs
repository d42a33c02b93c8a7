//! A market in memory, whose workers run units here and serve what comes of them.

use crate::{
	market::acts::Act,
	market::{Answer, Deposits, JobView, Jobs, Known, Sent, UnitView, WorkerView},
	units::home::at_home,
};
use async_trait::async_trait;
use bounded_collections::BoundedVec;
use compute_market_primitives::{
	Accepted, Assurance, Input, JobId, JobStage, JobState, JobsOf, Outcome, Price, Program, Quote, Reach, Reliability,
	Source, Spec, Terms, Tick, UnitAt, UnitCounts, UnitStage, UnitState, WorkOffer, WorkerState,
};
use device_primitives::{DeviceId, Endpoint, Host, HostName, Transport};
use smart_agent_chain::{Account, AccountId, BlockNumber, ChainError, Quote as Costs};
use smartchain_share::{fetch, Halt, Peer, Server, Serving, Stock};
use smartchain_transfer::client::address;
use smartchain_unit::{Runner, Stop, Unit};
use std::sync::{Mutex, MutexGuard};

pub(crate) const OWNER: [u8; 32] = [9; 32];
const SEED: [u8; 32] = [7; 32];
/// What those get who look for an output, in planck.
pub(crate) const FEE: u128 = 150;

/// An order that can be.
pub(crate) fn spec() -> Spec {
	Spec {
		engine: 1,
		program: Program {
			root: [3; 32],
			length: 1_000,
		},
		input: Input::Number,
		source: Source::Client(BoundedVec::truncate_from(vec![local(9_979)])),
		units: 4,
		fuel_limit: 10_000_000_000,
		memory_pages: 64,
	}
}

pub(crate) fn local(port: u16) -> Endpoint {
	Endpoint {
		transport: Transport::Tcp,
		host: Host::Name(HostName::try_from(b"localhost".to_vec()).unwrap()),
		port,
	}
}

/// A job that runs, of whose units nobody has said anything, and without workers.
pub(crate) fn job(spec: &Spec, max_price: Price, assurance: Assurance) -> JobView {
	JobState {
		owner: AccountId::new(OWNER),
		spec: spec.clone(),
		max_price,
		assurance,
		stage: JobStage::Running,
		time: 1_700_000_000_000,
		seed: Some(SEED),
		escrow: 1,
		paid: 5,
		short: None,
		received: false,
		checks: 0,
		units: UnitCounts::default(),
		pool: Vec::new(),
	}
}

/// A unit that nobody has.
pub(crate) fn unit(unit: UnitAt) -> UnitView {
	UnitState {
		unit,
		stage: UnitStage::Waiting,
		asked: 0,
		accepted: None,
		checked: false,
		by: Vec::new(),
	}
}

/// A worker that asks so much.
pub(crate) fn worker(owner: u8, ask: u128) -> WorkerView {
	WorkerState {
		reach: Reach {
			device: DeviceId([owner; 32]),
			endpoints: Vec::new(),
		},
		owner: AccountId::new([owner; 32]),
		offer: WorkOffer {
			ask: Price(ask),
			engines: BoundedVec::truncate_from(vec![1]),
			slots: 1,
			memory_pages: 16_384,
		},
		stake: 1,
		locked: 0,
		leaving: None,
		reliability: Reliability::default(),
		rate: 1,
		tickets: 1,
	}
}

/// The program that runs units, which the tests of its own crate have built.
pub(crate) fn runner() -> Runner {
	let tests = std::env::current_exe().unwrap();
	let beside = tests.ancestors().nth(2).unwrap().join(smartchain_unit::PROGRAM);
	Runner::of(&beside).unwrap()
}

/// A program that writes how it was called, in 16 bytes: `args_get` to 64, and `fd_write` of what is there.
pub(crate) const PROGRAM: &[u8] =
	b"\0asm\x01\0\0\0\x01\x12\x03`\x02\x7f\x7f\x01\x7f`\x04\x7f\x7f\x7f\x7f\x01\x7f`\0\0\x02E\x02\x16wasi_snaps\
		hot_preview1\x08args_get\0\0\x16wasi_snapshot_preview1\x08fd_write\0\x01\x03\x02\x01\x02\x05\x03\x01\0\x01\
		\x07\x13\x02\x06memory\x02\0\x06_start\0\x02\n\x17\x01\x15\0A\0A\xc0\0\x10\0\x1aA\x01A\x20A\x01A0\x10\x01\
		\x1a\x0b\x0b\x0e\x01\0A\x20\x0b\x08@\0\0\0\x10\0\0\0";

/// A program of which every unit traps.
pub(crate) const TRAPS: &[u8] =
	b"\0asm\x01\0\0\0\x01\x04\x01`\0\0\x03\x02\x01\0\x05\x03\x01\0\x01\x07\x13\x02\x06memory\x02\0\x06_start\
		\0\0\x0a\x05\x01\x03\0\0\x0b";

#[derive(Default)]
pub(crate) struct State {
	pub jobs: Vec<(JobId, JobView)>,
	pub units: Vec<UnitView>,
	pub acts: Vec<Act>,
	/// Submissions are carried out, and nobody hears of it.
	pub silent: bool,
	/// Jobs find no workers: the chain keeps nothing of them.
	pub starves: bool,
	/// These units never have a result.
	pub without: Vec<UnitAt>,
	/// Results of these units were found out by others, until somebody misses their outputs: nobody serves them.
	pub refuted: Vec<UnitAt>,
	/// Workers say of these units that they burned more than they did.
	pub inflated: Vec<UnitAt>,
	/// Whoever is asked in an appeal says so too.
	pub colludes: bool,
	pub block: BlockNumber,
	/// After so many questions the node is gone: whoever asks is killed there.
	pub dies_after: Option<u32>,
	pub asked: u32,
}

/// A market with one worker, and one that says that it serves and does not.
pub(crate) struct Fake {
	pub state: Mutex<State>,
	stock: Stock,
	_serving: Serving,
	port: u16,
}

impl Fake {
	pub fn new() -> Self {
		let stock = Stock::default();
		let serving = Server::bind("127.0.0.1:0".parse().unwrap(), "{}", stock.clone()).unwrap();
		let serving = serving.serve().unwrap();
		Self {
			state: Mutex::default(),
			stock,
			port: serving.address().port(),
			_serving: serving,
		}
	}

	pub fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap()
	}

	fn ask(&self) -> Answer<()> {
		let mut state = self.state();
		state.asked += 1;
		match state.dies_after {
			Some(after) if state.asked > after => Err(ChainError::Signer("killed".into())),
			_ => Ok(()),
		}
	}

	fn opened(&self, spec: &Spec, max_price: Price, assurance: Assurance) -> JobId {
		let mut state = self.state();
		let id = state.jobs.len() as JobId + 1;
		let reach = |device: u8, port| Reach {
			device: DeviceId([device; 32]),
			endpoints: vec![local(port)],
		};
		let job = JobView {
			// Nobody listens at the first one.
			pool: vec![reach(1, 1), reach(2, self.port)],
			..job(spec, max_price, assurance)
		};
		state.jobs.push((id, job));
		state.units = (0..spec.units).map(unit).collect();
		id
	}

	/// Three have missed the output of a unit: it is computed again, and served then.
	fn missed(&self, number: UnitAt) {
		let mut state = self.state();
		state.refuted.retain(|refuted| *refuted != number);
		state.units[number as usize] = unit(number);
		if let Some((_, job)) = state.jobs.last_mut() {
			job.stage = JobStage::Running;
		}
	}

	/// Thirteen have run a unit again.
	fn appealed(&self, number: UnitAt) {
		let mut state = self.state();
		let lied = state.inflated.contains(&number) && !state.colludes;
		if let Some(accepted) = state.units[number as usize].accepted.as_mut().filter(|_| lied) {
			accepted.outcome.fuel -= 1;
		}
	}

	/// The worker fetches the program and runs the next unit.
	fn work(&self) {
		let (job, unit, without) = {
			let state = self.state();
			let Some((_, job)) = state.jobs.last().cloned() else {
				return;
			};
			let waits = state.units.iter().find(|unit| unit.stage == UnitStage::Waiting);
			(job, waits.map(|unit| unit.unit), state.without.clone())
		};
		let Some(number) = unit else {
			if let Some((_, job)) = self.state().jobs.last_mut() {
				job.stage = JobStage::Done { at: 9 };
			}
			return;
		};
		if without.contains(&number) {
			self.state().units[number as usize].stage = UnitStage::Undecided;
			return;
		}
		let Source::Client(endpoints) = &job.spec.source else {
			return;
		};
		let client = Peer::new(endpoints.iter().filter_map(address));
		let root = job.spec.program.root;
		// Whoever is killed serves nothing for a while.
		let Ok(program) = fetch(&[client], &root, job.spec.program.length.into(), &Halt::default()) else {
			return;
		};
		let unit = Unit {
			number,
			count: job.spec.units,
			time: job.time,
			seed: SEED,
			fuel_limit: job.spec.fuel_limit,
			memory_pages: job.spec.memory_pages,
			program: program.into(),
			input: Vec::new(),
		};
		let ran = at_home(&runner(), &unit, &Stop::default()).unwrap();
		self.stock.put(ran.output).unwrap();
		let mut state = self.state();
		let refuted = state.refuted.contains(&number);
		let more = u64::from(state.inflated.contains(&number));
		let unit = &mut state.units[number as usize];
		unit.stage = UnitStage::Accepted;
		unit.asked = 3;
		unit.accepted = Some(Accepted {
			outcome: Outcome {
				fuel: ran.outcome.fuel + more,
				..ran.outcome
			},
			at: 5,
		});
		unit.by = match refuted {
			true => Vec::new(),
			false => vec![DeviceId([1; 32]), DeviceId([2; 32])],
		};
		if let Some((_, job)) = state.jobs.last_mut() {
			job.units.accepted += 1;
		}
	}
}

#[async_trait]
impl Jobs for Fake {
	fn known(&self) -> Known {
		Known {
			genesis: [1; 32],
			slot_ms: 500,
			deposits: Deposits {
				worker: 1,
				job: 2,
				unit: 3,
			},
		}
	}

	async fn now(&self) -> Answer<(BlockNumber, Tick)> {
		self.ask()?;
		Ok((self.state().block, 1))
	}

	async fn terms(&self) -> Answer<Terms> {
		Ok(Terms::real())
	}

	async fn engines(&self) -> Answer<Vec<u32>> {
		Ok(vec![1])
	}

	async fn workers(&self) -> Answer<Vec<WorkerView>> {
		Ok((1..10).map(|owner| worker(owner, 100)).collect())
	}

	async fn quote(&self, spec: &Spec, max_price: Price, assurance: Assurance) -> Answer<Result<Quote, String>> {
		self.ask()?;
		let quote = Quote::of(spec, max_price, assurance, &Terms::real());
		Ok(quote
			.map(|quote| Quote { dispute: FEE, ..quote })
			.map_err(|error| error.to_string()))
	}

	async fn job(&self, job: JobId) -> Answer<Option<JobView>> {
		self.ask()?;
		let state = self.state();
		let found = state.jobs.iter().find(|(id, _)| *id == job && !state.starves);
		Ok(found.map(|(_, view)| view.clone()))
	}

	async fn final_job(&self, job: JobId) -> Answer<Option<JobView>> {
		self.job(job).await
	}

	async fn jobs_of(&self, _: &[u8; 32], after: JobId) -> Answer<JobsOf> {
		self.ask()?;
		let state = self.state();
		let newest = state.jobs.len() as JobId;
		Ok(JobsOf {
			jobs: state.jobs.iter().map(|(id, _)| *id).filter(|id| *id > after).collect(),
			looked_to: newest,
			newest,
		})
	}

	async fn units(&self, _: JobId, from: UnitAt) -> Answer<Vec<UnitView>> {
		self.ask()?;
		Ok(self
			.state()
			.units
			.iter()
			.filter(|unit| unit.unit >= from)
			.cloned()
			.collect())
	}

	async fn account(&self, _: &[u8; 32]) -> Answer<Account> {
		Err(ChainError::Signer("nobody asks".into()))
	}

	async fn costs(&self, _: &Act, _: &[u8; 32]) -> Answer<Costs> {
		Err(ChainError::Signer("nobody asks".into()))
	}

	async fn send(&self, act: &Act) -> Answer<Sent> {
		self.ask()?;
		self.state().acts.push(act.clone());
		let submitted = match act {
			Act::Submit {
				spec,
				max_price,
				assurance,
				..
			} => Some(self.opened(spec, *max_price, *assurance)),
			Act::Appeal { unit, .. } => {
				self.appealed(*unit);
				None
			}
			Act::Dispute { unit, .. } => {
				self.missed(*unit);
				None
			}
			_ => None,
		};
		if self.state().silent && submitted.is_some() {
			return Err(ChainError::Signer("killed".into()));
		}
		Ok(Sent {
			block: 1,
			fee: None,
			submitted,
		})
	}

	async fn pause(&self) {
		self.state().block += 1;
		tokio::task::block_in_place(|| self.work());
	}
}
