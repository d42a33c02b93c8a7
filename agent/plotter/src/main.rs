//! The program: everything is in the library.

use std::{
	env,
	io::{self, IsTerminal, Write},
	process::ExitCode,
};

/// How it ends if it was not started as it is meant to be.
const USAGE: u8 = 2;

fn main() -> ExitCode {
	let arguments: Vec<_> = env::args_os().skip(1).collect();
	// What is said may be lost if nobody listens.
	match smart_agent_plotter::by_hand(&arguments, io::stdin().is_terminal()) {
		None => smart_agent_plotter::child_main(),
		Some(Ok(said)) => {
			let _ = writeln!(io::stdout(), "{said}");
			ExitCode::SUCCESS
		}
		Some(Err(why)) => {
			let _ = writeln!(io::stderr(), "{why}");
			ExitCode::from(USAGE)
		}
	}
}
