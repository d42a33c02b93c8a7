//! The outboard of a slot whose groups are hashed already.

use crate::wire::GROUP;
use blake3::hazmat::{merge_subtrees_non_root, merge_subtrees_root, Mode};
use storage_proof_primitives::Hash;

/// Takes values of groups in their order, and makes pairs and root of them. It keeps a hash for each level of the tree.
///
/// A slot of one group has no value but its root: it is hashed as a whole, and is none of this.
#[derive(Clone, Debug)]
pub struct Builder {
	groups: u64,
	taken: u64,
	/// Subtrees that have no parent yet, from the left, with their groups.
	tops: Vec<(Hash, u64)>,
}

impl Builder {
	/// For a slot of so many bytes.
	pub fn new(slot_len: u64) -> Self {
		Self {
			groups: slot_len.div_ceil(GROUP),
			taken: 0,
			tops: Vec::new(),
		}
	}

	/// How many groups came.
	pub fn taken(&self) -> u64 {
		self.taken
	}

	/// Takes the value of the next group; pairs that are known then are put behind `pairs`. The root, if it was the
	/// last one. More than there are are not taken.
	pub fn push(&mut self, value: Hash, pairs: &mut Vec<u8>) -> Option<Hash> {
		if self.taken == self.groups {
			return None;
		}
		self.taken += 1;
		self.tops.push((value, 1));
		let ended = self.taken == self.groups;
		while let [.., (left, left_groups), (right, right_groups)] = self.tops.as_slice() {
			if left_groups != right_groups && !ended {
				break;
			}
			pairs.extend_from_slice(left);
			pairs.extend_from_slice(right);
			let is_root = ended && self.tops.len() == 2;
			let parent = if is_root {
				merge_subtrees_root(left, right, Mode::Hash).into()
			} else {
				merge_subtrees_non_root(left, right, Mode::Hash)
			};
			let groups = left_groups + right_groups;
			self.tops.truncate(self.tops.len() - 2);
			self.tops.push((parent, groups));
		}
		match self.tops.as_slice() {
			[(root, _)] if ended && self.groups > 1 => Some(*root),
			_ => None,
		}
	}
}
