//! Offers and their tickets.

use crate::{mock::*, Error, Offers, TicketCount, Tickets};
use frame_support::{assert_noop, assert_ok};
use storage_market_primitives::Price;

#[test]
fn a_ticket_is_for_what_is_free_and_proven() {
	run(|| {
		// 128 GiB are proven, and a ticket stands for 64 of them.
		let tickets = |capacity: u64| {
			assert_ok!(StorageMarket::set_offer(
				origin(1),
				device(1),
				Price(1),
				capacity,
				1 << 30
			));
			check();
			TicketCount::<Test>::get()
		};
		assert_eq!(tickets(1 << 40), 2);
		assert_eq!(tickets(64 << 30), 1);
		assert_eq!(tickets(1), 1);
		assert_eq!(tickets(0), 0);
	});
}

#[test]
fn tickets_leave_no_gap() {
	run(|| {
		offers(5);
		assert_eq!(TicketCount::<Test>::get(), 10);
		for number in [2, 5, 1] {
			assert_ok!(StorageMarket::withdraw_offer(origin(number.into()), device(number)));
			check();
		}
		assert_eq!(TicketCount::<Test>::get(), 4);
		assert!((0..4).all(|at| Tickets::<Test>::contains_key(at)));
		assert_eq!(Offers::<Test>::iter().count(), 2);
	});
}

#[test]
fn nobody_offers_what_is_another_s() {
	run(|| {
		assert_noop!(
			StorageMarket::set_offer(origin(2), device(1), Price(1), 1, 1),
			Error::<Test>::NotYours
		);
		assert_noop!(
			StorageMarket::withdraw_offer(origin(1), device(1)),
			Error::<Test>::NoOffer
		);
		offers(1);
		assert_noop!(
			StorageMarket::withdraw_offer(origin(2), device(1)),
			Error::<Test>::NotYours
		);
	});
}
