//! Values of groups, and the digest by which a server knows that what came is what was sent.

use super::GROUP;
use blake3::{hazmat::HasherExt, Hasher};
use storage_proof_primitives::Hash;

/// The value of a group that is not a whole slot, as nodes of the tree have it. `from` is where it begins in the slot.
/// A group of no bytes has none: the digest of nothing has no values.
pub fn value(from: u64, group: &[u8]) -> Hash {
	let mut hasher = Hasher::new();
	hasher.set_input_offset(from);
	hasher.update(group);
	hasher.finalize_non_root()
}

/// Values of all groups of a piece that begins at `from`, a multiple of [`GROUP`].
pub fn values(from: u64, piece: &[u8], into: &mut Vec<Hash>) {
	let offsets = (from..).step_by(GROUP as usize);
	into.extend(
		piece
			.chunks(GROUP as usize)
			.zip(offsets)
			.map(|(group, from)| value(from, group)),
	);
}

/// What is signed of a piece: a hash of the values of its groups. So a holder hashes what comes once, for the digest
/// and for its outboard, and a piece in another place has another digest.
pub fn digest(values: &[Hash]) -> Hash {
	let mut hasher = Hasher::new_derive_key("SmartChain slot piece digest v1");
	for value in values {
		hasher.update(value);
	}
	hasher.finalize().into()
}

#[cfg(test)]
mod tests {
	use super::*;
	use blake3::hazmat::{merge_subtrees_root, Mode};

	#[test]
	fn values_are_those_of_the_tree() {
		let bytes: Vec<u8> = (0..20_000u32).map(|i| i as u8).collect();
		let mut found = Vec::new();
		values(0, &bytes, &mut found);
		assert_eq!(found.len(), 2);
		let root = merge_subtrees_root(&found[0], &found[1], Mode::Hash);
		assert_eq!(root, blake3::hash(&bytes));
	}
}
