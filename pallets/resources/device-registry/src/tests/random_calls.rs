//! Whatever is called in whatever order: the invariants hold, and no money appears or vanishes.

use crate::{mock::*, *};
use device_primitives::{DeviceSignature, Endpoints, Host};
use frame_support::traits::fungible::Inspect;
use pallet_testkit::Eras;
use pallet_traits::{DeviceInfo, Devices as _, EraClock};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Of these, 9 is the vendor, and 8 is another.
type Who = u8;

#[derive(Clone, Debug)]
enum Step {
	RegisterVendor(Who, u8),
	AddKey(Who, u8),
	RotateKey(Who, u8),
	RevokeKey(Who, u8, u32),
	RevokeVendor(Who, u32),
	Model(Who),
	Register(u8, Who, Option<u8>),
	/// With what its key signed for another.
	Squat(u8, Who, Who),
	Attest(u8, Who, u8),
	Endpoints(u8, Who, u8),
	Suspend(u8, Who),
	Resume(u8, Who),
	ResumeByAdmin(u8),
	Retire(u8, Who),
	Revoke(u8, Who),
	RevokeByAdmin(u8),
	Offer(u8, Who, Who),
	Withdraw(u8, Who),
	Accept(u8, Who, u32),
	Spend(Who, u128),
	Eras(u32),
}

/// Some with plenty, the vendors, and one with nothing.
fn who() -> impl Strategy<Value = Who> {
	prop_oneof![8 => 1u8..4, 3 => 8u8..10, 1 => Just(77u8)]
}

fn machine() -> impl Strategy<Value = u8> {
	0u8..9
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		1 => (who(), 0u8..5).prop_map(|(a, b)| Step::RegisterVendor(a, b)),
		1 => (who(), 0u8..5).prop_map(|(a, b)| Step::AddKey(a, b)),
		1 => (who(), 0u8..3).prop_map(|(a, b)| Step::RotateKey(a, b)),
		1 => (who(), 0u8..3, 0u32..20).prop_map(|(a, b, c)| Step::RevokeKey(a, b, c)),
		1 => (who(), 0u32..20).prop_map(|(a, b)| Step::RevokeVendor(a, b)),
		1 => who().prop_map(Step::Model),
		8 => (machine(), who(), prop::option::of(0u8..3)).prop_map(|(a, b, c)| Step::Register(a, b, c)),
		1 => (machine(), who(), who()).prop_map(|(a, b, c)| Step::Squat(a, b, c)),
		2 => (machine(), who(), 0u8..3).prop_map(|(a, b, c)| Step::Attest(a, b, c)),
		1 => (machine(), who(), 0u8..6).prop_map(|(a, b, c)| Step::Endpoints(a, b, c)),
		2 => (machine(), who()).prop_map(|(a, b)| Step::Suspend(a, b)),
		2 => (machine(), who()).prop_map(|(a, b)| Step::Resume(a, b)),
		1 => machine().prop_map(Step::ResumeByAdmin),
		1 => (machine(), who()).prop_map(|(a, b)| Step::Retire(a, b)),
		1 => (machine(), who()).prop_map(|(a, b)| Step::Revoke(a, b)),
		1 => machine().prop_map(Step::RevokeByAdmin),
		6 => (machine(), who(), who()).prop_map(|(a, b, c)| Step::Offer(a, b, c)),
		1 => (machine(), who()).prop_map(|(a, b)| Step::Withdraw(a, b)),
		6 => (machine(), who(), 0u32..3).prop_map(|(a, b, c)| Step::Accept(a, b, c)),
		1 => (who(), prop_oneof![0u128..2_000, Just(RICH), Just(u128::MAX)]).prop_map(|(a, b)| Step::Spend(a, b)),
		2 => (1u32..4).prop_map(Step::Eras),
	]
}

fn ignore<R>(_: R) {}

