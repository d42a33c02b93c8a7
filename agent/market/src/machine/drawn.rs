//! The beacon has drawn the device for a slot: room is made for it, as far as space was offered.

use super::{Disk, Machine, MAX_SMALL};
use crate::{
	events::{Action, Work},
	types::{SlotKey, Tick},
	why::Why,
};

impl Machine {
	/// Makes room for slots that are the device's by the chain's word and are not here.
	pub(super) fn draw(&mut self, out: &mut Vec<Action>) {
		let absent = self.ready(|slot| slot.disk == Disk::Absent && slot.told.is_some());
		for key in absent {
			let Some(slot) = self.slots.get(&key) else {
				continue;
			};
			let bytes = slot.bytes;
			if self.rules.quota && self.taken().saturating_add(bytes) > self.config.space {
				if let Some(slot) = self.slots.get_mut(&key) {
					slot.why = Some(Why::NoRoom);
				}
				continue;
			}
			if self.count(|work| matches!(work, Work::Make { .. })) < MAX_SMALL {
				let at = self.tick();
				self.begin(key, Work::Make { bytes, at }, None, out);
			}
		}
	}

	/// Bytes of slots that are on the disk, or are about to be.
	pub(super) fn taken(&self) -> u64 {
		let there = self.slots.values().filter(|slot| slot.disk != Disk::Absent);
		let there = there.fold(0_u64, |sum, slot| sum.saturating_add(slot.bytes));
		let made = self.jobs.values().filter_map(|job| match job.work {
			Work::Make { bytes, .. } => Some(bytes),
			_ => None,
		});
		made.fold(there, u64::saturating_add)
	}

	pub(super) fn on_made(&mut self, key: &SlotKey, at: Tick) {
		if let Some(slot) = self.slots.get_mut(key) {
			slot.disk = Disk::Open(0);
			slot.made = at;
			slot.why = None;
			slot.went_well();
		}
	}
}
