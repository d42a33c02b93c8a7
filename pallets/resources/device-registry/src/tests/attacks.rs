//! Those who want a device that is not theirs, two of one, or a vendor's word that was not given.

use crate::{mock::*, *};
use codec::Encode;
use device_primitives::{
	Attestation, DeviceKey, DeviceSignature, Enrolment, P256Key, P256Signature, Registration, Transfer,
};
use frame_support::{assert_noop, assert_ok};
use pallet_traits::Devices as _;
use sp_core::{ed25519, sr25519, Pair};
use sp_runtime::DispatchResult;

type E = Error<Test>;

fn register_with(machine: &Machine, who: &AccountId, possession: DeviceSignature) -> DispatchResult {
	let enrolment = machine.enrolment(who);
	Registry::register(origin(who), machine.key(), possession, enrolment, None, endpoints())
}

/// Whoever copies a machine's keys into a second machine has no second device.
#[test]
fn a_copied_key_is_no_second_device() {
	run(|| {
		for number in 0..3 {
			let (owner, other) = (account(1), account(2));
			let machine = registered(number, &owner);
			for who in [&owner, &other] {
				assert_noop!(machine.register(who, None), E::KeyUsed);
			}
			assert_eq!(machine.stored().map(|device| device.owner), Some(owner));
		}
	});
}

#[test]
fn a_key_that_is_gone_never_comes_back() {
	run(|| {
		let owner = account(1);
		for number in 0..3 {
			let (retired, revoked) = (registered(number, &owner), registered(number + 3, &owner));
			assert_ok!(Registry::retire(origin(&owner), retired.id()));
			assert_ok!(Registry::revoke(admin(), revoked.id()));
			era(10_000);
			for machine in [retired, revoked] {
				for who in [&owner, &account(2)] {
					assert_noop!(machine.register(who, None), E::KeyUsed);
				}
			}
		}
	});
}

/// One lottery key behind many devices would let one plot or heartbeat stand for all of them.
#[test]
fn a_lottery_key_serves_one_device_once() {
	run(|| {
		let owner = account(1);
		let machine = registered(1, &owner);
		let twin = Machine {
			keys: Keys::ed(77),
			enrolled: machine.enrolled.clone(),
		};
		assert_noop!(twin.register(&owner, None), E::KeyUsed);
		// Nor is it a device of its own, or a vendor's key.
		let pair = machine.enrolled.clone().expect("enrols one");
		let alone = Machine {
			keys: Keys::Sr(pair),
			enrolled: None,
		};
		assert_noop!(alone.register(&owner, None), E::KeyUsed);
		let claimed = claim(&alone.keys, &account(2));
		assert_noop!(
			Registry::register_vendor(origin(&account(2)), name("X"), alone.key(), claimed),
			E::KeyUsed
		);
		// Nor when its device is gone.
		assert_ok!(Registry::retire(origin(&owner), machine.id()));
		assert_noop!(twin.register(&owner, None), E::KeyUsed);
		// And a device's own key is no lottery key of another.
		let plain = registered(0, &owner);
		let Keys::Sr(pair) = &plain.keys else {
			panic!("the kind of number 0");
		};
		let leaning = Machine {
			keys: Keys::ed(78),
			enrolled: Some(pair.clone()),
		};
		assert_noop!(leaning.register(&owner, None), E::KeyUsed);
	});
}

#[test]
fn nobody_squats_on_a_key_that_it_does_not_have() {
	run(|| {
		for number in 0..3 {
			let (victim, squatter) = (Machine::new(number), account(2));
			// Signed by the squatter's own key, of the same kind.
			let own = Machine::new(number + 3);
			let registration = Registration {
				device: victim.key(),
				owner: squatter.clone(),
				lottery: victim.lottery(),
			};
			let forged = own.keys.sign(&registration.payload(&here()));
			assert_noop!(register_with(&victim, &squatter, forged), E::BadPossession);
			// What the machine signed for its owner, seen in the pool.
			let seen = victim.possession(&account(1));
			assert_noop!(register_with(&victim, &squatter, seen), E::BadPossession);
			assert_ok!(victim.register(&account(1), None));
		}
	});
}

