//! What computing with strangers does and costs, each beside its peers in one run: `scripts/bench compute`.
//!
//! - **kernels**: one unit by the engine's rules, beside wasmtime without them, and beside native code.
//! - **tiny**: units that do nothing, settled a second, beside Dask; what a unit costs the chain, hooks included.
//! - **units**: 64 units of a second by one worker each and by a quorum, beside GNU parallel.
//! - **loss**: the same quorum with one worker killed and two that lie.
//! - **hooks**: the market's part of a block with a hundred thousand open units: given out, settled, late.

mod chain;
mod jobs;
mod kernels;
mod peers;
mod units;
mod works;

use clap::Parser;
use smartchain_report::{self as report, Row, FAILED};
use smartchain_tests::Result;
use std::{future::Future, path::PathBuf, process::ExitCode};
use tokio::{runtime::Handle, task::block_in_place};
use works::{Works, FEW};

/// Shown below the help.
const EXAMPLES: &str = "\
Examples:
  scripts/bench compute                       everything, some forty minutes; peers are installed the first time
  scripts/bench compute --quick               fewer and shorter units
  scripts/bench compute --only kernels,tiny   some parts
  scripts/bench compute --write               and append the table to docs/benchmarks.md, with how figures come about";

/// Stands above the table: how its figures come about.
const NOTE: &str = "\
- **One machine** has all of it: a node of a chain with test values, nine agents, the client, and peers in their turn.
  So workers share cores, as GNU parallel's jobs do: as many at a time as there are. Agents run two units at a time
  each; tiny ones sixteen, by agents of their own.
- **Within** and **beyond** say whether a figure is what is asked for.
- **Kernels** are one source in C, `tools/compute/kernels`, by the same clang at `-O2`, for Wasm and for this machine;
  what comes of them is compared. Of five runs the fastest counts, less one without a round: start and compilation are
  not in it. wasmtime is that of PyPI which is pinned, with neither fuel nor canonical NaNs; ours is engine 1 in its
  sandbox, as workers run it.
- **A unit** of a second burns what one core burns in a second here.
- **Jobs** run from the command to its end: measuring, order, draw, which waits two turns (twelve seconds), all outputs
  fetched. **Settled** counts from the block in which the first unit was given out to that in which the last one has its
  result.
- **By one worker each**: before it, and not in its time, all nine have a hundred right units or more, by tiny ones.
- **Bytes of a unit** are those of all commitments and reveals of the job, divided by its units. Its **weight** is that
  of these, as the chain has charged it, and its part of hooks: what all blocks from the order to two turns after the
  last result are charged for hooks, beyond as many blocks before the job. The design means six transfers, as many as a
  unit has messages; one transfer stands there for whoever reads it otherwise. Their fees are in their weight.
- **Hooks** are explained in `tools/bench/src/units.rs`. What is charged has the database in it.
- **Dask** has a scheduler and nine workers with a thread each. Each task is run three times, and the client compares.
- **Loss**: two of nine say something else, alike; one is killed for good when the first unit has its result.";

/// Measures what computing with strangers does and costs on this machine and prints a Markdown table.
#[derive(Parser)]
#[command(name = "scripts/bench compute", after_help = EXAMPLES)]
struct Options {
	/// Fewer and shorter units: figures are less precise.
	#[arg(long)]
	quick: bool,
	/// Only these parts: kernels, hooks, tiny, units, loss.
	#[arg(long, value_delimiter = ',')]
	only: Vec<String>,
	/// Appends the table to this file [without a name: docs/benchmarks.md].
	#[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "docs/benchmarks.md")]
	write: Option<PathBuf>,
}

const PARTS: [&str; 5] = ["kernels", "hooks", "tiny", "units", "loss"];

impl Options {
	/// The options that change figures, as they are written.
	fn said(&self) -> String {
		let mut said = String::new();
		if self.quick {
			said += " --quick";
		}
		if !self.only.is_empty() {
			said += &format!(" --only {}", self.only.join(","));
		}
		said
	}
}

/// Runs something to its end from a thread of the runtime, whose other tasks go on meanwhile.
fn wait<T>(what: impl Future<Output = T>) -> T {
	block_in_place(|| Handle::current().block_on(what))
}

#[tokio::main]
async fn main() -> ExitCode {
	let arguments: Vec<String> = std::env::args().skip(1).collect();
	if let [UNIT, program, input, number] = &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
		return match block_in_place(|| peers::one_unit(program, input, number)) {
			Ok(()) => ExitCode::SUCCESS,
			Err(error) => {
				eprintln!("unit {number}: {error}");
				ExitCode::FAILURE
			}
		};
	}
	// `scripts/bench compute` gives its own word along.
	let given = arguments.into_iter().filter(|word| word != "compute");
	let options = Options::parse_from(std::iter::once("scripts/bench compute".to_owned()).chain(given));
	if let Err(error) = report::known(&options.only, &PARTS) {
		eprintln!("error: {error}");
		return ExitCode::FAILURE;
	}
	let mut works = None;
	let (mut rows, mut sound) = report::measure(&PARTS, &options.only, |part| measure(part, &options, &mut works));
	if let Some(works) = works {
		if let Err(error) = wait(works.finish()) {
			eprintln!("the works do not end in order: {error}");
			rows.push(Row::new(
				"the end of all nodes and agents",
				"",
				format!("{FAILED}: {error}"),
			));
			sound = false;
		}
	}
	let note = format!("Compute: `scripts/bench compute{}`.\n\n{NOTE}", options.said());
	report::finish(&note, &rows, options.write.as_deref(), sound)
}

/// The first argument of the process by which GNU parallel runs a unit.
const UNIT: &str = "unit";

fn measure(part: &str, options: &Options, works: &mut Option<Works>) -> Result<Vec<Row>> {
	let quick = options.quick;
	if part == "kernels" {
		return kernels::rows(if quick { 1 } else { 5 });
	}
	if part == "hooks" {
		return peers::hooks(quick);
	}
	wait(async {
		match part {
			// With works of its own: those of whom each has many units at a time.
			"tiny" => jobs::tiny(quick).await,
			// Who lies and who dies are others than those who are measured undisturbed.
			"loss" => jobs::loss(works.take(), quick).await,
			_ => {
				let started = Works::start(0, FEW).await?;
				jobs::units(works.insert(started), quick).await
			}
		}
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn options_that_change_figures_are_said() {
		let of = |line: &str| Options::try_parse_from(line.split(' ')).unwrap();
		assert_eq!(
			of("compute --quick --only tiny,loss --write").said(),
			" --quick --only tiny,loss"
		);
		assert_eq!(of("compute").said(), "");
	}
}
