//! `check` and `local`: units run here.

use super::{digits, folder, pages, parcel, runner, unit, Desk, Terms};
use crate::{
	cli::{LocalArguments, ProgramArguments},
	market::{all_units, Jobs},
	trouble::Trouble,
	units::home::{checked, compared, run_at_home, Checked, HomeUnit, Second},
	words::shown_fuel,
};
use compute_market_primitives::{Outcome, MAX_FUEL};
use serde::Serialize;
use smart_agent_terminal::{bytes, duration};
use smartchain_bundle::Outputs;
use std::{collections::BTreeMap, fs::File, path::Path};

/// A unit, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownUnit {
	unit: u32,
	ending: String,
	fuel: u64,
	bytes: u64,
	millis: u64,
	digest: String,
	/// Whether workers agreed on the same; none if there is nothing to compare with.
	#[serde(skip_serializing_if = "Option::is_none")]
	same: Option<bool>,
}

/// A program, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownProgram {
	root: String,
	bytes: u32,
	/// `agree`, or `one` if the second back end had no outcome for some unit.
	backends: &'static str,
	units: Vec<ShownUnit>,
	/// Those of them that did not run through.
	failed: Vec<u32>,
}

/// What was run here, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownLocal {
	units: Vec<ShownUnit>,
	/// All outputs together; none if a unit has none.
	output: Option<String>,
	bytes: Option<u64>,
	root: Option<String>,
	/// Units that workers agreed on otherwise.
	other: Vec<u32>,
}

fn shown(unit: &HomeUnit, agreed: Option<Outcome>) -> ShownUnit {
	ShownUnit {
		unit: unit.number,
		ending: unit.ending(),
		fuel: unit.outcome.fuel,
		bytes: unit.output.len() as u64,
		millis: u64::try_from(unit.took.as_millis()).unwrap_or(u64::MAX),
		digest: unit.digest(),
		same: agreed.map(|agreed| agreed == unit.outcome),
	}
}

/// Looks at a program: three of its units are run here, by both back ends of the engine. Whether they run through.
pub(super) async fn check(desk: &dyn Desk, arguments: &ProgramArguments) -> Result<bool, Trouble> {
	let arguments = arguments.clone();
	let checking = tokio::task::spawn_blocking(move || -> Result<_, Trouble> {
		let (parcel, checked) = measured(&arguments)?;
		let terms = home_terms(&arguments);
		let second = compared(&runner()?, |number| unit(&parcel, number, terms), &checked.units)?;
		Ok((checked, second))
	});
	let (checked, second) = checking.await.map_err(Trouble::thread)??;
	let facts = ShownProgram {
		root: digits(&checked.root),
		bytes: checked.bytes,
		backends: match second {
			Second::Agrees => "agree",
			Second::Silent { .. } => "one",
		},
		units: checked.units.iter().map(|unit| shown(unit, None)).collect(),
		failed: checked.failed(),
	};
	desk.terminal().facts(&facts, |_| {
		let mut text = format!(
			"{} of program, root {}\n{}\n",
			bytes(checked.bytes.into()),
			facts.root,
			checked.warning().unwrap_or_else(|| "Workers can run it.".into())
		);
		text += &match &second {
			Second::Agrees => "Machine code and the interpreter come to the same.\n".to_owned(),
			Second::Silent { unit, why } => format!("The interpreter has nothing to compare for unit {unit}: {why}.\n"),
		};
		for unit in &checked.units {
			text += &format!(
				"unit {}: {}, {}, {}, {}\n  digest {}\n",
				unit.number,
				unit.ending(),
				shown_fuel(unit.outcome.fuel),
				duration(unit.took),
				bytes(unit.output.len() as u64),
				unit.digest()
			);
			if !unit.remarks.is_empty() {
				text += &format!("  it says: {}\n", plain(&unit.remarks));
			}
		}
		text
	});
	Ok(facts.failed.is_empty())
}

/// What a program said for people, as one line that moves no cursor.
fn plain(remarks: &[u8]) -> String {
	let text = String::from_utf8_lossy(remarks);
	let shown = text.chars().take(300).map(|c| if c.is_control() { ' ' } else { c });
	shown.collect()
}

/// Time, chance and limits of units that belong to no job.
fn home_terms(arguments: &ProgramArguments) -> Terms {
	Terms {
		time: 0,
		seed: [0; 32],
		fuel: arguments.fuel.unwrap_or(MAX_FUEL),
		pages: pages(arguments.memory),
	}
}

/// A parcel, and what three of its units come to. It blocks.
pub(super) fn measured(arguments: &ProgramArguments) -> Result<(crate::Parcel, Checked), Trouble> {
	let (runner, parcel, terms) = (runner()?, parcel(arguments)?, home_terms(arguments));
	let checked = checked(&runner, |number| unit(&parcel, number, terms), parcel.units)?;
	Ok((parcel, checked))
}

/// What units are compared with.
struct Compared {
	terms: Terms,
	agreed: BTreeMap<u32, Outcome>,
}

