//! How often slots are asked, for how long answers count, and how much of a block they may take.

use super::Draw;
use crate::{Tick, ERA};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use storage_proof_primitives::{answer_bytes, Shape, MAX_BYTES};

/// The most challenges of a tick.
pub const MAX_CHALLENGES: u32 = 64;

/// The numbers of audits. Governed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Audits {
	/// Ticks in which each slot is asked once, at a time that is drawn.
	pub period: Tick,
	/// For so many ticks after it was asked its answer counts. Until then it is not asked again.
	pub window: Tick,
	/// Bytes of a block that the answers to a tick's challenges may take.
	pub bytes: u32,
}

impl Audits {
	/// Those of the chain: once in each half of a day, five minutes to answer, 1 % of 5 MiB.
	pub const fn real() -> Self {
		Self {
			period: 72 * ERA,
			window: 600,
			bytes: 52_428,
		}
	}

	/// Those of chains to try things on: once in each era, and all times are divided by `by`.
	pub fn for_tests(by: Tick) -> Self {
		let part = |ticks: Tick| ticks.checked_div(by).unwrap_or(ticks).max(1);
		Self {
			period: part(ERA).max(2),
			window: part(600),
			..Self::real()
		}
	}

	/// Whether audits may be governed so.
	///
	/// # Errors
	/// If a slot has no time to answer, or so long that it is asked more rarely than once in a period for it; or if the
	/// answer for the longest slot has no room.
	pub fn check(&self) -> Result<(), AuditsError> {
		let half = self.period.div_euclid(2);
		if self.window == 0 || self.window > half {
			return Err(AuditsError::Window {
				window: self.window,
				most: half,
			});
		}
		let least = Shape::of(MAX_BYTES).map_or(u32::MAX, answer_bytes);
		if self.bytes < least {
			return Err(AuditsError::Bytes {
				bytes: self.bytes,
				least,
			});
		}
		Ok(())
	}

	/// The last tick in whose block the answer to what was asked at `asked` counts.
	pub fn deadline(&self, asked: Tick) -> Tick {
		asked.saturating_add(self.window)
	}

	/// Whether what was asked at `asked` can still be answered: then the slot is not asked again.
	pub fn is_open(&self, asked: Tick, now: Tick) -> bool {
		now <= self.deadline(asked)
	}
}

/// What is left for challenges at a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
	/// So many challenges.
	pub challenges: u32,
	/// So many bytes of their answers.
	pub bytes: u32,
}

impl Room {
	/// A part of all that a tick has.
	pub fn part(audits: &Audits, of: u32) -> Self {
		let part = |all: u32| all.checked_div(of).unwrap_or(all);
		Self {
			challenges: part(MAX_CHALLENGES),
			bytes: part(audits.bytes),
		}
	}

	/// Takes what the answer for a slot of this shape needs. False if that is not there; nothing was taken then.
	#[must_use = "what has no room is not asked"]
	pub fn take(&mut self, shape: Shape) -> bool {
		let bytes = self.bytes.checked_sub(answer_bytes(shape));
		let (Some(challenges), Some(bytes)) = (self.challenges.checked_sub(1), bytes) else {
			return false;
		};
		*self = Self { challenges, bytes };
		true
	}

	/// The same of a part of what a tick has, and of the whole.
	#[must_use = "what has no room is not asked"]
	pub fn take_of(&mut self, whole: &mut Self, shape: Shape) -> bool {
		let (mut part, mut rest) = (*self, *whole);
		if !part.take(shape) || !rest.take(shape) {
			return false;
		}
		(*self, *whole) = (part, rest);
		true
	}
}

/// A period in which each slot is asked once. Slots lie in a dense list, of which those that were asked are the first
/// ones: so each tick draws among the others, and nobody knows before when a slot's turn is.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Period {
	/// The first tick that is of the next one.
	pub ends: Tick,
	/// How many slots were asked in this one.
	pub asked: u32,
}

impl Period {
	/// Begins the next one if this one is over. Returns how many of so many slots were not asked in it.
	pub fn turn(&mut self, now: Tick, slots: u32, audits: &Audits) -> Option<u32> {
		if now < self.ends {
			return None;
		}
		let left = slots.saturating_sub(self.asked);
		*self = Self {
			ends: now.saturating_add(audits.period.max(1)),
			asked: 0,
		};
		Some(left)
	}

	/// How many of so many slots are to be asked at a tick, if all have room: each of those that were not asked yet has
	/// the same chance at each tick that is left, so that its time is as likely one as another.
	pub fn due(&self, now: Tick, slots: u32, draw: &Draw) -> u32 {
		let waiting = slots.saturating_sub(self.asked);
		let ticks = self.ends.saturating_sub(now).max(1);
		let (whole, rest) = (waiting.div_euclid(ticks), waiting.rem_euclid(ticks));
		whole.saturating_add(u32::from(draw.below_u32(0, ticks) < rest))
	}
}

/// How many visits are due, tick by tick, without a rounding loss.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Quota {
	/// What is owed and was no whole visit, in parts of one: below an era's ticks.
	pub owed: u64,
}

impl Quota {
	/// How many are due now, where each of so many has one in `era` ticks, at most `cap`. What is above that is left
	/// out, and the second value says so: visits are rarer.
	pub fn due(&mut self, each: u32, era: Tick, cap: u32) -> (u32, bool) {
		let owed = self.owed.saturating_add(u64::from(each));
		let era = u64::from(era.max(1));
		self.owed = owed.rem_euclid(era);
		match u32::try_from(owed.div_euclid(era)) {
			Ok(due) if due <= cap => (due, false),
			_ => (cap, true),
		}
	}
}

/// Numbers that audits cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditsError {
	/// A slot may answer for so long.
	Window {
		/// Ticks to answer.
		window: Tick,
		/// Half of the period.
		most: Tick,
	},
	/// Answers have so little room.
	Bytes {
		/// Bytes of a block.
		bytes: u32,
		/// Bytes of the longest answer.
		least: u32,
	},
}

impl fmt::Display for AuditsError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Window { window, most } => write!(
				f,
				"a slot would have {window} ticks to answer; name 1 to {most}, so that it is asked in each period"
			),
			Self::Bytes { bytes, least } => write!(
				f,
				"{bytes} bytes of a block have no room for the longest answer; give {least} at least"
			),
		}
	}
}

impl core::error::Error for AuditsError {}
