//! What slots have earned is claimed, many at once.

use super::{Machine, MAX_DEEDS};
use crate::{
	deeds::{Body, Deed, DeedKey},
	events::Action,
	types::{Balance, Role, SlotKey, Tick},
};

/// Slots of one claim at most.
pub const CLAIM_SLOTS: usize = 32;

/// A claim is sent for so many ticks.
const CLAIM_FOR: Tick = 1_200;

impl Machine {
	/// Claims what all slots have earned, if it is time and worth it. One claim is on its way at a time.
	pub(super) fn claim(&mut self, out: &mut Vec<Action>) {
		let tick = self.tick();
		let under_way = self
			.sends
			.iter()
			.any(|(key, sending)| matches!(key, DeedKey::Claim { .. }) && sending.moves());
		if under_way || self.stopping || !self.signs() || self.sends.len() >= MAX_DEEDS / 2 {
			return;
		}
		if self.to_claim.is_empty() {
			let due = self
				.claimed
				.is_none_or(|at| tick.saturating_sub(at) >= self.config.claim_every);
			if !due {
				return;
			}
			let earned = self.earned();
			let sum = earned
				.iter()
				.fold(0, |sum: Balance, (amount, _)| sum.saturating_add(*amount));
			if sum <= self.config.fee || sum < self.config.claim_least {
				return;
			}
			self.claimed = Some(tick);
			self.to_claim = earned.into_iter().map(|(_, key)| key).collect();
		}
		let slots: Vec<SlotKey> = self.to_claim.iter().copied().take(CLAIM_SLOTS).collect();
		self.to_claim.retain(|key| !slots.contains(key));
		let deed = Deed {
			key: DeedKey::Claim { at: tick },
			until: tick.saturating_add(CLAIM_FOR),
			body: Body::Slots(slots),
		};
		if !self.sends.contains_key(&deed.key) {
			self.keep(deed, out);
		}
	}

	/// What can be claimed and is worth it, slot by slot.
	fn earned(&self) -> Vec<(Balance, SlotKey)> {
		// As many of these as a claim takes bring more than its fee.
		let least = self.config.fee / CLAIM_SLOTS as Balance;
		let each = self.slots.iter().filter_map(|(key, slot)| match slot.told?.role {
			Role::Held { accrued, .. } if accrued > least => Some((accrued, *key)),
			_ => None,
		});
		each.collect()
	}
}
