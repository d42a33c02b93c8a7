//! Root, outboard and openings of a slot that passes by once.

use crate::{
	opening::Opening,
	shape::{Contents, Shape, GROUP_BYTES, GROUP_CHUNKS},
	tree::{node, root, subtree, whole, within},
	Hash, OpeningError,
};
use alloc::vec::Vec;
use core::{fmt, mem};

/// How many chunks can be opened while a slot passes by.
pub const MAX_PICKED: usize = 64;

/// Takes a slot piece by piece, of any lengths, and makes its root, its outboard, and openings of some chunks. It keeps
/// a group, a hash for each bit of the number of groups, and what is opened: some 40 KiB, and 2 KiB for each chunk
/// picked, however long the slot is.
#[derive(Clone, Debug)]
pub struct Streamed {
	shape: Shape,
	/// Bytes that have come.
	taken: u64,
	/// Groups that are hashed.
	groups: u32,
	/// The group that is not whole yet.
	begun: Vec<u8>,
	/// Subtrees that are whole and have no parent yet, from the left.
	subtrees: Vec<Subtree>,
	picked: Vec<Picked>,
}

/// A subtree over whole groups.
#[derive(Clone, Debug)]
struct Subtree {
	value: Hash,
	first: u32,
	groups: u32,
}

/// A chunk that is opened, as far as it has come.
#[derive(Clone, Debug)]
struct Picked {
	index: u32,
	chunk: Vec<u8>,
	path: Vec<Hash>,
}

impl Streamed {
	/// Of a slot of so many bytes, of which these chunks are opened.
	///
	/// # Errors
	/// If no slot is so long, it has no such chunk, or more than [`MAX_PICKED`] are picked.
	pub fn new(bytes: u64, picked: &[u32]) -> Result<Self, StreamError> {
		let shape = Shape::of(bytes).map_err(StreamError::Refused)?;
		if picked.len() > MAX_PICKED {
			return Err(StreamError::TooManyPicked(picked.len()));
		}
		for index in picked {
			shape.chunk_len(*index).map_err(StreamError::Refused)?;
		}
		let picked = picked.iter().map(|index| Picked {
			index: *index,
			chunk: Vec::new(),
			path: Vec::new(),
		});
		Ok(Self {
			shape,
			taken: 0,
			groups: 0,
			begun: Vec::new(),
			subtrees: Vec::new(),
			picked: picked.collect(),
		})
	}

	/// How many bytes have come.
	pub fn taken(&self) -> u64 {
		self.taken
	}

	/// Takes what comes next. What of the outboard is known then is put behind what is in `outboard`: 64 bytes for each
	/// group. Write it where it belongs and clear it, or keep it.
	///
	/// # Errors
	/// If these are more bytes than the slot has; nothing has changed then.
	pub fn push(&mut self, bytes: &[u8], outboard: &mut Vec<u8>) -> Result<(), StreamError> {
		let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
		let taken = self.taken.saturating_add(length);
		if taken > self.shape.bytes() {
			return Err(StreamError::TooMuch {
				bytes: self.shape.bytes(),
			});
		}
		self.taken = taken;
		let whole_group = GROUP_BYTES as usize;
		let mut rest = bytes;
		while !rest.is_empty() {
			let space = whole_group.saturating_sub(self.begun.len()).min(rest.len());
			let (piece, after) = rest.split_at(space);
			rest = after;
			if piece.len() == whole_group {
				self.group(piece, outboard);
				continue;
			}
			self.begun.extend_from_slice(piece);
			if self.begun.len() == whole_group {
				let mut group = mem::take(&mut self.begun);
				self.group(&group, outboard);
				group.clear();
				self.begun = group;
			}
		}
		Ok(())
	}

