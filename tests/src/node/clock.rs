//! A wall clock that a test sets, for one node: libfaketime, which stands between the process and the system.
//!
//! The steady clock stays as it is, as it does when an operator or a time service sets the wall clock.

use crate::{Error, Result};
use std::{
	path::{Path, PathBuf},
	process::Command,
};

/// The library, as Debian's package `faketime` installs it. This one is for programs with threads.
const LIBRARY: &str = "libfaketimeMT.so.1";
/// The package.
const PACKAGE: &str = "libfaketime";

/// The clock of one node: a file that says how far it is off.
#[derive(Clone, Debug)]
pub struct FakeClock {
	library: PathBuf,
	file: PathBuf,
}

impl FakeClock {
	/// A clock that is right, kept in this file.
	///
	/// # Errors
	/// If the library is not installed, or the file cannot be written.
	pub fn new(file: &Path) -> Result<Self> {
		let clock = Self {
			library: library()?,
			file: file.to_path_buf(),
		};
		clock.set(0)?;
		Ok(clock)
	}

	/// As [`FakeClock::new`], for a test that is left out if there is no such library: says so, loudly.
	///
	/// # Panics
	/// If `SMARTCHAIN_REQUIRE_FAKETIME` is set and there is none.
	pub fn available_to(test: &str) -> bool {
		let Err(error) = library() else {
			return true;
		};
		eprintln!("\n!!! SKIPPED: {test}\n!!! {error}\n");
		assert!(
			std::env::var_os("SMARTCHAIN_REQUIRE_FAKETIME").is_none(),
			"libfaketime is required here: {error}"
		);
		false
	}

	/// Sets the clock so many seconds off, ahead if positive. A running node has it so at its next look.
	///
	/// # Errors
	/// If the file cannot be written.
	pub fn set(&self, seconds: i64) -> Result<()> {
		// Whole or not at all: a node that reads half a number has any time.
		let new = self.file.with_extension("new");
		std::fs::write(&new, format!("{seconds:+}\n"))?;
		std::fs::rename(&new, &self.file)?;
		Ok(())
	}

	/// What a process needs in its environment to have this clock.
	pub fn environment(&self) -> [String; 4] {
		[
			format!("LD_PRELOAD={}", self.library.display()),
			format!("FAKETIME_TIMESTAMP_FILE={}", self.file.display()),
			"FAKETIME_NO_CACHE=1".to_string(),
			"FAKETIME_DONT_FAKE_MONOTONIC=1".to_string(),
		]
	}
}

/// Where the library lies: the package knows, or a folder of libraries has it.
fn library() -> Result<PathBuf> {
	let listed = Command::new("dpkg").args(["-L", PACKAGE]).output();
	let listed = listed.map_or_else(
		|_| String::new(),
		|output| String::from_utf8_lossy(&output.stdout).into_owned(),
	);
	let of_package = listed.lines().map(PathBuf::from);
	let usual = ["/usr/lib", "/usr/lib64", "/usr/local/lib"]
		.into_iter()
		.map(|folder| Path::new(folder).join("faketime").join(LIBRARY));
	of_package
		.chain(usual)
		.find(|path| path.ends_with(LIBRARY) && path.is_file())
		.ok_or_else(|| {
			Error::new(format!(
				"there is no {LIBRARY} on this machine: install Debian's package `faketime`"
			))
		})
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The Unix time of a process with this clock.
	fn time(clock: &FakeClock) -> u64 {
		let output = Command::new("env")
			.args(clock.environment())
			.args(["date", "+%s"])
			.output()
			.unwrap();
		String::from_utf8_lossy(&output.stdout).trim().parse().unwrap()
	}

	#[test]
	fn a_process_has_the_time_that_it_is_given() {
		let folder = tempfile::tempdir().unwrap();
		let Ok(clock) = FakeClock::new(&folder.path().join("clock")) else {
			eprintln!("SKIPPED, no libfaketime on this machine");
			return;
		};
		let right = time(&clock);
		clock.set(600).unwrap();
		assert!(time(&clock) >= right + 600);
		clock.set(-600).unwrap();
		assert!(time(&clock) + 500 < right);
	}
}
