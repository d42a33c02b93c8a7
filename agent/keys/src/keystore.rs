//! The keystore: the owner's phrase under a password.

use super::{
	envelope::{from_file, to_text, Cost, OpenError, Sealed},
	files, KeyError, Owner, Phrase,
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What the file says that it is, and what its secret is bound to.
const KIND: &str = "smart-agent keystore";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
	/// The owner's address, so that it is known without the password.
	address: String,
	phrase: Sealed,
}

/// A keystore as it lies on disk, locked.
#[derive(Clone, Debug)]
pub struct Keystore {
	path: PathBuf,
	body: Body,
	account: [u8; 32],
}

impl Keystore {
	/// Writes a new one. Where one is, it stays and this fails.
	///
	/// # Errors
	/// `Exists`; those of the operating system.
	pub fn create(path: &Path, phrase: &Phrase, password: &str, cost: Cost) -> Result<Self, KeyError> {
		let owner = Owner::new(phrase)?;
		let body = Body {
			address: owner.address(),
			phrase: Sealed::seal(KIND, phrase.words().as_bytes(), password, cost)?,
		};
		files::create_private(path, to_text(KIND, body.clone())?.as_bytes())?;
		Ok(Self {
			path: path.into(),
			account: owner.account(),
			body,
		})
	}

	/// Reads one, without its secret.
	///
	/// # Errors
	/// `Missing`, `Exposed`, `Damaged`, `Version`; those of the operating system.
	pub fn open(path: &Path) -> Result<Self, KeyError> {
		let body: Body = from_file(KIND, path)?;
		let account = super::parse_address(&body.address).map_err(|cause| KeyError::Damaged {
			path: path.into(),
			cause,
		})?;
		Ok(Self {
			path: path.into(),
			body,
			account,
		})
	}

	/// The owner's account.
	pub fn account(&self) -> [u8; 32] {
		self.account
	}

	/// The owner's address.
	pub fn address(&self) -> &str {
		&self.body.address
	}

	/// Where it lies.
	pub fn path(&self) -> &Path {
		&self.path
	}

	/// The phrase.
	///
	/// # Errors
	/// `WrongPassword`; `Damaged` if what it holds is not what was written.
	pub fn unlock(&self, password: &str) -> Result<Phrase, KeyError> {
		let damaged = |cause: &str| KeyError::Damaged {
			path: self.path.clone(),
			cause: cause.into(),
		};
		let opened = self.body.phrase.open(KIND, password).map_err(|error| match error {
			OpenError::WrongPassword => KeyError::WrongPassword {
				path: self.path.clone(),
			},
			OpenError::Damaged(cause) => damaged(&cause),
			OpenError::Derivation(cause) => KeyError::Derivation(cause),
		})?;
		let words = std::str::from_utf8(&opened).map_err(|_| damaged("it holds no text"))?;
		let phrase = Phrase::parse(words).map_err(|_| damaged("it holds no phrase"))?;
		if Owner::new(&phrase)?.account() != self.account {
			return Err(damaged("its phrase is of another address"));
		}
		Ok(phrase)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::envelope::tests::CHEAP;
	use std::fs;

	const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
	const GOLDEN: &str = include_str!("golden/keystore-v1.json");

	fn made(folder: &Path) -> Keystore {
		let phrase = Phrase::parse(WORDS).unwrap();
		Keystore::create(&folder.join("keystore.json"), &phrase, "correct horse", CHEAP).unwrap()
	}

	#[test]
	fn a_phrase_comes_back_with_its_password_alone() {
		let folder = tempfile::tempdir().unwrap();
		let made = made(folder.path());
		let read = Keystore::open(made.path()).unwrap();
		assert_eq!(read.address(), "5EHgWw2Af1pnoc7f1A8bfmM97W3DAYW8xr82RfhLL9oAabAe");
		assert_eq!(read.unlock("correct horse").unwrap().words(), WORDS);
		assert!(matches!(read.unlock("wrong"), Err(KeyError::WrongPassword { .. })));
		assert!(!fs::read_to_string(made.path()).unwrap().contains("winner"));
	}

	#[test]
	fn one_that_is_there_stays() {
		let folder = tempfile::tempdir().unwrap();
		let first = made(folder.path());
		let other = Phrase::generate(12).unwrap();
		let again = Keystore::create(first.path(), &other, "x", CHEAP);
		assert!(matches!(again, Err(KeyError::Exists { .. })));
		assert_eq!(
			Keystore::open(first.path())
				.unwrap()
				.unlock("correct horse")
				.unwrap()
				.words(),
			WORDS
		);
	}

	/// A flipped character is found before any password is tried, wherever it is.
	#[test]
	fn any_character_flipped_is_damage_and_never_a_wrong_password() {
		let folder = tempfile::tempdir().unwrap();
		let made = made(folder.path());
		let whole = fs::read_to_string(made.path()).unwrap();
		for (at, old) in whole.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()) {
			let new = if old == '1' { '2' } else { '1' };
			let mut text = whole.clone();
			text.replace_range(at..at + 1, &new.to_string());
			fs::write(made.path(), text).unwrap();
			match Keystore::open(made.path()) {
				Err(KeyError::Damaged { .. } | KeyError::Version { .. }) => (),
				other => panic!("flipped at {at}: {other:?}"),
			}
		}
		fs::write(made.path(), &whole[..whole.len() / 2]).unwrap();
		assert!(matches!(Keystore::open(made.path()), Err(KeyError::Damaged { .. })));
	}

	#[test]
	fn a_keystore_of_version_1_stays_readable() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("keystore.json");
		files::create_private(&path, GOLDEN.as_bytes()).unwrap();
		let read = Keystore::open(&path).unwrap();
		assert_eq!(read.unlock("correct horse").unwrap().words(), WORDS);
		assert_eq!(*to_text(KIND, read.body).unwrap(), GOLDEN);
		let newer = GOLDEN.replace("\"version\": 1", "\"version\": 2");
		files::replace(&path, newer.as_bytes()).unwrap();
		assert!(matches!(
			Keystore::open(&path),
			Err(KeyError::Version { version: 2, .. })
		));
	}
}
