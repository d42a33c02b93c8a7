#![doc = include_str!("../README.md")]

mod wait;

pub use wait::waiting;

use rand_core::{OsRng, RngCore};
use smart_agent_keys::{self as keys, Cost, KeyError, Keystore, Owner, Password, Phrase, PhraseError};
use smart_agent_terminal::{Terminal, Tone};
use std::path::{Path, PathBuf};

/// Bytes of a file with a phrase, at most.
const MOST_PHRASE_BYTES: u64 = 4096;
/// How many words of a new phrase are asked for.
const ASKED: usize = 2;
/// How often whoever wrote it down, or knows a password, may be wrong.
const TRIES: usize = 3;

/// Why there is no phrase or keystore.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
	/// A file of keys, or a password.
	#[error(transparent)]
	Key(#[from] KeyError),
	/// What was typed is no phrase.
	#[error(transparent)]
	Typed(#[from] PhraseError),
	/// What is in a file is none.
	#[error("{error}; it is in {path}")]
	InFile {
		/// What is wrong with it.
		error: PhraseError,
		/// The file.
		path: PathBuf,
	},
	/// Something else than was given is needed.
	#[error("{0}")]
	Stuck(
		/// What, and what to do.
		String,
	),
	/// The terminal did not answer.
	#[error("{0}")]
	Terminal(
		/// Why.
		String,
	),
}

/// What was given on the command line.
#[derive(Clone, Debug, Default)]
pub struct Choices {
	/// A file with the phrase; without one, a phrase is asked for or made.
	pub phrase_file: Option<PathBuf>,
	/// Words of a new phrase; none: 12.
	pub words: Option<usize>,
	/// Nobody is asked.
	pub yes: bool,
	/// A file with the password in its first line; without one, it is asked for.
	pub password_file: Option<PathBuf>,
}

/// Keystore and phrase.
pub struct Made {
	/// The keystore.
	pub keystore: Keystore,
	/// The phrase, if it had to be had already.
	pub phrase: Option<Phrase>,
	/// A new phrase for which nobody was asked to confirm that it was written down: it is told in the end once more.
	pub untold: Option<String>,
}

/// It tells no phrase.
impl std::fmt::Debug for Made {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Made")
			.field("keystore", &self.keystore)
			.finish_non_exhaustive()
	}
}

/// The text that shows a phrase.
pub fn phrase_text(terminal: &Terminal, phrase: &str) -> String {
	format!(
		"Your seed phrase, which no command shows again:\n\n  {}\n\nWrite it down and keep it apart from this machine. \
		 Whoever has it has your STCI; without it, nobody can restore them.",
		terminal.toned(Tone::Strong, phrase)
	)
}

/// The keystore at a path: the one that is there, or a new one.
///
/// # Errors
/// If another phrase is given than the keystore's, nobody can be asked who has to be, or a file cannot be written.
pub fn keystore(terminal: &Terminal, path: &Path, choices: &Choices) -> Result<Made, SetupError> {
	if let Some(exposed) = choices.phrase_file.as_deref().and_then(keys::exposed) {
		terminal.warn(&format!(
			"Others on this machine may read {} (mode {:o}), and so your phrase: remove it, or `chmod 600` it",
			exposed.path.display(),
			exposed.mode
		));
	}
	match Keystore::open(path) {
		Ok(keystore) => there(terminal, choices, keystore),
		Err(KeyError::Missing { .. }) => new(terminal, path, choices),
		Err(error) => Err(error.into()),
	}
}

/// A keystore that is there is taken, and nothing else.
fn there(terminal: &Terminal, choices: &Choices, keystore: Keystore) -> Result<Made, SetupError> {
	let phrase = choices.phrase_file.as_deref().map(phrase_from).transpose()?;
	if let Some(phrase) = &phrase {
		let account = Owner::new(phrase)?.account();
		if account != keystore.account() {
			return Err(SetupError::Stuck(format!(
				"{} is of {}, and the phrase that is given is of {}; leave out --phrase-file, or name another folder \
				 with --data",
				keystore.path().display(),
				keystore.address(),
				keys::address(&account),
			)));
		}
	}
	terminal.done(&format!("The keystore of {} is there.", keystore.address()));
	Ok(Made {
		keystore,
		phrase,
		untold: None,
	})
}

fn phrase_from(path: &Path) -> Result<Phrase, SetupError> {
	let text = keys::read_bounded(path, MOST_PHRASE_BYTES)?;
	Phrase::parse(&text).map_err(|error| SetupError::InFile {
		error,
		path: path.into(),
	})
}

fn new(terminal: &Terminal, path: &Path, choices: &Choices) -> Result<Made, SetupError> {
	let given = choices.phrase_file.as_deref().map(phrase_from).transpose()?;
	if given.is_none() && !choices.yes && !terminal.asks() {
		return Err(SetupError::Stuck(
			"there is no terminal to show a new phrase at; give yours with --phrase-file, or --yes to have a new one \
			 printed"
				.into(),
		));
	}
	let asks = !choices.yes && terminal.asks();
	let typed = match given {
		None if asks && confirmed(terminal, "Do you have a seed phrase that this machine should use?")? => {
			let text = terminal
				.password("Your phrase, not shown while you type")
				.map_err(SetupError::Terminal)?;
			Some(Phrase::parse(&text)?)
		}
		given => given,
	};
	// The password first: once a phrase is shown, nothing may go wrong any more.
	let password = new_password(terminal, choices)?;
	let (phrase, made) = match typed {
		Some(phrase) => (phrase, false),
		None => (Phrase::generate(choices.words.unwrap_or(keys::WORDS[0]))?, true),
	};
	if made {
		// Before anything is kept: whatever ends this from now on, the phrase was told.
		terminal.say(&phrase_text(terminal, phrase.words()));
	}
	if made && asks {
		written_down(terminal, &phrase)?;
	}
	let keystore = Keystore::create(path, &phrase, &password, Cost::default())?;
	terminal.done(&format!("The keystore of {} is made.", keystore.address()));
	Ok(Made {
		untold: (made && !asks).then(|| phrase.words().to_owned()),
		keystore,
		phrase: Some(phrase),
	})
}

