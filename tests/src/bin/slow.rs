//! A worker's machine that is slow: in place of `smart-unit`, beside which it lies, it waits for a second, and becomes
//! it. So the process is the one that was started, with its pipes, and is confined as any other.

use std::{env, os::unix::process::CommandExt, process::Command, thread, time::Duration};

/// How much longer a unit takes.
const WAIT: Duration = Duration::from_secs(1);

fn main() -> std::io::Result<()> {
	let unit = env::current_exe()?.with_file_name("smart-unit");
	thread::sleep(WAIT);
	// It comes back only if it could not.
	Err(Command::new(unit).exec())
}
