//! What the issuance of STCI costs the chain: `scripts/bench issuance`.
//!
//! - **claims**: a claim of one era and one of many, beside a transfer.
//! - **change**: the block that begins an era, with up to 100,000 earners in the one before, and a change of era beside
//!   that of a stock node.

mod change;
mod claims;
pub mod machine;
mod stock;

use crate::report::{self, Row};
use clap::Parser;
use frame_support::weights::Weight;
use smartchain_tests::Result;
use std::{path::PathBuf, process::ExitCode};

/// The first argument of the program that makes it measure issuance.
pub const ISSUANCE: &str = "issuance";

/// Shown below the help.
const EXAMPLES: &str = "\
Examples:
  scripts/bench issuance                 everything, some minutes
  scripts/bench issuance --quick         fewer earners and runs
  scripts/bench issuance --only claims   one part
  scripts/bench issuance --write         and append the table to docs/benchmarks.md, with how its figures come about

That ten million random calls keep every planck is no figure but a test, which runs for minutes:
primitives/issuance/tests/issuance/long.rs, by scripts/test long.
What an upgrade costs a network under load, the test of it prints:
  cargo test --release --locked --workspace --test network -- --ignored --nocapture \\
    four_validators_under_load_lose_neither_slot_nor_transfer";

/// Stands above the table: how its figures come about.
const NOTE: &str = "\
What is measured is executed by the runtime's Wasm over a state in memory; what is charged has the database in it, at
8 us a read and 50 us a write. Of each block the shortest of several executions counts, the root of the state included.

- **The first block of an era** closes the era before, seats directors and standby signers, elects the next ones among
  as many candidates as an election looks at, lets the oldest era expire and begins to sweep it. As many earned in the
  oldest as in the one that is closed. Later blocks with time to spare sweep the rest, each its part: the block after is
  one of them.
- **Claims and transfers** are blocks of a hundred, less an empty one. A block charges a signed transaction its call and
  what every transaction takes.
- **A stock node's era** is computed and not measured: `new_era` and `payout_stakers` of `pallet-staking` 50.0.0, by the
  weights that the SDK publishes, on this chain's database. There every nominator makes the change dearer; here nothing
  happens for those who earn until they claim. So a change of era stands beside the whole staking era and beside its
  change alone, and a second row has what it takes to pay all of them. Seats and election are charged what they may cost
  at most, whoever stands for them. It is an era beside an era: one has ten minutes here, and hours on most stock
  chains.";

/// Measures what the issuance of STCI costs on this machine and prints a Markdown table.
#[derive(Parser)]
#[command(name = "scripts/bench issuance", after_help = EXAMPLES)]
struct Options {
	/// Fewer earners and shorter runs: figures are less precise.
	#[arg(long)]
	quick: bool,
	/// Only these parts: claims, change.
	#[arg(long, value_delimiter = ',')]
	only: Vec<String>,
	/// Appends the table to this file [without a name: docs/benchmarks.md].
	#[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "docs/benchmarks.md")]
	write: Option<PathBuf>,
	/// With how many earners an era is closed [1,000, 10,000 and 100,000, or with --quick the first two].
	#[arg(long, value_delimiter = ',', value_name = "NUMBER")]
	earners: Vec<u32>,
	/// With how many directors, who stand beside as many validators of a stock node [21 and 99].
	#[arg(long, value_delimiter = ',', value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(14..=99))]
	directors: Vec<u32>,
}

const PARTS: [&str; 2] = ["claims", "change"];

/// Measures, and prints the table. `arguments` are those after [`ISSUANCE`].
pub fn main(arguments: impl Iterator<Item = String>) -> ExitCode {
	let program = "scripts/bench issuance".to_string();
	let options = Options::parse_from(std::iter::once(program).chain(arguments));
	if let Err(error) = report::known(&options.only, &PARTS) {
		eprintln!("error: {error}");
		return ExitCode::FAILURE;
	}
	let (rows, sound) = report::measure(&PARTS, &options.only, |part| measure(part, &options));
	let quick = if options.quick { " --quick" } else { "" };
	let only = match options.only.is_empty() {
		true => String::new(),
		false => format!(" --only {}", options.only.join(",")),
	};
	let note = format!("Issuance: `scripts/bench issuance{quick}{only}`. {NOTE}");
	report::finish(&note, &rows, options.write.as_deref(), sound)
}

fn measure(part: &str, options: &Options) -> Result<Vec<Row>> {
	let times = if options.quick { 5 } else { 20 };
	if part == "claims" {
		return claims::rows(times);
	}
	let earners = match (options.earners.is_empty(), options.quick) {
		(false, _) => options.earners.clone(),
		(true, true) => vec![1_000, 10_000],
		(true, false) => vec![1_000, 10_000, 100_000],
	};
	let directors = match options.directors.is_empty() {
		true => vec![21, 99],
		false => options.directors.clone(),
	};
	change::rows(&directors, &earners, times)
}

/// What a weight is in milliseconds of the machine that weights are of.
fn millis_of(weight: Weight) -> f64 {
	weight.ref_time() as f64 / 1e9
}

/// What a weight is in microseconds.
fn micros_of(weight: Weight) -> f64 {
	weight.ref_time() as f64 / 1e6
}
