//! Why the store does not do what it is asked.

use std::{
	io,
	path::{Path, PathBuf},
};

/// Why the store does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
	/// Another program has it.
	#[error(
		"{path} is in use by process {pid} on {host}: a store has one program; end that one first, or name another \
		 folder"
	)]
	Busy {
		/// The lock file.
		path: PathBuf,
		/// The process, as far as it is known.
		pid: String,
		/// Its host, as far as it is known.
		host: String,
	},
	/// It was opened on another machine, and not closed there.
	#[error(
		"{path} says that process {pid} on {host} has this store, and this is another machine: if that program runs, \
		 leave this alone, for two programs on one store forfeit money; if that machine is gone for good, remove {path}"
	)]
	OtherHost {
		/// The lock file.
		path: PathBuf,
		/// The process there.
		pid: String,
		/// The other host.
		host: String,
	},
	/// The operating system refused.
	#[error("cannot {what} {path}: {source}; see to the disk and to who may read and write there")]
	Io {
		/// What was tried.
		what: &'static str,
		/// With which file.
		path: PathBuf,
		/// What it said.
		source: io::Error,
	},
	/// No room is left.
	#[error("the disk of {path} is full: nothing is signed any more; make room, and start again")]
	Full {
		/// The store.
		path: PathBuf,
	},
	/// It cannot be read.
	#[error(
		"{path} is damaged: {cause}; do not put an old copy back: move it away, and recover the channels from their \
		 partners with the backup"
	)]
	Damaged {
		/// The store.
		path: PathBuf,
		/// What is wrong.
		cause: String,
	},
	/// A newer program wrote it.
	#[error("{path} has version {version}, which this program does not know; use a newer one")]
	Version {
		/// The store.
		path: PathBuf,
		/// Its version.
		version: u32,
	},
	/// It is of another chain.
	#[error("{path} is of the chain with genesis {genesis}; connect to that chain, or name another folder")]
	OtherChain {
		/// The store.
		path: PathBuf,
		/// The genesis that it is of, in hexadecimal digits.
		genesis: String,
	},
	/// It is of another account.
	#[error("{path} is of another account than the key file; use the key file that it was made with")]
	OtherAccount {
		/// The store.
		path: PathBuf,
	},
	/// It has something in it.
	#[error("{path} has channels: a backup is restored into a new store alone; name an empty folder")]
	NotEmpty {
		/// The store.
		path: PathBuf,
	},
	/// A write failed before: nobody knows what is on the disk.
	#[error("a write failed before, so that nothing is signed any more; start again once the disk works: {cause}")]
	Stopped {
		/// What failed.
		cause: String,
	},
	/// Anything else of the database.
	#[error("{path}: {cause}")]
	Database {
		/// The store.
		path: PathBuf,
		/// What it says.
		cause: String,
	},
}

impl StoreError {
	/// What the database says about a file.
	pub(crate) fn of(path: &Path, error: impl Into<redb::Error>) -> Self {
		let path = path.to_owned();
		match error.into() {
			redb::Error::Io(error) if error.kind() == io::ErrorKind::StorageFull => Self::Full { path },
			redb::Error::Io(error) if error.kind() == io::ErrorKind::QuotaExceeded => Self::Full { path },
			redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Self::Damaged {
				path,
				cause: error.to_string(),
			},
			redb::Error::Io(source) => Self::Io {
				what: "use",
				path,
				source,
			},
			redb::Error::Corrupted(cause) => Self::Damaged { path, cause },
			redb::Error::PreviousIo => Self::Stopped {
				cause: "the disk failed".into(),
			},
			redb::Error::DatabaseAlreadyOpen => Self::Busy {
				path,
				pid: "unknown".into(),
				host: "this machine".into(),
			},
			other => Self::Database {
				path,
				cause: other.to_string(),
			},
		}
	}

	/// What the operating system says about a file.
	pub(crate) fn io(what: &'static str, path: &Path, source: io::Error) -> Self {
		match source.kind() {
			io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path: path.to_owned() },
			_ => Self::Io {
				what,
				path: path.to_owned(),
				source,
			},
		}
	}

	/// A value in the store that cannot be read.
	pub(crate) fn unreadable(path: &Path, what: &str) -> Self {
		Self::Damaged {
			path: path.to_owned(),
			cause: format!("{what} cannot be read"),
		}
	}
}
