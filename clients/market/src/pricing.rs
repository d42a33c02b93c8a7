//! What devices ask, and what is offered to pay for it.

use super::OfferView;
use storage_market_primitives::{Order, Price, Quote};

/// Of a hundred tickets with room so many ask no more than what is offered by default: of a draw that looks at one that
/// asks more nothing counts, and nobody pays what the dearest ones want.
const PER_CENT: usize = 95;

/// What is offered by default is never more than so many times what half of the tickets with room ask: whoever has one
/// in twenty of them would say what everybody pays.
const TIMES: u128 = 2;

/// What devices with room for a slot ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asks {
	/// One for each ticket, rising.
	asks: Vec<Price>,
	/// How many different owners are among them.
	owners: usize,
}

impl Asks {
	/// Of offers, as far as they have room for a slot of so many bytes.
	pub fn of(offers: &[OfferView], slot_len: u64) -> Self {
		let fits = |offer: &&OfferView| {
			let room = offer.capacity.saturating_sub(offer.used).min(offer.max_slot);
			offer.tickets > 0 && room >= slot_len
		};
		let mut asks = Vec::new();
		let mut owners: Vec<_> = Vec::new();
		for offer in offers.iter().filter(fits) {
			let tickets = usize::try_from(offer.tickets).unwrap_or(1);
			asks.extend(std::iter::repeat_n(offer.ask, tickets));
			owners.push(offer.owner.clone());
		}
		asks.sort_unstable();
		owners.sort_unstable();
		owners.dedup();
		Self {
			asks,
			owners: owners.len(),
		}
	}

	/// How many different owners have room: a deal has at most one slot with each.
	pub fn owners(&self) -> usize {
		self.owners
	}

	/// What so many of a hundred tickets ask at most; none if there is none.
	fn within(&self, per_cent: usize) -> Option<Price> {
		let enough = self.asks.len().saturating_mul(per_cent).div_ceil(100);
		self.asks.get(enough.checked_sub(1)?).copied()
	}

	/// What a device that is drawn at this most asks on average; none if nobody asks so little.
	pub fn expected(&self, most: Price) -> Option<Price> {
		let fitting: Vec<u128> = self
			.asks
			.iter()
			.take_while(|ask| **ask <= most)
			.map(|ask| ask.0)
			.collect();
		let count = u128::try_from(fitting.len()).ok().filter(|count| *count > 0)?;
		let sum = fitting.iter().fold(0_u128, |sum, ask| sum.saturating_add(*ask));
		Some(Price(sum / count))
	}
}

/// The most that is offered by default: what 95 of 100 tickets with room ask at most, and at most twice what half of
/// them ask. None if nobody has room.
pub fn max_ask(asks: &Asks) -> Option<Price> {
	let most = asks.within(PER_CENT)?;
	let twice = asks.within(50)?.0.saturating_mul(TIMES);
	Some(most.min(Price(twice)))
}

/// What a deal will cost in all likelihood, in planck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
	/// What is put in for the pay of devices, at most.
	pub pay: u128,
	/// What of it devices will earn.
	pub likely: u128,
	/// What is put in for repairs; what none took comes back.
	pub reserve: u128,
	/// What is put in for its state, and comes back.
	pub deposit: u128,
	/// What is put in to pay for what is given out of it; what is left comes back.
	pub egress: u128,
	/// The fee of the transactions that it takes.
	pub fees: u128,
}

impl Estimate {
	/// From what the chain says of an order.
	pub fn of(order: &Order, asks: &Asks, quote: &Quote, deposit: u128, fees: u128) -> Self {
		let expected = asks.expected(order.max_ask).unwrap_or(order.max_ask);
		let likely = match order.max_ask.0 {
			0 => 0,
			most => quote.pay / most * expected.0 + quote.pay % most * expected.0 / most,
		};
		Self {
			pay: quote.pay,
			likely: likely.min(quote.pay),
			reserve: quote.reserve,
			deposit,
			egress: 0,
			fees,
		}
	}

