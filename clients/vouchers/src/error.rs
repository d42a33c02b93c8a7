//! Why nothing is promised at all.

use smart_agent_keys::KeyError;
use std::path::PathBuf;

/// What is wrong with a file of a deal.
#[derive(Debug, thiserror::Error)]
pub enum VoucherError {
	/// Another program has it.
	#[error("another program pays devices of this deal for what they give out; wait for it, or end it")]
	Taken,
	/// It cannot be read.
	#[error(
		"{path} is damaged: it says what devices were promised. Put a copy of it back; or move it away, and say with \
		 --debts-most how much of what devices are owed may be promised once more"
	)]
	Damaged {
		/// The file.
		path: PathBuf,
	},
	/// It has no room for another device.
	#[error(
		"{path} has no room for another device; move it away, and say with --debts-most how much of what devices are \
		 owed may be promised once more"
	)]
	Full {
		/// The file.
		path: PathBuf,
	},
	/// Another program puts in for this deal.
	#[error("another `smart top-up` of this deal is under way; wait for it, or end it")]
	Busy,
	/// What is being put in cannot be read.
	#[error("{path} is damaged: {why}; look at `smart status` for what each slot has, and remove it")]
	PutIn {
		/// The file.
		path: PathBuf,
		/// What is wrong with it.
		why: String,
	},
	/// The file system's.
	#[error("what devices are paid cannot be kept in {path}: {why}; see to the disk and to who may write there")]
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
