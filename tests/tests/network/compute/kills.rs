//! Programs die at each state of a unit on its way to a result, as the page shows it, and at each step of an order:
//! nobody who comes back has answered twice or has lost anything, and the picture is the same.
//!
//! None of the states is left to luck: units take a second and others wait for them, and as long as nobody gives out
//! the program all is fetched. Who looks for an output dies in `doubts`. That no moment in between is another is looked
//! at within a process, one write after the other: in `agent/tasks` (`world.rs`) and `agent/work`.

use super::{given, number_of, Works, COMPUTED, SLOW, UNITS_OF_JOB};
use crate::seconds;
use compute_market_primitives::JobId;
use futures::future::try_join;
use smartchain_tests::{compute, ensure, wait, Error, Result, Rpc, Smart};
use std::{
	collections::BTreeSet,
	path::Path,
	time::{Duration, Instant},
};
use tokio::sync::Notify;

/// Agents that compute.
const WORKERS: usize = 6;
/// The state of who has nobody to fetch from, and all those at which one is killed and started again.
const FETCHING: &str = "fetching";
const STATES: [&str; 6] = [FETCHING, "waiting", "running", "committing", "sealed", "revealing"];
/// How often it is looked.
const LOOK: Duration = Duration::from_millis(20);

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
	/// It is noted on this machine.
	Planned,
	/// The chain has the job.
	Ordered,
	/// Some units have a result.
	Agreed,
	/// Some outputs are here.
	Fetched,
}

const STEPS: [Step; 4] = [Step::Planned, Step::Ordered, Step::Agreed, Step::Fetched];

impl Step {
	async fn is_reached(self, rpc: &Rpc, buyer: &Smart, job: JobId, out: &Path) -> Result<bool> {
		let lies_in = |folder: &Path| folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
		match self {
			Self::Planned => Ok(lies_in(&buyer.data().join("jobs"))),
			Self::Fetched => Ok(lies_in(&out.join("units"))),
			Self::Ordered => Ok(compute::job(rpc, job).await?.is_some()),
			Self::Agreed => Ok(compute::job(rpc, job).await?.is_some_and(|job| job.units.accepted > 0)),
		}
	}
}

/// Orders the picture by a program that is killed at each step, and started again: once the chain has the job, not
/// before somebody has died who had nobody to fetch from.
async fn ordered(works: &Works, buyer: &Smart, rpc: &Rpc, job: JobId, died: &Notify) -> Result<serde_json::Value> {
	let (order, out) = (works.order("picture"), works.at("picture"));
	let order = given(&order);
	let mut killed = Vec::new();
	for step in STEPS {
		let at_work = buyer.killed_when(&order, COMPUTED, || step.is_reached(rpc, buyer, job, &out));
		ensure!(
			at_work.await?,
			"the order was at its end before {step:?}: {}",
			std::fs::read_to_string(buyer.log())?
		);
		killed.push(step);
		if step == Step::Ordered {
			let died = tokio::time::timeout(COMPUTED, died.notified()).await;
			died.map_err(|_| Error::new("nobody was seen to fetch the program while nobody gave it out"))?;
		}
	}
	eprintln!("an order was killed at {killed:?}");
	buyer.carry_out(&order, COMPUTED).await
}

/// Kills whoever is first seen at a state, and starts it again, one state after the other, as long as the job lasts: at
/// which states that was. It is told that one has died who fetched.
async fn workers_die(
	workers: &mut [super::Worker],
	rpc: &Rpc,
	job: JobId,
	died: &Notify,
) -> Result<BTreeSet<&'static str>> {
	let (mut seen, end) = (BTreeSet::new(), Instant::now() + COMPUTED);
	while seen.len() < STATES.len() && Instant::now() < end {
		if compute::job(rpc, job)
			.await?
			.is_some_and(|job| job.units.accepted == UNITS_OF_JOB)
		{
			break;
		}
		for worker in workers.iter_mut() {
			let states = worker.agent.work_states(job).await;
			let new = STATES
				.iter()
				.find(|state| !seen.contains(*state) && states.iter().any(|found| found == *state));
			if let Some(state) = new {
				worker.die_and_return().await?;
				seen.insert(*state);
				if *state == FETCHING {
					died.notify_one();
				}
			}
		}
		tokio::time::sleep(LOOK).await;
	}
	Ok(seen)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "four minutes of real processes; `scripts/test network` runs it"]
async fn an_order_and_workers_die_at_each_state_and_lose_nothing() {
	let name = "an_order_and_workers_die_at_each_state_and_lose_nothing";
	wait::bounded_beside_another(name, seconds(1_200), async {
		let mut works = Works::open(&[SLOW; WORKERS]).await?;
		let rpc = works.rpc()?.clone();
		let (since, job) = (rpc.finalized().await?.number, compute::last_job(&rpc).await? + 1);
		let buyer = works.buyer.elsewhere("orders", works.network.dir());
		buyer.init(seconds(60)).await?;
		let mut workers = std::mem::take(&mut works.workers);
		let died = Notify::new();
		let (done, killed) = try_join(
			ordered(&works, &buyer, &rpc, job, &died),
			workers_die(&mut workers, &rpc, job, &died),
		)
		.await?;
		works.workers = workers;
		eprintln!("workers were killed at {killed:?}");
		let ordered = compute::ordered_by(&rpc, buyer.account().id()).await?;
		ensure!(
			ordered == [job] && number_of(&done)? == job,
			"one picture was ordered as {ordered:?}: {done}"
		);
		ensure!(
			STATES.iter().all(|state| killed.contains(state)),
			"not every state was seen: {killed:?}"
		);
		works.is_right(job, "picture").await?;
		let seen = works.close(since, job).await?;
		ensure!(
			seen.lost.is_empty(),
			"who comes back in time loses nothing: {:?}",
			seen.lost
		);
		Ok(())
	})
	.await;
}
