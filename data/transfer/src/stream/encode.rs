//! A range of a slot on disk as parts of its stream.

use super::{Item, Walk};
use crate::desk::Reading;
use std::{
	io::{self, IoSliceMut},
	mem,
};
use storage_proof_primitives::PAIR_BYTES;

/// Pairs that are read with others between them, rather than by a call of their own: 4 KiB.
const GAP: u64 = 64;

/// Items that are read and sent together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
	items: Vec<Item>,
	bytes: usize,
	data: u64,
}

impl Frame {
	/// Bytes in the stream.
	pub const fn bytes(&self) -> usize {
		self.bytes
	}

	/// Bytes of the slot among them.
	pub const fn data(&self) -> u64 {
		self.data
	}
}

/// The frames of a range's stream, of at most so many bytes each (or one item, if that is more).
pub fn frames(walk: Walk, most: usize) -> impl Iterator<Item = Frame> {
	let mut walk = walk.peekable();
	std::iter::from_fn(move || {
		let (mut items, mut bytes, mut data) = (Vec::new(), 0, 0);
		while let Some(item) = walk.next_if(|item| bytes == 0 || bytes + item.bytes() <= most) {
			bytes += item.bytes();
			if let Item::Leaf { length, .. } = item {
				data += length as u64;
			}
			items.push(item);
		}
		(bytes > 0).then_some(Frame { items, bytes, data })
	})
}

/// Reads a frame from a slot: its groups by one call, its pairs by few. `into` has the frame's bytes.
///
/// # Errors
/// The disk's; [`io::ErrorKind::InvalidInput`] if `into` is of another length.
pub fn fill(frame: &Frame, slot: &dyn Reading, into: &mut [u8]) -> io::Result<()> {
	if into.len() != frame.bytes {
		return Err(io::ErrorKind::InvalidInput.into());
	}
	let (mut rest, mut pairs, mut leaves, mut start) = (into, Vec::new(), Vec::new(), None);
	for item in &frame.items {
		let (now, later) = mem::take(&mut rest).split_at_mut(item.bytes());
		rest = later;
		match item {
			Item::Pair { number, .. } => pairs.push((*number, now)),
			Item::Leaf { from, .. } => {
				start.get_or_insert(*from);
				leaves.push(IoSliceMut::new(now));
			}
		}
	}
	fill_pairs(pairs, slot)?;
	match start {
		Some(start) => slot.data(start, &mut leaves),
		None => Ok(()),
	}
}

fn fill_pairs(mut pairs: Vec<(u64, &mut [u8])>, slot: &dyn Reading) -> io::Result<()> {
	pairs.sort_unstable_by_key(|(number, _)| *number);
	let mut read = Vec::new();
	for run in pairs.chunk_by_mut(|(one, _), (next, _)| next - one <= GAP) {
		let (Some((first, _)), Some((last, _))) = (run.first(), run.last()) else {
			continue;
		};
		let (first, last) = (*first, *last);
		read.resize((last - first + 1) as usize * PAIR_BYTES, 0);
		slot.outboard(first * PAIR_BYTES as u64, &mut read)?;
		for (number, into) in run {
			let at = (*number - first) as usize * PAIR_BYTES;
			into.copy_from_slice(&read[at..at + PAIR_BYTES]);
		}
	}
	Ok(())
}
