//! One command, one table: how fast the chain is on this machine.
//!
//! - **seen to final** runs from when a node tells over RPC that it has imported a block until it tells that the block,
//!   or a descendant, is final; all four nodes are watched, and their values pooled. The nodes' own histograms, which
//!   start when a block's first byte is at hand and not when it is imported, stand beside it.
//! - **slot to final** runs from the start of a block's slot by the clock.
//! - **interval** and **slots filled** come from the slots and heights of the final chain.

mod blocks;
mod channels;
mod hostile;
mod issuance;
mod load;
mod progress;
mod proofs;
mod stats;
mod storage;
mod transfers;
mod units;

use clap::Parser;
use smartchain_report as report;
use smartchain_report::Row;
use smartchain_tests::{hostile::Attack, Result};
use std::{future::Future, path::PathBuf, process::ExitCode, time::Duration};
use tokio::signal::unix::{signal, SignalKind};

/// Shown below the help.
const EXAMPLES: &str = "\
Examples:
  scripts/bench                   everything, some 25 minutes
  scripts/bench --quick           shorter runs, less precise
  scripts/bench --only load1      one part
  scripts/bench --write           and append the table to docs/benchmarks.md
  scripts/bench proofs            what proofs of devices cost instead; see scripts/bench proofs --help
  scripts/bench issuance          what eras and claims cost instead; see scripts/bench issuance --help
  scripts/bench channels          what payment channels do and cost instead; see scripts/bench channels --help
  scripts/bench storage           what storing with strangers does and costs; see scripts/bench storage --help
  scripts/bench compute           what computing with strangers does and costs; see scripts/bench compute --help
  scripts/bench world             simulates voters all over the world instead; see scripts/bench world --help";

/// Measures a SmartChain network on this machine and prints a Markdown table.
#[derive(Parser)]
#[command(after_help = EXAMPLES)]
struct Options {
	/// Shorter runs: figures are less precise, and some measures ask for longer ones.
	#[arg(long)]
	quick: bool,
	/// Only these parts: idle, delayed, killed, killed3, transfer, load1, load4, hostile, traitor.
	#[arg(long, value_delimiter = ',')]
	only: Vec<String>,
	/// Appends the table to this file [without a name: docs/benchmarks.md].
	#[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "docs/benchmarks.md")]
	write: Option<PathBuf>,
	/// The one-way delay of the slow links, in milliseconds.
	#[arg(long, default_value_t = 50)]
	delay: u64,
	/// How many transfers may wait in the pool while the chain is loaded.
	#[arg(long, default_value_t = 6_000)]
	backlog: u64,
	/// How many seconds the hostile peers have, instead of 180 or, with --quick, 40.
	#[arg(long)]
	seconds: Option<u64>,
	/// Only these kinds of harm by the hostile peers, such as LightRequests.
	#[arg(long, value_delimiter = ',', value_parser = kind)]
	attack: Vec<Attack>,
	/// Another argument for every node while the chain is loaded, such as --node-arg=--pool-type=fork-aware.
	#[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true)]
	node_arg: Vec<String>,
}

const PARTS: [&str; 9] = [
	"idle", "delayed", "killed", "killed3", "transfer", "load1", "load4", "hostile", "traitor",
];

fn kind(name: &str) -> std::result::Result<Attack, String> {
	let all = || [&Attack::WITHOUT_KEYS[..], &Attack::WITH_KEYS].concat();
	Attack::of(name).ok_or_else(|| format!("there are {:?}", all()))
}

/// The first argument of the process that a siege starts; its orders follow.
const HOSTILE: &str = "hostile";

