//! Where passwords come from: a file, systemd's credentials, or whoever sits there. Never the command line, which all
//! processes of the machine may read.

use super::{files::read_bounded, KeyError};
use std::{
	env,
	path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// A password in memory, wiped when it goes.
pub type Password = Zeroizing<String>;

/// The credential of systemd with the device's password.
pub const DEVICE_CREDENTIAL: &str = "device-password";
/// The credential of systemd with the owner's password.
pub const OWNER_CREDENTIAL: &str = "owner-password";
/// Bytes of a password, at most.
const MOST_BYTES: u64 = 4096;

/// The first line of a file, without its end.
///
/// # Errors
/// If it cannot be read, is too long, or its first line is empty.
pub fn from_file(path: &Path) -> Result<Password, KeyError> {
	let text = read_bounded(path, MOST_BYTES)?;
	let line = text.lines().next().unwrap_or_default();
	if line.is_empty() {
		return Err(KeyError::Password(format!(
			"{} has no password in its first line; write one there",
			path.display()
		)));
	}
	Ok(Zeroizing::new(line.to_owned()))
}

/// The file of a credential, if systemd gave it to this process.
pub fn credential(name: &str) -> Option<PathBuf> {
	let path = Path::new(&env::var_os("CREDENTIALS_DIRECTORY")?).join(name);
	path.is_file().then_some(path)
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::fs;

	#[test]
	fn the_first_line_is_the_password() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("password");
		for (text, password) in [("a b \n", "a b "), ("a\r\nb\n", "a"), ("a", "a")] {
			fs::write(&path, text).unwrap();
			assert_eq!(*from_file(&path).unwrap(), password);
		}
		for text in ["", "\n", "\nb"] {
			fs::write(&path, text).unwrap();
			assert!(matches!(from_file(&path), Err(KeyError::Password(_))));
		}
		assert!(matches!(
			from_file(&folder.path().join("none")),
			Err(KeyError::Io { .. })
		));
	}
}