/// A signature of another kind, or for another purpose, proves no possession either.
#[test]
fn what_a_key_signed_for_another_purpose_registers_nothing() {
	run(|| {
		let (machine, owner) = (Machine::new(0), account(1));
		let attestation = Attestation {
			device: machine.key(),
			model: 0,
			owner: owner.clone(),
		};
		let transfer = Transfer {
			device: machine.id(),
			from: owner.clone(),
			to: owner.clone(),
			transfers: 0,
		};
		let enrolment = Enrolment {
			device: machine.id(),
			owner: owner.clone(),
			lottery: machine.lottery(),
		};
		let signed = [
			attestation.payload(&here()),
			transfer.payload(&here()),
			enrolment.payload(&here()),
			(here(), machine.key(), owner.clone(), machine.lottery()).encode(),
		];
		for payload in signed {
			let signature = machine.keys.sign(&payload);
			assert_noop!(register_with(&machine, &owner, signature), E::BadPossession);
		}
		let other_kind = Machine::new(1).possession(&owner);
		assert_noop!(register_with(&machine, &owner, other_kind), E::BadPossession);
	});
}

/// The chip names the lottery key: who is between the two cannot put its own in its place.
#[test]
fn nobody_slips_a_lottery_key_of_its_own_under_a_chip() {
	run(|| {
		let (machine, owner) = (Machine::new(2), account(1));
		let possession = machine.possession(&owner);
		let slipped = Machine {
			keys: Keys::chip(3),
			enrolled: Some(sr25519::Pair::from_seed(&[99; 32])),
		};
		assert_eq!(slipped.key(), machine.key());
		let register = |enrolment| {
			let possession = possession.clone();
			Registry::register(origin(&owner), machine.key(), possession, enrolment, None, endpoints())
		};
		assert_noop!(register(slipped.enrolment(&owner)), E::BadPossession);
		assert_ok!(register(machine.enrolment(&owner)));
	});
}

/// Else a rival's lottery key could be used up before it registers.
#[test]
fn nobody_enrols_a_lottery_key_of_others() {
	run(|| {
		let (victim, owner, thief) = (Machine::new(1), account(1), account(2));
		let own = Machine {
			keys: Keys::ed(77),
			enrolled: victim.enrolled.clone(),
		};
		let register = |enrolment| {
			let possession = own.possession(&thief);
			Registry::register(origin(&thief), own.key(), possession, enrolment, None, endpoints())
		};
		// What the key signed is of another device and owner.
		assert_noop!(register(victim.enrolment(&owner)), E::BadEnrolment);
		let mut forged = victim.enrolment(&owner);
		if let Some(proof) = &mut forged {
			let pair = sr25519::Pair::from_seed(&[98; 32]);
			let enrolment = Enrolment {
				device: own.id(),
				owner: thief.clone(),
				lottery: victim.lottery(),
			};
			proof.signature = pair.sign(&enrolment.payload(&here()));
		}
		assert_noop!(register(forged), E::BadEnrolment);
		assert_ok!(victim.register(&owner, None));
	});
}

#[test]
fn what_was_signed_for_another_chain_is_worth_nothing_here() {
	run(|| {
		with_vendor();
		let (owner, buyer) = (account(1), account(2));
		for number in 0..3 {
			let machine = Machine::new(number);
			let possession = machine.possession_on(&owner, elsewhere());
			assert_noop!(register_with(&machine, &owner, possession), E::BadPossession);
			if machine.enrolled.is_some() {
				let (key, possession) = (machine.key(), machine.possession(&owner));
				let enrolment = machine.enrolment_on(&owner, elsewhere());
				assert_noop!(
					Registry::register(origin(&owner), key, possession, enrolment, None, endpoints()),
					E::BadEnrolment
				);
			}
			let shown = attestation_on(&machine, &owner, 0, elsewhere());
			assert_noop!(machine.register(&owner, Some(shown)), E::BadAttestation);
			assert_ok!(machine.register(&owner, None));
			assert_ok!(Registry::offer_transfer(origin(&owner), machine.id(), buyer.clone()));
			let consent = machine.consent_on(&owner, &buyer, 0, elsewhere());
			assert_noop!(
				Registry::accept_transfer(origin(&buyer), machine.id(), consent),
				E::BadConsent
			);
		}
		let keys = vendor_keys(1);
		let claimed = claim_on(&keys, &vendor(), elsewhere());
		assert_noop!(
			Registry::add_vendor_key(origin(&vendor()), keys.public(), claimed),
			E::BadPossession
		);
	});
}

