//! Peers that are written in Python, where `scripts/bench storage` has installed them.

use smartchain_tests::{Error, Result};
use std::path::PathBuf;

/// Names the interpreter of the environment that they are installed in.
const PYTHON: &str = "SMARTCHAIN_BENCH_PYTHON";

/// The interpreter.
///
/// # Errors
/// If nothing was installed.
pub fn interpreter() -> Result<PathBuf> {
	std::env::var_os(PYTHON).map(PathBuf::from).ok_or_else(|| {
		Error::new(
			"its Python packages are not installed: scripts/bench storage installs them, and says why if it cannot",
		)
	})
}

/// A program beside the interpreter.
///
/// # Errors
/// If nothing was installed, or not this.
pub fn program(name: &str) -> Result<PathBuf> {
	let program = interpreter()?.with_file_name(name);
	match program.is_file() {
		true => Ok(program),
		false => Err(Error::new(format!("{} is not there", program.display()))),
	}
}
