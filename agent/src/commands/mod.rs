//! What each command does.

mod benchmark;
mod context;
mod device;
mod doctor;
mod failure;
mod init;
mod plot;
pub(crate) mod signed;
mod start;
mod status;
mod wallet;

pub use context::Context;
pub(crate) use context::{existing, waiting};
pub use failure::{Code, Failure};

use crate::cli::{Cli, Command};
use std::{process::ExitCode, time::Duration};

/// How long threads that wait for a disk or another machine are waited for at the end.
const END_PATIENCE: Duration = Duration::from_secs(5);

/// Carries out a command line, and says how it ended.
pub fn run(cli: Cli) -> ExitCode {
	let terminal = cli.common.terminal();
	match carry_out(cli) {
		Ok(code) => code,
		Err(failure) => {
			if terminal.is_json() {
				terminal.facts(&failure.as_json(), |_| String::new());
			}
			terminal.fail(&failure.message);
			failure.code.into()
		}
	}
}

fn carry_out(cli: Cli) -> Result<ExitCode, Failure> {
	if let Command::Init(arguments) = &cli.command {
		if arguments.print_config {
			cli.common
				.terminal()
				.facts(&crate::config::EXAMPLE, |_| crate::config::EXAMPLE.into());
			return Ok(ExitCode::SUCCESS);
		}
	}
	let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
	let runtime = runtime.map_err(|error| Failure::new(Code::Failed, format!("cannot start threads: {error}")))?;
	if matches!(cli.command, Command::Doctor) {
		// It also says what is wrong with the configuration.
		return runtime.block_on(doctor::run(&cli.common));
	}
	let context = Context::new(&cli.common)?;
	let done = runtime.block_on(async {
		match &cli.command {
			Command::Init(arguments) => init::run(&context, arguments).await,
			Command::Wallet(command) => wallet::run(&context, command).await,
			Command::Device(command) => device::run(&context, command).await,
			Command::Plot(command) => plot::run(&context, command).await,
			Command::Run => start::run(&context).await,
			Command::Status => status::run(&context).await,
			Command::Earnings(arguments) => crate::earnings::run_earnings(&context, arguments).await,
			Command::Claim(arguments) => crate::earnings::run_claim(&context, arguments).await,
			Command::Offer(command) => crate::storage::run_offer(&context, command).await,
			Command::Slots { command } => crate::storage::run_slots(&context, command.as_ref()).await,
			Command::Scrub(which) => crate::storage::run_scrub(&context, which),
			Command::Work(command) => crate::work::run_work(&context, command).await,
			Command::Benchmark(arguments) => benchmark::run(&context, arguments).await,
			Command::Doctor => Ok(()),
		}
	});
	// A disk that hangs, or a slot that is hashed for minutes, keeps no program from ending: what counts is written.
	runtime.shutdown_timeout(END_PATIENCE);
	done.map(|()| ExitCode::SUCCESS)
}
