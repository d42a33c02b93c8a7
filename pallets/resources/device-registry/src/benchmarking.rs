//! What calls cost.

use crate::{pallet::DeviceOf, *};
use alloc::vec;
use device_primitives::{
	status_list::Chunk, Attestation, DeviceId, DeviceKey, DeviceSignature, Endpoint, Endpoints, Enrolment, Host,
	HostName, ModelId, Name, P256Pair, Registration, Transfer, Transport, VendorKeyClaim, MAX_ENDPOINTS, MAX_HOST_NAME,
	MAX_NAME,
};
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Inspect, Unbalanced},
		tokens::Precision,
		EnsureOrigin, Get,
	},
};
use frame_system::RawOrigin;
use sp_core::{crypto::KeyTypeId, sr25519};

/// What a runtime does for these benchmarks.
pub trait BenchmarkHelper<AccountId> {
	/// Lets an active device be in all that [`Config::DeviceHook`] keeps of devices, so that telling it costs the most.
	fn engage(device: &DeviceId, owner: &AccountId);
}

impl<AccountId> BenchmarkHelper<AccountId> for () {
	fn engage(_: &DeviceId, _: &AccountId) {}
}

/// Where keys of sr25519 and ed25519 are kept that sign here.
const KEYSTORE: KeyTypeId = KeyTypeId(*b"devb");

/// An account with so much that it suffices for everything.
fn rich<T: Config>(index: u32) -> T::AccountId {
	let who = account("who", index, 0);
	let prices = [
		T::DeviceDeposit::get(),
		T::KeyPrice::get(),
		T::VendorDeposit::get(),
		T::VendorKeyDeposit::get(),
		T::ModelDeposit::get(),
		T::Currency::minimum_balance(),
	];
	let most = prices.into_iter().fold(1, Balance::max);
	assert_ok!(T::Currency::increase_balance(
		&who,
		most.saturating_mul(1_000),
		Precision::Exact
	));
	who
}

fn chip(seed: u8) -> P256Pair {
	P256Pair::from_seed(&[seed; 32]).expect("in range")
}

/// A key, and what it signs with it.
struct Signer(DeviceKey, Option<P256Pair>);

impl Signer {
	/// Of P-256 or, which costs less, ed25519.
	fn new(seed: u8, of_p256: bool) -> Self {
		if of_p256 {
			let pair = chip(seed);
			return Self(DeviceKey::P256(pair.public()), Some(pair));
		}
		Self(
			DeviceKey::Ed25519(sp_io::crypto::ed25519_generate(KEYSTORE, None)),
			None,
		)
	}

	fn sign(&self, payload: &[u8]) -> DeviceSignature {
		match (&self.0, &self.1) {
			(_, Some(pair)) => DeviceSignature::P256(pair.sign(payload)),
			(DeviceKey::Ed25519(key), None) => {
				let signature = sp_io::crypto::ed25519_sign(KEYSTORE, key, payload);
				DeviceSignature::Ed25519(signature.expect("the keystore has the key"))
			}
			_ => panic!("no such signer is made"),
		}
	}
}

fn sign(key: &sr25519::Public, payload: &[u8]) -> sr25519::Signature {
	sp_io::crypto::sr25519_sign(KEYSTORE, key, payload).expect("the keystore has the key")
}

fn longest_name() -> Name {
	Name::truncate_from(vec![b'x'; MAX_NAME as usize])
}

fn largest_endpoints() -> Endpoints {
	let endpoint = Endpoint {
		transport: Transport::Https,
		host: Host::Name(HostName::truncate_from(vec![b'a'; MAX_HOST_NAME as usize])),
		port: 443,
	};
	Endpoints::truncate_from(vec![endpoint; MAX_ENDPOINTS as usize])
}

fn claim<T: Config>(vendor: &T::AccountId, signer: &Signer) -> DeviceSignature {
	let claim = VendorKeyClaim {
		vendor: vendor.clone(),
		key: signer.0,
	};
	signer.sign(&claim.payload(&Pallet::<T>::genesis_hash()))
}

/// A vendor with a model and one key; returns its account.
fn vendor<T: Config>(signer: &Signer) -> T::AccountId {
	numbered_vendor::<T>(signer, 0)
}

/// Each has a model of its own, of the same number if they are made in order.
fn numbered_vendor<T: Config>(signer: &Signer, number: u32) -> T::AccountId {
	let who = rich::<T>(number.saturating_add(100));
	let claimed = claim::<T>(&who, signer);
	assert_ok!(Pallet::<T>::do_register_vendor(
		&who,
		longest_name(),
		signer.0,
		&claimed
	));
	assert_ok!(Pallet::<T>::do_register_model(&who, longest_name()));
	who
}

