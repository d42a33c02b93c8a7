//! A bundle is written: its index, then its data, in one pass.

use crate::{index::Index, tree::Tree};
use std::io::{self, Write};
use storage_proof_primitives::Contents;

/// Why a bundle is not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
	/// Where it is written to failed.
	#[error("the bundle cannot be written: {0}")]
	Io(#[from] io::Error),
	/// More data came than the index says.
	#[error("more data came than the bundle's index says; a file grew: begin again")]
	TooMuch,
	/// Fewer came.
	#[error("{0} bytes are missing that the bundle's index says; a file shrank: begin again")]
	Missing(u64),
}

/// Writes a bundle, and beside it the outboard from which its ranges are served.
pub struct Writer<W, O> {
	out: W,
	tree: Tree<O>,
}

impl<W: Write, O: Write> Writer<W, O> {
	/// Begins: writes the index.
	///
	/// # Errors
	/// [`WriteError::Io`].
	pub fn new(index: &Index, mut out: W, outboard: O) -> Result<Self, WriteError> {
		let mut tree = Tree::new(index.head().total(), outboard);
		let encoded = index.encode();
		tree.update(&encoded)?;
		out.write_all(&encoded)?;
		Ok(Self { out, tree })
	}

	/// The next data, in their order.
	///
	/// # Errors
	/// [`WriteError`].
	pub fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
		if bytes.len() as u64 > self.tree.left() {
			return Err(WriteError::TooMuch);
		}
		self.tree.update(bytes)?;
		Ok(self.out.write_all(bytes)?)
	}

	/// Ends: what the job names the bundle by. Nothing is durable by that.
	///
	/// # Errors
	/// [`WriteError`].
	pub fn finish(mut self) -> Result<(Contents, W, O), WriteError> {
		if self.tree.left() > 0 {
			return Err(WriteError::Missing(self.tree.left()));
		}
		self.out.flush()?;
		let (contents, outboard) = self.tree.finish()?;
		Ok((contents, self.out, outboard))
	}
}
