//! The binary: everything is in the library.

use clap::Parser;
use rustix::process::{set_dumpable_behavior, setrlimit, DumpableBehavior, Resource, Rlimit};
use smart::{cli::Cli, commands};
use std::{io, process::ExitCode};

fn main() -> ExitCode {
	if let Err(error) = without_cores() {
		eprintln!("if this program crashes, a core file may have its keys: {error}; run it under `ulimit -c 0`");
	}
	commands::run(Cli::parse())
}

/// Keys are in this process's memory: no crash may write them to a disk, and no other process of the same user may read
/// them there.
fn without_cores() -> io::Result<()> {
	let none = Rlimit {
		current: Some(0),
		maximum: Some(0),
	};
	setrlimit(Resource::Core, none)?;
	Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}
