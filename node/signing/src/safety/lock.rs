//! The lock file beside the safety file.

use super::{owner_only, sync_directory, with_suffix, SafetyError};
use std::{
	fs::{File, OpenOptions, TryLockError},
	io::{self, Read, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
};

/// "0000012345\n": the process that holds the lock.
const PID_LENGTH: usize = 11;
/// Follows it once something has been recorded, for ever.
const RECORDED: &[u8] = b"recorded\n";

/// `<file>.lock`, exclusively locked while this value lives. It is never removed: that would let two processes lock two
/// files.
#[derive(Debug)]
pub(super) struct LockFile {
	path: PathBuf,
	file: File,
	recorded: bool,
}

impl LockFile {
	/// Locks the lock file of the safety file at `path`.
	pub(super) fn acquire(path: &Path) -> Result<Self, SafetyError> {
		let lock_path = lock_path(path);
		let failed = |e| SafetyError::io("lock", path, e);
		let mut options = OpenOptions::new();
		options.read(true).write(true).create(true).truncate(false);
		owner_only(&mut options);
		let mut file = options.open(&lock_path).map_err(failed)?;
		match file.try_lock() {
			Ok(()) => {}
			Err(TryLockError::WouldBlock) => {
				let pid = read(&mut file).ok().and_then(|text| pid_in(&text));
				return Err(SafetyError::Locked { path: path.into(), pid });
			}
			Err(TryLockError::Error(e)) => return Err(failed(e)),
		}
		let text = read(&mut file).map_err(failed)?;
		let recorded = says_recorded(&text);
		// The pid is for people only, so it need not be durable.
		write(&mut file, 0, format!("{:010}\n", std::process::id()).as_bytes()).map_err(failed)?;
		Ok(Self {
			path: lock_path,
			file,
			recorded,
		})
	}

	/// Whether something has ever been recorded in the safety file.
	pub(super) fn has_recorded(&self) -> bool {
		self.recorded
	}

	/// Makes both files' names durable, and remembers durably that something has been recorded. Writes only the first
	/// time.
	pub(super) fn set_recorded(&mut self) -> Result<(), SafetyError> {
		if self.recorded {
			return Ok(());
		}
		sync_directory(&self.path)?;
		write(&mut self.file, PID_LENGTH as u64, RECORDED)
			.and_then(|()| self.file.sync_all())
			.map_err(|e| SafetyError::io("mark", &self.path, e))?;
		self.recorded = true;
		Ok(())
	}
}

/// Whether something has ever been recorded in the safety file at `path`, whoever has it open.
pub(super) fn has_recorded(path: &Path) -> io::Result<bool> {
	read(&mut File::open(lock_path(path))?).map(|text| says_recorded(&text))
}

fn lock_path(path: &Path) -> PathBuf {
	with_suffix(path, ".lock")
}

fn says_recorded(text: &[u8]) -> bool {
	text.get(PID_LENGTH..) == Some(RECORDED)
}

fn read(file: &mut File) -> io::Result<Vec<u8>> {
	let mut text = Vec::new();
	file.seek(SeekFrom::Start(0))?;
	file.take((PID_LENGTH + RECORDED.len()) as u64).read_to_end(&mut text)?;
	Ok(text)
}

fn write(file: &mut File, at: u64, bytes: &[u8]) -> io::Result<()> {
	file.seek(SeekFrom::Start(at))?;
	file.write_all(bytes)
}

fn pid_in(text: &[u8]) -> Option<u32> {
	std::str::from_utf8(text.get(..PID_LENGTH)?)
		.ok()?
		.trim_end()
		.parse()
		.ok()
}
