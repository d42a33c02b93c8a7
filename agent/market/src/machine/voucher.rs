//! Vouchers: kept before what they pay for is served, and redeemed.

use super::{Machine, MAX_DEEDS};
use crate::{
	deeds::{Body, Deed, DeedKey, MAX_DEED},
	events::Action,
	memory::{Report, MAX_DEBTS},
	types::{Balance, Role, SlotKey, Tick, Voucher},
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

	/// Keeps what is owed for slots.
	pub(super) fn on_owes(&mut self, debts: Vec<(SlotKey, Balance)>, out: &mut Vec<Action>) {
		let more = debts.into_iter().filter(|(key, total)| self.memory.owes(*key, *total));
		let more: Vec<(SlotKey, Balance)> = more.collect();
		let parts = more.chunks(MAX_DEBTS).map(|some| Action::KeepOwed(some.to_vec()));
		out.extend(parts);
	}

	/// Keeps what is to be reported of another device.
	pub(super) fn on_reported(&mut self, report: Report, out: &mut Vec<Action>) {
		if self.memory.report(report.clone()) {
			out.push(Action::KeepReport(report));
		}
	}

	/// Forgets what was paid for slots that are none any more.
	fn settle(&mut self, out: &mut Vec<Action>) {
		let over = self
			.memory
			.owed()
			.filter(|(_, owed)| owed.left() == 0)
			.map(|(key, _)| *key);
		let over: Vec<SlotKey> = over.filter(|key| !self.slots.contains_key(key)).collect();
		for key in over {
			if self.memory.settle(&key) {
				out.push(Action::Settled(key));
			}
		}
	}

	/// Redeems what is worth it, and what would be lost with its deal.
	pub(super) fn redeem(&mut self, out: &mut Vec<Action>) {
		self.settle(out);
		if self.stopping || !self.signs() || self.sends.len() >= MAX_DEEDS / 2 {
			return;
		}
		let tick = self.tick();
		let due: Vec<Voucher> = self
			.memory
			.owed()
			.filter(|(key, owed)| {
				let role = self.slots.get(*key).and_then(|slot| slot.told).map(|told| told.role);
				let ends = match role {
					Some(Role::Held {
						ends: Some(ends),
						suspect: false,
						leaving: false,
						..
					}) => ends.saturating_sub(tick) <= BEFORE_END,
					// Another device may have it soon: what was not redeemed by then, or soon after, is lost.
					_ => true,
				};
				let left = owed.left();
				// Whoever pays by crumbs is not to cost the owner more fees than it brings.
				left > self.config.fee && (left >= self.config.redeem_least || ends)
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
