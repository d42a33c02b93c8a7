//! Why an opening is refused.

use core::fmt;

/// Why an opening is refused. All but the last are found without a single hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpeningError {
	/// No slot has so many bytes.
	TooLong(
		/// How many.
		u64,
	),
	/// The slot has no chunk of this number.
	NoSuchChunk {
		/// The number that was named.
		index: u32,
		/// How many the slot has, counted from 0.
		chunks: u32,
	},
	/// This chunk has another length.
	WrongLength {
		/// Bytes that were shown.
		found: usize,
		/// Bytes that it has.
		expected: usize,
	},
	/// The path of this chunk has another length.
	BadPath {
		/// Hashes that were shown.
		found: usize,
		/// Hashes between the chunk and the root.
		expected: usize,
	},
	/// Chunk and path lead to another root.
	RootMismatch,
}

impl fmt::Display for OpeningError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::TooLong(bytes) => write!(
				f,
				"{bytes} bytes are more than a slot has; cut what is stored into slots of 64 GiB at most"
			),
			Self::NoSuchChunk { index, chunks } => write!(
				f,
				"the slot has {chunks} chunks, and none of number {index}; open one that was asked for, from 0 on"
			),
			Self::WrongLength { found, expected } => write!(
				f,
				"the chunk has {expected} bytes and not {found}; show all of it and nothing else, by the slot's length"
			),
			Self::BadPath { found, expected } => write!(
				f,
				"{expected} hashes lead from this chunk to the root, and not {found}; open it by the slot's own length"
			),
			Self::RootMismatch => f.write_str(
				"chunk and path lead to another root; look whether the right slot and chunk were opened, and rebuild \
				 the group of this chunk from other slots if the disk has lost it",
			),
		}
	}
}

impl core::error::Error for OpeningError {}