/// Time, chance and limits of a job, and what workers agreed on.
async fn of_job(desk: &dyn Desk, arguments: &LocalArguments) -> Result<Compared, Trouble> {
	let Some(job) = arguments.job else {
		return Ok(Compared {
			terms: home_terms(&arguments.program),
			agreed: BTreeMap::new(),
		});
	};
	let net = desk.asking().await?;
	let view = net.job(job).await?.ok_or_else(|| super::show::no_job(job))?;
	let seed = view
		.seed
		.ok_or_else(|| Trouble::Lacking(format!("job {job} has no workers yet: its chance is not drawn")))?;
	let units = all_units(&net, job, view.spec.units).await?;
	let agreed = units
		.iter()
		.filter_map(|unit| Some((unit.unit, unit.accepted?.outcome)));
	Ok(Compared {
		terms: Terms {
			time: view.time,
			seed,
			fuel: view.spec.fuel_limit,
			pages: view.spec.memory_pages,
		},
		agreed: agreed.collect(),
	})
}

/// Runs all units here.
pub(super) async fn local(desk: &dyn Desk, arguments: &LocalArguments) -> Result<bool, Trouble> {
	let Compared { terms, agreed } = of_job(desk, arguments).await?;
	let (arguments, terminal) = (arguments.clone(), desk.terminal());
	let running = tokio::task::spawn_blocking(move || -> Result<_, Trouble> {
		let (runner, parcel, out) = (runner()?, parcel(&arguments.program)?, folder(&arguments.out)?);
		let numbers: Vec<u32> = (0..parcel.units).collect();
		let (mut done, mut bar) = (BTreeMap::new(), terminal.bar("Running units"));
		run_at_home(
			&runner,
			&numbers,
			|number| unit(&parcel, number, terms),
			|ran| {
				keep(&out, &ran)?;
				done.insert(ran.number, shown(&ran, agreed.get(&ran.number).copied()));
				let all = u64::from(parcel.units).max(1);
				let far = u16::try_from(done.len() as u64 * 1_000 / all).ok();
				bar.tell(
					far,
					&format!("{} of {}, {}", done.len(), parcel.units, duration(bar.elapsed())),
				);
				Ok(())
			},
		)?;
		drop(bar);
		let joined = joined(&out, parcel.units)?;
		Ok((done.into_values().collect::<Vec<_>>(), out, joined))
	});
	let (units, out, joined) = running.await.map_err(Trouble::thread)??;
	let other: Vec<u32> = units
		.iter()
		.filter(|unit| unit.same == Some(false))
		.map(|unit| unit.unit)
		.collect();
	let right = other.is_empty();
	let facts = ShownLocal {
		output: joined.map(|_| out.join("output").display().to_string()),
		bytes: joined.map(|(bytes, _)| bytes),
		root: joined.map(|(_, root)| digits(&root)),
		other,
		units,
	};
	desk.terminal().facts(&facts, |_| {
		let fuel = facts
			.units
			.iter()
			.fold(0_u64, |sum, unit| sum.saturating_add(unit.fuel));
		let mut text = format!("{} units, {}", facts.units.len(), shown_fuel(fuel));
		if let (Some(output), Some(count)) = (&facts.output, facts.bytes) {
			text += &format!("; {} in {output}", bytes(count));
		}
		for unit in &facts.other {
			text +=
				&format!("\nunit {unit} comes to something else here: `smart job appeal JOB {unit}` has it run again");
		}
		text
	});
	Ok(right)
}

/// Keeps an output by its own root: nobody else says which it has to be.
fn keep(out: &Path, ran: &HomeUnit) -> Result<(), Trouble> {
	let mut roots = vec![None; ran.number as usize + 1];
	if let Some(root) = roots.last_mut() {
		*root = Some(ran.outcome.root);
	}
	Ok(Outputs::open(&out.join("units"), roots)?.put(ran.number, &ran.output)?)
}

/// All outputs of a folder behind each other; none if there is not one for each unit.
fn joined(out: &Path, units: u32) -> Result<Option<(u64, [u8; 32])>, Trouble> {
	let (folder, to) = (out.join("units"), out.join("output"));
	let fault = |error: std::io::Error| Trouble::file(&to, &error);
	let part = to.with_extension("part");
	let mut file = File::create(&part).map_err(fault)?;
	let (mut hasher, mut bytes) = (blake3::Hasher::new(), 0_u64);
	for unit in 0..units {
		let path = folder.join(format!("{unit:04}.out"));
		let Ok(output) = std::fs::read(&path) else {
			return Ok(None);
		};
		std::io::Write::write_all(&mut file, &output).map_err(fault)?;
		hasher.update(&output);
		bytes = bytes.saturating_add(output.len() as u64);
	}
	file.sync_all().map_err(fault)?;
	std::fs::rename(&part, &to).map_err(fault)?;
	Ok(Some((bytes, hasher.finalize().into())))
}