/// By the first key of the model's vendor.
fn attestation<T: Config>(
	owner: &T::AccountId,
	device: DeviceKey,
	model: ModelId,
	signer: &Signer,
) -> AttestationProof {
	let attestation = Attestation {
		device,
		model,
		owner: owner.clone(),
	};
	AttestationProof {
		model,
		key: 0,
		signature: signer.sign(&attestation.payload(&Pallet::<T>::genesis_hash())),
	}
}

/// A device with an enrolled key, ready to be registered.
struct Machine {
	signer: Signer,
	lottery: sr25519::Public,
}

impl Machine {
	fn new(of_p256: bool) -> Self {
		Self {
			signer: Signer::new(1, of_p256),
			lottery: sp_io::crypto::sr25519_generate(KEYSTORE, None),
		}
	}

	fn id(&self) -> DeviceId {
		self.signer.0.device_id()
	}

	fn possession<T: Config>(&self, owner: &T::AccountId) -> DeviceSignature {
		let registration = Registration {
			device: self.signer.0,
			owner: owner.clone(),
			lottery: self.lottery,
		};
		self.signer.sign(&registration.payload(&Pallet::<T>::genesis_hash()))
	}

	fn enrolment<T: Config>(&self, owner: &T::AccountId) -> EnrolmentProof {
		let enrolment = Enrolment {
			device: self.id(),
			owner: owner.clone(),
			lottery: self.lottery,
		};
		EnrolmentProof {
			lottery: self.lottery,
			signature: sign(&self.lottery, &enrolment.payload(&Pallet::<T>::genesis_hash())),
		}
	}

	/// With a lottery key for the new owner.
	fn consent<T: Config>(&mut self, from: &T::AccountId, to: &T::AccountId) -> (DeviceSignature, EnrolmentProof) {
		self.lottery = sp_io::crypto::sr25519_generate(KEYSTORE, None);
		let transfer = Transfer {
			device: self.id(),
			from: from.clone(),
			to: to.clone(),
			transfers: 0,
			lottery: self.lottery,
		};
		let consent = self.signer.sign(&transfer.payload(&Pallet::<T>::genesis_hash()));
		(consent, self.enrolment::<T>(to))
	}

	fn stored<T: Config>(&self) -> Option<DeviceOf<T>> {
		Devices::<T>::get(self.id())
	}
}

/// A device that has all that it can have, of a vendor that attested it. Returns vendor, owner and device.
fn full<T: Config>() -> (T::AccountId, T::AccountId, Machine) {
	full_with::<T>(Machine::new(true))
}

