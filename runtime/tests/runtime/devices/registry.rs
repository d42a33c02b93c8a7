//! Machines and vendors by signed transactions: what they cost, and who has a say over them.

use crate::{
	chain::{Chain, GENESIS_HASH},
	devices::machines::{next, Provider},
	governance::motions::carried,
};
use device_primitives::{Attestation, DeviceId, DeviceKey, DeviceSignature, DidResolution, Name, VendorKeyClaim};
use frame_support::traits::fungible::hold::Inspect;
use pallet_device_registry::{AttestationProof, Call as Registry, Error};
use pallet_resource_proofs::Call as Proofs;
use proof_lottery_primitives::Resource;
use smartchain_runtime::{
	configs::{
		ComputeDeposit, DeviceDeposit, KeyPrice, LinkDeposit, ModelDeposit, SpaceDeposit, UptimeDeposit, VendorDeposit,
		VendorKeyDeposit,
	},
	constants::currency::{MILLI, UNITS},
	genesis, AccountId, Balances, Block, Runtime, RuntimeCall, RuntimeHoldReason,
};
use smartchain_runtime_apis::runtime_decl_for_device_registry_api::DeviceRegistryApiV1;
use sp_core::{ed25519, Pair};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{DispatchError, DispatchResult};

const VENDOR: Key = Key::Ferdie;

fn vendor_key() -> ed25519::Pair {
	ed25519::Pair::from_seed(&[50; 32])
}

fn sign(payload: &[u8]) -> DeviceSignature {
	DeviceSignature::Ed25519(vendor_key().sign(payload))
}

fn name(text: &str) -> Name {
	Name::truncate_from(text.as_bytes().to_vec())
}

/// One transaction in a block of its own: what became of it.
fn send(chain: &mut Chain, who: Key, call: impl Into<RuntimeCall>) -> DispatchResult {
	let made = next(chain, who, call);
	let result = chain.grow(|| vec![made]).remove(0);
	result.expect("may be in a block")
}

fn held(chain: &mut Chain, who: Key, reason: impl Into<RuntimeHoldReason>) -> u128 {
	chain.query(|| Balances::balance_on_hold(&reason.into(), &who.to_account_id()))
}

fn lottery() -> RuntimeHoldReason {
	pallet_resource_proofs::HoldReason::Lottery.into()
}

fn local() -> Chain {
	let mut chain = Chain::of(genesis::LOCAL);
	chain.grow_well(Vec::new);
	chain
}

/// A vendor with a model, and the chain that knows it.
fn vendor() -> Chain {
	let mut chain = local();
	let key = DeviceKey::Ed25519(vendor_key().public());
	let claim = VendorKeyClaim {
		vendor: VENDOR.to_account_id(),
		key,
	};
	let register = Registry::register_vendor {
		name: name("Maker"),
		key,
		possession: sign(&claim.payload(&GENESIS_HASH)),
	};
	assert_eq!(send(&mut chain, VENDOR, register), Ok(()));
	let model = Registry::register_model { name: name("Box") };
	assert_eq!(send(&mut chain, VENDOR, model), Ok(()));
	chain
}

/// What the vendor says of a machine.
fn attestation(machine: &Provider) -> AttestationProof {
	let attestation = Attestation {
		device: machine.key(),
		model: 0,
		owner: machine.owner(),
	};
	AttestationProof {
		model: 0,
		key: 0,
		signature: sign(&attestation.payload(&GENESIS_HASH)),
	}
}

/// What a resolver of its DID sees.
#[derive(Debug, PartialEq, Eq)]
enum Status {
	Active,
	Suspended,
	Retired,
	Revoked,
}

fn status(chain: &mut Chain, device: DeviceId) -> Option<Status> {
	let known = chain.query(|| <Runtime as DeviceRegistryApiV1<Block, AccountId>>::did_document(device))?;
	Some(match known {
		DidResolution::Registered(document) if document.active => Status::Active,
		DidResolution::Registered(_) => Status::Suspended,
		DidResolution::Deactivated { revoked: false } => Status::Retired,
		DidResolution::Deactivated { revoked: true } => Status::Revoked,
	})
}

#[test]
fn deposits_and_prices_are_what_pages_say() {
	assert_eq!((DeviceDeposit::get(), KeyPrice::get()), (1_124 * MILLI, 64 * MILLI));
	assert_eq!(
		(VendorDeposit::get(), VendorKeyDeposit::get(), ModelDeposit::get()),
		(10 * UNITS, 400 * MILLI, 300 * MILLI)
	);
	assert_eq!(
		(
			SpaceDeposit::get(),
			ComputeDeposit::get(),
			UptimeDeposit::get(),
			LinkDeposit::get()
		),
		(UNITS, 2_500 * MILLI, 200 * MILLI, 450 * MILLI)
	);
}

