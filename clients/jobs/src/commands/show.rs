//! `ls`, `status`, `get`, `cancel`, `appeal`, `dispute`.

use super::{digits, folder, signed, Desk};
use crate::{
	cli::{GetArguments, OfUnit},
	market::{acts::Act, all_jobs, all_units, JobView, Jobs, Known, UnitView},
	trouble::Trouble,
	units::outputs::{fetch_all, is_unserved},
	words,
};
use compute_market_primitives::{JobId, JobStage, Tick, Times};
use serde::Serialize;
use smart_agent_terminal::{columns, duration, money::Currency};
use smartchain_share::Halt;
use std::time::Duration;

/// A job, for `--json`. Amounts are in planck.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
	job: JobId,
	stage: &'static str,
	assurance: &'static str,
	units: u32,
	agreed: u32,
	in_flight: u32,
	undecided: u32,
	faulted: u32,
	paid: String,
	left: String,
}

/// A unit, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownUnit {
	unit: u32,
	stage: &'static str,
	asked: u32,
	fuel: Option<u64>,
	root: Option<String>,
	digest: Option<String>,
	/// Whether its result is being run again, or its output looked for.
	checked: bool,
	/// Who serves its output: nobody, if others have found its result out.
	by: Vec<String>,
}

/// What a job waits for that is short of money, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownShort {
	/// What has to be put in at least, in planck.
	missing: String,
	/// For about how long it waits.
	seconds: u64,
}

/// A job with its units, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
	#[serde(flatten)]
	line: Line,
	max_price: String,
	fuel_limit: u64,
	/// That it waits for money; none if it does not.
	#[serde(skip_serializing_if = "Option::is_none")]
	short: Option<ShownShort>,
	/// Whether its owner has said that the outputs are there.
	received: bool,
	/// Results that are being looked at, or may be: it cannot be closed before.
	checks: u32,
	workers: Vec<String>,
	results: Vec<ShownUnit>,
}

/// What was fetched, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Got {
	job: JobId,
	here: usize,
	missing: Vec<u32>,
	folder: String,
}

pub(super) fn no_job(job: JobId) -> Trouble {
	Trouble::Usage(format!(
		"there is no job {job}, or it was closed: `smart job ls` lists those of this account"
	))
}

fn line(job: JobId, view: &JobView) -> Line {
	Line {
		job,
		stage: words::job(view),
		assurance: words::assurance(view.assurance),
		units: view.spec.units,
		agreed: view.units.accepted,
		in_flight: view.units.in_flight,
		undecided: view.units.undecided,
		faulted: view.units.faulted,
		paid: view.paid.to_string(),
		left: view.escrow.to_string(),
	}
}

fn unit(unit: &UnitView) -> ShownUnit {
	let outcome = unit.accepted.map(|accepted| accepted.outcome);
	ShownUnit {
		unit: unit.unit,
		stage: words::unit(&unit.stage).0,
		asked: unit.asked,
		fuel: outcome.map(|outcome| outcome.fuel),
		root: outcome.map(|outcome| digits(&outcome.root)),
		digest: outcome.map(|outcome| digits(&outcome.digest().0)),
		checked: unit.checked,
		by: unit.by.iter().map(|device| digits(&device.0)).collect(),
	}
}

/// The jobs of this account.
pub(super) async fn list(desk: &dyn Desk) -> Result<(), Trouble> {
	let net = desk.asking().await?;
	let mut lines = Vec::new();
	for job in all_jobs(&net, &desk.account()?, 0).await? {
		if let Some(view) = net.job(job).await? {
			lines.push(line(job, &view));
		}
	}
	desk.terminal().facts(&lines, |_| {
		if lines.is_empty() {
			return "This account has no jobs; `smart job run ray.wasm --units 64` orders one.".into();
		}
		let text = lines.iter().map(|line| {
			format!(
				"{:>6}  {} of {} agreed, {} out; {}; {}",
				line.job, line.agreed, line.units, line.in_flight, line.assurance, line.stage
			)
		});
		text.collect::<Vec<_>>().join("\n")
	});
	Ok(())
}

