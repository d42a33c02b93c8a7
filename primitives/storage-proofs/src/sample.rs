//! An opening as long as one likes, without the slot: for tests, and for benchmarks, whose slot would have to be made
//! first.

use crate::{
	opening::{root_of_parts, Opening},
	shape::{Contents, Shape},
	tree::{node, subtree, Descent},
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
	let (chunk, path) = parts(shape, index, seed)?;
	let root = root_of_parts(shape, index, &chunk, &path)?;
	Ok((Contents { root, bytes }, Opening::of(chunk, path)?))
}

/// The same of two chunks of one slot: what a challenge asks for.
///
/// # Errors
/// If no slot is so long, or it has no such chunk.
pub fn samples(bytes: u64, [one, other]: [u32; 2], seed: u64) -> Result<(Contents, [Opening; 2]), OpeningError> {
	let shape = Shape::of(bytes)?;
	let [ways, other_ways] = [one, other].map(|index| ways(shape, index));
	let Some(parted) = ways.iter().zip(&other_ways).position(|(way, other)| way != other) else {
		let (contents, opening) = sample(bytes, one, seed)?;
		return Ok((contents, [opening.clone(), opening]));
	};
	let (chunk, mut path) = parts(shape, one, seed)?;
	let (other_chunk, mut other_path) = parts(shape, other, !seed)?;
	let value = below(one, &chunk, &path, &ways, parted);
	let other_value = below(other, &other_chunk, &other_path, &other_ways, parted);
	// Where they part each has the other one beside it, and above that the same.
	set(&mut path, parted, other_value);
	set(&mut other_path, parted, value);
	for level in 0..parted {
		if let Some(shared) = path.iter().rev().nth(level) {
			set(&mut other_path, level, *shared);
		}
	}
	let root = root_of_parts(shape, one, &chunk, &path)?;
	let openings = [Opening::of(chunk, path)?, Opening::of(other_chunk, other_path)?];
	Ok((Contents { root, bytes }, openings))
}

/// A chunk and a path of their lengths.
fn parts(shape: Shape, index: u32, seed: u64) -> Result<(Vec<u8>, Vec<Hash>), OpeningError> {
	let piece = |number: u64| blake2_256(&[seed.to_le_bytes(), number.to_le_bytes()].concat());
	let chunk: Vec<u8> = (1_000u64..).flat_map(piece).take(shape.chunk_len(index)?).collect();
	let path: Vec<Hash> = (0u64..).map(piece).take(shape.path_len(index)?).collect();
	Ok((chunk, path))
}

/// At which nodes the way from the root to a chunk goes to the right.
fn ways(shape: Shape, index: u32) -> Vec<bool> {
	Descent::to(index, shape.chunks()).map(|turn| turn.right).collect()
}

/// The value of the node below which only this one of two ways goes on.
fn below(index: u32, chunk: &[u8], path: &[Hash], ways: &[bool], parted: usize) -> Hash {
	let levels = path.len().saturating_sub(parted).saturating_sub(1);
	let mut value = subtree(index, chunk);
	for (beside, right) in path.iter().zip(ways.iter().rev()).take(levels) {
		value = if *right {
			node(beside, &value)
		} else {
			node(&value, beside)
		};
	}
	value
}

/// Exchanges what lies beside the way at a level, counted from the root.
fn set(path: &mut [Hash], level: usize, value: Hash) {
	if let Some(beside) = path.iter_mut().rev().nth(level) {
		*beside = value;
	}
}
