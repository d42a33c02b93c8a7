//! Why consensus cannot start.

use crate::chain::ChainError;
use bft_finality_primitives::{SetId, MAX_VOTERS};

/// Why consensus cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The chain cannot be read.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The voter set has ended, and the state of the block that ended it names no other.
	#[error("voter set {0} has ended, and the last final block names no other")]
	NoNextSet(SetId),
	/// The runtime names more voters than votes can count.
	#[error("the runtime names {0} voters; certificates count at most {MAX_VOTERS}")]
	TooManyVoters(usize),
}
