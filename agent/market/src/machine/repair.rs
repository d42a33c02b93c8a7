//! Slots that are built from others of their deal, and groups that have rotten.

use super::{Disk, Machine};
use crate::{
	events::{Action, Work},
	types::{Hash, Role, SlotKey},
};

/// Groups that are mended at a time.
const MAX_MEND: usize = 1_024;
/// Groups of a slot that are known to be rotten; if there are more, all of it is built anew.
const MAX_ROTTEN: usize = 16_384;

fn builds(work: &Work) -> bool {
	matches!(work, Work::Repair { .. } | Work::Mend { .. })
}

impl Machine {
	/// Mends what has rotten, before whole slots are built: somebody may be asked for it now.
	pub(super) fn mend(&mut self, out: &mut Vec<Action>) {
		if !self.rules.mends {
			return;
		}
		let rotten = self.ready(|slot| !slot.rotten.is_empty() && slot.is_sound());
		// One more than slots are built: a repair takes hours.
		let most = self.config.repairs.saturating_add(1) as usize;
		for key in rotten {
			if self.count(builds) >= most {
				break;
			}
			let Some(slot) = self.slots.get(&key) else {
				continue;
			};
			let groups = slot.rotten.iter().copied().take(MAX_MEND).collect();
			if let Some(root) = slot.root() {
				self.begin(key, Work::Mend { root, groups }, None, out);
			}
		}
	}

	/// Builds slots from others: those that the device was drawn for when another one was lost, and those that it holds
	/// by the chain's word and that its disk has lost.
	pub(super) fn repair(&mut self, out: &mut Vec<Action>) {
		let tick = self.tick();
		let wanted = |role: &Role| match role {
			Role::Drawn { repair, until, .. } => *repair && tick <= *until,
			Role::Held { .. } => true,
		};
		let lost = self.ready(|slot| {
			let whole = slot.disk == Disk::Open(slot.bytes) && !slot.wrong;
			let there = matches!(slot.disk, Disk::Open(_)) && !whole;
			there && slot.told.is_some_and(|told| wanted(&told.role))
		});
		for key in lost {
			if self.count(builds) >= self.config.repairs.max(1) as usize {
				break;
			}
			if let Some(root) = self.slots.get(&key).and_then(|slot| slot.root()) {
				self.begin(key, Work::Repair { root }, None, out);
			}
		}
	}

	pub(super) fn on_repaired(&mut self, key: &SlotKey, root: Hash, took: u64) {
		self.stats.repaired = self.stats.repaired.saturating_add(1);
		self.stats.repair_ms = self.stats.repair_ms.saturating_add(took);
		if let Some(slot) = self.slots.get_mut(key) {
			slot.wrong = false;
		}
		self.on_sealed(key, root, true);
	}

	/// Groups are not what they were.
	pub(super) fn found_rotten(&mut self, key: &SlotKey, groups: Vec<u32>) {
		let Some(slot) = self.slots.get_mut(key) else {
			return;
		};
		let before = slot.rotten.len();
		slot.rotten.extend(groups);
		let found = slot.rotten.len().saturating_sub(before);
		self.stats.rotten = self
			.stats
			.rotten
			.saturating_add(u64::try_from(found).unwrap_or(u64::MAX));
		if slot.rotten.len() > MAX_ROTTEN {
			slot.rotten.clear();
			slot.disk = Disk::Open(slot.bytes);
			slot.wrong = true;
		}
	}

	pub(super) fn on_mended(&mut self, key: &SlotKey, groups: &[u32]) {
		let Some(slot) = self.slots.get_mut(key) else {
			return;
		};
		for group in groups {
			slot.rotten.remove(group);
		}
		slot.went_well();
		slot.why = None;
		self.stats.mended = self
			.stats
			.mended
			.saturating_add(u64::try_from(groups.len()).unwrap_or(u64::MAX));
	}
}
