//! What is doubted afterwards: results about which all lied who were asked, and an output that nobody gives out.

use super::{given, number_of, Kind, Worker, Works, ASK, COMPUTED, HONEST, LIAR, SEEN, SLOTS, SOON, UNITS_OF_JOB};
use compute_market_primitives::{JobId, JobStage};
use device_primitives::DeviceId;
use futures::future::{try_join, try_join_all};
use serde_json::Value;
use smartchain_tests::{compute, ensure, wait, Error, Result, Rpc};
use std::{
	collections::BTreeSet,
	time::{Duration, Instant},
};

/// What the command ends with if not all units have a result.
const UNSOUND: i32 = 5;
/// How often it is looked where workers are.
const LOOK: Duration = Duration::from_millis(20);

/// Workers that lie, all alike: as many as each unit of a job is given to.
const LIARS: usize = 3;
/// Those who run units again: of seven all may be asked, and six suffice.
const JURORS: usize = 7;
/// Units that are lied about. Each is run here as well, and appealed within half a minute.
const LIES: u32 = 3;
/// More than is paid.
const TOO_MUCH: &str = "0.02/Gfuel";
/// Honest, and not drawn as long as it asks so much.
const DEAR: Kind = Kind {
	ask: TOO_MUCH,
	..HONEST
};

/// Workers of whom three lose an output.
const WORKERS: usize = 9;

/// Numbers of units.
fn numbers(list: &Value) -> BTreeSet<u64> {
	list.as_array()
		.into_iter()
		.flatten()
		.filter_map(Value::as_u64)
		.collect()
}

/// Those who run units again ask as much as is paid from when a job has its workers: to be one of these it is too late.
async fn jurors_come(jurors: &[Worker], rpc: &Rpc, job: JobId) -> Result<()> {
	wait::until("a job to have its workers", COMPUTED, || async {
		let stage = compute::job(rpc, job).await?.map(|job| job.stage);
		Ok(stage
			.filter(|stage| !matches!(stage, JobStage::Pooling { .. }))
			.map(drop))
	})
	.await?;
	try_join_all(jurors.iter().map(|juror| juror.sell(ASK, None))).await?;
	Ok(())
}

/// Three who are all that there are lie alike, and are agreed with; whoever runs the units at home finds it out, and
/// others confirm it. The liars pay for it. Nobody is left who would compute the units again: they are paid back, and
/// ordered anew they are right.
pub(crate) async fn all_lie(name: &str, limit: Duration) {
	wait::bounded_beside_another(name, limit, async {
		let kinds = [&[LIAR; LIARS][..], &[DEAR; JURORS]].concat();
		let works = Works::open(&kinds).await?;
		let rpc = works.rpc()?.clone();
		let (since, job) = (rpc.finalized().await?.number, compute::last_job(&rpc).await? + 1);
		let order = works.order_of("lies", LIES);
		let order = [&given(&order)[..], &["--spot-check", "100%"]].concat();
		let (liars, jurors) = works.workers.split_at(LIARS);
		let ((code, done), ()) = try_join(works.buyer.said(&order, COMPUTED), jurors_come(jurors, &rpc, job)).await?;
		let all: BTreeSet<u64> = (0..u64::from(LIES)).collect();
		ensure!(
			number_of(&done)? == job && numbers(&done["refuted"]) == all,
			"not all lies about job {job} were found out here: {done}"
		);
		ensure!(
			code == UNSOUND && numbers(&done["without"]) == all,
			"what nobody is left for has no result, which the code tells: {code}, {done}"
		);

		// Three of ten who lie alike would be believed now and then.
		let gone = liars.iter().map(|liar| liar.agent.offer_work(TOO_MUCH, SLOTS, None));
		try_join_all(gone).await?;
		let order = works.order("anew");
		let done = works.buyer.carry_out(&given(&order), COMPUTED).await?;
		ensure!(done["agreed"] == UNITS_OF_JOB, "not all units have a result: {done}");
		works.is_right(number_of(&done)?, "anew").await?;

		let devices: Vec<DeviceId> = works.workers.iter().map(|worker| worker.device).collect();
		let seen = works.end(since, job).await?;
		let of = |units: &[u32]| units.iter().map(|unit| u64::from(*unit)).collect::<BTreeSet<_>>();
		ensure!(
			of(&seen.refuted) == all && of(&seen.without) == all,
			"others came to the same lies, or to results that nobody serves: {seen:?}"
		);
		for (place, device) in devices.iter().enumerate() {
			let lost = seen.lost.get(device).copied().unwrap_or_default();
			ensure!(
				(lost > 0) == (place < LIARS),
				"worker {place}, of whom the first {LIARS} lie, has lost {lost} planck"
			);
		}
		Ok(())
	})
	.await;
}

