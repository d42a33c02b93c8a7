//! A chain of one node with test values, agents that compute, and somebody who orders.

use device_primitives::DeviceId;
use futures::future::try_join_all;
use smartchain_runtime::constants::currency::UNITS;
use smartchain_tests::{
	agent::Owner,
	compute::{self, Seen},
	ensure,
	network::Wiring,
	node::process,
	ports,
	tx::{self, Account},
	wait, Agent, Error, Network, NodeConfig, Result, Rpc, Smart,
};
use std::{
	path::Path,
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// Agents.
pub const WORKERS: usize = 9;
/// Units that each runs at a time, if they take a second or so,
pub const FEW: u16 = 2;
/// and if they take next to nothing: so many that a block cannot give out all.
pub const MANY: u16 = 16;
/// What everybody has, in planck.
const MONEY: u128 = 20_000 * UNITS;
/// What is asked, and what each worker may lose.
const ASK: &str = "0.01/Gfuel";
const STAKE: &str = "5000";
/// How long a transaction may take to be final, and a command that does little else.
const SOON: Duration = Duration::from_secs(60);
/// How long the chain may take to see that a device takes part in the lottery of compute.
const SEEN: Duration = Duration::from_secs(600);
/// How long a job may take.
const COMPUTED: Duration = Duration::from_secs(1_800);

/// A job that was run to its end.
pub struct Ran {
	/// Its number.
	pub job: u64,
	/// From the command to its end.
	pub took: Duration,
	/// The height before it.
	pub since: u32,
}

/// All of them.
pub struct Works {
	network: Network,
	/// Those who compute, with their devices. The first ones may lie.
	pub workers: Vec<(Agent, DeviceId)>,
	buyer: Smart,
	place: TempDir,
	port: u16,
	jobs: u32,
}

async fn start(mut agent: Agent, slots: u16, lies: bool) -> Result<(Agent, DeviceId)> {
	agent.sell_work(slots)?;
	if lies {
		agent.run_units_by(process::built("smartchain-liar")?);
	}
	let device = agent.init(1).await?;
	agent.run().await?;
	Ok((agent, device))
}

/// Offers to compute until the device has a ticket.
async fn sell(agent: &Agent, slots: u16) -> Result<()> {
	let mut sells = agent.offer_work(ASK, slots, Some(STAKE)).await?;
	let end = Instant::now() + SEEN;
	while !sells {
		ensure!(Instant::now() < end, "{} has no ticket", agent.name());
		tokio::time::sleep(Duration::from_secs(5)).await;
		sells = agent.offer_work(ASK, slots, None).await?;
	}
	Ok(())
}

impl Works {
	/// Starts everything, and waits until all agents can be drawn, who run so many units at a time each; so many of
	/// them lie.
	///
	/// # Errors
	/// If something does not start.
	pub async fn start(liars: usize, slots: u16) -> Result<Self> {
		eprintln!("  a chain and {WORKERS} agents with {slots} units at a time each ...");
		let mut network = Network::empty(Wiring::Direct, 0)?;
		let mut config = NodeConfig::new("alone")?.validator("alice").with_args([
			"--state-pruning",
			"archive",
			"--max-runtime-instances",
			"32",
		]);
		config.chain = "dev".to_string();
		network.start_node(config)?;
		network.ready().await?;
		let node = network.node(0).config().rpc;
		let buyer = Smart::new("buyer", node, network.dir())?;
		let owners: Vec<Owner> = (0..WORKERS).map(|_| Owner::generate()).collect();
		let all = owners.iter().map(Owner::account).chain([buyer.account()]);
		let gifts = all.map(|account| tx::transfer(account.id(), MONEY)).collect();
		tx::carry_out(network.rpc(0)?, &Account::dev("//Bob"), tx::all(gifts), SOON).await?;
		let mut agents = Vec::new();
		for (number, owner) in owners.into_iter().enumerate() {
			let agent = Agent::new(&format!("worker-{number}"), owner, node, network.dir())?;
			agents.push(start(agent, slots, number < liars));
		}
		let workers = try_join_all(agents).await?;
		eprintln!("  the chain sees that they take part ...");
		try_join_all(workers.iter().map(|(agent, _)| sell(agent, slots))).await?;
		buyer.init(SOON).await?;
		Ok(Self {
			network,
			workers,
			buyer,
			place: tempfile::tempdir()?,
			port: ports::free()?,
			jobs: 0,
		})
	}

	/// The node.
	///
	/// # Errors
	/// If it does not answer.
	pub fn rpc(&self) -> Result<&Rpc> {
		self.network.rpc(0)
	}

	/// Waits until a height is final.
	///
	/// # Errors
	/// If it is not for a minute.
	pub async fn until(&self, height: u32) -> Result<()> {
		self.network.until_all_final(height, SOON).await
	}

	/// Whether everybody has shown enough to be given units alone.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn may_work_alone(&self) -> Result<bool> {
		for (agent, device) in &self.workers {
			let worker = compute::worker(self.rpc()?, *device).await?;
			let worker = worker.ok_or_else(|| Error::new(format!("{} offers nothing", agent.name())))?;
			if !worker.reliability.may_work_alone() {
				return Ok(false);
			}
		}
		Ok(true)
	}

	/// Where programs and outputs lie.
	pub fn place(&self) -> &Path {
		self.place.path()
	}

	/// The account of Bob sends one planck more than an account needs to the buyer: a transfer to compare with.
	///
	/// # Errors
	/// If it is in no block.
	pub async fn transfer(&self) -> Result<()> {
		let call = tx::transfer(self.buyer.account().id(), UNITS);
		tx::carry_out(self.rpc()?, &Account::dev("//Bob"), call, SOON).await
	}

	/// Has a program run in so many units that all read the same, with an assurance.
	///
	/// # Errors
	/// If not all of them have a result.
	pub async fn run(&mut self, program: &Path, input: &Path, units: u32, assurance: &str) -> Result<Ran> {
		let since = self.rpc()?.finalized().await?.number;
		self.jobs += 1;
		let out = self.place().join(format!("out-{}", self.jobs)).display().to_string();
		let here = format!("127.0.0.1:{}", self.port);
		let there = format!("localhost:{}", self.port);
		let (program, input) = (program.display().to_string(), input.display().to_string());
		let units = units.to_string();
		let what = [
			"job", "run", &program, "--input", &input, "--units", &units, "--out", &out,
		];
		let how = [
			"--assurance",
			assurance,
			"--serve",
			&here,
			"--public",
			&there,
			"--max-price",
			ASK,
		];
		let start = Instant::now();
		let done = self.buyer.carry_out(&[&what[..], &how].concat(), COMPUTED).await?;
		let took = start.elapsed();
		let job = done["job"].as_u64();
		let job = job.ok_or_else(|| Error::new(format!("no number of a job in {done}")))?;
		Ok(Ran { job, took, since })
	}

	/// The number that the next job has.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn next_job(&self) -> Result<u64> {
		Ok(compute::last_job(self.rpc()?).await? + 1)
	}

	/// What has become of a job, once all of it is final.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn seen(&self, ran: &Ran) -> Result<Seen> {
		let best = self.rpc()?.header(None).await?.number;
		self.network.until_all_final(best, SOON).await?;
		Seen::since(self.rpc()?, ran.since, ran.job).await
	}

	/// Whoever comes last dies for good when the first unit of a job has its result.
	///
	/// # Errors
	/// If the node does not answer, or no unit has one.
	pub async fn last_dies(rpc: &Rpc, agent: &mut Agent, job: u64) -> Result<()> {
		wait::until("the first unit to have its result", COMPUTED, || async {
			let job = compute::job(rpc, job).await?;
			Ok(job.filter(|job| job.units.accepted > 0).map(drop))
		})
		.await?;
		agent.kill();
		Ok(())
	}

	/// Ends all of them in order.
	///
	/// # Errors
	/// If something does not.
	pub async fn finish(mut self) -> Result<()> {
		for (agent, _) in &mut self.workers {
			agent.finish().await?;
		}
		self.network.finish().await
	}
}
