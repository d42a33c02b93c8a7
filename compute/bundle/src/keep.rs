//! Bundles and outputs, kept and served in ranges.

use crate::tree::Tree;
use smartchain_transfer::{
	server::Reading,
	stream::{fill, frames, Walk},
	wire::GROUP,
};
use std::{
	fs::File,
	io::{self, ErrorKind, IoSliceMut, Write},
	os::unix::fs::FileExt,
};
use storage_proof_primitives::{Contents, PAIR_BYTES};

/// What is read and sent at once.
const BATCH: usize = 256 << 10;

/// Bytes of the outboard of so many.
fn outboard_bytes(bytes: u64) -> u64 {
	bytes.div_ceil(GROUP).saturating_sub(1) * PAIR_BYTES as u64
}

/// Writes a range as a stream that proves itself: whole groups, as [`Fetch`](crate::Fetch) asks for them.
///
/// # Errors
/// The disk's or the network's; [`ErrorKind::InvalidInput`] if it is no range of whole groups.
pub fn send(from: &dyn Reading, first: u64, length: u64, out: &mut impl Write) -> io::Result<()> {
	let walk = Walk::new(from.length(), first, length).ok_or(ErrorKind::InvalidInput)?;
	let mut buffer = Vec::new();
	for frame in frames(walk, BATCH) {
		buffer.resize(frame.bytes(), 0);
		fill(&frame, from, &mut buffer)?;
		out.write_all(&buffer)?;
	}
	out.flush()
}

/// A file with its outboard beside it.
pub struct Kept {
	data: File,
	outboard: File,
	bytes: u64,
}

impl Kept {
	/// Of files as a [`Writer`](crate::Writer) has written them.
	///
	/// # Errors
	/// The disk's; [`ErrorKind::InvalidData`] if the outboard is of another length than the data's.
	pub fn new(data: File, outboard: File) -> io::Result<Self> {
		let bytes = data.metadata()?.len();
		if outboard.metadata()?.len() != outboard_bytes(bytes) {
			return Err(ErrorKind::InvalidData.into());
		}
		Ok(Self { data, outboard, bytes })
	}
}

impl Reading for Kept {
	fn length(&self) -> u64 {
		self.bytes
	}

	fn data(&self, offset: u64, parts: &mut [IoSliceMut<'_>]) -> io::Result<()> {
		let mut at = offset;
		for part in parts {
			self.data.read_exact_at(part, at)?;
			at += part.len() as u64;
		}
		Ok(())
	}

	fn outboard(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
		self.outboard.read_exact_at(into, offset)
	}
}

/// Bytes in memory with their outboard: an output that is served.
pub struct Memory {
	data: Vec<u8>,
	outboard: Vec<u8>,
	contents: Contents,
}

impl Memory {
	/// Of these bytes.
	///
	/// # Errors
	/// None that memory has; they are those of what an outboard is written to.
	pub fn new(data: Vec<u8>) -> io::Result<Self> {
		let mut tree = Tree::new(data.len() as u64, Vec::new());
		tree.update(&data)?;
		let (contents, outboard) = tree.finish()?;
		Ok(Self {
			data,
			outboard,
			contents,
		})
	}

	/// Root and length.
	pub fn contents(&self) -> Contents {
		self.contents
	}
}

/// A part of bytes, if they have it.
fn part(bytes: &[u8], offset: u64, count: usize) -> io::Result<&[u8]> {
	let from = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..));
	let found = from.and_then(|from| from.get(..count));
	found.ok_or_else(|| ErrorKind::UnexpectedEof.into())
}

impl Reading for Memory {
	fn length(&self) -> u64 {
		self.contents.bytes
	}

	fn data(&self, offset: u64, parts: &mut [IoSliceMut<'_>]) -> io::Result<()> {
		let mut at = offset;
		for into in parts {
			let count = into.len();
			into.copy_from_slice(part(&self.data, at, count)?);
			at += count as u64;
		}
		Ok(())
	}

	fn outboard(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
		let count = into.len();
		into.copy_from_slice(part(&self.outboard, offset, count)?);
		Ok(())
	}
}
