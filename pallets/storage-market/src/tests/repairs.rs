//! Devices that vanish or leave, and deals that the chain brings back by itself.

use crate::{mock::*, Deals, Event, Offers, StrainedCount};
use frame_support::assert_ok;
use storage_market_primitives::{Stage, Why};

/// Three of eight devices vanish, and nobody but the chain does anything about it.
#[test]
fn three_of_eight_vanish_and_the_chain_repairs_the_deal() {
	run(|| {
		offers(20);
		let id = active(4, 8, 100);
		let gone: Vec<u8> = holders(id).into_iter().flatten().take(3).collect();
		gone.iter().for_each(|number| kill(*number));
		blocks(800);
		let held = holders(id);
		assert!(held.iter().all(Option::is_some), "{held:?}");
		assert!(gone.iter().all(|number| !held.contains(&Some(*number))));
		assert_eq!(StrainedCount::<Test>::get(), 0, "it is at rest again");
		for number in &gone {
			let lost = (0..8).any(|slot| happened(&Event::SlotLost(id, slot, device(*number))));
			assert!(lost, "{number} has lost nothing");
			let offer = Offers::<Test>::get(device(*number)).expect("its money is there");
			assert_eq!(offer.room(), 0, "{number} is drawn for more");
		}
	});
}

#[test]
fn a_deal_is_lost_with_fewer_than_suffice() {
	run(|| {
		offers(8);
		let id = active(4, 8, 100);
		let held: Vec<u8> = holders(id).into_iter().flatten().collect();
		held.iter().take(5).for_each(|number| kill(*number));
		blocks(600);
		assert!(
			matches!(stage(id), Stage::Ended { why: Why::Lost, .. }),
			"{:?}",
			stage(id)
		);
		assert!(happened(&Event::DealLost(id)));
		let before = free(OWNER);
		let inside = Deals::<Test>::get(id).expect("there");
		assert_ok!(StorageMarket::close(origin(OWNER), id));
		let back = inside.escrow.amount() + inside.reserve.amount() + 10_000 + 8 * 100;
		assert_eq!(free(OWNER), before + back, "lost collateral too");
	});
}

#[test]
fn who_leaves_is_replaced_and_gets_its_collateral_back() {
	run(|| {
		offers(4);
		let id = active(1, 2, 100);
		let leaves = holders(id)[0].expect("held");
		assert_ok!(StorageMarket::leave_slot(origin(leaves.into()), id, 0));
		assert_eq!(StrainedCount::<Test>::get(), 1);
		blocks(20);
		let follows = holders(id)[0].expect("held");
		assert_ne!(follows, leaves);
		assert_eq!(StrainedCount::<Test>::get(), 0);
		let deal = Deals::<Test>::get(id).expect("there");
		// It has paid for the one slot that its successor has fetched, and has its pay besides.
		assert!(
			free(leaves.into()) + deal.repair + 1_000 >= RICH,
			"the deposit of its offer is held"
		);
	});
}
