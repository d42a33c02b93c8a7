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

/// Words of a phrase that stand in a line, if they are numbered.
const IN_A_LINE: usize = 4;
/// Passwords with fewer characters are tried out soon.
const SHORT: usize = 8;
/// What is to be done with a phrase.
const KEEP_IT: &str = "Write it down and keep it apart from this machine. Whoever has it has your STCI; without it, \
                       nobody can restore them.";

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
		"Your seed phrase, which no command shows again:\n\n  {}\n\n{KEEP_IT}",
		terminal.toned(Tone::Strong, phrase)
	)
}

/// The same for somebody who is asked for single words then: each with its number, some in a line.
fn numbered_text(terminal: &Terminal, phrase: &str) -> String {
	let words: Vec<&str> = phrase.split(' ').collect();
	let mut lines = String::new();
	for (line, some) in words.chunks(IN_A_LINE).enumerate() {
		let first = line * IN_A_LINE + 1;
		let numbered = some.iter().enumerate().map(|(place, word)| {
			// In a column each: English words of phrases have eight letters at most.
			format!("{:>2} {word:<8}", first + place)
		});
		let numbered: Vec<String> = numbered.collect();
		lines.push_str(&format!(
			"  {}\n",
			terminal.toned_error(Tone::Strong, numbered.join("  ").trim_end())
		));
	}
	format!("Your seed phrase, which no command shows again, each word with its number:\n\n{lines}\n{KEEP_IT}")
}

/// What is to be thought of a password, if something is. It keeps nobody from it: where it lies counts more.
fn is_weak(password: &str) -> Option<&'static str> {
	(password.chars().count() < SHORT).then_some(
		"This password is short: whoever gets at the keystore's file tries out all of that length soon. Eight \
		 characters or more are better.",
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
		terminal.say(&match asks {
			true => numbered_text(terminal, phrase.words()),
			false => phrase_text(terminal, phrase.words()),
		});
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
	let password = match &choices.password_file {
		Some(path) => keys::from_file(path)?,
		None => terminal.new_password("the keystore").map_err(SetupError::Terminal)?,
	};
	if let Some(why) = is_weak(&password) {
		terminal.warn(why);
	}
	Ok(password)
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
	fn words_that_are_asked_for_by_number_have_numbers() {
		let phrase = Phrase::generate(24).unwrap();
		let text = numbered_text(&nobody(), phrase.words());
		let said: Vec<&str> = text.split_whitespace().collect();
		for (place, word) in (1..).zip(phrase.words().split(' ')) {
			let number = place.to_string();
			assert!(
				said.windows(2).any(|two| two == [number.as_str(), word]),
				"{number} {word}: {text}"
			);
		}
	}

	#[test]
	fn short_passwords_are_warned_of() {
		assert!(is_weak("a").is_some() && is_weak("1234567").is_some());
		assert!(is_weak("correct horse").is_none() && is_weak("äöüäöüäö").is_none());
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
