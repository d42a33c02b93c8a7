//! Devices that are gone or suspended, and plots that the chain orders.

mod plots;

use crate::{mock::*, EvacuationHead, EvacuationTail, Event, Offers, Plots};
use frame_support::{assert_noop, assert_ok};
use pallet_traits::DeviceHook;
use storage_market_primitives::Price;

type Hook = StorageMarket;

fn may_go(number: u8) -> bool {
	<Hook as DeviceHook<AccountId>>::may_be_transferred(&device(number))
}

#[test]
fn a_suspended_device_is_not_drawn_and_its_slots_are_moved() {
	run(|| {
		offers(6);
		let (one, two) = (active(1, 2, 100), active(1, 2, 100));
		let holder = holders(one)[0].expect("held");
		assert!(!may_go(holder));
		suspend(holder, true);
		assert!(happened(&Event::Evacuated(device(holder))));
		assert_noop!(
			StorageMarket::set_offer(origin(holder.into()), device(holder), Price(1), Price(1), 1, 1),
			crate::Error::<Test>::NotYours
		);
		blocks(60);
		for id in [one, two] {
			assert!(!holders(id).contains(&Some(holder)), "{:?}", holders(id));
		}
		assert_eq!(EvacuationHead::<Test>::get(), EvacuationTail::<Test>::get());
		assert!(may_go(holder));
		assert_ok!(StorageMarket::withdraw_offer(origin(holder.into()), device(holder)));
		assert!(!Offers::<Test>::contains_key(device(holder)));
	});
}

/// Suspended and active again, as often as it pays for that, it is in the queue once.
#[test]
fn flooder_of_evacuations_is_in_the_queue_once() {
	run(|| {
		offers(6);
		let id = active(1, 2, 100);
		let holder = holders(id)[0].expect("held");
		for _ in 0..5 {
			suspend(holder, true);
			suspend(holder, false);
		}
		assert_eq!(EvacuationTail::<Test>::get(), 1);
		suspend(holder, true);
		blocks(60);
		assert!(!holders(id).contains(&Some(holder)));
		check();
	});
}

/// It answers until another one has its slots, and has all of its collateral but for what is fetched.
#[test]
fn a_device_that_is_gone_loses_what_whoever_leaves_does() {
	run(|| {
		offers(6);
		let id = active(1, 2, 100);
		let holder = holders(id)[0].expect("held");
		<Hook as DeviceHook<AccountId>>::device_gone(&device(holder), &holder.into());
		suspend(holder, true);
		blocks(60);
		assert!(!holders(id).contains(&Some(holder)));
		let deal = crate::Deals::<Test>::get(id).expect("there");
		assert!(free(holder.into()) + deal.repair + 1_000 >= RICH);
	});
}

#[test]
fn a_device_that_is_active_again_keeps_what_it_has_not_left() {
	run(|| {
		offers(2);
		let id = active(1, 2, 100);
		let holder = holders(id)[0].expect("held");
		suspend(holder, true);
		suspend(holder, false);
		blocks(30);
		assert!(holders(id).contains(&Some(holder)));
		assert_eq!(crate::StrainedCount::<Test>::get(), 0);
	});
}

#[test]
fn a_device_that_is_gone_before_it_has_a_slot_leaves_nothing() {
	run(|| {
		offers(1);
		paid(Price(1 << 24));
		StorageMarket::plot_proven(&device(1), &1, 5, 1);
		assert!(Plots::<Test>::contains_key(device(1)));
		<Hook as DeviceHook<AccountId>>::device_gone(&device(1), &1);
		assert!(!Offers::<Test>::contains_key(device(1)) && !Plots::<Test>::contains_key(device(1)));
		assert_eq!(free(1), RICH);
		assert_eq!(EvacuationTail::<Test>::get(), 0);
	});
}

/// Also where nobody has told of it.
#[test]
fn a_device_that_is_off_and_has_tickets_is_not_drawn() {
	run(|| {
		offers(3);
		turn_off(3);
		assert_ok!(opens(order(1, 2, 10)));
		blocks(12);
		let drawn = drawn(1);
		assert_eq!(drawn.len(), 2);
		assert!(drawn.iter().all(|(_, drawn)| *drawn != device(3)));
	});
}
