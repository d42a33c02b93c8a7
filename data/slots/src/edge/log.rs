//! Journals in files, and in memory.

use super::Log;
use std::{
	fs::{File, OpenOptions},
	io::{self, Read, Seek, SeekFrom, Write},
	path::Path,
};

/// A journal in a file, synced with each record. One program uses it at a time: the file is locked.
#[derive(Debug)]
pub struct FileLog(File);

impl FileLog {
	/// Opens or makes the file.
	///
	/// Errors: of the file system; [`io::ErrorKind::WouldBlock`] if another program has it.
	pub fn open(path: &Path) -> io::Result<Self> {
		let mut options = OpenOptions::new();
		let file = options.read(true).write(true).create(true).truncate(false).open(path)?;
		rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive)?;
		if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
			File::open(folder)?.sync_all()?;
		}
		Ok(Self(file))
	}
}

impl Log for FileLog {
	fn load(&mut self, most: u64) -> io::Result<Vec<u8>> {
		// A program that was killed between writing and syncing left what the next loss of power takes back.
		self.0.sync_all()?;
		if self.0.metadata()?.len() > most {
			let why = "the journal is longer than one can be; name the right file";
			return Err(io::Error::new(io::ErrorKind::InvalidData, why));
		}
		let mut bytes = Vec::new();
		self.0.seek(SeekFrom::Start(0))?;
		(&self.0).take(most).read_to_end(&mut bytes)?;
		Ok(bytes)
	}

	fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
		self.0.seek(SeekFrom::End(0))?;
		self.0.write_all(bytes)?;
		self.0.sync_data()
	}

	fn cut(&mut self, length: u64) -> io::Result<()> {
		self.0.set_len(length)?;
		self.0.sync_data()
	}
}

/// A journal that ends with the program: for flows that are not to be resumed, and for tests.
#[derive(Clone, Debug, Default)]
pub struct MemoryLog(
	/// Its bytes.
	pub Vec<u8>,
);

impl Log for MemoryLog {
	fn load(&mut self, _: u64) -> io::Result<Vec<u8>> {
		Ok(self.0.clone())
	}

	fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
		self.0.extend_from_slice(bytes);
		Ok(())
	}

	fn cut(&mut self, length: u64) -> io::Result<()> {
		self.0.truncate(usize::try_from(length).unwrap_or(usize::MAX));
		Ok(())
	}
}