#[test]
fn an_attestation_is_of_one_device_model_and_owner() {
	run(|| {
		with_vendor();
		assert_ok!(Registry::register_model(origin(&vendor()), name("Weather 4")));
		let (owner, thief) = (account(1), account(2));
		let (machine, own) = (Machine::new(0), Machine::new(3));
		let shown = attestation(&machine, &owner, 0);
		// For another device; for the device in other hands; for a better model.
		assert_noop!(own.register(&thief, Some(shown.clone())), E::BadAttestation);
		assert_noop!(own.register(&owner, Some(shown.clone())), E::BadAttestation);
		assert_noop!(machine.register(&thief, Some(shown.clone())), E::BadAttestation);
		let better = AttestationProof {
			model: 1,
			..shown.clone()
		};
		assert_noop!(machine.register(&owner, Some(better)), E::BadAttestation);
		assert_ok!(machine.register(&owner, Some(shown.clone())));
		// Nor does it go with another device that its owner has.
		assert_ok!(own.register(&owner, None));
		assert_noop!(Registry::attest(origin(&owner), own.id(), shown), E::BadAttestation);
	});
}

#[test]
fn nobody_attests_but_the_vendor_of_the_model() {
	run(|| {
		with_vendor();
		let (owner, rival) = (account(1), account(2));
		let keys = Keys::ed(50);
		let claimed = claim(&keys, &rival);
		assert_ok!(Registry::register_vendor(
			origin(&rival),
			name("Sensors & Sons"),
			keys.public(),
			claimed
		));
		let machine = Machine::new(0);
		let attestation = Attestation {
			device: machine.key(),
			model: 0,
			owner: owner.clone(),
		};
		let forged = AttestationProof {
			model: 0,
			key: 0,
			signature: keys.sign(&attestation.payload(&here())),
		};
		assert_noop!(machine.register(&owner, Some(forged)), E::BadAttestation);
		// A rival has no say over what another attested.
		let machine = attested(3, &owner, 0);
		assert_noop!(Registry::suspend(origin(&rival), machine.id()), E::NotInCharge);
		assert_noop!(Registry::revoke(origin(&rival), machine.id()), E::NotInCharge);
	});
}

/// Of each signature of P-256 anyone can make a second one, without the key.
#[test]
fn a_malleated_signature_of_p256_is_refused() {
	/// The order of the curve.
	const ORDER: [u8; 32] = [
		0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad,
		0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
	];
	fn malleated(signature: &DeviceSignature) -> DeviceSignature {
		let DeviceSignature::P256(P256Signature(mut bytes)) = signature.clone() else {
			panic!("of P-256");
		};
		let mut borrow = 0;
		for place in (0..32).rev() {
			let difference = i32::from(ORDER[place]) - i32::from(bytes[32 + place]) - borrow;
			borrow = i32::from(difference < 0);
			bytes[32 + place] = (difference & 0xff) as u8;
		}
		DeviceSignature::P256(P256Signature(bytes))
	}
	run(|| {
		with_vendor();
		let owner = account(1);
		let machine = Machine::new(2);
		let possession = machine.possession(&owner);
		assert_eq!(malleated(&malleated(&possession)), possession);
		assert_noop!(
			register_with(&machine, &owner, malleated(&possession)),
			E::BadPossession
		);
		let mut shown = attestation(&machine, &owner, 0);
		shown.signature = malleated(&shown.signature);
		assert_noop!(machine.register(&owner, Some(shown)), E::BadAttestation);
		let keys = vendor_keys(1);
		let claimed = malleated(&claim(&keys, &vendor()));
		assert_noop!(
			Registry::add_vendor_key(origin(&vendor()), keys.public(), claimed),
			E::BadPossession
		);
	});
}

