//! What a child is asked for.

use crate::read::{array, Malformed, Reader, WireError};
use compute_market_primitives as market;
use std::io::{self, Read, Write};

/// Bytes of a page of Wasm.
pub const PAGE_BYTES: u64 = 65_536;
/// The most pages of a unit's memory: 4 GiB.
pub const MAX_PAGES: u32 = market::MAX_MEMORY_PAGES;
/// The most bytes of a program.
pub const MAX_PROGRAM: usize = market::MAX_PROGRAM_BYTES as usize;
/// The most bytes of a unit's input.
pub const MAX_INPUT: usize = market::MAX_INPUT_BYTES as usize;
/// The most units of a job.
pub const MAX_UNITS: u32 = market::MAX_UNITS;
/// The highest fuel limit.
pub const MAX_FUEL: u64 = market::MAX_FUEL;
/// Bytes before program and input.
const FIXED: usize = 69;

/// Which form the output has to have in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
	/// Its root alone: whoever checks others' results needs no more.
	Root,
	/// All its bytes.
	Bytes,
}

/// A unit of a job, with all that its outcome depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
	/// The unit's number, below `count`.
	pub unit: u32,
	/// Units of the job: 1..=[`MAX_UNITS`].
	pub count: u32,
	/// The job's block time, in milliseconds since 1970.
	pub time: u64,
	/// The job's seed from the beacon.
	pub seed: [u8; 32],
	/// How much fuel it may burn: up to [`MAX_FUEL`].
	pub fuel: u64,
	/// To how many pages its memory may grow: up to [`MAX_PAGES`].
	pub pages: u32,
	/// What is wanted of its output.
	pub want: Want,
	/// The program: up to [`MAX_PROGRAM`] bytes.
	pub program: Vec<u8>,
	/// The unit's range of the job's input: up to [`MAX_INPUT`] bytes.
	pub input: Vec<u8>,
}

impl Request {
	/// Whether all is in its range.
	///
	/// # Errors
	/// [`Malformed::Field`] with the name of the first that is not.
	pub fn check(&self) -> Result<(), Malformed> {
		check(self.unit, self.count, self.fuel, self.pages)?;
		lengths(self.program.len(), self.input.len())
	}

	/// Bytes of its body, if all is in its range.
	pub(crate) fn length(&self) -> u32 {
		u32::try_from(FIXED + self.program.len() + self.input.len()).unwrap_or(u32::MAX)
	}

	/// Writes its body.
	pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
		let mut fixed = Vec::with_capacity(FIXED);
		fixed.extend(self.unit.to_le_bytes());
		fixed.extend(self.count.to_le_bytes());
		fixed.extend(self.time.to_le_bytes());
		fixed.extend(self.seed);
		fixed.extend(self.fuel.to_le_bytes());
		fixed.extend(self.pages.to_le_bytes());
		fixed.push(match self.want {
			Want::Root => 0,
			Want::Bytes => 1,
		});
		for part in [&self.program, &self.input] {
			fixed.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
		}
		out.write_all(&fixed)?;
		out.write_all(&self.program)?;
		out.write_all(&self.input)
	}

	/// Reads a body of so many bytes.
	pub(crate) fn read(length: u32, from: &mut impl Read) -> Result<Self, WireError> {
		let mut reader = Reader::new(from, length);
		let fixed: [u8; FIXED] = reader.fixed()?;
		let (unit, count) = (
			u32::from_le_bytes(array(&fixed, 0)),
			u32::from_le_bytes(array(&fixed, 4)),
		);
		let (fuel, pages) = (
			u64::from_le_bytes(array(&fixed, 48)),
			u32::from_le_bytes(array(&fixed, 56)),
		);
		check(unit, count, fuel, pages)?;
		let want = match fixed[60] {
			0 => Want::Root,
			1 => Want::Bytes,
			_ => return Err(Malformed::Field("want").into()),
		};
		let program = u32::from_le_bytes(array(&fixed, 61)) as usize;
		let input = u32::from_le_bytes(array(&fixed, 65)) as usize;
		lengths(program, input)?;
		let (program, input) = (reader.bytes(program)?, reader.bytes(input)?);
		reader.end()?;
		Ok(Self {
			unit,
			count,
			time: u64::from_le_bytes(array(&fixed, 8)),
			seed: array(&fixed, 16),
			fuel,
			pages,
			want,
			program,
			input,
		})
	}
}

fn check(unit: u32, count: u32, fuel: u64, pages: u32) -> Result<(), Malformed> {
	Malformed::unless([
		((1..=MAX_UNITS).contains(&count), "count"),
		(unit < count, "unit"),
		(fuel <= MAX_FUEL, "fuel"),
		(pages <= MAX_PAGES, "pages"),
	])
}

fn lengths(program: usize, input: usize) -> Result<(), Malformed> {
	Malformed::unless([(program <= MAX_PROGRAM, "program"), (input <= MAX_INPUT, "input")])
}
