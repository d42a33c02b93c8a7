//! The cipher that makes fragments: four rounds over two halves of k bits, so that the order of fragments in a plot
//! says nothing about what they are made of.

use crate::Hash;
use sp_crypto_hashing::sha2_256;

const ROUNDS: usize = 4;
/// The scheme's own spelling.
const SALT: &[u8; 15] = b"ChiaPos2Fesitel";
/// Bits of each number of a round's key, before they are cut to k.
const KEY_BITS: u32 = 28;

/// The cipher under a plot's id.
#[derive(Clone, Debug)]
pub struct Feistel {
	k: u32,
	keys: [[u32; 3]; ROUNDS],
}

impl Feistel {
	/// For halves of `k` bits, 18 to 28.
	pub fn new(id: &Hash, k: u32) -> Self {
		let mut keys = [[0; 3]; ROUNDS];
		let mut last = *id;
		for (key, round) in keys.iter_mut().zip(1..) {
			last = sha2_256(&key_input(&last, round));
			// The first 84 bits: three numbers, the highest bits first.
			let bits = u128::from_be_bytes(core::array::from_fn(|i| last[i]));
			*key = core::array::from_fn(|i| (bits >> (128 - KEY_BITS * (i as u32 + 1))) as u32 & low_bits(k));
		}
		Self { k, keys }
	}

	/// The ciphertext of `2k` bits.
	///
	/// In Wasm it stays a function of its own: rustc 1.95.0 makes wrong code of it where a proof is read, without
	/// overflow checks, as the runtime is built. Then all fragments are others, and every proof is refused.
	#[cfg_attr(target_arch = "wasm32", inline(never))]
	#[cfg_attr(not(target_arch = "wasm32"), inline)]
	pub fn encrypt(&self, block: u64) -> u64 {
		let mask = low_bits(self.k);
		let (mut left, mut right) = ((block >> self.k) as u32 & mask, block as u32 & mask);
		for key in &self.keys {
			(left, right) = (right, left ^ self.stir(right, key));
		}
		u64::from(left) << self.k | u64::from(right)
	}

	/// The quarter round of ChaCha, on words of k bits.
	#[inline(always)]
	fn stir(&self, right: u32, &[b, c, d]: &[u32; 3]) -> u32 {
		let (mask, k) = (low_bits(self.k), self.k);
		let turn = |word: u32, by: u32| ((word << by) & mask) | (word >> (k - by));
		let a = right.wrapping_add(b) & mask;
		let d = turn(d ^ a, 16);
		let c = c.wrapping_add(d) & mask;
		let b = turn(b ^ c, 12);
		let a = a.wrapping_add(b) & mask;
		let d = turn(d ^ a, 8);
		let c = c.wrapping_add(d) & mask;
		turn(b ^ c, 7)
	}
}

fn key_input(last: &Hash, round: u8) -> [u8; 48] {
	core::array::from_fn(|i| match i {
		0..32 => last[i],
		32..47 => SALT[i - 32],
		_ => round,
	})
}

/// A number with so many ones, 31 at most.
#[inline(always)]
pub fn low_bits(bits: u32) -> u32 {
	(1 << bits) - 1
}
