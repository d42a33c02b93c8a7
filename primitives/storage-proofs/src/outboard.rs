//! Openings by a holder that keeps the hashes of a slot beside it: it reads one group, and a pair of hashes for each
//! step.

use crate::{
	opening::Opening,
	shape::{Contents, Shape, GROUP_BYTES, GROUP_CHUNKS},
	tree::{node, root, subtree, whole, within, Descent, PAIR_BYTES},
	Hash, OpeningError,
};
use alloc::{vec, vec::Vec};
use core::fmt;

/// What can be read at any place: a slot on disk, its outboard.
pub trait ReadAt {
	/// Why nothing was read.
	type Error;

	/// Fills `into` with what begins at `offset`.
	///
	/// # Errors
	/// If not all of it could be read.
	fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<(), Self::Error>;
}

/// Bytes in memory end before what was to be read does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooShort;

impl fmt::Display for TooShort {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("the bytes end before what was to be read; give all of the slot, or of its outboard")
	}
}

impl core::error::Error for TooShort {}

impl ReadAt for &[u8] {
	type Error = TooShort;

	fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<(), TooShort> {
		let from = usize::try_from(offset).map_err(|_| TooShort)?;
		let found = self
			.get(from..)
			.and_then(|rest| rest.get(..into.len()))
			.ok_or(TooShort)?;
		into.copy_from_slice(found);
		Ok(())
	}
}

/// Why a holder cannot open a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError<D, O> {
	/// There is no such chunk, or no such slot.
	Refused(
		/// Why.
		OpeningError,
	),
	/// The slot could not be read.
	Data(
		/// Why.
		D,
	),
	/// The outboard could not be read.
	Outboard(
		/// Why.
		O,
	),
	/// A group is not what it was when its hash was made.
	RottenGroup(
		/// Its number, counted from 0.
		u32,
	),
	/// A pair of the outboard is not what it was.
	RottenPair(
		/// Its number, counted from 0.
		u64,
	),
}

impl<D: fmt::Display, O: fmt::Display> fmt::Display for OpenError<D, O> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Refused(why) => fmt::Display::fmt(why, f),
			Self::Data(why) => write!(f, "the slot cannot be read: {why}; look at its disk"),
			Self::Outboard(why) => write!(f, "the outboard cannot be read: {why}; make it anew from the slot"),
			Self::RottenGroup(group) => write!(
				f,
				"group {group} of the slot is not what was stored; rebuild these 16 KiB from other slots of the deal"
			),
			Self::RottenPair(pair) => {
				write!(
					f,
					"pair {pair} of the outboard is not what was stored; make it anew from the slot"
				)
			}
		}
	}
}

impl<D, O> From<OpeningError> for OpenError<D, O> {
	fn from(why: OpeningError) -> Self {
		Self::Refused(why)
	}
}

impl<D: fmt::Debug + fmt::Display, O: fmt::Debug + fmt::Display> core::error::Error for OpenError<D, O> {}

/// Opens chunk `index` of a slot. What is read is compared with the root on its way, so that what comes out verifies.
///
/// The outboard is as [`Streamed`](crate::Streamed) gives it: pairs of a tree over groups, each node after those below
/// it. Read are a group, and a pair of each node above it, of which there are 22 at most.
///
/// # Errors
/// If there is no such chunk, something cannot be read, or is not what was stored.
pub fn open<D: ReadAt, O: ReadAt>(
	contents: &Contents,
	index: u32,
	data: &mut D,
	outboard: &mut O,
) -> Result<Opening, OpenError<D::Error, O::Error>> {
	let shape = contents.shape()?;
	shape.chunk_len(index)?;
	let group = index.checked_div(GROUP_CHUNKS).unwrap_or(0);
	let (expected, above) = descend::<D::Error, O>(contents, shape, group, outboard)?;
	let bytes = read_group(shape, group, data).map_err(OpenError::<_, O::Error>::Data)?;
	let first = group.saturating_mul(GROUP_CHUNKS);
	let found = if above.is_empty() {
		whole(&bytes)
	} else {
		subtree(first, &bytes)
	};
	if found != expected {
		return Err(OpenError::RottenGroup(group));
	}
	let Some((chunk, mut path)) = within(&bytes, first, index) else {
		return Err(OpenError::RottenGroup(group));
	};
	path.extend(above.into_iter().rev());
	Ok(Opening::of(chunk, path)?)
}

/// The value that a group should have, and the values beside the way to it, from the root down.
fn descend<D, O: ReadAt>(
	contents: &Contents,
	shape: Shape,
	group: u32,
	outboard: &mut O,
) -> Result<(Hash, Vec<Hash>), OpenError<D, O::Error>> {
	let (mut expected, mut path) = (contents.root, Vec::new());
	// The pairs before the first one below the node: a tree over `n` groups has `n - 1`, its own the last.
	let mut before = 0u64;
	for turn in Descent::to(group, shape.groups()) {
		let number = before.saturating_add(u64::from(turn.leaves).saturating_sub(2));
		let (left, right) = read_pair(number, outboard).map_err(OpenError::<D, _>::Outboard)?;
		let found = if path.is_empty() {
			root(&left, &right)
		} else {
			node(&left, &right)
		};
		if found != expected {
			return Err(OpenError::RottenPair(number));
		}
		if turn.right {
			before = before.saturating_add(u64::from(turn.left).saturating_sub(1));
			path.push(left);
			expected = right;
		} else {
			path.push(right);
			expected = left;
		}
	}
	Ok((expected, path))
}

fn read_pair<O: ReadAt>(number: u64, outboard: &mut O) -> Result<(Hash, Hash), O::Error> {
	let offset = number.saturating_mul(PAIR_BYTES as u64);
	let (mut left, mut right) = ([0; 32], [0; 32]);
	outboard.read_at(offset, &mut left)?;
	outboard.read_at(offset.saturating_add(32), &mut right)?;
	Ok((left, right))
}

fn read_group<D: ReadAt>(shape: Shape, group: u32, data: &mut D) -> Result<Vec<u8>, D::Error> {
	let mut bytes = vec![0; shape.group_len(group)];
	data.read_at(u64::from(group).saturating_mul(GROUP_BYTES.into()), &mut bytes)?;
	Ok(bytes)
}
