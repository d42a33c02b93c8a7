//! Who may read a deal, and who is paid for giving it out.

use crate::{mock::*, Deals, Error, Event, FormerTabs, KeyBoxes, Tills, MAX_BOXES};
use device_primitives::DeviceId;
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use sp_runtime::testing::TestSignature;
use storage_market_primitives::{DealId, SlotAt, SlotId, Voucher};

/// For how long devices redeem what they were promised.
const REDEEM: u32 = 40;

/// A deal of two slots with a box and so much for each slot.
fn deal(egress: u128) -> DealId {
	offers(2);
	assert_ok!(StorageMarket::open_deal(
		origin(OWNER),
		order(1, 2, 100),
		false,
		egress,
		Some(key_box(1))
	));
	blocks(10);
	commit(1, 2);
	block();
	1
}

#[test]
fn an_owner_grants_and_revokes() {
	run(|| {
		let id = deal(0);
		assert_eq!(
			KeyBoxes::<Test>::get(id, OWNER).map(|kept| kept.key_box),
			Some(key_box(1))
		);
		let before = free(OWNER);
		assert_noop!(
			StorageMarket::grant(origin(1), id, 5, key_box(2)),
			Error::<Test>::NotActive
		);
		assert_ok!(StorageMarket::grant(origin(OWNER), id, 5, key_box(2)));
		assert_eq!(before - free(OWNER), 500);
		// Another key in the same box costs nothing more.
		assert_ok!(StorageMarket::grant(origin(OWNER), id, 5, key_box(3)));
		assert_eq!(before - free(OWNER), 500);
		assert_eq!(KeyBoxes::<Test>::get(id, 5).map(|kept| kept.key_box), Some(key_box(3)));
		check();
		assert_noop!(StorageMarket::revoke(origin(5), id, 5), Error::<Test>::NotActive);
		assert_noop!(StorageMarket::revoke(origin(OWNER), id, OWNER), Error::<Test>::OwnBox);
		assert_ok!(StorageMarket::revoke(origin(OWNER), id, 5));
		assert!(happened(&Event::Revoked(id, 5)));
		assert_eq!((before, KeyBoxes::<Test>::contains_key(id, 5)), (free(OWNER), false));
		assert_noop!(StorageMarket::revoke(origin(OWNER), id, 5), Error::<Test>::NoBox);
	});
}

#[test]
fn a_deal_has_so_many_boxes_and_leaves_none_behind() {
	run(|| {
		let id = deal(0);
		for who in 1_000..1_000 + u64::from(MAX_BOXES) - 1 {
			assert_ok!(StorageMarket::grant(origin(OWNER), id, who, key_box(2)));
		}
		assert_noop!(
			StorageMarket::grant(origin(OWNER), id, 1, key_box(2)),
			Error::<Test>::TooManyBoxes
		);
		assert_ok!(StorageMarket::end_deal(origin(OWNER), id));
		assert_noop!(
			StorageMarket::grant(origin(OWNER), id, 1_000, key_box(9)),
			Error::<Test>::NotActive
		);
		blocks(REDEEM);
		assert_ok!(StorageMarket::close(origin(OWNER), id));
		assert_eq!(KeyBoxes::<Test>::iter().count(), 0);
		assert!(Tills::<Test>::get(id).is_none());
	});
}

/// A voucher of an account for what the holder of a slot has given out.
fn redeem(by: AccountId, id: DealId, slot: SlotAt, device: DeviceId, total: u128) -> DispatchResult {
	let voucher = Voucher {
		at: SlotId::new(id, slot),
		device,
		total,
	};
	let signature = TestSignature(by, voucher.payload(&genesis()));
	StorageMarket::redeem(origin(1), voucher, signature)
}

#[test]
fn vouchers_pay_what_they_say_beyond_the_last_one() {
	run(|| {
		let id = deal(1_000);
		let holder = holders(id)[0].expect("held");
		let before = free(holder.into());
		assert_noop!(redeem(5, id, 0, device(holder), 100), Error::<Test>::BadSignature);
		assert_noop!(redeem(OWNER, id, 0, device(77), 100), Error::<Test>::NotHeld);
		assert_ok!(redeem(OWNER, id, 0, device(holder), 100));
		assert!(happened(&Event::Redeemed(id, 0, device(holder), 100)));
		// 95 % to whoever serves well, 3 % burned.
		assert_eq!(free(holder.into()) - before, 95);
		assert_ok!(redeem(OWNER, id, 0, device(holder), 300));
		assert_eq!(free(holder.into()) - before, 95 + 190);
		assert_noop!(redeem(OWNER, id, 0, device(holder), 200), Error::<Test>::NothingNew);
		assert_noop!(redeem(OWNER, id, 0, device(holder), 1_001), Error::<Test>::AboveLimit);
		assert_noop!(
			StorageMarket::top_up_egress(origin(OWNER), id, 0, 0),
			Error::<Test>::Nothing
		);
		assert_noop!(
			StorageMarket::top_up_egress(origin(OWNER), id, 2, 1),
			Error::<Test>::NoSuchSlot
		);
		assert_ok!(StorageMarket::top_up_egress(origin(OWNER), id, 0, 1));
		assert_ok!(redeem(OWNER, id, 0, device(holder), 1_001));
	});
}

