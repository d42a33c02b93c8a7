//! The hash of a link: 32 AES rounds under two keys in turn. Many at a time, by the widest instructions that the
//! processor has.

use super::sieve::{Hit, Keys, Sieve, QUAD, ROUND_PAIRS};
use aes::hazmat::{cipher_round_par, Block8};
use proof_of_space_primitives::Hash;
use std::{
	fmt,
	sync::OnceLock,
	time::{Duration, Instant},
};

/// Blocks that one call of the portable cipher takes.
const LANES: usize = 8;
/// Quads that the portable way works on at once: two calls take turns, so that neither waits for its own last round.
const PORTABLE: usize = 4;
/// What a way is measured with: so many numbers, and as many quads; so many times, for others may come between.
const MIXES: usize = 16;
const TRIES: usize = 8;

/// Hashes under a plot's id.
pub(super) struct Hasher {
	keys: Keys,
	way: Way,
}

/// By which instructions fragments are hashed. All ways give the same.
#[derive(Clone, Copy)]
pub struct Way(Kind);

#[derive(Clone, Copy)]
enum Kind {
	/// Whatever the crate `aes` has: those of ARM, those of x86 one after the other, or none.
	Portable,
	/// AES on registers of 128, 256 or 512 bits.
	#[cfg(target_arch = "x86_64")]
	X86(super::x86::Token),
}

impl fmt::Debug for Way {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self.0 {
			Kind::Portable => f.write_str("portable code"),
			#[cfg(target_arch = "x86_64")]
			Kind::X86(token) => write!(f, "AES of {} bits", token.bits()),
		}
	}
}

impl Way {
	/// The one that any processor has.
	pub const PORTABLE: Self = Self(Kind::Portable);

	/// All that work here, the widest last.
	pub fn all() -> Vec<Self> {
		let mut ways = vec![Self::PORTABLE];
		#[cfg(target_arch = "x86_64")]
		ways.extend(super::x86::Token::all().into_iter().map(|token| Self(Kind::X86(token))));
		ways
	}
}

impl Way {
	/// The fastest here, which is not always the widest: measured once, in less than a millisecond.
	pub fn best() -> Self {
		static BEST: OnceLock<Way> = OnceLock::new();
		let fastest = || Self::all().into_iter().min_by_key(|way| way.takes());
		*BEST.get_or_init(|| fastest().unwrap_or(Self::PORTABLE))
	}

	/// How long a thousand hashes take, at best.
	fn takes(self) -> Duration {
		let hasher = Hasher::new(&Hash::default(), self);
		let sieve = Sieve {
			mixes: &[1; MIXES],
			quads: &[[2; QUAD]; MIXES],
			fragments: MIXES * QUAD,
			// None stays.
			low: u64::MAX,
		};
		let one = |_| {
			let start = Instant::now();
			hasher.sift(&sieve, &mut Vec::new());
			start.elapsed()
		};
		(0..TRIES).map(one).min().unwrap_or(Duration::MAX)
	}
}

impl Hasher {
	/// Under the id of a plot.
	pub fn new(id: &Hash, way: Way) -> Self {
		let (first, second) = id.split_at(16);
		Self {
			keys: [first, second].map(|half| half.try_into().unwrap_or_default()),
			way,
		}
	}

	/// The hashes that stay, in the order of mixes and fragments.
	pub fn sift(&self, sieve: &Sieve<'_>, hits: &mut Vec<Hit>) {
		match self.way.0 {
			Kind::Portable => portable(&self.keys, sieve, hits),
			#[cfg(target_arch = "x86_64")]
			Kind::X86(token) => token.sift(&self.keys, sieve, hits),
		}
	}
}

fn portable(keys: &Keys, sieve: &Sieve<'_>, hits: &mut Vec<Hit>) {
	let keys = keys.map(|key| Block8::from([key.into(); LANES]));
	let mut walk = sieve.walk();
	for first in (0..sieve.pairs()).step_by(PORTABLE) {
		let mut blocks = <[Block8; PORTABLE * QUAD / LANES]>::default();
		for blocks in blocks.iter_mut().flat_map(|blocks| blocks.chunks_mut(QUAD)) {
			let (mix, quad) = walk.step();
			for (block, fragment) in blocks.iter_mut().zip(quad) {
				*block = u128::from(fragment ^ mix).to_le_bytes().into();
			}
		}
		for _ in 0..ROUND_PAIRS {
			for key in &keys {
				blocks.iter_mut().for_each(|blocks| cipher_round_par(blocks, key));
			}
		}
		let all = blocks.iter().flatten();
		for (at, block) in all.enumerate() {
			let hash = u64::from_le_bytes(block.first_chunk::<8>().copied().unwrap_or_default());
			sieve.keep(first + at / QUAD, at % QUAD, hash, hits);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proof_of_space_primitives::{pos2, Plot};

	fn number(of: u64) -> u64 {
		of.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
	}

	/// Each way, against the validator's own hash: any number of mixes and fragments, many hashes that stay and few.
	#[test]
	fn all_ways_hash_as_the_validator() {
		let plot = Plot {
			group: [7; 32],
			index: 1,
			meta: 0,
			k: 18,
			strength: 2,
		};
		let (tables, chains) = (pos2::tables(&plot).unwrap(), pos2::chains(&plot, &[9; 32]).unwrap());
		let key = chains.key(3).unwrap();
		for way in Way::all() {
			let hasher = Hasher::new(&pos2::plot_id(&plot), way);
			for (mixes, fragments, low) in (0..4).flat_map(|mixes| (0..70).map(move |n| (mixes, n, n % 4))) {
				let lasts: Vec<u64> = (0..mixes).map(number).collect();
				let numbers: Vec<u64> = (100..100 + fragments).map(number).collect();
				let mut quads = vec![[0; QUAD]; numbers.len().div_ceil(QUAD)];
				quads
					.as_flattened_mut()
					.iter_mut()
					.zip(&numbers)
					.for_each(|(at, n)| *at = *n);
				let sieve = Sieve {
					mixes: &lasts.iter().map(|last| last ^ key).collect::<Vec<_>>(),
					quads: &quads,
					fragments: numbers.len(),
					low,
				};
				let mut expected = Vec::new();
				for (mix, last) in lasts.iter().enumerate() {
					for (fragment, number) in numbers.iter().enumerate() {
						let hash = chains.hash(&tables, 3, *last, *number).unwrap();
						if hash & low == 0 {
							expected.push(Hit { mix, fragment, hash });
						}
					}
				}
				let mut hits = Vec::new();
				hasher.sift(&sieve, &mut hits);
				assert_eq!(hits, expected, "{way:?}, {mixes} mixes, {fragments} fragments");
			}
		}
	}

	/// A processor that has nothing else takes the portable way; one that has more takes another.
	#[test]
	fn the_best_way_is_the_fastest() {
		assert!(matches!(Way::all()[0].0, Kind::Portable));
		let portable = matches!(Way::best().0, Kind::Portable);
		assert_eq!(portable, Way::all().len() == 1);
	}
}
