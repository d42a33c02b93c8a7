//! What whoever holds a slot shows of it when it is asked, and when it gets it. Which chunks are asked for is not known
//! here: a beacon draws them.

use crate::{
	opening::Opening,
	shape::{Contents, Shape},
	OpeningError,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// How many chunks are asked for at once.
pub const ASKED: usize = 2;

/// What a transaction adds to the openings that it carries, in bytes at most.
pub const ENVELOPE_BYTES: u32 = 128;

/// The openings of the chunks that were asked for, in the order in which they were drawn.
pub type Answer = [Opening; ASKED];

/// Whether an answer shows the chunks that were asked for. Lengths first: an answer that has wrong ones costs no hash.
///
/// # Errors
/// If one of its openings shows something else.
pub fn check_answer(contents: &Contents, asked: [u32; ASKED], answer: &Answer) -> Result<(), AnswerError> {
	let shape = contents.shape().map_err(AnswerError::first)?;
	check(answer.iter().zip(asked), shape, contents)
}

/// What whoever gets a slot shows before it is paid for it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Confirmation {
	/// The last chunk, which shows how long the slot is.
	pub last: Opening,
	/// Another one, which is drawn.
	pub random: Opening,
}

impl Confirmation {
	/// Whether it shows that slot, where `random` is the number of the chunk that was drawn.
	///
	/// # Errors
	/// If one of its openings shows something else.
	pub fn check(&self, contents: &Contents, random: u32) -> Result<(), AnswerError> {
		let shape = contents.shape().map_err(AnswerError::first)?;
		check([(&self.last, shape.last()), (&self.random, random)], shape, contents)
	}
}

/// All lengths, and then all hashes.
fn check<'a>(
	openings: impl IntoIterator<Item = (&'a Opening, u32), IntoIter: Clone>,
	shape: Shape,
	contents: &Contents,
) -> Result<(), AnswerError> {
	let openings = openings.into_iter().zip(0u8..);
	for ((opening, index), number) in openings.clone() {
		let wrong = |why| AnswerError { number, why };
		opening.fits(shape, index).map_err(wrong)?;
	}
	for ((opening, index), number) in openings {
		let wrong = |why| AnswerError { number, why };
		opening.verify(contents, index).map_err(wrong)?;
	}
	Ok(())
}

/// How many bytes of a block the answer for a slot takes at most, with the transaction that carries it.
pub fn answer_bytes(shape: Shape) -> u32 {
	let openings = Opening::encoded_len(shape).saturating_mul(ASKED);
	u32::try_from(openings)
		.unwrap_or(u32::MAX)
		.saturating_add(ENVELOPE_BYTES)
}

/// Which opening of an answer is refused, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerError {
	/// Its number, counted from 0.
	pub number: u8,
	/// Why.
	pub why: OpeningError,
}

impl AnswerError {
	fn first(why: OpeningError) -> Self {
		Self { number: 0, why }
	}
}

impl fmt::Display for AnswerError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "opening {}, counted from 0, is refused: {}", self.number, self.why)
	}
}

impl core::error::Error for AnswerError {}
