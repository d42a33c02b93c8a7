//! Plots made and looked into. What measures it is the bench of `agent/store`, on whose children it runs.

use crate::report::Row;
use smartchain_tests::{ensure, Error, Result};
use std::process::{Command, Stdio};

/// What is asked of the lines that the bench prints, by how they begin.
const ASKED: [(&str, &str); 3] = [
	("validation", "<= 2.5 x the crate's C++"),
	("plotting", ">= 0.95 x the crate's speed"),
	("looks k", ">= 20 x the crate's lookups"),
];

/// Plots and looks; each line that the bench prints is a row.
pub fn rows(k: u8, plots: u32) -> Result<Vec<Row>> {
	let output = Command::new("cargo")
		.args(["test", "--release", "--locked", "--workspace", "--test", "store", "--"])
		.args([
			"--ignored",
			"--nocapture",
			"--exact",
			"bench::plotting_and_looks",
			"bench::validations",
		])
		.env("BENCH_K", k.to_string())
		.env("BENCH_PLOTS", plots.to_string())
		.stderr(Stdio::inherit())
		.output()
		.map_err(|error| Error::new(format!("cannot run cargo: {error}; start this by scripts/bench proofs")))?;
	let said = String::from_utf8_lossy(&output.stdout);
	ensure!(
		output.status.success(),
		"the bench of agent/store ended with {}: its words are above",
		output.status
	);
	let rows = of_lines(&said);
	ensure!(!rows.is_empty(), "the bench of agent/store printed no figures");
	Ok(rows)
}

/// A row for each line `what: figures`. The harness's own words have no such form, or begin with "test ".
fn of_lines(said: &str) -> Vec<Row> {
	said.lines()
		.map(str::trim)
		.filter(|line| !line.starts_with("test ") && !line.starts_with("running "))
		.filter_map(|line| line.split_once(": "))
		.map(|(what, figures)| {
			let asked = ASKED.iter().find(|(begins, _)| what.starts_with(begins));
			Row::new(what, asked.map_or("", |(_, asked)| asked), figures)
		})
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn lines_with_figures_are_rows() {
		let said = "\nrunning 1 test\nplotting k18, 2 plots: crate 234 ms a plot; 0.9 of the crate's speed\n\
			files: crate 1 bytes, ours 2\ntest bench::plotting_and_looks ... ok\n\ntest result: ok. 1 passed\n";
		let rows = of_lines(said);
		assert_eq!(rows.len(), 2);
		assert_eq!(rows[0].measure, "plotting k18, 2 plots");
		assert_eq!(rows[0].asked, ">= 0.95 x the crate's speed");
		assert_eq!(rows[1].measured, "crate 1 bytes, ours 2");
	}
}
