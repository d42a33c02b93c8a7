//! Where bytes come from that were compared with a root, each group before any of it is used.

use smartchain_transfer::{
	client::{Remote, RemoteError},
	stream::{Decoder, Lie, Piece},
};
use std::io::{self, Read};
use storage_proof_primitives::Contents;

/// What is verified at once.
const BATCH: usize = 256 << 10;

/// Why there are no bytes.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
	/// There are no such bytes.
	#[error("there are no {length} bytes from {from} on")]
	Range {
		/// Where they were to begin.
		from: u64,
		/// How many were wanted.
		length: u64,
	},
	/// Others came.
	#[error(transparent)]
	Lie(#[from] Lie),
	/// The stream ended before all came, or broke.
	#[error("the stream broke ({0}); read from another source, or try later")]
	Broken(io::Error),
	/// The device that holds the slot says why.
	#[error(transparent)]
	Device(#[from] RemoteError),
	/// Nobody is left to ask.
	#[error("no source is left that did not lie; wait for others")]
	Nobody,
}

impl SourceError {
	/// Whether the source gave other bytes than those of the root: it is asked no more.
	pub const fn is_lie(&self) -> bool {
		matches!(self, Self::Lie(_) | Self::Device(RemoteError::Lied { .. }))
	}
}

/// A string of bytes of which root and length are known.
pub trait Source {
	/// Which.
	fn contents(&self) -> Contents;

	/// Fills the buffer with bytes from an offset on. Every one of them was compared with the root.
	///
	/// # Errors
	/// [`SourceError`]; nothing in the buffer counts then.
	fn read(&mut self, from: u64, into: &mut [u8]) -> Result<(), SourceError>;
}

/// Whoever gives ranges as streams that prove themselves: a client that serves its bundle, a worker its output.
pub trait Fetch {
	/// A stream that comes.
	type Body: Read;

	/// The stream of a range: whole groups of 16 KiB, [`MOST`](smartchain_transfer::wire::MOST) bytes at most. What is
	/// in it is verified by who asks.
	///
	/// # Errors
	/// The network's.
	fn fetch(&mut self, from: u64, length: u64) -> io::Result<Self::Body>;
}

impl<B: Read, F: FnMut(u64, u64) -> io::Result<B>> Fetch for F {
	type Body = B;

	fn fetch(&mut self, from: u64, length: u64) -> io::Result<B> {
		self(from, length)
	}
}

/// A source of streams.
pub struct Streams<F> {
	fetch: F,
	contents: Contents,
	batch: Vec<u8>,
}

impl<F: Fetch> Streams<F> {
	/// Of these contents.
	pub fn new(contents: Contents, fetch: F) -> Self {
		Self {
			fetch,
			contents,
			batch: Vec::new(),
		}
	}

	/// Reads what lies in one range of streams.
	fn piece(&mut self, piece: &mut Piece<'_>) -> Result<(), SourceError> {
		let (from, length) = (piece.from(), piece.length());
		let wrong = SourceError::Range { from, length };
		let mut decoder = Decoder::new(&self.contents, from, length).ok_or(wrong)?;
		let mut body = self.fetch.fetch(from, length).map_err(SourceError::Broken)?;
		self.batch.resize(BATCH, 0);
		loop {
			let count = decoder.next_bytes(self.batch.len());
			let Some(part @ [_, ..]) = self.batch.get_mut(..count) else {
				return Ok(());
			};
			body.read_exact(part).map_err(SourceError::Broken)?;
			decoder.take(part, |at, group| piece.put(at, group))?;
		}
	}
}

impl<F: Fetch> Source for Streams<F> {
	fn contents(&self) -> Contents {
		self.contents
	}

	fn read(&mut self, from: u64, into: &mut [u8]) -> Result<(), SourceError> {
		let length = into.len() as u64;
		if from.checked_add(length).is_none_or(|end| end > self.contents.bytes) {
			return Err(SourceError::Range { from, length });
		}
		let (mut wanted, mut rest) = (from, into);
		while !rest.is_empty() {
			let (mut piece, more) = Piece::first(self.contents.bytes, wanted, rest);
			self.piece(&mut piece)?;
			(wanted, rest) = (piece.end(), more);
		}
		Ok(())
	}
}

/// A slot of a storage deal that is the bundle, at the device that holds it.
pub struct AtDevice {
	remote: Remote,
	contents: Contents,
}

impl AtDevice {
	/// Of a slot; `None` while it has no root on chain.
	pub fn new(remote: Remote) -> Option<Self> {
		let contents = Contents {
			root: remote.holder().root?,
			bytes: remote.holder().length,
		};
		Some(Self { remote, contents })
	}
}

impl Source for AtDevice {
	fn contents(&self) -> Contents {
		self.contents
	}

	fn read(&mut self, from: u64, into: &mut [u8]) -> Result<(), SourceError> {
		Ok(self.remote.read(from, into)?)
	}
}

/// Several sources of the same, of which one after the other is asked until one gives what is wanted. One that lied is
/// asked no more; one that failed, after all others.
pub struct Among<S> {
	sources: Vec<S>,
	contents: Contents,
}

impl<S: Source> Among<S> {
	/// Of these; `None` if there is none, or they are of different contents.
	pub fn new(sources: Vec<S>) -> Option<Self> {
		let contents = sources.first()?.contents();
		let all = sources.iter().all(|source| source.contents() == contents);
		all.then_some(Self { sources, contents })
	}

	/// How many have not lied.
	pub fn left(&self) -> usize {
		self.sources.len()
	}
}

impl<S: Source> Source for Among<S> {
	fn contents(&self) -> Contents {
		self.contents
	}

	fn read(&mut self, from: u64, into: &mut [u8]) -> Result<(), SourceError> {
		let mut last = SourceError::Nobody;
		for _ in 0..self.sources.len() {
			let Some(source) = self.sources.first_mut() else {
				break;
			};
			match source.read(from, into) {
				Ok(()) => return Ok(()),
				Err(wrong @ SourceError::Range { .. }) => return Err(wrong),
				Err(lie) if lie.is_lie() => {
					self.sources.remove(0);
					last = lie;
				}
				Err(error) => {
					self.sources.rotate_left(1);
					last = error;
				}
			}
		}
		Err(last)
	}
}
