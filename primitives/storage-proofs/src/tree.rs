//! The tree of BLAKE3: how it splits, and the hashes of its nodes. No other file calls what the library warns of.

use crate::Hash;
use alloc::vec::Vec;
use blake3::{
	hazmat::{merge_subtrees_non_root, merge_subtrees_root, HasherExt, Mode},
	Hasher,
};

/// Bytes of a chunk: the leaves of the tree. Only the last one may be shorter.
pub const CHUNK_BYTES: u32 = 1_024;

/// Bytes of an outboard for each of its nodes: the values of both halves, the left one first.
pub const PAIR_BYTES: usize = 64;

/// How many of so many leaves are left of the middle: the largest power of two below. None if there is nothing to
/// split.
pub(crate) fn left_of(leaves: u32) -> Option<u32> {
	let log = leaves.checked_sub(1)?.checked_ilog2()?;
	1u32.checked_shl(log)
}

/// A node between the root and a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
	/// The first leaf below it.
	pub first: u32,
	/// How many leaves are below it.
	pub leaves: u32,
	/// How many of these are left of its middle.
	pub left: u32,
	/// Whether it goes on to the right.
	pub right: bool,
}

impl Turn {
	/// The first leaf right of the middle.
	pub(crate) fn middle(&self) -> u32 {
		self.first.saturating_add(self.left)
	}

	/// The leaves of the half that is not gone to: the first one, and the first beyond.
	pub(crate) fn beside(&self) -> (u32, u32) {
		if self.right {
			(self.first, self.middle())
		} else {
			(self.middle(), self.first.saturating_add(self.leaves))
		}
	}
}

/// The nodes from the root down to a leaf. Each step leaves half of the leaves, rounded up to a power of two: of 2^26
/// there are 26.
pub(crate) struct Descent {
	first: u32,
	leaves: u32,
	index: u32,
}

impl Descent {
	/// To the leaf of this number, of so many.
	pub(crate) fn to(index: u32, leaves: u32) -> Self {
		Self {
			first: 0,
			leaves,
			index,
		}
	}
}

impl Iterator for Descent {
	type Item = Turn;

	fn next(&mut self) -> Option<Turn> {
		let left = left_of(self.leaves)?;
		let middle = self.first.saturating_add(left);
		let turn = Turn {
			first: self.first,
			leaves: self.leaves,
			left,
			right: self.index >= middle,
		};
		if turn.right {
			self.first = middle;
			self.leaves = self.leaves.saturating_sub(left);
		} else {
			self.leaves = left;
		}
		Some(turn)
	}
}

/// The value of a chunk or subtree that is not the whole slot. `bytes` are not empty, and end where the subtree ends
/// that begins with this chunk, or before if the slot does: who calls has that from a shape.
pub(crate) fn subtree(first: u32, bytes: &[u8]) -> Hash {
	let mut hasher = Hasher::new();
	hasher.set_input_offset(u64::from(first).saturating_mul(CHUNK_BYTES.into()));
	hasher.update(bytes);
	hasher.finalize_non_root()
}

/// The root of a slot that is no longer than what is at hand.
pub(crate) fn whole(bytes: &[u8]) -> Hash {
	blake3::hash(bytes).into()
}

/// The value of a node that is not the root.
pub(crate) fn node(left: &Hash, right: &Hash) -> Hash {
	merge_subtrees_non_root(left, right, Mode::Hash)
}

/// The root of two halves.
pub(crate) fn root(left: &Hash, right: &Hash) -> Hash {
	merge_subtrees_root(left, right, Mode::Hash).into()
}

/// Of a group that begins with chunk `first`: the bytes of chunk `index`, and the values beside its way up to the top
/// of the group. None if the group has no such chunk.
pub(crate) fn within(group: &[u8], first: u32, index: u32) -> Option<(Vec<u8>, Vec<Hash>)> {
	let bytes_of = |from: u32, to: u32| {
		let [from, to] = [from, to].map(|chunk| (chunk as usize).saturating_mul(CHUNK_BYTES as usize));
		group.get(from..to.min(group.len()))
	};
	let chunks = u32::try_from(group.len().div_ceil(CHUNK_BYTES as usize)).ok()?.max(1);
	let local = index.checked_sub(first).filter(|local| *local < chunks)?;
	let chunk = bytes_of(local, local.saturating_add(1))?.to_vec();
	let mut path = Descent::to(local, chunks)
		.map(|turn| {
			let (from, to) = turn.beside();
			Some(subtree(first.saturating_add(from), bytes_of(from, to)?))
		})
		.collect::<Option<Vec<Hash>>>()?;
	path.reverse();
	Some((chunk, path))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_tree_splits_as_the_library_s_does() {
		for leaves in 2..2_000u32 {
			let bytes = u64::from(leaves) * 1_024;
			assert_eq!(
				u64::from(left_of(leaves).unwrap()) * 1_024,
				blake3::hazmat::left_subtree_len(bytes)
			);
		}
		assert_eq!(left_of(1 << 26), Some(1 << 25));
		assert_eq!(left_of(1), None);
		assert_eq!(left_of(0), None);
	}

	#[test]
	fn every_leaf_has_its_own_way() {
		for leaves in 1..200u32 {
			let ways: std::collections::BTreeSet<Vec<bool>> = (0..leaves)
				.map(|index| Descent::to(index, leaves).map(|turn| turn.right).collect())
				.collect();
			assert_eq!(ways.len() as u32, leaves);
		}
	}

	#[test]
	fn the_longest_way_has_26_turns() {
		assert_eq!(Descent::to((1 << 26) - 1, 1 << 26).count(), 26);
		assert_eq!(Descent::to(0, (1 << 25) + 1).count(), 26);
		assert_eq!(Descent::to(1 << 25, (1 << 25) + 1).count(), 1);
	}
}
