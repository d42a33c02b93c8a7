//! What can go wrong with the safety file, and what to do about it.

use super::{sizes::FILE_LENGTH, Regression};
use bft_finality_primitives::VoterId;
use sp_core::H256;
use std::{
	io,
	path::{Path, PathBuf},
};

/// The safety file is no use now. The voter abstains; each message names cause and remedy.
#[derive(Debug, thiserror::Error)]
pub enum SafetyError {
	/// Another process has it open.
	#[error(
		"the voter's safety file {} is in use by {}: two nodes with one key would contradict each other; stop the \
			 other one",
		.path.display(), .pid.map_or("another process".into(), |pid| format!("process {pid}"))
	)]
	Locked {
		/// The file.
		path: PathBuf,
		/// The process, where its lock file names it.
		pid: Option<u32>,
	},
	/// Something else than a plain file bears its name.
	#[error("{} is not a plain file: the voter's safety file cannot be a link, a folder or a device; move it \
		 away", .path.display())]
	NotAFile {
		/// The name.
		path: PathBuf,
	},
	/// It was moved, replaced or removed while it was open.
	#[error(
		"the voter's safety file {} was moved, replaced or removed while in use: stop the node, put the right \
			 file back, start again",
		.path.display()
	)]
	Replaced {
		/// Where it was.
		path: PathBuf,
	},
	/// The record contradicts an earlier one: a fault of the caller, or a chain that was started anew beside an old
	/// file.
	#[error(
		"refused to sign what contradicts the safety file: {0}. If this chain was started anew with the same \
			 keys, on every node, \
		 remove the voter folders of all its nodes; otherwise look for a second node with this key"
	)]
	Backwards(#[from] Regression),
	/// The disk refused.
	#[error("cannot {action} the voter's safety file {}: {source}; {}", .path.display(), remedy(.source))]
	Io {
		/// What was tried: "open", "write", ...
		action: &'static str,
		/// The file.
		path: PathBuf,
		/// What the system said.
		source: io::Error,
	},
}

impl SafetyError {
	pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
		Self::Io {
			action,
			path: path.into(),
			source,
		}
	}

	/// Whether a later attempt may succeed without a restart, once an operator has made room or mended the disk.
	pub fn may_pass(&self) -> bool {
		matches!(self, Self::Io { .. })
	}
}

fn remedy(error: &io::Error) -> &'static str {
	match error.kind() {
		io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space on that disk",
		io::ErrorKind::PermissionDenied => "let the node's user read and write it and its folder",
		io::ErrorKind::NotFound => "create the folder, or correct the path",
		io::ErrorKind::ReadOnlyFilesystem => "put it on a disk that can be written to",
		_ => "check the disk and the kernel's log",
	}
}

/// Why a file, or its absence, proves nothing about what its key has signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
	/// Something has been recorded here, and the file is gone.
	#[error("it is gone, although something has been recorded there")]
	Missing,
	/// It has not the length of a safety file.
	#[error("it has {} bytes instead of \
		 {}", if *.found > FILE_LENGTH { "more".into() } else { .found.to_string() }, FILE_LENGTH)]
	Length {
		/// Bytes found; one more than it may have stands for any number above.
		found: usize,
	},
	/// Neither record is whole.
	#[error("neither of its two records is whole")]
	NoRecord,
	/// Both records are whole, but they cannot have been written one after the other.
	#[error("its two records do not belong together")]
	Unrelated,
	/// It is of another chain.
	#[error("it belongs to the chain with genesis {found:?}")]
	OtherChain {
		/// That chain's genesis hash.
		found: H256,
	},
	/// It is of another key.
	#[error("it belongs to the voter key {found}")]
	OtherKey {
		/// That key.
		found: VoterId,
	},
}

impl Damage {
	/// What an operator does about it.
	pub fn remedy(&self) -> &'static str {
		match self {
			Self::Missing => {
				"put it back if it was only moved (never an older copy). If it is lost, and no other node uses this \
				 key, start once with --reset-voter-state"
			}
			Self::Length { .. } | Self::NoRecord | Self::Unrelated => {
				"check the disk. This key may have signed what nobody remembers here. If you are sure that no other \
				 node uses it, start once with --reset-voter-state"
			}
			Self::OtherChain { .. } => {
				"it is the file of another network: give this node a folder of its own (--voter-state-path), or put \
				 the right file back"
			}
			Self::OtherKey { .. } => {
				"it was renamed, or belongs to another node: put it back where it was, and the right file here"
			}
		}
	}
}
