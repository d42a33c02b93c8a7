#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::cmp::Reverse;
use scale_info::TypeInfo;

/// The highest weight. With it a pool of 2^16 members is picked from 2^14 times before a standing could leave its type,
/// and one of 64 members 2^24 times, which is two hundred times what the largest job takes.
pub const MAX_WEIGHT: u32 = u32::MAX;
/// How many medians of the pool a weight is at most.
pub const MEDIANS: u32 = 8;
/// What part of its weight a member has back with a success: one in so many.
pub const RECOVERY: u32 = 8;

/// Numbers that nobody knows before they are drawn.
pub trait Jitter {
	/// A number below `end`, each as likely as another; 0 if `end` is 0.
	fn below(&mut self, end: u64) -> u64;
}

/// A member of a pool, as far as the rounds go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Member {
	weight: u32,
	effective: u32,
	standing: i64,
}

impl Member {
	/// A member that has done nothing yet. A weight of 0 counts as 1: whoever is in a pool has a turn at some time.
	#[must_use]
	pub const fn new(weight: u32) -> Self {
		let weight = if weight == 0 { 1 } else { weight };
		Self {
			weight,
			effective: weight,
			standing: 0,
		}
	}

	/// What its work was proven to be worth, 1 at least.
	#[must_use]
	pub const fn weight(&self) -> u32 {
		self.weight
	}

	/// What it counts in rounds: from 1 to its weight.
	#[must_use]
	pub const fn effective(&self) -> u32 {
		self.effective
	}

	/// What it is owed less what it was given, in weights.
	#[must_use]
	pub const fn standing(&self) -> i64 {
		self.standing
	}

	/// It failed: it counts half from now on, and 1 at least.
	pub fn failed(&mut self) {
		self.effective = self.effective.div_euclid(2).max(1);
	}

	/// It succeeded: it has a part of its weight back, up to the whole.
	pub fn succeeded(&mut self) {
		let part = self.weight.div_euclid(RECOVERY).max(1);
		self.effective = self.effective.saturating_add(part).min(self.weight);
	}
}

/// The most that a weight of this pool may be: [`MEDIANS`] times the median. Of an even number of weights the lower one
/// of the two in the middle is the median. The weights are left sorted.
#[must_use]
pub fn cap_of(weights: &mut [u32]) -> u32 {
	weights.sort_unstable();
	let middle = weights.len().saturating_sub(1).div_euclid(2);
	let median = weights.get(middle).copied().unwrap_or(MAX_WEIGHT);
	median.max(1).saturating_mul(MEDIANS)
}

/// Picks whose turn it is of those that `may` be picked, by their places in the pool: one of them, or none if nobody
/// may. Takes one number of `jitter` for each who may. Of two that stand alike the first one is picked.
///
/// A pool has 2^16 members at most: see [`MAX_WEIGHT`].
pub fn pick<J: Jitter>(pool: &mut [Member], may: impl Fn(usize) -> bool, jitter: &mut J) -> Option<usize> {
	let those = pool.iter().enumerate().filter(|(at, _)| may(*at));
	let total = those.fold(0_u64, |sum, (_, member)| sum.saturating_add(member.effective.into()));
	let given = i64::try_from(total).unwrap_or(i64::MAX);
	let half = given.div_euclid(2);
	let mut best: Option<(i64, Reverse<usize>)> = None;
	for (at, member) in pool.iter_mut().enumerate().filter(|(at, _)| may(*at)) {
		member.standing = member.standing.saturating_add(member.effective.into());
		let moved = i64::try_from(jitter.below(total)).unwrap_or(half);
		let shown = member.standing.saturating_add(moved).saturating_sub(half);
		best = best.max(Some((shown, Reverse(at))));
	}
	let (_, Reverse(at)) = best?;
	let member = pool.get_mut(at)?;
	member.standing = member.standing.saturating_sub(given);
	Some(at)
}

/// Picks so many different ones, one after the other, by [`pick`]: fewer if no more may be picked.
pub fn pick_several<J: Jitter>(
	pool: &mut [Member],
	count: usize,
	may: impl Fn(usize) -> bool,
	jitter: &mut J,
) -> Vec<usize> {
	let mut picked = Vec::new();
	while picked.len() < count {
		let Some(at) = pick(pool, |at| may(at) && !picked.contains(&at), jitter) else {
			break;
		};
		picked.push(at);
	}
	picked
}