	/// What leaves the account at once.
	pub fn total(&self) -> u128 {
		let put_in = self.pay.saturating_add(self.reserve);
		let besides = self.deposit.saturating_add(self.egress);
		put_in.saturating_add(besides).saturating_add(self.fees)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use device_primitives::DeviceId;
	use smart_agent_chain::AccountId;
	use storage_market_primitives::{Geometry, Profile, Reach, Terms};

	fn offer(owner: u8, ask: u128, tickets: u32) -> OfferView {
		OfferView {
			reach: Reach {
				device: DeviceId([owner; 32]),
				endpoints: Vec::new(),
			},
			owner: AccountId::new([owner; 32]),
			ask: Price(ask),
			egress: Price(0),
			capacity: 1 << 30,
			used: 0,
			max_slot: 1 << 30,
			score: Default::default(),
			tickets,
		}
	}

	#[test]
	fn ninety_five_of_a_hundred_ask_no_more() {
		// From 100 to 199, one ticket each.
		let offers: Vec<OfferView> = (0..100).map(|i| offer(i, 100 + u128::from(i), 1)).collect();
		let asks = Asks::of(&offers, 1_000);
		assert_eq!(asks.owners(), 100);
		let most = max_ask(&asks).unwrap();
		assert_eq!(most, Price(194));
		assert_eq!(offers.iter().filter(|offer| offer.ask <= most).count(), 95);
		assert_eq!(asks.expected(most), Some(Price(147)));
		// Of eight all count: seven would be fewer.
		let eight = Asks::of(&offers[..8], 1);
		assert_eq!(max_ask(&eight), Some(Price(107)));
		assert_eq!(max_ask(&Asks::of(&offers[..1], 1)), Some(Price(100)));
		assert_eq!(max_ask(&Asks::default()), None);
		assert_eq!(Asks::default().expected(Price(5)), None);
	}

	/// Of draws at the default price one in twenty looks at a ticket first that asks more, and counts for nothing.
	#[test]
	fn honest_draws_at_the_default_price_count() {
		let offers: Vec<OfferView> = (0..100).map(|i| offer(i, 100 + u128::from(i), 1)).collect();
		let most = max_ask(&Asks::of(&offers, 1_000)).unwrap();
		let dear = offers.iter().filter(|offer| offer.ask > most).count();
		assert!(dear * 20 <= offers.len(), "{dear}");
	}

	/// Gouger has one ticket in ten, and asks ever so much: what all pay by default is not what it asks.
	#[test]
	fn gouger_does_not_say_what_is_paid_by_default() {
		let mut offers: Vec<OfferView> = (0..9).map(|i| offer(i, 100, 10)).collect();
		for ask in [1_000_000, u128::MAX] {
			offers.push(offer(9, ask, 10));
			assert_eq!(max_ask(&Asks::of(&offers, 1_000)), Some(Price(200)));
			offers.pop();
		}
		let all_ask_much = [offer(1, u128::MAX, 1)];
		assert_eq!(max_ask(&Asks::of(&all_ask_much, 1_000)), Some(Price(u128::MAX)));
	}

	#[test]
	fn only_who_has_room_counts() {
		let mut full = offer(1, 1, 3);
		full.used = full.capacity;
		let withdrawn = offer(2, 1, 0);
		let asks = Asks::of(&[full, withdrawn, offer(3, 9, 2), offer(3, 9, 1)], 1_000);
		assert_eq!(asks.owners(), 1);
		assert_eq!(max_ask(&asks), Some(Price(9)));
		assert_eq!(max_ask(&Asks::of(&[offer(3, 9, 2)], 1 << 40)), None);
	}

	#[test]
	fn what_is_likely_is_never_more_than_what_is_put_in() {
		let order = Order {
			geometry: Geometry::of(Profile::Standard, 1 << 30),
			max_ask: Price(200_000),
			eras: 12_960,
			factor: 2,
		};
		let quote = Quote::of(&order, &Terms::real()).unwrap();
		let asks = Asks::of(&[offer(1, 100_000, 1), offer(2, 200_000, 1)], 1_000);
		let estimate = Estimate::of(&order, &asks, &quote, 7, 5);
		assert_eq!(estimate.pay, quote.pay);
		assert_eq!(
			estimate.likely,
			quote.pay / 200_000 * 150_000 + quote.pay % 200_000 * 150_000 / 200_000
		);
		assert_eq!(estimate.total(), quote.total() + 12);
		let none = Estimate::of(&order, &Asks::default(), &quote, 0, 0);
		assert_eq!(none.likely, quote.pay);
	}
}
