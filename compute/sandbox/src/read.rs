//! Bounded reading: no byte beyond a frame's length is taken, and no room is made before bytes come.

use std::io::{self, Read};

/// What is no frame of this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
	/// It begins with something else.
	#[error("what came is no frame; nothing but this protocol may write to the standard output")]
	Magic,
	/// It is of another version.
	#[error("a frame of version {0} came; parent and child have to be of one build")]
	Version(u8),
	/// It is not to come now, or from there.
	#[error("a frame of kind {0} came, which is not to come now")]
	Kind(u8),
	/// It has another length than its parts together, or than one of its kind can have.
	#[error("a frame has {0} bytes, which one of its kind cannot have")]
	Length(u32),
	/// A field in it says what cannot be.
	#[error("the field `{0}` of a frame says what cannot be")]
	Field(&'static str),
}

impl Malformed {
	/// Of fields, each with whether it is right: the first one that is not.
	pub(crate) fn unless<const N: usize>(fields: [(bool, &'static str); N]) -> Result<(), Self> {
		match fields.into_iter().find(|(right, _)| !right) {
			None => Ok(()),
			Some((_, name)) => Err(Self::Field(name)),
		}
	}
}

/// Why there is no frame.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
	/// The other side ended, in a frame or before it.
	#[error("the other side ended before all of it came")]
	Closed,
	/// It sent something else.
	#[error(transparent)]
	Malformed(#[from] Malformed),
	/// The pipe failed.
	#[error("the pipe failed: {0}")]
	Io(io::Error),
}

impl From<io::Error> for WireError {
	fn from(error: io::Error) -> Self {
		match error.kind() {
			io::ErrorKind::UnexpectedEof => Self::Closed,
			_ => Self::Io(error),
		}
	}
}

/// Reads the parts of a frame's body.
pub struct Reader<'a, R> {
	from: &'a mut R,
	length: u32,
	left: usize,
}

impl<'a, R: Read> Reader<'a, R> {
	/// Of a body of so many bytes.
	pub fn new(from: &'a mut R, length: u32) -> Self {
		Self {
			from,
			length,
			left: length as usize,
		}
	}

	/// As many bytes as the array has.
	pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
		self.take(N)?;
		let mut out = [0; N];
		self.from.read_exact(&mut out)?;
		Ok(out)
	}

	/// So many bytes, whose number was compared with a bound before.
	pub fn bytes(&mut self, count: usize) -> Result<Vec<u8>, WireError> {
		self.take(count)?;
		let mut out = Vec::new();
		self.from.by_ref().take(count as u64).read_to_end(&mut out)?;
		match out.len() == count {
			true => Ok(out),
			false => Err(WireError::Closed),
		}
	}

	/// The rest, if that is no more than `most` bytes.
	pub fn rest(&mut self, most: usize) -> Result<Vec<u8>, WireError> {
		match self.left <= most {
			true => self.bytes(self.left),
			false => Err(Malformed::Length(self.length).into()),
		}
	}

	/// Whether nothing is left.
	pub fn end(&self) -> Result<(), WireError> {
		match self.left {
			0 => Ok(()),
			_ => Err(Malformed::Length(self.length).into()),
		}
	}

	fn take(&mut self, count: usize) -> Result<(), WireError> {
		let left = self.left.checked_sub(count);
		self.left = left.ok_or(Malformed::Length(self.length))?;
		Ok(())
	}
}

/// A part of bytes that has that part.
pub fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
	let part = bytes.get(at..).and_then(<[u8]>::first_chunk);
	part.copied().unwrap_or([0; N])
}

/// Text that shows what it is: control characters are replaced, and it is cut to so many bytes.
pub fn plain(text: &str, most: usize) -> String {
	let mut out = String::new();
	for char in text.trim().chars() {
		let shown = match char {
			'\n' | '\t' => ' ',
			hidden if is_hidden(hidden) => char::REPLACEMENT_CHARACTER,
			shown => shown,
		};
		if out.len() + shown.len_utf8() > most {
			break;
		}
		out.push(shown);
	}
	// What was cut may end in a blank now.
	out.trim_end().to_owned()
}

/// Whether a terminal may do something else than show it: controls, and what changes the direction of writing.
const fn is_hidden(char: char) -> bool {
	let is_control = matches!(char, '\0'..='\x1f' | '\x7f'..='\u{9f}');
	let turns =
		matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
	is_control || turns
}
