//! Blocks: authored, executed once more, and what they leave behind.

use crate::chain::{signed, Chain, SLOT_MS};
use frame_support::{assert_noop, storage::with_transaction};
use pallet_balances::Call as BalancesCall;
use smartchain_runtime::{
	constants::currency::{EXISTENTIAL_DEPOSIT, UNITS},
	genesis, BftFinality, Poca, Runtime, RuntimeCall, RuntimeOrigin, SessionKeys, System, Timestamp,
	UncheckedExtrinsic,
};
use sp_block_builder::runtime_decl_for_block_builder::BlockBuilderV6;
use sp_keyring::Sr25519Keyring as Key;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	ApplyExtrinsicResult, DispatchError, TransactionOutcome,
};
use sp_session::runtime_decl_for_session_keys::SessionKeysV2;

fn transfer(to: Key, value: u128) -> RuntimeCall {
	BalancesCall::transfer_keep_alive {
		dest: to.to_account_id().into(),
		value,
	}
	.into()
}

#[test]
fn blocks_follow_each_other_over_turns_of_several_directors() {
	let mut chain = Chain::of(genesis::LOCAL);
	for number in 1..=60 {
		chain.grow_well(Vec::new);
		let slot = chain.slot - 1;
		chain.query(|| {
			assert_eq!(System::block_number(), number);
			assert_eq!(Timestamp::get(), slot * SLOT_MS);
			assert_eq!(BftFinality::finality_lag(), 1, "its parent is final");
		});
	}
	chain.query(|| {
		let status = Poca::director_status();
		assert_eq!(status.iter().map(|s| s.authored_blocks).sum::<u32>(), 60);
		assert!(status.iter().all(|s| s.missed_slots == 0 && s.authored_blocks >= 12));
	});
}

#[test]
fn a_block_late_in_its_slot_leaves_its_child_its_own() {
	let mut chain = Chain::dev();
	chain.offset = SLOT_MS - 1;
	chain.grow_well(Vec::new);
	// The clock says less than `MinimumPeriod` later.
	chain.offset = 0;
	chain.grow_well(Vec::new);
	let slot = chain.slot - 1;
	chain.query(|| assert_eq!(Timestamp::get() / SLOT_MS, slot));
}

#[test]
fn what_cannot_be_paid_for_or_was_seen_before_is_refused() {
	let mut chain = Chain::dev();
	let poor = Key::One;
	chain.grow_well(|| vec![signed(Key::Bob, 0, 0, transfer(poor, EXISTENTIAL_DEPOSIT))]);
	let results = chain.grow(|| {
		vec![
			signed(Key::Bob, 0, 0, transfer(Key::Alice, UNITS)),
			signed(Key::Bob, 7, 0, transfer(Key::Alice, UNITS)),
			signed(poor, 0, 0, transfer(Key::Alice, 1)),
		]
	});
	let invalid = |reason| Err(TransactionValidityError::Invalid(reason));
	assert_eq!(
		results,
		[
			invalid(InvalidTransaction::Stale),
			invalid(InvalidTransaction::Future),
			invalid(InvalidTransaction::Payment)
		]
	);
}

/// Each in a transaction of storage of its own, as the stock block builder does it.
fn one_by_one(extrinsics: Vec<UncheckedExtrinsic>) -> Vec<ApplyExtrinsicResult> {
	let apply = |extrinsic| {
		with_transaction(|| match Runtime::apply_extrinsic(extrinsic) {
			result @ Ok(_) => TransactionOutcome::Commit(Ok::<_, DispatchError>(result)),
			result @ Err(_) => TransactionOutcome::Rollback(Ok(result)),
		})
		.expect("no error of its own")
	};
	extrinsics.into_iter().map(apply).collect()
}

#[test]
fn a_batch_leaves_what_its_extrinsics_one_by_one_would() {
	let make = || {
		vec![
			signed(Key::Bob, 0, 0, transfer(Key::Alice, UNITS)),
			// Fails, and is paid for.
			signed(Key::Bob, 1, 0, transfer(Key::Alice, u128::MAX)),
			// Refused: out of its turn, seen before, and not payable.
			signed(Key::Bob, 9, 0, transfer(Key::Alice, UNITS)),
			signed(Key::Bob, 0, 0, transfer(Key::Alice, UNITS)),
			signed(Key::One, 0, 0, transfer(Key::Alice, UNITS)),
			signed(Key::Bob, 2, 5, transfer(Key::Charlie, UNITS)),
			signed(Key::Charlie, 0, 0, transfer(Key::Bob, UNITS)),
		]
	};
	// Executes the block without what was refused, and compares the state roots.
	let results = Chain::dev().grow(make);
	let (_, results_singly) = Chain::dev().author_with(make, one_by_one);
	assert_eq!(results, results_singly);
	let included: Vec<bool> = results.iter().map(Result::is_ok).collect();
	assert_eq!(included, [true, true, false, false, false, true, true]);
}

#[test]
fn accounts_below_the_existential_deposit_do_not_come_to_be() {
	let mut chain = Chain::dev();
	let results = chain.grow(|| vec![signed(Key::Bob, 0, 0, transfer(Key::One, EXISTENTIAL_DEPOSIT - 1))]);
	assert!(matches!(results[0], Ok(Err(DispatchError::Token(_)))));
}

#[test]
fn session_keys_are_set_with_the_proof_that_the_node_makes() {
	let mut chain = Chain::dev();
	let owner = Key::Bob.to_account_id();
	let mut keystore = sp_io::TestExternalities::new_empty();
	keystore.register_extension(KeystoreExt::new(MemoryKeystore::new()));
	let generated = keystore.execute_with(|| {
		let owner: &[u8] = owner.as_ref();
		<Runtime as SessionKeysV2<smartchain_runtime::Block>>::generate_session_keys(owner.to_vec(), None)
	});
	let raw = <Runtime as SessionKeysV2<smartchain_runtime::Block>>::decode_session_keys(generated.keys.clone());
	let types: Vec<_> = raw.expect("decodes").into_iter().map(|(_, id)| id.0).collect();
	assert_eq!(types, [*b"poca", *b"pbft"]);
	let keys: SessionKeys = codec::Decode::decode(&mut &generated.keys[..]).expect("decodes");
	let call = |proof: Vec<u8>| pallet_session::Call::set_keys {
		keys: keys.clone(),
		proof,
	};
	let results = chain.grow(|| {
		let forged = vec![0; generated.proof.len()];
		vec![
			signed(Key::Bob, 0, 0, call(forged)),
			signed(Key::Bob, 1, 0, call(generated.proof.clone())),
		]
	});
	assert_eq!(
		results[0],
		Ok(Err(pallet_session::Error::<Runtime>::InvalidProof.into()))
	);
	assert_eq!(results[1], Ok(Ok(())));
	chain.query(|| assert_eq!(pallet_session::Pallet::<Runtime>::load_keys(&owner), Some(keys.clone())));
}

#[test]
fn without_a_sudo_key_nobody_is_root() {
	let mut chain = Chain::of(genesis::LOCAL);
	let remark = || Box::new(RuntimeCall::System(frame_system::Call::remark { remark: vec![] }));
	chain.query(|| {
		let origin = RuntimeOrigin::signed(Key::Alice.to_account_id());
		assert_noop!(
			pallet_sudo::Pallet::<Runtime>::sudo(origin, remark()),
			pallet_sudo::Error::<Runtime>::RequireSudo
		);
	});
}
