//! The book on the disk.

use crate::{
	commands::Failure,
	config::Folder,
	keys::{self, address},
	status::unix_now,
};
use rustix::fs::{flock, FlockOperation};
use smart_agent_ledger::{Book, BookError, FLIGHT_SECONDS};
use std::{
	fs::{self, File, OpenOptions},
	io::{self, Read},
	os::unix::fs::OpenOptionsExt,
	path::{Path, PathBuf},
};

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 1 << 20;
/// Who may read it: its owner alone.
const PRIVATE: u32 = 0o600;

/// The file of an account's book.
#[derive(Clone, Debug)]
pub(super) struct BookFile {
	path: PathBuf,
	genesis: [u8; 32],
	account: [u8; 32],
}

fn at<T>(done: io::Result<T>, what: &str, path: &Path) -> Result<T, Failure> {
	done.map_err(|error| {
		let path = path.display();
		Failure::other(format!(
			"cannot {what} {path}: {error}; see to the disk, and to who may read and write there"
		))
	})
}

impl BookFile {
	/// That of an account on a chain.
	pub fn new(folder: &Folder, genesis: [u8; 32], account: [u8; 32]) -> Self {
		Self {
			path: folder.earnings(&account),
			genesis,
			account,
		}
	}

	/// Whose it is.
	pub fn account(&self) -> &[u8; 32] {
		&self.account
	}

	/// Reads the book, changes it, and writes it if it is another one then: durable when this returns. Nobody else
	/// changes it meanwhile. It blocks.
	///
	/// # Errors
	/// If the file cannot be read or written, or is not one that this program knows.
	pub fn with<T>(&self, now: u64, change: impl FnOnce(&mut Book) -> T) -> Result<T, Failure> {
		let lock = self.path.with_extension("lock");
		let mut options = OpenOptions::new();
		options.write(true).create(true).truncate(false).mode(PRIVATE);
		// It is let go when the file is closed, however this ends.
		let locked = at(options.open(&lock), "open", &lock)?;
		at(
			flock(&locked, FlockOperation::LockExclusive).map_err(Into::into),
			"lock",
			&lock,
		)?;
		let before = self.read()?;
		// What is begun anew is written at once: that it was says when claims may go out again.
		let mut book = before.clone().unwrap_or_else(|| self.anew(now));
		let done = change(&mut book);
		if before.as_ref() != Some(&book) {
			keys::replace(&self.path, &book.encode())?;
		}
		Ok(done)
	}

	/// The same, where nothing else may wait for the disk.
	///
	/// # Errors
	/// As [`Self::with`].
	pub async fn change<T: Send + 'static>(
		&self,
		change: impl FnOnce(&mut Book) -> T + Send + 'static,
	) -> Result<T, Failure> {
		let file = self.clone();
		let done = tokio::task::spawn_blocking(move || file.with(unix_now(), change)).await;
		done.map_err(|error| Failure::other(format!("cannot use {}: {error}; try again", self.path.display())))?
	}

	/// Which claims are on their way is not known if a book was damaged: none is sent without a person until they have
	/// arrived or died.
	fn anew(&self, now: u64) -> Book {
		let lost = self.path.with_extension("damaged").exists();
		let quiet_until = if lost { now.saturating_add(FLIGHT_SECONDS) } else { 0 };
		Book::new(self.genesis, self.account, quiet_until)
	}

	/// The book; none if there is no file, or what is there is damaged and put aside.
	fn read(&self) -> Result<Option<Book>, Failure> {
		let file = match File::open(&self.path) {
			Ok(file) => file,
			Err(error) if error.kind() == io::ErrorKind::NotFound => {
				return Ok(None);
			}
			Err(error) => return at(Err(error), "read", &self.path),
		};
		let mut bytes = Vec::new();
		at(file.take(MOST_BYTES + 1).read_to_end(&mut bytes), "read", &self.path)?;
		match Book::decode(&bytes, self.genesis, self.account) {
			Ok(book) => Ok(Some(book)),
			Err(BookError::Damaged(_)) => {
				let aside = self.path.with_extension("damaged");
				at(fs::rename(&self.path, &aside), "rename", &self.path)?;
				Ok(None)
			}
			Err(error) => Err(Failure::other(format!(
				"{} is not the book of {} on this chain: {error}; or move the file away, and it begins anew",
				self.path.display(),
				address(&self.account)
			))),
		}
	}
}
