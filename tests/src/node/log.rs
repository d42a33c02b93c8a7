//! A node's log, read from its file.

use crate::{seen::votes::VoteLine, Result};
use std::{
	fs::File,
	io::{Read, Seek, SeekFrom},
	path::{Path, PathBuf},
	process::ExitStatus,
};

/// The lines of the end of a log that are shown.
const TAIL_LINES: usize = 40;

/// The log of one process over all of its restarts.
#[derive(Clone, Debug)]
pub struct Log {
	path: PathBuf,
}

impl Log {
	/// The log in this file.
	pub fn new(path: PathBuf) -> Self {
		Self { path }
	}

	/// Its file.
	pub fn path(&self) -> &Path {
		&self.path
	}

	/// How long it is by now; a mark for [`Log::since`].
	pub fn mark(&self) -> u64 {
		std::fs::metadata(&self.path).map_or(0, |meta| meta.len())
	}

	/// What was written after a mark.
	///
	/// # Errors
	/// When the file cannot be read.
	pub fn since(&self, mark: u64) -> Result<String> {
		let mut file = File::open(&self.path)?;
		file.seek(SeekFrom::Start(mark))?;
		let mut bytes = Vec::new();
		file.read_to_end(&mut bytes)?;
		Ok(String::from_utf8_lossy(&bytes).into_owned())
	}

	/// All of it.
	///
	/// # Errors
	/// When the file cannot be read.
	pub fn all(&self) -> Result<String> {
		self.since(0)
	}

	/// Its last lines, without those of the votes target, which would fill them.
	pub fn tail(&self, lines: usize) -> String {
		const ENOUGH: u64 = 256 * 1024;
		let text = self
			.since(self.mark().saturating_sub(ENOUGH))
			.unwrap_or_else(|error| format!("({error})"));
		let kept: Vec<&str> = text.lines().filter(|line| VoteLine::parse(line).is_none()).collect();
		kept[kept.len().saturating_sub(lines)..].join("\n")
	}

	/// Prints its end, as that of the process of this name, which may have `ended` by itself; and keeps a copy of all
	/// of it where `SMARTCHAIN_TEST_LOGS` says.
	pub fn show(&self, name: &str, ended: Option<ExitStatus>) {
		let ended = ended.map_or_else(String::new, |status| format!(", which had ended by itself ({status})"));
		eprintln!(
			"--- the end of the log of {name}{ended}:\n{}\n---",
			self.tail(TAIL_LINES)
		);
		if let Some(dir) = std::env::var_os("SMARTCHAIN_TEST_LOGS").map(PathBuf::from) {
			let kept = dir.join(format!("{}-{name}.log", std::process::id()));
			if std::fs::create_dir_all(&dir)
				.and_then(|()| std::fs::copy(&self.path, &kept))
				.is_ok()
			{
				eprintln!("--- all of it: {}", kept.display());
			}
		}
	}

	/// The first line that tells of a panic, with those that follow it.
	///
	/// # Errors
	/// When the file cannot be read.
	pub fn panic(&self) -> Result<Option<String>> {
		let text = self.all()?;
		let lines: Vec<&str> = text.lines().collect();
		let first = lines
			.iter()
			.zip(lines.iter().skip(1).chain([&""]))
			.position(|(line, next)| tells_of_panic(line, next));
		Ok(first.map(|first| lines[first..lines.len().min(first + 12)].join("\n")))
	}
}

/// Rust's own panic message, or that of Substrate's panic handler. Not counted is how the Wasm runtime refuses
/// arguments of a call that do not decode: it traps in its sandbox, by the SDK's design, and says that nothing bad has
/// happened.
fn tells_of_panic(line: &str, next: &str) -> bool {
	line.contains("panicked at") && !next.starts_with("Bad input data provided to")
		|| line.contains("' panicked")
		|| line.contains("This is a bug. Please report it")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn panics_are_found_and_nothing_else() {
		let dir = tempfile::tempdir().unwrap();
		let path = dir.path().join("node.log");
		let refused =
			"panicked at runtime/src/apis.rs:27:1:\nBad input data provided to validate_transaction: Codec error.";
		std::fs::write(&path, format!("fine\nDon't panic\n{refused}\n")).unwrap();
		let log = Log::new(path.clone());
		assert_eq!(log.panic().unwrap(), None);
		let mark = log.mark();
		std::fs::write(
			&path,
			format!("fine\nDon't panic\n{refused}\nthread 'main' panicked at src/x.rs:1:1:\noh\n"),
		)
		.unwrap();
		assert!(log.panic().unwrap().unwrap().ends_with("oh"));
		assert!(log.since(mark).unwrap().starts_with("thread"));
		assert_eq!(log.tail(1), "oh");
	}
}
