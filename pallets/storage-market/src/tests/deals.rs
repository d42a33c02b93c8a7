//! Deals from their opening to their end.

use crate::{mock::*, Active, ActiveCount, Deals, Error, Event, Pool, QueueHead, QueueTail};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use storage_market_primitives::{Quote, Stage, Why};

#[test]
fn a_deal_is_placed_confirmed_and_paid_to_its_end() {
	run(|| {
		offers(12);
		let before = free(OWNER);
		let id = active(4, 8, 10);
		let quote = Quote::of(&order(4, 8, 10), &MarketTerms::get()).expect("sound");
		assert_eq!(before - free(OWNER), quote.total());
		assert_eq!(ActiveCount::<Test>::get(), 8);
		let held = holders(id);
		assert!(held.iter().all(Option::is_some));
		blocks(400);
		assert!(matches!(stage(id), Stage::Ended { why: Why::Expired, .. }));
		assert_eq!(ActiveCount::<Test>::get(), 0);
		assert!(!work().is_empty(), "work that the beacon placed counts");
		assert_noop!(StorageMarket::close(origin(1), id), Error::<Test>::TooEarly);
		blocks(60);
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
		assert_ok!(StorageMarket::open_deal(origin(OWNER), order(4, 8, 10)));
		blocks(45);
		assert_ok!(StorageMarket::tend(origin(1), 1));
		assert!(matches!(stage(1), Stage::Ended { why: Why::Unplaced, .. }));
		assert_ok!(StorageMarket::close(origin(1), 1));
		assert_eq!(free(OWNER), before);
		blocks(30);
		assert_eq!(
			QueueHead::<Test>::get(),
			QueueTail::<Test>::get(),
			"nobody waits for a draw"
		);
	});
}

#[test]
fn nobody_confirms_what_it_was_not_drawn_for_or_does_not_have() {
	run(|| {
		offers(2);
		assert_ok!(StorageMarket::open_deal(origin(OWNER), order(1, 2, 10)));
		blocks(10);
		assert!(matches!(stage(1), Stage::Uploading { .. }));
		let (slot, first) = drawn(1)[0];
		assert_noop!(confirm(1, slot, first), Error::<Test>::RootMismatch);
		let roots = BoundedVec::truncate_from(vec![root(0), root(1)]);
		assert_noop!(
			StorageMarket::commit_roots(origin(1), 1, roots.clone()),
			Error::<Test>::NotActive
		);
		assert_ok!(StorageMarket::commit_roots(origin(OWNER), 1, roots));
		let other = drawn(1)[1].1;
		assert_noop!(confirm(1, slot, other), Error::<Test>::NotYours);
		let who = origin(first.0[0].into());
		assert_noop!(
			StorageMarket::confirm(who.clone(), 1, slot, root(slot), openings(&[99; 32])),
			Error::<Test>::BadPath
		);
		assert_noop!(
			StorageMarket::confirm(who, 1, slot, root(5), openings(&root(5))),
			Error::<Test>::RootMismatch
		);
		let before = free(first.0[0].into());
		assert_ok!(confirm(1, slot, first));
		let collateral = Deals::<Test>::get(1).expect("there").collateral;
		assert_eq!(before - free(first.0[0].into()), collateral);
	});
}

#[test]
fn an_answer_counts_once_in_time_and_of_who_was_asked() {
	run(|| {
		offers(2);
		let id = active(1, 2, 100);
		// Nobody answers by itself here: the devices are told apart by hand.
		kill(1);
		kill(2);
		while challenged().is_empty() {
			block();
		}
		let place = challenged()[0];
		let (until, own) = (Now::get() + ANSWER, u64::from(place.device.0[0]));
		let answer = |who, index, byte: u8| {
			let shown = if byte == 0 { root(place.slot) } else { [byte; 32] };
			StorageMarket::answer(origin(who), until, index, openings(&shown))
		};
		assert_noop!(answer(3 - own, 0, 0), Error::<Test>::NotYours);
		assert_noop!(answer(own, 0, 77), Error::<Test>::BadPath);
		assert_noop!(answer(own, 60, 0), Error::<Test>::NotChallenged);
		assert_ok!(answer(own, 0, 0));
		assert_noop!(answer(own, 0, 0), Error::<Test>::NotChallenged);
		Now::set(until + 1);
		assert_noop!(answer(own, 0, 0), Error::<Test>::TooLate);
		Now::set(until);
		assert_eq!(Active::<Test>::get(0).map(|place| place.deal), Some(id));
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
		assert_ok!(StorageMarket::open_deal(origin(OWNER), order(1, 2, 100)));
		let escrow = Deals::<Test>::get(1).expect("there").escrow.amount();
		assert_noop!(StorageMarket::end_deal(origin(1), 1), Error::<Test>::NotActive);
		assert_ok!(StorageMarket::end_deal(origin(OWNER), 1));
		assert_ok!(StorageMarket::close(origin(OWNER), 1));
		assert_eq!(before - free(OWNER), (escrow * 3).div_ceil(100));
		let id = active(1, 2, 100);
		blocks(100);
		assert_ok!(StorageMarket::extend(origin(50), id, 10));
		assert_ok!(StorageMarket::end_deal(origin(OWNER), id));
		assert_eq!(ActiveCount::<Test>::get(), 0);
		assert_ok!(StorageMarket::close(origin(1), id));
	});
}
