//! Whether the wall clock can be believed: it is watched against the machine's steady clock, and after a jump against
//! others.
//!
//! A wrong clock makes a node sign for slots that are long past or far ahead. What it signs for a slot ahead mutes its
//! key until that slot has really come. So after a jump of more than [`MAX_JUMP_MS`] nothing is signed until the clock
//! is back, or until others show that it is right now: blocks or votes of f + 1 others in slots close to it, or the
//! readings of a quorum.
//!
//! # Not covered
//! A clock that was wrong when the node started, and one that drifts slowly.

use crate::clock;
use parking_lot::Mutex;
use poca_primitives::{AuthorityId, Slot, SlotDuration};
use std::{collections::BTreeSet, sync::Arc, time::Instant};

/// How far the wall clock may move against the steady one between two looks, in milliseconds.
pub const MAX_JUMP_MS: u64 = 2_000;
/// How many slots others may lie from this clock and still agree with it.
pub const AGREEING_SLOTS: u64 = 4;

/// Both clocks at one moment, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
	/// Since the Unix epoch.
	pub wall_ms: u64,
	/// Since any moment before; never goes back.
	pub steady_ms: u64,
}

impl Reading {
	/// How far the wall clock is ahead of the steady one.
	fn offset(self) -> i128 {
		i128::from(self.wall_ms) - i128::from(self.steady_ms)
	}
}

/// The guard of this node's clock; clones share it.
#[derive(Clone)]
pub struct Clock {
	guard: Arc<Mutex<ClockGuard>>,
	start: Instant,
}

impl Default for Clock {
	fn default() -> Self {
		let start = Instant::now();
		Self {
			guard: Arc::new(Mutex::new(ClockGuard::new(reading(start)))),
			start,
		}
	}
}

impl Clock {
	/// Looks at the clocks, and says what is news.
	pub fn look(&self) -> Option<News> {
		self.guard.lock().look(reading(self.start))
	}

	/// Whether nothing may be signed.
	pub fn doubts(&self) -> bool {
		// A jump since the last look counts.
		let mut guard = self.guard.lock();
		guard.look_again(reading(self.start));
		guard.doubts()
	}

	/// See [`ClockGuard::voted`].
	pub fn voted(&self, voter: u16, slot: Slot, duration: SlotDuration) {
		self.guard.lock().voted(voter, slot, clock::slot_now(duration));
	}

	/// See [`ClockGuard::authored`].
	pub fn authored(&self, author: &AuthorityId, slot: Slot, duration: SlotDuration) {
		self.guard.lock().authored(author, slot, clock::slot_now(duration));
	}

	/// See [`ClockGuard::read`].
	pub fn read(&self, voter: u16, slot: Slot, duration: SlotDuration) {
		self.guard.lock().read(voter, slot, clock::slot_now(duration));
	}

	/// See [`ClockGuard::settle`].
	pub fn settle(&self, voters: usize, quorum: usize) -> bool {
		self.guard.lock().settle(voters, quorum, reading(self.start))
	}

	/// As if the wall clock had jumped forward by as many milliseconds: tests of what follows begin with it.
	pub fn jump(&self, ms: i128) {
		self.guard.lock().trusted -= ms;
	}
}

fn reading(start: Instant) -> Reading {
	Reading {
		wall_ms: clock::unix_ms(),
		steady_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
	}
}

/// What a look at the clocks tells that is news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
	/// The wall clock jumped by as many milliseconds, forward if positive.
	Jumped(i128),
	/// It is back where it was.
	Back,
}

/// What others must show of themselves until a clock that jumped is believed again.
#[derive(Debug)]
struct Doubt {
	/// Voters whose votes or readings lie close to this clock.
	voters: BTreeSet<u16>,
	/// Authors whose blocks do.
	authors: BTreeSet<AuthorityId>,
	/// Voters who told the same time because they were asked, this node among them.
	readings: BTreeSet<u16>,
	/// The jump that has been told, for it may go on.
	told: i128,
}

