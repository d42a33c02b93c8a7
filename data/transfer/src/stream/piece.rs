//! Bytes that are wanted, in ranges that can be asked for.

use crate::wire::{GROUP, MOST};

/// A range in whole groups, and where of it bytes are wanted.
#[derive(Debug)]
pub struct Piece<'a> {
	from: u64,
	length: u64,
	/// Where `into` begins.
	wanted: u64,
	into: &'a mut [u8],
}

impl<'a> Piece<'a> {
	/// A range of which no byte is kept.
	pub fn unwanted(from: u64, length: u64) -> Self {
		Self {
			from,
			length,
			wanted: from,
			into: &mut [],
		}
	}

	/// The first range of those from which a buffer is filled with bytes from `wanted` on, of `total` in all, and the
	/// rest of the buffer. All that is wanted is there.
	pub fn first(total: u64, wanted: u64, into: &'a mut [u8]) -> (Self, &'a mut [u8]) {
		let from = wanted - wanted % GROUP;
		let count = into.len().min((from + MOST - wanted) as usize);
		let beyond = (wanted + count as u64).next_multiple_of(GROUP).min(total);
		let (into, rest) = into.split_at_mut(count);
		let piece = Self {
			from,
			length: beyond.saturating_sub(from),
			wanted,
			into,
		};
		(piece, rest)
	}

	/// Where the range begins.
	pub fn from(&self) -> u64 {
		self.from
	}

	/// How many bytes it has, [`MOST`] at most.
	pub fn length(&self) -> u64 {
		self.length
	}

	/// Where the bytes end that are wanted of it.
	pub fn end(&self) -> u64 {
		self.wanted + self.into.len() as u64
	}

	/// Puts a group where it is wanted, as far as it is.
	pub fn put(&mut self, at: u64, group: &[u8]) {
		let first = at.max(self.wanted);
		let beyond = (at + group.len() as u64).min(self.end());
		let Some(count) = beyond.checked_sub(first).map(|count| count as usize) else {
			return;
		};
		let (to, of) = ((first - self.wanted) as usize, (first - at) as usize);
		if let (Some(to), Some(of)) = (self.into.get_mut(to..to + count), group.get(of..of + count)) {
			to.copy_from_slice(of);
		}
	}
}
