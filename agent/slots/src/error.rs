//! What may go wrong with slots on a disk.

use rustix::io::Errno;
use smartchain_transfer::wire::SlotId;
use std::{io, path::PathBuf};
use storage_proof_primitives::OpeningError;

/// Why there is no store, or a slot cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
	/// The operating system refused.
	#[error("cannot {what} {path}: {source}; see to the disk, and to who may read and write there")]
	Io {
		/// What was tried.
		what: &'static str,
		/// With which file.
		path: PathBuf,
		/// What it said.
		source: io::Error,
	},
	/// Another agent has it.
	#[error("another smart-agent uses {0}: end that one, or name another folder by storage.folder")]
	InUse(
		/// The folder.
		PathBuf,
	),
	/// It is of another chain or device, or no store.
	#[error("{0} is no store of this device on this chain; name an empty folder by storage.folder, or the right one")]
	Other(
		/// The folder.
		PathBuf,
	),
	/// A newer program made it.
	#[error("{path} has version {version}, which this program does not know; use a newer one")]
	Version {
		/// Which file.
		path: PathBuf,
		/// Its version.
		version: u8,
	},
	/// More than was offered.
	#[error("{wanted} bytes are wanted, and {left} of what is offered are left; offer more, or wait for deals to end")]
	Space {
		/// Bytes that are wanted.
		wanted: u64,
		/// Bytes that are left.
		left: u64,
	},
	/// The disk has no room.
	#[error("{wanted} bytes are wanted, and the disk has {free}; free some, or offer less")]
	Full {
		/// Bytes that are wanted.
		wanted: u64,
		/// Bytes that may be used.
		free: u64,
	},
	/// There is no such slot.
	#[error("{0} is not on this disk; see which are by `smart-agent slots`")]
	NoSuchSlot(
		/// Which.
		SlotId,
	),
	/// The slot is there, with another length or wholly.
	#[error("{0} is there already, whole or with another length; nothing is to be done")]
	There(
		/// Which.
		SlotId,
	),
	/// Not all of it is there.
	#[error("{slot} has {durable} of its {bytes} bytes; wait until all have come")]
	Incomplete {
		/// Which.
		slot: SlotId,
		/// Bytes that are durable.
		durable: u64,
		/// Bytes that it is to have.
		bytes: u64,
	},
}

impl StoreError {
	/// Whether it is for want of room.
	pub fn is_room(&self) -> bool {
		matches!(self, Self::Space { .. } | Self::Full { .. })
			|| matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull)
	}
}

/// Whether the disk cannot read a sector. What is written there anew it can.
pub(crate) fn is_unreadable(error: &io::Error) -> bool {
	Errno::from_io_error(error) == Some(Errno::IO)
}

/// Whether bytes are not to be had any more: the file was cut, or the disk cannot read them.
pub(crate) fn is_lost(error: &io::Error) -> bool {
	error.kind() == io::ErrorKind::UnexpectedEof || is_unreadable(error)
}

/// Adds what was tried, and with which file.
pub(crate) trait At<T> {
	/// The same with it.
	fn at(self, what: &'static str, path: &std::path::Path) -> Result<T, StoreError>;
}

impl<T> At<T> for io::Result<T> {
	fn at(self, what: &'static str, path: &std::path::Path) -> Result<T, StoreError> {
		self.map_err(|source| StoreError::Io {
			what,
			path: path.to_owned(),
			source,
		})
	}
}

/// Why chunks or groups are not to be had.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
	/// A group is not what it was.
	#[error("group {0} of the slot is not what was stored; it is built anew from other slots of the deal")]
	Rotten(
		/// Its number.
		u32,
	),
	/// The slot is not there as a whole, or its outboard is damaged: it has to be hashed again.
	#[error("the slot or its outboard is not there or damaged; it is hashed again, and built anew if it has to be")]
	Damaged,
	/// The disk failed.
	#[error("the disk failed: {0}; see to it")]
	Io(
		/// What it said.
		io::Error,
	),
	/// There is no such chunk.
	#[error(transparent)]
	Refused(
		/// Why.
		OpeningError,
	),
	/// Nobody waits for it any more.
	#[error("it was cancelled")]
	Cancelled,
}

impl From<io::Error> for ReadError {
	fn from(error: io::Error) -> Self {
		match error.kind() {
			io::ErrorKind::NotFound => Self::Damaged,
			_ => Self::Io(error),
		}
	}
}
