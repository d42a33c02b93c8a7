//! One program a store: a file that is locked as long as the store is open, and says who has it.

use crate::StoreError;
use rustix::fs::{flock, FlockOperation};
use std::{
	fs::{File, OpenOptions},
	io::{Read, Seek, SeekFrom, Write},
	os::unix::fs::OpenOptionsExt,
	path::{Path, PathBuf},
};

/// The name of the lock file in the folder of a store.
pub const LOCK_FILE: &str = "channels.lock";
/// Bytes that are read of it at most.
const MAX_LOCK_FILE: u64 = 1024;

/// The lock, as long as this lives.
#[derive(Debug)]
pub(crate) struct StoreLock {
	file: File,
	path: PathBuf,
}

/// Who has the store: the first line is the process, the second its host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Holder {
	pid: String,
	host: String,
}

impl Holder {
	fn this() -> Self {
		Self {
			pid: std::process::id().to_string(),
			host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
		}
	}

	fn read(file: &mut File) -> std::io::Result<Option<Self>> {
		file.seek(SeekFrom::Start(0))?;
		let mut text = Vec::new();
		file.take(MAX_LOCK_FILE).read_to_end(&mut text)?;
		let text = String::from_utf8_lossy(&text).into_owned();
		let mut lines = text.lines();
		let (Some(pid), Some(host)) = (lines.next(), lines.next()) else {
			return Ok(None);
		};
		Ok(Some(Self {
			pid: pid.to_owned(),
			host: host.to_owned(),
		}))
	}
}

impl StoreLock {
	/// Takes the lock of a folder, at once or not at all.
	pub(crate) fn take(folder: &Path) -> Result<Self, StoreError> {
		let path = folder.join(LOCK_FILE);
		let at = |what| {
			let path = path.clone();
			move |source| StoreError::io(what, &path, source)
		};
		let mut file = OpenOptions::new()
			.read(true)
			.write(true)
			.create(true)
			.truncate(false)
			.mode(0o600)
			.open(&path)
			.map_err(at("open"))?;
		let locked = flock(&file, FlockOperation::NonBlockingLockExclusive);
		let found = Holder::read(&mut file).map_err(at("read"))?;
		let holder = found.clone().unwrap_or_else(|| Holder {
			pid: "unknown".into(),
			host: "an unknown host".into(),
		});
		match locked {
			Ok(()) => (),
			Err(rustix::io::Errno::WOULDBLOCK) => {
				let Holder { pid, host } = holder;
				return Err(StoreError::Busy { path, pid, host });
			}
			Err(error) => return Err(StoreError::io("lock", &path, error.into())),
		}
		let this = Holder::this();
		if found.is_some_and(|found| found.host != this.host) {
			let Holder { pid, host } = holder;
			return Err(StoreError::OtherHost { path, pid, host });
		}
		let mut lock = Self { file, path };
		lock.write(&format!("{}\n{}\n", this.pid, this.host))
			.map_err(|source| StoreError::io("write", &lock.path, source))?;
		Ok(lock)
	}

	fn write(&mut self, text: &str) -> std::io::Result<()> {
		self.file.set_len(0)?;
		self.file.seek(SeekFrom::Start(0))?;
		self.file.write_all(text.as_bytes())?;
		self.file.sync_all()
	}
}

impl Drop for StoreLock {
	/// Nobody has it any more. If that cannot be written, whoever comes on this host sees that the lock is free.
	fn drop(&mut self) {
		let _ = self.write("");
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::fs;

	#[test]
	fn a_second_one_is_refused_and_told_by_whom() {
		let folder = tempfile::tempdir().unwrap();
		let first = StoreLock::take(folder.path()).unwrap();
		match StoreLock::take(folder.path()) {
			Err(StoreError::Busy { pid, host, .. }) => {
				assert_eq!(pid, std::process::id().to_string());
				assert_eq!(host, Holder::this().host);
			}
			other => panic!("{other:?}"),
		}
		drop(first);
		StoreLock::take(folder.path()).unwrap();
	}

	/// Killed, a program leaves the file as it was: on this host the lock tells that it is gone, on others nothing
	/// does.
	#[test]
	fn what_a_kill_left_is_of_this_host_or_refused() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join(LOCK_FILE);
		fs::write(&path, format!("77\n{}\n", Holder::this().host)).unwrap();
		drop(StoreLock::take(folder.path()).unwrap());
		fs::write(&path, "77\nanother.example\n").unwrap();
		match StoreLock::take(folder.path()) {
			Err(error @ StoreError::OtherHost { .. }) => {
				let said = error.to_string();
				assert!(said.contains("77") && said.contains("another.example"), "{said}");
			}
			other => panic!("{other:?}"),
		}
		fs::remove_file(&path).unwrap();
		StoreLock::take(folder.path()).unwrap();
	}
}
