//! Wishes: to leave a slot, and to be asked soon.

use super::Machine;
use crate::{
	deeds::{Body, Deed, DeedKey},
	events::Action,
	types::{Role, SlotKey, Tick},
};

/// A wish to leave is sent for so many ticks: a day.
const LEAVE_FOR: Tick = 172_800;
/// One to be asked for so many: what is asked by chance comes soon enough after them.
const PROVE_FOR: Tick = 240;
/// A suspect asks to be asked so often: once in an era.
const PROVE_AGAIN: Tick = 1_200;
/// So many ticks before the end of a deal its last stretch is to be proven: whoever asks is asked two turns later.
const BEFORE_END: Tick = 64;

impl Machine {
	/// Leaves slots that a person wants to leave. They are held until others have them.
	pub(super) fn leave(&mut self, out: &mut Vec<Action>) {
		let tick = self.tick();
		let wanted: Vec<(SlotKey, Tick)> = self
			.slots
			.iter()
			.filter_map(|(key, slot)| Some((*key, slot.leave?)))
			.collect();
		for (key, at) in wanted {
			let role = self.slots.get(&key).and_then(|slot| slot.told).map(|told| told.role);
			let deed = DeedKey::Leave { key, at };
			match role {
				Some(Role::Held { leaving: false, .. }) if !self.sends.contains_key(&deed) => {
					let until = tick.saturating_add(LEAVE_FOR);
					let body = Body::Nothing;
					self.keep(Deed { key: deed, until, body }, out);
				}
				Some(Role::Held { leaving: false, .. }) => (),
				_ => {
					if let Some(slot) = self.slots.get_mut(&key) {
						slot.leave = None;
					}
				}
			}
		}
	}

	/// Asks to be asked: a suspect that has its slot again, and whoever holds one to the end of its deal.
	pub(super) fn prove(&mut self, out: &mut Vec<Action>) {
		let tick = self.tick();
		let wishes = self.ready(|slot| {
			let Some(Role::Held { suspect, ends, .. }) = slot.told.map(|told| told.role) else {
				return false;
			};
			let last = ends.is_some_and(|ends| ends > tick && ends.saturating_sub(tick) <= BEFORE_END);
			let pause = if last { BEFORE_END } else { PROVE_AGAIN };
			let again = slot.proves.is_none_or(|at| tick.saturating_sub(at) >= pause);
			(suspect || last) && again && slot.is_sound() && slot.rotten.is_empty()
		});
		for key in wishes {
			let asked = self
				.asked
				.iter()
				.any(|(asked, challenge)| asked.key == key && challenge.open);
			if asked {
				continue;
			}
			if let Some(slot) = self.slots.get_mut(&key) {
				slot.proves = Some(tick);
			}
			let deed = Deed {
				key: DeedKey::ProveNow { key, at: tick },
				until: tick.saturating_add(PROVE_FOR),
				body: Body::Nothing,
			};
			self.keep(deed, out);
		}
	}
}
