//! Seed phrases: BIP39, English words.

use super::KeyError;
use bip39::{Language, Mnemonic};
use rand_core::{OsRng, RngCore};
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// How many words a phrase may have.
pub const WORDS: [usize; 5] = [12, 15, 18, 21, 24];
/// Bytes of entropy in three words.
const BYTES_IN_THREE_WORDS: usize = 4;
/// Bytes of the longest text that is read as a phrase.
const MOST_BYTES: usize = 1024;

/// A sound phrase, in lower case with single blanks. It is wiped when it goes.
#[derive(Clone)]
pub struct Phrase(Zeroizing<String>);

/// What is wrong with a phrase. The words themselves are not told, for what goes wrong is often logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
	/// Too few or too many words.
	#[error("a phrase has 12, 15, 18, 21 or 24 words and not {0}; give all of them, with blanks between")]
	Count(usize),
	/// A word that no phrase has.
	#[error("word {0} of the phrase is in no list of English BIP39 words; look how it is spelt")]
	Unknown(usize),
	/// The words do not belong together.
	#[error("the phrase has a word that is wrong, or two in the wrong order: its checksum does not fit; compare it")]
	Checksum,
	/// Far too long.
	#[error("the text is too long for a phrase; give 12 to 24 words and nothing else")]
	Long,
}

impl Phrase {
	/// A new one of so many words, by the system's random numbers.
	///
	/// # Errors
	/// If the system has none. Counts that are not in [`WORDS`] are taken as 12.
	pub fn generate(words: usize) -> Result<Self, KeyError> {
		let words = if WORDS.contains(&words) { words } else { WORDS[0] };
		let mut entropy = Zeroizing::new(vec![0; words / 3 * BYTES_IN_THREE_WORDS]);
		OsRng
			.try_fill_bytes(&mut entropy)
			.map_err(|error| KeyError::Random(error.to_string()))?;
		let mnemonic = Mnemonic::from_entropy_in(Language::English, &entropy)
			.map_err(|error| KeyError::Random(error.to_string()))?;
		Ok(Self::of(&mnemonic))
	}

	/// Reads one, whatever blanks and capitals it has.
	pub fn parse(text: &str) -> Result<Self, PhraseError> {
		if text.len() > MOST_BYTES {
			return Err(PhraseError::Long);
		}
		let mut plain = Zeroizing::new(String::with_capacity(text.len()));
		for word in text.split_whitespace() {
			if !plain.is_empty() {
				plain.push(' ');
			}
			for character in word.chars() {
				plain.push(character.to_ascii_lowercase());
			}
		}
		match Mnemonic::parse_in_normalized(Language::English, &plain) {
			Ok(mnemonic) => Ok(Self::of(&mnemonic)),
			Err(bip39::Error::BadWordCount(count)) => Err(PhraseError::Count(count)),
			Err(bip39::Error::UnknownWord(place)) => Err(PhraseError::Unknown(place + 1)),
			Err(_) => Err(PhraseError::Checksum),
		}
	}

	fn of(mnemonic: &Mnemonic) -> Self {
		let mut text = Zeroizing::new(String::with_capacity(256));
		for word in mnemonic.words() {
			if !text.is_empty() {
				text.push(' ');
			}
			text.push_str(word);
		}
		Self(text)
	}

	/// The words, with a blank between each two: for the derivation of keys, the keystore, and the one time that it is
	/// shown.
	pub fn words(&self) -> &str {
		&self.0
	}

	/// Whether these are some of its words, by their places from 1 on: what whoever wrote it down is asked.
	pub fn has(&self, place: usize, word: &str) -> bool {
		let mut said = word.trim().to_ascii_lowercase();
		let right = self.0.split(' ').nth(place.wrapping_sub(1)) == Some(said.as_str());
		said.zeroize();
		right
	}

	/// How many words it has.
	pub fn count(&self) -> usize {
		self.0.split(' ').count()
	}
}

/// It tells nothing.
impl fmt::Debug for Phrase {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("Phrase(..)")
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const SOUND: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

	#[test]
	fn new_phrases_are_sound_and_differ() {
		for words in WORDS {
			let phrase = Phrase::generate(words).unwrap();
			assert_eq!(phrase.count(), words);
			assert_eq!(Phrase::parse(phrase.words()).unwrap().words(), phrase.words());
			assert_ne!(phrase.words(), Phrase::generate(words).unwrap().words());
		}
		assert_eq!(Phrase::generate(13).unwrap().count(), 12);
	}

	#[test]
	fn blanks_and_capitals_do_not_matter() {
		let wild = SOUND.to_uppercase().replace(' ', "\n \t");
		assert_eq!(Phrase::parse(&format!("  {wild} \n")).unwrap().words(), SOUND);
	}

	#[test]
	fn what_is_wrong_is_told_without_the_words() {
		let wrong = |text: &str| Phrase::parse(text).unwrap_err();
		assert_eq!(wrong(""), PhraseError::Count(0));
		assert_eq!(wrong("legal winner"), PhraseError::Count(2));
		assert_eq!(wrong(&SOUND.replace("year", "yeer")), PhraseError::Unknown(4));
		assert_eq!(wrong(&SOUND.replace("yellow", "year")), PhraseError::Checksum);
		assert_eq!(wrong(&"legal ".repeat(1_000)), PhraseError::Long);
		let said = wrong(&SOUND.replace("year", "yeer")).to_string();
		assert!(!said.contains("yeer"), "{said}");
		assert_eq!(format!("{:?}", Phrase::parse(SOUND).unwrap()), "Phrase(..)");
	}

	#[test]
	fn single_words_are_compared() {
		let phrase = Phrase::parse(SOUND).unwrap();
		assert!(phrase.has(1, "legal") && phrase.has(12, " Yellow\n"));
		assert!(!phrase.has(2, "legal") && !phrase.has(0, "legal") && !phrase.has(13, ""));
	}
}
