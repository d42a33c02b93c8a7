//! Why a job does not go on.

use smart_agent_chain::ChainError;
use smartchain_bundle::{IndexError, OutputError, WriteError};
use std::{io, path::Path};

/// Why. Each says its cause and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
	/// What was asked for cannot be.
	#[error("{0}")]
	Usage(String),
	/// The chain.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// Something of the job has no result, or nobody serves it.
	#[error("{0}")]
	Lacking(String),
	/// The account is not set up yet.
	#[error("{0}")]
	NotReady(String),
	/// Something else.
	#[error("{0}")]
	Other(String),
}

impl Trouble {
	/// A file that cannot be read or written.
	pub fn file(path: &Path, error: &io::Error) -> Self {
		Self::Other(format!(
			"{}: {error}; see to the disk, and to who may read and write there",
			path.display()
		))
	}

	/// A thread that panicked.
	pub(crate) fn thread(error: impl ToString) -> Self {
		Self::Other(format!("a thread of this program failed: {}", error.to_string()))
	}
}

impl From<OutputError> for Trouble {
	fn from(error: OutputError) -> Self {
		Self::Other(error.to_string())
	}
}

impl From<IndexError> for Trouble {
	fn from(error: IndexError) -> Self {
		Self::Usage(error.to_string())
	}
}

impl From<WriteError> for Trouble {
	fn from(error: WriteError) -> Self {
		Self::Other(error.to_string())
	}
}
