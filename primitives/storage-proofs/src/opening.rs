//! Openings: a chunk, and the hashes that lead from it to the root.

use crate::{
	shape::{Contents, Shape, MAX_PATH},
	tree::{node, root, subtree, whole, Descent, CHUNK_BYTES},
	Hash, OpeningError,
};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The bytes of a chunk.
pub type Chunk = BoundedVec<u8, ConstU32<CHUNK_BYTES>>;

/// The hashes beside the way from a chunk to its root, from the chunk up.
pub type Path = BoundedVec<Hash, ConstU32<MAX_PATH>>;

/// How often BLAKE3's compression runs at most while an opening is verified: 16 blocks of a chunk, and each node.
pub const MAX_COMPRESSIONS: u32 = CHUNK_BYTES / 64 + MAX_PATH;

/// A chunk of a slot, and what shows that it is of its root. Which chunk, and how long the slot is, it does not say:
/// both are known to whoever asked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Opening {
	/// The first version.
	#[codec(index = 1)]
	V1 {
		/// The chunk.
		chunk: Chunk,
		/// The hashes beside its way, from the chunk up.
		path: Path,
	},
}

impl Opening {
	/// Of these bytes and hashes.
	///
	/// # Errors
	/// If either is longer than that of any slot.
	pub fn of(chunk: Vec<u8>, path: Vec<Hash>) -> Result<Self, OpeningError> {
		let (bytes, hashes) = (chunk.len(), path.len());
		let chunk = Chunk::try_from(chunk).map_err(|_| OpeningError::WrongLength {
			found: bytes,
			expected: CHUNK_BYTES as usize,
		})?;
		let path = Path::try_from(path).map_err(|_| OpeningError::BadPath {
			found: hashes,
			expected: MAX_PATH as usize,
		})?;
		Ok(Self::V1 { chunk, path })
	}

	/// The bytes of the chunk, as far as they are those of a slot.
	pub fn chunk(&self) -> &[u8] {
		let Self::V1 { chunk, .. } = self;
		chunk
	}

	/// The hashes beside its way, from the chunk up.
	pub fn path(&self) -> &[Hash] {
		let Self::V1 { path, .. } = self;
		path
	}

	/// Whether it may be of chunk `index` of a slot of this shape, by its lengths. No hash is made.
	///
	/// # Errors
	/// If the slot has no such chunk, or chunk or path has another length.
	pub fn fits(&self, shape: Shape, index: u32) -> Result<(), OpeningError> {
		check_lengths(shape, index, self.chunk(), self.path()).map(|_| ())
	}

	/// Whether it shows chunk `index` of a slot. Nothing is allocated, and [`MAX_COMPRESSIONS`] bound the work.
	///
	/// # Errors
	/// If it does not.
	pub fn verify(&self, contents: &Contents, index: u32) -> Result<(), OpeningError> {
		let (chunk, path) = (self.chunk(), self.path());
		let rights = check_lengths(contents.shape()?, index, chunk, path)?;
		if root_by(index, chunk, path, rights) != contents.root {
			return Err(OpeningError::RootMismatch);
		}
		Ok(())
	}

	/// How many bytes the encoding of an opening of a slot has at most.
	pub fn encoded_len(shape: Shape) -> usize {
		let chunk = usize::try_from(shape.bytes().min(CHUNK_BYTES.into())).unwrap_or(0);
		// The version, and the lengths of both: that of a chunk in two bytes at most, that of a path in one.
		shape.depth().saturating_mul(32).saturating_add(chunk).saturating_add(4)
	}
}

/// At which nodes the way up comes from the right, from the lowest bit on: the chunk's own parent is the lowest.
fn check_lengths(shape: Shape, index: u32, chunk: &[u8], path: &[Hash]) -> Result<u32, OpeningError> {
	let expected = shape.chunk_len(index)?;
	if chunk.len() != expected {
		return Err(OpeningError::WrongLength {
			found: chunk.len(),
			expected,
		});
	}
	let (mut rights, mut depth) = (0u32, 0usize);
	for turn in Descent::to(index, shape.chunks()) {
		rights = (rights << 1) | u32::from(turn.right);
		depth = depth.saturating_add(1);
	}
	if path.len() != depth {
		return Err(OpeningError::BadPath {
			found: path.len(),
			expected: depth,
		});
	}
	Ok(rights)
}

/// The root that chunk and path lead to. Lengths are checked: a chunk that has a path is not empty.
fn root_by(index: u32, chunk: &[u8], path: &[Hash], rights: u32) -> Hash {
	let Some((top, below)) = path.split_last() else {
		return whole(chunk);
	};
	let (mut value, mut rights) = (subtree(index, chunk), rights);
	for beside in below {
		value = if rights & 1 == 1 {
			node(beside, &value)
		} else {
			node(&value, beside)
		};
		rights >>= 1;
	}
	if rights & 1 == 1 {
		root(top, &value)
	} else {
		root(&value, top)
	}
}

/// The root that an opening of these parts leads to, whatever slot that is of.
#[cfg(feature = "testing")]
pub(crate) fn root_of_parts(shape: Shape, index: u32, chunk: &[u8], path: &[Hash]) -> Result<Hash, OpeningError> {
	let rights = check_lengths(shape, index, chunk, path)?;
	Ok(root_by(index, chunk, path, rights))
}
