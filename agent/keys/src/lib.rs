#![doc = include_str!("../README.md")]

mod derive;
mod device;
mod envelope;
mod files;
mod keystore;
mod passwords;
mod phrase;

pub use derive::{address, faucet, parse_address, DeviceName, NameError, Owner};
pub use device::DeviceSecret;
pub use envelope::{from_file as open_kept, to_text as kept_text, Cost, Sealed};
pub use files::{create_folder, create_private, exposed, read_bounded, read_private, replace, Exposed};
pub use keystore::Keystore;
pub use passwords::{credential, from_file, Password, DEVICE_CREDENTIAL, OWNER_CREDENTIAL};
pub use phrase::{Phrase, PhraseError, WORDS};

use std::{io, path::PathBuf};

/// Why a key is not to be had, or not to be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
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
	/// There is none.
	#[error("{path} is not there; run `smart-agent init` first, or name the folder with --data")]
	Missing {
		/// The file.
		path: PathBuf,
	},
	/// Something is there that must not be written over.
	#[error("{path} is there already and is not written over; move it away, or name another folder with --data")]
	Exists {
		/// The file.
		path: PathBuf,
	},
	/// Others may read it.
	#[error("others than its owner may read {path} (mode {mode:o}); run `chmod 600 {path}`")]
	Exposed {
		/// The file.
		path: PathBuf,
		/// Its permissions.
		mode: u32,
	},
	/// It is no such file, or a part of it is lost.
	#[error(
		"{path} is damaged: {cause}; put a copy of it back, or make it anew from your phrase with `smart-agent init`"
	)]
	Damaged {
		/// The file.
		path: PathBuf,
		/// What is wrong with it.
		cause: String,
	},
	/// A newer program wrote it.
	#[error("{path} has version {version}, which this program does not know; use a newer one")]
	Version {
		/// The file.
		path: PathBuf,
		/// Its version.
		version: u32,
	},
	/// The password is not the one.
	#[error("the password is wrong for {path}, which is sound; try again, or make it anew from your phrase")]
	WrongPassword {
		/// The file.
		path: PathBuf,
	},
	/// A password is needed, and none is given.
	#[error("{path} is locked by a password; {remedy}")]
	Locked {
		/// The file.
		path: PathBuf,
		/// How to give it.
		remedy: &'static str,
	},
	/// The computation of a key from a password failed.
	#[error("cannot compute a key from the password: {0}; free some memory and try again")]
	Derivation(String),
	/// The system gives no random numbers.
	#[error("the system gives no random numbers: {0}; do not make keys on it")]
	Random(String),
	/// A password that is none.
	#[error("{0}")]
	Password(String),
}
