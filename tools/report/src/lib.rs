//! The table that `scripts/bench` prints, in Markdown.

mod machine;

use smartchain_tests::{Error, Result};
use std::{fs::OpenOptions, io::Write, path::Path, process::ExitCode};

/// What begins the value of a row if there is none, and why.
pub const FAILED: &str = "failed";

/// One figure.
#[derive(Clone, Debug)]
pub struct Row {
	/// What was measured.
	pub measure: String,
	/// What is asked for, where something is.
	pub asked: &'static str,
	/// What came out.
	pub measured: String,
}

impl Row {
	/// A row.
	pub fn new(measure: impl Into<String>, asked: &'static str, measured: impl Into<String>) -> Self {
		Self {
			measure: measure.into(),
			asked,
			measured: measured.into(),
		}
	}

	/// A row that says besides whether what came out is what is asked for.
	pub fn judged(measure: impl Into<String>, asked: &'static str, measured: impl Into<String>, holds: bool) -> Self {
		let measured = format!("{}: {}", measured.into(), verdict(holds));
		Self::new(measure, asked, measured)
	}
}

/// In a word, whether a figure is what is asked for.
pub const fn verdict(holds: bool) -> &'static str {
	if holds {
		"within"
	} else {
		"beyond"
	}
}

/// Whether there are all the parts that are asked for.
///
/// # Errors
/// The first that there is not, and those that there are.
pub fn known(only: &[String], parts: &[&str]) -> Result<()> {
	match only.iter().find(|part| !parts.contains(&part.as_str())) {
		None => Ok(()),
		Some(unknown) => Err(Error::new(format!(
			"no part is called {unknown}; there are {}",
			parts.join(", ")
		))),
	}
}

/// Whether a part is asked for; all are, if none is named.
pub fn is_asked(only: &[String], part: &str) -> bool {
	only.is_empty() || only.iter().any(|only| only == part)
}

/// Measures the parts that are asked for, one after the other: their rows, and whether all of them were measured.
pub fn measure(parts: &[&str], only: &[String], mut part: impl FnMut(&str) -> Result<Vec<Row>>) -> (Vec<Row>, bool) {
	let (mut rows, mut sound) = (Vec::new(), true);
	for name in parts.iter().filter(|name| is_asked(only, name)) {
		eprintln!("{name} ...");
		match part(name) {
			Ok(measured) => {
				sound &= measured.iter().all(|row| !row.measured.starts_with(FAILED));
				rows.extend(measured);
			}
			Err(error) => {
				eprintln!("{name} failed: {error}");
				rows.push(Row::new(*name, "", format!("{FAILED}: {error}")));
				sound = false;
			}
		}
	}
	(rows, sound)
}

/// Prints the report, appends it to a file if one is named, and ends the program: well if all parts were measured.
pub fn finish(note: &str, rows: &[Row], write: Option<&Path>, sound: bool) -> ExitCode {
	let report = markdown(&machine::describe(), note, rows);
	println!("{report}");
	if let Some(path) = write {
		if let Err(error) = append(path, &report) {
			eprintln!("error: cannot write {}: {error}", path.display());
			return ExitCode::FAILURE;
		}
		eprintln!("appended to {}", path.display());
	}
	match sound {
		true => ExitCode::SUCCESS,
		false => ExitCode::FAILURE,
	}
}

/// The whole report in Markdown.
fn markdown(machine: &[(&str, String)], note: &str, rows: &[Row]) -> String {
	let mut text = String::new();
	let date = machine
		.iter()
		.find(|(name, _)| *name == "date")
		.map_or("", |(_, date)| date.as_str());
	text += &format!("## {date}\n\n");
	for (name, value) in machine.iter().filter(|(name, _)| *name != "date") {
		text += &format!("- {name}: {value}\n");
	}
	text += &format!("\n{note}\n\n| measure | asked | measured |\n|---|---|---|\n");
	for Row {
		measure,
		asked,
		measured,
	} in rows
	{
		text += &format!("| {measure} | {asked} | {measured} |\n");
	}
	text
}

/// Appends a report to a file.
///
/// # Errors
/// When it cannot be written.
fn append(path: &Path, report: &str) -> Result<()> {
	let mut file = OpenOptions::new().create(true).append(true).open(path)?;
	writeln!(file, "\n{}", report.trim_end())?;
	Ok(())
}
