//! How devices change hands.

use crate::{mock::*, *};
use frame_support::{assert_err, assert_noop, assert_ok, storage::with_storage_layer};
use pallet_testkit::Told;
use pallet_traits::Devices as _;
use sp_core::Pair;
use sp_runtime::TokenError;

type E = Error<Test>;

#[test]
fn a_device_changes_hands_with_both_consents_and_its_own() {
	run(|| {
		with_vendor();
		let (seller, buyer) = (account(1), account(2));
		for number in 0..3 {
			let machine = attested(number, &seller, 0);
			let id = machine.id();
			let before = (free(&seller), free(&buyer));
			told();
			assert_ok!(Registry::offer_transfer(origin(&seller), id, buyer.clone()));
			let consent = machine.consent(&seller, &buyer, 0);
			assert_ok!(accept(&buyer, id, consent));
			// A lottery key that is not the device's own is another one, and paid.
			let next = machine.lottery_after(1);
			let price = next.as_ref().map_or(0, |_| KEY_PRICE);
			assert_eq!(
				(free(&seller), free(&buyer)),
				(before.0 + DEVICE_DEPOSIT, before.1 - DEVICE_DEPOSIT - price)
			);
			let device = machine.stored().expect("is registered");
			assert_eq!((device.owner, device.transfers), (buyer.clone(), 1));
			assert_eq!(device.offered_to, None);
			assert!(device.endpoints.is_empty(), "the seller's addresses are its own");
			assert!(Registry::is_attested(&id), "what the vendor said stays true");
			assert_eq!(told(), [Told::DeviceTransferred(id, seller.clone(), buyer.clone())]);
			let transferred = Event::Transferred {
				device: id,
				from: seller.clone(),
				to: buyer.clone(),
				lottery: next.map_or_else(|| machine.lottery(), |pair| pair.public()),
			};
			assert_eq!(events().last(), Some(&transferred));
		}
		assert_eq!((held(&seller), held(&buyer)), (0, 3 * DEVICE_DEPOSIT));
	});
}

#[test]
fn a_device_does_not_change_hands_while_it_is_judged() {
	run(|| {
		let (seller, buyer) = (account(1), account(2));
		let machine = registered(0, &seller);
		let id = machine.id();
		assert_ok!(Registry::offer_transfer(origin(&seller), id, buyer.clone()));
		Recorder::set_bound(&[id]);
		let consent = || machine.consent(&seller, &buyer, 0);
		assert_noop!(accept(&buyer, id, consent()), E::JudgementWaits);
		// The offer stands, and is good once the judgement is there.
		Recorder::set_bound(&[]);
		assert_ok!(accept(&buyer, id, consent()));
		assert_eq!(machine.stored().expect("is registered").owner, buyer);
	});
}

#[test]
fn offers_are_the_owners_to_make_and_to_take_back() {
	run(|| {
		let (seller, buyer) = (account(1), account(2));
		let machine = registered(0, &seller);
		let id = machine.id();
		let offer = |who: &AccountId, to: &AccountId| Registry::offer_transfer(origin(who), id, to.clone());
		let withdraw = |who: &AccountId| Registry::withdraw_offer(origin(who), id);
		assert_noop!(offer(&buyer, &buyer), E::NotOwner);
		assert_noop!(offer(&seller, &seller), E::OwnDevice);
		assert_noop!(withdraw(&seller), E::NotOffered);
		assert_ok!(offer(&seller, &buyer));
		assert_noop!(withdraw(&buyer), E::NotOwner);
		assert_ok!(withdraw(&seller));
		assert_eq!(events().last(), Some(&Event::OfferWithdrawn { device: id }));
		let consent = machine.consent(&seller, &buyer, 0);
		assert_noop!(accept(&buyer, id, consent), E::NotOffered);
		// A new offer takes the place of the one before.
		assert_ok!(offer(&seller, &buyer));
		assert_ok!(offer(&seller, &account(3)));
		let consent = machine.consent(&seller, &buyer, 0);
		assert_noop!(accept(&buyer, id, consent), E::NotOffered);
		let unknown = Machine::new(3);
		assert_noop!(
			Registry::offer_transfer(origin(&seller), unknown.id(), buyer.clone()),
			E::UnknownDevice
		);
		let consent = unknown.consent(&seller, &buyer, 0);
		assert_noop!(accept(&buyer, unknown.id(), consent), E::UnknownDevice);
		assert_noop!(
			Registry::withdraw_offer(origin(&seller), unknown.id()),
			E::UnknownDevice
		);
	});
}

#[test]
fn a_device_that_its_vendor_suspends_stays_where_it_is() {
	run(|| {
		with_vendor();
		let (seller, buyer) = (account(1), account(2));
		let machine = attested(0, &seller, 0);
		let id = machine.id();
		assert_ok!(Registry::offer_transfer(origin(&seller), id, buyer.clone()));
		assert_ok!(Registry::suspend(origin(&vendor()), id));
		let consent = machine.consent(&seller, &buyer, 0);
		let accept = || accept(&buyer, id, consent.clone());
		assert_noop!(accept(), E::SuspendedByVendor);
		assert_noop!(
			Registry::offer_transfer(origin(&seller), id, buyer.clone()),
			E::SuspendedByVendor
		);
		assert_ok!(Registry::resume(origin(&vendor()), id));
		// What the owner suspends changes hands, and the new owner may resume it.
		assert_ok!(Registry::suspend(origin(&seller), id));
		assert_ok!(accept());
		assert_ok!(Registry::resume(origin(&buyer), id));
	});
}

#[test]
fn a_buyer_that_cannot_pay_deposit_and_key_gets_nothing() {
	run(|| {
		let (seller, poor) = (account(1), account(77));
		for number in 0..2 {
			let machine = registered(number, &seller);
			let id = machine.id();
			assert_ok!(Registry::offer_transfer(origin(&seller), id, poor.clone()));
			let consent = machine.consent(&seller, &poor, 0);
			assert_err!(
				with_storage_layer(|| accept(&poor, id, consent)),
				TokenError::FundsUnavailable
			);
			assert_eq!(held(&seller), Balance::from(number + 1) * DEVICE_DEPOSIT);
			assert_eq!(machine.stored().map(|device| device.owner), Some(seller.clone()));
		}
		let machine = Machine::new(1);
		let consent = machine.consent(&seller, &poor, 0);
		let give = |amount| {
			assert_ok!(Balances::transfer_allow_death(origin(&seller), poor.clone(), amount));
		};
		// Enough for the deposit, not for the lottery key.
		give(DEVICE_DEPOSIT + 1);
		assert_err!(
			with_storage_layer(|| accept(&poor, machine.id(), consent.clone())),
			TokenError::FundsUnavailable
		);
		give(KEY_PRICE);
		assert_ok!(accept(&poor, machine.id(), consent));
	});
}
