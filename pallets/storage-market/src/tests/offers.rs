//! Offers and their tickets.

use crate::{mock::*, Error, HoldReason, Listed, ListedCount, Offers, TicketCount, Tickets};
use frame_support::{assert_noop, assert_ok, traits::fungible::hold::Inspect};
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
			StorageMarket::set_offer(origin(2), device(1), Price(1), Price(1), 1, 1),
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

fn on_hold(who: u64) -> u128 {
	Balances::balance_on_hold(&HoldReason::Deposit.into(), &who)
}

#[test]
fn an_offer_has_a_deposit_and_a_place() {
	run(|| {
		offers(3);
		offers(3);
		assert_eq!(
			(on_hold(1), ListedCount::<Test>::get()),
			(1_000, 3),
			"once, however often it is set"
		);
		assert_ok!(StorageMarket::withdraw_offer(origin(1), device(1)));
		check();
		assert_eq!((on_hold(1), ListedCount::<Test>::get()), (0, 2));
		assert_eq!(Listed::<Test>::get(0), Some(device(3)), "the last one took its place");
		assert_eq!(free(1), RICH);
	});
}

#[test]
fn an_offer_stays_as_long_as_its_device_has_a_slot() {
	run(|| {
		offers(2);
		let id = active(1, 2, 10);
		let holder = holders(id)[0].expect("held");
		let withdraw = || StorageMarket::withdraw_offer(origin(holder.into()), device(holder));
		assert_ok!(withdraw());
		assert_eq!(on_hold(holder.into()), 1_000);
		assert_eq!(Offers::<Test>::get(device(holder)).map(|offer| offer.tickets), Some(0));
		assert_ok!(StorageMarket::end_deal(origin(OWNER), id));
		blocks(MarketTerms::get().times.to_redeem());
		assert_ok!(StorageMarket::close(origin(OWNER), id));
		assert_ok!(withdraw());
		assert_eq!(
			(on_hold(holder.into()), Offers::<Test>::contains_key(device(holder))),
			(0, false)
		);
	});
}
