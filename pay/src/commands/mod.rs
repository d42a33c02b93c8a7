//! What each command does.

mod asks;
mod context;
mod doctor;
mod handed;
mod init;
mod order;
mod recover;
mod relayer;
mod routes;
mod start;
mod stream;

pub use context::{Code, Context, Failure};

use crate::cli::{Cli, Command};
use smart_pay_config::EXAMPLE;
use std::process::ExitCode;

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
			cli.common.terminal().facts(&EXAMPLE, |_| EXAMPLE.into());
			return Ok(ExitCode::SUCCESS);
		}
	}
	let context = Context::new(&cli.common)?;
	let runtime = || {
		let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
		runtime.map_err(|error| Failure::other(format!("cannot start threads: {error}")))
	};
	match &cli.command {
		Command::Init(arguments) => runtime()?.block_on(init::run(&context, arguments))?,
		Command::Run => runtime()?.block_on(start::run(&context))?,
		Command::Relayer(command) => runtime()?.block_on(relayer::run(&context, command))?,
		Command::Doctor => return runtime()?.block_on(doctor::run(&context)),
		Command::Recover { backup } => runtime()?.block_on(recover::run(&context, backup.as_deref()))?,
		Command::Order(command) => order::run(&context, command)?,
		Command::Export(arguments) => handed::export(&context, arguments)?,
		Command::Import(arguments) => handed::import(&context, arguments)?,
		Command::Stream(arguments) => stream::run(&context, arguments)?,
		Command::Streams { stop } => stream::all(&context, stop.as_deref())?,
		other => asks::run(&context, other)?,
	}
	Ok(ExitCode::SUCCESS)
}
