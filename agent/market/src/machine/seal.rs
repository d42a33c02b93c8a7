//! All of a slot has come: it is hashed, and gets its outboard.

use super::{Disk, Machine, MAX_SEALS};
use crate::{
	events::{Action, Work},
	types::{Hash, Role, SlotKey},
	why::Why,
};

impl Machine {
	/// Hashes what is wholly there and whose root is known.
	pub(super) fn seal(&mut self, out: &mut Vec<Action>) {
		let whole = self.ready(|slot| slot.disk == Disk::Open(slot.bytes) && !slot.wrong && slot.root().is_some());
		for key in whole {
			if self.count(|work| matches!(work, Work::Seal { .. })) >= MAX_SEALS {
				break;
			}
			if let Some(root) = self.slots.get(&key).and_then(|slot| slot.root()) {
				self.begin(key, Work::Seal { root }, None, out);
			}
		}
		let upload = |role: &Role| matches!(role, Role::Drawn { repair: false, .. });
		// What an owner sent and is something else it may send again.
		let wrong = self.ready(|slot| slot.wrong && slot.told.is_some_and(|told| upload(&told.role)));
		for key in wrong {
			self.begin(key, Work::Reset, None, out);
		}
	}

	pub(super) fn on_sealed(&mut self, key: &SlotKey, root: Hash, right: bool) {
		let unix = self.now.unix;
		let Some(slot) = self.slots.get_mut(key) else {
			return;
		};
		slot.went_well();
		if right {
			slot.disk = Disk::Sealed(root);
			slot.scrubbed = Some(unix);
			slot.rotten.clear();
			slot.why = None;
		} else {
			slot.wrong = true;
			slot.why = Some(Why::OtherRoot);
		}
	}

	pub(super) fn on_reset(&mut self, key: &SlotKey) {
		if let Some(slot) = self.slots.get_mut(key) {
			slot.disk = Disk::Open(0);
			slot.wrong = false;
			slot.went_well();
		}
	}
}
