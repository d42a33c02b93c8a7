//! What clients ask.

use crate::{mock::*, *};
use device_primitives::{
	encoded_list, resolution,
	status_list::{is_set, CHUNK_BITS, PAGE_BITS, PAGE_BYTES},
	Did, DidResolution,
};
use frame_support::assert_ok;

#[test]
fn a_registered_device_has_a_document() {
	run(|| {
		with_vendor();
		let owner = account(1);
		let machine = attested(2, &owner, 0);
		let Some(DidResolution::Registered(document)) = Registry::did_document(&machine.id()) else {
			panic!("it is registered");
		};
		assert_eq!((document.device, document.key), (machine.id(), machine.key()));
		assert_eq!((document.lottery, &document.owner), (machine.lottery(), &owner));
		assert_eq!((document.active, document.number, document.registered), (true, 0, 10));
		assert_eq!(document.endpoints, endpoints().into_inner());
		let standing = document.attestation.clone().expect("is attested");
		assert_eq!((standing.vendor, standing.model, standing.stands), (vendor(), 0, true));
		assert_eq!(standing.vendor_name, b"Sensors & Sons");
		assert_eq!(standing.model_name, b"Weather 3");
		let did = Did::new(here().as_fixed_bytes(), machine.id());
		let json = resolution(&did, &DidResolution::Registered(document));
		assert_eq!(json["didDocument"]["id"], did.to_string());
		// A key that was stolen shows.
		assert_ok!(Registry::revoke_vendor_key(origin(&vendor()), 0, 10));
		assert_ok!(Registry::suspend(origin(&owner), machine.id()));
		let Some(DidResolution::Registered(document)) = Registry::did_document(&machine.id()) else {
			panic!("it is registered");
		};
		assert!(!document.active && document.attestation.is_some_and(|standing| !standing.stands));
	});
}

#[test]
fn a_device_that_is_gone_is_deactivated_and_one_that_never_was_is_unknown() {
	run(|| {
		with_vendor();
		let owner = account(1);
		let (retired, revoked, unknown) = (registered(1, &owner), registered(2, &owner), Machine::new(3));
		assert_ok!(Registry::retire(origin(&owner), retired.id()));
		assert_ok!(Registry::revoke(admin(), revoked.id()));
		let of = |machine: &Machine| Registry::did_document(&machine.id());
		assert_eq!(of(&retired), Some(DidResolution::Deactivated { revoked: false }));
		assert_eq!(of(&revoked), Some(DidResolution::Deactivated { revoked: true }));
		assert_eq!(of(&unknown), None);
		// Lottery keys and those of vendors are no devices.
		let lottery = device_primitives::DeviceKey::Sr25519(retired.lottery());
		assert_eq!(Registry::did_document(&lottery.device_id()), None);
		assert_eq!(Registry::did_document(&vendor_keys(0).public().device_id()), None);
	});
}

#[test]
fn status_lists_have_the_bits_of_all_that_were_revoked() {
	genesis().execute_with(|| {
		assert_eq!(Registry::status_list(0), None);
		let owner = account(1);
		// The last of a piece and the first of the next; the last of a list and the first of the next.
		let numbers = [0, CHUNK_BITS - 1, CHUNK_BITS, PAGE_BITS - 1, PAGE_BITS];
		for (machine, number) in numbers.into_iter().enumerate() {
			NextNumber::<Test>::put(number);
			let machine = registered(machine as u8, &owner);
			assert_eq!(machine.stored().map(|device| device.number), Some(number));
			let before = Registry::status_list(0).expect("has begun");
			assert!(!is_set(&before, number));
			assert_ok!(Registry::revoke(admin(), machine.id()));
		}
		let first = Registry::status_list(0).expect("has begun");
		assert_eq!(first.len(), PAGE_BYTES);
		assert!((0..PAGE_BITS)
			.filter(|place| is_set(&first, *place))
			.eq(numbers[..4].iter().copied()));
		let second = Registry::status_list(1).expect("has begun");
		assert!(is_set(&second, 0) && !is_set(&second, 1));
		assert_eq!(Registry::status_list(2), None);
		assert_eq!(Registry::status_list(u32::MAX), None);
		assert_ne!(encoded_list(&first), encoded_list(&second));
		// Only pieces with a bit are stored.
		assert_eq!(Revocations::<Test>::iter().count(), 4);
	});
}
