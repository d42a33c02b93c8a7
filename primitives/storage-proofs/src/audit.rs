//! How often slots are asked, until when they may answer, and what that says of how long they were held.

use crate::{
	answer::{answer_bytes, MAX_CHALLENGES},
	shape::Shape,
	Tick, DAY,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// Eras of a day, and the most challenges of a slot in one: more would be asked while others are open.
pub const MAX_PER_DAY: u32 = 144;

/// The numbers of audits. Governed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct AuditTerms {
	/// Ticks in which a slot is asked `per_day` times on average.
	pub day: Tick,
	/// How often, from 1 to [`MAX_PER_DAY`].
	pub per_day: u32,
	/// For so many ticks after it was asked its answer counts: an era at most.
	pub window: Tick,
	/// Bytes of a block that answers may take.
	pub bytes: u32,
}

/// How many slots are to be asked at a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
	/// So many.
	pub count: u32,
	/// What is left for the next tick, to be kept.
	pub carry: u32,
	/// How many were due beyond that and are not asked: audits are rarer than the terms say. For a metric.
	pub short: u64,
}

impl AuditTerms {
	/// Those of the chain: two a day, five minutes to answer, 1 % of 5 MiB.
	pub const fn real() -> Self {
		Self {
			day: DAY,
			per_day: 2,
			window: 600,
			bytes: 52_428,
		}
	}

	/// Those of chains to try things on: times are divided by `by`, and a slot is asked each era.
	pub fn for_tests(by: Tick) -> Self {
		let real = Self::real();
		let part = |ticks: Tick| ticks.checked_div(by).unwrap_or(ticks).max(1);
		Self {
			day: part(real.day),
			per_day: MAX_PER_DAY,
			window: part(real.window),
			bytes: real.bytes,
		}
	}

	/// Whether audits may be governed so.
	///
	/// # Errors
	/// If a slot would be asked never, or more than once an era, or had longer than an era to answer, or if the answer
	/// for the longest slot had no room.
	pub fn check(&self) -> Result<(), AuditTermsError> {
		if self.per_day == 0 || self.per_day > MAX_PER_DAY {
			return Err(AuditTermsError::PerDay(self.per_day));
		}
		let era = self.day.checked_div(MAX_PER_DAY).unwrap_or(0);
		if self.window == 0 || self.window > era {
			return Err(AuditTermsError::Window {
				window: self.window,
				era,
			});
		}
		let least = Shape::of(crate::MAX_BYTES).map_or(u32::MAX, answer_bytes);
		if self.bytes < least {
			return Err(AuditTermsError::Bytes {
				bytes: self.bytes,
				least,
			});
		}
		Ok(())
	}

	/// How many slots are asked at a tick, if so many are held. `carry` is what the last tick left, 0 at first.
	pub fn due(&self, active: u32, carry: u32) -> Due {
		let parts = u64::from(active)
			.saturating_mul(self.per_day.into())
			.saturating_add(carry.into());
		let day = u64::from(self.day.max(1));
		let (all, rest) = (parts.checked_div(day).unwrap_or(0), parts.checked_rem(day).unwrap_or(0));
		let count = all.min(MAX_CHALLENGES.into());
		Due {
			count: u32::try_from(count).unwrap_or(MAX_CHALLENGES),
			carry: u32::try_from(rest).unwrap_or(0),
			short: all.saturating_sub(count),
		}
	}

	/// How many bytes are taken once a slot of this shape is asked too, if `taken` are by those before it; none if that
	/// is more than there is room for.
	pub fn room_for(&self, taken: u32, shape: Shape) -> Option<u32> {
		taken
			.checked_add(answer_bytes(shape))
			.filter(|bytes| *bytes <= self.bytes)
	}

	/// The last tick in whose block the answer to what was asked at `asked` counts.
	pub fn deadline(&self, asked: Tick) -> Tick {
		asked.saturating_add(self.window)
	}
}

/// Numbers that audits cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditTermsError {
	/// A slot is asked so often.
	PerDay(
		/// Times a day.
		u32,
	),
	/// A slot may answer for so long.
	Window {
		/// Ticks to answer.
		window: Tick,
		/// Ticks of an era.
		era: Tick,
	},
	/// Answers have so little room.
	Bytes {
		/// Bytes of a block.
		bytes: u32,
		/// Bytes of the longest answer.
		least: u32,
	},
}

