//! Slots that are built from others of their deal, and groups that have rotten.

use super::{Disk, Machine};
use crate::{
	events::{Action, Work},
	types::{Hash, Role, SlotKey, Tick},
};

/// Groups that are mended at a time.
const MAX_MEND: usize = 1_024;
/// Groups of a slot that are known to be rotten; if there are more, all of it is built anew.
const MAX_ROTTEN: usize = 16_384;
/// After so many milliseconds a slot that is built makes room for another one that waits: others may give what they
/// hold ever so slowly. It goes on where it was.
pub(super) const BUILD_TURN: u64 = 3_600_000;

/// Whether a slot of this role is to be built from others, if it is not here.
fn is_wanted(role: &Role, tick: Tick) -> bool {
	match role {
		Role::Drawn { repair, until, .. } => *repair && tick <= *until,
		Role::Held { .. } => true,
	}
}

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

	/// Ends what is built for nobody: the chain has given the slot to another device, its time is over, or it is to
	/// have another root.
	pub(super) fn end_builds(&mut self, out: &mut Vec<Action>) {
		let (tick, slots) = (self.tick(), &self.slots);
		for (job, going) in &mut self.jobs {
			let (root, whole) = match &going.work {
				Work::Repair { root } => (*root, true),
				Work::Mend { root, .. } => (*root, false),
				_ => continue,
			};
			let told = slots.get(&going.key).and_then(|slot| slot.told);
			let wanted = told.is_some_and(|told| told.root == Some(root) && (!whole || is_wanted(&told.role, tick)));
			if !wanted && !going.cancelled {
				going.cancelled = true;
				out.push(Action::Cancel(*job));
			}
		}
	}

	/// Builds slots from others: those that the device was drawn for when another one was lost, and those that it holds
	/// by the chain's word and that its disk has lost.
	pub(super) fn repair(&mut self, out: &mut Vec<Action>) {
		let (tick, now) = (self.tick(), self.now.ms);
		let mut lost = self.ready(|slot| {
			let whole = slot.disk == Disk::Open(slot.bytes) && !slot.wrong;
			let there = matches!(slot.disk, Disk::Open(_)) && !whole;
			there && slot.root().is_some() && slot.told.is_some_and(|told| is_wanted(&told.role, tick))
		});
		// Whoever waits longest goes first.
		lost.sort_by_key(|key| (self.slots.get(key).map(|slot| slot.built), *key));
		let mut lost = lost.into_iter();
		while self.count(builds) < self.config.repairs.max(1) as usize {
			let Some(key) = lost.next() else {
				return;
			};
			if let Some(slot) = self.slots.get_mut(&key) {
				slot.built = now;
			}
			if let Some(root) = self.slots.get(&key).and_then(|slot| slot.root()) {
				self.begin(key, Work::Repair { root }, None, out);
			}
		}
		if lost.next().is_none() {
			return;
		}
		for (job, going) in &mut self.jobs {
			let long = now.saturating_sub(going.begun) >= BUILD_TURN;
			if long && builds(&going.work) && !going.cancelled {
				going.cancelled = true;
				out.push(Action::Cancel(*job));
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
