#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The most workers that a unit is given to.
pub const MOST: usize = 21;
/// How many have to be asked before a pool in which nobody is left may decide by two thirds of them.
pub const EXHAUSTED: usize = 6;

/// One worker alone.
pub const SINGLE: Rule = Rule(&[Step::new(1, 1)]);
/// Three alike, or more after a dissent.
pub const QUORUM: Rule = Rule(&[Step::new(3, 3), Step::new(7, 6), Step::new(13, 9), Step::new(21, 14)]);
/// Five alike, or more after a dissent.
pub const STRICT: Rule = Rule(&[Step::new(5, 5), Step::new(13, 9), Step::new(21, 13)]);
/// Thirteen fresh ones, of whom nine have to agree.
pub const JURY: Rule = Rule(&[Step::new(13, 9)]);

/// What one worker says of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Return<D> {
	/// The digest of its result.
	#[codec(index = 0)]
	Digest(D),
	/// Its machine could not run the unit.
	#[codec(index = 1)]
	Fault,
	/// It committed itself to a result and did not show it.
	#[codec(index = 2)]
	Nothing,
}

/// How many are asked in all, and how many of them have to agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
	/// Workers that have been asked when it is judged, up to [`MOST`].
	pub asked: usize,
	/// Those that have to say the same: more than half of them.
	pub agree: usize,
}

impl Step {
	/// A step of a rule.
	#[must_use]
	pub const fn new(asked: usize, agree: usize) -> Self {
		Self { asked, agree }
	}
}

/// The steps by which a unit is decided, each with more workers than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule(pub &'static [Step]);

/// What comes of the returns on a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<D> {
	/// So many are missing from the step, or are to be asked besides: it cannot be judged yet.
	Ask(usize),
	/// This is the result.
	Accepted(D),
	/// Two thirds of the workers could not run it.
	Faulted,
	/// Not enough agree, and nobody is left to be asked.
	Undecided,
}

impl Rule {
	/// How many are asked at first.
	#[must_use]
	pub fn first(&self) -> usize {
		self.0.first().map_or(0, |step| step.asked)
	}

	/// Judges all returns of a unit. `left` says how many may still be asked.
	///
	/// Returns are judged if they are those of a whole step, or of everybody there is. Otherwise [`Verdict::Ask`] says
	/// how many are missing from the next step.
	pub fn judge<D: Copy + PartialEq>(&self, returns: &[Return<D>], left: usize) -> Verdict<D> {
		let done = self.0.iter().find(|step| step.asked == returns.len());
		if let Some(verdict) = done.and_then(|step| end(returns, step.agree)) {
			return verdict;
		}
		let Some(next) = self.0.iter().find(|step| step.asked > returns.len()) else {
			return Verdict::Undecided;
		};
		let missing = next.asked.saturating_sub(returns.len());
		if missing <= left {
			Verdict::Ask(missing)
		} else if left > 0 && returns.len().saturating_add(left) >= EXHAUSTED {
			// All there are may decide by two thirds.
			Verdict::Ask(left)
		} else {
			exhausted(returns)
		}
	}
}

/// The digest that most returned, and how many these are. Of two with as many the first one.
fn foremost<D: Copy + PartialEq>(returns: &[Return<D>]) -> Option<(D, usize)> {
	let mut best: Option<(D, usize)> = None;
	for one in returns {
		let Return::Digest(digest) = one else { continue };
		let alike = returns.iter().filter(|other| *other == one).count();
		if best.is_none_or(|(_, most)| alike > most) {
			best = Some((*digest, alike));
		}
	}
	best
}

/// What ends it, if something does, where so many have to agree.
fn end<D: Copy + PartialEq>(returns: &[Return<D>], agree: usize) -> Option<Verdict<D>> {
	let faults = returns.iter().filter(|one| matches!(one, Return::Fault)).count();
	if !returns.is_empty() && is_two_thirds(faults, returns.len()) {
		return Some(Verdict::Faulted);
	}
	let (digest, alike) = foremost(returns)?;
	(alike >= agree).then_some(Verdict::Accepted(digest))
}

/// What comes of it where nobody is left.
fn exhausted<D: Copy + PartialEq>(returns: &[Return<D>]) -> Verdict<D> {
	let least = returns.len().saturating_mul(2).div_ceil(3);
	let enough = if returns.len() >= EXHAUSTED { least } else { usize::MAX };
	end(returns, enough).unwrap_or(Verdict::Undecided)
}

fn is_two_thirds(part: usize, of: usize) -> bool {
	part.saturating_mul(3) >= of.saturating_mul(2)
}

/// Whether a return is wrong where this result was accepted: another digest, or nothing. Who could not run the unit is
/// not wrong.
pub fn is_dissent<D: PartialEq>(one: &Return<D>, accepted: &D) -> bool {
	match one {
		Return::Digest(digest) => digest != accepted,
		Return::Nothing => true,
		Return::Fault => false,
	}
}