/// Muzzler puts a planck into a slot of somebody else's deal, so that its devices give it out for nothing no more: a
/// stranger, one to whom the deal was granted, and the device that has the slot.
#[test]
fn muzzler_puts_nothing_into_anothers_deal() {
	run(|| {
		let id = deal(0);
		assert_ok!(StorageMarket::grant(origin(OWNER), id, 5, key_box(2)));
		let holder = holders(id)[0].expect("held");
		for muzzler in [50, 5, holder.into()] {
			assert_noop!(
				StorageMarket::top_up_egress(origin(muzzler), id, 0, 1),
				Error::<Test>::NotActive
			);
		}
		assert_noop!(
			StorageMarket::top_up_egress(origin(OWNER), id + 1, 0, 1),
			Error::<Test>::UnknownDeal
		);
		let left = |id| Tills::<Test>::get(id).expect("there").tabs[0].left();
		assert_eq!(left(id), 0);
		assert_ok!(StorageMarket::top_up_egress(origin(OWNER), id, 0, 7));
		assert_eq!(left(id), 7);
		assert_ok!(StorageMarket::end_deal(origin(OWNER), id));
		assert_noop!(
			StorageMarket::top_up_egress(origin(OWNER), id, 0, 7),
			Error::<Test>::NotActive
		);
	});
}

/// What one device was paid counts for nothing of the next one that has the slot.
#[test]
fn a_tab_begins_anew_with_another_device() {
	run(|| {
		let id = deal(1_000);
		offers(4);
		let leaves = holders(id)[0].expect("held");
		assert_ok!(redeem(OWNER, id, 0, device(leaves), 400));
		assert_ok!(StorageMarket::leave_slot(origin(leaves.into()), id, 0));
		blocks(20);
		let follows = holders(id)[0].expect("held");
		assert_ne!(follows, leaves);
		// What it was promised is its own for a while, and nobody else's.
		let before = free(leaves.into());
		assert_ok!(redeem(OWNER, id, 0, device(leaves), 500));
		assert_eq!(free(leaves.into()) - before, 95);
		assert_noop!(redeem(OWNER, id, 0, device(follows), 1), Error::<Test>::AboveLimit);
		check();
		blocks(REDEEM + 1);
		assert_ok!(redeem(OWNER, id, 0, device(follows), 200));
		assert_noop!(redeem(OWNER, id, 0, device(leaves), 600), Error::<Test>::NotHeld);
		assert_noop!(redeem(OWNER, id, 0, device(follows), 501), Error::<Test>::AboveLimit);
		assert_ok!(redeem(OWNER, id, 0, device(follows), 500));
		check();
	});
}

/// Reader has much given out against vouchers, ends its deal, and closes it before any of them is redeemed.
#[test]
fn reader_that_ends_its_deal_pays_what_it_has_promised() {
	run(|| {
		let id = deal(1_000);
		let holder = holders(id)[0].expect("held");
		assert_ok!(StorageMarket::end_deal(origin(OWNER), id));
		assert_noop!(StorageMarket::close(origin(OWNER), id), Error::<Test>::TooEarly);
		let before = free(holder.into());
		assert_ok!(redeem(OWNER, id, 0, device(holder), 1_000));
		assert_eq!(free(holder.into()) - before, 950);
		blocks(REDEEM);
		assert_ok!(StorageMarket::close(origin(OWNER), id));
	});
}

/// Returner leaves, is drawn again later, and shows the vouchers by which it was paid already.
#[test]
fn returner_is_not_paid_twice() {
	run(|| {
		let id = deal(1_000);
		offers(3);
		let first = holders(id)[0].expect("held");
		assert_ok!(redeem(OWNER, id, 0, device(first), 400));
		for next in [3, first] {
			let leaves = holders(id)[0].expect("held");
			assert_ok!(StorageMarket::leave_slot(origin(leaves.into()), id, 0));
			blocks(20);
			assert_eq!(holders(id)[0], Some(next), "there is no other");
		}
		assert_noop!(redeem(OWNER, id, 0, device(first), 400), Error::<Test>::NothingNew);
		blocks(REDEEM + 1);
		assert_noop!(redeem(OWNER, id, 0, device(first), 400), Error::<Test>::NothingNew);
		let before = free(first.into());
		assert_ok!(redeem(OWNER, id, 0, device(first), 700));
		assert_eq!(free(first.into()) - before, 285);
		check();
	});
}

/// What a device that has left did not redeem is the owner's again when the deal is closed.
#[test]
fn what_nobody_has_redeemed_goes_back() {
	run(|| {
		let id = deal(1_000);
		offers(4);
		let leaves = holders(id)[0].expect("held");
		assert_ok!(StorageMarket::leave_slot(origin(leaves.into()), id, 0));
		blocks(20);
		assert_eq!(FormerTabs::<Test>::iter().count(), 1);
		assert_ok!(StorageMarket::end_deal(origin(OWNER), id));
		blocks(REDEEM);
		let (before, inside) = (free(OWNER), Deals::<Test>::get(id).expect("there"));
		assert_ok!(StorageMarket::close(origin(OWNER), id));
		assert_eq!(FormerTabs::<Test>::iter().count(), 0);
		let deposits = 10_000 + 2 * 100 + 500;
		let back = inside.escrow.amount() + inside.reserve.amount() + deposits + 2 * 1_000;
		assert_eq!(free(OWNER) - before, back);
	});
}
