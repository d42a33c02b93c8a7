//! The compute market between real programs: the flows of `docs/compute.md`, and what may go wrong besides.
//!
//! # The chain
//! `dev`: one node that makes blocks by itself, with test values, so that whoever takes part in the lottery of compute
//! counts as somebody at once. It keeps all states: what was accepted, and what lies have cost, is read from the events
//! of all blocks ([`Seen`]).
//!
//! # What is demanded
//! The picture of `examples/jobs` is the one that a run at home makes, byte for byte, whoever lies, dies or is killed
//! at whatever state, and over an upgrade. Who lies pays; who is killed and comes back pays nothing.
//!
//! # What it takes
//! A unit runs in some tenth of a second, in the child process that units always run in. `scripts/build-jobs rust`
//! makes the program before.
//!
//! `flow` and `kills` run with each change; [`doubts`] and [`upgrade`] are begun in `long`.

mod doubts;
mod flow;
mod kills;
mod upgrade;

pub(crate) use doubts::{all_lie, an_output_is_gone};
pub(crate) use upgrade::over_an_upgrade;

use crate::seconds;
use compute_market_primitives::JobId;
use device_primitives::DeviceId;
use futures::future::try_join_all;
use serde_json::Value;
use smartchain_runtime::constants::currency::UNITS;
use smartchain_tests::{
	agent::Owner,
	compute::Seen,
	ensure,
	network::Wiring,
	node::process,
	ports, state,
	tx::{self, Account},
	Agent, Error, Network, NodeConfig, Result, Rpc, Smart,
};
use std::{
	fs,
	path::{Path, PathBuf},
	time::Duration,
};
use tempfile::TempDir;

/// Units of a job.
const UNITS_OF_JOB: u32 = 64;
/// What everybody has.
const MONEY: u128 = 10_000 * UNITS;
/// What is asked: that honest work costs next to nothing beside what is at stake.
const ASK: &str = "0.01/Gfuel";
/// What each worker may lose.
const STAKE: &str = "2000";
/// Units that each has at a time.
const SLOTS: u16 = 2;
/// How long a transaction may take to be final, and a command that does little else.
const SOON: Duration = seconds(60);
/// How long a job may take.
const COMPUTED: Duration = seconds(600);
/// How long the chain may take to see that a device takes part in the lottery of compute.
const SEEN: Duration = seconds(240);

/// The program that draws the picture.
fn program() -> Result<PathBuf> {
	// Beside the folder of the profile, in which programs lie.
	let node = process::built("smartchain")?;
	let jobs = node
		.parent()
		.and_then(Path::parent)
		.map(|folder| folder.join("jobs/ray.wasm"));
	jobs.filter(|path| path.is_file())
		.ok_or_else(|| Error::new("there is no jobs/ray.wasm in the build folder: run `scripts/build-jobs rust` first"))
}

/// How a worker works.
#[derive(Clone, Copy)]
struct Kind {
	/// The program that runs its units, if it is another one than the agent's own.
	program: Option<&'static str>,
	/// How many of those that it has run at a time.
	at_a_time: u16,
	/// What it asks.
	ask: &'static str,
}

const HONEST: Kind = Kind {
	program: None,
	at_a_time: SLOTS,
	ask: ASK,
};
const LIAR: Kind = Kind {
	program: Some("smartchain-liar"),
	..HONEST
};
/// Honest. A unit takes a second, and another one waits for it meanwhile: both are there to be seen.
const SLOW: Kind = Kind {
	program: Some("smartchain-slow"),
	at_a_time: 1,
	..HONEST
};

/// An agent that computes, and its device.
struct Worker {
	agent: Agent,
	device: DeviceId,
}

impl Worker {
	/// Registered, in the lottery of compute; it runs.
	async fn start(mut agent: Agent, kind: Kind) -> Result<Self> {
		agent.sell_work(kind.at_a_time)?;
		if let Some(program) = kind.program {
			agent.run_units_by(process::built(program)?);
		}
		let device = agent.init(1).await?;
		agent.run().await?;
		Ok(Self { agent, device })
	}

	/// Offers to compute, with this much more at stake, again until it can be drawn: tickets are counted when an offer
	/// is made.
	async fn sell(&self, ask: &str, stake: Option<&str>) -> Result<()> {
		let mut can_be_drawn = self.agent.offer_work(ask, SLOTS, stake).await?;
		let end = tokio::time::Instant::now() + SEEN;
		while !can_be_drawn {
			ensure!(
				tokio::time::Instant::now() < end,
				"{} has no ticket after {SEEN:?}",
				self.agent.name()
			);
			tokio::time::sleep(seconds(3)).await;
			can_be_drawn = self.agent.offer_work(ask, SLOTS, None).await?;
		}
		Ok(())
	}

	/// Kills it with SIGKILL, and starts it again.
	async fn die_and_return(&mut self) -> Result<()> {
		self.agent.kill();
		self.agent.run().await
	}
}

/// A chain, those who compute, and somebody who orders.
struct Works {
	// Whoever runs ends before the network, in whose folder their logs are: fields are dropped in this order.
	workers: Vec<Worker>,
	buyer: Smart,
	network: Network,
	/// Where pictures go.
	place: TempDir,
	/// Where the buyer gives out what is computed.
	port: u16,
	program: PathBuf,
}

