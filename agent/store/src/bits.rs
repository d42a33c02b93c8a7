//! Streams of bits within bytes, the lowest bit of a byte first.

/// Bits that one call takes or puts at most.
pub const MOST: u32 = 56;

/// Reads from the front.
pub struct Reader<'a> {
	bytes: &'a [u8],
	at: usize,
}

impl<'a> Reader<'a> {
	pub fn new(bytes: &'a [u8]) -> Self {
		Self { bytes, at: 0 }
	}

	/// Bits that are left.
	pub fn left(&self) -> usize {
		8 * self.bytes.len() - self.at
	}

	/// The next bits, of which the first is the lowest; there may be fewer, and then zeros.
	fn window(&self) -> u64 {
		word(self.bytes, self.at / 8) >> (self.at % 8)
	}

	/// A number of so many bits, [`MOST`] at most, if there are as many.
	#[inline]
	pub fn take(&mut self, bits: u32) -> Option<u64> {
		if self.left() < bits as usize || bits > MOST {
			return None;
		}
		let number = self.window() & ((1 << bits) - 1);
		self.at += bits as usize;
		Some(number)
	}

	/// How many ones come before the next zero, which is taken too.
	#[inline]
	pub fn ones(&mut self) -> Option<u64> {
		let mut ones = 0;
		loop {
			let seen = self.left().min(MOST as usize) as u32;
			let run = (!self.window()).trailing_zeros().min(seen);
			ones += u64::from(run);
			self.at += run as usize;
			if run < seen {
				self.at += 1;
				return Some(ones);
			}
			if seen == 0 {
				return None;
			}
		}
	}
}

/// Eight bytes from `at` as a number, zeros after the end.
#[inline]
pub fn word(bytes: &[u8], at: usize) -> u64 {
	let rest = bytes.get(at..).unwrap_or_default();
	if let Some(whole) = rest.first_chunk::<8>() {
		return u64::from_le_bytes(*whole);
	}
	rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Appends to bytes.
pub struct Writer<'a> {
	bytes: &'a mut Vec<u8>,
	held: u64,
	bits: u32,
}

impl<'a> Writer<'a> {
	pub fn new(bytes: &'a mut Vec<u8>) -> Self {
		Self {
			bytes,
			held: 0,
			bits: 0,
		}
	}

	/// A number of so many bits, [`MOST`] at most.
	#[inline]
	pub fn put(&mut self, number: u64, bits: u32) {
		debug_assert!(bits <= MOST && number >> bits == 0);
		self.held |= number << self.bits;
		self.bits += bits;
		if let Some(over) = self.bits.checked_sub(u64::BITS) {
			self.bytes.extend_from_slice(&self.held.to_le_bytes());
			// What did not fit: the highest bits of the number, of which there are fewer than 64.
			self.held = number >> (bits - over);
			self.bits = over;
		}
	}

	/// So many ones, and a zero.
	#[inline]
	pub fn put_ones(&mut self, mut ones: u64) {
		const AT_ONCE: u32 = 32;
		while ones >= u64::from(AT_ONCE) {
			self.put((1 << AT_ONCE) - 1, AT_ONCE);
			ones -= u64::from(AT_ONCE);
		}
		self.put((1 << ones) - 1, ones as u32 + 1);
	}

	/// Fills the last byte with zeros.
	pub fn end(self) {
		let bytes = self.held.to_le_bytes();
		self.bytes.extend_from_slice(&bytes[..self.bits.div_ceil(8) as usize]);
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_put_is_taken() {
		let numbers: Vec<(u64, u32, u64)> = (0..200u64)
			.map(|i| {
				let bits = (i % 57) as u32;
				let number = i.wrapping_mul(0x9e37_79b9_7f4a_7c15) & ((1 << bits) - 1);
				(number, bits, i)
			})
			.collect();
		let mut bytes = Vec::new();
		let mut writer = Writer::new(&mut bytes);
		for (number, bits, ones) in &numbers {
			writer.put(*number, *bits);
			writer.put_ones(*ones);
		}
		writer.end();
		let mut reader = Reader::new(&bytes);
		for (number, bits, ones) in numbers {
			assert_eq!(reader.take(bits), Some(number));
			assert_eq!(reader.ones(), Some(ones));
		}
		assert!(reader.left() < 8);
	}

	#[test]
	fn nothing_is_taken_beyond_the_end() {
		let mut reader = Reader::new(&[0xff, 0xff]);
		assert_eq!(reader.take(17), None);
		assert_eq!(reader.take(16), Some(0xffff));
		assert_eq!((reader.take(1), reader.ones()), (None, None));
		assert_eq!(Reader::new(&[0xff; 40]).ones(), None);
		assert_eq!(Reader::new(&[0; 16]).take(57), None);
	}
}
