//! Vendors, their keys and models.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use pallet_traits::Devices as _;
use sp_runtime::DispatchError;

type E = Error<Test>;

#[test]
fn a_vendor_registers_with_its_first_key_and_models() {
	run(|| {
		with_vendor();
		let key = vendor_keys(0).public();
		assert_eq!(
			events(),
			[
				Event::VendorRegistered {
					vendor: vendor(),
					name: name("Sensors & Sons")
				},
				Event::VendorKeyAdded {
					vendor: vendor(),
					index: 0,
					key
				},
				Event::ModelRegistered {
					model: 0,
					vendor: vendor(),
					name: name("Weather 3")
				},
			]
		);
		let deposit = VENDOR_DEPOSIT + VENDOR_KEY_DEPOSIT + MODEL_DEPOSIT;
		assert_eq!(held_of_vendor(&vendor()), deposit);
		assert_eq!(free(&vendor()), RICH - deposit);
		let status = KeyStatus::Valid;
		assert_eq!(VendorKeys::<Test>::get(vendor(), 0), Some(VendorKey { key, status }));
		assert_ok!(Registry::register_model(origin(&vendor()), name("Weather 4")));
		assert_eq!(Models::<Test>::get(1).map(|model| model.name), Some(name("Weather 4")));
	});
}

#[test]
fn whoever_is_no_vendor_does_nothing_as_one() {
	run(|| {
		let who = origin(&account(1));
		let keys = Keys::ed(1);
		let claimed = claim(&keys, &account(1));
		assert_noop!(
			Registry::add_vendor_key(who.clone(), keys.public(), claimed),
			E::NotVendor
		);
		assert_noop!(Registry::rotate_vendor_key(who.clone(), 0), E::NotVendor);
		assert_noop!(Registry::revoke_vendor_key(who.clone(), 0, 0), E::NotVendor);
		assert_noop!(Registry::register_model(who.clone(), name("X")), E::NotVendor);
		assert_noop!(Registry::revoke_vendor(admin(), account(1), 0), E::NotVendor);
		assert_noop!(Registry::revoke_vendor(who, vendor(), 0), DispatchError::BadOrigin);
	});
}

#[test]
fn names_are_text() {
	run(|| {
		let keys = vendor_keys(0);
		let register = |text: &str| {
			let claimed = claim(&keys, &vendor());
			Registry::register_vendor(origin(&vendor()), name(text), keys.public(), claimed)
		};
		assert_noop!(register(""), E::BadName);
		assert_noop!(register(" Sensors"), E::BadName);
		assert_ok!(register("智能"));
		assert_noop!(register("Sensors"), E::AlreadyVendor);
		assert_noop!(Registry::register_model(origin(&vendor()), name("a\nb")), E::BadName);
	});
}

#[test]
fn a_vendor_has_so_many_keys_and_no_more() {
	run(|| {
		with_vendor();
		for index in 1..4 {
			assert_ok!(add_key(index));
		}
		assert_noop!(add_key(4), E::TooManyKeys);
		assert_noop!(Registry::rotate_vendor_key(origin(&vendor()), 4), E::UnknownKey);
		assert_noop!(Registry::revoke_vendor_key(origin(&vendor()), 4, 0), E::UnknownKey);
	});
}

#[test]
fn deposits_are_there_or_nothing_happens() {
	run(|| {
		let poor = account(77);
		let keys = vendor_keys(0);
		let claimed = claim(&keys, &poor);
		frame_support::assert_err!(
			frame_support::storage::with_storage_layer(|| Registry::register_vendor(
				origin(&poor),
				name("Poor"),
				keys.public(),
				claimed
			)),
			sp_runtime::TokenError::FundsUnavailable
		);
		assert!(!Vendors::<Test>::contains_key(&poor));
	});
}

