//! AES by the instructions of x86, eight registers at once, so that none waits for its own last round. The crate
//! `archmage` proves with a token that the processor has them, so that this needs no `unsafe`.

use super::sieve::{Hit, Keys, Sieve, QUAD, ROUND_PAIRS};
use archmage::{arcane, SimdToken, X64CryptoToken, X64V3CryptoToken, X64V4xToken};

/// Registers that are worked on at once.
const REGISTERS: usize = 8;
/// Every second number of a register: a block's low half, which holds the fragment first, and the hash then.
const LOW_HALVES: u8 = 0b0101_0101;

/// What the processor has.
#[derive(Clone, Copy)]
pub enum Token {
	/// AES-NI, from 2010 on: a block a register.
	Narrow(X64CryptoToken),
	/// VAES with AVX2: two.
	Middle(X64V3CryptoToken),
	/// VAES with AVX-512: four.
	Wide(X64V4xToken),
}

impl Token {
	/// All that it has, the widest last.
	pub fn all() -> Vec<Self> {
		let narrow = X64CryptoToken::summon().map(Self::Narrow);
		let middle = X64V3CryptoToken::summon().map(Self::Middle);
		let wide = X64V4xToken::summon().map(Self::Wide);
		narrow.into_iter().chain(middle).chain(wide).collect()
	}

	/// Bits of its registers.
	pub fn bits(self) -> u16 {
		match self {
			Self::Narrow(_) => 128,
			Self::Middle(_) => 256,
			Self::Wide(_) => 512,
		}
	}

	/// Keeps the hashes that stay.
	pub fn sift(self, keys: &Keys, sieve: &Sieve<'_>, hits: &mut Vec<Hit>) {
		match self {
			Self::Narrow(token) => narrow(token, keys, sieve, hits),
			Self::Middle(token) => middle(token, keys, sieve, hits),
			Self::Wide(token) => wide(token, keys, sieve, hits),
		}
	}
}

#[arcane(import_intrinsics)]
fn narrow(_token: X64CryptoToken, keys: &Keys, sieve: &Sieve<'_>, hits: &mut Vec<Hit>) {
	const QUADS: usize = REGISTERS / QUAD;
	let (first, second) = (_mm_loadu_si128(&keys[0]), _mm_loadu_si128(&keys[1]));
	let mut walk = sieve.walk();
	for pair in (0..sieve.pairs()).step_by(QUADS) {
		let mut blocks = [[_mm_setzero_si128(); QUAD]; QUADS];
		for blocks in &mut blocks {
			let (mix, quad) = walk.step();
			for i in 0..QUAD {
				blocks[i] = _mm_cvtsi64_si128((quad[i] ^ mix) as i64);
			}
		}
		for _ in 0..ROUND_PAIRS {
			for key in [first, second] {
				for block in blocks.as_flattened_mut() {
					*block = _mm_aesenc_si128(*block, key);
				}
			}
		}
		let (mut made, mut stay) = ([[0; QUAD]; QUADS], 0);
		for i in 0..QUADS * QUAD {
			let hash = _mm_cvtsi128_si64(blocks[i / QUAD][i % QUAD]) as u64;
			made[i / QUAD][i % QUAD] = hash;
			stay |= u64::from(hash & sieve.low == 0) << i;
		}
		keep(sieve, pair, stay, &made, hits);
	}
}

#[arcane(import_intrinsics)]
fn middle(_token: X64V3CryptoToken, keys: &Keys, sieve: &Sieve<'_>, hits: &mut Vec<Hit>) {
	const QUADS: usize = REGISTERS / 2;
	let first = _mm256_broadcastsi128_si256(_mm_loadu_si128(&keys[0]));
	let second = _mm256_broadcastsi128_si256(_mm_loadu_si128(&keys[1]));
	let (low, zero) = (_mm256_set1_epi64x(sieve.low as i64), _mm256_setzero_si256());
	let mut walk = sieve.walk();
	for pair in (0..sieve.pairs()).step_by(QUADS) {
		let mut blocks = [[zero; 2]; QUADS];
		for blocks in &mut blocks {
			let (mix, quad) = walk.step();
			let mixed = _mm256_xor_si256(_mm256_loadu_si256(quad), _mm256_set1_epi64x(mix as i64));
			// The first and the third fragment, and the others.
			*blocks = [_mm256_unpacklo_epi64(mixed, zero), _mm256_unpackhi_epi64(mixed, zero)];
		}
		for _ in 0..ROUND_PAIRS {
			for key in [first, second] {
				for block in blocks.as_flattened_mut() {
					*block = _mm256_aesenc_epi128(*block, key);
				}
			}
		}
		let (mut made, mut stay) = ([[0; QUAD]; QUADS], 0);
		for i in 0..QUADS {
			let hashes = _mm256_unpacklo_epi64(blocks[i][0], blocks[i][1]);
			_mm256_storeu_si256(&mut made[i], hashes);
			let zeros = _mm256_cmpeq_epi64(_mm256_and_si256(hashes, low), zero);
			stay |= (_mm256_movemask_pd(_mm256_castsi256_pd(zeros)) as u64) << (QUAD * i);
		}
		keep(sieve, pair, stay, &made, hits);
	}
}

#[arcane(import_intrinsics)]
fn wide(_token: X64V4xToken, keys: &Keys, sieve: &Sieve<'_>, hits: &mut Vec<Hit>) {
	let first = _mm512_broadcast_i32x4(_mm_loadu_si128(&keys[0]));
	let second = _mm512_broadcast_i32x4(_mm_loadu_si128(&keys[1]));
	let low = _mm512_set1_epi64(sieve.low as i64);
	let mut walk = sieve.walk();
	for pair in (0..sieve.pairs()).step_by(REGISTERS) {
		let mut blocks = [_mm512_setzero_si512(); REGISTERS];
		for block in &mut blocks {
			let (mix, quad) = walk.step();
			let mixed = _mm256_xor_si256(_mm256_loadu_si256(quad), _mm256_set1_epi64x(mix as i64));
			*block = _mm512_maskz_expand_epi64(LOW_HALVES, _mm512_castsi256_si512(mixed));
		}
		for _ in 0..ROUND_PAIRS {
			for key in [first, second] {
				for block in &mut blocks {
					*block = _mm512_aesenc_epi128(*block, key);
				}
			}
		}
		let (mut made, mut stay) = ([[0; QUAD]; REGISTERS], 0);
		for i in 0..REGISTERS {
			let hashes = _mm512_castsi512_si256(_mm512_maskz_compress_epi64(LOW_HALVES, blocks[i]));
			_mm256_storeu_si256(&mut made[i], hashes);
			stay |= u64::from(_mm256_testn_epi64_mask(hashes, _mm512_castsi512_si256(low))) << (QUAD * i);
		}
		keep(sieve, pair, stay, &made, hits);
	}
}

/// Keeps what stays of several meetings: a bit for each hash. One number for all of them, so that the compiler cannot
/// take one register's rounds after the other's: it would, to have each where it is looked at.
#[inline(always)]
fn keep(sieve: &Sieve<'_>, pair: usize, mut stay: u64, made: &[[u64; QUAD]], hits: &mut Vec<Hit>) {
	while stay != 0 {
		let bit = stay.trailing_zeros() as usize;
		stay &= stay - 1;
		if let Some(hash) = made.as_flattened().get(bit) {
			sieve.keep(pair + bit / QUAD, bit % QUAD, *hash, hits);
		}
	}
}
