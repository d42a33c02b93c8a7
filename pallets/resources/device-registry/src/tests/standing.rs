//! Attestations that come later, and suspensions.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use pallet_testkit::Told;
use pallet_traits::Devices as _;

type E = Error<Test>;

fn active(machine: &Machine) -> bool {
	Registry::device(&machine.id()).is_some_and(|device| device.active)
}

#[test]
fn an_attestation_may_come_later() {
	run(|| {
		with_vendor();
		let owner = account(1);
		let machine = registered(0, &owner);
		era(12);
		let shown = attestation(&machine, &owner, 0);
		assert_noop!(
			Registry::attest(origin(&account(2)), machine.id(), shown.clone()),
			E::NotOwner
		);
		assert_ok!(Registry::attest(origin(&owner), machine.id(), shown.clone()));
		assert_eq!(
			events().last(),
			Some(&Event::Attested {
				device: machine.id(),
				model: 0,
				key: 0
			})
		);
		let since = machine.stored().and_then(|device| device.attested).map(|it| it.since);
		assert_eq!(since, Some(12));
		assert_noop!(
			Registry::attest(origin(&owner), machine.id(), shown.clone()),
			E::AlreadyAttested
		);
		let unknown = Machine::new(3);
		assert_noop!(Registry::attest(origin(&owner), unknown.id(), shown), E::UnknownDevice);
	});
}

#[test]
fn one_that_is_void_is_replaced_unless_the_vendor_suspends_the_device() {
	run(|| {
		with_vendor();
		assert_ok!(add_key(1));
		let owner = account(1);
		let machine = attested(0, &owner, 0);
		assert_ok!(Registry::revoke_vendor_key(origin(&vendor()), 0, 10));
		assert_ok!(Registry::suspend(origin(&vendor()), machine.id()));
		let attest = || Registry::attest(origin(&owner), machine.id(), attestation(&machine, &owner, 1));
		assert_noop!(attest(), E::SuspendedByVendor);
		assert_ok!(Registry::resume(origin(&vendor()), machine.id()));
		assert!(!Registry::is_attested(&machine.id()));
		assert_ok!(attest());
		assert!(Registry::is_attested(&machine.id()));
	});
}

/// Else an owner could choose a vendor that is kinder to it.
#[test]
fn an_attestation_that_stands_keeps_its_vendor() {
	run(|| {
		with_vendor();
		assert_ok!(add_key(1));
		let owner = account(1);
		let machine = attested(0, &owner, 0);
		assert_ok!(Registry::rotate_vendor_key(origin(&vendor()), 0));
		let shown = attestation(&machine, &owner, 1);
		assert_noop!(
			Registry::attest(origin(&owner), machine.id(), shown),
			E::AlreadyAttested
		);
	});
}

#[test]
fn owner_and_vendor_suspend_and_each_lifts_its_own() {
	run(|| {
		with_vendor();
		let owner = account(1);
		let machine = attested(0, &owner, 0);
		let id = machine.id();
		let suspend = |who: &AccountId| Registry::suspend(origin(who), id);
		let resume = |who: &AccountId| Registry::resume(origin(who), id);
		told();
		assert_noop!(resume(&owner), E::NotSuspended);
		assert_noop!(suspend(&account(2)), E::NotInCharge);
		assert_noop!(resume(&account(2)), E::NotInCharge);
		assert_noop!(suspend(&ADMIN), E::NotInCharge);
		assert_ok!(suspend(&owner));
		assert_noop!(suspend(&owner), E::AlreadySuspended);
		assert_ok!(suspend(&vendor()));
		assert_noop!(suspend(&vendor()), E::AlreadySuspended);
		assert!(!active(&machine));
		assert_ok!(resume(&owner));
		assert_noop!(resume(&owner), E::NotSuspended);
		assert!(!active(&machine), "the vendor still suspends it");
		assert_ok!(resume(&vendor()));
		assert!(active(&machine));
		let of = |by_vendor| Event::Suspended { device: id, by_vendor };
		let resumed = |active| Event::Resumed { device: id, active };
		let events = events();
		assert_eq!(
			events[events.len() - 4..],
			[of(false), of(true), resumed(false), resumed(true)]
		);
		// Told of what changes, once.
		assert_eq!(told(), [Told::DeviceActive(id, false), Told::DeviceActive(id, true)]);
	});
}

#[test]
fn the_admin_lifts_what_the_vendor_has_suspended_and_nothing_else() {
	run(|| {
		with_vendor();
		let owner = account(1);
		let machine = attested(0, &owner, 0);
		let id = machine.id();
		assert_ok!(Registry::suspend(origin(&owner), id));
		assert_noop!(Registry::resume(admin(), id), E::NotSuspended);
		assert_ok!(Registry::suspend(origin(&vendor()), id));
		assert_ok!(Registry::resume(admin(), id));
		assert!(!active(&machine));
		assert_ok!(Registry::resume(origin(&owner), id));
		assert!(active(&machine));
		let unknown = Machine::new(3).id();
		assert_noop!(Registry::resume(admin(), unknown), E::UnknownDevice);
		assert_noop!(Registry::suspend(origin(&owner), unknown), E::UnknownDevice);
	});
}

#[test]
fn a_vendor_that_owns_a_device_lifts_both() {
	run(|| {
		with_vendor();
		let owner = account(1);
		let machine = attested(0, &owner, 0);
		let id = machine.id();
		assert_ok!(Registry::offer_transfer(origin(&owner), id, vendor()));
		let consent = machine.consent(&owner, &vendor(), 0);
		assert_ok!(Registry::accept_transfer(origin(&vendor()), id, consent));
		crate::Devices::<Test>::mutate(id, |device| {
			if let Some(device) = device {
				(device.suspended.owner, device.suspended.vendor) = (true, true);
			}
		});
		assert_ok!(Registry::resume(origin(&vendor()), id));
		assert!(active(&machine));
	});
}
