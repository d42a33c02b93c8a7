//! What reading a deal costs, by what the chain says.

use crate::{access::Access, progress::Show, reading::readable};
use device_primitives::DeviceId;
use smart_agent_chain::AccountId;
use smart_market::{Answer, DealView, Market, Tab};
use smartchain_transfer::{
	client::Holder,
	wire::{cost, MIB, UNPAID},
};
use storage_market_primitives::{DealId, Price};

/// A slot that is read from, at the device that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seller {
	/// Which slot.
	pub slot: u8,
	/// Its device.
	pub device: DeviceId,
	/// What its offer asks, in planck for a GiB.
	pub egress: Price,
	/// The same for a MiB, which is what devices count by.
	pub price: u128,
	/// What it may be paid.
	pub tab: Tab,
}

impl Seller {
	/// As who pays it knows it, where this is fair to ask for a MiB.
	pub(super) fn to_pay(&self, fair: u128) -> smart_vouchers::Seller {
		smart_vouchers::Seller {
			slot: self.slot,
			device: self.device,
			price: self.price,
			fair,
			limit: self.tab.limit,
			paid: self.tab.paid,
		}
	}
}

/// How much of a deal is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
	/// All of it, or a part: each of as many slots as bring it back, once at most.
	Volume,
	/// So many of its slots, each from its own device.
	Slots(usize),
}

/// What a deal costs to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Costs {
	/// The deal.
	pub deal: DealId,
	/// Whom it is read from.
	pub sellers: Vec<Seller>,
	/// How many slots can be read, and how many bring it back.
	holders: usize,
	enough: usize,
	/// Bytes of a slot.
	slot_len: u64,
}

/// How a deal is read by an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Terms {
	/// For nothing, so much a day.
	Free,
	/// By vouchers of its owner, who is somebody else.
	Owners,
	/// By vouchers of this account.
	Paid(Costs),
}

/// What a device asks for a MiB, as it counts it itself, in planck.
fn of_mib(egress: Price) -> u128 {
	// A price that is more than a balance holds is one that nobody pays.
	egress.of_bytes(MIB).unwrap_or(u128::MAX)
}

impl Terms {
	/// Those of an account for slots of a deal, at whoever holds them.
	///
	/// # Errors
	/// Of the market.
	pub async fn of(
		market: &dyn Market,
		(id, view): (DealId, &DealView),
		holders: &[Holder],
		account: &[u8; 32],
	) -> Answer<Self> {
		let tabs = market.tabs(id).await?;
		if tabs.iter().all(|tab| tab.left() == 0) {
			return Ok(Self::Free);
		}
		if view.deal.owner != AccountId::new(*account) {
			return Ok(Self::Owners);
		}
		let mut sellers = Vec::new();
		for holder in holders {
			let slot = holder.slot.slot;
			let tab = tabs.get(usize::from(slot)).copied().unwrap_or_default();
			// What was used up is as what never was.
			if tab.left() == 0 {
				continue;
			}
			// Whoever offers nothing asks nothing.
			let egress = market
				.offer(&holder.device)
				.await?
				.map_or(Price(0), |offer| offer.egress);
			if egress.0 > 0 {
				sellers.push(Seller {
					slot,
					device: holder.device,
					egress,
					price: of_mib(egress),
					tab,
				});
			}
		}
		if sellers.is_empty() {
			return Ok(Self::Free);
		}
		let shape = &view.deal.order.geometry;
		Ok(Self::Paid(Costs {
			deal: id,
			sellers,
			holders: holders.len(),
			enough: shape.enough.into(),
			slot_len: shape.slot_len(),
		}))
	}
}

/// What reading all of these deals costs, as far as this account pays for it. One that cannot be read, or of which a
/// node does not tell what it costs, hinders none of the others: that is told in its turn.
pub async fn costs_of_all(market: &dyn Market, access: &Access, deals: &[DealId], show: &Show) -> Vec<Costs> {
	let mut all = Vec::new();
	let mut waits = show.waits();
	for deal in deals {
		let words = format!("for what devices of deal {deal} ask");
		let Ok(found) = waits.step(&words, readable(market, access, *deal)).await else {
			continue;
		};
		let account = access.account();
		let asked = Terms::of(market, (*deal, &found.view), &found.holders, &account);
		if let Ok(Terms::Paid(costs)) = waits.step(&words, asked).await {
			all.push(costs);
		}
	}
	waits.clear();
	all
}

impl Costs {
	/// Has those that read know what each device asks.
	pub fn price(&self, holders: &mut [Holder]) {
		for holder in holders {
			let at = |seller: &&Seller| seller.slot == holder.slot.slot && seller.device == holder.device;
			if let Some(seller) = self.sellers.iter().find(at) {
				holder.price = seller.price;
			}
		}
	}

