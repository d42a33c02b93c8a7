//! Pages: some sets of all plots of a container, each plot's fragments of a set as a block of its own.
//!
//! ```text
//! page   lengths of all blocks (u16 each) | blocks | zeros up to a multiple of 8 | checksum of all before (8 bytes)
//! block  for each fragment, by size: what it is more than the one before, the first than the set's start, by Rice's
//!        code: the low k - 1 bits, then a one for each 2^(k - 1) and a zero; zeros up to a byte
//! ```
//! Blocks stand set by set, and within a set plot by plot. Numbers are in little endian, bits the lowest first.

use super::header::{Header, SUM, UNIT};
use crate::{
	bits::{Reader, Writer},
	source::{MAX_SET, SET_BITS},
};
use sp_crypto_hashing::twox_64;

/// Makes a page.
#[derive(Default)]
pub struct Builder {
	lengths: Vec<u8>,
	blocks: Vec<u8>,
}

impl Builder {
	/// Appends a block; `false` if it cannot be one.
	pub fn block(&mut self, k: u8, fragments: &[u64]) -> bool {
		let low_bits = u32::from(k) - 1;
		let start = self.blocks.len();
		let mut writer = Writer::new(&mut self.blocks);
		let mut last = None;
		for fragment in fragments {
			// Fragments rise, so that a difference of 0 is left for the first alone.
			let Some(by) = fragment.checked_sub(last.unwrap_or(0)) else {
				return false;
			};
			if (last.is_some() && by == 0) || fragment >> (k + SET_BITS) != 0 {
				return false;
			}
			writer.put(by & ((1 << low_bits) - 1), low_bits);
			writer.put_ones(by >> low_bits);
			last = Some(*fragment);
		}
		writer.end();
		let length = self.blocks.len() - start;
		self.lengths.extend((length as u16).to_le_bytes());
		fragments.len() <= MAX_SET
	}

	/// The page, and an empty builder.
	pub fn end(&mut self, page: &mut Vec<u8>) {
		page.clear();
		page.append(&mut self.lengths);
		page.append(&mut self.blocks);
		page.resize((page.len() + SUM).next_multiple_of(UNIT) - SUM, 0);
		page.extend(twox_64(page));
	}
}

/// The fragments of a block, counted from the set's start. None if it is no block.
pub fn fragments(k: u8, block: &[u8], fragments: &mut Vec<u64>) -> Option<()> {
	let low_bits = u32::from(k) - 1;
	let mut bits = Reader::new(block);
	let mut last = 0u64;
	fragments.clear();
	while bits.left() >= 8 {
		let low = bits.take(low_bits)?;
		let high = bits.ones()?;
		let by = high.checked_shl(low_bits)?.checked_add(low)?;
		last = last.checked_add(by)?;
		let rises = fragments.is_empty() || by > 0;
		if !rises || high >> (1 + SET_BITS) != 0 || last >> (k + SET_BITS) != 0 || fragments.len() == MAX_SET {
			return None;
		}
		fragments.push(last);
	}
	Some(())
}

/// Whether the checksum is right.
pub fn is_sound(page: &[u8]) -> bool {
	page.split_last_chunk::<SUM>()
		.is_some_and(|(before, sum)| twox_64(before) == *sum)
}

/// Goes through the blocks of some sets of a page.
pub struct Blocks<'a> {
	lengths: std::slice::Chunks<'a, u8>,
	rest: &'a [u8],
}

impl<'a> Blocks<'a> {
	/// From this set of the page on.
	pub fn from(header: &Header, page: &'a [u8], set: usize) -> Option<Self> {
		let (lengths, rest) = page.split_at_checked(2 * header.blocks())?;
		let (skipped, lengths) = lengths.split_at_checked(2 * set * usize::from(header.plots))?;
		let skip: usize = skipped.chunks(2).map(length).sum();
		let rest = rest.get(skip..)?;
		Some(Self {
			lengths: lengths.chunks(2),
			rest,
		})
	}

	/// The next block; none after the last, and none where the page ends before.
	pub fn next_block(&mut self) -> Option<&'a [u8]> {
		let length = length(self.lengths.next()?);
		let (block, rest) = self.rest.split_at_checked(length)?;
		self.rest = rest;
		Some(block)
	}
}

fn length(bytes: &[u8]) -> usize {
	usize::from(u16::from_le_bytes(bytes.try_into().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proof_of_space_primitives::Plot;

	fn header(plots: u16) -> Header {
		let plot = Plot {
			group: [1; 32],
			index: 0,
			meta: 0,
			k: 18,
			strength: 2,
		};
		Header {
			page_bits: 1,
			..Header::new(&plot, 0, plots)
		}
	}

	#[test]
	fn blocks_come_back() {
		let sets: [&[u64]; 6] = [
			&[0],
			&[],
			&[5, 6, 1 << 17, (1 << 24) - 1],
			&[1, 2, 3],
			&[(1 << 24) - 1],
			&[0, 1],
		];
		let mut builder = Builder::default();
		assert!(sets.iter().all(|set| builder.block(18, set)));
		let mut page = Vec::new();
		builder.end(&mut page);
		assert!(is_sound(&page) && page.len() % UNIT == 0);
		let mut found = Vec::new();
		for set in 0..2 {
			let mut blocks = Blocks::from(&header(3), &page, set).unwrap();
			for expected in &sets[3 * set..] {
				fragments(18, blocks.next_block().unwrap(), &mut found).unwrap();
				assert_eq!(&found, expected);
			}
			assert_eq!(blocks.next_block(), None);
		}
	}

	/// Golden bytes of a page.
	#[test]
	fn the_bytes_stay() {
		let mut builder = Builder::default();
		assert!(builder.block(18, &[3, 0x2_0003]) && builder.block(18, &[]));
		let mut page = Vec::new();
		builder.end(&mut page);
		let (before, sum) = page.split_last_chunk::<SUM>().unwrap();
		assert_eq!(before, [5, 0, 0, 0, 3, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]);
		assert_eq!(*sum, twox_64(before));
	}

	#[test]
	fn what_is_no_block_is_refused() {
		let mut builder = Builder::default();
		assert!(!builder.block(18, &[2, 2]));
		assert!(!builder.block(18, &[2, 1]));
		assert!(!builder.block(18, &[1 << 24]));
		let many: Vec<u64> = (0..=MAX_SET as u64).collect();
		assert!(!builder.block(18, &many));
	}

	#[test]
	fn garbage_is_no_page() {
		let mut found = Vec::new();
		for seed in 0..2_000u64 {
			let mut state = seed;
			let mut next = || {
				state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
				(state >> 33) as u8
			};
			let page: Vec<u8> = (0..seed % 90).map(|_| next()).collect();
			let _ = fragments(18, &page, &mut found);
			assert!(found.len() <= MAX_SET);
			if let Some(mut blocks) = Blocks::from(&header(2), &page, 1) {
				while blocks.next_block().is_some() {}
			}
			assert!(!is_sound(&page));
		}
	}
}
