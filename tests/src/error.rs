//! One error for all of the harness: a sentence that says what went wrong.

use std::fmt;

/// What went wrong, in words.
pub struct Error(String);

/// Short for this crate's results.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
	/// An error of these words.
	pub fn new(message: impl Into<String>) -> Self {
		Self(message.into())
	}

	/// The same error, with what was being done in front.
	pub fn while_doing(self, what: impl fmt::Display) -> Self {
		Self(format!("{what}: {}", self.0))
	}
}

impl fmt::Display for Error {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&self.0)
	}
}

// `main` prints an error's debug form.
impl fmt::Debug for Error {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&self.0)
	}
}

impl<E: std::error::Error> From<E> for Error {
	fn from(error: E) -> Self {
		Self(error.to_string())
	}
}

/// Returns with an error unless the condition holds: what a test demands.
#[macro_export]
macro_rules! ensure {
	($condition:expr, $($message:tt)+) => {
		if !$condition {
			return Err($crate::Error::new(format!($($message)+)));
		}
	};
}