/// How a job does.
pub(super) async fn status(desk: &dyn Desk, job: JobId) -> Result<(), Trouble> {
	let net = desk.asking().await?;
	let view = net.job(job).await?.ok_or_else(|| no_job(job))?;
	let units = all_units(&net, job, view.spec.units).await?;
	let seconds = match &view.short {
		Some(short) => net.known().seconds(short.until.saturating_sub(net.now().await?.1)),
		None => 0,
	};
	let facts = Status {
		line: line(job, &view),
		max_price: view.max_price.0.to_string(),
		fuel_limit: view.spec.fuel_limit,
		short: view.short.map(|short| ShownShort {
			missing: short.missing.to_string(),
			seconds,
		}),
		received: view.received,
		checks: view.checks,
		workers: view.pool.iter().map(|reach| digits(&reach.device.0)).collect(),
		results: units.iter().map(unit).collect(),
	};
	desk.terminal()
		.facts(&facts, |_| text(&desk.currency(), &facts, &view, &units));
	Ok(())
}

fn text(currency: &Currency, facts: &Status, view: &JobView, units: &[UnitView]) -> String {
	let job = facts.line.job;
	let mut rows = vec![
		("stage", facts.line.stage.to_owned()),
		("sure by", facts.line.assurance.to_owned()),
		(
			"units",
			format!(
				"{} of {} agreed, {} out, {} undecided, {} that cannot be run",
				facts.line.agreed, facts.line.units, facts.line.in_flight, facts.line.undecided, facts.line.faulted
			),
		),
		("pays at most", words::shown_price(currency, view.max_price)),
		("paid", currency.show(view.paid)),
		("left", currency.show(view.escrow)),
		("workers", facts.workers.len().to_string()),
	];
	if let (Some(short), Some(shown)) = (&view.short, &facts.short) {
		rows.push(("waits", words::short(currency, job, view, short, shown.seconds)));
	}
	let mut text = columns(&rows);
	for unit in units.iter().filter(|unit| unit.asked > 0) {
		text += &unit_line(job, unit);
	}
	text
}

/// A unit that somebody has, or has had.
fn unit_line(job: JobId, unit: &UnitView) -> String {
	let mut text = format!("unit {:>4}  {}", unit.unit, words::unit(&unit.stage).0);
	text += &format!(", {} asked", unit.asked);
	if let Some(accepted) = &unit.accepted {
		text += &format!(", {}", words::shown_fuel(accepted.outcome.fuel));
	}
	if unit.checked {
		text += ", looked at again";
	} else if is_unserved(unit) {
		text += &format!(
			", by others than its workers, and nobody serves it: `smart job dispute {job} {}` has it computed again",
			unit.unit
		);
	}
	text + "\n"
}

/// Fetches what is agreed on. Whether all of it came.
pub(super) async fn get(desk: &dyn Desk, arguments: &GetArguments) -> Result<bool, Trouble> {
	let (net, job, to) = (desk.asking().await?, arguments.job, folder(&arguments.folder)?);
	let view = net.job(job).await?.ok_or_else(|| no_job(job))?;
	let units = all_units(&net, job, view.spec.units).await?;
	let place = to.join("units");
	let fetching = tokio::task::spawn_blocking(move || fetch_all(&place, &view, &units, &Halt::default()));
	let fetched = fetching.await.map_err(Trouble::thread)??;
	let got = Got {
		job,
		here: fetched.here,
		missing: fetched.missing.iter().map(|(unit, _)| *unit).collect(),
		folder: to.display().to_string(),
	};
	desk.terminal().facts(&got, |_| {
		let mut text = format!("{} outputs are in {}/units", got.here, got.folder);
		for (unit, why) in &fetched.missing {
			text += &format!("\nunit {unit}: {why}");
		}
		if !got.missing.is_empty() {
			text += &format!(
				"\n`smart job dispute {job} UNIT` has three others look for one: if they miss it, it is computed again"
			);
		}
		text
	});
	Ok(got.missing.is_empty())
}

/// Gives a job up, or closes it.
pub(super) async fn cancel(desk: &dyn Desk, job: JobId) -> Result<(), Trouble> {
	let net = desk.asking().await?;
	let view = net.job(job).await?.ok_or_else(|| no_job(job))?;
	let ((_, now), times) = (net.now().await?, net.terms().await?.times);
	let (act, what) = ending(job, &view, now, &times, &net.known())?;
	signed(desk, &act, &what).await
}

