//! The hash of a link: 32 AES rounds under two keys in turn. Many at a time, by the widest instructions that the
//! processor has.

use super::{BATCH, ROUND_PAIRS};
use aes::hazmat::{cipher_round_par, Block8};
use proof_of_space_primitives::Hash;

/// Blocks that one call of the portable cipher takes.
const LANES: usize = 8;

/// Hashes under a plot's id.
pub struct Hasher {
	keys: [[u8; 16]; 2],
	way: Way,
}

/// By which instructions.
#[derive(Clone, Copy)]
pub enum Way {
	/// Whatever the crate `aes` has: those of ARM, those of x86 one after the other, or none.
	Portable,
	/// AES on registers of 128 or 512 bits.
	#[cfg(target_arch = "x86_64")]
	X86(super::x86::Token),
}

impl Way {
	/// All that work here, the best one last.
	pub fn all() -> Vec<Self> {
		let mut ways = vec![Self::Portable];
		#[cfg(target_arch = "x86_64")]
		ways.extend(super::x86::Token::all().into_iter().map(Self::X86));
		ways
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

	/// The hashes of fragments, of which there are [`BATCH`] at most, each mixed with this; what is after them is of no
	/// meaning.
	pub fn hash(&self, mix: u64, fragments: &[u64], made: &mut [u64; BATCH]) {
		for (made, fragment) in made.iter_mut().zip(fragments) {
			*made = fragment ^ mix;
		}
		match self.way {
			Way::Portable => portable(&self.keys, &mut made[..fragments.len().min(BATCH)]),
			#[cfg(target_arch = "x86_64")]
			Way::X86(token) => token.hash(&self.keys, fragments.len(), made),
		}
	}
}

fn portable(keys: &[[u8; 16]; 2], numbers: &mut [u64]) {
	let keys = keys.map(|key| Block8::from([key.into(); LANES]));
	for numbers in numbers.chunks_mut(LANES) {
		let mut lanes = Block8::default();
		for (lane, number) in lanes.iter_mut().zip(numbers.iter()) {
			*lane = u128::from(*number).to_le_bytes().into();
		}
		for _ in 0..ROUND_PAIRS {
			keys.iter().for_each(|key| cipher_round_par(&mut lanes, key));
		}
		for (number, lane) in numbers.iter_mut().zip(&lanes) {
			*number = u64::from_le_bytes(lane.first_chunk::<8>().copied().unwrap_or_default());
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proof_of_space_primitives::{pos2, Plot};

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
		let ways = Way::all();
		assert!(!ways.is_empty());
		for way in ways {
			let hasher = Hasher::new(&pos2::plot_id(&plot), way);
			for length in 0..=BATCH {
				let numbers: Vec<u64> = (0..length as u64)
					.map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
					.collect();
				let mut made = [0; BATCH];
				let last = 0x0123_4567_89ab_cdef;
				hasher.hash(last ^ chains.key(3).unwrap(), &numbers, &mut made);
				for (number, made) in numbers.iter().zip(made) {
					assert_eq!(chains.hash(&tables, 3, last, *number), Some(made));
				}
			}
		}
	}
}
