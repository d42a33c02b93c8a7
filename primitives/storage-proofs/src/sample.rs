//! An opening as long as one likes, without the slot: for tests, and for benchmarks, whose slot would have to be made
//! first.

use crate::{
	opening::{root_of_parts, Opening},
	shape::{Contents, Shape},
	Hash, OpeningError,
};
use alloc::vec::Vec;
use sp_crypto_hashing::blake2_256;

/// An opening of chunk `index` of a slot of so many bytes, and the contents that it is of. To verify it takes as long
/// as that of a real slot; what else is in the slot nobody knows. Of another `seed` all bytes are others.
///
/// # Errors
/// If no slot is so long, or it has no such chunk.
pub fn sample(bytes: u64, index: u32, seed: u64) -> Result<(Contents, Opening), OpeningError> {
	let shape = Shape::of(bytes)?;
	let piece = |number: u64| blake2_256(&[seed.to_le_bytes(), number.to_le_bytes()].concat());
	let chunk: Vec<u8> = (1_000u64..).flat_map(piece).take(shape.chunk_len(index)?).collect();
	let path: Vec<Hash> = (0u64..).map(piece).take(shape.path_len(index)?).collect();
	let root = root_of_parts(shape, index, &chunk, &path)?;
	Ok((Contents { root, bytes }, Opening::of(chunk, path)?))
}
