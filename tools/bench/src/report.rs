//! The table.

use smartchain_tests::Result;
use std::{fs::OpenOptions, io::Write, path::Path};

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
}

/// The whole report in Markdown.
pub fn markdown(machine: &[(&str, String)], note: &str, rows: &[Row]) -> String {
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
pub fn append(path: &Path, report: &str) -> Result<()> {
	let mut file = OpenOptions::new().create(true).append(true).open(path)?;
	writeln!(file, "\n{}", report.trim_end())?;
	Ok(())
}
