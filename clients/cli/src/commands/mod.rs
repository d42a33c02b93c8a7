//! What each command does.

mod context;
mod fetch;
mod init;
mod job;
mod list;
mod owned;
mod pay;
mod put;
mod show;
mod verify;
mod wallet;

pub use context::Context;

use crate::{
	cli::{Cli, Command},
	config::EXAMPLE,
	failure::{Code, Failure},
	plain,
};
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
			terminal.fail(&plain(&failure.message));
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
	let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
	let runtime = runtime.map_err(|error| Failure::other(format!("cannot start threads: {error}")))?;
	runtime.spawn(interrupted());
	let ended = runtime.block_on(command(&context, &cli.command));
	// What is still shown or connected is not waited for.
	runtime.shutdown_background();
	ended
}

async fn command(context: &Context, command: &Command) -> Result<ExitCode, Failure> {
	match command {
		Command::Init(arguments) => init::run(context, arguments).await?,
		Command::Wallet(command) => wallet::run(context, command).await?,
		Command::Put(arguments) => put::run(context, arguments).await?,
		Command::Get(arguments) => fetch::get(context, arguments).await?,
		Command::Cat(arguments) => fetch::cat(context, arguments).await?,
		Command::Restore(arguments) => return fetch::restore(context, arguments).await,
		Command::Ls { deal: None, shared, .. } => list::deals(context, *shared).await?,
		Command::Ls {
			deal: Some(deal), pay, ..
		} => list::entries(context, *deal, pay).await?,
		Command::Status(of) => show::run(context, of.deal).await?,
		Command::Share(arguments) => owned::share::share(context, arguments).await?,
		Command::Unshare(arguments) => owned::share::unshare(context, arguments).await?,
		Command::Extend(arguments) => owned::extend(context, arguments).await?,
		Command::TopUp(arguments) => pay::top_up(context, arguments).await?,
		Command::Rm(arguments) => owned::rm(context, arguments).await?,
		Command::Verify(arguments) => return verify::run(context, arguments).await,
		Command::Job(command) => return job::run(context, command).await,
	}
	Ok(ExitCode::SUCCESS)
}

/// Whatever runs may end at any moment: what is durable is enough to go on.
async fn interrupted() {
	if tokio::signal::ctrl_c().await.is_ok() {
		eprintln!("\ninterrupted; run the same again, it goes on where it was");
		std::process::exit(Code::Interrupted as i32);
	}
}
