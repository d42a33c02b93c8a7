//! `try-upgrade` and `runtime-info`: what a runtime in a file is, and what it would do to a chain that runs.

use smartchain_service::runtime::{
	code::Code,
	interface::{self, Difference},
	live::Live,
	trial::{self, Checks, Trial},
};
use sp_core::H256;
use std::{
	future::Future,
	path::PathBuf,
	time::{Duration, Instant},
};

/// Whoever waits longer is told how far it has come, and again after as long.
const PROGRESS: Duration = Duration::from_secs(2);
/// What the runtime says of migrations and checks while it is tried.
const LOG: &str = "warn,runtime=info,try-runtime=info,runtime::executive=info";
/// Picoseconds of a millisecond.
const MILLISECOND: u64 = 1_000_000_000;

/// The options of `try-upgrade`.
#[derive(Clone, Debug, clap::Args)]
pub struct TryUpgradeCmd {
	/// The RPC of a node of the chain. It is asked for the whole state: best one of your own.
	#[arg(long, value_name = "URI", default_value = "ws://127.0.0.1:9944")]
	pub uri: String,

	/// The new runtime, built with the feature try-runtime (`scripts/build-runtime --try-runtime`).
	#[arg(long, value_name = "FILE")]
	pub wasm: PathBuf,

	/// Try it on the state after this block instead of the last final one.
	#[arg(long, value_name = "HASH")]
	pub at: Option<H256>,

	/// What is checked: that each migration does what it says and all state is sound, or only that migrations run.
	#[arg(long, value_enum, default_value = "all")]
	pub checks: ChecksArg,

	/// How much state is fetched at most, in MiB. This machine needs twice that much memory.
	#[arg(long, value_name = "MIB", default_value_t = 2_048)]
	pub max_mib: u64,
}

/// The values of `--checks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ChecksArg {
	/// All of them.
	All,
	/// None.
	None,
}

/// The options of `runtime-info`.
#[derive(Clone, Debug, clap::Args)]
pub struct RuntimeInfoCmd {
	/// The runtime.
	#[arg(value_name = "FILE")]
	pub wasm: PathBuf,

	/// Show how its interface differs from what the chain of this node runs.
	#[arg(long, value_name = "URI")]
	pub against: Option<String>,
}

impl TryUpgradeCmd {
	/// Fetches the state, runs the upgrade on it, and says what came of it.
	///
	/// # Errors
	/// Says why the runtime would be refused, which migration or check failed, or that the migrations are too heavy.
	pub fn run(&self) -> Result<(), String> {
		sc_cli::LoggerBuilder::new(LOG)
			.init()
			.map_err(|error| error.to_string())?;
		let code = Code::read(&self.wasm).map_err(|error| error.to_string())?;
		print(&code);
		let (number, state) = wait(async {
			let live = Live::connect(&self.uri, self.at).await?;
			let version = live.version().await?;
			println!(
				"The chain:     {} {}, at block {}",
				version.spec_name, version.spec_version, live.number
			);
			let successor = trial::check_successor(&code, &version.spec_name, version.spec_version);
			if let Err(refused) = successor {
				return Ok(Err(refused.to_string()));
			}
			let mut said = Instant::now();
			let progress = |values: usize, bytes: u64| {
				if said.elapsed() >= PROGRESS {
					said = Instant::now();
					eprintln!("{values} values fetched, {} MiB", bytes / (1024 * 1024));
				}
			};
			let state = live.state(self.max_mib, progress).await?;
			Ok(Ok((live.number, state)))
		})??;
		let checks = match self.checks {
			ChecksArg::All => Checks::All,
			ChecksArg::None => Checks::None,
		};
		println!("The state:     {} values", state.top.len());
		let started = Instant::now();
		let trial = trial::run(&code, state, checks).map_err(|error| error.to_string())?;
		println!(
			"Tried:         in {:.1?}, on the state after block {number}",
			started.elapsed()
		);
		println!("{}", verdict(&trial, checks));
		if trial.fits() {
			Ok(())
		} else {
			Err("the migrations do not fit into a block: make steps of them (SteppedMigration)".into())
		}
	}
}

