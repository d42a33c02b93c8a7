//! Questions.

use super::{Terminal, Tone};
use std::io::{self, BufRead, Write};
use zeroize::{Zeroize, Zeroizing};

/// How often a password that was typed differently twice is asked for again.
const TRIES: usize = 3;
/// Bytes of an answer, at most.
const MOST_BYTES: u64 = 4096;

impl Terminal {
	/// Asks for a line.
	///
	/// # Errors
	/// If there is nobody to ask, or the line cannot be read.
	pub fn ask(&self, question: &str) -> Result<Zeroizing<String>, String> {
		if !self.asks {
			return Err(format!("\"{question}\" has to be answered, and there is no terminal"));
		}
		let _ = write!(io::stderr(), "{} ", self.toned_error(Tone::Strong, question));
		let mut line = Zeroizing::new(String::new());
		let read = io::Read::take(io::stdin().lock(), MOST_BYTES).read_line(&mut line);
		match read {
			Ok(0) => Err("the input has ended; run the command again".into()),
			Ok(_) => Ok(Zeroizing::new(line.trim().to_owned())),
			Err(error) => Err(format!("cannot read the answer: {error}")),
		}
	}

	/// Asks for a yes. Nothing, or anything else, is a no.
	///
	/// # Errors
	/// If there is nobody to ask.
	pub fn confirm(&self, question: &str) -> Result<bool, String> {
		let answer = self.ask(&format!("{question} [y/N]"))?;
		Ok(matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"))
	}

	/// Asks for a password, which is not shown.
	///
	/// # Errors
	/// If there is nobody to ask.
	pub fn password(&self, question: &str) -> Result<Zeroizing<String>, String> {
		if !self.asks {
			return Err(format!(
				"{question} is needed, and there is no terminal to ask for it: give --password-file"
			));
		}
		let prompt = format!("{}: ", self.toned_error(Tone::Strong, question));
		let _ = write!(io::stderr(), "{prompt}");
		let read = rpassword::read_password().map_err(|error| format!("cannot read the password: {error}"))?;
		Ok(Zeroizing::new(read))
	}

	/// Asks for a new password, twice, until both are the same.
	///
	/// # Errors
	/// If there is nobody to ask, or the two differ each time.
	pub fn new_password(&self, what: &str) -> Result<Zeroizing<String>, String> {
		for _ in 0..TRIES {
			let first = self.password(&format!("New password for {what}"))?;
			if first.is_empty() {
				self.warn("A password has at least one character.");
				continue;
			}
			let mut again = self.password("The same again")?;
			let same = *first == *again;
			again.zeroize();
			if same {
				return Ok(first);
			}
			self.warn("They differ.");
		}
		Err("no password was given twice alike; run the command again".into())
	}
}
