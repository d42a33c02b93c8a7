//! Why a command failed, and the exit code that says so to scripts.

use crate::{config::ConfigError, keys::KeyError, keys::PhraseError};
use serde_json::json;
use smart_agent_chain::ChainError;
use smart_agent_setup::SetupError;
use smart_agent_store::StoreError;
use std::process::ExitCode;

/// The kinds of failures. Help names their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
	/// It failed.
	Failed = 1,
	/// The command line or the configuration is wrong.
	Usage = 2,
	/// No node is reached.
	Unreachable = 3,
	/// `init` has not been run, or not to its end.
	NotReady = 4,
	/// `doctor` found something wrong.
	Unhealthy = 5,
	/// Somebody pressed Ctrl-C.
	Interrupted = 130,
}

impl From<Code> for ExitCode {
	fn from(code: Code) -> Self {
		Self::from(code as u8)
	}
}

/// A failure, with its cause and its remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
	/// What kind it is.
	pub code: Code,
	/// What went wrong, and what to do.
	pub message: String,
}

impl Failure {
	/// One of this kind.
	pub fn new(code: Code, message: impl Into<String>) -> Self {
		Self {
			code,
			message: message.into(),
		}
	}

	/// One of no special kind.
	pub fn other(message: impl Into<String>) -> Self {
		Self::new(Code::Failed, message)
	}

	/// For `--json`.
	pub fn as_json(&self) -> serde_json::Value {
		json!({ "error": { "code": self.code as u8, "message": self.message } })
	}

	/// The same, with a further remedy.
	pub fn with(mut self, remedy: &str) -> Self {
		self.message = format!("{}; {remedy}", self.message);
		self
	}
}

impl From<String> for Failure {
	fn from(message: String) -> Self {
		Self::other(message)
	}
}

impl From<ConfigError> for Failure {
	fn from(error: ConfigError) -> Self {
		Self::new(Code::Usage, error.to_string())
	}
}

impl From<PhraseError> for Failure {
	fn from(error: PhraseError) -> Self {
		Self::new(Code::Usage, error.to_string())
	}
}

impl From<KeyError> for Failure {
	fn from(error: KeyError) -> Self {
		let code = match error {
			KeyError::Missing { .. } => Code::NotReady,
			_ => Code::Failed,
		};
		Self::new(code, error.to_string())
	}
}

impl From<SetupError> for Failure {
	fn from(error: SetupError) -> Self {
		match error {
			SetupError::Key(error) => error.into(),
			SetupError::Typed(_) | SetupError::InFile { .. } => Self::new(Code::Usage, error.to_string()),
			SetupError::Stuck(_) | SetupError::Terminal(_) => Self::other(error.to_string()),
		}
	}
}

impl From<StoreError> for Failure {
	fn from(error: StoreError) -> Self {
		let code = match error {
			StoreError::Cancelled => Code::Interrupted,
			_ => Code::Failed,
		};
		Self::new(code, error.to_string())
	}
}

impl From<ChainError> for Failure {
	fn from(error: ChainError) -> Self {
		let code = match error {
			ChainError::NoUrl | ChainError::TooManyUrls { .. } | ChainError::BadUrl(_) => Code::Usage,
			ChainError::NoNode { .. } | ChainError::Lost { .. } | ChainError::Timeout { .. } => Code::Unreachable,
			_ => Code::Failed,
		};
		Self::new(code, error.to_string())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn kinds_have_their_numbers() {
		let of = |failure: Failure| failure.as_json()["error"]["code"].as_u64();
		assert_eq!(of(Failure::other("x")), Some(1));
		assert_eq!(of(ChainError::NoNode { tried: "a".into() }.into()), Some(3));
		assert_eq!(of(ChainError::BadUrl("a".into()).into()), Some(2));
		assert_eq!(of(KeyError::Missing { path: "a".into() }.into()), Some(4));
		assert_eq!(of(StoreError::Cancelled.into()), Some(130));
		assert_eq!(Failure::other("cause").with("remedy").message, "cause; remedy");
	}
}
