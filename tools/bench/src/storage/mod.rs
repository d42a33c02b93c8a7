//! What storing with strangers does and costs, each beside its peers in one run: `scripts/bench storage`.
//!
//! - **coder**: parity by Reed and Solomon, beside zfec.
//! - **opening**: openings of slots, checked by the runtime's Wasm, beside a signature.
//! - **hooks**: the market's part of a block with a million slots, and the bytes of a deal.
//! - **carry**: folders put and got by `smart` over real agents, beside Tahoe-LAFS, curl with nginx, restic.
//! - **loss**: three of eight devices killed: reading, the repair, memory, beside curl.

mod carry;
mod coder;
mod folder;
mod hooks;
mod loss;
mod market;
mod opening;
mod peers;
mod python;
mod usage;

use crate::report::{self, Row, FAILED};
use carry::Plan;
use clap::Parser;
use hooks::Size;
use market::Market;
use smartchain_tests::{Error, Result};
use std::{future::Future, path::PathBuf, process::ExitCode, time::Duration};
use tokio::{runtime::Handle, task::block_in_place};

/// The first argument of the program that makes it measure storage.
pub const STORAGE: &str = "storage";

/// Shown below the help.
const EXAMPLES: &str = "\
Examples:
  scripts/bench storage                       everything, some forty minutes; peers are installed the first time
  scripts/bench storage --quick               128 MiB instead of a GiB, a tenth of the slots
  scripts/bench storage --only coder,opening  some parts
  scripts/bench storage --write               and append the table to docs/benchmarks.md, with how figures come about

That a hundred thousand deals live through a year of failures is no figure but a test, by scripts/test long.";

/// Stands above the table: how its figures come about.
const NOTE: &str = "\
- **One machine** has all of it: a node of a chain with test values, eleven agents, the client, and peers in their
  turn. Files are of random bytes and were just written, so that they are read from memory; what came back is
  compared.
- **`smart put`** runs from the command to its end: price, order, draw, upload, roots, confirmations. The draw alone
  waits for two turns, twelve seconds, which no peer has; so a second row has the time from when the devices are drawn
  until the roots are in a block, seen every 50 ms.
- **Tahoe-LAFS** 1.20.0 has an introducer, eight servers and a client, 4 of 8, and syncs nothing; its start is not
  measured. Many files go by `tahoe cp --recursive`: it stores each by itself, where `smart` has small files share
  slots.
- **curl** brings as many bytes as all slots have to nginx, eight at once, followed by `sync --data` of them, and
  fetches four. Nothing is encrypted, coded or hashed.
- **restic** 0.14 encrypts, and neither codes nor spreads; its CPU is compared, as the kernel counts it for the
  client.
- **Memory** is the largest resident set that the kernel has seen: of `smart` by its end, of agents since they were
  told to count anew.
- **Three dead** are devices that hold slots, killed with SIGKILL; before that they withdraw what they offer, for a
  dead device that is drawn is waited for. The repair counts while at least one drawn device has not confirmed, seen
  ten times a second; what is waited for besides (audits, patience, the draw) has a row of its own, on a chain whose
  times are short.
- **Openings**: an answer with two, less one that is refused before its first hash, halved.
- **Hooks** and **bytes** are explained in `tools/bench/src/storage/hooks`. What is charged has the database in it, at
  8 us a read and 50 us a write.";

/// Measures what storing with strangers does and costs on this machine and prints a Markdown table.
#[derive(Parser)]
#[command(name = "scripts/bench storage", after_help = EXAMPLES)]
struct Options {
	/// Smaller folders, fewer slots, shorter runs: figures are less precise.
	#[arg(long)]
	quick: bool,
	/// Only these parts: coder, opening, hooks, carry, loss.
	#[arg(long, value_delimiter = ',')]
	only: Vec<String>,
	/// Appends the table to this file [without a name: docs/benchmarks.md].
	#[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "docs/benchmarks.md")]
	write: Option<PathBuf>,
	/// How many MiB a folder has [1024, or with --quick 128].
	#[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=8_192))]
	mib: Option<u64>,
	/// In how many files they are, where there are many [1000, or with --quick 100].
	#[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(2..=100_000))]
	files: Option<u64>,
	/// How many slots are held [1000000, or with --quick 100000]; a tenth as many devices offer space.
	#[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(80..=10_000_000))]
	slots: Option<u32>,
}