#[test]
fn what_a_rotated_key_attested_stays_and_it_attests_nothing_new() {
	run(|| {
		with_vendor();
		let (owner, old) = (account(1), 0);
		let machine = attested(0, &owner, old);
		assert_ok!(Registry::rotate_vendor_key(origin(&vendor()), old));
		assert_eq!(
			VendorKeys::<Test>::get(vendor(), old).map(|key| key.status),
			Some(KeyStatus::Rotated { from: 10 })
		);
		assert_noop!(Registry::rotate_vendor_key(origin(&vendor()), old), E::KeyNotValid);
		assert!(Registry::is_attested(&machine.id()));
		let next = Machine::new(1);
		let shown = attestation(&next, &owner, old);
		assert_noop!(next.register(&owner, Some(shown)), E::KeyNotValid);
		assert_ok!(add_key(1));
		let shown = attestation(&next, &owner, 1);
		assert_ok!(next.register(&owner, Some(shown)));
		assert!(Registry::is_attested(&next.id()));
	});
}

#[test]
fn what_a_revoked_key_attested_is_void_from_an_era_on() {
	run(|| {
		with_vendor();
		let owner = account(1);
		let honest = attested(0, &owner, 0);
		era(11);
		let forged = attested(3, &owner, 0);
		era(12);
		let late = attested(6, &owner, 0);
		let revoke = |void_from| Registry::revoke_vendor_key(origin(&vendor()), 0, void_from);
		assert_noop!(revoke(13), E::BadVoidFrom);
		// It was rotated before: a key that is not in use any more is stolen as well.
		assert_ok!(Registry::rotate_vendor_key(origin(&vendor()), 0));
		assert_ok!(revoke(12));
		let standing = || [&honest, &forged, &late].map(|machine| Registry::is_attested(&machine.id()));
		assert_eq!(standing(), [true, true, false]);
		// It was stolen earlier than was thought; never later.
		assert_ok!(revoke(11));
		assert_eq!(standing(), [true, false, false]);
		assert_noop!(revoke(12), E::BadVoidFrom);
		assert_eq!(standing(), [true, false, false]);
		assert_noop!(Registry::rotate_vendor_key(origin(&vendor()), 0), E::KeyNotValid);
		let next = Machine::new(9);
		let shown = attestation(&next, &owner, 0);
		assert_noop!(next.register(&owner, Some(shown)), E::KeyNotValid);
	});
}

#[test]
fn a_revoked_vendor_attests_nothing_and_has_no_say() {
	run(|| {
		with_vendor();
		assert_ok!(add_key(1));
		let owner = account(1);
		let early = attested(0, &owner, 0);
		era(11);
		let late = attested(3, &owner, 1);
		assert_ok!(Registry::suspend(origin(&vendor()), late.id()));
		assert_noop!(Registry::revoke_vendor(admin(), vendor(), 12), E::BadVoidFrom);
		assert_ok!(Registry::revoke_vendor(admin(), vendor(), 11));
		assert_eq!(
			[&early, &late].map(|machine| Registry::is_attested(&machine.id())),
			[true, false]
		);
		let next = Machine::new(6);
		let shown = attestation(&next, &owner, 0);
		assert_noop!(next.register(&owner, Some(shown)), E::VendorIsRevoked);
		assert_noop!(add_key(2), E::VendorIsRevoked);
		assert_noop!(
			Registry::register_model(origin(&vendor()), name("X")),
			E::VendorIsRevoked
		);
		assert_noop!(Registry::suspend(origin(&vendor()), early.id()), E::NotInCharge);
		assert_noop!(Registry::revoke(origin(&vendor()), early.id()), E::NotInCharge);
		assert_noop!(Registry::resume(origin(&vendor()), late.id()), E::NotInCharge);
		// What it had suspended the admin lifts.
		assert_ok!(Registry::resume(admin(), late.id()));
		// That a key was stolen it may still say, and the admin may go further back.
		assert_ok!(Registry::revoke_vendor_key(origin(&vendor()), 0, 10));
		assert!(!Registry::is_attested(&early.id()));
		assert_ok!(Registry::revoke_vendor(admin(), vendor(), 0));
		assert_noop!(Registry::revoke_vendor(admin(), vendor(), 1), E::BadVoidFrom);
	});
}
