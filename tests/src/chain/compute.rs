//! What the chain says of jobs, and what came of their units.

use super::channels::events;
use crate::{seen::rpc::Rpc, Error, Result};
use codec::{Decode, Encode};
use compute_market_primitives::{JobId, JobState, JobsOf, Outcome, UnitAt, UnitState, WorkerState, MAX_ANSWERS};
use device_primitives::{DeviceId, Endpoint};
use jsonrpsee::rpc_params;
use pallet_compute_market::{Event, LastJob};
use smartchain_runtime::{AccountId, Balance, Runtime, RuntimeEvent};
use sp_core::Bytes;
use std::collections::BTreeMap;

/// A job of this chain.
pub type JobOf = JobState<AccountId, DeviceId, Endpoint>;
/// A worker of this chain.
pub type WorkerOf = WorkerState<AccountId, DeviceId, Endpoint>;
/// A unit of a job of this chain.
pub type UnitOf = UnitState<DeviceId>;

/// What the market answers at a node's best block.
async fn asked<T: Decode>(rpc: &Rpc, method: &str, arguments: Vec<u8>) -> Result<T> {
	let method = format!("ComputeMarketApi_{method}");
	let answer: Bytes = rpc.call("state_call", rpc_params![method, Bytes(arguments)]).await?;
	Ok(T::decode(&mut &answer[..])?)
}

/// A job; none if there is none.
///
/// # Errors
/// When the node does not answer.
pub async fn job(rpc: &Rpc, job: JobId) -> Result<Option<JobOf>> {
	asked(rpc, "job", job.encode()).await
}

/// The jobs that an account has ordered and that are not closed, of the first 4,096 ones. Those by which units are run
/// again have numbers, too, and are not among them.
///
/// # Errors
/// When the node does not answer.
pub async fn ordered_by(rpc: &Rpc, owner: &AccountId) -> Result<Vec<JobId>> {
	let found: JobsOf = asked(rpc, "jobs_of", (owner, JobId::MIN).encode()).await?;
	Ok(found.jobs)
}

/// The number of the newest job; 0 if there was none yet. What runs a unit of one again has a number as well.
///
/// # Errors
/// When the node does not answer.
pub async fn last_job(rpc: &Rpc) -> Result<JobId> {
	let value = rpc.storage(&LastJob::<Runtime>::hashed_key(), None).await?;
	Ok(value.map_or(Ok(0), |bytes| JobId::decode(&mut &bytes[..]))?)
}

/// What a device offers, and how it does; none if it offers nothing and has no stake.
///
/// # Errors
/// When the node does not answer.
pub async fn worker(rpc: &Rpc, device: DeviceId) -> Result<Option<WorkerOf>> {
	asked(rpc, "worker", device.encode()).await
}

/// The units of a job.
///
/// # Errors
/// When the node does not answer.
pub async fn units(rpc: &Rpc, job: JobId) -> Result<Vec<UnitOf>> {
	let mut found: Vec<UnitOf> = Vec::new();
	loop {
		let from = found.last().map_or(0, |unit| unit.unit + 1);
		let some: Vec<UnitOf> = asked(rpc, "units", (job, from, MAX_ANSWERS).encode()).await?;
		if some.is_empty() {
			return Ok(found);
		}
		found.extend(some);
	}
}

/// What has become of the units of a job, by the events of final blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
	/// What was accepted. What was refuted afterwards has what stands since.
	pub accepted: BTreeMap<UnitAt, Outcome>,
	/// Units of which not enough agreed at first.
	pub escalated: u32,
	/// Units that have no result.
	pub without: Vec<UnitAt>,
	/// Units whose result others came to not.
	pub refuted: Vec<UnitAt>,
	/// What devices have lost for what they said, or did not show, in planck.
	pub lost: BTreeMap<DeviceId, Balance>,
	/// How often devices were late.
	pub late: BTreeMap<DeviceId, u32>,
	/// How often devices have handed a unit back.
	pub declined: BTreeMap<DeviceId, u32>,
	/// The heights at which the first unit was given out, and the last one had its result.
	pub span: Option<(u32, u32)>,
}

impl Seen {
	/// From this height up to the last final block. The node must keep the states of all blocks.
	///
	/// # Errors
	/// When it does not, or does not answer.
	pub async fn since(rpc: &Rpc, height: u32, job: JobId) -> Result<Self> {
		let (last, mut seen) = (rpc.finalized().await?.number, Self::default());
		for number in height..=last {
			let hash = rpc.hash_at(number).await?;
			let hash = hash.ok_or_else(|| Error::new(format!("there is no block {number}")))?;
			for event in events(rpc, Some(hash)).await? {
				if let RuntimeEvent::ComputeMarket(event) = event {
					seen.add(job, number, event);
				}
			}
		}
		Ok(seen)
	}

	fn add(&mut self, job: JobId, height: u32, event: Event<Runtime>) {
		match event {
			Event::UnitDispatched(of, ..) if of == job => {
				self.span.get_or_insert((height, height));
			}
			Event::UnitAccepted(of, unit, outcome) if of == job => {
				self.accepted.insert(unit, outcome);
				if let Some((_, last)) = &mut self.span {
					*last = height;
				}
			}
			Event::UnitRefuted(of, unit, outcome) if of == job => {
				self.accepted.insert(unit, outcome);
				self.refuted.push(unit);
			}
			Event::UnitEscalated(of, _, _) if of == job => self.escalated += 1,
			Event::UnitFaulted(of, unit) | Event::UnitUndecided(of, unit) if of == job => self.without.push(unit),
			Event::WorkerPenalized(device, of, _, amount) if of == job => {
				*self.lost.entry(device).or_default() += amount;
			}
			Event::WorkerLate(device, of, _) if of == job => *self.late.entry(device).or_default() += 1,
			Event::UnitDeclined(of, _, device) if of == job => *self.declined.entry(device).or_default() += 1,
			_ => (),
		}
	}
}
