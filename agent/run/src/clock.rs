//! Whether this machine's clock and the slots of blocks agree. The run does not depend on it: its time comes from
//! blocks. But certificates, logs and other programs do, and a node beside it, which has the same clock.

use std::collections::VecDeque;

/// Blocks that are compared.
const BLOCKS: usize = 24;
/// So far they may disagree, in milliseconds: blocks need some time on their way, and nodes agree within a second.
const TOLERANCE: i64 = 3_000;

/// What the last blocks tell of the clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
	/// By how many milliseconds this machine's clock was ahead of each block's slot when it came.
	ahead: VecDeque<i64>,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClockFault {
	/// It is behind by so many milliseconds: blocks come from the future.
	Behind(i64),
	/// It is ahead by so many milliseconds, or the node is as much behind the chain.
	Ahead(i64),
}

impl Clock {
	/// A block of this slot came at this time, in Unix milliseconds.
	pub fn see(&mut self, unix_ms: u64, slot: u64, slot_ms: u64) {
		// A node may name any slot.
		let begins = i128::from(slot).saturating_mul(slot_ms.into());
		let ahead = i128::from(unix_ms).saturating_sub(begins);
		let ahead = ahead.clamp(i64::MIN.into(), i64::MAX.into());
		self.ahead.extend(i64::try_from(ahead));
		while self.ahead.len() > BLOCKS {
			self.ahead.pop_front();
		}
	}

	/// After a pause what came before tells nothing.
	pub fn forget(&mut self) {
		self.ahead.clear();
	}

	/// By how many milliseconds it is ahead, by the block that came soonest; none if too few were seen.
	pub fn skew(&self) -> Option<i64> {
		let least = self.ahead.iter().min().copied();
		least.filter(|_| self.ahead.len() >= BLOCKS / 2)
	}

	/// What is wrong, if something is.
	pub fn fault(&self) -> Option<ClockFault> {
		match self.skew()? {
			skew if skew < -TOLERANCE => Some(ClockFault::Behind(skew.saturating_neg())),
			skew if skew > TOLERANCE => Some(ClockFault::Ahead(skew)),
			_ => None,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Blocks that take from 100 to 900 ms on their way, seen by a clock that is so far ahead.
	fn seen(ahead: i64) -> Clock {
		let mut clock = Clock::default();
		for slot in 1_000..1_040u64 {
			let arrives = slot * 500 + 100 + (slot % 5) * 200;
			clock.see(arrives.checked_add_signed(ahead).unwrap(), slot, 500);
		}
		clock
	}

	#[test]
	fn a_clock_that_is_right_has_no_fault() {
		assert_eq!(seen(0).skew(), Some(100));
		for ahead in [-2_000, 0, 2_000] {
			assert_eq!(seen(ahead).fault(), None);
		}
	}

	#[test]
	fn a_wrong_clock_is_told_with_its_direction() {
		assert_eq!(seen(60_000).fault(), Some(ClockFault::Ahead(60_100)));
		assert_eq!(seen(-60_000).fault(), Some(ClockFault::Behind(59_900)));
	}

	#[test]
	fn a_few_blocks_tell_nothing() {
		let mut clock = Clock::default();
		clock.see(0, u64::MAX, u64::MAX);
		assert_eq!((clock.skew(), clock.fault()), (None, None));
		let mut clock = seen(60_000);
		clock.forget();
		assert_eq!(clock.fault(), None);
	}
}
