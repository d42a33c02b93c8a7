//! Native code and the chain's own Wasm judge one proof alike: compilers were seen to make wrong Wasm of right code.

use crate::{chain::state_of, devices::machines::api, money::measure::Machine};
use device_primitives::{DeviceId, DeviceKey};
use pallet_device_registry::{Device, Devices};
use pallet_resource_proofs::testing::let_win;
use proof_of_space_primitives::{
	pos2::Pos2Proof,
	vectors::{of_devices, DeviceVector, ALL_WIN},
	SpaceProof,
};
use smartchain_runtime::{genesis, Runtime, System};
use sp_core::sr25519;
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidity, TransactionValidityError};
use std::collections::{BTreeMap, BTreeSet};

/// Each proof is damaged at one bit of so many. It is no power of two, so that all places in a byte come.
const DAMAGED: usize = 37;

/// A chain with test values, on which Alice owns the devices of all vectors.
fn machine() -> Machine {
	let mut machine = Machine::new(state_of(genesis::DEV, serde_json::json!({})));
	machine.prepare(|| {
		// The hash of genesis is told by the block after it alone, and later is as vectors want it.
		System::set_block_number(1);
		let ids: BTreeSet<_> = of_devices().into_iter().map(|win| win.device).collect();
		for (number, id) in (0..).zip(ids) {
			let device = Device {
				number,
				key: DeviceKey::Sr25519(sr25519::Public::from_raw(id)),
				enrolled: None,
				lottery_since: 0,
				owner: Key::Alice.to_account_id(),
				deposit: 0,
				registered: 0,
				transfers: 0,
				suspended: Default::default(),
				attested: None,
				offered_to: None,
				endpoints: Default::default(),
			};
			Devices::<Runtime>::insert(DeviceId(id), device);
		}
	});
	machine
}

/// Lets a vector win; returns its round.
fn open(machine: &mut Machine, win: &DeviceVector) -> u64 {
	machine.prepare(|| let_win::<Runtime>(&Key::Alice.to_account_id(), win))
}

/// What the pool is told of these bytes, in Wasm.
fn judge(machine: &mut Machine, win: &DeviceVector, round: u64, proof: &[u8]) -> TransactionValidity {
	let device = DeviceId(win.device);
	let transaction = api::win_space(device, round, win.number, proof.to_vec()).expect("no longer than may be");
	machine.validate(&transaction)
}

/// Whether native code takes the same.
fn natively(win: &DeviceVector, proof: &[u8]) -> bool {
	Pos2Proof::judge(&win.vector.plot, &win.vector.challenge, proof, &ALL_WIN).is_ok()
}

const REFUSED: TransactionValidityError = TransactionValidityError::Invalid(InvalidTransaction::BadProof);

#[test]
fn the_chains_wasm_takes_all_known_proofs_and_none_with_a_bit_changed() {
	let mut machine = machine();
	let (mut kinds, mut damaged) = (BTreeMap::<_, u32>::new(), 0);
	for win in of_devices() {
		let round = open(&mut machine, &win);
		let mut proof = win.vector.proof.clone();
		let answer = judge(&mut machine, &win, round, &proof);
		assert!(answer.is_ok(), "{answer:?} of {win:?}");
		assert!(natively(&win, &proof));
		let (k, strength) = (win.vector.plot.k, win.vector.plot.strength);
		*kinds.entry((k, strength)).or_default() += 1;
		for bit in (0..proof.len() * 8).step_by(DAMAGED) {
			proof[bit / 8] ^= 0x80 >> (bit % 8);
			let answer = judge(&mut machine, &win, round, &proof);
			assert_eq!(answer, Err(REFUSED), "bit {bit} of {win:?}");
			assert!(!natively(&win, &proof), "bit {bit} of {win:?}");
			proof[bit / 8] ^= 0x80 >> (bit % 8);
			damaged += 1;
		}
	}
	let all: u32 = kinds.values().sum();
	assert!(all >= 200 && damaged >= 50 * all, "{all} proofs, {damaged} damaged");
	assert!(kinds.len() >= 4, "of sizes and strengths: {kinds:?}");
}

#[test]
fn a_proof_of_another_length_group_or_challenge_is_refused() {
	let mut machine = machine();
	let all = of_devices();
	let (win, other) = (
		&all[0],
		all.iter()
			.find(|other| other.vector.challenge != all[0].vector.challenge),
	);
	let other = other.expect("there are several challenges");
	let round = open(&mut machine, win);
	let proof = &win.vector.proof;
	for length in [0, 1, proof.len() - 1] {
		assert_eq!(judge(&mut machine, win, round, &proof[..length]), Err(REFUSED));
	}
	assert_eq!(
		judge(&mut machine, win, round, &[&proof[..], &[0]].concat()),
		Err(REFUSED)
	);
	assert_eq!(judge(&mut machine, win, round, &other.vector.proof), Err(REFUSED));
	let mut elsewhere = win.clone();
	elsewhere.number = 1 - win.number;
	assert_eq!(judge(&mut machine, &elsewhere, round, proof), Err(REFUSED));
	assert!(
		api::win_space(DeviceId(win.device), round, 0, vec![0; 449]).is_none(),
		"longer than any"
	);
	assert!(judge(&mut machine, win, round, proof).is_ok(), "as it is it is taken");
}
