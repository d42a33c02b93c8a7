//! A voter shows the chain that it votes: a task that puts a vote of this node on record in each period.

use crate::own::pool::{Outcome, OwnTransactions};
use bft_finality_primitives::{Phase, SignedVote};
use parking_lot::Mutex;
use smartchain_chain::{Chain, ChainError, LOG_TARGET};
use sp_core::H256;
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// How often the task looks.
const INTERVAL: Duration = Duration::from_secs(2);
/// How many of this node's last Commits are kept. The newest are no use: the state of a block does not know its own
/// hash.
const KEPT: usize = 16;

/// The last Commits of this node; the voter adds to them.
#[derive(Clone, Default)]
pub(crate) struct OwnCommits(Arc<Mutex<VecDeque<SignedVote>>>);

impl OwnCommits {
	/// Keeps a vote of this node, if it may go on record.
	pub fn note(&self, signed: &SignedVote) {
		// Votes under the 51% rule, and beyond the end of a set, do not count there.
		if signed.vote.phase != Phase::Commit || signed.vote.relaxed || signed.vote.end.is_some() {
			return;
		}
		let mut commits = self.0.lock();
		if commits.len() >= KEPT {
			commits.pop_back();
		}
		commits.push_front(signed.clone());
	}

	/// The newest for a block below `best` that `on_chain` knows at its height.
	fn newest(&self, best: u32, on_chain: impl Fn(u32) -> Result<Option<H256>, ChainError>) -> Option<SignedVote> {
		let commits = self.0.lock();
		let mut below = commits.iter().filter(|signed| signed.vote.target.number < best);
		below
			.find(|signed| {
				let target = signed.vote.target;
				matches!(on_chain(target.number), Ok(Some(hash)) if hash == target.hash)
			})
			.cloned()
	}
}

/// The task.
pub(crate) struct ShownVotes {
	pub chain: Arc<dyn Chain>,
	pub commits: OwnCommits,
	pub transactions: Arc<dyn OwnTransactions>,
}

impl ShownVotes {
	/// Runs for as long as the node does.
	pub async fn run(self) {
		loop {
			futures_timer::Delay::new(INTERVAL).await;
			self.look().await;
		}
	}

	/// Offers the newest vote of this node that the chain can know.
	async fn look(&self) {
		let best = self.chain.info();
		let on_chain = |number| self.chain.hash_at(number);
		let Some(vote) = self.commits.newest(best.best_number, on_chain) else {
			return;
		};
		let number = vote.vote.target.number;
		match self.transactions.record_vote(best.best_hash, vote).await {
			// Known: it is still on its way.
			Outcome::Submitted(_) | Outcome::Known => {
				log::debug!(target: LOG_TARGET, "The vote for block {number} goes on record")
			}
			Outcome::NotNeeded => (),
			// The next vote is offered in a moment.
			Outcome::Failed(error) => {
				log::debug!(target: LOG_TARGET, "The vote for block {number} does not go on record: {error}")
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use bft_finality_primitives::{BlockRef, VoterSignature};
	use smartchain_testkit::vote_for;

	fn hash(number: u32) -> H256 {
		H256::from_low_u64_be(number.into())
	}

	fn commit(number: u32) -> SignedVote {
		let block = BlockRef {
			slot: number.into(),
			number,
			hash: hash(number),
		};
		SignedVote {
			vote: vote_for(1, Phase::Commit, block),
			voter: 0,
			signature: VoterSignature::from(sp_core::ed25519::Signature::default()),
		}
	}

	/// What is offered at this best block, of commits for these blocks, where block 5 is not on the chain.
	fn offered(best: u32, commits: impl IntoIterator<Item = SignedVote>) -> Option<u32> {
		let own = OwnCommits::default();
		commits.into_iter().for_each(|commit| own.note(&commit));
		let on_chain = |number| Ok(Some(if number == 5 { H256::zero() } else { hash(number) }));
		own.newest(best, on_chain).map(|vote| vote.vote.target.number)
	}

	#[test]
	fn the_newest_commit_below_the_best_block_is_offered() {
		assert_eq!(offered(9, (1..=9).map(commit)), Some(8));
		assert_eq!(offered(20, (1..=9).map(commit)), Some(9));
		assert_eq!(offered(1, (1..=9).map(commit)), None);
		assert_eq!(offered(9, []), None);
	}

	#[test]
	fn commits_for_blocks_that_the_chain_left_are_not() {
		assert_eq!(offered(6, (1..=6).map(commit)), Some(4));
	}

	#[test]
	fn prevotes_relaxed_votes_and_those_beyond_the_end_of_a_set_are_not_kept() {
		let mut prevote = commit(7);
		prevote.vote.phase = Phase::Prevote;
		let mut beyond = commit(8);
		beyond.vote.end = Some(commit(7).vote.target);
		let mut relaxed = commit(9);
		relaxed.vote.relaxed = true;
		assert_eq!(offered(20, [commit(4), prevote, beyond, relaxed]), Some(4));
	}

	#[test]
	fn only_the_last_ones_are_kept() {
		let own = OwnCommits::default();
		(0..100).for_each(|number| own.note(&commit(number)));
		assert_eq!(own.0.lock().len(), KEPT);
		assert_eq!(own.0.lock().back().map(|vote| vote.vote.target.number), Some(84));
	}
}
