//! Why something failed, and the exit code that says so to scripts.

use crate::config::ConfigError;
use serde_json::json;
use smart_agent_chain::ChainError;
use smart_agent_keys::KeyError;
use smart_agent_setup::SetupError;
use smart_vouchers::VoucherError;
use std::process::ExitCode;

/// The kinds of failures. Help names their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
	/// It failed.
	Failed = 1,
	/// The command line or the configuration is wrong.
	Usage = 2,
	/// No node is reached, or too few devices.
	Unreachable = 3,
	/// `init` has not been run.
	NotReady = 4,
	/// `verify` found something wrong.
	Unsound = 5,
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

	/// A wrong command line.
	pub fn usage(message: impl Into<String>) -> Self {
		Self::new(Code::Usage, message)
	}

	/// For `--json`.
	pub fn as_json(&self) -> serde_json::Value {
		json!({ "error": { "code": self.code as u8, "message": self.message } })
	}

	/// The same, with a further remedy.
	#[must_use]
	pub fn with(mut self, remedy: &str) -> Self {
		self.message = format!("{}; {remedy}", self.message);
		self
	}
}

impl From<ConfigError> for Failure {
	fn from(error: ConfigError) -> Self {
		Self::usage(error.to_string())
	}
}

impl From<KeyError> for Failure {
	fn from(error: KeyError) -> Self {
		match error {
			KeyError::Missing { path } => Self::new(
				Code::NotReady,
				format!(
					"{} is not there; run `smart init` first, or name the folder with --data",
					path.display()
				),
			),
			KeyError::Damaged { path, cause } => Self::other(format!(
				"{} is damaged: {cause}; put a copy of it back, or move it away and run `smart init` with your phrase",
				path.display()
			)),
			other => Self::other(other.to_string()),
		}
	}
}

impl From<SetupError> for Failure {
	fn from(error: SetupError) -> Self {
		match error {
			SetupError::Key(error) => error.into(),
			SetupError::Typed(_) | SetupError::InFile { .. } => Self::usage(error.to_string()),
			SetupError::Stuck(_) | SetupError::Terminal(_) => Self::other(error.to_string()),
		}
	}
}

impl From<ChainError> for Failure {
	fn from(error: ChainError) -> Self {
		let code = match error {
			ChainError::NoUrl | ChainError::TooManyUrls { .. } | ChainError::BadUrl(_) => Code::Usage,
			ChainError::NoNode { .. } | ChainError::Lost { .. } | ChainError::Timeout { .. } => Code::Unreachable,
			_ => Code::Failed,
		};
		// What the programs share of the chain names the one that it was written for.
		Self::new(
			code,
			error.to_string().replace("update smart-agent", "update this program"),
		)
	}
}

impl From<VoucherError> for Failure {
	fn from(error: VoucherError) -> Self {
		match error {
			VoucherError::Made(error) => error.into(),
			other => Self::other(other.to_string()),
		}
	}
}

impl From<smartchain_slots::Error> for Failure {
	fn from(error: smartchain_slots::Error) -> Self {
		let code = match error {
			smartchain_slots::Error::TooFew { .. } => Code::Unreachable,
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
		assert_eq!(of(Failure::new(Code::Unsound, "x")), Some(5));
		assert_eq!(Failure::other("cause").with("remedy").message, "cause; remedy");
	}

	#[test]
	fn messages_name_this_program() {
		let missing = Failure::from(KeyError::Missing { path: "a".into() });
		assert!(missing.message.contains("`smart init`"), "{}", missing.message);
		let other = Failure::from(ChainError::OtherRuntime {
			what: "x".into(),
			why: "y".into(),
		});
		assert!(!other.message.contains("smart-agent"), "{}", other.message);
	}
}
