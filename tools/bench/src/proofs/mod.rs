//! What the proofs of devices cost, each beside what it is to be compared with, in one run: `scripts/bench proofs`.
//!
//! - **native**: the validator beside Chia's own, a segment, a signature.
//! - **wasm**: the same through the runtime's Wasm, in the executor that a node has, beside what is charged for it.
//! - **store**: plots made and looked into, by the store and by Chia's crate: the bench of `agent/store`.
//! - **idle**: what an agent takes that runs on this machine.
//! - **million**: the runtime's pallet with a million devices, of which those that win are drawn.
//! - **devices**: devices registered by the runtime's calls, a tenth as many: bytes, and whether the last cost more.
//! - **database**: a state of a million devices, read and written in the database that a node has.

pub mod chain;
mod database;
mod devices;
pub mod executor;
mod idle;
mod million;
pub mod native;
mod store;
mod wasm;

use crate::{
	report::{self, Row},
	stats::{micros, Times},
};
use clap::Parser;
use smartchain_tests::Result;
use std::{path::PathBuf, process::ExitCode, time::Duration};

/// The first argument of the program that makes it measure proofs.
pub const PROOFS: &str = "proofs";

/// Shown below the help.
const EXAMPLES: &str = "\
Examples:
  scripts/bench proofs                       everything, some fifteen minutes
  scripts/bench proofs --quick               shorter runs and fewer plots, two minutes
  scripts/bench proofs --only wasm,devices   some parts
  scripts/bench proofs --write               and append the table to docs/benchmarks.md

For the part idle, an agent has to run on this machine, with 1,000 plots of size 18.";

/// Measures what proofs of devices cost on this machine and prints a Markdown table.
#[derive(Parser)]
#[command(name = "scripts/bench proofs", after_help = EXAMPLES)]
struct Options {
	/// Shorter runs: figures are less precise.
	#[arg(long)]
	quick: bool,
	/// Only these parts: native, wasm, store, idle, million, devices, database.
	#[arg(long, value_delimiter = ',')]
	only: Vec<String>,
	/// Appends the table to this file [without a name: docs/benchmarks.md].
	#[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "docs/benchmarks.md")]
	write: Option<PathBuf>,
	/// The size of the plots that are made and looked into.
	#[arg(long, default_value_t = 20, value_name = "SIZE")]
	k: u8,
	/// How many of them, instead of 100 or, with --quick, 4.
	#[arg(long)]
	plots: Option<u32>,
	/// The agent to watch, if more than one runs here.
	#[arg(long, value_name = "PROCESS")]
	agent: Option<u32>,
	/// How many devices are simulated; a tenth of them are registered one by one.
	#[arg(long, default_value_t = 1_000_000)]
	devices: u32,
}

const PARTS: [&str; 7] = ["native", "wasm", "store", "idle", "million", "devices", "database"];

/// Measures, and prints the table. `arguments` are those after [`PROOFS`].
pub fn main(arguments: impl Iterator<Item = String>) -> ExitCode {
	let program = "scripts/bench proofs".to_string();
	let options = Options::parse_from(std::iter::once(program).chain(arguments));
	if let Err(error) = report::known(&options.only, &PARTS) {
		eprintln!("error: {error}");
		return ExitCode::FAILURE;
	}
	let (rows, sound) = report::measure(&PARTS, &options.only, |part| measure(part, &options));
	let note = format!("`scripts/bench proofs{}`", said(&options));
	report::finish(&note, &rows, options.write.as_deref(), sound)
}

/// The options that change figures, as they are written.
fn said(options: &Options) -> String {
	let mut said = String::new();
	if options.quick {
		said += " --quick";
	}
	if !options.only.is_empty() {
		said += &format!(" --only {}", options.only.join(","));
	}
	if let Some(plots) = options.plots {
		said += &format!(" --plots {plots}");
	}
	if options.k != 20 {
		said += &format!(" --k {}", options.k);
	}
	if options.devices != 1_000_000 {
		said += &format!(" --devices {}", options.devices);
	}
	said
}

fn measure(part: &str, options: &Options) -> Result<Vec<Row>> {
	let times = if options.quick { 50 } else { 400 };
	match part {
		"native" => native::rows(times),
		"wasm" => wasm::rows(times),
		"store" => store::rows(options.k, options.plots.unwrap_or(if options.quick { 4 } else { 100 })),
		"idle" => idle::rows(options.agent, Duration::from_secs(if options.quick { 10 } else { 120 })),
		"million" => million::rows(options.devices, if options.quick { 1 } else { 3 }),
		"devices" => devices::rows(options.devices.div_ceil(if options.quick { 100 } else { 10 })),
		_ => database::rows(if options.quick {
			options.devices.div_ceil(20)
		} else {
			options.devices
		}),
	}
}
