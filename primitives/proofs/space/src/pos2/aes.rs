//! The hash of the scheme: AES rounds under two keys in turn. One round is AESENC as processors have it: ShiftRows,
//! SubBytes and MixColumns, then the key. Tables make it 16 look-ups.

/// A block: four columns, each as a number in little endian.
pub type Block = [u32; 4];

/// The two keys, half of the plot's id each.
#[derive(Clone, Debug)]
pub struct Rounds {
	keys: [Block; 2],
}

impl Rounds {
	/// With these keys.
	pub fn new(id: &[u32; 8]) -> Self {
		let [a, b, c, d, e, f, g, h] = *id;
		Self {
			keys: [[a, b, c, d], [e, f, g, h]],
		}
	}

	/// The block after `2 * pairs` rounds.
	#[inline(always)]
	pub fn mix(&self, mut block: Block, pairs: u32) -> Block {
		let [first, second] = self.keys;
		for _ in 0..pairs {
			block = round(block, first);
			block = round(block, second);
		}
		block
	}
}

/// One round. Column `i` takes its row `j` from column `i + j`, which is ShiftRows.
#[inline(always)]
fn round(block: Block, key: Block) -> Block {
	let [a, b, c, d] = block;
	[
		column(a, b, c, d) ^ key[0],
		column(b, c, d, a) ^ key[1],
		column(c, d, a, b) ^ key[2],
		column(d, a, b, c) ^ key[3],
	]
}

#[inline(always)]
fn column(a: u32, b: u32, c: u32, d: u32) -> u32 {
	let [of_a, of_b, of_c, of_d] = &TABLES;
	of_a[byte(a)] ^ of_b[byte(b >> 8)] ^ of_c[byte(c >> 16)] ^ of_d[byte(d >> 24)]
}

/// The lowest byte: an index that is always within a table of 256.
#[inline(always)]
fn byte(word: u32) -> usize {
	(word & 0xff) as usize
}

/// For each row the column that MixColumns makes of it, S-box included.
static TABLES: [[u32; 256]; 4] = tables();

const fn tables() -> [[u32; 256]; 4] {
	let sbox = sbox();
	let mut tables = [[0; 256]; 4];
	let mut at = 0;
	while at < 256 {
		let once = sbox[at];
		let twice = double(once);
		let column = u32::from_le_bytes([twice, once, once, twice ^ once]);
		let mut row = 0;
		while row < 4 {
			tables[row][at] = column.rotate_left(8 * row as u32);
			row += 1;
		}
		at += 1;
	}
	tables
}

/// Twice a number of the field of 256 elements, modulo `x^8 + x^4 + x^3 + x + 1`.
const fn double(byte: u8) -> u8 {
	(byte << 1) ^ if byte >= 0x80 { 0x1b } else { 0 }
}

/// AES's S-box: the inverse in the field, then an affine map. 3 generates the field, so that the inverse of its n-th
/// power is the power `255 - n`.
const fn sbox() -> [u8; 256] {
	let mut powers = [1u8; 256];
	let mut n = 1;
	while n < 256 {
		let last = powers[n - 1];
		powers[n] = last ^ double(last);
		n += 1;
	}
	let mut sbox = [0x63; 256];
	let mut n = 0;
	while n < 255 {
		let inverse = powers[255 - n];
		let turned = inverse.rotate_left(1) ^ inverse.rotate_left(2) ^ inverse.rotate_left(3) ^ inverse.rotate_left(4);
		sbox[powers[n] as usize] = inverse ^ turned ^ 0x63;
		n += 1;
	}
	sbox
}

#[cfg(test)]
mod tests {
	use super::*;

	/// FIPS 197, appendix B: state after the first AddRoundKey, the key of round 1, and the state after that round.
	#[test]
	fn one_round_as_in_the_standard() {
		let words = |bytes: u128| -> Block {
			let bytes = bytes.to_be_bytes();
			core::array::from_fn(|i| u32::from_le_bytes(bytes[4 * i..4 * i + 4].try_into().unwrap()))
		};
		let state = words(0x193de3bea0f4e22b9ac68d2ae9f84808);
		let key = words(0xa0fafe1788542cb123a339392a6c7605);
		assert_eq!(round(state, key), words(0xa49c7ff2689f352b6b5bea43026a5049));
	}

	#[test]
	fn the_box_is_a_permutation() {
		let mut seen = [false; 256];
		for value in sbox() {
			assert!(!seen[usize::from(value)]);
			seen[usize::from(value)] = true;
		}
		assert_eq!((sbox()[0], sbox()[0x53], sbox()[0xff]), (0x63, 0xed, 0x16));
	}
}
