//! A stream that comes, verified item by item.

use super::{Item, Walk};
use crate::wire::{value, GROUP};
use blake3::hazmat::{merge_subtrees_non_root, merge_subtrees_root, Mode};
use storage_proof_primitives::{Contents, Hash, PAIR_BYTES};

/// What came is not of the slot's root, or no part of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes at {at} are not those of the slot's root; read them from another device")]
pub struct Lie {
	/// How far everything was right: no byte of the slot from here on may be used.
	pub at: u64,
}

/// Verifies a stream. It keeps a hash for each level of the tree.
#[derive(Clone, Debug)]
pub struct Decoder {
	walk: Walk,
	/// Values of the nodes that are still to come, the next one last.
	expected: Vec<Hash>,
	/// Whether the next node is the root.
	at_root: bool,
	/// Behind the last byte that was right.
	at: u64,
	one_group: bool,
}

impl Decoder {
	/// For `length` bytes from `from` on; `None` if that is no range of whole groups.
	pub fn new(contents: &Contents, from: u64, length: u64) -> Option<Self> {
		Some(Self {
			walk: Walk::new(contents.bytes, from, length)?,
			expected: vec![contents.root],
			at_root: true,
			at: from,
			one_group: contents.bytes <= GROUP,
		})
	}

	/// How many bytes the next items have together: as many as fit into `most`, at least one; 0 at the end.
	pub fn next_bytes(&self, most: usize) -> usize {
		let mut bytes = 0;
		for item in self.walk.clone() {
			if bytes > 0 && bytes + item.bytes() > most {
				break;
			}
			bytes += item.bytes();
		}
		bytes
	}

	/// Takes whole items, as many as [`Decoder::next_bytes`] said. `each` gets group after group, verified, with where
	/// it begins in the slot.
	///
	/// # Errors
	/// [`Lie`]; what came before was right. Nothing more can be taken then.
	pub fn take(&mut self, mut bytes: &[u8], mut each: impl FnMut(u64, &[u8])) -> Result<(), Lie> {
		while !bytes.is_empty() {
			let lie = Lie { at: self.at };
			let item = self.walk.next().ok_or(lie)?;
			let (now, later) = bytes.split_at_checked(item.bytes()).ok_or(lie)?;
			let expected = self.expected.pop().ok_or(lie)?;
			bytes = later;
			match item {
				Item::Pair { left, right, .. } => self.pair(now, &expected, left, right).ok_or(lie)?,
				Item::Leaf { from, length } => {
					let found = if self.one_group {
						blake3::hash(now).into()
					} else {
						value(from, now)
					};
					if found != expected {
						return Err(lie);
					}
					each(from, now);
					self.at = from + length as u64;
				}
			}
		}
		Ok(())
	}

	fn pair(&mut self, bytes: &[u8], expected: &Hash, left: bool, right: bool) -> Option<()> {
		let pair: &[u8; PAIR_BYTES] = bytes.try_into().ok()?;
		let (one, other) = pair.split_at(PAIR_BYTES / 2);
		let (one, other): (Hash, Hash) = (one.try_into().ok()?, other.try_into().ok()?);
		let found: Hash = if self.at_root {
			merge_subtrees_root(&one, &other, Mode::Hash).into()
		} else {
			merge_subtrees_non_root(&one, &other, Mode::Hash)
		};
		if found != *expected {
			return None;
		}
		self.at_root = false;
		if right {
			self.expected.push(other);
		}
		if left {
			self.expected.push(one);
		}
		Some(())
	}
}