/// What ends a job, and what that is in words.
///
/// # Errors
/// If the chain would refuse it now: when it will not.
fn ending(job: JobId, view: &JobView, now: Tick, times: &Times, known: &Known) -> Result<(Act, String), Trouble> {
	if view.stage == JobStage::Draining && view.short.is_none() {
		return Err(Trouble::Lacking(format!(
			"nothing of job {job} is left to be given up: all units that it will have are out, {} of them, and are \
			 brought to their end and paid; give this again once they are, and the job is closed",
			view.units.in_flight
		)));
	}
	let Some(closes) = view.closes(times) else {
		let what = format!(
			"Giving up job {job}: {} of {} units have a result, and what workers have is paid",
			view.units.accepted, view.spec.units
		);
		return Ok((Act::Cancel { job }, what));
	};
	if now <= closes {
		let kept = match view.received {
			true => "its results can be appealed",
			false => "its outputs are kept",
		};
		let left = known.seconds(closes.saturating_sub(now).saturating_add(1));
		return Err(Trouble::Lacking(format!(
			"job {job} is over, and {kept} for {} more: it is closed after that",
			duration(Duration::from_secs(left))
		)));
	}
	if view.checks > 0 {
		return Err(Trouble::Lacking(format!(
			"job {job} is over, and {} of its results are being run again, or it is not drawn yet whether they are: it \
			 is closed after that; give this again in some minutes",
			view.checks
		)));
	}
	let what = format!("Closing job {job}: what is left comes back, and its outputs are gone");
	Ok((Act::Close { job }, what))
}

/// Has a unit run again.
pub(super) async fn appeal(desk: &dyn Desk, of: &OfUnit) -> Result<(), Trouble> {
	let net = desk.asking().await?;
	let view = net.job(of.job).await?.ok_or_else(|| no_job(of.job))?;
	let quote = net.quote(&view.spec, view.max_price, view.assurance).await?;
	let deposit = quote.map_err(Trouble::Other)?.appeal;
	let (job, unit) = (of.job, of.unit);
	let what = format!("Having unit {unit} of job {job} run again by thirteen others, of whom nine have to agree");
	signed(desk, &Act::Appeal { job, unit, deposit }, &what).await
}

/// Says that nobody serves an output.
pub(super) async fn dispute(desk: &dyn Desk, of: &OfUnit) -> Result<(), Trouble> {
	let net = desk.asking().await?;
	let view = net.job(of.job).await?.ok_or_else(|| no_job(of.job))?;
	let units = net.units(of.job, of.unit).await?;
	can_be_missed(of, &view, units.first())?;
	let quote = net.quote(&view.spec, view.max_price, view.assurance).await?;
	let fee = quote.map_err(Trouble::Other)?.dispute;
	let (job, unit) = (of.job, of.unit);
	let what = format!(
		"Three others look for the output of unit {unit} of job {job}, and if they miss it, it is computed again"
	);
	signed(desk, &Act::Dispute { job, unit, fee }, &what).await
}

