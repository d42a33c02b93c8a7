//! The bits of W3C's Bitstring Status List: which devices were revoked. Bit 0 is the highest of the first byte. The
//! bits travel as bytes, for libraries differ in how they read bit sequences.

/// How many devices a list tells of. It is the least that W3C asks for, so that whoever looks one up hides in a crowd.
pub const PAGE_BITS: u64 = 131_072;
/// The bytes of a list.
pub const PAGE_BYTES: usize = 16_384;
/// The chain stores lists in pieces of so many bytes, so that a revocation rewrites half a KiB and no more.
pub const CHUNK_BYTES: usize = 512;
/// The devices that a piece tells of.
pub const CHUNK_BITS: u64 = 4_096;
/// The pieces of a list.
pub const CHUNKS: u64 = 32;

/// A piece of a list.
pub type Chunk = [u8; CHUNK_BYTES];

/// The list of the device with this number, and its place in it. `None` for numbers that no list has.
pub fn place(number: u64) -> Option<(u32, u64)> {
	let page = u32::try_from(number / PAGE_BITS).ok()?;
	Some((page, number % PAGE_BITS))
}

/// The piece of the device with this number, and its place in it.
pub fn chunk_place(number: u64) -> (u64, u64) {
	(number / CHUNK_BITS, number % CHUNK_BITS)
}

/// Which byte and bit of it is at a place.
fn bit_at(place: u64) -> Option<(usize, u8)> {
	let byte = usize::try_from(place / 8).ok()?;
	Some((byte, 0x80 >> (place % 8)))
}

/// Whether the bit at a place is set; no bit beyond the end is.
pub fn is_set(bits: &[u8], place: u64) -> bool {
	bit_at(place).is_some_and(|(byte, bit)| bits.get(byte).is_some_and(|byte| byte & bit != 0))
}

/// Sets the bit at a place; beyond the end nothing happens.
pub fn set(bits: &mut [u8], place: u64) {
	if let Some((byte, bit)) = bit_at(place) {
		if let Some(byte) = bits.get_mut(byte) {
			*byte |= bit;
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_sizes_fit_each_other() {
		assert_eq!(PAGE_BYTES as u64 * 8, PAGE_BITS);
		assert_eq!(CHUNK_BYTES as u64 * 8, CHUNK_BITS);
		assert_eq!(CHUNKS * CHUNK_BITS, PAGE_BITS);
	}

	#[test]
	fn the_first_bit_is_the_highest_of_the_first_byte() {
		let mut bits = [0; 2];
		set(&mut bits, 0);
		assert_eq!(bits, [0x80, 0]);
		set(&mut bits, 15);
		assert_eq!(bits, [0x80, 1]);
		set(&mut bits, 16);
		assert_eq!(bits, [0x80, 1]);
		let all = (0..20).filter(|place| is_set(&bits, *place));
		assert!(all.eq([0, 15]));
	}

	#[test]
	fn places() {
		assert_eq!(place(0), Some((0, 0)));
		assert_eq!(place(131_071), Some((0, 131_071)));
		assert_eq!(place(131_072), Some((1, 0)));
		assert_eq!(place(u64::MAX), None);
		assert_eq!(chunk_place(4_095), (0, 4_095));
		assert_eq!(chunk_place(4_096), (1, 0));
	}
}