/// Watches the clock. All of it is pure: the caller looks at the clocks.
#[derive(Debug)]
pub struct ClockGuard {
	/// How far the wall clock was ahead of the steady one while it was believed.
	trusted: i128,
	doubt: Option<Doubt>,
}

impl ClockGuard {
	/// Believes the clock as it stands.
	pub fn new(now: Reading) -> Self {
		Self {
			trusted: now.offset(),
			doubt: None,
		}
	}

	/// Looks at the clocks. To be called every second at least; small corrections are followed.
	pub fn look(&mut self, now: Reading) -> Option<News> {
		let moved = now.offset() - self.trusted;
		let jumped = moved.unsigned_abs() > u128::from(MAX_JUMP_MS);
		match &mut self.doubt {
			None if !jumped => {
				self.trusted = now.offset();
				None
			}
			None => {
				self.doubt = Some(Doubt::new(moved));
				Some(News::Jumped(moved))
			}
			Some(_) if !jumped => {
				self.trusted = now.offset();
				self.doubt = None;
				Some(News::Back)
			}
			Some(doubt) => {
				let further = (moved - doubt.told).unsigned_abs() > u128::from(MAX_JUMP_MS);
				// What agreed with the clock before it jumped again says nothing of it now.
				further.then(|| {
					*doubt = Doubt::new(moved);
					News::Jumped(moved)
				})
			}
		}
	}

	/// As [`ClockGuard::look`], but leaves it to the next look to tell the news.
	fn look_again(&mut self, now: Reading) {
		let moved = (now.offset() - self.trusted).unsigned_abs();
		if self.doubt.is_none() && moved > u128::from(MAX_JUMP_MS) {
			self.doubt = Some(Doubt::new(0));
		}
	}

	/// Whether nothing may be signed.
	pub fn doubts(&self) -> bool {
		self.doubt.is_some()
	}

	/// A vote of another voter for a block of `slot`, its signature checked.
	pub fn voted(&mut self, voter: u16, slot: Slot, now: Slot) {
		if let Some(doubt) = self.doubt.as_mut().filter(|_| agrees(slot, now)) {
			doubt.voters.insert(voter);
		}
	}

	/// A block of another author in `slot`, its seal checked.
	pub fn authored(&mut self, author: &AuthorityId, slot: Slot, now: Slot) {
		if let Some(doubt) = self.doubt.as_mut().filter(|_| agrees(slot, now)) {
			doubt.authors.insert(author.clone());
		}
	}

	/// A voter's signed reading of its clock, this node's own among them.
	pub fn read(&mut self, voter: u16, slot: Slot, now: Slot) {
		if let Some(doubt) = self.doubt.as_mut().filter(|_| agrees(slot, now)) {
			doubt.readings.insert(voter);
		}
	}

	/// Believes the clock again if others have shown that it is right; whether it does so now. Of `voters`, `quorum`
	/// make blocks final.
	pub fn settle(&mut self, voters: usize, quorum: usize, now: Reading) -> bool {
		let Some(doubt) = &self.doubt else { return false };
		// One more than can be dishonest.
		let witnesses = voters.saturating_sub(quorum).saturating_add(1);
		let shown = doubt.voters.len() >= witnesses || doubt.authors.len() >= witnesses;
		// Those that do not doubt their clocks vote, and send no readings.
		let told = doubt.readings.union(&doubt.voters).count();
		let settled = voters <= 1 || shown || told >= quorum;
		if settled {
			self.doubt = None;
			self.trusted = now.offset();
		}
		settled
	}
}

impl Doubt {
	fn new(told: i128) -> Self {
		Self {
			voters: BTreeSet::new(),
			authors: BTreeSet::new(),
			readings: BTreeSet::new(),
			told,
		}
	}
}

