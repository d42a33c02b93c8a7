//! A suspect that has its slot again wants to be asked soon: silent for too long, it loses the slot.

use super::{Machine, MAX_DEEDS};
use crate::{
	deeds::{Body, Deed, DeedKey},
	events::Action,
	types::{Role, Tick},
};

/// A wish is sent for so many ticks: what is asked by chance comes soon enough after them.
const PROVE_FOR: Tick = 240;
/// A suspect asks to be asked so often: once in an era.
const PROVE_AGAIN: Tick = 1_200;

/// Wishes that are on their way at a time.
const MAX_WISHES: usize = 8;

impl Machine {
	/// Asks to be asked.
	pub(super) fn prove(&mut self, out: &mut Vec<Action>) {
		if !self.signs() {
			return;
		}
		let tick = self.tick();
		let wishes = self.ready(|slot| {
			let suspect = matches!(slot.told.map(|told| told.role), Some(Role::Held { suspect: true, .. }));
			let again = slot.proves.is_none_or(|at| tick.saturating_sub(at) >= PROVE_AGAIN);
			suspect && again && slot.is_sound() && slot.rotten.is_empty()
		});
		for key in wishes {
			let wish = |key: &DeedKey| matches!(key, DeedKey::ProveNow { .. });
			let under_way = self.sends.iter().filter(|(key, sending)| wish(key) && sending.moves());
			if under_way.count() >= MAX_WISHES || self.sends.len() >= MAX_DEEDS / 4 {
				break;
			}
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