impl fmt::Display for AuditTermsError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::PerDay(times) => write!(
				f,
				"a slot would be asked {times} times a day; name 1 to {MAX_PER_DAY}, once an era at most"
			),
			Self::Window { window, era } => write!(
				f,
				"a slot would have {window} ticks to answer; name 1 to {era}, for it may be asked again an era later"
			),
			Self::Bytes { bytes, least } => write!(
				f,
				"{bytes} bytes of a block have no room for the longest answer; give {least} at least"
			),
		}
	}
}

impl core::error::Error for AuditTermsError {}

/// For how long a slot was held, as far as its holder has shown. One challenge is open at a time: with two, whoever can
/// answer one of them would be paid for the time of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Retention {
	proven_to: Tick,
	asked: Option<Tick>,
	misses: u8,
}

impl Retention {
	/// Of a slot whose holder has confirmed it at this tick.
	pub fn confirmed(now: Tick) -> Self {
		Self {
			proven_to: now,
			asked: None,
			misses: 0,
		}
	}

	/// Up to which tick all is settled: it was shown to be held, or the time is not paid for.
	pub fn proven_to(&self) -> Tick {
		self.proven_to
	}

	/// Since when a challenge is open, if one is.
	pub fn asked(&self) -> Option<Tick> {
		self.asked
	}

	/// How many challenges were missed since the last answer, 255 at most.
	pub fn misses(&self) -> u8 {
		self.misses
	}

	/// Whether it counts as held: nothing was missed since the last answer. Silence between challenges is no sign.
	pub fn is_held(&self) -> bool {
		self.misses == 0
	}

	/// It is asked at this tick, by the beacon or because its holder wants to show it now.
	///
	/// # Errors
	/// If a challenge is open.
	pub fn ask(&mut self, now: Tick) -> Result<(), RetentionError> {
		match self.asked {
			Some(asked) => Err(RetentionError::Open(asked)),
			None => {
				self.asked = Some(now);
				Ok(())
			}
		}
	}

	/// Whether an answer counts now.
	///
	/// # Errors
	/// If nothing was asked, or the answer is too late.
	pub fn may_answer(&self, terms: &AuditTerms, now: Tick) -> Result<Tick, RetentionError> {
		let asked = self.asked.ok_or(RetentionError::NotChallenged)?;
		let deadline = terms.deadline(asked);
		if now > deadline {
			return Err(RetentionError::TooLate(deadline));
		}
		Ok(asked)
	}

	/// A good answer has come: the ticks that it was shown to be held for, up to that at which it was asked.
	///
	/// # Errors
	/// If nothing was asked, or the answer is too late; nothing has changed then.
	pub fn answered(&mut self, terms: &AuditTerms, now: Tick) -> Result<Tick, RetentionError> {
		let asked = self.may_answer(terms, now)?;
		self.misses = 0;
		Ok(self.settle(asked))
	}

	/// No answer has come: the ticks that are not paid for, up to that at which it was asked.
	///
	/// # Errors
	/// If nothing was asked, or an answer still counts; nothing has changed then.
	pub fn missed(&mut self, terms: &AuditTerms, now: Tick) -> Result<Tick, RetentionError> {
		let asked = self.asked.ok_or(RetentionError::NotChallenged)?;
		let deadline = terms.deadline(asked);
		if now <= deadline {
			return Err(RetentionError::StillOpen(deadline));
		}
		self.misses = self.misses.saturating_add(1);
		Ok(self.settle(asked))
	}

	/// The ticks since the last proof or miss, which are settled by this one.
	fn settle(&mut self, asked: Tick) -> Tick {
		let ticks = asked.saturating_sub(self.proven_to);
		self.proven_to = self.proven_to.max(asked);
		self.asked = None;
		ticks
	}
}

/// Why a slot is not asked, or an answer does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionError {
	/// It is asked already, since this tick.
	Open(
		/// The tick.
		Tick,
	),
	/// Nothing was asked.
	NotChallenged,
	/// Answers counted until this tick.
	TooLate(
		/// The tick.
		Tick,
	),
	/// Answers count until this tick.
	StillOpen(
		/// The tick.
		Tick,
	),
}

impl fmt::Display for RetentionError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Open(asked) => write!(
				f,
				"the slot was asked at tick {asked}, and has not answered; answer that first"
			),
			Self::NotChallenged => {
				f.write_str("the slot is not asked, or has answered; wait until it is, or ask to be")
			}
			Self::TooLate(deadline) => write!(
				f,
				"answers counted until tick {deadline}; answer the next challenge, and look at clock and connection"
			),
			Self::StillOpen(deadline) => write!(f, "answers count until tick {deadline}; wait till then"),
		}
	}
}

impl core::error::Error for RetentionError {}
