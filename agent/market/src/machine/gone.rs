//! Slots of which the chain says nothing any more are deleted, late enough.

use super::{Disk, Machine, MAX_SMALL};
use crate::{
	events::{Action, Work},
	types::{SlotKey, Tick},
};

/// A slot is kept for so many ticks after the chain said last that it is the device's: longer than branches live,
pub const GONE_AFTER: Tick = 1_200;
/// and for so many milliseconds of this program's time, for a node that catches up passes through ticks in no time.
const GONE_MS: u64 = 600_000;
/// If most of what is here is gone at once, and more than so many slots, a node is mistaken more likely than all of
/// these deals are over: then it is a day.
const FEW: usize = 8;
const MOST_GONE_MS: u64 = 86_400_000;

impl Machine {
	/// Deletes what nobody can ask for any more.
	pub(super) fn remove(&mut self, out: &mut Vec<Action>) {
		let (tick, now) = (self.tick(), self.now.ms);
		let late = self.rules.late_delete;
		let here = || self.slots.values().filter(|slot| slot.disk != Disk::Absent);
		let (all, lost) = (here().count(), here().filter(|slot| slot.gone.is_some()).count());
		let patience = match lost > FEW && lost.saturating_mul(2) > all {
			true => MOST_GONE_MS,
			false => GONE_MS,
		};
		let gone = self.ready(|slot| {
			slot.gone.is_some_and(|(since, at)| {
				!late || (tick.saturating_sub(since) >= GONE_AFTER && now.saturating_sub(at) >= patience)
			})
		});
		for key in gone {
			let asked = self.asked.keys().any(|asked| asked.key == key);
			if asked || self.is_read(&key) {
				continue;
			}
			let absent = self.slots.get(&key).is_none_or(|slot| slot.disk == Disk::Absent);
			if absent {
				self.on_removed(&key, out);
			} else if self.count(|work| matches!(work, Work::Remove)) < MAX_SMALL {
				self.begin(key, Work::Remove, None, out);
			}
		}
	}

	pub(super) fn on_removed(&mut self, key: &SlotKey, out: &mut Vec<Action>) {
		let told = self.slots.remove(key).and_then(|slot| slot.told);
		// It may be the device's again by now: then it is made again.
		if let Some(told) = told {
			let mut slot = super::Slot::new(told.bytes);
			slot.told = Some(told);
			self.slots.insert(*key, slot);
		}
		let (total, paid) = self.memory.vouchers(key);
		if total <= paid && self.memory.settle(key) {
			out.push(Action::Settled(*key));
		}
	}
}