const PARTS: [&str; 5] = ["coder", "opening", "hooks", "carry", "loss"];

impl Options {
	fn or_quick<T>(&self, chosen: Option<T>, quick: T, full: T) -> T {
		chosen.unwrap_or(if self.quick { quick } else { full })
	}

	fn plan(&self) -> Plan {
		Plan {
			bytes: self.or_quick(self.mib, 128, 1_024) << 20,
			files: self.or_quick(self.files, 100, 1_000),
		}
	}

	fn size(&self) -> Size {
		let slots = self.or_quick(self.slots, 100_000, 1_000_000);
		Size {
			slots,
			offers: slots / 10,
		}
	}

	/// The options that change figures, as they are written.
	fn said(&self) -> String {
		let mut said = String::new();
		if self.quick {
			said += " --quick";
		}
		if !self.only.is_empty() {
			said += &format!(" --only {}", self.only.join(","));
		}
		let numbers = [
			("mib", self.mib),
			("files", self.files),
			("slots", self.slots.map(u64::from)),
		];
		for (name, number) in numbers.iter().filter_map(|(name, number)| Some((name, (*number)?))) {
			said += &format!(" --{name} {number}");
		}
		said
	}
}

/// Runs something to its end from a thread of the runtime, whose other tasks go on meanwhile.
fn wait<T>(what: impl Future<Output = T>) -> T {
	block_in_place(|| Handle::current().block_on(what))
}

/// Measures, and prints the table. `arguments` are those after [`STORAGE`].
pub fn main(arguments: impl Iterator<Item = String>) -> ExitCode {
	let program = "scripts/bench storage".to_string();
	let options = Options::parse_from(std::iter::once(program).chain(arguments));
	if let Err(error) = report::known(&options.only, &PARTS) {
		eprintln!("error: {error}");
		return ExitCode::FAILURE;
	}
	let mut market = None;
	let (mut rows, mut sound) = report::measure(&PARTS, &options.only, |part| measure(part, &options, &mut market));
	if let Some(market) = market {
		if let Err(error) = wait(market.finish()) {
			eprintln!("the market does not end in order: {error}");
			rows.push(Row::new(
				"the end of all nodes and agents",
				"",
				format!("{FAILED}: {error}"),
			));
			sound = false;
		}
	}
	let note = format!("Storage: `scripts/bench storage{}`.\n\n{NOTE}", options.said());
	report::finish(&note, &rows, options.write.as_deref(), sound)
}

fn measure(part: &str, options: &Options, market: &mut Option<Market>) -> Result<Vec<Row>> {
	let quick = options.quick;
	match part {
		"coder" => coder::rows(Duration::from_secs(if quick { 1 } else { 5 })),
		"opening" => opening::rows(if quick { 50 } else { 400 }),
		"hooks" => hooks::rows(options.size(), if quick { 10 } else { 40 }, if quick { 1 } else { 3 }),
		_ => wait(async {
			if market.is_none() {
				*market = Some(Market::start().await?);
			}
			let market = market.as_mut().ok_or_else(|| Error::new("there is no market"))?;
			match part {
				"carry" => carry::rows(market, &options.plan()).await,
				_ => loss::rows(market, &options.plan()).await,
			}
		}),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn options_that_change_figures_are_said() {
		let of = |line: &str| Options::try_parse_from(line.split(' ')).unwrap();
		let options = of("storage --quick --only carry,loss --slots 80 --write");
		assert_eq!(options.said(), " --quick --only carry,loss --slots 80");
		assert_eq!((options.plan().bytes, options.plan().files), (128 << 20, 100));
		assert_eq!((options.size().slots, options.size().offers), (80, 8));
		assert_eq!(of("storage").said(), "");
		assert_eq!(of("storage").plan().bytes, 1 << 30);
	}
}
