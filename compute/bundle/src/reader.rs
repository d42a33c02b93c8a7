//! What a worker reads of a bundle: its unit's entry, and its range.

use crate::{
	index::{head, Head, Index, IndexError, Range, ENTRY_BYTES, HEAD_BYTES},
	source::{Source, SourceError},
};
use smartchain_transfer::wire::GROUP;

/// Why a unit has no input.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
	/// There is no such unit.
	#[error("the bundle has {units} units, and none of number {unit}")]
	NoSuchUnit {
		/// Which one was wanted.
		unit: u32,
		/// How many there are.
		units: u32,
	},
	/// The bundle is of another job.
	#[error("the bundle has {found} units, and the job {expected}; the job's owner named another bundle")]
	AnotherJob {
		/// Units of the bundle.
		found: u32,
		/// Those of the job.
		expected: u32,
	},
	/// The bundle is none. Its root is right: whoever submitted the job made it so.
	#[error("the job's input is none: {0}")]
	Index(#[from] IndexError),
	/// It does not come.
	#[error(transparent)]
	Source(#[from] SourceError),
}

/// A bundle whose head was read. It keeps its first group.
pub struct Reader<S> {
	source: S,
	head: Head,
	first: Vec<u8>,
}

impl<S: Source> Reader<S> {
	/// Opens the bundle of a job of so many units. One group is read.
	///
	/// # Errors
	/// [`ReadError`].
	pub fn open(mut source: S, units: u32) -> Result<Self, ReadError> {
		let total = source.contents().bytes;
		if total < HEAD_BYTES {
			return Err(IndexError::Length.into());
		}
		let mut first = vec![0; total.min(GROUP) as usize];
		source.read(0, &mut first)?;
		let head = head(&first, total)?;
		match head.units == units {
			true => Ok(Self { source, head, first }),
			false => Err(ReadError::AnotherJob {
				found: head.units,
				expected: units,
			}),
		}
	}

	/// What stands before the entries.
	pub fn head(&self) -> Head {
		self.head
	}

	/// The range of a unit. A group or two are read, if the entry is not in the first.
	///
	/// # Errors
	/// [`ReadError`].
	pub fn range(&mut self, unit: u32) -> Result<Range, ReadError> {
		let units = self.head.units;
		if unit >= units {
			return Err(ReadError::NoSuchUnit { unit, units });
		}
		let mut entry = [0; ENTRY_BYTES as usize];
		self.at(self.head.entry(unit), &mut entry)?;
		Ok(self.head.range(unit, entry)?)
	}

	/// The bytes of a unit.
	///
	/// # Errors
	/// [`ReadError`].
	pub fn input(&mut self, unit: u32) -> Result<Vec<u8>, ReadError> {
		let range = self.range(unit)?;
		let mut input = vec![0; range.length as usize];
		self.at(self.head.begin() + range.offset, &mut input)?;
		Ok(input)
	}

	/// All ranges: what whoever checks a bundle reads.
	///
	/// # Errors
	/// [`ReadError`].
	pub fn index(&mut self) -> Result<Index, ReadError> {
		let mut bytes = vec![0; self.head.begin() as usize];
		self.at(0, &mut bytes)?;
		Ok(Index::decode(&bytes, self.head.total())?)
	}

	/// Bytes of the bundle, from the first group if they are there.
	fn at(&mut self, from: u64, into: &mut [u8]) -> Result<(), SourceError> {
		let end = from + into.len() as u64;
		match self.first.get(from as usize..end as usize) {
			Some(found) => into.copy_from_slice(found),
			None => self.source.read(from, into)?,
		}
		Ok(())
	}
}
