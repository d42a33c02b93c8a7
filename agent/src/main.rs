//! The binary: everything is in the library.

use clap::Parser;
use rustix::process::{getrlimit, set_dumpable_behavior, setrlimit, DumpableBehavior, Resource, Rlimit};
use smart_agent::{cli::Cli, commands};
use std::{io, process::ExitCode};

fn main() -> ExitCode {
	if let Err(error) = without_cores() {
		eprintln!("if this program crashes, a core file may have its keys: {error}; run it under `ulimit -c 0`");
	}
	with_files();
	commands::run(Cli::parse())
}

/// As many open files as the system lets this process have: readers, slots and plots at once are near the 1,024 that it
/// begins with. That it gets no more is no reason not to begin: all of these have bounds below that.
fn with_files() {
	let limit = getrlimit(Resource::Nofile);
	let most = Rlimit {
		current: limit.maximum,
		maximum: limit.maximum,
	};
	let _ = setrlimit(Resource::Nofile, most);
}

/// Phrase and keys are in this process's memory: no crash may write them to a disk, and no other process of the same
/// user may read them there. The limit is for the kernel's own files, the mark also for what is piped to a program.
fn without_cores() -> io::Result<()> {
	let none = Rlimit {
		current: Some(0),
		maximum: Some(0),
	};
	setrlimit(Resource::Core, none)?;
	Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

#[cfg(test)]
mod tests {
	use super::*;
	use rustix::process::dumpable_behavior;

	#[test]
	fn files_are_as_many_as_may_be() {
		with_files();
		let limit = getrlimit(Resource::Nofile);
		assert_eq!(limit.current, limit.maximum);
	}

	#[test]
	fn a_crash_writes_no_memory_to_a_disk() {
		without_cores().unwrap();
		assert_eq!(getrlimit(Resource::Core).maximum, Some(0));
		assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
		// The plotter is found by this, and must be found all the same.
		assert!(std::env::current_exe().is_ok());
	}
}
