//! What is asked of the chain.

use crate::chain::calls;
use async_trait::async_trait;
use codec::{Decode, Encode};
use compute_market_primitives::{JobClaim, JobId, JobState, Task, Terms, Tick, UnitAt, UnitState, WorkerState};
use device_primitives::{DeviceId, Endpoint};
use scale_info::TypeInfo;
use smart_agent_chain::{AccountId, Args, Balance, Chain, Hash, Heads, LinkState, Node, Result};
use smart_agent_tasks::Batch;
use sp_core::sr25519;
use tokio::sync::watch;

/// A job, and where its workers are reached.
pub type JobView = JobState<AccountId, DeviceId, Endpoint>;
/// What a device offers, and how it does.
pub type WorkerView = WorkerState<AccountId, DeviceId, Endpoint>;

/// The runtime API that is asked.
const API: &str = "ComputeMarketApi";
/// Answers that are asked for in a row at most: 256 jobs each.
const MOST_PAGES: usize = 16;

/// The markets' clock, `Poca.Clock`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
struct Ticks {
	tick: Tick,
	waited: u8,
}

/// What is put in for state, in planck, `ComputeMarket.Deposits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
struct Deposits {
	worker: Balance,
	job: Balance,
	unit: Balance,
}

/// What the chain has held for a first offer, in planck: it comes back with the last stake.
///
/// # Errors
/// As [`Chain::constant`].
pub fn worker_deposit(chain: &Chain) -> Result<Balance> {
	let deposits: Deposits = chain.constant(calls::PALLET, "Deposits")?;
	Ok(deposits.worker)
}

/// What the daemon needs of the chain.
#[async_trait]
pub trait WorkNode: Send + Sync {
	/// The hash of the first block.
	fn genesis(&self) -> [u8; 32];
	/// How long a slot of the chain is, in milliseconds.
	fn slot_ms(&self) -> u64;
	/// Whether a node is reached.
	fn link(&self) -> watch::Receiver<LinkState>;
	/// Best and final blocks.
	fn heads(&self) -> Heads;
	/// The hash of the best block.
	///
	/// # Errors
	/// If the node is not reached, or answers what cannot be read; so for all that follow.
	async fn best(&self) -> Result<Hash>;
	/// The markets' clock as of a block.
	async fn tick(&self, at: Hash) -> Result<Tick>;
	/// What the device offers; none if it offers nothing and has no stake.
	async fn worker(&self, device: &DeviceId, at: Hash) -> Result<Option<WorkerView>>;
	/// All tasks of the device.
	async fn tasks(&self, device: &DeviceId, at: Hash) -> Result<Vec<Task>>;
	/// A job; none if there is none any more.
	async fn job(&self, job: JobId, at: Hash) -> Result<Option<JobView>>;
	/// A unit of a job; none if there is none.
	async fn unit(&self, job: JobId, unit: UnitAt, at: Hash) -> Result<Option<UnitState<DeviceId>>>;
	/// What governance decides of jobs.
	async fn terms(&self, at: Hash) -> Result<Terms>;
	/// What the device has earned and not claimed.
	async fn earned(&self, device: &DeviceId, at: Hash) -> Result<Vec<JobClaim>>;
	/// Hands in what the device says of tasks. That the node has it already is no error.
	async fn submit(&self, device: &DeviceId, key: &sr25519::Pair, batch: &Batch) -> Result<()>;
}

/// What a device offers.
///
/// # Errors
/// As [`Chain::stored`].
pub async fn worker(chain: &Chain, device: &DeviceId, at: Hash) -> Result<Option<WorkerView>> {
	chain
		.answered(API, "worker", &Args::none().and("device", device), at)
		.await
}

/// All tasks of a device.
///
/// # Errors
/// As [`Chain::stored`].
pub async fn tasks(chain: &Chain, device: &DeviceId, at: Hash) -> Result<Vec<Task>> {
	chain
		.answered(API, "tasks_of", &Args::none().and("device", device), at)
		.await
}

/// A job; none if there is none any more.
///
/// # Errors
/// As [`Chain::stored`].
pub async fn job(chain: &Chain, job: JobId, at: Hash) -> Result<Option<JobView>> {
	chain.answered(API, "job", &Args::none().and("job", &job), at).await
}

/// What governance decides of jobs.
///
/// # Errors
/// As [`Chain::stored`].
pub async fn terms(chain: &Chain, at: Hash) -> Result<Terms> {
	chain.answered(API, "terms", &Args::none(), at).await
}

/// What a device has earned and not claimed, by job.
///
/// # Errors
/// As [`Chain::stored`].
pub async fn earned(chain: &Chain, device: &DeviceId, at: Hash) -> Result<Vec<JobClaim>> {
	let (mut all, mut after): (Vec<JobClaim>, Option<JobId>) = (Vec::new(), None);
	for _ in 0..MOST_PAGES {
		let args = Args::none().and("device", device).and("after", &after);
		let page: Vec<JobClaim> = chain.answered(API, "earned_of", &args, at).await?;
		let Some(last) = page.last().map(|claim| claim.job) else {
			break;
		};
		let goes_on = after.is_none_or(|before| last > before);
		all.extend(page);
		if !goes_on {
			break;
		}
		after = Some(last);
	}
	Ok(all)
}

#[async_trait]
impl WorkNode for Chain {
	fn genesis(&self) -> [u8; 32] {
		Chain::genesis(self).0
	}

	fn slot_ms(&self) -> u64 {
		Node::slot_ms(self)
	}

	fn link(&self) -> watch::Receiver<LinkState> {
		Chain::link(self)
	}

	fn heads(&self) -> Heads {
		Chain::heads(self)
	}

	async fn best(&self) -> Result<Hash> {
		Ok(Chain::best(self).await?.hash)
	}

	async fn tick(&self, at: Hash) -> Result<Tick> {
		let ticks: Option<Ticks> = self.stored("Poca", "Clock", &Args::none(), at).await?;
		Ok(ticks.unwrap_or_default().tick)
	}

	async fn worker(&self, device: &DeviceId, at: Hash) -> Result<Option<WorkerView>> {
		worker(self, device, at).await
	}

	async fn tasks(&self, device: &DeviceId, at: Hash) -> Result<Vec<Task>> {
		tasks(self, device, at).await
	}

	async fn job(&self, id: JobId, at: Hash) -> Result<Option<JobView>> {
		job(self, id, at).await
	}

	async fn unit(&self, job: JobId, unit: UnitAt, at: Hash) -> Result<Option<UnitState<DeviceId>>> {
		let args = Args::none().and("job", &job).and("from", &unit).and("most", &1_u32);
		let found: Vec<UnitState<DeviceId>> = self.answered(API, "units", &args, at).await?;
		Ok(found.into_iter().find(|found| found.unit == unit))
	}

	async fn terms(&self, at: Hash) -> Result<Terms> {
		terms(self, at).await
	}

	async fn earned(&self, device: &DeviceId, at: Hash) -> Result<Vec<JobClaim>> {
		earned(self, device, at).await
	}

	async fn submit(&self, device: &DeviceId, key: &sr25519::Pair, batch: &Batch) -> Result<()> {
		calls::submit(self, device, key, batch).await
	}
}
