//! Chains of fragments: what a challenge asks for. It names four sets of some 64 fragments each. A chain takes one of
//! each in turn, 16 in all; each link's hash has to end with zeros. A plot has one chain for a challenge on average.

use super::{blake3, tables::Tables, words};
use crate::{Hash, Plot};
use core::ops::Range;

/// Links of a chain.
pub const LINKS: usize = 16;
/// Sets that a challenge names.
pub const SETS: usize = 4;
/// A set has `2^SET_BITS` fragments on average. As many zeros leave one of them for the next link.
const SET_BITS: u32 = 6;
/// Zeros of the first link's hash: all four sets may begin a chain.
const FIRST_ZEROS: u32 = 2;
/// Zeros of the last one's.
const LAST_ZEROS: u32 = 2 * SET_BITS;
/// What the rest of the last hash has to be below. Sets differ in size, so that a plot would have 1.44 chains for a
/// challenge and not one: `2^52 * 2^72 / (64^3 + 6 * 64^2 + 7 * 64 + 1)^4`, which the scheme has rounded up.
const LAST_BELOW: u64 = 3_127_297_797_138_110;

/// The chains that a challenge asks of a plot.
#[derive(Clone, Debug)]
pub struct Chains {
	k: u32,
	sets: [u64; SETS],
	keys: [u64; LINKS],
}

impl Chains {
	/// Those of a plot with these tables.
	pub(super) fn of(plot: &Plot, tables: &Tables, challenge: &Hash) -> Self {
		let challenge = words(challenge);
		let k = u32::from(plot.k);
		// Each set has a number of its own modulo 4. All plots of a group have the same sets.
		let high = (1 << (k - SET_BITS)) - SETS as u32;
		let chosen = blake3::hash(&words(&plot.group), &challenge);
		let sets = core::array::from_fn(|i| u64::from(chosen[i] & high) | i as u64);
		let mut keys = [0; LINKS];
		let mut last = challenge;
		for part in keys.chunks_exact_mut(4) {
			last = blake3::hash(tables.id(), &last);
			let [a, b, c, d, e, f, g, h] = last.map(u64::from);
			part.copy_from_slice(&[b << 32 | a, d << 32 | c, f << 32 | e, h << 32 | g]);
		}
		Self { k, sets, keys }
	}

	/// Which of the four sets a fragment is of, if any.
	pub fn set_of(&self, fragment: u64) -> Option<usize> {
		let set = fragment >> (self.k + SET_BITS);
		self.sets.iter().position(|named| *named == set)
	}

	/// The fragments of one of the four sets: those from the first of the two numbers to the one before the second.
	pub fn fragments_of(&self, set: usize) -> Option<Range<u64>> {
		let (set, bits) = (self.sets.get(set)?, self.k + SET_BITS);
		Some(set << bits..(set + 1) << bits)
	}

	/// The hash of a chain with one more fragment, if it goes on: the `at`-th link, from 0, after one of hash `last`,
	/// which is 0 for the first. The sets are the caller's to check.
	#[inline]
	pub fn link(&self, tables: &Tables, at: usize, last: u64, fragment: u64) -> Option<u64> {
		let hash = self.hash(tables, at, last, fragment)?;
		self.goes_on(at, hash).then_some(hash)
	}

	/// Whether a chain goes on whose `at`-th link, from 0, has this hash.
	#[inline]
	pub fn goes_on(&self, at: usize, hash: u64) -> bool {
		let zeros = match at {
			0 => FIRST_ZEROS,
			_ if at == LINKS - 1 => LAST_ZEROS,
			_ => SET_BITS,
		};
		let ends = hash.trailing_zeros() >= zeros;
		let lasts = at < LINKS - 1 || hash >> LAST_ZEROS < LAST_BELOW;
		ends && lasts
	}

	/// What the `at`-th link's fragment and the hash before are mixed with, for who hashes many at once.
	#[inline]
	pub fn key(&self, at: usize) -> Option<u64> {
		self.keys.get(at).copied()
	}

	/// The numbers of the four sets.
	pub fn sets(&self) -> &[u64; SETS] {
		&self.sets
	}

	/// The same hash, whether the chain goes on or not. There are no more links than [`LINKS`].
	#[inline]
	pub fn hash(&self, tables: &Tables, at: usize, last: u64, fragment: u64) -> Option<u64> {
		Some(tables.link(last ^ fragment ^ self.keys.get(at)?))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// With `n` fragments in a set, `n` drawn by Poisson's law around 64, four links have `E[n^4]` ways through it: the
	/// sum of `S(4, j) * 64^j` by Stirling's numbers 1, 7, 6, 1.
	#[test]
	fn the_last_link_takes_away_what_uneven_sets_add() {
		let ways: u128 = 64 + 7 * 64u128.pow(2) + 6 * 64u128.pow(3) + 64u128.pow(4);
		let excess = ways / 64;
		assert_eq!(u128::from(LAST_BELOW), (1 << 124) / excess.pow(4) + 1);
	}
}
