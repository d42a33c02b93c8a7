//! How many bytes of state a device takes.

use crate::{mock::*, *};
use codec::MaxEncodedLen;
use device_primitives::{Endpoints, Host, HostName, MAX_ENDPOINTS, MAX_HOST_NAME};
use frame_support::assert_ok;
use std::collections::BTreeMap;

/// All that is stored, of every pallet.
fn state() -> BTreeMap<Vec<u8>, usize> {
	let mut state = BTreeMap::new();
	let mut key = Vec::new();
	while let Some(next) = sp_io::storage::next_key(&key) {
		let length = sp_io::storage::get(&next).map_or(0, |value| value.len());
		state.insert(next.clone(), length);
		key = next;
	}
	state
}

/// The bytes of keys and values of what `act` adds to the registry.
fn added(act: impl FnOnce()) -> usize {
	let before = state();
	act();
	let prefix = sp_io::hashing::twox_128(b"Registry");
	let new = state()
		.into_iter()
		.filter(|(key, _)| key.starts_with(&prefix) && !before.contains_key(key));
	new.map(|(key, value)| key.len() + value).sum()
}

/// The chain's counters are there before the first device whose bytes are counted.
fn with_first_device() {
	with_vendor();
	registered(0, &account(1));
}

fn largest_endpoints() -> Endpoints {
	let name = HostName::truncate_from(vec![b'a'; MAX_HOST_NAME as usize]);
	let endpoint = endpoint(Host::Name(name));
	assert!(endpoint.is_sound());
	Endpoints::truncate_from(vec![endpoint; MAX_ENDPOINTS as usize])
}

#[test]
fn a_device_with_all_that_it_can_have_is_less_than_a_kib() {
	run(|| {
		with_first_device();
		let (owner, machine) = (account(1), Machine::new(2));
		let id = machine.id();
		let bytes = added(|| {
			let shown = attestation(&machine, &owner, 0);
			assert_ok!(machine.register(&owner, Some(shown)));
			assert_ok!(Registry::set_endpoints(origin(&owner), id, largest_endpoints()));
			assert_ok!(Registry::offer_transfer(origin(&owner), id, account(2)));
			assert_ok!(Registry::suspend(origin(&owner), id));
			assert_ok!(Registry::suspend(origin(&vendor()), id));
		});
		assert_eq!(bytes, 619);
		assert!(bytes < MAX_DEVICE_BYTES as usize);
		// The entry of the device is as large as it can be, but for the kind of its fields that is smaller than others.
		let most = crate::Device::<AccountId>::max_encoded_len();
		assert_eq!(
			machine.stored().map(|device| codec::Encode::encoded_size(&device)),
			Some(most)
		);
		// Two keys, each with its use; and of the status list a bit.
		assert_eq!(bytes, 64 + most + 2 * (48 + 1));
	});
}

#[test]
fn a_plain_device_is_less_than_a_quarter_kib() {
	run(|| {
		with_first_device();
		let bytes = added(|| {
			registered(3, &account(1));
		});
		assert_eq!(bytes, 224);
	});
}

#[test]
fn what_is_left_of_a_device_is_a_tombstone_for_each_key() {
	run(|| {
		with_first_device();
		let owner = account(1);
		for (number, keys) in [(3, 1), (4, 2), (5, 2)] {
			let bytes = added(|| {
				let machine = registered(number, &owner);
				assert_ok!(Registry::retire(origin(&owner), machine.id()));
			});
			assert_eq!(bytes, keys * 49);
		}
		// The first one revoked of 4,096 needs the piece of the list.
		let bytes = added(|| {
			let machine = registered(6, &owner);
			assert_ok!(Registry::revoke(admin(), machine.id()));
		});
		assert_eq!(bytes, 49 + 48 + 512);
		let bytes = added(|| {
			let machine = registered(9, &owner);
			assert_ok!(Registry::revoke(admin(), machine.id()));
		});
		assert_eq!(bytes, 49);
	});
}
