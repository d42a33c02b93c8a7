//! The main flow: nine compute a picture of 64 units, of whom two lie alike and one dies for good. It is the picture
//! that is made at home, and those who lied have paid for it.

use super::{given, number_of, Works, COMPUTED, HONEST, LIAR, UNITS_OF_JOB};
use crate::seconds;
use futures::future::try_join;
use smartchain_tests::{compute, ensure, wait, Result};

/// Agents that compute,
const WORKERS: usize = 9;
/// and those of them that lie: the first ones.
const LIARS: usize = 2;

/// The last one dies, for good, as soon as it has units of a job.
async fn dies(works: &mut Works, job: u64) -> Result<()> {
	let Some(worker) = works.workers.last_mut() else {
		return Ok(());
	};
	wait::until("the last worker to have a unit", COMPUTED, || async {
		let states = worker.agent.work_states(job).await;
		Ok((!states.is_empty()).then_some(()))
	})
	.await?;
	worker.agent.kill();
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "five minutes of real processes; `scripts/test network` runs it"]
async fn sixty_four_units_on_nine_machines_of_which_two_lie_and_one_dies() {
	let name = "sixty_four_units_on_nine_machines_of_which_two_lie_and_one_dies";
	wait::bounded_beside_another(name, seconds(1_200), async {
		let mut kinds = [HONEST; WORKERS];
		kinds[..LIARS].fill(LIAR);
		let mut works = Works::open(&kinds).await?;
		let rpc = works.rpc()?.clone();
		let (since, job) = (rpc.finalized().await?.number, compute::last_job(&rpc).await? + 1);
		let order = works.order("picture");
		let buyer = works.buyer.elsewhere("orders", works.network.dir());
		buyer.init(seconds(60)).await?;
		let order = given(&order);
		let (done, ()) = try_join(buyer.carry_out(&order, COMPUTED), dies(&mut works, job)).await?;
		ensure!(
			number_of(&done)? == job && done["agreed"] == UNITS_OF_JOB,
			"not all units of job {job} have a result: {done}"
		);
		works.is_right(job, "picture").await?;
		eprintln!("{done}");

		let devices: Vec<_> = works.workers.iter().map(|worker| worker.device).collect();
		let seen = works.close(since, job).await?;
		eprintln!(
			"{} units had dissents; lost: {:?}; late: {:?}",
			seen.escalated, seen.lost, seen.late
		);
		ensure!(seen.escalated > 0, "nobody lied");
		for (place, device) in devices.iter().enumerate() {
			let lost = seen.lost.get(device).copied().unwrap_or_default();
			// Whoever dies between its seal and what was under it cannot be told from one that lied.
			let may_lose = place < LIARS || place + 1 == WORKERS;
			ensure!(
				may_lose || lost == 0,
				"worker {place} is honest and has lost {lost} planck"
			);
			ensure!(place >= LIARS || lost > 0, "worker {place} lies and has lost nothing");
		}
		Ok(())
	})
	.await;
}