#[tokio::main]
async fn main() -> ExitCode {
	let mut arguments = std::env::args().skip(1);
	if let (Some(HOSTILE), Some(orders)) = (arguments.next().as_deref(), arguments.next()) {
		return match smartchain_tests::hostile::obey(&orders).await {
			Ok(()) => ExitCode::SUCCESS,
			Err(error) => {
				eprintln!("the hostile process: {error}");
				ExitCode::FAILURE
			}
		};
	}
	if std::env::args().nth(1).as_deref() == Some(proofs::PROOFS) {
		return proofs::main(std::env::args().skip(2));
	}
	if std::env::args().nth(1).as_deref() == Some(units::OF_UNITS) {
		return units::main(std::env::args().skip(2));
	}
	if std::env::args().nth(1).as_deref() == Some(issuance::ISSUANCE) {
		return issuance::main(std::env::args().skip(2));
	}
	if std::env::args().nth(1).as_deref() == Some(channels::CHANNELS) {
		return channels::main(std::env::args().skip(2));
	}
	if std::env::args().nth(1).as_deref() == Some(storage::STORAGE) {
		return storage::main(std::env::args().skip(2));
	}
	let options = Options::parse();
	if let Err(error) = report::known(&options.only, &PARTS) {
		eprintln!("error: {error}");
		return ExitCode::FAILURE;
	}
	let mut rows = Vec::new();
	// An end from outside drops what runs, and with it all nodes and their data.
	let sound = tokio::select! {
		sound = all(&options, &mut rows) => sound,
		() = told_to_end() => {
			eprintln!("\ninterrupted");
			return ExitCode::FAILURE;
		},
	};
	let note = if options.quick {
		"Short runs (`--quick`)."
	} else {
		"Full runs."
	};
	report::finish(note, &rows, options.write.as_deref(), sound)
}

/// Waits for Ctrl-C, or to be asked to end.
async fn told_to_end() {
	match signal(SignalKind::terminate()) {
		Ok(mut asked) => {
			tokio::select! { _ = tokio::signal::ctrl_c() => {}, _ = asked.recv() => {} }
		}
		Err(_) => std::future::pending().await,
	}
}

/// Runs every part that is asked for; whether all of them worked.
async fn all(options: &Options, rows: &mut Vec<Row>) -> bool {
	let quick = |short: u64, long: u64| if options.quick { short } else { long };
	let lasts = |short, long| Duration::from_secs(quick(short, long));
	let load = |validators, at_most| load::Load {
		validators,
		lasts: lasts(20, 60),
		backlog: options.backlog,
		at_most,
		node_args: options.node_arg.clone(),
	};
	let siege = options.seconds.map_or(lasts(40, 180), Duration::from_secs);
	let mut sound = true;
	for part in PARTS {
		if !report::is_asked(&options.only, part) {
			continue;
		}
		sound &= match part {
			"idle" => add(rows, part, blocks::idle(None, lasts(60, 300))).await,
			"delayed" => {
				add(
					rows,
					part,
					blocks::idle(Some(Duration::from_millis(options.delay)), lasts(60, 180)),
				)
				.await
			}
			"killed" => add(rows, part, blocks::one_killed(quick(1, 3) as u32)).await,
			"killed3" => add(rows, part, blocks::three_killed()).await,
			"transfer" => add(rows, part, transfers::submit_to_final(quick(20, 60) as u32)).await,
			"load1" => add(rows, part, load::run(load(1, 4_000))).await,
			"load4" => add(rows, part, load::run(load(4, 2_500))).await,
			"hostile" => add(rows, part, hostile::by_strangers(siege, &options.attack)).await,
			_ => add(rows, part, hostile::by_a_voter(siege, &options.attack)).await,
		};
	}
	sound
}

async fn add(rows: &mut Vec<Row>, part: &str, measured: impl Future<Output = Result<Vec<Row>>>) -> bool {
	match measured.await {
		Ok(measured) => {
			let sound = measured.iter().all(|row| !row.measured.starts_with(report::FAILED));
			rows.extend(measured);
			sound
		}
		Err(error) => {
			eprintln!("\n{part} failed: {error}");
			rows.push(Row::new(part, "", format!("{}: {error}", report::FAILED)));
			false
		}
	}
}
