//! `ls`, `status`, `get`, `cancel`, `appeal`.

use super::{digits, folder, signed, Desk};
use crate::{
	cli::{GetArguments, OfUnit},
	market::{acts::Act, all_jobs, all_units, JobView, Jobs, UnitView},
	trouble::Trouble,
	units::outputs::fetch_all,
	words,
};
use compute_market_primitives::{JobId, JobStage};
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
	by: Vec<String>,
}

/// A job with its units, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
	#[serde(flatten)]
	line: Line,
	max_price: String,
	fuel_limit: u64,
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
		stage: words::stage(&view.stage),
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
	let facts = Status {
		line: line(job, &view),
		max_price: view.max_price.0.to_string(),
		fuel_limit: view.spec.fuel_limit,
		workers: view.pool.iter().map(|reach| digits(&reach.device.0)).collect(),
		results: units.iter().map(unit).collect(),
	};
	desk.terminal().facts(&facts, |_| text(&desk.currency(), &facts, &view));
	Ok(())
}

fn text(currency: &Currency, facts: &Status, view: &JobView) -> String {
	let mut text = columns(&[
		("stage", facts.line.stage.into()),
		("sure by", facts.line.assurance.into()),
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
	]);
	for unit in facts.results.iter().filter(|unit| unit.asked > 0) {
		let fuel = unit
			.fuel
			.map(|fuel| format!(", {}", words::shown_fuel(fuel)))
			.unwrap_or_default();
		text += &format!("unit {:>4}  {}, {} asked{fuel}\n", unit.unit, unit.stage, unit.asked);
	}
	text
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
		text
	});
	Ok(got.missing.is_empty())
}

/// Gives a job up, or closes it.
pub(super) async fn cancel(desk: &dyn Desk, job: JobId) -> Result<(), Trouble> {
	let net = desk.asking().await?;
	let view = net.job(job).await?.ok_or_else(|| no_job(job))?;
	if view.stage.is_open() {
		let what = format!(
			"Giving up job {job}: {} of {} units have a result, and what workers have is paid",
			view.units.accepted, view.spec.units
		);
		return signed(desk, &Act::Cancel { job }, &what).await;
	}
	let ((_, now), known) = (net.now().await?, net.known());
	let closes = view.stage.closes(net.terms().await?.times.kept).unwrap_or(0);
	if now <= closes && !matches!(view.stage, JobStage::Starved { .. }) {
		let left = known.seconds(closes.saturating_sub(now));
		return Err(Trouble::Lacking(format!(
			"job {job} is over, and its outputs are kept for {} more: it is closed after that",
			duration(Duration::from_secs(left))
		)));
	}
	let what = format!("Closing job {job}: what is left comes back, and its outputs are gone");
	signed(desk, &Act::Close { job }, &what).await
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
