//! Finds the chains of a challenge among the fragments of its four sets.
//!
//! Some 70,000 hashes of 32 AES rounds each, whoever looks: a set of some 64 fragments for each of some 64 begun
//! chains, link after link. So sixteen are hashed at a time, with the processor's AES if it has one.

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
/// Hashes of one call of the cipher.
const LANES: usize = 8;
/// Hashes at a time: two calls take turns, so that neither waits for its own last round.
const BATCH: usize = 2 * LANES;

/// A fragment, or what it is mixed with, as the cipher's block has it: low bytes first, then zeros.
type Block = [u8; 16];

fn block(number: u64) -> Block {
	u128::from(number).to_le_bytes()
}

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
		let blocks: [Vec<Block>; SETS] = std::array::from_fn(|set| sets[set].iter().map(|f| block(*f)).collect());
		let (mut hashes, mut made) = (0, [0; BATCH]);
		while let Some(Begun { at, start, last, chain }) = begun.pop() {
			let mix = block(last ^ chains.key(at)?);
			let set = (start + at) % SETS;
			hashes += sets[set].len();
			if hashes > MOST_HASHES {
				return None;
			}
			for (blocks, fragments) in blocks[set].chunks(BATCH).zip(sets[set].chunks(BATCH)) {
				self.hash(&mix, blocks, &mut made);
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

	/// The links' hashes of up to so many fragments.
	fn hash(&self, mix: &Block, fragments: &[Block], made: &mut [u64; BATCH]) {
		let mut lanes = <[Block8; 2]>::default();
		for (lane, fragment) in lanes.iter_mut().flatten().zip(fragments) {
			*lane = std::array::from_fn(|i| fragment[i] ^ mix[i]).into();
		}
		let [first, second] = &mut lanes;
		let both = fragments.len() > LANES;
		for _ in 0..ROUND_PAIRS {
			for key in &self.keys {
				cipher_round_par(first, key);
				if both {
					cipher_round_par(second, key);
				}
			}
		}
		for (made, lane) in made.iter_mut().zip(lanes.iter().flatten()) {
			*made = u64::from_le_bytes(lane.first_chunk::<8>().copied().unwrap_or_default());
		}
	}

	/// Whether the validator's own code finds the same.
	fn is_chain(&self, chains: &Chains, chain: &[u64; LINKS]) -> bool {
		let link = |last, (at, fragment): (usize, &u64)| chains.link(&self.tables, at, last, *fragment);
		chain.iter().enumerate().try_fold(0, link).is_some()
	}
}