/// Who answers for the first unit of a job, and serves it.
async fn serve(rpc: &Rpc, job: JobId) -> Result<BTreeSet<DeviceId>> {
	let units = compute::units(rpc, job).await?;
	let first = units.into_iter().find(|unit| unit.unit == 0);
	Ok(first.map_or_else(BTreeSet::new, |unit| unit.by.into_iter().collect()))
}

/// Whether all units of a job have a result.
async fn is_agreed(rpc: &Rpc, job: JobId) -> Result<bool> {
	let job = compute::job(rpc, job).await?;
	Ok(job.is_some_and(|job| job.units.accepted == UNITS_OF_JOB))
}

/// The first one that is seen to look for an output of a job dies, and comes back.
async fn prober_dies(workers: &mut [Worker], job: JobId) -> Result<()> {
	let end = Instant::now() + SEEN;
	while Instant::now() < end {
		for worker in workers.iter_mut() {
			let states = worker.agent.work_states(job).await;
			if states.iter().any(|state| state == "probing") {
				return worker.die_and_return().await;
			}
		}
		tokio::time::sleep(LOOK).await;
	}
	Err(Error::new(format!("nobody looked for an output of job {job}")))
}

/// All who have an output are gone: others miss it, though one of these dies while it looks, and compute it again.
/// Those who come back have paid for that, and for nothing else.
pub(crate) async fn an_output_is_gone(name: &str, limit: Duration) {
	wait::bounded_beside_another(name, limit, async {
		let mut works = Works::open(&[HONEST; WORKERS]).await?;
		let rpc = works.rpc()?.clone();
		let (since, job) = (rpc.finalized().await?.number, compute::last_job(&rpc).await? + 1);
		let order = works.order("picture");
		let order = given(&order);
		// Whoever has said that all is here misses nothing any more.
		let cut = works
			.buyer
			.killed_when(&order, COMPUTED, || is_agreed(&rpc, job))
			.await?;
		ensure!(cut, "the order was at its end before it was looked at");
		let gone = serve(&rpc, job).await?;
		ensure!(gone.len() == 3, "unit 0 of job {job} is served by {gone:?}");
		for worker in works.workers.iter_mut().filter(|worker| gone.contains(&worker.device)) {
			worker.agent.kill();
		}
		let number = job.to_string();
		works.buyer.carry_out(&["job", "dispute", &number, "0"], SOON).await?;
		prober_dies(&mut works.workers, job).await?;
		wait::until("others to compute the unit again", COMPUTED, || async {
			let by = serve(&rpc, job).await?;
			Ok((!by.is_empty() && by.is_disjoint(&gone)).then_some(()))
		})
		.await?;
		let got = works.at("got").display().to_string();
		// Of other units the same three may be gone.
		let (_, got) = works.buyer.said(&["job", "get", &number, &got], SOON).await?;
		ensure!(
			got["missing"].is_array() && !numbers(&got["missing"]).contains(&0),
			"unit 0 is computed anew, and does not come: {got}"
		);

		for worker in works.workers.iter_mut().filter(|worker| gone.contains(&worker.device)) {
			worker.agent.run().await?;
		}
		let done = works.buyer.carry_out(&order, COMPUTED).await?;
		ensure!(number_of(&done)? == job, "another job was ordered: {done}");
		works.is_right(job, "picture").await?;
		let seen = works.close(since, job).await?;
		let lost: BTreeSet<DeviceId> = seen.lost.keys().copied().collect();
		ensure!(
			lost == gone && seen.lost.values().all(|lost| *lost > 0),
			"{gone:?} had the output, and these have lost something: {:?}",
			seen.lost
		);
		Ok(())
	})
	.await;
}
