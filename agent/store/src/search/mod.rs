//! Finds the chains of a challenge among the fragments of its four sets.
//!
//! Some 70,000 hashes of 32 AES rounds each, whoever looks: 64 chains that go on, on average, times a set of 64
//! fragments, at each of 16 links. Whether a chain goes on is known of its last hash alone, and that is the hash of a
//! number which no other chain has; so none can be left out, and nothing of one serves another. What can be saved is
//! time for each: as many at once as the processor has room for.

mod hash;
mod sieve;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use hash::Way;

use crate::container::Four;
use hash::Hasher;
use proof_of_space_primitives::{
	pos2::{self, Chains, Tables, LINKS, SETS},
	Plot,
};
use sieve::{Hit, Sieve, QUAD};

/// Hashes of a search, at most: some 60 times what is usual, so that only fragments that are none reach it.
const MOST_HASHES: usize = 1 << 22;

/// Searches in one plot.
pub struct Search {
	tables: Tables,
	hasher: Hasher,
}

/// A chain that was begun.
#[derive(Clone, Copy)]
struct Begun {
	last: u64,
	chain: [u64; LINKS],
}

/// What a search works with; all of it is small.
#[derive(Default)]
struct Work {
	mixes: Vec<u64>,
	hits: Vec<Hit>,
	begun: Vec<Begun>,
	going_on: Vec<Begun>,
}

impl Search {
	/// In this plot, if its parameters are possible; by the fastest way that the processor has.
	pub fn new(plot: &Plot) -> Option<Self> {
		Self::by(plot, Way::best())
	}

	/// The same by this way.
	pub fn by(plot: &Plot, way: Way) -> Option<Self> {
		Some(Self {
			tables: pos2::tables(plot).ok()?,
			hasher: Hasher::new(&pos2::plot_id(plot), way),
		})
	}

	/// All chains; none if the search takes too long, which those of a sound plot do not.
	pub fn chains(&self, chains: &Chains, sets: &Four) -> Option<Vec<[u64; LINKS]>> {
		let quads = sets.each_ref().map(|set| in_quads(set));
		let (mut found, mut work, mut hashes) = (Vec::new(), Work::default(), 0);
		for start in 0..SETS {
			work.begun.clear();
			work.begun.push(Begun {
				last: 0,
				chain: [0; LINKS],
			});
			for at in 0..LINKS {
				let set = (start + at) % SETS;
				hashes += work.begun.len() * sets[set].len();
				if hashes > MOST_HASHES {
					return None;
				}
				self.link(chains, at, &sets[set], &quads[set], &mut work)?;
			}
			let all = work.begun.iter().map(|begun| begun.chain);
			found.extend(all.filter(|chain| self.is_chain(chains, chain)));
		}
		Some(found)
	}

	/// All ways on from what was begun, by one more link.
	fn link(&self, chains: &Chains, at: usize, set: &[u64], quads: &[[u64; QUAD]], work: &mut Work) -> Option<()> {
		let Work {
			mixes,
			hits,
			begun,
			going_on,
		} = work;
		let key = chains.key(at)?;
		mixes.clear();
		mixes.extend(begun.iter().map(|begun| begun.last ^ key));
		hits.clear();
		let sieve = Sieve {
			mixes,
			quads,
			fragments: set.len(),
			low: low(chains, at),
		};
		self.hasher.sift(&sieve, hits);
		going_on.clear();
		for Hit { mix, fragment, hash } in hits.iter().filter(|hit| chains.goes_on(at, hit.hash)) {
			let mut next = *begun.get(*mix)?;
			next.last = *hash;
			*next.chain.get_mut(at)? = *set.get(*fragment)?;
			going_on.push(next);
		}
		std::mem::swap(begun, going_on);
		Some(())
	}

	/// Whether the validator's own code finds the same.
	fn is_chain(&self, chains: &Chains, chain: &[u64; LINKS]) -> bool {
		let link = |last, (at, fragment): (usize, &u64)| chains.link(&self.tables, at, last, *fragment);
		chain.iter().enumerate().try_fold(0, link).is_some()
	}
}

/// Ones where the hash of this link has to have zeros, as the validator says.
fn low(chains: &Chains, at: usize) -> u64 {
	let zeros = (0..u64::BITS).find(|zeros| chains.goes_on(at, 1 << zeros));
	zeros.map_or(0, |zeros| (1 << zeros) - 1)
}

fn in_quads(set: &[u64]) -> Vec<[u64; QUAD]> {
	let quad = |part: &[u64]| std::array::from_fn(|at| part.get(at).copied().unwrap_or(0));
	set.chunks(QUAD).map(quad).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_validator_says_how_many_zeros() {
		let plot = Plot {
			group: [7; 32],
			index: 0,
			meta: 0,
			k: 18,
			strength: 2,
		};
		let chains = pos2::chains(&plot, &[9; 32]).unwrap();
		let ones: Vec<u32> = (0..LINKS).map(|at| low(&chains, at).count_ones()).collect();
		assert_eq!(ones, [2, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 12]);
	}

	/// As many fragments as no set has make a search that would not end; it says so, and soon.
	#[test]
	fn a_search_has_a_bound() {
		let plot = Plot {
			group: [7; 32],
			index: 0,
			meta: 0,
			k: 18,
			strength: 2,
		};
		let chains = pos2::chains(&plot, &[9; 32]).unwrap();
		let set = |n: u64| (0..192).map(|i| n << 24 | i << 10).collect::<Vec<u64>>();
		for way in Way::all() {
			let search = Search::by(&plot, way).unwrap();
			assert_eq!(search.chains(&chains, &std::array::from_fn(|n| set(n as u64))), None);
			assert_eq!(search.chains(&chains, &Four::default()), Some(Vec::new()));
		}
	}
}