fn full_with<T: Config>(machine: Machine) -> (T::AccountId, T::AccountId, Machine) {
	let signer = Signer::new(9, true);
	let vendor = vendor::<T>(&signer);
	let owner = rich::<T>(0);
	let shown = attestation::<T>(&owner, machine.signer.0, 0, &signer);
	assert_ok!(Pallet::<T>::do_register(
		&owner,
		machine.signer.0,
		&machine.possession::<T>(&owner),
		Some(machine.enrolment::<T>(&owner)),
		Some(shown),
		largest_endpoints(),
	));
	T::BenchmarkHelper::engage(&machine.id(), &owner);
	(vendor, owner, machine)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register_vendor() {
		let who = rich::<T>(0);
		let signer = Signer::new(1, true);
		let claimed = claim::<T>(&who, &signer);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), longest_name(), signer.0, claimed);

		assert!(VendorKeys::<T>::contains_key(who, 0));
	}

	#[benchmark]
	fn add_vendor_key() {
		let who = vendor::<T>(&Signer::new(9, true));
		let signer = Signer::new(1, true);
		let claimed = claim::<T>(&who, &signer);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), signer.0, claimed);

		assert!(VendorKeys::<T>::contains_key(who, 1));
	}

	#[benchmark]
	fn rotate_vendor_key() {
		let who = vendor::<T>(&Signer::new(9, true));

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), 0);

		assert!(VendorKeys::<T>::get(who, 0).is_some_and(|key| key.status != KeyStatus::Valid));
	}

	#[benchmark]
	fn revoke_vendor_key() {
		let who = vendor::<T>(&Signer::new(9, true));
		assert_ok!(Pallet::<T>::do_rotate_vendor_key(&who, 0));

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), 0, 0);

		let revoked = KeyStatus::Revoked { void_from: 0 };
		assert!(VendorKeys::<T>::get(who, 0).is_some_and(|key| key.status == revoked));
	}

	#[benchmark]
	fn revoke_vendor() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let who = vendor::<T>(&Signer::new(9, true));

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone(), 0);

		assert!(Vendors::<T>::get(who).is_some_and(|vendor| vendor.void_from == Some(0)));
		Ok(())
	}

	#[benchmark]
	fn register_model() {
		let who = vendor::<T>(&Signer::new(9, true));

		#[extrinsic_call]
		_(RawOrigin::Signed(who), longest_name());

		assert!(Models::<T>::contains_key(1));
	}

	/// With an attestation, an enrolment and full endpoints; `p` of possession and attestation are of P-256, the others
	/// of ed25519. With one it is the attestation: a device's key of ed25519 could be an account's, which is looked up.
	#[benchmark]
	fn register(p: Linear<0, 2>) {
		let signer = Signer::new(9, p > 0);
		vendor::<T>(&signer);
		let owner = rich::<T>(0);
		let machine = Machine::new(p > 1);
		let possession = machine.possession::<T>(&owner);
		let enrolment = Some(machine.enrolment::<T>(&owner));
		let shown = Some(attestation::<T>(&owner, machine.signer.0, 0, &signer));

		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner),
			machine.signer.0,
			possession,
			enrolment,
			shown,
			largest_endpoints(),
		);

		assert!(machine.stored::<T>().is_some_and(|device| device.attested.is_some()));
	}

	/// In the place of one whose key was revoked, by another vendor: two models are read, two vendors and two keys. The
	/// device was on offer.
	#[benchmark]
	fn attest(p: Linear<0, 1>) {
		let (vendor, owner, machine) = full::<T>();
		let next = Signer::new(8, p > 0);
		numbered_vendor::<T>(&next, 1);
		assert_ok!(Pallet::<T>::do_revoke_vendor_key(&vendor, 0, 0));
		assert_ok!(Pallet::<T>::do_offer_transfer(&owner, &machine.id(), rich::<T>(1)));
		let shown = attestation::<T>(&owner, machine.signer.0, 1, &next);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), machine.id(), shown);

		let model = machine
			.stored::<T>()
			.and_then(|device| device.attested)
			.map(|attested| attested.model);
		assert_eq!(model, Some(1));
	}

	#[benchmark]
	fn set_endpoints() {
		let (_, owner, machine) = full::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), machine.id(), largest_endpoints());

		assert!(machine.stored::<T>().is_some());
	}

	#[benchmark]
	fn suspend() {
		let (vendor, _, machine) = full::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(vendor), machine.id());

		assert!(machine.stored::<T>().is_some_and(|device| device.suspended.vendor));
	}

	#[benchmark]
	fn resume() {
		let (vendor, _, machine) = full::<T>();
		// By hand: else whoever is told would have been told before it is measured.
		Devices::<T>::mutate(machine.id(), |device| {
			device.as_mut().expect("is registered").suspended.vendor = true;
		});

		#[extrinsic_call]
		_(RawOrigin::Signed(vendor), machine.id());

		assert!(machine.stored::<T>().is_some_and(|device| device.suspended.is_none()));
	}

	#[benchmark]
	fn retire() {
		let (_, owner, machine) = full::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), machine.id());

		assert!(machine.stored::<T>().is_none());
	}

	#[benchmark]
	fn revoke() {
		let (vendor, _, machine) = full::<T>();
		let others: Chunk = [0x55; device_primitives::status_list::CHUNK_BYTES];
		Revocations::<T>::insert(0, others);

		#[extrinsic_call]
		_(RawOrigin::Signed(vendor), machine.id());

		assert!(machine.stored::<T>().is_none());
		assert_eq!(
			Pallet::<T>::status_list(0).and_then(|bits| bits.first().copied()),
			Some(0xd5)
		);
	}

	#[benchmark]
	fn offer_transfer() {
		let (_, owner, machine) = full::<T>();
		let (one, other) = (rich::<T>(1), rich::<T>(2));
		assert_ok!(Pallet::<T>::do_offer_transfer(&owner, &machine.id(), one));

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), machine.id(), other.clone());

		assert!(machine
			.stored::<T>()
			.is_some_and(|device| device.offered_to == Some(other)));
	}

	#[benchmark]
	fn withdraw_offer() {
		let (_, owner, machine) = full::<T>();
		assert_ok!(Pallet::<T>::do_offer_transfer(&owner, &machine.id(), rich::<T>(1)));

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), machine.id());

		assert!(machine.stored::<T>().is_some_and(|device| device.offered_to.is_none()));
	}

	/// With another lottery key. The device's own is of P-256, or of ed25519: that could be an account's, which is
	/// looked up.
	#[benchmark]
	fn accept_transfer(p: Linear<0, 1>) {
		let (_, owner, mut machine) = full_with::<T>(Machine::new(p > 0));
		let buyer = rich::<T>(1);
		assert_ok!(Pallet::<T>::do_offer_transfer(&owner, &machine.id(), buyer.clone()));
		let (consent, enrolment) = machine.consent::<T>(&owner, &buyer);

		#[extrinsic_call]
		_(RawOrigin::Signed(buyer.clone()), machine.id(), consent, Some(enrolment));

		assert!(machine.stored::<T>().is_some_and(|device| device.owner == buyer));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(), crate::mock::Test);
}
