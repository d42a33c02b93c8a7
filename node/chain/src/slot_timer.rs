//! When the slot worker is woken.

use crate::clock;
use poca_primitives::{Slot, SlotDuration};
use std::time::Duration;

/// Wakes the slot worker at each slot. However the clock steps, for a moment or for good, it sleeps for a slot at most
/// and looks again, so that a step costs the slots in which the clock was wrong and no more.
#[derive(Debug, Default)]
pub struct SlotTimer {
	/// The last slot that was due. It never lies more than one slot above the clock: what a clock that ran ahead left
	/// here would keep this node asleep. That no slot is authored twice the safety file sees to.
	last: Slot,
}

impl SlotTimer {
	/// The slot to wait for, and how long to sleep until it is looked at again.
	pub fn next(&mut self, unix_ms: u64, duration: SlotDuration) -> (Slot, Duration) {
		let next = Slot::from_timestamp(unix_ms.into(), duration).saturating_add(1u64);
		self.last = self.last.min(next);
		let slot = next.max(self.last.saturating_add(1u64));
		let wait = clock::slot_start(slot, duration).saturating_sub(unix_ms);
		(slot, Duration::from_millis(wait).min(duration.as_duration()))
	}

	/// Whether the clock is in the slot now. It is not if the sleep ended early or late, or if the clock stepped.
	pub fn is_due(&mut self, slot: Slot, unix_ms: u64, duration: SlotDuration) -> bool {
		let due = Slot::from_timestamp(unix_ms.into(), duration) == slot;
		if due {
			self.last = slot;
		}
		due
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const DURATION: SlotDuration = SlotDuration::from_millis(500);

	/// Runs the timer for so many milliseconds of real time, with a clock that is wrong by `error(ms)`; the slots that
	/// were due.
	fn due_slots(until_ms: u64, error: impl Fn(u64) -> i64) -> Vec<(u64, Slot)> {
		const START: u64 = 1_000_000_000_000;
		let clock = |ms: u64| (START + ms).saturating_add_signed(error(ms));
		let (mut timer, mut ms, mut due) = (SlotTimer::default(), 0, Vec::new());
		while ms < until_ms {
			let (slot, wait) = timer.next(clock(ms), DURATION);
			ms += u64::try_from(wait.as_millis()).expect("is short");
			if timer.is_due(slot, clock(ms), DURATION) {
				due.push((ms, slot));
			}
		}
		due
	}

	#[test]
	fn every_slot_is_due_once_and_at_its_start() {
		let due = due_slots(10_000, |_| 0);
		assert_eq!(due.len(), 20);
		for (ms, slot) in due {
			assert_eq!(*slot * 500, 1_000_000_000_000 + ms);
		}
	}

	#[test]
	fn a_step_of_the_clock_costs_the_slots_in_which_it_is_wrong() {
		const HOUR: i64 = 3_600_000;
		for step in [HOUR, -HOUR, 365 * 24 * HOUR, -365 * 24 * HOUR, 700, -700] {
			// For a moment: wrong from 2.2 s to 2.9 s.
			let due = due_slots(10_000, |ms| if (2_200..2_900).contains(&ms) { step } else { 0 });
			let right = |(ms, slot): &(u64, Slot)| **slot * 500 == 1_000_000_000_000 + ms;
			let after: Vec<_> = due.iter().filter(|(ms, _)| *ms >= 4_000).collect();
			assert!(after.iter().all(|due| right(due)), "{step}: {after:?}");
			assert!(after.len() >= 12, "{step}: {} slots after it", after.len());
			// For good.
			let due = due_slots(10_000, |ms| if ms >= 2_200 { step } else { 0 });
			assert!(
				due.iter().filter(|(ms, _)| *ms >= 4_000).count() >= 11,
				"{step}: {due:?}"
			);
		}
	}
}
