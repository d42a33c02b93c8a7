//! Who probes, what is believed, and what a score does.

use crate::{mock::*, Call, Event, Offers, Probes, Uplinks};
use device_primitives::DeviceId;
use frame_support::{assert_noop, assert_ok};
use pallet_traits::{Bandwidth, DeviceHook};
use sp_core::{
	crypto::{Pair, VrfSecret},
	sr25519,
};
use sp_runtime::{transaction_validity::InvalidTransaction, Perbill};
use storage_market_primitives::{ProbeReport, Receipt, Served, SlotId, ERRANDS};

/// So many devices offer space and probes, and all of those that offer have a slot. Ends in an era with probers.
fn probers(devices: u8) {
	offers(devices);
	for number in 1..=devices {
		assert_ok!(StorageMarket::offer_probes(origin(number.into()), device(number), true));
	}
	active(1, devices, 100);
	let known = Probes::<Test>::get().era;
	while Probes::<Test>::get().era < known + 2 {
		block();
	}
	assert!(!Probes::<Test>::get().probers.is_empty());
}

/// The slot of the only deal that a device has.
fn slot_of(target: DeviceId) -> SlotId {
	SlotId::new(1, crate::Places::<Test>::get(target, 1).expect("it holds one"))
}

/// What a prober finds on an errand, if the device serves within so many milliseconds. None if that is its own one.
pub fn report(prober: u8, errand: u8, millis: Option<u32>) -> Option<ProbeReport<DeviceId>> {
	let probing = Probes::<Test>::get();
	let own = key(prober);
	let vrf = own.vrf_sign(&ProbeReport::<DeviceId>::input(&probing.challenge));
	let target = ProbeReport::<DeviceId>::target(&vrf.pre_output.0.to_bytes(), errand, probing.devices);
	let target = crate::Listed::<Test>::get(target).expect("offers something");
	if target == device(prober) {
		return None;
	}
	let receipt = Receipt {
		prober: device(prober),
		device: target,
		at: slot_of(target),
		era: probing.era,
		bytes: 16_384,
	};
	let plain = ProbeReport {
		era: probing.era,
		errand,
		prober: device(prober),
		device: target,
		at: slot_of(target),
		served: millis.map(|millis| Served {
			millis,
			receipt: key(target.0[0]).sign(&receipt.payload(&genesis())),
		}),
		pre_output: [0; 32],
		proof: [0; 64],
	};
	let vrf = own.vrf_sign(&plain.bound(&genesis(), &probing.challenge));
	Some(plain.signed(&vrf))
}

pub fn send(report: ProbeReport<DeviceId>) -> Result<(), sp_runtime::transaction_validity::TransactionValidityError> {
	apply(Call::report_probe { report })
}

/// The probers of this era.
pub fn of_era() -> Vec<u8> {
	let probers = Probes::<Test>::get().probers;
	probers.iter().map(|prober| prober.device.0[0]).collect()
}

/// All probers of so many eras report that a device serves as this says.
fn report_all(eras: u32, millis: impl Fn(DeviceId) -> Option<u32>) {
	for _ in 0..eras {
		for prober in of_era() {
			for errand in 0..ERRANDS {
				let Some(found) = report(prober, errand, Some(1)) else {
					continue;
				};
				let said = report(prober, errand, millis(found.device)).expect("the same");
				assert_eq!(send(said), Ok(()));
			}
		}
		check();
		blocks(40);
	}
}

#[test]
fn probers_are_drawn_each_era_of_those_who_want_to() {
	run(|| {
		offers(6);
		blocks(90);
		assert!(of_era().is_empty(), "nobody wants to");
		for number in 1..=4 {
			assert_noop!(
				StorageMarket::offer_probes(origin(9), device(number), true),
				crate::Error::<Test>::NotYours
			);
			assert_ok!(StorageMarket::offer_probes(origin(number.into()), device(number), true));
		}
		blocks(90);
		let (era, probers) = (Probes::<Test>::get().era, of_era());
		assert!(
			!probers.is_empty() && probers.iter().all(|prober| *prober <= 4),
			"{probers:?}"
		);
		let mut once = probers.clone();
		once.sort_unstable();
		once.dedup();
		assert_eq!(once.len(), probers.len(), "nobody is one twice");
		blocks(40);
		assert_eq!(Probes::<Test>::get().era, era + 1);
	});
}

