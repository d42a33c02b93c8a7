//! A new runtime comes into force while units are out: what was sealed under the old one is shown under the new one.

use super::{given, number_of, Works, COMPUTED, SLOW, UNITS_OF_JOB};
use crate::{
	seconds,
	storage::{set_next_runtime, spec_version},
};
use compute_market_primitives::UnitCounts;
use futures::future::try_join;
use smartchain_runtime::{constants::time::UPGRADE_DELAY, VERSION};
use smartchain_tests::{compute, ensure, wait, Result, Rpc};
use std::time::Duration;

/// Agents that compute: so few, and so slow, that a job lasts for a minute.
const WORKERS: usize = 4;
/// So many blocks before a new runtime is in force the job is ordered. Its pool is drawn two turns later, by when some
/// 25 are left.
const BEFORE: u32 = 60;

/// How units stand when the new runtime comes into force.
async fn units_at_the_switch(rpc: &Rpc, job: u64) -> Result<UnitCounts> {
	wait::until("the next runtime to be in force", COMPUTED, || async {
		Ok((spec_version(rpc).await? > VERSION.spec_version).then_some(()))
	})
	.await?;
	Ok(compute::job(rpc, job)
		.await?
		.map_or_else(UnitCounts::default, |job| job.units))
}

/// A job that goes over an upgrade.
pub(crate) async fn over_an_upgrade(name: &str, limit: Duration) {
	wait::bounded_beside_another(name, limit, async {
		let works = Works::open(&[SLOW; WORKERS]).await?;
		let rpc = works.rpc()?.clone();
		let set = rpc.header(None).await?.number;
		set_next_runtime(&rpc).await?;
		wait::until("the next runtime to be near", seconds(120), || async {
			Ok((rpc.header(None).await?.number >= set + UPGRADE_DELAY - BEFORE).then_some(()))
		})
		.await?;
		let (since, job) = (rpc.finalized().await?.number, compute::last_job(&rpc).await? + 1);
		ensure!(
			spec_version(&rpc).await? == VERSION.spec_version,
			"the next runtime came before the job"
		);
		let order = works.order("picture");
		let order = given(&order);
		let switch = units_at_the_switch(&rpc, job);
		let (done, units) = try_join(works.buyer.carry_out_beside_kills(&order, COMPUTED), switch).await?;
		ensure!(number_of(&done)? == job, "another job was ordered: {done}");
		// Before the first unit is out, or after the last one is in, nothing would be looked at.
		ensure!(
			units.in_flight > 0,
			"no unit was out when the next runtime came: {units:?}"
		);
		eprintln!(
			"{} of {UNITS_OF_JOB} units were agreed on when the next runtime came",
			units.accepted
		);
		works.is_right(job, "picture").await?;
		let seen = works.close(since, job).await?;
		ensure!(
			seen.lost.is_empty() && seen.late.is_empty(),
			"somebody lost by it: {seen:?}"
		);
		Ok(())
	})
	.await;
}
