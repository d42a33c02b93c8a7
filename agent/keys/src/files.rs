//! Files that only their owner reads: made and replaced as a whole, durable when the call returns.

use super::KeyError;
use std::{
	fs::{self, File, OpenOptions},
	io::{self, Read, Write},
	os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
	path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Who may read and write a key: its owner.
const PRIVATE: u32 = 0o600;
/// Who may look into the folder of keys: its owner.
const PRIVATE_FOLDER: u32 = 0o700;
/// The bits that let others in.
const OTHERS: u32 = 0o077;

/// A file that others may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
	/// The file.
	pub path: PathBuf,
	/// Its permissions.
	pub mode: u32,
}

trait At<T> {
	fn at(self, what: &'static str, path: &Path) -> Result<T, KeyError>;
}

impl<T> At<T> for io::Result<T> {
	fn at(self, what: &'static str, path: &Path) -> Result<T, KeyError> {
		self.map_err(|source| KeyError::Io {
			what,
			path: path.into(),
			source,
		})
	}
}

/// Makes a folder, and those above it, for its owner alone. One that is there stays as it is.
///
/// # Errors
/// Those of the operating system.
pub fn create_folder(path: &Path) -> Result<(), KeyError> {
	fs::DirBuilder::new()
		.recursive(true)
		.mode(PRIVATE_FOLDER)
		.create(path)
		.at("make", path)
}

/// Writes a file that is not there yet. It is there as a whole or not at all, and durable.
///
/// # Errors
/// `Exists` if it is there, whatever it holds; those of the operating system.
pub fn create_private(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
	let temporary = write_beside(path, bytes)?;
	// A link, for it fails where something is; a rename would replace that.
	let linked = fs::hard_link(&temporary, path);
	let made = match linked {
		Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(KeyError::Exists { path: path.into() }),
		// File systems without links: whoever runs two commands at once there has to look after that.
		Err(_) if !path.exists() => fs::rename(&temporary, path).at("write", path),
		linked => linked.at("write", path),
	};
	// If it was renamed, it is gone.
	let _ = fs::remove_file(&temporary);
	made?;
	sync_folder(path)
}

/// Writes a file, in place of the one that is there, if any: as a whole or not at all, and durable.
///
/// # Errors
/// Those of the operating system.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
	let temporary = write_beside(path, bytes)?;
	fs::rename(&temporary, path).at("write", path)?;
	sync_folder(path)
}

fn write_beside(path: &Path, bytes: &[u8]) -> Result<PathBuf, KeyError> {
	let mut name = path.file_name().unwrap_or_default().to_os_string();
	name.push(format!(".{}.new", std::process::id()));
	let temporary = path.with_file_name(name);
	remove_left(path);
	let _ = fs::remove_file(&temporary);
	let write = || {
		let mut file = OpenOptions::new()
			.write(true)
			.create_new(true)
			.mode(PRIVATE)
			.open(&temporary)?;
		file.write_all(bytes)?;
		file.sync_all()
	};
	match write() {
		Ok(()) => Ok(temporary),
		Err(error) => {
			let _ = fs::remove_file(&temporary);
			Err(error).at("write", path)
		}
	}
}

/// Removes what processes left beside a file that were killed while they wrote it: a key in clear, perhaps. What a
/// process that runs is writing stays.
fn remove_left(path: &Path) {
	let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
	let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
	let Ok(entries) = fs::read_dir(folder.unwrap_or(Path::new("."))) else {
		return;
	};
	for entry in entries.flatten() {
		let other = entry.file_name().to_string_lossy().into_owned();
		let rest = other.strip_prefix(&name).and_then(|rest| rest.strip_prefix('.'));
		let process = rest.and_then(|rest| rest.strip_suffix(".new")?.parse::<u32>().ok());
		let runs = |process: u32| Path::new("/proc").join(process.to_string()).exists();
		if process.is_some_and(|process| !runs(process)) {
			let _ = fs::remove_file(entry.path());
		}
	}
}