/// One chip under two forms of its key were two devices.
#[test]
fn a_second_form_of_a_key_is_no_key() {
	run(|| {
		let owner = account(1);
		let machine = registered(2, &owner);
		let DeviceKey::P256(P256Key(mut form)) = machine.key() else {
			panic!("the kind of number 2");
		};
		form[0] = 5;
		let refused = Registry::register(
			origin(&owner),
			DeviceKey::P256(P256Key(form)),
			machine.possession(&owner),
			Machine::new(5).enrolment(&owner),
			None,
			endpoints(),
		);
		assert_noop!(refused, E::BadKey);
		// Nor is one under which anyone can sign.
		let forged = DeviceSignature::Ed25519(ed25519::Signature::from_raw([0; 64]));
		let neutral = DeviceKey::Ed25519(ed25519::Public::from_raw([0; 32]));
		assert_noop!(
			Registry::register_vendor(origin(&owner), name("X"), neutral, forged),
			E::BadKey
		);
	});
}

#[test]
fn a_key_of_an_account_is_no_devices() {
	run(|| {
		let machine = Machine::new(0);
		let key = machine.lottery();
		let own_account = AccountId::new(key.0);
		assert_ok!(Balances::transfer_allow_death(
			origin(&account(1)),
			own_account.clone(),
			RICH / 2
		));
		// That somebody sent it money keeps no device out; that it owns itself does.
		assert_noop!(machine.register(&own_account, None), E::AccountKey);
		System::inc_account_nonce(&own_account);
		assert_noop!(machine.register(&account(2), None), E::AccountKey);
		// The same for lottery keys and those of vendors.
		let leaning = Machine {
			keys: Keys::ed(77),
			enrolled: Some(sr25519::Pair::from_seed(&[1; 32])),
		};
		assert_eq!(leaning.lottery(), key);
		assert_noop!(leaning.register(&account(2), None), E::AccountKey);
		let claimed = claim(&machine.keys, &account(2));
		assert_noop!(
			Registry::register_vendor(origin(&account(2)), name("X"), machine.key(), claimed),
			E::AccountKey
		);
		// Money that came from others is no sign of use.
		let funded = Machine::new(3);
		assert_ok!(Balances::transfer_allow_death(
			origin(&account(1)),
			AccountId::new(funded.lottery().0),
			10_000
		));
		assert_ok!(funded.register(&account(2), None));
		// Nor does a device become its own owner later.
		let itself = AccountId::new(funded.lottery().0);
		assert_ok!(Registry::offer_transfer(
			origin(&account(2)),
			funded.id(),
			itself.clone()
		));
		let consent = funded.consent(&account(2), &itself, 0);
		assert_noop!(
			Registry::accept_transfer(origin(&itself), funded.id(), consent),
			E::AccountKey
		);
	});
}

/// A thief writes any date into what it signs: the era counts in which the chain saw it.
#[test]
fn a_stolen_vendor_key_attests_nothing_for_long() {
	run(|| {
		with_vendor();
		assert_ok!(add_key(1));
		let (owner, thief) = (account(1), account(2));
		let honest = attested(0, &owner, 0);
		era(20);
		let forged = attested(3, &thief, 0);
		// Made before the revocation, and not shown yet.
		let kept = Machine::new(6);
		let shown = attestation(&kept, &thief, 0);
		era(25);
		assert_ok!(Registry::revoke_vendor_key(origin(&vendor()), 0, 20));
		assert_noop!(kept.register(&thief, Some(shown.clone())), E::KeyNotValid);
		assert_ok!(kept.register(&thief, None));
		assert_noop!(Registry::attest(origin(&thief), kept.id(), shown), E::KeyNotValid);
		assert!(Registry::is_attested(&honest.id()) && !Registry::is_attested(&forged.id()));
		// What the thief made is the vendor's to revoke; what is new is attested by the next key.
		assert_ok!(Registry::revoke(origin(&vendor()), forged.id()));
		assert!(Registry::is_attested(&attested(9, &owner, 1).id()));
	});
}