fn agrees(slot: Slot, now: Slot) -> bool {
	slot.abs_diff(*now) <= AGREEING_SLOTS
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::ByteArray;

	const HOUR: u64 = 3_600_000;
	const YEAR: u64 = 365 * 24 * HOUR;
	const START: u64 = 1_700_000_000_000;

	fn at(wall_ms: u64, steady_ms: u64) -> Reading {
		Reading { wall_ms, steady_ms }
	}

	fn guard() -> ClockGuard {
		ClockGuard::new(at(START, 0))
	}

	fn author(number: u8) -> AuthorityId {
		AuthorityId::from_slice(&[number; 32]).expect("32 bytes")
	}

	#[test]
	fn small_corrections_are_followed_for_ever() {
		let mut guard = guard();
		for second in 1..10_000 {
			// A second in ten seconds.
			assert_eq!(guard.look(at(START + second * 1_100, second * 1_000)), None);
		}
		assert!(!guard.doubts());
	}

	#[test]
	fn a_jump_of_any_size_and_direction_is_doubted_until_the_clock_is_back() {
		for jump in [2_001, HOUR, YEAR] {
			for ahead in [true, false] {
				let mut guard = guard();
				let wall = |ms| if ahead { START + ms + jump } else { START + ms - jump };
				let moved = if ahead { i128::from(jump) } else { -i128::from(jump) };
				assert_eq!(guard.look(at(wall(1_000), 1_000)), Some(News::Jumped(moved)));
				assert_eq!(guard.look(at(wall(2_000), 2_000)), None, "told once");
				assert!(guard.doubts());
				assert_eq!(guard.look(at(START + 3_000, 3_000)), Some(News::Back));
				assert!(!guard.doubts());
			}
		}
	}

	#[test]
	fn one_more_than_can_be_dishonest_show_that_the_clock_is_right() {
		let mut guard = guard();
		let now = Slot::from(1_000);
		let jumped = at(START + HOUR, 1_000);
		guard.look(jumped);
		guard.voted(1, 1_000.into(), now);
		guard.voted(1, 1_001.into(), now);
		assert!(!guard.settle(4, 3, jumped), "one of four may lie");
		guard.voted(2, (1_000 - AGREEING_SLOTS - 1).into(), now);
		assert!(!guard.settle(4, 3, jumped), "too far away");
		guard.voted(2, (1_000 - AGREEING_SLOTS).into(), now);
		assert!(guard.settle(4, 3, jumped));
		assert!(!guard.doubts());
		// From here on the new time is the right one.
		assert_eq!(guard.look(at(START + HOUR + 1_000, 2_000)), None);
	}

	#[test]
	fn blocks_of_others_show_it_too() {
		let mut guard = guard();
		let jumped = at(START + HOUR, 1_000);
		guard.look(jumped);
		for number in 0..2 {
			assert!(!guard.settle(4, 3, jumped));
			guard.authored(&author(number), 7.into(), 7.into());
		}
		assert!(guard.settle(4, 3, jumped));
	}

	#[test]
	fn machines_that_slept_together_agree_by_a_quorum_of_readings() {
		let mut guard = guard();
		let jumped = at(START + HOUR, 1_000);
		guard.look(jumped);
		for voter in 0..3 {
			assert!(!guard.settle(4, 3, jumped));
			guard.read(voter, 9.into(), 9.into());
		}
		assert!(guard.settle(4, 3, jumped));
	}

	#[test]
	fn votes_and_readings_make_a_quorum_together() {
		let mut guard = guard();
		let jumped = at(START + HOUR, 1_000);
		guard.look(jumped);
		guard.read(0, 9.into(), 9.into());
		guard.read(1, 9.into(), 9.into());
		assert!(!guard.settle(4, 3, jumped));
		guard.voted(2, 9.into(), 9.into());
		assert!(guard.settle(4, 3, jumped));
	}

	#[test]
	fn a_second_jump_takes_back_what_agreed_with_the_first() {
		let mut guard = guard();
		guard.look(at(START + HOUR, 1_000));
		guard.voted(1, 9.into(), 9.into());
		assert!(matches!(guard.look(at(START + YEAR, 2_000)), Some(News::Jumped(_))));
		guard.voted(2, 9.into(), 9.into());
		assert!(!guard.settle(4, 3, at(START + YEAR, 2_000)));
	}

	#[test]
	fn a_chain_of_one_waits_for_nobody() {
		let mut guard = guard();
		let jumped = at(START + HOUR, 1_000);
		guard.look(jumped);
		assert!(guard.settle(1, 1, jumped));
	}
}