#[test]
fn a_machine_costs_its_deposits_which_come_back_its_key_and_fees() {
	let (mut chain, machine) = (local(), Provider::new(1, Key::Eve));
	let eve = || Key::Eve.to_account_id();
	let free = |chain: &mut Chain| chain.query(|| Balances::free_balance(eve()));
	let start = free(&mut chain);
	assert_eq!(send(&mut chain, Key::Eve, machine.register(None)), Ok(()));
	let device = machine.id();
	let of_devices = pallet_device_registry::HoldReason::Device;
	assert_eq!(held(&mut chain, Key::Eve, of_devices), DeviceDeposit::get());
	for claim in Provider::real_claims() {
		assert_eq!(send(&mut chain, Key::Eve, machine.declare(claim)), Ok(()));
	}
	let candidate: AccountId = Key::Alice.to_account_id();
	let offer = Proofs::offer_link { device, candidate };
	assert_eq!(send(&mut chain, Key::Eve, offer), Ok(()));
	let all = SpaceDeposit::get() + ComputeDeposit::get() + UptimeDeposit::get() + LinkDeposit::get();
	assert_eq!(held(&mut chain, Key::Eve, lottery()), all);
	assert_eq!(send(&mut chain, Key::Alice, Proofs::accept_link { device }), Ok(()));
	// Besides the key the fees of five transactions: a few thousandths.
	let spent = start - free(&mut chain) - all - DeviceDeposit::get();
	assert!(
		(KeyPrice::get()..KeyPrice::get() + 5 * 5 * MILLI).contains(&spent),
		"{spent} planck"
	);

	for resource in [Resource::Space, Resource::Compute, Resource::Uptime] {
		let withdraw = Proofs::withdraw { device, resource };
		assert_eq!(send(&mut chain, Key::Eve, withdraw), Ok(()));
	}
	assert_eq!(held(&mut chain, Key::Eve, lottery()), 0, "with the last goes the link");
	assert_eq!(send(&mut chain, Key::Eve, Registry::retire { device }), Ok(()));
	assert_eq!(held(&mut chain, Key::Eve, of_devices), 0);
	assert!(start - free(&mut chain) < KeyPrice::get() + 50 * MILLI);
}

/// If it goes while it is in lotteries, it is out of all of them, and what is held for it comes back as well.
#[test]
fn a_machine_that_is_retired_leaves_its_lotteries() {
	let (mut chain, machine) = (local(), Provider::new(1, Key::Eve));
	let device = machine.id();
	assert_eq!(send(&mut chain, Key::Eve, machine.register(None)), Ok(()));
	for claim in Provider::real_claims() {
		assert_eq!(send(&mut chain, Key::Eve, machine.declare(claim)), Ok(()));
	}
	assert!(held(&mut chain, Key::Eve, lottery()) > 0);
	assert_eq!(send(&mut chain, Key::Eve, Registry::retire { device }), Ok(()));
	assert_eq!(held(&mut chain, Key::Eve, lottery()), 0);
	assert_eq!(status(&mut chain, device), Some(Status::Retired));
}

#[test]
fn owner_and_vendor_suspend_and_each_lifts_its_own() {
	let (mut chain, machine) = (vendor(), Provider::new(1, Key::Eve));
	let device = machine.id();
	let shown = Some(attestation(&machine));
	assert_eq!(send(&mut chain, Key::Eve, machine.register(shown)), Ok(()));
	let error = |error: Error<Runtime>| Err(DispatchError::from(error));
	let (suspend, resume) = (|| Registry::suspend { device }, || Registry::resume { device });

	assert_eq!(
		send(&mut chain, Key::Bob, suspend()),
		error(Error::NotInCharge),
		"a stranger"
	);
	assert_eq!(send(&mut chain, Key::Eve, suspend()), Ok(()));
	assert_eq!(status(&mut chain, device), Some(Status::Suspended));
	assert_eq!(
		send(&mut chain, VENDOR, resume()),
		error(Error::NotSuspended),
		"not the vendor's to lift"
	);
	assert_eq!(send(&mut chain, Key::Eve, resume()), Ok(()));
	assert_eq!(status(&mut chain, device), Some(Status::Active));

	assert_eq!(send(&mut chain, VENDOR, suspend()), Ok(()));
	assert_eq!(
		send(&mut chain, Key::Eve, resume()),
		error(Error::NotSuspended),
		"not the owner's to lift"
	);
	assert_eq!(status(&mut chain, device), Some(Status::Suspended));
	// What a vendor has suspended two thirds of the directors may lift, too.
	assert_eq!(carry(&mut chain, resume()), Ok(()));
	assert_eq!(status(&mut chain, device), Some(Status::Active));
}

#[test]
fn vendor_and_directors_revoke_and_nobody_else_does() {
	let (mut chain, machine) = (vendor(), Provider::new(1, Key::Eve));
	let device = machine.id();
	let shown = Some(attestation(&machine));
	assert_eq!(send(&mut chain, Key::Eve, machine.register(shown)), Ok(()));
	let revoke = || Registry::revoke { device };
	for who in [Key::Eve, Key::Bob] {
		assert_eq!(
			send(&mut chain, who, revoke()),
			Err(Error::<Runtime>::NotInCharge.into())
		);
	}
	assert_eq!(send(&mut chain, VENDOR, revoke()), Ok(()));
	assert_eq!(status(&mut chain, device), Some(Status::Revoked));

	let other = Provider::new(2, Key::Eve);
	assert_eq!(send(&mut chain, Key::Eve, other.register(None)), Ok(()));
	let by_directors = Registry::revoke { device: other.id() };
	assert_eq!(carry(&mut chain, by_directors), Ok(()));
	assert_eq!(status(&mut chain, other.id()), Some(Status::Revoked));
}

/// Has three of the four directors carry the chain's first motion.
fn carry(chain: &mut Chain, call: impl Into<RuntimeCall>) -> DispatchResult {
	let propose = pallet_motions::Call::propose {
		call: Box::new(call.into()),
	};
	assert_eq!(send(chain, Key::Alice, propose), Ok(()));
	let vote = || pallet_motions::Call::vote { motion: 0, aye: true };
	assert_eq!(send(chain, Key::Bob, vote()), Ok(()));
	assert_eq!(send(chain, Key::Charlie, vote()), Ok(()));
	carried(chain).expect("three of four")
}
