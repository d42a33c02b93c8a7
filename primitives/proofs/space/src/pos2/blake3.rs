//! BLAKE3 of one block of 64 bytes, given and returned as words.

const IV: [u32; 8] = [
	0x6a09_e667,
	0xbb67_ae85,
	0x3c6e_f372,
	0xa54f_f53a,
	0x510e_527f,
	0x9b05_688c,
	0x1f83_d9ab,
	0x5be0_cd19,
];
/// Which word comes where in the next round.
const ORDER: [usize; 16] = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const ROUNDS: usize = 7;
const BLOCK_BYTES: u32 = 64;
/// The flags CHUNK_START, CHUNK_END and ROOT: the block is all there is.
const WHOLE: u32 = 1 | 2 | 8;

/// The hash of the two halves of a block.
pub fn hash(first: &[u32; 8], second: &[u32; 8]) -> [u32; 8] {
	let [a, b, c, d, e, f, g, h] = IV;
	let mut state = [a, b, c, d, e, f, g, h, a, b, c, d, 0, 0, BLOCK_BYTES, WHOLE];
	let mut words: [u32; 16] = core::array::from_fn(|i| if i < 8 { first[i] } else { second[i - 8] });
	for _ in 0..ROUNDS {
		mix(&mut state, [0, 4, 8, 12], words[0], words[1]);
		mix(&mut state, [1, 5, 9, 13], words[2], words[3]);
		mix(&mut state, [2, 6, 10, 14], words[4], words[5]);
		mix(&mut state, [3, 7, 11, 15], words[6], words[7]);
		mix(&mut state, [0, 5, 10, 15], words[8], words[9]);
		mix(&mut state, [1, 6, 11, 12], words[10], words[11]);
		mix(&mut state, [2, 7, 8, 13], words[12], words[13]);
		mix(&mut state, [3, 4, 9, 14], words[14], words[15]);
		words = ORDER.map(|from| words[from % 16]);
	}
	core::array::from_fn(|i| state[i] ^ state[i + 8])
}

#[inline(always)]
fn mix(state: &mut [u32; 16], [a, b, c, d]: [usize; 4], x: u32, y: u32) {
	state[a] = state[a].wrapping_add(state[b]).wrapping_add(x);
	state[d] = (state[d] ^ state[a]).rotate_right(16);
	state[c] = state[c].wrapping_add(state[d]);
	state[b] = (state[b] ^ state[c]).rotate_right(12);
	state[a] = state[a].wrapping_add(state[b]).wrapping_add(y);
	state[d] = (state[d] ^ state[a]).rotate_right(8);
	state[c] = state[c].wrapping_add(state[d]);
	state[b] = (state[b] ^ state[c]).rotate_right(7);
}

#[cfg(test)]
mod tests {
	use super::*;

	/// BLAKE3's own vector for 64 bytes 0, 1, 2, ...
	#[test]
	fn one_block_as_the_authors_hash_it() {
		let word = |i: usize| u32::from_le_bytes(core::array::from_fn(|j| (4 * i + j) as u8));
		let hash = hash(&core::array::from_fn(word), &core::array::from_fn(|i| word(i + 8)));
		let expected = [
			0x4eed7141, 0xea4a5cd4, 0xb788606b, 0xd23f46e2, 0x12af9cac, 0xebacdc7d, 0x1f4c6dc7, 0xf2511b98,
		];
		assert_eq!(hash.map(u32::swap_bytes), expected);
	}
}
