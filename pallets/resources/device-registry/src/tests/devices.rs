//! How devices come and go.

use crate::{mock::*, *};
use device_primitives::{Endpoints, Host};
use frame_support::{assert_err, assert_noop, assert_ok, dispatch::GetDispatchInfo, storage::with_storage_layer};
use pallet_testkit::Told;
use pallet_traits::{DeviceInfo, Devices as _};
use sp_runtime::{DispatchError, TokenError};

type E = Error<Test>;

#[test]
fn devices_of_each_kind_register() {
	run(|| {
		let owner = account(1);
		for number in 0..3 {
			let machine = registered(number, &owner);
			let info = DeviceInfo {
				owner: owner.clone(),
				lottery: machine.lottery(),
				active: true,
				registered: 10,
				number: number.into(),
			};
			assert_eq!(Registry::device(&machine.id()), Some(info));
			assert_eq!(Registry::endpoints(&machine.id()), endpoints().into_inner());
			assert!(!Registry::is_attested(&machine.id()));
			assert_eq!(
				events().last(),
				Some(&Event::Registered {
					device: machine.id(),
					owner: owner.clone(),
					number: number.into(),
					deposit: DEVICE_DEPOSIT,
				})
			);
		}
		// One key of the first, two of the others.
		assert_eq!(held(&owner), 3 * DEVICE_DEPOSIT);
		assert_eq!(free(&owner), RICH - 3 * DEVICE_DEPOSIT - 5 * KEY_PRICE);
		assert_eq!(free(&TREASURY), 5 * KEY_PRICE);
		assert_eq!(told(), []);
	});
}

#[test]
fn a_device_registers_with_its_attestation() {
	run(|| {
		with_vendor();
		let machine = attested(2, &account(1), 0);
		assert!(Registry::is_attested(&machine.id()));
		assert_eq!(
			events().last(),
			Some(&Event::Attested {
				device: machine.id(),
				model: 0,
				key: 0
			})
		);
		let since = Attested {
			model: 0,
			key: 0,
			since: 10,
		};
		assert_eq!(machine.stored().and_then(|device| device.attested), Some(since));
	});
}

#[test]
fn lottery_keys_are_enrolled_if_the_devices_own_is_none() {
	run(|| {
		let owner = account(1);
		let (own, other) = (Machine::new(0), Machine::new(1));
		let register = |machine: &Machine, enrolment| {
			let possession = machine.possession(&owner);
			Registry::register(origin(&owner), machine.key(), possession, enrolment, None, endpoints())
		};
		assert_noop!(register(&own, other.enrolment(&owner)), E::LotteryKeyOfItsOwn);
		assert_noop!(register(&other, None), E::NoLotteryKey);
	});
}

#[test]
fn attestations_are_of_models_and_keys_that_there_are() {
	run(|| {
		with_vendor();
		let owner = account(1);
		let machine = Machine::new(0);
		let with = |change: fn(&mut AttestationProof)| {
			let mut shown = attestation(&machine, &owner, 0);
			change(&mut shown);
			machine.register(&owner, Some(shown))
		};
		assert_noop!(with(|shown| shown.model = 1), E::UnknownModel);
		assert_noop!(with(|shown| shown.key = 1), E::UnknownKey);
		assert_ok!(with(|_| {}));
	});
}

#[test]
fn endpoints_are_sound_and_the_owners_to_set() {
	run(|| {
		let owner = account(1);
		let machine = registered(0, &owner);
		let with = |host| Endpoints::truncate_from(vec![endpoint(host)]);
		let set = |who, endpoints| Registry::set_endpoints(origin(&who), machine.id(), endpoints);
		assert_ok!(set(owner.clone(), with(Host::V6([0x20; 16]))));
		assert_eq!(events().last(), Some(&Event::EndpointsSet { device: machine.id() }));
		assert_eq!(Registry::endpoints(&machine.id()), [endpoint(Host::V6([0x20; 16]))]);
		assert_noop!(set(owner.clone(), with(Host::V4([0; 4]))), E::BadEndpoint);
		assert_noop!(set(account(2), endpoints()), E::NotOwner);
		assert_ok!(set(owner.clone(), Endpoints::default()));
		let other = Machine::new(3);
		let bad = Registry::register(
			origin(&owner),
			other.key(),
			other.possession(&owner),
			None,
			None,
			with(Host::V4([0; 4])),
		);
		assert_noop!(bad, E::BadEndpoint);
		assert_noop!(
			Registry::set_endpoints(origin(&owner), other.id(), endpoints()),
			E::UnknownDevice
		);
		assert!(Registry::endpoints(&other.id()).is_empty());
	});
}

