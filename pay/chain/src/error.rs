//! Why the chain did not say or do something.

use smart_agent_chain::{ChainError, Refusal};

/// Why the chain did not say, or did not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
	/// The node has no state of that block any more, or yet.
	#[error("the node has no state of that block any more: it is passed over, and how all stands is asked instead")]
	NoState,
	/// It says something that this program does not read.
	#[error("{0}")]
	Unreadable(
		/// What, and what to do.
		String,
	),
	/// The pool does not take a transaction.
	#[error("the transaction was refused: {0}")]
	Refused(
		/// Why.
		Refusal,
	),
	/// Nobody can sign.
	#[error("no key of the account is there to sign: start with a password, see --password-file")]
	NoSigner,
	/// Something else.
	#[error("{0}")]
	Chain(
		/// What.
		ChainError,
	),
}

impl From<ChainError> for LedgerError {
	fn from(error: ChainError) -> Self {
		match error {
			ChainError::NoState(_) => Self::NoState,
			ChainError::Rejected(why) => Self::Refused(why),
			other => Self::Chain(other),
		}
	}
}
