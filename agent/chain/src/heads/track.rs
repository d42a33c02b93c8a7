//! Which blocks a new best one brings, and which it takes.

use super::{Head, HeadEvent, MOST_BLOCKS};
use crate::{types::Hash, Result};
use std::{collections::VecDeque, future::Future};

/// How many headers are kept, so that they need not be asked for.
const KEPT: usize = 256;

/// Follows the best chain.
#[derive(Default)]
pub(crate) struct Tracker {
	best: Option<Head>,
	known: VecDeque<Head>,
	/// Whether events may have been missed since the last one.
	interrupted: bool,
}

impl Tracker {
	/// The next block may be of another time, and from another node.
	pub fn interrupted(&mut self) {
		self.interrupted = true;
	}

	/// Another block is the best one. `ask` knows headers by their hashes. None if it was the best already.
	pub async fn adopt<Asked>(&mut self, head: Head, ask: impl Fn(Hash) -> Asked) -> Option<HeadEvent>
	where
		Asked: Future<Output = Result<Option<Head>>>,
	{
		let before = self.best.replace(head);
		if before == Some(head) {
			return None;
		}
		self.keep(head);
		let (mut adopted, mut abandoned, mut gap) = (vec![head], Vec::new(), false);
		if let Some(before) = before {
			gap = !self.walk(before, &ask, &mut adopted, &mut abandoned).await;
		}
		// A block that was the best before may be it again: both lists have it then.
		while adopted.len() > 1 && !gap && adopted.last() == abandoned.last() {
			adopted.pop();
			abandoned.pop();
		}
		adopted.reverse();
		// What was walked back is complete, whatever was missed.
		let gap = gap || (self.interrupted && before.is_none());
		self.interrupted = false;
		Some(HeadEvent::Best {
			head,
			adopted,
			abandoned,
			gap,
		})
	}

	/// Goes back from both to the block that they have in common. Whether it was found.
	async fn walk<Asked>(
		&mut self,
		before: Head,
		ask: &impl Fn(Hash) -> Asked,
		adopted: &mut Vec<Head>,
		abandoned: &mut Vec<Head>,
	) -> bool
	where
		Asked: Future<Output = Result<Option<Head>>>,
	{
		let mut lowest = before;
		while let Some(first) = adopted.last().copied() {
			if first.parent == lowest.hash {
				return true;
			}
			if adopted.len() >= MOST_BLOCKS || abandoned.len() >= MOST_BLOCKS {
				return false;
			}
			let back_in_new = first.number > lowest.number.saturating_add(1);
			let parent = if back_in_new {
				first.parent
			} else {
				abandoned.push(lowest);
				lowest.parent
			};
			let Some(parent) = self.header(parent, ask).await else {
				return false;
			};
			if back_in_new {
				adopted.push(parent);
			} else {
				lowest = parent;
			}
		}
		false
	}

	async fn header<Asked>(&mut self, hash: Hash, ask: &impl Fn(Hash) -> Asked) -> Option<Head>
	where
		Asked: Future<Output = Result<Option<Head>>>,
	{
		if let Some(known) = self.known.iter().find(|known| known.hash == hash) {
			return Some(*known);
		}
		let found = ask(hash).await.ok().flatten().filter(|found| found.hash == hash)?;
		self.keep(found);
		Some(found)
	}

	fn keep(&mut self, head: Head) {
		if self.known.len() >= KEPT {
			self.known.pop_front();
		}
		self.known.push_back(head);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::HashMap;

	/// Headers of a tree: block `n` of branch `b`.
	#[derive(Default)]
	struct Tree(HashMap<Hash, Head>);

	impl Tree {
		fn add(&mut self, branch: u8, number: u32, parent: Hash) -> Head {
			let hash = Hash::from_slice(&[&[branch][..], &[0; 27], &number.to_le_bytes()].concat());
			let head = Head {
				number,
				hash,
				parent,
				slot: number.into(),
			};
			self.0.insert(hash, head);
			head
		}

		fn line(&mut self, branch: u8, after: Head, length: u32) -> Vec<Head> {
			let mut line = vec![after];
			for _ in 0..length {
				let last = *line.last().expect("not empty");
				line.push(self.add(branch, last.number + 1, last.hash));
			}
			line.split_off(1)
		}
	}

	fn lists(event: Option<HeadEvent>) -> (Vec<Head>, Vec<Head>, bool) {
		match event {
			Some(HeadEvent::Best {
				head,
				adopted,
				abandoned,
				gap,
			}) => {
				assert_eq!(adopted.last(), Some(&head));
				(adopted, abandoned, gap)
			}
			other => panic!("{other:?}"),
		}
	}

	#[tokio::test]
	async fn what_is_adopted_and_abandoned() {
		let mut tree = Tree::default();
		let genesis = tree.add(0, 0, Hash::zero());
		let main = tree.line(1, genesis, 10);
		let fork = tree.line(2, main[4], 7);
		let ask = |hash: Hash| {
			let found = tree.0.get(&hash).copied();
			async move { Ok(found) }
		};
		let mut tracker = Tracker::default();
		assert_eq!(
			lists(tracker.adopt(main[0], ask).await),
			(vec![main[0]], Vec::new(), false)
		);
		assert_eq!(
			lists(tracker.adopt(main[1], ask).await),
			(vec![main[1]], Vec::new(), false)
		);
		assert_eq!(tracker.adopt(main[1], ask).await, None);
		// Blocks that were not told are found.
		assert_eq!(
			lists(tracker.adopt(main[9], ask).await),
			(main[2..].to_vec(), Vec::new(), false)
		);
		// A longer fork, and a shorter one.
		let gone: Vec<_> = main[5..].iter().rev().copied().collect();
		assert_eq!(lists(tracker.adopt(fork[6], ask).await), (fork.clone(), gone, false));
		let gone: Vec<_> = fork.iter().rev().copied().collect();
		assert_eq!(
			lists(tracker.adopt(main[6], ask).await),
			(main[5..7].to_vec(), gone, false)
		);
		// Back to one that it was on.
		assert_eq!(
			lists(tracker.adopt(main[3], ask).await),
			(vec![main[3]], vec![main[6], main[5], main[4], main[3]], false)
		);
	}

	#[tokio::test]
	async fn what_is_not_found_is_a_gap() {
		let mut tree = Tree::default();
		let genesis = tree.add(0, 0, Hash::zero());
		let main = tree.line(1, genesis, 200);
		let ask = |hash: Hash| {
			let found = tree.0.get(&hash).copied();
			async move { Ok(found) }
		};
		let mut tracker = Tracker::default();
		tracker.adopt(main[0], ask).await;
		let (adopted, abandoned, gap) = lists(tracker.adopt(main[199], ask).await);
		assert!(gap && abandoned.is_empty());
		assert_eq!(adopted, main[200 - MOST_BLOCKS..]);
		// A node that does not know what it tells of, or answers another header.
		let mut tracker = Tracker::default();
		tracker.adopt(main[0], ask).await;
		let nothing = |_: Hash| async { Ok(None) };
		assert!(lists(tracker.adopt(main[5], nothing).await).2);
		let (_, _, gap) = lists(tracker.adopt(main[9], |_: Hash| async move { Ok(Some(genesis)) }).await);
		assert!(gap);
	}
}