/// Does it, and forgets whether it worked: what fails must leave no trace, which the invariants show.
fn take(step: Step) {
	let signed = |who: Who| origin(&account(who));
	let id = |number: u8| Machine::new(number).id();
	let vendor_name = || name("Vendor");
	match step {
		Step::RegisterVendor(who, key) => {
			let keys = vendor_keys(key);
			let claimed = claim(&keys, &account(who));
			ignore(Registry::register_vendor(
				signed(who),
				vendor_name(),
				keys.public(),
				claimed,
			));
		}
		Step::AddKey(who, key) => {
			let keys = vendor_keys(key);
			let claimed = claim(&keys, &account(who));
			ignore(Registry::add_vendor_key(signed(who), keys.public(), claimed));
		}
		Step::RotateKey(who, index) => ignore(Registry::rotate_vendor_key(signed(who), index)),
		Step::RevokeKey(who, index, era) => ignore(Registry::revoke_vendor_key(signed(who), index, era)),
		Step::RevokeVendor(who, era) => ignore(Registry::revoke_vendor(admin(), account(who), era)),
		Step::Model(who) => ignore(Registry::register_model(signed(who), vendor_name())),
		Step::Register(number, who, key) => {
			let machine = Machine::new(number);
			let shown = key.map(|key| attestation(&machine, &account(who), key));
			ignore(machine.register(&account(who), shown));
		}
		Step::Squat(number, who, owner) => squat(number, who, owner),
		Step::Attest(number, who, key) => {
			let shown = attestation(&Machine::new(number), &account(who), key);
			ignore(Registry::attest(signed(who), id(number), shown));
		}
		Step::Endpoints(number, who, count) => {
			let all = (0..count).map(|last| endpoint(Host::V4([192, 0, 2, last]))).collect();
			ignore(Registry::set_endpoints(
				signed(who),
				id(number),
				Endpoints::truncate_from(all),
			));
		}
		Step::Suspend(number, who) => ignore(Registry::suspend(signed(who), id(number))),
		Step::Resume(number, who) => ignore(Registry::resume(signed(who), id(number))),
		Step::ResumeByAdmin(number) => ignore(Registry::resume(admin(), id(number))),
		Step::Retire(number, who) => ignore(Registry::retire(signed(who), id(number))),
		Step::Revoke(number, who) => ignore(Registry::revoke(signed(who), id(number))),
		Step::RevokeByAdmin(number) => ignore(Registry::revoke(admin(), id(number))),
		Step::Offer(number, who, to) => ignore(Registry::offer_transfer(signed(who), id(number), account(to))),
		Step::Withdraw(number, who) => ignore(Registry::withdraw_offer(signed(who), id(number))),
		Step::Accept(number, who, transfers) => {
			let machine = Machine::new(number);
			let from = machine.stored().map_or(account(1), |device| device.owner);
			let consent = machine.consent(&from, &account(who), transfers);
			ignore(Registry::accept_transfer(signed(who), machine.id(), consent));
		}
		Step::Spend(who, amount) => ignore(Balances::transfer_allow_death(signed(who), TREASURY, amount)),
		Step::Eras(count) => Eras::set(Eras::current_era() + count),
	}
}

fn squat(number: u8, who: Who, owner: Who) {
	let machine = Machine::new(number);
	let possession: DeviceSignature = machine.possession(&account(owner));
	let (key, enrolment) = (machine.key(), machine.enrolment(&account(who)));
	let squatted = Registry::register(origin(&account(who)), key, possession, enrolment, None, endpoints());
	assert!(
		who == owner || squatted.is_err(),
		"{who} registered what signed for {owner}"
	);
}

/// Every account that can have money here.
fn everyone() -> impl Iterator<Item = AccountId> {
	(1..10).chain([77]).map(account).chain([TREASURY])
}

/// The devices as other pallets see them.
fn seen() -> BTreeMap<u8, DeviceInfo<AccountId>> {
	(0..9)
		.filter_map(|number| Some((number, Registry::device(&Machine::new(number).id())?)))
		.collect()
}

/// What is told is what changed.
fn check_told(before: &BTreeMap<u8, DeviceInfo<AccountId>>) {
	use pallet_testkit::Told;
	let after = seen();
	let mut expected = Vec::new();
	for (number, was) in before {
		let id = Machine::new(*number).id();
		match after.get(number) {
			None => expected.push(Told::DeviceGone(id, was.owner.clone())),
			Some(is) if is.owner != was.owner => {
				expected.push(Told::DeviceTransferred(id, was.owner.clone(), is.owner.clone()));
			}
			Some(is) if is.active != was.active => expected.push(Told::DeviceActive(id, is.active)),
			Some(is) => assert_eq!(is, was),
		}
	}
	assert_eq!(told(), expected);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(100))]

	#[test]
	fn random_calls_keep_the_invariants_and_the_money(steps in prop::collection::vec(step(), 1..60)) {
		genesis().execute_with(|| {
			with_vendor();
			add_key(1).expect("is added");
			let issuance = Balances::total_issuance();
			for step in steps {
				let told = format!("{step:?}");
				let before = seen();
				let taken = frame_support::storage::with_storage_layer(|| {
					take(step);
					Ok::<_, sp_runtime::DispatchError>(())
				});
				assert!(taken.is_ok());
				Registry::do_try_state().unwrap_or_else(|error| panic!("{error:?} after {told}"));
				check_told(&before);
			}
			assert_eq!(Balances::total_issuance(), issuance);
			let sum: Balance = everyone().map(|who| Balances::total_balance(&who)).sum();
			assert_eq!(sum, issuance);
			let held: Balance = everyone().map(|who| held(&who)).sum();
			assert_eq!(held, Balance::from(crate::Devices::<Test>::count()) * DEVICE_DEPOSIT);
		});
	}
}