	/// The slot has come wholly: what it holds, and the openings of the chunks that were picked, in their order. What
	/// is left of the outboard is put behind what is in `outboard`.
	///
	/// # Errors
	/// If it has not.
	pub fn finish(mut self, outboard: &mut Vec<u8>) -> Result<(Contents, Vec<Opening>), StreamError> {
		let bytes = self.shape.bytes();
		let unfinished = StreamError::TooLittle {
			taken: self.taken,
			bytes,
		};
		if self.taken != bytes {
			return Err(unfinished);
		}
		// The last group of a slot is whole, or it is begun, also if there is nothing in it.
		if self.groups < self.shape.groups() {
			let group = mem::take(&mut self.begun);
			self.group(&group, outboard);
		}
		let root = self.subtrees.first().ok_or(unfinished)?.value;
		let openings = self
			.picked
			.into_iter()
			.map(|picked| Opening::of(picked.chunk, picked.path))
			.collect::<Result<Vec<_>, _>>()
			.map_err(StreamError::Refused)?;
		Ok((Contents { root, bytes }, openings))
	}

	/// The next group is there.
	fn group(&mut self, bytes: &[u8], outboard: &mut Vec<u8>) {
		let number = self.groups;
		let first = number.saturating_mul(GROUP_CHUNKS);
		for picked in &mut self.picked {
			if picked.index.checked_div(GROUP_CHUNKS) == Some(number) {
				(picked.chunk, picked.path) = within(bytes, first, picked.index).unwrap_or_default();
			}
		}
		let value = if self.shape.groups() == 1 {
			whole(bytes)
		} else {
			subtree(first, bytes)
		};
		self.subtrees.push(Subtree {
			value,
			first: number,
			groups: 1,
		});
		self.groups = number.saturating_add(1);
		self.join(outboard);
	}

	/// Puts subtrees together as far as they have a parent: two of one size, and at the end whatever is there.
	fn join(&mut self, outboard: &mut Vec<u8>) {
		let ended = self.groups == self.shape.groups();
		while let [.., left, right] = self.subtrees.as_slice() {
			if left.groups != right.groups && !ended {
				break;
			}
			let is_root = ended && self.subtrees.len() == 2;
			outboard.extend_from_slice(&left.value);
			outboard.extend_from_slice(&right.value);
			for picked in &mut self.picked {
				let group = picked.index.checked_div(GROUP_CHUNKS).unwrap_or(0);
				if left.has(group) {
					picked.path.push(right.value);
				} else if right.has(group) {
					picked.path.push(left.value);
				}
			}
			let parent = Subtree {
				value: if is_root {
					root(&left.value, &right.value)
				} else {
					node(&left.value, &right.value)
				},
				first: left.first,
				groups: left.groups.saturating_add(right.groups),
			};
			let left_over = self.subtrees.len().saturating_sub(2);
			self.subtrees.truncate(left_over);
			self.subtrees.push(parent);
		}
	}
}

impl Subtree {
	fn has(&self, group: u32) -> bool {
		group.checked_sub(self.first).is_some_and(|place| place < self.groups)
	}
}

/// Why a slot that passes by gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamError {
	/// There is no such slot or chunk.
	Refused(
		/// Why.
		OpeningError,
	),
	/// More chunks are to be opened than can be.
	TooManyPicked(
		/// So many.
		usize,
	),
	/// More bytes came than the slot has.
	TooMuch {
		/// Bytes of the slot.
		bytes: u64,
	},
	/// It ended before all bytes had come.
	TooLittle {
		/// Bytes that came.
		taken: u64,
		/// Bytes of the slot.
		bytes: u64,
	},
}

impl fmt::Display for StreamError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Refused(why) => fmt::Display::fmt(why, f),
			Self::TooManyPicked(count) => {
				write!(
					f,
					"{count} chunks are to be opened at once; pick {MAX_PICKED} at most, and read again for others"
				)
			}
			Self::TooMuch { bytes } => {
				write!(
					f,
					"more came than the {bytes} bytes of the slot; look whether it is the right one"
				)
			}
			Self::TooLittle { taken, bytes } => write!(
				f,
				"{taken} of {bytes} bytes have come; go on where it stopped, or begin anew with the right length"
			),
		}
	}
}

impl core::error::Error for StreamError {}
