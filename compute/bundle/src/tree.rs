//! The root and the outboard of bytes that pass by once.

use smartchain_transfer::{
	stream::Builder,
	wire::{value, GROUP},
};
use std::io::{self, Write};
use storage_proof_primitives::{Contents, Hash};

/// Hashes so many bytes, and writes their outboard. It keeps a group and a hash for each level of the tree.
pub struct Tree<O> {
	outboard: O,
	builder: Builder,
	length: u64,
	taken: u64,
	/// What came of the group that is not whole yet.
	group: Vec<u8>,
	pairs: Vec<u8>,
	root: Option<Hash>,
}

impl<O: Write> Tree<O> {
	/// Of so many bytes.
	pub fn new(length: u64, outboard: O) -> Self {
		Self {
			outboard,
			builder: Builder::new(length),
			length,
			taken: 0,
			group: Vec::new(),
			pairs: Vec::new(),
			root: None,
		}
	}

	/// How many bytes are still to come.
	pub fn left(&self) -> u64 {
		self.length - self.taken
	}

	/// Takes the next bytes.
	///
	/// # Errors
	/// The outboard's; [`io::ErrorKind::InvalidInput`] if there are more than are to come, of which none is taken.
	pub fn update(&mut self, mut bytes: &[u8]) -> io::Result<()> {
		if bytes.len() as u64 > self.left() {
			return Err(io::ErrorKind::InvalidInput.into());
		}
		while !bytes.is_empty() {
			let room = (GROUP as usize - self.group.len()).min(bytes.len());
			let (now, later) = bytes.split_at(room);
			self.group.extend_from_slice(now);
			self.taken += room as u64;
			bytes = later;
			if self.group.len() as u64 == GROUP || self.left() == 0 {
				self.end_group()?;
			}
		}
		Ok(())
	}

	fn end_group(&mut self) -> io::Result<()> {
		if self.length <= GROUP {
			self.root = Some(blake3::hash(&self.group).into());
			return Ok(());
		}
		let from = self.taken - self.group.len() as u64;
		let found = self.builder.push(value(from, &self.group), &mut self.pairs);
		self.root = self.root.or(found);
		self.group.clear();
		self.outboard.write_all(&self.pairs)?;
		self.pairs.clear();
		Ok(())
	}

	/// The root, once all came.
	///
	/// # Errors
	/// The outboard's; [`io::ErrorKind::UnexpectedEof`] if something is still to come.
	pub fn finish(mut self) -> io::Result<(Contents, O)> {
		if self.length == 0 {
			self.root = Some(blake3::hash(b"").into());
		}
		let root = self.root.ok_or(io::ErrorKind::UnexpectedEof)?;
		self.outboard.flush()?;
		let contents = Contents {
			root,
			bytes: self.length,
		};
		Ok((contents, self.outboard))
	}
}
