//! Vouchers: kept before what they pay for is served, and redeemed.

use super::{Machine, MAX_DEEDS};
use crate::{
	deeds::{Body, Deed, DeedKey, MAX_DEED},
	events::Action,
	types::{Role, Tick, Voucher},
};

/// A voucher is sent for so many ticks: a day.
const REDEEM_FOR: Tick = 172_800;
/// So many ticks before a deal ends its vouchers are redeemed, whatever they bring.
const BEFORE_END: Tick = 1_200;

impl Machine {
	/// Keeps a voucher that brings more than those before it.
	pub(super) fn on_voucher(&mut self, voucher: Voucher, out: &mut Vec<Action>) {
		if voucher.bytes.len() <= MAX_DEED && self.memory.take(voucher.clone()) {
			out.push(Action::KeepVoucher(voucher));
		}
	}

	/// Redeems what is worth it, and what would be lost with its deal.
	pub(super) fn redeem(&mut self, out: &mut Vec<Action>) {
		if self.stopping || !self.config.signs || self.sends.len() >= MAX_DEEDS / 2 {
			return;
		}
		let tick = self.tick();
		let due: Vec<Voucher> = self
			.memory
			.owed()
			.filter(|(key, owed)| {
				let role = self.slots.get(*key).and_then(|slot| slot.told).map(|told| told.role);
				let ends = match role {
					Some(Role::Held { ends: Some(ends), .. }) => ends.saturating_sub(tick) <= BEFORE_END,
					_ => true,
				};
				owed.left() >= self.config.redeem_least.max(1) || ends && owed.left() > 0
			})
			.filter_map(|(_, owed)| owed.voucher.clone())
			.collect();
		for voucher in due {
			let of = |key: &DeedKey| matches!(key, DeedKey::Redeem { key, .. } if *key == voucher.key);
			if self.sends.iter().any(|(key, sending)| of(key) && sending.moves()) {
				continue;
			}
			let key = DeedKey::Redeem {
				key: voucher.key,
				total: voucher.total,
			};
			if self.sends.contains_key(&key) || self.sends.len() >= MAX_DEEDS / 2 {
				continue;
			}
			let deed = Deed {
				key,
				until: tick.saturating_add(REDEEM_FOR),
				body: Body::Voucher(voucher),
			};
			self.keep(deed, out);
		}
	}
}
