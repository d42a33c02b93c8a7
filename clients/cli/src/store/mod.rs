//! What is kept on this machine: which puts are on their way and how far each is, and how far each restore is. Keys lie
//! beside, as `agent/keys` has them. All of it is its owner's alone (0700, 0600).
//!
//! ```text
//! keystore.json        the phrase under a password
//! config.toml          what was chosen
//! puts/ID/put.json     a put on its way; ID is of chain, account and path
//! puts/ID/lock         held locked by the program that works on it
//! puts/ID/spans        the journal of its volume (data/slots)
//! gets/ID              the journal of a restore (data/slots); ID is of chain, deal, path, folder and its birth
//! paid/ID              what is owed and was promised to devices of a deal; ID is of chain, account and deal
//! top-ups/ID           what is being put in for a deal's slots; ID is likewise
//! paths                what was seen of devices when they were read (data/transfer)
//! ```
//! If `puts/ID` is lost while a put is on its way, what was uploaded is of no use and the deal is given up. If all the
//! folder is lost, the phrase brings back every deal that was finished.

mod record;

pub use record::{Kept, Record, Step};

use crate::failure::Failure;
use smart_agent_keys as keys;
use sp_crypto_hashing::blake2_256;
use std::{
	fs,
	os::unix::{
		ffi::OsStrExt,
		fs::{OpenOptionsExt, PermissionsExt},
	},
	path::{Path, PathBuf},
	time::UNIX_EPOCH,
};

/// Bytes of an id.
const ID_BYTES: usize = 8;

/// The data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
	/// At a path.
	pub fn new(path: impl Into<PathBuf>) -> Self {
		Self(path.into())
	}

	/// Makes it, for its owner alone.
	///
	/// # Errors
	/// Of the file system.
	pub fn make(&self) -> Result<(), Failure> {
		Ok(keys::create_folder(&self.0)?)
	}

	/// Where it is.
	pub fn path(&self) -> &Path {
		&self.0
	}

	/// The keystore.
	pub fn keystore(&self) -> PathBuf {
		self.0.join("keystore.json")
	}

	/// What was seen of devices.
	pub fn paths(&self) -> PathBuf {
		self.0.join("paths")
	}

	/// The folder of a put of this path by this account.
	pub fn put(&self, genesis: &[u8; 32], account: &[u8; 32], source: &Path) -> PathBuf {
		self.0
			.join("puts")
			.join(id(&[b"put", genesis, account, source.as_os_str().as_bytes()]))
	}

	/// The folders of all puts.
	pub fn puts(&self) -> Vec<PathBuf> {
		let entries = fs::read_dir(self.0.join("puts")).into_iter().flatten().flatten();
		let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
		found.sort();
		found
	}

	/// What is owed and was promised to devices of a deal.
	pub fn paid(&self, genesis: &[u8; 32], account: &[u8; 32], deal: u64) -> PathBuf {
		self.0
			.join("paid")
			.join(id(&[b"paid", genesis, account, &deal.to_le_bytes()]))
	}

	/// The folder of what is being put in for slots of a deal.
	pub fn top_up(&self, genesis: &[u8; 32], account: &[u8; 32], deal: u64) -> PathBuf {
		self.0
			.join("top-ups")
			.join(id(&[b"top-up", genesis, account, &deal.to_le_bytes()]))
	}

	/// The journal of a restore into a folder, which is there: one that was removed and made anew is another one, and
	/// nothing in it is taken for what came back.
	///
	/// # Errors
	/// Of the file system.
	pub fn get(&self, genesis: &[u8; 32], deal: u64, target: &Path, selected: &str) -> Result<PathBuf, Failure> {
		let folder = self.0.join("gets");
		keys::create_folder(&folder)?;
		let number = deal.to_le_bytes();
		let name = id(&[
			b"get",
			genesis,
			&number,
			target.as_os_str().as_bytes(),
			selected.as_bytes(),
			&made(target).to_le_bytes(),
		]);
		let path = folder.join(name);
		private(&path)?;
		Ok(path)
	}
}

/// When a folder was made, in nanoseconds since 1970; 0 where the file system does not say it.
fn made(folder: &Path) -> u128 {
	let made = fs::metadata(folder).and_then(|found| found.created());
	let since = made.ok().and_then(|made| made.duration_since(UNIX_EPOCH).ok());
	since.map_or(0, |since| since.as_nanos())
}

/// What tells things apart: of parts with their lengths, so that no two lists run together.
fn id(parts: &[&[u8]]) -> String {
	let mut bytes = b"smart kept v1".to_vec();
	for part in parts {
		bytes.extend((part.len() as u64).to_le_bytes());
		bytes.extend_from_slice(part);
	}
	let hash = blake2_256(&bytes);
	hash.iter().take(ID_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// Makes a file for its owner alone, if it is not there: what others open then keeps that mode.
pub(crate) fn private(path: &Path) -> Result<(), Failure> {
	let made = fs::OpenOptions::new()
		.write(true)
		.create(true)
		.truncate(false)
		.mode(0o600)
		.open(path)
		.and_then(|file| file.set_permissions(fs::Permissions::from_mode(0o600)));
	made.map_err(|error| {
		Failure::other(format!(
			"cannot write {}: {error}; see to the disk and to who may write there",
			path.display()
		))
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::os::unix::fs::MetadataExt;

	#[test]
	fn each_put_and_get_has_a_place_of_its_own() {
		let folder = Folder::new("/data");
		let put = |genesis: u8, account: u8, path: &str| folder.put(&[genesis; 32], &[account; 32], Path::new(path));
		let first = put(1, 1, "/a");
		// Written down once: what is on its way is found again by the next version.
		assert_eq!(first, Path::new("/data/puts/85cca97b66cfc2ea"));
		for other in [put(2, 1, "/a"), put(1, 2, "/a"), put(1, 1, "/b")] {
			assert_ne!(first, other);
		}
		assert_ne!(id(&[b"ab", b"c"]), id(&[b"a", b"bc"]));
		let paid = |genesis: u8, account: u8, deal: u64| folder.paid(&[genesis; 32], &[account; 32], deal);
		for other in [paid(2, 1, 1), paid(1, 2, 1), paid(1, 1, 2)] {
			assert_ne!(paid(1, 1, 1), other);
		}
		assert!(paid(1, 1, 1).starts_with("/data/paid"));
	}

	#[test]
	fn what_is_kept_is_its_owners_alone() {
		let place = tempfile::tempdir().unwrap();
		let folder = Folder::new(place.path().join("smart"));
		folder.make().unwrap();
		let log = folder.get(&[1; 32], 17, Path::new("/back"), "").unwrap();
		assert_eq!(fs::metadata(&log).unwrap().mode() & 0o777, 0o600);
		assert_eq!(fs::metadata(folder.path()).unwrap().mode() & 0o777, 0o700);
		assert_ne!(log, folder.get(&[1; 32], 17, Path::new("/back"), "a").unwrap());
		assert!(folder.puts().is_empty());
	}
}