impl Works {
	/// These compute, and can be drawn.
	async fn open(workers: &[Kind]) -> Result<Self> {
		let program = program()?;
		let mut network = Network::empty(Wiring::Direct, 0)?;
		let mut config = NodeConfig::new("alone")?.validator("alice").with_args([
			"--state-pruning",
			"archive",
			"--max-runtime-instances",
			"32",
		]);
		config.chain = "dev".into();
		network.start_node(config)?;
		network.ready().await?;
		let (rpc, node) = (network.rpc(0)?.clone(), network.node(0).config().rpc);
		let buyer = Smart::new("buyer", node, network.dir())?;
		let owners: Vec<Owner> = workers.iter().map(|_| Owner::generate()).collect();
		let everybody = owners.iter().map(Owner::account).chain([buyer.account()]);
		let gifts = everybody.map(|account| tx::transfer(account.id(), MONEY));
		tx::carry_out(&rpc, &Account::dev("//Bob"), tx::all(gifts.collect()), SOON).await?;
		let mut making = Vec::new();
		for (number, (owner, kind)) in owners.into_iter().zip(workers).enumerate() {
			let agent = Agent::new(&format!("worker-{number}"), owner, node, network.dir())?;
			making.push(Worker::start(agent, *kind));
		}
		let made = try_join_all(making).await?;
		try_join_all(
			made.iter()
				.zip(workers)
				.map(|(worker, kind)| worker.sell(kind.ask, Some(STAKE))),
		)
		.await?;
		buyer.init(SOON).await?;
		Ok(Self {
			workers: made,
			buyer,
			network,
			place: tempfile::tempdir()?,
			port: ports::free()?,
			program,
		})
	}

	fn rpc(&self) -> Result<&Rpc> {
		self.network.rpc(0)
	}

	/// What orders the picture into a folder of this name.
	fn order(&self, name: &str) -> Vec<String> {
		self.order_of(name, UNITS_OF_JOB)
	}

	/// The same in so many units.
	fn order_of(&self, name: &str, units: u32) -> Vec<String> {
		let here = format!("127.0.0.1:{}", self.port);
		let there = format!("localhost:{}", self.port);
		let (units, out) = (units.to_string(), self.at(name).display().to_string());
		let program = self.program.display().to_string();
		["job", "run", &program, "--units", &units, "--out", &out]
			.into_iter()
			.chain(["--serve", &here, "--public", &there, "--max-price", ASK])
			.map(str::to_owned)
			.collect()
	}

	/// A folder of this name.
	fn at(&self, name: &str) -> PathBuf {
		self.place.path().join(name)
	}

	/// The picture in a folder.
	fn picture(&self, name: &str) -> Result<Vec<u8>> {
		Ok(fs::read(self.at(name).join("output"))?)
	}

	/// That a job has the picture that is made here: with the time and chance of the job, and without them.
	async fn is_right(&self, job: JobId, name: &str) -> Result<()> {
		let (number, units) = (job.to_string(), UNITS_OF_JOB.to_string());
		let program = self.program.display().to_string();
		for (own, of_job) in [("own", &[][..]), ("own-of-job", &["--job", &number][..])] {
			let out = self.at(&format!("{name}-{own}")).display().to_string();
			let local = ["job", "local", &program, "--units", &units, "--out", &out];
			let made = self.buyer.carry_out(&[&local[..], of_job].concat(), COMPUTED).await?;
			ensure!(
				made["other"] == Value::Array(Vec::new()),
				"units differ: {}",
				made["other"]
			);
			let (picture, own) = (self.picture(name)?, self.picture(&format!("{name}-{own}"))?);
			ensure!(
				picture.starts_with(b"P6") && picture == own,
				"the picture of job {job} has {} bytes and is not that of {} bytes which is made here",
				picture.len(),
				own.len()
			);
		}
		Ok(())
	}

	/// All has come to its end: what was seen of a job since this height, all of whose units have a result that stands.
	/// The chain's state is sound, and what runs ends in order.
	async fn close(self, since: u32, job: JobId) -> Result<Seen> {
		let seen = self.end(since, job).await?;
		ensure!(
			seen.accepted.len() == UNITS_OF_JOB as usize && seen.without.is_empty() && seen.refuted.is_empty(),
			"not all units have a result that stands: {seen:?}"
		);
		Ok(seen)
	}

	/// The same whatever has become of its units.
	async fn end(mut self, since: u32, job: JobId) -> Result<Seen> {
		let best = self.rpc()?.header(None).await?.number;
		self.network.until_all_final(best, SOON).await?;
		let seen = Seen::since(self.rpc()?, since, job).await?;
		state::assert_invariants(self.rpc()?).await?;
		for worker in &mut self.workers {
			worker.agent.finish().await?;
		}
		self.network.finish().await?;
		Ok(seen)
	}
}

/// Arguments as commands take them.
fn given(arguments: &[String]) -> Vec<&str> {
	arguments.iter().map(String::as_str).collect()
}

/// The number of a job that was run to its end.
fn number_of(done: &Value) -> Result<JobId> {
	let job = done["job"].as_u64();
	job.ok_or_else(|| Error::new(format!("no number of a job in {done}")))
}
