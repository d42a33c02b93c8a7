//! Finds the chains of a challenge among the fragments of its four sets.
//!
//! Some 70,000 hashes of 32 AES rounds each, whoever looks: a set of some 64 fragments for each of some 64 begun
//! chains, link after link. So many are hashed at a time, with the processor's AES if it has one.

mod hash;
#[cfg(target_arch = "x86_64")]
mod x86;

use crate::container::Four;
use hash::{Hasher, Way};
use proof_of_space_primitives::{
	pos2::{self, Chains, Tables, LINKS, SETS},
	Plot,
};
use std::sync::OnceLock;

/// Hashes of a search, at most: some 60 times what is usual, so that only fragments that are none reach it.
const MOST_HASHES: usize = 1 << 22;
/// Hashes at a time.
const BATCH: usize = 32;
/// Rounds of a hash: two, one with each key, so many times.
const ROUND_PAIRS: usize = 16;

/// Searches in one plot.
pub struct Search {
	tables: Tables,
	hasher: Hasher,
}

/// A chain that was begun.
struct Begun {
	at: usize,
	start: usize,
	last: u64,
	chain: [u64; LINKS],
}

impl Search {
	/// In this plot, if its parameters are possible.
	pub fn new(plot: &Plot) -> Option<Self> {
		static BEST: OnceLock<Way> = OnceLock::new();
		let best = *BEST.get_or_init(|| Way::all().pop().unwrap_or(Way::Portable));
		Some(Self {
			tables: pos2::tables(plot).ok()?,
			hasher: Hasher::new(&pos2::plot_id(plot), best),
		})
	}

	/// All chains; none if the search takes too long, which those of a sound plot do not.
	pub fn chains(&self, chains: &Chains, sets: &Four) -> Option<Vec<[u64; LINKS]>> {
		let mut found = Vec::new();
		let mut begun: Vec<Begun> = (0..SETS)
			.map(|start| Begun {
				at: 0,
				start,
				last: 0,
				chain: [0; LINKS],
			})
			.collect();
		let (mut hashes, mut made) = (0, [0; BATCH]);
		while let Some(Begun { at, start, last, chain }) = begun.pop() {
			let mix = last ^ chains.key(at)?;
			let set = (start + at) % SETS;
			hashes += sets[set].len();
			if hashes > MOST_HASHES {
				return None;
			}
			for fragments in sets[set].chunks(BATCH) {
				self.hasher.hash(mix, fragments, &mut made);
				for (fragment, hash) in fragments.iter().zip(made) {
					if !chains.goes_on(at, hash) {
						continue;
					}
					let mut chain = chain;
					chain[at] = *fragment;
					if at + 1 < LINKS {
						begun.push(Begun {
							at: at + 1,
							start,
							last: hash,
							chain,
						});
					} else if self.is_chain(chains, &chain) {
						found.push(chain);
					}
				}
			}
		}
		Some(found)
	}

	/// Whether the validator's own code finds the same.
	fn is_chain(&self, chains: &Chains, chain: &[u64; LINKS]) -> bool {
		let link = |last, (at, fragment): (usize, &u64)| chains.link(&self.tables, at, last, *fragment);
		chain.iter().enumerate().try_fold(0, link).is_some()
	}
}