fn confirmed(terminal: &Terminal, question: &str) -> Result<bool, SetupError> {
	terminal.confirm(question).map_err(SetupError::Terminal)
}

fn new_password(terminal: &Terminal, choices: &Choices) -> Result<Password, SetupError> {
	match &choices.password_file {
		Some(path) => Ok(keys::from_file(path)?),
		None => terminal.new_password("the keystore").map_err(SetupError::Terminal),
	}
}

/// Asks for some words, so that it was written down for certain.
fn written_down(terminal: &Terminal, phrase: &Phrase) -> Result<(), SetupError> {
	for _ in 0..ASKED {
		let place = (OsRng.next_u32() as usize) % phrase.count() + 1;
		let mut tries = 0;
		loop {
			let question = format!("Word {place} of what you wrote down:");
			let word = terminal.ask(&question).map_err(SetupError::Terminal)?;
			if phrase.has(place, &word) {
				break;
			}
			tries += 1;
			if tries == TRIES {
				return Err(SetupError::Stuck(
					"what was written down is another phrase; nothing was kept, so run the command again for a new one"
						.into(),
				));
			}
			terminal.warn("That is not it; look again.");
		}
	}
	Ok(())
}

/// The owner's phrase: the password is taken from a file, or asked for.
///
/// # Errors
/// If there is none, or it is wrong.
pub fn unlock(terminal: &Terminal, keystore: &Keystore, password_file: Option<&Path>) -> Result<Phrase, SetupError> {
	if let Some(path) = password_file {
		return Ok(keystore.unlock(&keys::from_file(path)?)?);
	}
	let mut tries = 0;
	loop {
		let question = format!("Password of {}", keystore.address());
		let password: Password = terminal.password(&question).map_err(SetupError::Terminal)?;
		tries += 1;
		match keystore.unlock(&password) {
			Err(KeyError::WrongPassword { .. }) if tries < TRIES => terminal.warn("That is not it."),
			unlocked => return Ok(unlocked?),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use smart_agent_terminal::Colors;
	use std::fs;

	const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

	/// A terminal of a test, at which nobody sits.
	fn nobody() -> Terminal {
		Terminal::new(false, Colors::Never)
	}

	fn choices(folder: &Path, phrase: Option<&str>) -> Choices {
		let password = folder.join("password");
		fs::write(&password, "correct horse\n").unwrap();
		let phrase_file = phrase.map(|phrase| {
			let path = folder.join("phrase");
			fs::write(&path, phrase).unwrap();
			path
		});
		Choices {
			phrase_file,
			password_file: Some(password),
			..Choices::default()
		}
	}

	#[test]
	fn a_new_phrase_needs_somebody_who_sees_it() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("keystore.json");
		let said = keystore(&nobody(), &path, &choices(folder.path(), None)).unwrap_err();
		assert!(said.to_string().contains("--phrase-file"), "{said}");
		assert!(!path.exists());
		let yes = Choices {
			yes: true,
			..choices(folder.path(), None)
		};
		let made = keystore(&nobody(), &path, &yes).unwrap();
		let untold = made.untold.unwrap();
		assert_eq!(made.phrase.unwrap().words(), untold);
		assert!(phrase_text(&nobody(), &untold).contains(&untold));
	}

	#[test]
	fn a_keystore_that_is_there_is_taken() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("keystore.json");
		let given = choices(folder.path(), Some(WORDS));
		keystore(&nobody(), &path, &given).unwrap();
		let again = keystore(&nobody(), &path, &choices(folder.path(), None)).unwrap();
		assert!(again.untold.is_none() && again.phrase.is_none());
		let password = given.password_file.as_deref();
		let phrase = unlock(&nobody(), &again.keystore, password).unwrap();
		assert_eq!(phrase.words(), WORDS);
		let other = folder.path().join("other");
		fs::write(&other, "wrong\n").unwrap();
		let wrong = unlock(&nobody(), &again.keystore, Some(&other)).unwrap_err();
		assert!(matches!(wrong, SetupError::Key(KeyError::WrongPassword { .. })));
	}

	#[test]
	fn another_phrase_is_refused() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("keystore.json");
		keystore(&nobody(), &path, &choices(folder.path(), Some(WORDS))).unwrap();
		let other = Phrase::generate(12).unwrap();
		let said = keystore(&nobody(), &path, &choices(folder.path(), Some(other.words()))).unwrap_err();
		assert!(said.to_string().contains("leave out --phrase-file"), "{said}");
		let none = keystore(&nobody(), &path, &choices(folder.path(), Some("legal winner"))).unwrap_err();
		assert!(matches!(none, SetupError::InFile { .. }), "{none}");
	}
}