#[test]
fn a_report_counts_once_and_makes_a_score_with_two_others() {
	run(|| {
		probers(6);
		let prober = of_era()[0];
		let found = (0..ERRANDS).find_map(|errand| report(prober, errand, Some(1_000)));
		let found = found.expect("one of four is another's");
		assert_eq!(send(found.clone()), Ok(()));
		assert!(happened(&Event::Probed(
			device(prober),
			found.device,
			Perbill::from_percent(50),
			None
		)));
		assert_eq!(send(found), Err(ahead()), "that errand is done");
		blocks(40);
		report_all(12, |_| Some(1_000));
		let scored = (1..=6).filter(|number| StorageMarket::of(&device(*number)) > 0).count();
		assert!(scored >= 3, "{scored}");
		for number in 1..=6 {
			let offer = Offers::<Test>::get(device(number)).expect("offers");
			let half = Perbill::from_percent(50);
			assert!(offer.score == half || offer.score == Perbill::one());
		}
	});
}

#[test]
fn what_is_no_report_is_refused() {
	run(|| {
		probers(6);
		let bad = || Err(InvalidTransaction::BadProof.into());
		let prober = of_era()[0];
		let found = (0..ERRANDS).find_map(|errand| report(prober, errand, Some(300)));
		let found = found.expect("one of four is another's");
		// Of another device than it had to look at.
		let other = (1..=6)
			.map(device)
			.find(|other| *other != found.device && *other != device(prober));
		let other = other.expect("there are six");
		let elsewhere = ProbeReport {
			device: other,
			at: slot_of(other),
			..found.clone()
		};
		assert_eq!(send(elsewhere), bad());
		// With other words, or a receipt that the device did not sign.
		let unserved = ProbeReport {
			served: None,
			..found.clone()
		};
		assert_eq!(send(unserved), bad());
		let served = Served {
			millis: 300,
			receipt: sr25519::Signature::from_raw([1; 64]),
		};
		let plain = ProbeReport {
			served: Some(served),
			..found.clone()
		};
		let challenge = Probes::<Test>::get().challenge;
		let vrf = key(prober).vrf_sign(&plain.bound(&genesis(), &challenge));
		assert_eq!(send(plain.signed(&vrf)), bad());
		// Of nobody who is a prober, and of another era.
		let stranger = ProbeReport {
			prober: device(77),
			..found.clone()
		};
		assert_eq!(send(stranger), Err(ahead()));
		assert_eq!(send(found.clone()), Ok(()));
		blocks(40);
		assert_eq!(send(found), Err(ahead()));
	});
}

/// Key changer sells its device to itself, with a lottery key that looks at whom it likes: what an era's VRFs are
/// evaluated over is known by then.
#[test]
fn key_changer_probes_no_more() {
	run(|| {
		probers(6);
		let prober = of_era()[0];
		let found = (0..ERRANDS).find_map(|errand| report(prober, errand, Some(300)));
		let found = found.expect("one of four is another's");
		let owner = u64::from(prober);
		<StorageMarket as DeviceHook<AccountId>>::device_transferred(&device(prober), &owner, &owner);
		assert!(!of_era().contains(&prober));
		assert!(Probes::<Test>::get()
			.next
			.iter()
			.all(|next| next.device != device(prober)));
		assert_eq!(send(found), Err(ahead()));
	});
}

/// Eight devices behind one uplink count for as much as one.
#[test]
fn devices_behind_one_uplink_share_it() {
	run(|| {
		probers(6);
		report_all(12, |_| Some(100));
		let all: u128 = (1..=6)
			.map(|number| u128::from(StorageMarket::of(&device(number))))
			.sum();
		// Addresses do not matter here, so that all have one.
		assert_eq!(Uplinks::<Test>::iter().count(), 1);
		let whole = StorageMarket::total();
		assert!(whole > (1 << 32) - 10 && whole <= 1 << 32, "{whole}");
		assert!(all <= whole && whole - all < 10);
	});
}

/// Impostor says that it is in another's network, and gives nothing: that counts for none of the uplink there.
#[test]
fn impostor_that_gives_nothing_takes_nothing_of_an_uplink() {
	run(|| {
		probers(6);
		report_all(12, |target| (target != device(6)).then_some(100));
		assert!(!crate::Scored::<Test>::contains_key(device(6)));
		assert_eq!(StorageMarket::of(&device(6)), 0);
		let whole = StorageMarket::total();
		assert!(whole > (1 << 32) - 10 && whole <= 1 << 32, "{whole}");
		let others: u128 = (1..=5)
			.map(|number| u128::from(StorageMarket::of(&device(number))))
			.sum();
		assert!(whole - others < 10, "{others}");
	});
}

#[test]
fn a_score_is_gone_with_its_offer() {
	run(|| {
		probers(6);
		report_all(12, |_| Some(100));
		assert_ok!(StorageMarket::end_deal(origin(OWNER), 1));
		blocks(MarketTerms::get().times.to_redeem());
		assert_ok!(StorageMarket::close(origin(OWNER), 1));
		for number in 1..=6 {
			assert_ok!(StorageMarket::withdraw_offer(origin(number.into()), device(number)));
			check();
		}
		assert_eq!(StorageMarket::total(), 0);
	});
}
