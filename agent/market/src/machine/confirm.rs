//! A slot is there: the last of its chunks, and one that is drawn, show that.

use super::{Disk, Machine, MAX_OPENS};
use crate::{
	deeds::DeedKey,
	events::{Action, Work},
	types::{Hash, Role, SlotKey, Tick},
};

/// What is to be shown, and until when.
struct Due {
	root: Hash,
	attempt: u16,
	until: Tick,
	chunks: [u32; 2],
}

impl Machine {
	/// Opens the chunks by which slots are confirmed. If the drawn one is another one by now, it is shown anew.
	pub(super) fn confirm(&mut self, out: &mut Vec<Action>) {
		let drawn = self.ready(|slot| slot.told.is_some_and(|told| matches!(told.role, Role::Drawn { .. })));
		for key in drawn {
			let Some(due) = self.due(&key) else {
				continue;
			};
			let deed = DeedKey::Confirm {
				key,
				attempt: due.attempt,
				until: due.until,
				chunks: due.chunks,
			};
			let opening = self.jobs.values().any(|job| job.deed == Some(deed));
			let opens = self.count(|work| matches!(work, Work::Open { .. }));
			if opening || opens >= MAX_OPENS || self.sends.contains_key(&deed) {
				continue;
			}
			let work = Work::Open {
				root: due.root,
				chunks: due.chunks,
			};
			self.begin(key, work, Some(deed), out);
		}
	}

	fn due(&self, key: &SlotKey) -> Option<Due> {
		let slot = self.slots.get(key)?;
		let told = slot.told?;
		let Role::Drawn {
			until,
			attempt,
			chunks: Some(chunks),
			..
		} = told.role
		else {
			return None;
		};
		let root = told.root?;
		let sealed = match self.rules.sealed_first {
			true => slot.disk == Disk::Sealed(root),
			false => slot.disk != Disk::Absent,
		};
		if slot.opens.0 > self.now.ms {
			return None;
		}
		let in_time = self.tick().saturating_add(self.config.margin) <= until;
		(sealed && in_time && slot.rotten.is_empty()).then_some(Due {
			root,
			attempt,
			until,
			chunks,
		})
	}
}
