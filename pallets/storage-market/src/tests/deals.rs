//! Deals from their opening to their end.

use crate::{mock::*, ActiveCount, Deals, Error, Event, InUse, Pool, QueueHead, QueueTail};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use storage_market_primitives::{Quote, Stage, Why};

#[test]
fn a_deal_is_placed_confirmed_and_paid_to_its_end() {
	run(|| {
		offers(12);
		let before = free(OWNER);
		let id = active(4, 8, 10);
		let quote = Quote::of(&order(4, 8, 10), &MarketTerms::get()).expect("sound");
		assert_eq!(before - free(OWNER), quote.total() + 10_000 + 8 * 100, "and a deposit");
		assert_eq!(ActiveCount::<Test>::get(), 8);
		let held = holders(id);
		assert!(held.iter().all(Option::is_some));
		blocks(400);
		assert!(matches!(stage(id), Stage::Ended { why: Why::Expired, .. }));
		assert!(!work().is_empty(), "work that the beacon placed counts");
		assert_noop!(StorageMarket::close(origin(1), id), Error::<Test>::TooEarly);
		blocks(60);
		assert_eq!(ActiveCount::<Test>::get(), 0, "each was asked once more");
		let escrow = Deals::<Test>::get(id).expect("there").escrow.amount();
		assert_eq!(escrow, 0, "all asked for the most, and have proven all of it");
		let devices: Vec<u64> = held.into_iter().flatten().map(u64::from).collect();
		let rich = devices.iter().map(|who| free(*who)).sum::<u128>();
		assert_ok!(StorageMarket::close(origin(1), id));
		assert!(Deals::<Test>::get(id).is_none());
		assert!(devices.iter().map(|who| free(*who)).sum::<u128>() > rich);
		assert!(free(OWNER) < before, "what was held has a price");
		assert!(Pool::<Test>::get() > 0, "2 % of what was paid");
	});
}

#[test]
fn a_deal_that_finds_too_few_devices_gives_all_back() {
	run(|| {
		offers(3);
		let before = free(OWNER);
		assert_ok!(opens(order(4, 8, 10)));
		blocks(45);
		assert_ok!(StorageMarket::tend(origin(1), 1));
		assert!(matches!(stage(1), Stage::Ended { why: Why::Unplaced, .. }));
		assert_ok!(StorageMarket::close(origin(OWNER), 1));
		assert_eq!(free(OWNER), before);
		blocks(30);
		assert_eq!(
			QueueHead::<Test>::get(),
			QueueTail::<Test>::get(),
			"nobody waits for a draw"
		);
	});
}

/// Whoever closes a deal gets a hundredth of what goes back to its owner.
#[test]
fn who_closes_a_deal_gets_a_tip() {
	run(|| {
		assert_ok!(opens(order(1, 2, 10)));
		let inside = Deals::<Test>::get(1).expect("there").holds() + 10_200;
		blocks(45);
		let (owner, closer) = (free(OWNER), free(50));
		assert_ok!(StorageMarket::close(origin(50), 1));
		let tip = inside / 100;
		assert_eq!((free(OWNER) - owner, free(50) - closer), (inside - tip, tip));
		assert!(happened(&Event::DealClosed(1, tip)));
	});
}

/// The owner chooses devices, which confirm as others do; what they do counts for nothing.
#[test]
fn a_deal_of_chosen_devices_counts_for_nothing() {
	run(|| {
		offers(4);
		assert_ok!(StorageMarket::open_deal(origin(OWNER), order(1, 2, 10), true, 0, None));
		blocks(10);
		assert!(drawn(1).is_empty(), "the beacon draws nobody");
		let choose = |who, slot, number| StorageMarket::choose(origin(who), 1, slot, device(number));
		assert_noop!(choose(1, 0, 3), Error::<Test>::NotActive);
		assert_noop!(choose(OWNER, 0, 9), Error::<Test>::NoOffer);
		assert_ok!(choose(OWNER, 0, 3));
		assert_noop!(choose(OWNER, 1, 3), Error::<Test>::AlreadyHere);
		assert_ok!(choose(OWNER, 1, 4));
		assert!(happened(&Event::SlotOffered(1, 1, device(4))));
		// It does not reach one of them, and chooses another one.
		assert_ok!(StorageMarket::redraw(origin(OWNER), 1, 1));
		blocks(10);
		assert_ok!(choose(OWNER, 1, 2));
		commit(1, 2);
		blocks(100);
		assert_eq!(holders(1), [Some(3), Some(2)]);
		assert_eq!(stage(1), Stage::Active);
		assert!(work().is_empty());
		assert_noop!(choose(OWNER, 1, 1), Error::<Test>::NotActive);
	});
}