/// Whether a unit has an output that somebody can miss.
///
/// # Errors
/// If the chain would refuse to have it looked for: why.
fn can_be_missed(of: &OfUnit, view: &JobView, unit: Option<&UnitView>) -> Result<(), Trouble> {
	let OfUnit { job, unit: number } = of;
	let Some(unit) = unit.filter(|unit| unit.unit == *number && unit.accepted.is_some()) else {
		return Err(Trouble::Usage(format!(
			"unit {number} of job {job} has no result, and so no output: `smart job status {job}` says how it does"
		)));
	};
	if unit.checked {
		return Err(Trouble::Lacking(format!(
			"unit {number} of job {job} is being run again or looked for already: `smart job status {job}` says what \
			 comes of it, in some minutes"
		)));
	}
	if view.received && !unit.by.is_empty() {
		return Err(Trouble::Usage(format!(
			"it was said that the outputs of job {job} are there: workers need not keep them any more"
		)));
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::fake;
	use compute_market_primitives::{Accepted, Assurance, Kind, Outcome, Price, Short, UnitStage};

	fn known() -> Known {
		crate::market::Jobs::known(&fake::Fake::new())
	}

	fn view(stage: JobStage) -> JobView {
		JobView {
			stage,
			..fake::job(&fake::spec(), Price(7), Assurance::Quorum)
		}
	}

	fn accepted(number: u32) -> UnitView {
		let outcome = Outcome {
			kind: Kind::Ok,
			root: [3; 32],
			fuel: 5,
		};
		UnitView {
			stage: UnitStage::Accepted,
			asked: 3,
			accepted: Some(Accepted { outcome, at: 9 }),
			by: vec![device_primitives::DeviceId([1; 32])],
			..fake::unit(number)
		}
	}

	/// What the chain would refuse costs a fee: it is not sent, and it is said why.
	#[test]
	fn a_job_is_ended_as_the_chain_takes_it() {
		let (times, known) = (Times::real(), known());
		let ends = |view: &JobView, now| ending(17, view, now, &times, &known).map(|(act, _)| act);
		let (cancel, close) = (Act::Cancel { job: 17 }, Act::Close { job: 17 });
		for stage in [JobStage::Pooling { since: 1 }, JobStage::Running] {
			assert_eq!(ends(&view(stage), 5).unwrap(), cancel);
		}
		let draining = view(JobStage::Draining);
		let why = ends(&draining, 5).unwrap_err().to_string();
		assert!(why.contains("nothing of job 17 is left to be given up"), "{why}");
		let short = JobView {
			short: Some(Short { until: 9, missing: 1 }),
			..draining
		};
		assert_eq!(ends(&short, 5).unwrap(), cancel);
		let over = |received, checks| JobView {
			received,
			checks,
			..view(JobStage::Done { at: 10 })
		};
		for (received, kept) in [(false, times.kept), (true, times.appeal)] {
			let why = ends(&over(received, 0), 10 + kept).unwrap_err().to_string();
			assert!(why.contains("is closed after that"), "{why}");
			assert_eq!(ends(&over(received, 0), 11 + kept).unwrap(), close);
			let why = ends(&over(received, 2), 11 + kept).unwrap_err().to_string();
			assert!(why.contains("2 of its results"), "{why}");
		}
	}

	#[test]
	fn what_nobody_can_miss_is_not_looked_for() {
		let of = OfUnit { job: 17, unit: 1 };
		let may = |view: &JobView, unit: &UnitView| can_be_missed(&of, view, Some(unit)).is_ok();
		let (done, unit) = (view(JobStage::Done { at: 10 }), accepted(1));
		assert!(may(&done, &unit));
		assert!(can_be_missed(&of, &done, None).is_err());
		assert!(!may(&done, &fake::unit(1)) && !may(&done, &accepted(2)));
		let checked = UnitView {
			checked: true,
			..unit.clone()
		};
		assert!(!may(&done, &checked));
		// What others have found out is served by nobody, whatever was received.
		let received = JobView { received: true, ..done };
		let found = UnitView {
			by: Vec::new(),
			..unit.clone()
		};
		assert!(!may(&received, &unit) && may(&received, &found));
	}

	#[test]
	fn a_unit_that_nobody_serves_says_so() {
		let found = UnitView {
			by: Vec::new(),
			..accepted(3)
		};
		assert!(unit_line(17, &found).contains("`smart job dispute 17 3`"));
		assert!(!unit_line(17, &accepted(3)).contains("dispute"));
		let stage = UnitStage::Faulted;
		assert!(unit_line(17, &UnitView { stage, ..fake::unit(3) }).contains("cannot be run"));
	}

	#[test]
	fn what_a_job_waits_for_is_shown() {
		let short = JobView {
			short: Some(Short {
				until: 9,
				missing: 1_500_000_000_000,
			}),
			..view(JobStage::Running)
		};
		let facts = Status {
			line: line(17, &short),
			max_price: String::new(),
			fuel_limit: 1,
			short: Some(ShownShort {
				missing: String::new(),
				seconds: 60,
			}),
			received: false,
			checks: 0,
			workers: Vec::new(),
			results: Vec::new(),
		};
		let text = text(&Currency::new("STCI", 12), &facts, &short, &[]);
		assert!(
			text.contains("waits for money") && text.contains("`smart job top-up 17 1.5`"),
			"{text}"
		);
	}
}
