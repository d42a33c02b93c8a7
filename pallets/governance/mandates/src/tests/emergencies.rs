//! What directors vouch for and holders do.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	DispatchError,
};

fn upgrade(byte: u8) -> RuntimeCall {
	frame_system::Call::authorize_upgrade {
		code_hash: [byte; 32].into(),
	}
	.into()
}

fn hash(call: &RuntimeCall) -> <Test as frame_system::Config>::Hash {
	BlakeTwo256::hash_of(call)
}

fn sponsor(call: &RuntimeCall) -> frame_support::dispatch::DispatchResult {
	Mandates::sponsor(RuntimeOrigin::signed(DIRECTORS), hash(call))
}

fn act(call: RuntimeCall) -> Result<(), DispatchError> {
	let outcome = Mandates::act(Origin::Emergency.into(), Box::new(call));
	outcome.map(|_| ()).map_err(|failure| failure.error)
}

#[test]
fn holders_do_what_directors_vouch_for_and_once() {
	run(|| {
		assert_ok!(sponsor(&upgrade(1)));
		assert_ok!(act(upgrade(1)));
		assert!(System::authorized_upgrade().is_some());
		assert!(events().contains(&Event::Acted {
			call_hash: hash(&upgrade(1))
		}));
		assert_noop!(act(upgrade(1)), Error::<Test>::NotSponsored);
	});
}

#[test]
fn neither_does_anything_alone() {
	run(|| {
		assert_noop!(act(upgrade(1)), Error::<Test>::NotSponsored);
		assert_ok!(sponsor(&upgrade(1)));
		for origin in [
			RuntimeOrigin::signed(DIRECTORS),
			RuntimeOrigin::root(),
			Origin::ParametersAdmin.into(),
			Origin::BigSpender.into(),
		] {
			let outcome = Mandates::act(origin, Box::new(upgrade(1)));
			assert_eq!(
				outcome.map_err(|failure| failure.error).err(),
				Some(DispatchError::BadOrigin)
			);
		}
		assert!(System::authorized_upgrade().is_none());
	});
}

#[test]
fn another_call_than_was_vouched_for_is_not_done() {
	run(|| {
		assert_ok!(sponsor(&upgrade(1)));
		assert_noop!(act(upgrade(2)), Error::<Test>::NotSponsored);
	});
}

#[test]
fn what_is_not_for_emergencies_is_not_done_though_directors_vouch_for_it() {
	run(|| {
		let call: RuntimeCall = frame_system::Call::set_storage { items: vec![] }.into();
		assert_ok!(sponsor(&call));
		assert_noop!(act(call), Error::<Test>::NotForEmergencies);
	});
}

#[test]
fn directors_vouch_for_a_time() {
	run(|| {
		assert_ok!(sponsor(&upgrade(1)));
		System::set_block_number(1 + TERM);
		assert!(Mandates::is_sponsored(&hash(&upgrade(1))));
		System::set_block_number(2 + TERM);
		assert_noop!(act(upgrade(1)), Error::<Test>::NotSponsored);
		assert_ok!(sponsor(&upgrade(1)));
		assert_ok!(act(upgrade(1)));
	});
}

#[test]
fn directors_vouch_for_so_many_at_once() {
	run(|| {
		for byte in 0..MOST_SPONSORED as u8 {
			assert_ok!(sponsor(&upgrade(byte)));
		}
		assert_noop!(sponsor(&upgrade(99)), Error::<Test>::TooManySponsored);
		assert_ok!(sponsor(&upgrade(0)));
		System::set_block_number(2 + TERM);
		assert_ok!(sponsor(&upgrade(99)));
		assert_eq!(Sponsored::<Test>::get().len(), 1, "the others expired");
	});
}

/// What else directors vouch for in its last block drops nothing that still counts.
#[test]
fn a_sponsorship_lasts_to_the_end_of_its_last_block() {
	run(|| {
		assert_ok!(sponsor(&upgrade(1)));
		System::set_block_number(1 + TERM);
		assert_ok!(sponsor(&upgrade(2)));
		assert_ok!(act(upgrade(1)));
	});
}

#[test]
fn what_fails_leaves_nothing_and_stays_vouched_for() {
	run(|| {
		let failing: RuntimeCall = pallet_utility::Call::batch_all {
			calls: vec![
				upgrade(1),
				frame_system::Call::apply_authorized_upgrade { code: vec![1] }.into(),
			],
		}
		.into();
		assert_ok!(sponsor(&failing));
		let outcome = frame_support::storage::with_storage_layer(|| {
			Mandates::act(Origin::Emergency.into(), Box::new(failing.clone()))
		});
		assert!(outcome.is_err());
		assert!(System::authorized_upgrade().is_none());
		assert!(Mandates::is_sponsored(&hash(&failing)));
	});
}

#[test]
fn it_is_charged_for_the_call() {
	let inner = upgrade(1);
	let outer = pallet_mandates_call(inner.clone());
	assert_eq!(
		outer.get_dispatch_info().call_weight,
		inner.get_dispatch_info().call_weight,
		"the mock's own weights are nothing"
	);
}

fn pallet_mandates_call(call: RuntimeCall) -> RuntimeCall {
	crate::Call::act { call: Box::new(call) }.into()
}
