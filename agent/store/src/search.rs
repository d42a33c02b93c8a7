//! Finds the chains of a challenge among the fragments of its four sets.
//!
//! Some 68,000 hashes of 32 AES rounds each, whoever looks: a set of some 64 fragments for each of some 64 begun chains,
//! link after link. So eight are hashed at a time, with the processor's AES if it has one.

use crate::container::Four;
use aes::hazmat::{cipher_round_par, Block8};
use proof_of_space_primitives::{
	pos2::{self, Chains, Tables, LINKS, SETS},
	Hash, Plot,
};

/// Hashes of a search, at most: some 60 times what is usual, so that only fragments that are none reach it.
const MOST_HASHES: usize = 1 << 22;
/// Two rounds, one with each key, so many times.
const ROUND_PAIRS: usize = 16;
/// Hashes at a time.
const LANES: usize = 8;

/// Searches in one plot.
pub struct Search {
	tables: Tables,
	keys: [Block8; 2],
}

/// A chain that was begun.
struct Begun {
	at: usize,
	start: usize,
	last: u64,
	chain: [u64; LINKS],
}

impl Search {
	/// In this plot, whose parameters are possible.
	pub fn new(plot: &Plot) -> Option<Self> {
		let id: Hash = pos2::plot_id(plot);
		let (first, second) = id.split_at(16);
		Some(Self {
			tables: pos2::tables(plot).ok()?,
			keys: [first, second].map(|half| {
				let mut key = Block8::default();
				key.iter_mut().for_each(|lane| lane.copy_from_slice(half));
				key
			}),
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
		let mut hashes = 0;
		while let Some(Begun { at, start, last, chain }) = begun.pop() {
			let key = chains.key(at)?;
			let set = &sets[(start + at) % SETS];
			hashes += set.len();
			if hashes > MOST_HASHES {
				return None;
			}
			for fragments in set.chunks(LANES) {
				let made = self.hash(last ^ key, fragments);
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

	/// The links' hashes of up to eight fragments.
	fn hash(&self, mix: u64, fragments: &[u64]) -> [u64; LANES] {
		let mut lanes = Block8::default();
		for (lane, fragment) in lanes.iter_mut().zip(fragments) {
			lane[..8].copy_from_slice(&(fragment ^ mix).to_le_bytes());
		}
		for _ in 0..ROUND_PAIRS {
			cipher_round_par(&mut lanes, &self.keys[0]);
			cipher_round_par(&mut lanes, &self.keys[1]);
		}
		std::array::from_fn(|lane| {
			let bytes = lanes[lane].first_chunk::<8>().copied().unwrap_or_default();
			u64::from_le_bytes(bytes)
		})
	}

	/// Whether the validator's own code finds the same.
	fn is_chain(&self, chains: &Chains, chain: &[u64; LINKS]) -> bool {
		let link = |last, (at, fragment): (usize, &u64)| chains.link(&self.tables, at, last, *fragment);
		chain.iter().enumerate().try_fold(0, link).is_some()
	}
}
