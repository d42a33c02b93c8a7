//! What goes between parent and child over the child's standard input and output: six frames, of version 1. Pure.

pub use crate::read::{Malformed, WireError};

use crate::{
	answer::{Answer, Cause, Fault, MAX_WORDS},
	confine::{Confined, Layer, Unconfined},
	limits::Limits,
	read::{array, plain, Reader},
	request::Request,
};
use std::{
	io::{self, Read, Write},
	time::Duration,
};

/// How a frame begins.
pub const MAGIC: [u8; 6] = *b"SCUNIT";
/// The version of all this.
pub const VERSION: u8 = 1;
/// Bytes of a frame's head.
pub const HEAD: usize = 12;
const HELLO: u8 = 1;
const CONFINED: u8 = 2;
const UNCONFINED: u8 = 3;
const REQUEST: u8 = 4;
const ANSWER: u8 = 5;
const FAULT: u8 = 6;
/// Bytes of a hello's body.
const HELLO_BYTES: usize = 25;

/// What a parent says first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
	/// The parent's process.
	pub parent: u32,
	/// What the child confines itself to.
	pub limits: Limits,
}

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
	/// From the parent, first: to what the child is to confine itself.
	Hello(Hello),
	/// From the child: it is confined.
	Confined(Confined),
	/// From the child: it cannot be, and ends.
	Unconfined(Unconfined),
	/// From the parent: the unit.
	Request(Request),
	/// From the child: what came of it.
	Answer(Answer),
	/// From the child: why nothing did.
	Fault(Fault),
}

impl Message {
	/// Writes it. What is out of its range is not written, or refused by the other side: check it before.
	///
	/// # Errors
	/// The pipe's.
	pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
		match self {
			Self::Hello(hello) => short(out, HELLO, &hello.bytes()),
			Self::Confined(confined) => short(out, CONFINED, &[u8::from(confined.whole)]),
			Self::Unconfined(why) => worded(out, UNCONFINED, why.layer.number(), &why.words),
			Self::Request(request) => write_request(request, out),
			Self::Answer(answer) => {
				head(out, ANSWER, answer.length())?;
				answer.write(out)?;
				out.flush()
			}
			Self::Fault(fault) => worded(out, FAULT, fault.cause.number(), &fault.words),
		}
	}
}

/// Writes a request without having it in a message.
pub(crate) fn write_request(request: &Request, out: &mut impl Write) -> io::Result<()> {
	head(out, REQUEST, request.length())?;
	request.write(out)?;
	out.flush()
}

/// Reads what a parent says.
///
/// # Errors
/// [`WireError`]: also if it is what a child says.
pub fn from_parent(from: &mut impl Read) -> Result<Message, WireError> {
	let (kind, length) = head_of(from)?;
	match kind {
		HELLO => Hello::read(length, from).map(Message::Hello),
		REQUEST => Request::read(length, from).map(Message::Request),
		other => Err(Malformed::Kind(other).into()),
	}
}

/// Reads what a child says that may have so many bytes of output.
///
/// # Errors
/// [`WireError`]: also if it is what a parent says.
pub fn from_child(from: &mut impl Read, output: u32) -> Result<Message, WireError> {
	let (kind, length) = head_of(from)?;
	match kind {
		CONFINED => {
			let mut reader = Reader::new(from, length);
			let whole = match reader.fixed()? {
				[0] => false,
				[1] => true,
				_ => return Err(Malformed::Field("whole").into()),
			};
			reader.end()?;
			Ok(Message::Confined(Confined { whole }))
		}
		UNCONFINED => {
			let (number, words) = words_of(length, from)?;
			let layer = Layer::of(number).ok_or(Malformed::Field("layer"))?;
			Ok(Message::Unconfined(Unconfined { layer, words }))
		}
		ANSWER => Answer::read(length, output, from).map(Message::Answer),
		FAULT => {
			let (number, words) = words_of(length, from)?;
			let cause = Cause::of(number).ok_or(Malformed::Field("cause"))?;
			Ok(Message::Fault(Fault { cause, words }))
		}
		other => Err(Malformed::Kind(other).into()),
	}
}

impl Hello {
	fn bytes(&self) -> [u8; HELLO_BYTES] {
		let limits = &self.limits;
		let wall = u32::try_from(limits.wall.as_millis()).unwrap_or(u32::MAX);
		let mut out = Vec::with_capacity(HELLO_BYTES);
		out.extend(self.parent.to_le_bytes());
		out.extend(limits.memory.to_le_bytes());
		out.extend(wall.to_le_bytes());
		out.extend(limits.output.to_le_bytes());
		out.extend(limits.stack.to_le_bytes());
		out.push(u8::from(limits.threads));
		array(&out, 0)
	}

	fn read(length: u32, from: &mut impl Read) -> Result<Self, WireError> {
		let mut reader = Reader::new(from, length);
		let fixed: [u8; HELLO_BYTES] = reader.fixed()?;
		reader.end()?;
		let limits = Limits {
			memory: u64::from_le_bytes(array(&fixed, 4)),
			wall: Duration::from_millis(u32::from_le_bytes(array(&fixed, 12)).into()),
			output: u32::from_le_bytes(array(&fixed, 16)),
			stack: u32::from_le_bytes(array(&fixed, 20)),
			threads: match fixed[24] {
				0 => false,
				1 => true,
				_ => return Err(Malformed::Field("threads").into()),
			},
		};
		limits.check().map_err(|wrong| Malformed::Field(wrong.0))?;
		Ok(Self {
			parent: u32::from_le_bytes(array(&fixed, 0)),
			limits,
		})
	}
}

fn head(out: &mut impl Write, kind: u8, length: u32) -> io::Result<()> {
	let mut bytes = [0; HEAD];
	bytes[..6].copy_from_slice(&MAGIC);
	bytes[6] = VERSION;
	bytes[7] = kind;
	bytes[8..].copy_from_slice(&length.to_le_bytes());
	out.write_all(&bytes)
}

fn short(out: &mut impl Write, kind: u8, body: &[u8]) -> io::Result<()> {
	head(out, kind, u32::try_from(body.len()).unwrap_or(u32::MAX))?;
	out.write_all(body)?;
	out.flush()
}

fn worded(out: &mut impl Write, kind: u8, number: u8, words: &str) -> io::Result<()> {
	let mut body = vec![number];
	body.extend(plain(words, MAX_WORDS).into_bytes());
	short(out, kind, &body)
}

fn words_of(length: u32, from: &mut impl Read) -> Result<(u8, String), WireError> {
	let mut reader = Reader::new(from, length);
	let [number] = reader.fixed()?;
	let words = reader.rest(MAX_WORDS)?;
	let words = String::from_utf8(words).map_err(|_| Malformed::Field("words"))?;
	match plain(&words, MAX_WORDS) == words {
		true => Ok((number, words)),
		false => Err(Malformed::Field("words").into()),
	}
}

fn head_of(from: &mut impl Read) -> Result<(u8, u32), WireError> {
	let mut bytes = [0; HEAD];
	from.read_exact(&mut bytes)?;
	if bytes[..6] != MAGIC {
		return Err(Malformed::Magic.into());
	}
	if bytes[6] != VERSION {
		return Err(Malformed::Version(bytes[6]).into());
	}
	Ok((bytes[7], u32::from_le_bytes(array(&bytes, 8))))
}