/// What a chosen device loses the beacon draws anew.
#[test]
fn a_deal_of_chosen_devices_is_repaired_by_the_beacon() {
	run(|| {
		offers(6);
		assert_ok!(StorageMarket::open_deal(origin(OWNER), order(1, 2, 100), true, 0, None));
		for (slot, number) in [(0, 3), (1, 4)] {
			assert_ok!(StorageMarket::choose(origin(OWNER), 1, slot, device(number)));
		}
		commit(1, 2);
		block();
		kill(3);
		blocks(300);
		let held = holders(1);
		assert!(held[0].is_some_and(|holder| holder != 3), "{held:?}");
	});
}

#[test]
fn a_deal_has_room_where_its_devices_have() {
	run(|| {
		assert_ok!(StorageMarket::set_offer(
			origin(1),
			device(1),
			storage_market_primitives::Price(1),
			storage_market_primitives::Price(1),
			20_000,
			20_000
		));
		for _ in 0..2 {
			assert_ok!(StorageMarket::open_deal(origin(OWNER), order(1, 1, 10), true, 0, None));
		}
		assert_ok!(StorageMarket::choose(origin(OWNER), 1, 0, device(1)));
		assert_noop!(
			StorageMarket::choose(origin(OWNER), 2, 0, device(1)),
			Error::<Test>::NoCapacity
		);
	});
}

#[test]
fn a_claim_pays_its_owner_and_burns() {
	run(|| {
		offers(2);
		let id = active(1, 2, 100);
		blocks(200);
		let own = u64::from(holders(id)[0].expect("held"));
		let claims = BoundedVec::truncate_from(vec![(id, 0)]);
		assert_noop!(
			StorageMarket::claim(origin(3 - own), claims.clone()),
			Error::<Test>::NotYours
		);
		let slot = Deals::<Test>::get(id).expect("there").slots[0].clone();
		let earned = slot.holding.expect("held").accrued.amount();
		assert!(earned > 100, "{earned}");
		let (before, issuance) = (free(own), Balances::total_issuance());
		assert_ok!(StorageMarket::claim(origin(own), claims));
		let paid = free(own) - before;
		assert_eq!(paid, earned * 90 / 100 + earned * 5 / 100);
		assert_eq!(issuance - Balances::total_issuance(), (earned * 3).div_ceil(100));
		assert!(happened(&Event::Claimed(id, 0, paid)));
	});
}

#[test]
fn an_owner_gives_up_or_ends_early() {
	run(|| {
		offers(2);
		let before = free(OWNER);
		assert_ok!(opens(order(1, 2, 100)));
		let escrow = Deals::<Test>::get(1).expect("there").escrow.amount();
		assert_noop!(StorageMarket::end_deal(origin(1), 1), Error::<Test>::NotActive);
		assert_ok!(StorageMarket::end_deal(origin(OWNER), 1));
		assert_ok!(StorageMarket::close(origin(OWNER), 1));
		assert_eq!(before - free(OWNER), (escrow * 3).div_ceil(100));
		let id = active(1, 2, 100);
		blocks(100);
		assert_noop!(StorageMarket::extend(origin(50), id, 0), Error::<Test>::BadOrder);
		assert_ok!(StorageMarket::extend(origin(50), id, 10));
		assert_ok!(StorageMarket::end_deal(origin(OWNER), id));
		assert_eq!(ActiveCount::<Test>::get(), 0);
		assert_noop!(StorageMarket::close(origin(1), id), Error::<Test>::TooEarly);
		blocks(MarketTerms::get().times.to_redeem());
		assert_ok!(StorageMarket::close(origin(1), id));
	});
}

/// Prolonger has a deal last that it has drawn for an era or two: it is kept and paid, and counts no more.
#[test]
fn prolonger_has_nothing_in_use_that_counts() {
	run(|| {
		offers(2);
		let id = active(1, 2, 3);
		assert!(InUse::<Test>::get() > 0);
		assert_ok!(StorageMarket::extend(origin(50), id, 100));
		blocks(200);
		let (counted, kept) = (work().len(), Deals::<Test>::get(id).expect("there"));
		assert_eq!((kept.stage, kept.usable()), (Stage::Active, 2));
		assert_eq!(InUse::<Test>::get(), 0);
		blocks(80);
		assert_eq!(work().len(), counted);
	});
}
