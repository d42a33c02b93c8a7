//! What payment channels do and cost: `scripts/bench channels`.
//!
//! - **locks**: payments under a hash between two machines in one process, beside LDK's.
//! - **steps**: steps of chains of hashes that a payee takes in.
//! - **sizes**: bytes of memory and of disk that a channel takes, and at a tower.
//! - **restart**: from a kill to serving again, with many channels.
//! - **chain**: closings by the runtime's Wasm, beside transfers.
//! - **daemons**: real `smart-pay` processes on a chain of one node: payments to a partner and through one, an opening,
//!   a cheat that is punished, a start with many channels.

mod daemons;
mod locks;
mod onchain;
mod pair;
mod steps;
mod stored;

use crate::report::{self, Row};
use clap::Parser;
use smartchain_tests::Result;
use std::{path::PathBuf, process::ExitCode, time::Duration};
use tokio::{runtime::Handle, task::block_in_place};

/// The first argument of the program that makes it measure channels.
pub const CHANNELS: &str = "channels";

/// Shown below the help.
const EXAMPLES: &str = "\
Examples:
  scripts/bench channels                       everything, some ten minutes, and LDK is built the first time
  scripts/bench channels --quick               shorter runs, fewer channels and payments
  scripts/bench channels --only locks,chain    some parts
  scripts/bench channels --write               and append the table to docs/benchmarks.md, with how figures come about

That no planck is lost in ten million random calls and a million games is no figure but a test, by scripts/test long.";

/// Stands above the table: how its figures come about.
const NOTE: &str = "\
- **Payments under a hash** go between two machines (`core/channel`) in one process, in turns: lock, preimage, and the
  half that pays, with the store's keys and checks of signatures; the sheets are encoded and kept in memory. With
  many on their way, what has come when a commit begins is stored at once, and the machine lets the newest half of it
  out alone: `smart-pay` runs the same code, with what came while its disk was busy. A row beside it stores each event
  by itself. LDK's nodes do the same beside it: the crate `lightning` as its users link it, with its defaults, without
  log, disk and search for a way; with features of its tests it is slower. In its own benchmark payments are too small
  to have an output of their own, which is less to sign: that is what ours are divided by.
- **Steps** are read from their bytes, checked, and one of 64 is stored.
- **Bytes of memory** are those by which a process of its own grows. **Disk** is the whole file, with the notices that
  are kept. Channels have halves of both sides and no locks.
- **In process, killed to a machine** begins with a copy of a store that was open. The daemon's start is from the
  process to its first answer, with no node of the chain in reach, so that no channel is asked about; what follows when
  one answers is not in it.
- **Closings** are blocks of fifty transactions, less an empty one. What is charged has the database in it, at 8 us a
  read and 50 us a write.
- **Daemons** share this machine with the node. What they say is durable is synced to its disk. An opening runs from the
  command to the end of the first payment. A cheat is seen when a node's best block has the close, and punished when
  its highest final block has the channel no more; its victim is down, and the tower answers.";

/// Measures what payment channels do and cost on this machine and prints a Markdown table.
#[derive(Parser)]
#[command(name = "scripts/bench channels", after_help = EXAMPLES)]
struct Options {
	/// Shorter runs, fewer channels and payments: figures are less precise.
	#[arg(long)]
	quick: bool,
	/// Only these parts: locks, steps, sizes, restart, chain, daemons.
	#[arg(long, value_delimiter = ',')]
	only: Vec<String>,
	/// Appends the table to this file [without a name: docs/benchmarks.md].
	#[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "docs/benchmarks.md")]
	write: Option<PathBuf>,
	/// How many payments each durable run has [50,000, or with --quick 5,000].
	#[arg(long, value_name = "NUMBER")]
	payments: Option<u32>,
	/// Makes a machine of this store, and prints by how many bytes this process grows: the part `sizes` runs it.
	#[arg(long, hide = true, value_name = "FOLDER")]
	hold: Option<PathBuf>,
}

const PARTS: [&str; 6] = ["locks", "steps", "sizes", "restart", "chain", "daemons"];

/// Measures, and prints the table. `arguments` are those after [`CHANNELS`].
pub fn main(arguments: impl Iterator<Item = String>) -> ExitCode {
	let program = "scripts/bench channels".to_string();
	let options = Options::parse_from(std::iter::once(program).chain(arguments));
	if let Some(folder) = &options.hold {
		return match stored::hold(folder) {
			Ok(bytes) => {
				println!("{bytes}");
				ExitCode::SUCCESS
			}
			Err(error) => {
				eprintln!("error: {error}");
				ExitCode::FAILURE
			}
		};
	}
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
	let note = format!("Payment channels: `scripts/bench channels{quick}{only}`.\n\n{NOTE}");
	report::finish(&note, &rows, options.write.as_deref(), sound)
}

fn measure(part: &str, options: &Options) -> Result<Vec<Row>> {
	let quick = options.quick;
	let lasts = Duration::from_secs(if quick { 3 } else { 10 });
	match part {
		"locks" => locks::rows(lasts),
		"steps" => steps::rows(lasts),
		"sizes" if quick => stored::sizes(20_000, 100_000),
		"sizes" => stored::sizes(100_000, 1_000_000),
		"restart" if quick => stored::restarts(&[1_000, 10_000]),
		"restart" => stored::restarts(&[1_000, 100_000]),
		"chain" => onchain::rows(if quick { 5 } else { 20 }),
		_ => {
			let plan = daemons::Plan {
				payments: options.payments.unwrap_or(if quick { 5_000 } else { 50_000 }),
				channels: if quick { vec![1_000] } else { vec![1_000, 100_000] },
			};
			// The nodes' watchers go on meanwhile.
			block_in_place(|| Handle::current().block_on(daemons::rows(&plan)))
		}
	}
}
