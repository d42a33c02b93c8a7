//! What a child answers.

use crate::{
	read::{array, plain, Malformed, Reader, WireError},
	request::{Request, Want},
};
use std::io::{self, Read, Write};

/// The most bytes of what a program said for people.
pub const MAX_REMARK_BYTES: usize = 64 << 10;
/// The most bytes of the words of a fault.
pub const MAX_WORDS: usize = 512;
/// The root of an output without a byte.
pub const EMPTY_ROOT: [u8; 32] = compute_market_primitives::NO_OUTPUT;
/// Bytes before root or output.
const FIXED: usize = 20;

/// How a unit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
	/// It ran through.
	Ok,
	/// It trapped, with the engine's code for that, which is not 0.
	Trap(u16),
	/// It burned more than its limit.
	OutOfFuel,
}

/// A unit's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
	/// All of it.
	Bytes(Vec<u8>),
	/// Its BLAKE3 hash and how many bytes it has.
	Root {
		/// The hash.
		root: [u8; 32],
		/// The bytes.
		bytes: u32,
	},
}

/// What came of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// How it ended.
	pub ending: Ending,
	/// What it burned: no more than its limit.
	pub fuel: u64,
	/// What it wrote; nothing, unless it ran through.
	pub output: Output,
	/// What it said for people, up to [`MAX_REMARK_BYTES`]: no part of what is agreed on.
	pub remarks: Vec<u8>,
}

/// Whose fault it is that a unit has no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
	/// The request's: no job can have such terms.
	Terms,
	/// The program's: the engine does not take it, on any machine.
	Program,
	/// The compiler's.
	Compiler,
	/// The stack's, whose depth differs between machines.
	Stack,
	/// The machine's.
	Host,
}

/// Why the engine has no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct Fault {
	/// Whose fault it is.
	pub cause: Cause,
	/// Why, and what to do: up to [`MAX_WORDS`] bytes.
	pub words: String,
}

impl Output {
	/// Its BLAKE3 hash.
	pub fn root(&self) -> [u8; 32] {
		match self {
			Self::Bytes(bytes) => blake3::hash(bytes).into(),
			Self::Root { root, .. } => *root,
		}
	}

	/// How many bytes it has.
	pub fn length(&self) -> u64 {
		match self {
			Self::Bytes(bytes) => bytes.len() as u64,
			Self::Root { bytes, .. } => u64::from(*bytes),
		}
	}
}

impl Answer {
	/// As it is wanted: without the bytes of its output, if nobody wants them.
	pub fn wanted(mut self, want: Want) -> Self {
		if let (Want::Root, Output::Bytes(bytes)) = (want, &self.output) {
			self.output = Output::Root {
				root: self.output.root(),
				bytes: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
			};
		}
		self
	}

	/// Whether it can be the answer to this request, of a child with so many bytes of output.
	///
	/// # Errors
	/// [`Malformed`]: what in it cannot be.
	pub fn check(&self, request: &Request, output: u32) -> Result<(), Malformed> {
		self.consistent()?;
		let form = match self.output {
			Output::Bytes(_) => Want::Bytes,
			Output::Root { .. } => Want::Root,
		};
		Malformed::unless([
			(self.fuel <= request.fuel, "fuel"),
			(form == request.want, "form"),
			(self.output.length() <= u64::from(output), "output"),
		])
	}

	/// Whether it fits itself.
	fn consistent(&self) -> Result<(), Malformed> {
		let nothing = match &self.output {
			Output::Bytes(bytes) => bytes.is_empty(),
			Output::Root { root, bytes } => {
				if (*bytes == 0) != (*root == EMPTY_ROOT) {
					return Err(Malformed::Field("root"));
				}
				*bytes == 0
			}
		};
		Malformed::unless([
			(self.ending != Ending::Trap(0), "trap"),
			(self.ending == Ending::Ok || nothing, "output"),
			(self.remarks.len() <= MAX_REMARK_BYTES, "remarks"),
		])
	}

	/// Bytes of its body.
	pub(crate) fn length(&self) -> u32 {
		let output = match &self.output {
			Output::Bytes(bytes) => bytes.len(),
			Output::Root { .. } => 32,
		};
		u32::try_from(FIXED + output + self.remarks.len()).unwrap_or(u32::MAX)
	}

	/// Writes its body.
	pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
		let (ending, trap) = match self.ending {
			Ending::Ok => (0, 0),
			Ending::Trap(code) => (1, code),
			Ending::OutOfFuel => (2, 0),
		};
		let (form, body): (u8, &[u8]) = match &self.output {
			Output::Root { root, .. } => (0, root),
			Output::Bytes(bytes) => (1, bytes),
		};
		let count = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
		let mut fixed = vec![ending];
		fixed.extend(u16::to_le_bytes(trap));
		fixed.extend(self.fuel.to_le_bytes());
		fixed.push(form);
		fixed.extend(count(self.output.length()));
		fixed.extend(count(self.remarks.len() as u64));
		out.write_all(&fixed)?;
		out.write_all(body)?;
		out.write_all(&self.remarks)
	}

	/// Reads a body of so many bytes, with no more output than `output` bytes.
	pub(crate) fn read(length: u32, output: u32, from: &mut impl Read) -> Result<Self, WireError> {
		let mut reader = Reader::new(from, length);
		let fixed: [u8; FIXED] = reader.fixed()?;
		let ending = match (fixed[0], u16::from_le_bytes(array(&fixed, 1))) {
			(0, 0) => Ending::Ok,
			(1, code) => Ending::Trap(code),
			(2, 0) => Ending::OutOfFuel,
			_ => return Err(Malformed::Field("ending").into()),
		};
		let bytes = u32::from_le_bytes(array(&fixed, 12));
		let remarks = u32::from_le_bytes(array(&fixed, 16)) as usize;
		if bytes > output {
			return Err(Malformed::Field("output").into());
		}
		if remarks > MAX_REMARK_BYTES {
			return Err(Malformed::Field("remarks").into());
		}
		let output = match fixed[11] {
			0 => Output::Root {
				root: reader.fixed()?,
				bytes,
			},
			1 => Output::Bytes(reader.bytes(bytes as usize)?),
			_ => return Err(Malformed::Field("form").into()),
		};
		let remarks = reader.bytes(remarks)?;
		reader.end()?;
		let answer = Self {
			ending,
			fuel: u64::from_le_bytes(array(&fixed, 3)),
			output,
			remarks,
		};
		answer.consistent()?;
		Ok(answer)
	}
}

impl Fault {
	/// With words that are cut to [`MAX_WORDS`].
	pub fn new(cause: Cause, words: &str) -> Self {
		Self {
			cause,
			words: plain(words, MAX_WORDS),
		}
	}
}

impl Cause {
	/// Its number on the wire.
	pub(crate) const fn number(self) -> u8 {
		match self {
			Self::Terms => 0,
			Self::Program => 1,
			Self::Compiler => 2,
			Self::Stack => 3,
			Self::Host => 4,
		}
	}

	/// What a number says.
	pub(crate) const fn of(number: u8) -> Option<Self> {
		Some(match number {
			0 => Self::Terms,
			1 => Self::Program,
			2 => Self::Compiler,
			3 => Self::Stack,
			4 => Self::Host,
			_ => return None,
		})
	}
}
