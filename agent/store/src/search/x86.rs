//! AES by the instructions of x86, several blocks in registers at once. The crate `archmage` proves with a token that
//! the processor has them, so that this needs no `unsafe`.

use super::{BATCH, ROUND_PAIRS};
use archmage::{arcane, SimdToken, X64CryptoToken, X64V4xToken};
use core::arch::x86_64::{
	__m128i, __m512i, _mm512_aesenc_epi128, _mm512_broadcast_i32x4, _mm512_castsi512_si128, _mm512_extracti32x4_epi32,
	_mm512_set_epi64, _mm_aesenc_si128, _mm_cvtsi128_si64, _mm_set_epi64x,
};

/// Registers of 512 bits for a whole batch, of four blocks each.
const WIDE: usize = BATCH / 4;
/// Registers of 128 bits that are worked on at once.
const NARROW: usize = 8;

/// What the processor has.
#[derive(Clone, Copy)]
pub enum Token {
	/// AES-NI.
	Narrow(X64CryptoToken),
	/// VAES with AVX-512.
	Wide(X64V4xToken),
}

impl Token {
	/// All that it has, the best one last.
	pub fn all() -> Vec<Self> {
		let narrow = X64CryptoToken::summon().map(Self::Narrow);
		let wide = X64V4xToken::summon().map(Self::Wide);
		narrow.into_iter().chain(wide).collect()
	}

	/// Hashes the first numbers in their places; of the others it may make anything.
	pub fn hash(self, keys: &[[u8; 16]; 2], numbers: usize, made: &mut [u64; BATCH]) {
		match self {
			Self::Narrow(token) => {
				for numbers in made
					.as_chunks_mut::<NARROW>()
					.0
					.iter_mut()
					.take(numbers.div_ceil(NARROW))
				{
					narrow(token, keys, numbers);
				}
			}
			Self::Wide(token) if 2 * numbers <= BATCH => wide_half(token, keys, made),
			Self::Wide(token) => wide(token, keys, made),
		}
	}
}

#[arcane]
fn narrow(_token: X64CryptoToken, keys: &[[u8; 16]; 2], numbers: &mut [u64; NARROW]) {
	let keys = keys.map(|key| key_of(u128::from_le_bytes(key)));
	let keys = keys.map(|[low, high]| _mm_set_epi64x(high, low));
	let mut blocks: [__m128i; NARROW] = [_mm_set_epi64x(0, 0); NARROW];
	for i in 0..NARROW {
		blocks[i] = _mm_set_epi64x(0, numbers[i] as i64);
	}
	for _ in 0..ROUND_PAIRS {
		for key in keys {
			for block in &mut blocks {
				*block = _mm_aesenc_si128(*block, key);
			}
		}
	}
	for i in 0..NARROW {
		numbers[i] = _mm_cvtsi128_si64(blocks[i]) as u64;
	}
}

/// The same in registers of four blocks, so many.
macro_rules! wide {
	($name:ident, $registers:expr) => {
		#[arcane]
		fn $name(_token: X64V4xToken, keys: &[[u8; 16]; 2], numbers: &mut [u64; BATCH]) {
			let keys = keys.map(|key| key_of(u128::from_le_bytes(key)));
			let keys = keys.map(|[low, high]| _mm512_broadcast_i32x4(_mm_set_epi64x(high, low)));
			let mut blocks: [__m512i; $registers] = [_mm512_set_epi64(0, 0, 0, 0, 0, 0, 0, 0); $registers];
			for i in 0..$registers {
				let [a, b, c, d] = core::array::from_fn(|j| numbers[4 * i + j] as i64);
				blocks[i] = _mm512_set_epi64(0, d, 0, c, 0, b, 0, a);
			}
			for _ in 0..ROUND_PAIRS {
				for key in keys {
					for block in &mut blocks {
						*block = _mm512_aesenc_epi128(*block, key);
					}
				}
			}
			for i in 0..$registers {
				let parts = [
					_mm512_castsi512_si128(blocks[i]),
					_mm512_extracti32x4_epi32::<1>(blocks[i]),
					_mm512_extracti32x4_epi32::<2>(blocks[i]),
					_mm512_extracti32x4_epi32::<3>(blocks[i]),
				];
				for j in 0..4 {
					numbers[4 * i + j] = _mm_cvtsi128_si64(parts[j]) as u64;
				}
			}
		}
	};
}
wide!(wide, WIDE);
wide!(wide_half, WIDE / 2);

/// The halves of a key, the low one first.
fn key_of(key: u128) -> [i64; 2] {
	[key as i64, (key >> 64) as i64]
}