fn sync_folder(path: &Path) -> Result<(), KeyError> {
	let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
	let folder = folder.unwrap_or(Path::new("."));
	File::open(folder)
		.and_then(|folder| folder.sync_all())
		.at("write", folder)
}

/// Whether others may read a file; none if it is not there.
pub fn exposed(path: &Path) -> Option<Exposed> {
	let mode = fs::metadata(path).ok()?.mode() & 0o777;
	(mode & OTHERS != 0).then(|| Exposed {
		path: path.into(),
		mode,
	})
}

/// The text of a key file, of so many bytes at most.
///
/// # Errors
/// `Missing`; `Exposed` if others may read it; `Damaged` if it is longer, or no text; those of the operating system.
pub fn read_private(path: &Path, most: u64) -> Result<Zeroizing<String>, KeyError> {
	if !path.exists() {
		return Err(KeyError::Missing { path: path.into() });
	}
	if let Some(Exposed { path, mode }) = exposed(path) {
		return Err(KeyError::Exposed { path, mode });
	}
	read_bounded(path, most)
}

/// The text of any file, of so many bytes at most.
///
/// # Errors
/// `Damaged` if it is longer, or no text; those of the operating system.
pub fn read_bounded(path: &Path, most: u64) -> Result<Zeroizing<String>, KeyError> {
	let file = File::open(path).at("read", path)?;
	let length = file.metadata().at("read", path)?.len().min(most);
	// At once as large as it gets: a text that grows leaves copies of itself.
	let mut text = Zeroizing::new(String::with_capacity(usize::try_from(length).unwrap_or(0) + 1));
	let read = file.take(most + 1).read_to_string(&mut text);
	let damaged = |cause: &str| KeyError::Damaged {
		path: path.into(),
		cause: cause.into(),
	};
	match read {
		Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(damaged("it is no text")),
		Err(error) => Err(error).at("read", path),
		Ok(read) if read as u64 > most => Err(damaged("it is too long")),
		Ok(_) => Ok(text),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::os::unix::fs::PermissionsExt;

	#[test]
	fn keys_are_their_owners_alone_and_never_written_over() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("sub").join("key");
		create_folder(path.parent().unwrap()).unwrap();
		assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777, 0o700);
		create_private(&path, b"one").unwrap();
		assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
		assert!(matches!(create_private(&path, b"two"), Err(KeyError::Exists { .. })));
		assert_eq!(*read_private(&path, 16).unwrap(), "one");
		replace(&path, b"two").unwrap();
		assert_eq!(*read_private(&path, 16).unwrap(), "two");
		assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
		let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
		assert_eq!(left.len(), 1, "no temporary file stays");
	}

	#[test]
	fn what_others_may_read_is_refused() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("key");
		assert!(matches!(read_private(&path, 16), Err(KeyError::Missing { .. })));
		create_private(&path, b"one").unwrap();
		for mode in [0o640, 0o604, 0o660] {
			fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
			assert_eq!(exposed(&path).unwrap().mode, mode);
			let said = read_private(&path, 16).unwrap_err().to_string();
			assert!(said.contains("chmod 600"), "{said}");
		}
	}

	#[test]
	fn files_have_a_length() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("key");
		create_private(&path, b"four").unwrap();
		assert!(read_private(&path, 4).is_ok());
		assert!(matches!(read_private(&path, 3), Err(KeyError::Damaged { .. })));
		replace(&path, &[0xff]).unwrap();
		assert!(matches!(read_private(&path, 3), Err(KeyError::Damaged { .. })));
	}

	#[test]
	fn what_a_killed_process_left_goes() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("device.key");
		// No process has such a number; the first one always runs.
		let beside = |number: &str| folder.path().join(format!("device.key.{number}.new"));
		for number in ["4294967295", "1", "mine"] {
			std::fs::write(beside(number), "seed").unwrap();
		}
		create_private(&path, b"key").unwrap();
		assert!(!beside("4294967295").exists() && beside("1").exists() && beside("mine").exists());
	}
}
