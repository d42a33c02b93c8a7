//! What a slot holds, and what follows from its length alone.

use crate::{
	tree::{Descent, CHUNK_BYTES},
	Hash, OpeningError,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Chunks of a group: what a holder reads at once, and below which its outboard has no hashes.
pub const GROUP_CHUNKS: u32 = 16;

/// Bytes of a group.
pub const GROUP_BYTES: u32 = GROUP_CHUNKS * CHUNK_BYTES;

/// The most hashes between a chunk and its root.
pub const MAX_PATH: u32 = 26;

/// The most bytes that a slot has: 64 GiB.
pub const MAX_BYTES: u64 = (CHUNK_BYTES as u64) << MAX_PATH;

/// What a slot of a deal is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Contents {
	/// The BLAKE3 hash of all of it.
	pub root: Hash,
	/// How many bytes.
	pub bytes: u64,
}

impl Contents {
	/// The shape of its tree.
	///
	/// # Errors
	/// If no slot is so long.
	pub fn shape(&self) -> Result<Shape, OpeningError> {
		Shape::of(self.bytes)
	}
}

/// The shape of a slot's tree: how many chunks, how long each, and how far from the root. The default is that of an
/// empty slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape(u64);

impl Shape {
	/// Of a slot of so many bytes.
	///
	/// # Errors
	/// If these are more than [`MAX_BYTES`].
	pub fn of(bytes: u64) -> Result<Self, OpeningError> {
		if bytes > MAX_BYTES {
			return Err(OpeningError::TooLong(bytes));
		}
		Ok(Self(bytes))
	}

	/// Its bytes.
	pub fn bytes(self) -> u64 {
		self.0
	}

	/// How many chunks it has. An empty slot has one, which is empty.
	pub fn chunks(self) -> u32 {
		count(self.0, CHUNK_BYTES)
	}

	/// How many groups it has, the last one as short as it may be.
	pub fn groups(self) -> u32 {
		count(self.0, GROUP_BYTES)
	}

	/// The number of its last chunk. Whoever opens it shows how long the slot is.
	pub fn last(self) -> u32 {
		self.chunks().saturating_sub(1)
	}

	/// How many bytes a chunk has.
	///
	/// # Errors
	/// If there is no such chunk.
	pub fn chunk_len(self, index: u32) -> Result<usize, OpeningError> {
		let chunks = self.chunks();
		if index >= chunks {
			return Err(OpeningError::NoSuchChunk { index, chunks });
		}
		let before = u64::from(index).saturating_mul(CHUNK_BYTES.into());
		let left = self.0.saturating_sub(before).min(CHUNK_BYTES.into());
		Ok(usize::try_from(left).unwrap_or(0))
	}

	/// How many bytes of the slot lie in a group; 0 if there is no such group.
	pub fn group_len(self, group: u32) -> usize {
		let before = u64::from(group).saturating_mul(GROUP_BYTES.into());
		let left = self.0.saturating_sub(before).min(GROUP_BYTES.into());
		usize::try_from(left).unwrap_or(0)
	}

	/// How many hashes lead from a chunk to the root.
	///
	/// # Errors
	/// If there is no such chunk.
	pub fn path_len(self, index: u32) -> Result<usize, OpeningError> {
		self.chunk_len(index)?;
		Ok(Descent::to(index, self.chunks()).count())
	}

	/// How many hashes lead from the farthest of its chunks, which is the first one, to the root.
	pub fn depth(self) -> usize {
		Descent::to(0, self.chunks()).count()
	}
}

/// How many parts of a length there are, one at least.
fn count(bytes: u64, part: u32) -> u32 {
	u32::try_from(bytes.div_ceil(u64::from(part.max(1))))
		.unwrap_or(u32::MAX)
		.max(1)
}
