//! Why nothing is promised at all.

use smart_agent_keys::KeyError;
use std::path::PathBuf;

/// What is wrong with the file of a deal.
#[derive(Debug, thiserror::Error)]
pub enum VoucherError {
	/// Another program has it.
	#[error("another program pays devices of this deal for what they give out; wait for it, or end it")]
	Taken,
	/// It cannot be read.
	#[error(
		"{path} is damaged: it says what devices were promised. Put a copy of it back; or wait for an hour, in which \
		 they have that paid, and move it away"
	)]
	Damaged {
		/// The file.
		path: PathBuf,
	},
	/// It has no room for another device.
	#[error("{path} has no room for another device; move it away if nothing of the deal was read for an hour")]
	Full {
		/// The file.
		path: PathBuf,
	},
	/// The file system's.
	#[error("what devices were promised cannot be kept in {path}: {why}; see to the disk and to who may write there")]
	File {
		/// The file.
		path: PathBuf,
		/// What the system said.
		why: String,
	},
	/// The file cannot be made.
	#[error(transparent)]
	Made(#[from] KeyError),
}
