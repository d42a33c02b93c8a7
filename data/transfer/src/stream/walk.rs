//! What comes in a stream, in which order: each node before those below it, the left half before the right one.

use crate::wire::GROUP;
use storage_proof_primitives::{MAX_BYTES, PAIR_BYTES};

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
	/// The values of both halves of a node.
	Pair {
		/// Which pair of the outboard it is, counted from 0.
		number: u64,
		/// Whether something of the left half comes after it.
		left: bool,
		/// Whether something of the right half does.
		right: bool,
	},
	/// A group.
	Leaf {
		/// Its first byte in the slot.
		from: u64,
		/// Bytes of it.
		length: usize,
	},
}

impl Item {
	/// Bytes of it in the stream.
	pub const fn bytes(&self) -> usize {
		match self {
			Self::Pair { .. } => PAIR_BYTES,
			Self::Leaf { length, .. } => *length,
		}
	}
}

/// The items of a range's stream.
#[derive(Clone, Debug)]
pub struct Walk {
	slot_len: u64,
	/// The range: its first group, and the first one behind it.
	first: u64,
	beyond: u64,
	/// Nodes that are still to come, the next one last: one for each level of the tree at most.
	nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
	first: u64,
	groups: u64,
	/// How many pairs of the outboard lie before those of this node and below.
	before: u64,
}

impl Walk {
	/// Of `length` bytes from `from` on, in a slot of so many. `None` if that is no range of whole groups: see
	/// [`Deed::Read`](crate::wire::Deed::Read).
	pub fn new(slot_len: u64, from: u64, length: u64) -> Option<Self> {
		let end = from.checked_add(length)?;
		let ends_whole = end % GROUP == 0 || end == slot_len;
		if slot_len > MAX_BYTES || length == 0 || end > slot_len || from % GROUP != 0 || !ends_whole {
			return None;
		}
		Some(Self {
			slot_len,
			first: from / GROUP,
			beyond: end.div_ceil(GROUP),
			nodes: vec![Node {
				first: 0,
				groups: slot_len.div_ceil(GROUP),
				before: 0,
			}],
		})
	}
}

impl Iterator for Walk {
	type Item = Item;

	fn next(&mut self) -> Option<Item> {
		let node = self.nodes.pop()?;
		// The left half has the largest power of two below the whole.
		let Some(log) = node.groups.checked_sub(1).and_then(u64::checked_ilog2) else {
			let from = node.first * GROUP;
			let length = (self.slot_len - from).min(GROUP) as usize;
			return Some(Item::Leaf { from, length });
		};
		let left_groups = 1 << log;
		let middle = node.first + left_groups;
		let (left, right) = (self.first < middle, self.beyond > middle);
		if right {
			self.nodes.push(Node {
				first: middle,
				groups: node.groups - left_groups,
				before: node.before + left_groups - 1,
			});
		}
		if left {
			self.nodes.push(Node {
				groups: left_groups,
				..node
			});
		}
		let number = node.before + node.groups - 2;
		Some(Item::Pair { number, left, right })
	}
}

/// Bytes of a range's stream; `None` if it is no range of whole groups.
pub fn encoded_len(slot_len: u64, from: u64, length: u64) -> Option<u64> {
	Some(Walk::new(slot_len, from, length)?.map(|item| item.bytes() as u64).sum())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_range_has_its_groups_and_the_way_to_them() {
		// Eight groups and a half: the root has eight left.
		let items: Vec<Item> = Walk::new(8 * GROUP + 5, 7 * GROUP, GROUP + 5).unwrap().collect();
		let pair = |number, left, right| Item::Pair { number, left, right };
		let leaf = |from, length| Item::Leaf { from, length };
		assert_eq!(
			items,
			[
				pair(7, true, true),
				pair(6, false, true),
				pair(5, false, true),
				pair(4, false, true),
				leaf(7 * GROUP, GROUP as usize),
				leaf(8 * GROUP, 5),
			]
		);
		assert_eq!(
			encoded_len(8 * GROUP + 5, 7 * GROUP, GROUP + 5),
			Some(4 * 64 + GROUP + 5)
		);
	}

	#[test]
	fn a_slot_of_a_group_has_no_pairs() {
		for length in [1, 64, GROUP - 1, GROUP] {
			assert_eq!(encoded_len(length, 0, length), Some(length));
		}
	}

	#[test]
	fn what_is_no_range_of_groups_is_none() {
		let slot = 3 * GROUP + 100;
		for (from, length) in [
			(0, 0),
			(1, GROUP),
			(0, GROUP + 1),
			(3 * GROUP, GROUP),
			(4 * GROUP, 1),
			(u64::MAX, GROUP),
			(0, u64::MAX),
		] {
			assert!(Walk::new(slot, from, length).is_none(), "{length} from {from}");
		}
		assert!(Walk::new(0, 0, 0).is_none());
		assert!(Walk::new(MAX_BYTES + GROUP, 0, GROUP).is_none());
		assert!(Walk::new(MAX_BYTES, MAX_BYTES - GROUP, GROUP).is_some());
	}
}
