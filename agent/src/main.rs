//! The binary: everything is in the library.

use clap::Parser;
use smart_agent::{cli::Cli, commands};
use std::process::ExitCode;

fn main() -> ExitCode {
	commands::run(Cli::parse())
}
