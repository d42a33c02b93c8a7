//! Whose turn it is, as blocks show it.

use super::{
	rpc::Rpc,
	watch::{Seen, Watcher},
};
use crate::{wait, Error, Result};
use std::time::Duration;

/// The longest that a director's turn is waited for: a whole cycle of some directors, and some.
const LIMIT: Duration = Duration::from_secs(90);

/// A node's place among the voters, which is also its place among the directors until an election.
///
/// # Errors
/// If the node does not answer, or is no voter.
pub async fn place(rpc: &Rpc) -> Result<u32> {
	let state = rpc.voter_state().await?;
	let index = state["voter"]["index"]
		.as_u64()
		.and_then(|index| u32::try_from(index).ok());
	index.ok_or_else(|| Error::new(format!("no voter: {state}")))
}

/// Waits until the newest block is the first of a turn of a director that `wanted` holds of; which one.
///
/// # Errors
/// If there is none for a whole cycle.
pub async fn begins(watcher: &Watcher, wanted: impl Fn(u32) -> bool) -> Result<u32> {
	wait::until("a director's turn", LIMIT, || async {
		Ok(begun(&watcher.blocks()).filter(|director| wanted(*director)))
	})
	.await
}

/// The author of the last block, if it is its first in a row.
fn begun(blocks: &[Seen]) -> Option<u32> {
	let [.., before, last] = blocks else { return None };
	last.author.filter(|_| before.author != last.author)
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::H256;
	use std::time::Instant;

	fn seen(author: u32) -> Seen {
		Seen {
			at: Instant::now(),
			unix_ms: 0.0,
			number: 0,
			hash: H256::zero(),
			slot: 0,
			author: Some(author),
		}
	}

	#[test]
	fn a_turn_begins_with_a_block_of_another_author() {
		let begun = |authors: &[u32]| super::begun(&authors.iter().map(|author| seen(*author)).collect::<Vec<_>>());
		assert_eq!(begun(&[1, 1, 2]), Some(2));
		assert_eq!(begun(&[1, 2, 2]), None);
		assert_eq!(begun(&[1]), None, "nothing is known of what came before");
	}
}
