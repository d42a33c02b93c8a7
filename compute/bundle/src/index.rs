//! The global index at the head of a bundle: which bytes are whose. Pure.

use compute_market_primitives as market;
use storage_proof_primitives::MAX_BYTES;

/// The most units of a job.
pub const MAX_UNITS: u32 = market::MAX_UNITS;
/// The most bytes of a unit's range.
pub const MAX_RANGE: u32 = market::MAX_INPUT_BYTES;
/// Bytes before the first entry.
pub const HEAD_BYTES: u64 = 20;
/// Bytes of an entry.
pub const ENTRY_BYTES: u64 = 12;
/// How a bundle begins; the last byte is the version.
const MAGIC: [u8; 8] = *b"SCBUNDL\x01";

/// A unit's bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
	/// Where they begin, counted from the end of the index; 0 if there are none.
	pub offset: u64,
	/// How many: up to [`MAX_RANGE`].
	pub length: u32,
}

/// What stands before the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
	/// How many entries follow: 1..=[`MAX_UNITS`].
	pub units: u32,
	/// Bytes behind them.
	pub data: u64,
}

/// Which range each unit has. Ranges may overlap: a scene that all units need is there once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
	ranges: Vec<Range>,
	data: u64,
}

/// Why something is no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
	/// It begins with something else.
	#[error("this is no bundle of version 1; make it with the program that submits the job")]
	Magic,
	/// There are no units, or too many.
	#[error("a bundle has 1 to {MAX_UNITS} units, and not {0}")]
	Units(u32),
	/// A unit's range is longer than it may be, or not within the data.
	#[error("the range of unit {0} is not within the bundle, or longer than {MAX_RANGE} bytes")]
	Range(u32),
	/// It says that it has another length than it has.
	#[error("the bundle has another length than its index says; it was cut, or something was put behind it")]
	Length,
}

impl Head {
	/// Bytes of index and data together.
	pub fn total(&self) -> u64 {
		self.begin().saturating_add(self.data)
	}

	/// Where the data begin.
	pub fn begin(&self) -> u64 {
		self.entry(self.units)
	}

	/// Where the entry of a unit begins.
	pub fn entry(&self, unit: u32) -> u64 {
		HEAD_BYTES + ENTRY_BYTES * u64::from(unit)
	}

	/// What an entry says.
	///
	/// # Errors
	/// [`IndexError::Range`].
	pub fn range(&self, unit: u32, entry: [u8; ENTRY_BYTES as usize]) -> Result<Range, IndexError> {
		let [o0, o1, o2, o3, o4, o5, o6, o7, l0, l1, l2, l3] = entry;
		let range = Range {
			offset: u64::from_le_bytes([o0, o1, o2, o3, o4, o5, o6, o7]),
			length: u32::from_le_bytes([l0, l1, l2, l3]),
		};
		match range.is_within(self.data) {
			true => Ok(range),
			false => Err(IndexError::Range(unit)),
		}
	}
}

/// What a bundle's first bytes say, of which there are [`HEAD_BYTES`] at least; `total` is how many it has in all.
///
/// # Errors
/// [`IndexError`].
pub fn head(first: &[u8], total: u64) -> Result<Head, IndexError> {
	let (magic, rest) = first.split_first_chunk().ok_or(IndexError::Length)?;
	let (units, rest) = rest.split_first_chunk().ok_or(IndexError::Length)?;
	let data = rest.first_chunk().ok_or(IndexError::Length)?;
	if *magic != MAGIC {
		return Err(IndexError::Magic);
	}
	let head = Head {
		units: u32::from_le_bytes(*units),
		data: u64::from_le_bytes(*data),
	};
	if !(1..=MAX_UNITS).contains(&head.units) {
		return Err(IndexError::Units(head.units));
	}
	match head.total() == total && total <= MAX_BYTES {
		true => Ok(head),
		false => Err(IndexError::Length),
	}
}

impl Range {
	fn is_within(&self, data: u64) -> bool {
		let end = self.offset.checked_add(self.length.into());
		// What has no bytes has one form.
		let is_form = self.length > 0 || self.offset == 0;
		is_form && self.length <= MAX_RANGE && end.is_some_and(|end| end <= data)
	}
}

impl Index {
	/// Of these ranges of so many bytes.
	///
	/// # Errors
	/// [`IndexError`].
	pub fn new(ranges: Vec<Range>, data: u64) -> Result<Self, IndexError> {
		let units = u32::try_from(ranges.len()).unwrap_or(u32::MAX);
		if !(1..=MAX_UNITS).contains(&units) {
			return Err(IndexError::Units(units));
		}
		let index = Self { ranges, data };
		if index.head().total() > MAX_BYTES {
			return Err(IndexError::Length);
		}
		match (0..).zip(&index.ranges).find(|(_, range)| !range.is_within(data)) {
			None => Ok(index),
			Some((unit, _)) => Err(IndexError::Range(unit)),
		}
	}

	/// Of parts of these lengths, one for each unit, one behind the other.
	///
	/// # Errors
	/// [`IndexError`].
	pub fn parts(lengths: &[u32]) -> Result<Self, IndexError> {
		let mut data = 0_u64;
		let mut ranges = Vec::with_capacity(lengths.len());
		for length in lengths {
			ranges.push(match length {
				0 => Range::default(),
				_ => Range {
					offset: data,
					length: *length,
				},
			});
			data = data.saturating_add(u64::from(*length));
		}
		Self::new(ranges, data)
	}

	/// Of so many units that all have the same bytes.
	///
	/// # Errors
	/// [`IndexError`].
	pub fn shared(units: u32, length: u32) -> Result<Self, IndexError> {
		if !(1..=MAX_UNITS).contains(&units) {
			return Err(IndexError::Units(units));
		}
		Self::new(vec![Range { offset: 0, length }; units as usize], length.into())
	}

	/// What stands before its entries.
	pub fn head(&self) -> Head {
		Head {
			units: u32::try_from(self.ranges.len()).unwrap_or(u32::MAX),
			data: self.data,
		}
	}

	/// The ranges, by unit.
	pub fn ranges(&self) -> &[Range] {
		&self.ranges
	}

	/// Its bytes, at the head of the bundle.
	pub fn encode(&self) -> Vec<u8> {
		let head = self.head();
		let mut out = MAGIC.to_vec();
		out.extend(head.units.to_le_bytes());
		out.extend(head.data.to_le_bytes());
		for range in &self.ranges {
			out.extend(range.offset.to_le_bytes());
			out.extend(range.length.to_le_bytes());
		}
		out
	}

	/// What the first bytes of a bundle say, as many as the index has or more; `total` is how many it has in all.
	///
	/// # Errors
	/// [`IndexError`].
	pub fn decode(first: &[u8], total: u64) -> Result<Self, IndexError> {
		let head = head(first, total)?;
		let entries = first.get(HEAD_BYTES as usize..head.begin() as usize);
		let entries = entries.ok_or(IndexError::Length)?;
		let mut ranges = Vec::with_capacity(head.units as usize);
		for (unit, entry) in (0..).zip(entries.chunks_exact(ENTRY_BYTES as usize)) {
			let entry = entry.try_into().map_err(|_| IndexError::Length)?;
			ranges.push(head.range(unit, entry)?);
		}
		Ok(Self {
			ranges,
			data: head.data,
		})
	}
}
