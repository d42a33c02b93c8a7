//! GZIP (RFC 1952) for bitstrings that are nearly all zeros: a run of one byte becomes references to the byte before,
//! all else stays as it is. That is all of DEFLATE (RFC 1951) that pays here, and one content has one encoding,
//! whatever becomes of compressors.

use alloc::vec::Vec;

/// Magic, DEFLATE, no flags, no time, no extra flags, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// A member without name and time.
pub fn gzip(content: &[u8]) -> Vec<u8> {
	let mut member = HEADER.to_vec();
	member.extend(deflate(content));
	member.extend(crc32(content).to_le_bytes());
	// The length modulo 2^32.
	member.extend((content.len() as u32).to_le_bytes());
	member
}

/// The checksum of GZIP.
fn crc32(content: &[u8]) -> u32 {
	let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
	let all = content.iter().fold(u32::MAX, |crc, byte| {
		(0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc))
	});
	!all
}

/// Bits, of which the first is the lowest of the first byte.
#[derive(Default)]
struct Bits {
	bytes: Vec<u8>,
	/// How many bits of the last byte are written; 0 if it is full.
	used: u32,
}

impl Bits {
	/// Writes the lowest `count` bits of a code, the highest of them first, as codes are written.
	fn code(&mut self, code: u32, count: u32) {
		for place in (0..count).rev() {
			if self.used == 0 {
				self.bytes.push(0);
			}
			if let Some(last) = self.bytes.last_mut() {
				*last |= u8::from(code >> place & 1 == 1) << self.used;
			}
			self.used = (self.used + 1) % 8;
		}
	}

	/// A byte as itself, in the fixed code.
	fn literal(&mut self, byte: u8) {
		match u32::from(byte) {
			low @ 0..144 => self.code(0x30 + low, 8),
			high => self.code(0x190 + high - 144, 9),
		}
	}

	/// The byte before, so many times: 258, or 3 to 10, the lengths without extra bits.
	fn repeat(&mut self, times: usize) {
		match times {
			258 => self.code(0xc5, 8),
			// Code 257 is of 3, and is written as 1 in seven bits.
			few => self.code(few as u32 - 2, 7),
		}
		// One byte back.
		self.code(0, 5);
	}
}

fn deflate(content: &[u8]) -> Vec<u8> {
	let mut bits = Bits::default();
	// The last block, in the fixed code: 1, then 01 with the lower bit first.
	bits.code(0b110, 3);
	for run in content.chunk_by(|a, b| a == b) {
		let (Some(byte), mut left) = (run.first(), run.len() - 1) else {
			continue;
		};
		bits.literal(*byte);
		while left > 0 {
			let times = match left {
				258.. => 258,
				10.. => 10,
				3.. => left,
				_ => 1,
			};
			if times == 1 {
				bits.literal(*byte);
			} else {
				bits.repeat(times);
			}
			left -= times;
		}
	}
	// The end of the block.
	bits.code(0, 7);
	bits.bytes
}

#[cfg(test)]
mod tests {
	use super::*;
	use miniz_oxide::inflate::decompress_slice_iter_to_slice;
	use proptest::prelude::*;

	fn inflated(deflated: &[u8], length: usize) -> Vec<u8> {
		let mut out = alloc::vec![0; length];
		let count = decompress_slice_iter_to_slice(&mut out, [deflated].into_iter(), false, true).expect("inflates");
		assert_eq!(count, length);
		out
	}

	#[test]
	fn the_checksum_is_the_published_one() {
		assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
	}

	#[test]
	fn runs_of_each_length_come_out_as_they_went_in() {
		for length in 1..600 {
			for byte in [0, 143, 144, 255] {
				let content = alloc::vec![byte; length];
				assert_eq!(inflated(&deflate(&content), length), content, "{length} times {byte}");
			}
		}
	}

	#[test]
	fn a_member_has_its_checksum_and_length() {
		let member = gzip(b"123456789");
		assert_eq!(member[..10], HEADER);
		assert_eq!(member[member.len() - 8..], [0x26, 0x39, 0xf4, 0xcb, 9, 0, 0, 0]);
	}

	proptest! {
		#[test]
		fn any_content_comes_out_as_it_went_in(
			runs in prop::collection::vec((any::<u8>(), prop_oneof![1usize..4, 1usize..700]), 1..40),
		) {
			let content: Vec<u8> = runs.into_iter().flat_map(|(byte, times)| alloc::vec![byte; times]).collect();
			prop_assert_eq!(inflated(&deflate(&content), content.len()), content);
		}
	}
}