impl RuntimeInfoCmd {
	/// Prints what the runtime is, and how it differs.
	///
	/// # Errors
	/// Where the file is no runtime, or the node does not answer.
	pub fn run(&self) -> Result<(), String> {
		let code = Code::read(&self.wasm).map_err(|error| error.to_string())?;
		print(&code);
		let Some(uri) = &self.against else { return Ok(()) };
		let (version, old) = wait(async {
			let live = Live::connect(uri, None).await?;
			let version = live.version().await?;
			Ok((version, live.ask(interface::METHOD, &interface::question()).await?))
		})?;
		let old = interface::of_answer(&old).map_err(|error| error.to_string())?;
		let new = interface::of_code(&code).map_err(|error| error.to_string())?;
		println!("Against:       {} {}", version.spec_name, version.spec_version);
		println!("{}", differences(&interface::difference(&old, &new)));
		Ok(())
	}
}

/// Waits for a node's answers.
fn wait<T>(
	answers: impl Future<Output = Result<T, smartchain_service::runtime::live::LiveError>>,
) -> Result<T, String> {
	let runtime = tokio::runtime::Builder::new_multi_thread()
		.worker_threads(2)
		.enable_all()
		.build()
		.map_err(|error| format!("no threads can be started to talk with the node: {error}"))?;
	runtime.block_on(answers).map_err(|error| error.to_string())
}

fn print(code: &Code) {
	let version = code.version();
	println!("Hash:          {:?} (BLAKE2b-256: what is authorized)", code.hash());
	println!("Size:          {} bytes", code.bytes().len());
	println!("Runtime:       {} {}", version.spec_name, version.spec_version);
	println!("Transactions:  version {}", version.transaction_version);
}

/// What a trial says, in words.
fn verdict(trial: &Trial, checks: Checks) -> String {
	let thousandths = trial.thousandths();
	let mut text = format!(
		"Weight:        {:.1} ms of the {} ms of a block ({}.{} %)",
		trial.weight.ref_time() as f64 / MILLISECOND as f64,
		trial.limit.ref_time() / MILLISECOND,
		thousandths / 10,
		thousandths % 10,
	);
	text.push_str(match checks {
		Checks::All => "\nState:         sound, before and after",
		Checks::None => "\nState:         not checked",
	});
	if trial.goes_on {
		text.push_str(
			"\nMigrations of several blocks begin, of which no step is run here: try them on a fork of the chain \
			 (docs/upgrade.md)",
		);
	}
	text
}

/// What is new and what is gone, a line each.
fn differences(difference: &Difference) -> String {
	if difference.new.is_empty() && difference.gone.is_empty() {
		return "The interface is the same".into();
	}
	let lines =
		|sign: char, lines: &[String]| -> Vec<String> { lines.iter().map(|line| format!("{sign} {line}")).collect() };
	[lines('-', &difference.gone), lines('+', &difference.new)]
		.concat()
		.join("\n")
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_runtime::Weight;

	fn trial(millis: u64, goes_on: bool) -> Trial {
		Trial {
			weight: Weight::from_parts(millis * MILLISECOND, 0),
			limit: Weight::from_parts(430 * MILLISECOND, u64::MAX),
			goes_on,
		}
	}

	#[test]
	fn a_verdict_says_how_much_of_a_block_is_taken_and_what_is_not_tried() {
		let light = trial(43, false);
		assert!(light.fits());
		let text = verdict(&light, Checks::All);
		assert!(text.contains("43.0 ms of the 430 ms of a block (10.0 %)"), "{text}");
		assert!(text.contains("sound") && !text.contains("several blocks"), "{text}");
		let text = verdict(&trial(1, true), Checks::None);
		assert!(
			text.contains("not checked") && text.contains("several blocks begin"),
			"{text}"
		);
		assert!(!trial(431, false).fits());
	}

	#[test]
	fn differences_are_lines_with_a_sign() {
		let difference = Difference {
			new: vec!["call Upgrades.0 cancel()".into()],
			gone: vec!["storage Old.Thing".into()],
		};
		assert_eq!(
			differences(&difference),
			"- storage Old.Thing\n+ call Upgrades.0 cancel()"
		);
		assert!(differences(&Difference::default()).contains("the same"));
	}
}
