//! How a run ends.

use smart_agent_journal::JournalError;

/// How it ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// It was told to.
	Stopped,
}

/// Why it could not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
	/// The journal.
	#[error(transparent)]
	Journal(#[from] JournalError),
	/// No threads.
	#[error("a thread did not start, or ended by itself: {0}; see to memory and to the limits of this process")]
	Thread(String),
	/// The chain's client ended.
	#[error("the connection to the chain has ended by itself; start the agent again, and look at its log")]
	ChainEnded,
}