#[test]
fn a_device_that_nobody_pays_for_is_not_registered() {
	run(|| {
		let poor = account(77);
		let machine = Machine::new(1);
		let register = || with_storage_layer(|| machine.register(&poor, None));
		assert_err!(register(), TokenError::FundsUnavailable);
		let give = |amount| {
			let transferred = Balances::transfer_allow_death(origin(&account(1)), poor.clone(), amount);
			assert_ok!(transferred);
		};
		// Enough for the deposit, not for the keys.
		give(DEVICE_DEPOSIT + 2 * KEY_PRICE);
		assert_err!(register(), TokenError::FundsUnavailable);
		assert_eq!((held(&poor), free(&poor)), (0, DEVICE_DEPOSIT + 2 * KEY_PRICE));
		give(1);
		assert_ok!(register());
		assert_eq!((held(&poor), free(&poor)), (DEVICE_DEPOSIT, 1));
	});
}

#[test]
fn retiring_gives_the_deposit_back() {
	run(|| {
		let owner = account(1);
		let machine = registered(1, &owner);
		assert_noop!(Registry::retire(origin(&account(2)), machine.id()), E::NotOwner);
		assert_ok!(Registry::suspend(origin(&owner), machine.id()));
		told();
		assert_ok!(Registry::retire(origin(&owner), machine.id()));
		assert_eq!((held(&owner), free(&owner)), (0, RICH - 2 * KEY_PRICE));
		assert_eq!(told(), [Told::DeviceGone(machine.id(), owner.clone())]);
		assert_eq!(
			events().last(),
			Some(&Event::Retired {
				device: machine.id(),
				owner: owner.clone()
			})
		);
		assert_eq!(Registry::device(&machine.id()), None);
		assert_eq!(
			crate::UsedKeys::<Test>::get(machine.key().hash()),
			Some(KeyUse::Retired)
		);
		assert_noop!(Registry::retire(origin(&owner), machine.id()), E::UnknownDevice);
	});
}

#[test]
fn vendor_and_admin_revoke_and_the_owner_keeps_its_deposit() {
	run(|| {
		with_vendor();
		let owner = account(1);
		let machines = [attested(0, &owner, 0), attested(1, &owner, 0), registered(3, &owner)];
		let revoke = |who: &AccountId, machine: &Machine| Registry::revoke(origin(who), machine.id());
		assert_noop!(revoke(&owner, &machines[0]), E::NotInCharge);
		assert_noop!(revoke(&account(2), &machines[0]), E::NotInCharge);
		// It attested nothing of the third.
		assert_noop!(revoke(&vendor(), &machines[2]), E::NotInCharge);
		assert_noop!(
			Registry::revoke(RuntimeOrigin::none(), machines[0].id()),
			DispatchError::BadOrigin
		);
		for (who, machine, number) in [(vendor(), &machines[0], 0), (ADMIN, &machines[2], 2)] {
			told();
			assert_ok!(revoke(&who, machine));
			assert_eq!(told(), [Told::DeviceGone(machine.id(), owner.clone())]);
			assert_eq!(
				events().last(),
				Some(&Event::Revoked {
					device: machine.id(),
					owner: owner.clone(),
					number
				})
			);
			assert_noop!(revoke(&who, machine), E::UnknownDevice);
		}
		assert_eq!(held(&owner), DEVICE_DEPOSIT);
		assert_eq!(Registry::status_list(0).map(|bits| bits[0]), Some(0b1010_0000));
	});
}

/// A signature of P-256 is verified in Wasm: who sends one pays for it.
#[test]
fn calls_weigh_by_their_signatures_of_p256() {
	run(|| {
		let owner = account(1);
		let weight = |machine: &Machine, attestation| {
			let call = crate::Call::<Test>::register {
				key: machine.key(),
				possession: machine.possession(&owner),
				enrolment: machine.enrolment(&owner),
				attestation,
				endpoints: endpoints(),
			};
			call.get_dispatch_info().call_weight.ref_time()
		};
		let (sr, chip) = (Machine::new(0), Machine::new(2));
		let shown = |machine: &Machine| Some(attestation(machine, &owner, 0));
		assert_eq!(weight(&sr, None), 0);
		assert_eq!(weight(&sr, shown(&sr)), 1);
		assert_eq!(weight(&chip, None), 1);
		assert_eq!(weight(&chip, shown(&chip)), 2);
		let attest = crate::Call::<Test>::attest {
			device: sr.id(),
			attestation: attestation(&sr, &owner, 0),
		};
		assert_eq!(attest.get_dispatch_info().call_weight.ref_time(), 1);
	});
}
