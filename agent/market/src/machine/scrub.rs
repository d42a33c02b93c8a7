//! Every night all slots are read: what has rotten is found before it is asked for.

use super::{Machine, Slot};
use crate::{
	events::{Action, Work},
	types::{Role, SlotKey, SCRUB_NIGHT},
};

/// A slot is read again after so many seconds: a day, less what a night may begin earlier.
pub const SCRUB_SECONDS: u64 = 72_000;

/// After so many it is read whatever the hour.
const OVERDUE: u64 = 2 * 86_400;

impl Machine {
	/// Reads one slot after the other, the one that was read longest ago first. Whoever wants it now goes before.
	pub(super) fn scrub(&mut self, out: &mut Vec<Action>) {
		if self.count(|work| matches!(work, Work::Scrub { .. })) > 0 {
			return;
		}
		let (unix, night) = (self.now.unix, self.is_night());
		let due = self.ready(|slot| slot.is_sound() && slot.rotten.is_empty() && is_due(slot, unix, night));
		let first = due
			.into_iter()
			.filter_map(|key| {
				self.slots
					.get(&key)
					.map(|slot| (!slot.scrub_now, read_at(slot, unix), key))
			})
			.min();
		let Some((_, _, key)) = first else {
			return;
		};
		if let Some(root) = self.slots.get(&key).and_then(|slot| slot.root()) {
			self.begin(key, Work::Scrub { root }, None, out);
		}
	}

	fn is_night(&self) -> bool {
		let hour = (self.now.unix / 3_600) % 24;
		let since = (hour + 24 - u64::from(self.config.scrub_hour) % 24) % 24;
		since < SCRUB_NIGHT
	}

	pub(super) fn on_scrubbed(&mut self, key: &SlotKey, groups: Vec<u32>, unix: u64) {
		self.stats.scrubbed = self.stats.scrubbed.saturating_add(1);
		if let Some(slot) = self.slots.get_mut(key) {
			slot.scrubbed = Some(unix);
			slot.scrub_now = false;
			slot.went_well();
		}
		self.found_rotten(key, groups);
	}
}

/// When a slot was read last. What lies ahead was noted while the machine's clock was wrong, and says nothing.
fn read_at(slot: &Slot, unix: u64) -> Option<u64> {
	slot.scrubbed.filter(|at| *at <= unix)
}

fn is_due(slot: &Slot, unix: u64, night: bool) -> bool {
	let held = slot.told.is_some_and(|told| matches!(told.role, Role::Held { .. }));
	let age = read_at(slot, unix).map_or(u64::MAX, |scrubbed| unix.saturating_sub(scrubbed));
	slot.scrub_now || held && (age >= OVERDUE || night && age >= SCRUB_SECONDS)
}