	/// What reading costs in all likelihood, in planck: the cheapest devices are read from, as long as they answer. Of
	/// single slots it is what the dearest ones ask.
	pub fn likely(&self, reads: Reads) -> u128 {
		let mut prices: Vec<u128> = self.sellers.iter().map(|seller| seller.price).collect();
		prices.sort_unstable();
		let read = match reads {
			Reads::Volume => {
				// Those that are no sellers ask nothing, and are read from first.
				let free = self.holders.saturating_sub(prices.len());
				prices.get(..self.enough.saturating_sub(free).min(prices.len()))
			}
			Reads::Slots(count) => prices.get(prices.len().saturating_sub(count)..),
		};
		let each = read.unwrap_or_default().iter();
		each.fold(0, |sum, price| sum.saturating_add(cost(*price, self.slot_len)))
	}

	/// What is fair to ask for a MiB, in planck: what the dearest of those asks that are likely to be read from.
	pub fn fair(&self, reads: Reads) -> u128 {
		let mut prices: Vec<u128> = self.sellers.iter().map(|seller| seller.price).collect();
		prices.sort_unstable();
		let fair = match reads {
			Reads::Volume => prices.get(self.enough.saturating_sub(1)).or(prices.last()),
			Reads::Slots(_) => prices.last(),
		};
		fair.copied().unwrap_or(0)
	}

	/// The most that is promised by default, in planck: twice what is likely, for what is late is asked of others too,
	/// and a step of each device, for which whoever asks more than is fair gets no more.
	pub fn most(&self, reads: Reads) -> u128 {
		let fair = self.fair(reads);
		let prices = self.sellers.iter().map(|seller| seller.price);
		let steps = prices.map(|price| cost(fair.min(price), UNPAID));
		steps.fold(self.likely(reads).saturating_mul(2), u128::saturating_add)
	}

	/// What may still be paid to all of them, in planck.
	pub fn left(&self) -> u128 {
		let left = self.sellers.iter().map(|seller| seller.tab.left());
		left.fold(0, u128::saturating_add)
	}

	/// What they ask, the least and the most, in planck for a GiB.
	pub fn prices(&self) -> (Price, Price) {
		let all = || self.sellers.iter().map(|seller| seller.egress);
		(all().min().unwrap_or(Price(0)), all().max().unwrap_or(Price(0)))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn seller(slot: u8, price: u128) -> Seller {
		Seller {
			slot,
			device: DeviceId([slot; 32]),
			egress: Price(price * 1_024),
			price,
			tab: Tab { limit: 100, paid: 40 },
		}
	}

	fn costs(prices: &[u128], holders: usize) -> Costs {
		Costs {
			deal: 1,
			sellers: (0..).zip(prices).map(|(slot, price)| seller(slot, *price)).collect(),
			holders,
			enough: 2,
			slot_len: 10 * MIB,
		}
	}

	#[test]
	fn the_cheapest_are_what_is_likely() {
		let of = |holders| costs(&[7, 3, 100, 5], holders);
		assert_eq!(of(4).likely(Reads::Volume), 10 * (3 + 5));
		assert_eq!(of(5).likely(Reads::Volume), 10 * 3, "one of five asks nothing");
		assert_eq!(of(6).likely(Reads::Volume), 0);
		assert_eq!(of(4).likely(Reads::Slots(4)), 10 * 115);
		assert_eq!(of(4).likely(Reads::Slots(1)), 10 * 100, "it may be any");
		assert_eq!(
			of(4).most(Reads::Volume),
			2 * 80 + 4 * (3 + 3 * 5),
			"a dear one is allowed no more"
		);
		assert_eq!(of(4).most(Reads::Slots(4)), 2 * 1_150 + 4 * 115);
		assert_eq!((of(4).fair(Reads::Volume), of(4).fair(Reads::Slots(4))), (5, 100));
		assert_eq!(of(4).left(), 240);
		assert_eq!(of(4).prices(), (Price(3 * 1_024), Price(100 * 1_024)));
	}

	#[test]
	fn a_price_that_nobody_can_pay_is_no_panic() {
		let costs = costs(&[u128::MAX >> 10, u128::MAX >> 10], 2);
		assert!(costs.likely(Reads::Volume) > 1 << 100);
		assert!(costs.most(Reads::Volume) > 1 << 100);
		assert!(of_mib(Price(u128::MAX)) > 1 << 100);
		assert_eq!(of_mib(Price(1)), 1, "rounded up, as devices do");
	}
}