#[test]
fn nobody_moves_a_device_alone() {
	run(|| {
		let (owner, thief, buyer) = (account(1), account(2), account(3));
		for number in 0..3 {
			let machine = registered(number, &owner);
			let id = machine.id();
			let accept = |who: &AccountId, consent| Registry::accept_transfer(origin(who), id, consent);
			// The thief has the machine, and no offer.
			assert_noop!(Registry::offer_transfer(origin(&thief), id, thief.clone()), E::NotOwner);
			assert_noop!(accept(&thief, machine.consent(&owner, &thief, 0)), E::NotOffered);
			// It is offered to another; the owner itself cannot accept in that one's name.
			assert_ok!(Registry::offer_transfer(origin(&owner), id, buyer.clone()));
			assert_noop!(accept(&thief, machine.consent(&owner, &buyer, 0)), E::NotOffered);
			assert_noop!(accept(&owner, machine.consent(&owner, &buyer, 0)), E::NotOffered);
			// The buyer does not have the machine: what another's signed, or this one for another, does not count.
			let other = Machine::new(number + 3);
			assert_noop!(accept(&buyer, other.consent(&owner, &buyer, 0)), E::BadConsent);
			assert_noop!(accept(&buyer, machine.consent(&owner, &thief, 0)), E::BadConsent);
			assert_noop!(accept(&buyer, machine.consent(&thief, &buyer, 0)), E::BadConsent);
			assert_eq!(machine.stored().map(|device| device.owner), Some(owner.clone()));
			assert_ok!(accept(&buyer, machine.consent(&owner, &buyer, 0)));
		}
	});
}

/// A device that came back to its first owner was sold once; a copy of what it signed then does not sell it again.
#[test]
fn a_consent_is_good_for_one_transfer() {
	run(|| {
		let (first, second) = (account(1), account(2));
		let machine = registered(0, &first);
		let id = machine.id();
		let once = machine.consent(&first, &second, 0);
		let hand_over = |from: &AccountId, to: &AccountId, consent| {
			assert_ok!(Registry::offer_transfer(origin(from), id, to.clone()));
			Registry::accept_transfer(origin(to), id, consent)
		};
		assert_ok!(hand_over(&first, &second, once));
		assert_ok!(hand_over(&second, &first, machine.consent(&second, &first, 1)));
		assert_ok!(Registry::offer_transfer(origin(&first), id, second.clone()));
		assert_noop!(Registry::accept_transfer(origin(&second), id, once), E::BadConsent);
		assert_ok!(hand_over(&first, &second, machine.consent(&first, &second, 2)));
	});
}

#[test]
fn nobody_adds_a_vendor_key_of_others() {
	run(|| {
		with_vendor();
		let (keys, thief) = (vendor_keys(1), account(2));
		// Seen in the pool, claimed for the vendor.
		let seen = claim(&keys, &vendor());
		assert_noop!(
			Registry::register_vendor(origin(&thief), name("X"), keys.public(), seen),
			E::BadPossession
		);
		let forged = claim(&vendor_keys(2), &thief);
		assert_noop!(
			Registry::register_vendor(origin(&thief), name("X"), keys.public(), forged),
			E::BadPossession
		);
		assert_ok!(add_key(1));
		// No key is a vendor's twice, or of two.
		let claimed = claim(&keys, &vendor());
		assert_noop!(
			Registry::add_vendor_key(origin(&vendor()), keys.public(), claimed),
			E::KeyUsed
		);
		let claimed = claim(&keys, &thief);
		assert_noop!(
			Registry::register_vendor(origin(&thief), name("X"), keys.public(), claimed),
			E::KeyUsed
		);
	});
}

/// What stays of a device stays for good. Whoever registers and retires without end pays for each key.
#[test]
fn filling_the_state_with_tombstones_costs_their_price() {
	run(|| {
		let owner = account(1);
		for number in 0..30 {
			let machine = registered(number, &owner);
			assert_ok!(Registry::retire(origin(&owner), machine.id()));
		}
		let tombstones = crate::UsedKeys::<Test>::iter().count() as Balance;
		assert_eq!(tombstones, 50);
		assert_eq!(free(&owner), RICH - tombstones * KEY_PRICE);
	});
}
