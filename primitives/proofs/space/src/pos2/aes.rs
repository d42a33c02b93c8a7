//! The hash of the scheme: AES rounds under two keys in turn. One round is AESENC as processors have it: ShiftRows,
//! SubBytes and MixColumns, then the key. Tables make it 16 look-ups, anywhere; natively the processor's own
//! instruction is taken if there is one. Both give the same: whoever judges a proof judges as all others do.

/// A block: four columns, each as a number in little endian.
pub type Block = [u32; 4];

/// The two keys, half of the plot's id each.
#[derive(Clone, Debug)]
pub struct Rounds {
	keys: [Block; 2],
	/// That the processor has AES instructions; none if it has not, or they are not to be used.
	#[cfg(all(feature = "std", target_arch = "x86_64"))]
	instructions: Option<super::x86::Token>,
}

impl Rounds {
	/// With these keys.
	pub fn new(id: &[u32; 8]) -> Self {
		let [a, b, c, d, e, f, g, h] = *id;
		Self {
			keys: [[a, b, c, d], [e, f, g, h]],
			#[cfg(all(feature = "std", target_arch = "x86_64"))]
			instructions: super::x86::token(),
		}
	}

	/// The same rounds, by tables alone.
	#[cfg(test)]
	pub fn by_tables(self) -> Self {
		Self {
			#[cfg(all(feature = "std", target_arch = "x86_64"))]
			instructions: None,
			..self
		}
	}

	/// The block after `2 * pairs` rounds.
	#[inline(always)]
	pub fn mix(&self, block: Block, pairs: u32) -> Block {
		#[cfg(all(feature = "std", target_arch = "x86_64"))]
		if let Some(token) = self.instructions {
			return super::x86::mix(token, &self.keys, block, pairs);
		}
		self.look_up(block, pairs)
	}

	/// The same by tables.
	#[inline(always)]
	fn look_up(&self, mut block: Block, pairs: u32) -> Block {
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

	/// Numbers that look random, and are the same in every run.
	fn numbers() -> impl Iterator<Item = u32> {
		let mut state = 0x9e37_79b9_7f4a_7c15u64;
		core::iter::repeat_with(move || {
			state = state
				.wrapping_mul(6_364_136_223_846_793_005)
				.wrapping_add(1_442_695_040_888_963_407);
			(state >> 32) as u32
		})
	}

	/// On a processor without the instructions both are tables.
	#[test]
	fn instructions_and_tables_give_the_same() {
		let mut numbers = numbers();
		let mut next = || numbers.next().unwrap();
		for pairs in (0..64).chain([128, 512]).chain(core::iter::repeat_n(16, 2_000)) {
			let rounds = Rounds::new(&core::array::from_fn(|_| next()));
			let block = core::array::from_fn(|_| next());
			let tables = rounds.clone().by_tables();
			assert_eq!(
				rounds.mix(block, pairs),
				tables.mix(block, pairs),
				"{pairs} pairs of {block:?}"
			);
		}
	}

	/// So that the test above compares something where there are instructions.
	#[cfg(all(feature = "std", target_arch = "x86_64"))]
	#[test]
	fn a_processor_with_the_instructions_uses_them() {
		let rounds = Rounds::new(&[7; 8]);
		let has = std::is_x86_feature_detected!("aes") && std::is_x86_feature_detected!("pclmulqdq");
		assert_eq!(rounds.instructions.is_some(), has);
		assert!(rounds.by_tables().instructions.is_none());
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
