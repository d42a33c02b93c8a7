//! The market, through a node or in memory.

pub(crate) mod acts;
pub(crate) mod net;

use acts::Act;
use async_trait::async_trait;
use codec::{Decode, Encode};
use compute_market_primitives::{
	Assurance, JobId, JobState, JobsOf, Price, Quote, Spec, Terms, Tick, UnitAt, UnitState, WorkerState, MAX_ANSWERS,
};
use device_primitives::{DeviceId, Endpoint};
use scale_info::TypeInfo;
use smart_agent_chain::{Account, AccountId, BlockNumber, ChainError, Quote as Costs};

/// A job, and where its workers are reached.
pub type JobView = JobState<AccountId, DeviceId, Endpoint>;
/// A unit of a job.
pub type UnitView = UnitState<DeviceId>;
/// What a device offers.
pub type WorkerView = WorkerState<AccountId, DeviceId, Endpoint>;

/// What this crate's questions to the chain answer.
pub type Answer<T> = Result<T, ChainError>;

/// What is put in for state and comes back, in planck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Decode, Encode, TypeInfo)]
pub struct Deposits {
	/// For a worker.
	pub worker: u128,
	/// For a job,
	pub job: u128,
	/// and for each of its units.
	pub unit: u128,
}

impl Deposits {
	/// For a job of so many units.
	pub fn of_job(&self, units: u32) -> u128 {
		self.job.saturating_add(self.unit.saturating_mul(units.into()))
	}
}

/// What is known of the chain, and stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
	/// The hash of its first block.
	pub genesis: [u8; 32],
	/// Milliseconds of a slot: a tick takes about as long.
	pub slot_ms: u64,
	/// What is put in for state.
	pub deposits: Deposits,
}

impl Known {
	/// About how many seconds so many ticks take.
	pub fn seconds(&self, ticks: Tick) -> u64 {
		u64::from(ticks).saturating_mul(self.slot_ms) / 1_000
	}
}

/// What a transaction did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
	/// The height of its block, which is final.
	pub block: BlockNumber,
	/// What was paid for it, in planck, as far as an event says it.
	pub fee: Option<u128>,
	/// The job that it submitted.
	pub submitted: Option<JobId>,
}

/// The market. What is asked is as of the best block, but for what an order rests on: that is final.
#[async_trait]
pub trait Jobs: Send + Sync {
	/// What stays.
	fn known(&self) -> Known;

	/// The highest final block, and the markets' clock in it.
	///
	/// # Errors
	/// If the node is not reached, or answers what cannot be read; so for all that follow.
	async fn now(&self) -> Answer<(BlockNumber, Tick)>;

	/// What governance decides of jobs.
	async fn terms(&self) -> Answer<Terms>;

	/// The engines that the chain has, the newest one last.
	async fn engines(&self) -> Answer<Vec<u32>>;

	/// Some of the workers that there are: all if there are few.
	async fn workers(&self) -> Answer<Vec<WorkerView>>;

	/// What a job would cost; the inner error is why there can be no such job.
	async fn quote(&self, spec: &Spec, max_price: Price, assurance: Assurance) -> Answer<Result<Quote, String>>;

	/// A job; none if there is none, or it was closed.
	async fn job(&self, job: JobId) -> Answer<Option<JobView>>;

	/// The same as of the highest final block.
	async fn final_job(&self, job: JobId) -> Answer<Option<JobView>>;

	/// Numbers of an account's jobs above this one, as of the highest final block.
	async fn jobs_of(&self, owner: &[u8; 32], after: JobId) -> Answer<JobsOf>;

	/// Units of a job, from this one on: 256 at most.
	async fn units(&self, job: JobId, from: UnitAt) -> Answer<Vec<UnitView>>;

	/// What an account has.
	async fn account(&self, who: &[u8; 32]) -> Answer<Account>;

	/// What it costs to have the chain do something now.
	async fn costs(&self, act: &Act, from: &[u8; 32]) -> Answer<Costs>;

	/// Has the chain do something, signed by this program's account, and waits until that is final.
	///
	/// # Errors
	/// Also `Rejected`, `Dispatch`, `Dropped`, `Expired`, `Unclear`: what became of it.
	async fn send(&self, act: &Act) -> Answer<Sent>;

	/// Waits for the next block, some seconds at most.
	async fn pause(&self);
}

/// All jobs of an account above this one.
///
/// # Errors
/// As of the market.
pub async fn all_jobs(market: &dyn Jobs, owner: &[u8; 32], after: JobId) -> Answer<Vec<JobId>> {
	let (mut found, mut looked) = (Vec::new(), after);
	loop {
		let some = market.jobs_of(owner, looked).await?;
		found.extend(some.jobs);
		if some.looked_to >= some.newest {
			return Ok(found);
		}
		// It would go on without an end; and a part of the jobs must not pass for all.
		if some.looked_to <= looked {
			return Err(ChainError::Undecodable {
				what: "the list of jobs".into(),
				why: "the node's answer goes no further; ask another node".into(),
			});
		}
		looked = some.looked_to;
	}
}

/// All units of a job.
///
/// # Errors
/// As of the market.
pub async fn all_units(market: &dyn Jobs, job: JobId, units: u32) -> Answer<Vec<UnitView>> {
	let mut found: Vec<UnitView> = Vec::new();
	while let Ok(next) = u32::try_from(found.len()) {
		if next >= units {
			break;
		}
		let some = market.units(job, next).await?;
		let whole = some.len() >= MAX_ANSWERS as usize;
		found.extend(some);
		if !whole {
			break;
		}
	}
	Ok(found)
}
