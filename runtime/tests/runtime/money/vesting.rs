//! STCI that is released over time: on a chain that grows.

use crate::chain::{signed, Chain};
use frame_support::traits::{Currency, Get, LockableCurrency, WithdrawReasons};
use smartchain_runtime::{
	configs::MinVestedTransfer,
	constants::currency::UNITS,
	genesis::{
		self,
		allocations::{allocate, Release, Row},
	},
	AccountId, Balances, BlockNumber, Runtime, RuntimeCall, System,
};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	Perbill,
};

/// What the holder of a row has.
const AMOUNT: u128 = 3_000 * UNITS;

fn holder() -> AccountId {
	Key::Ferdie.to_account_id()
}

/// A chain on which Ferdie has [`AMOUNT`], released so, and `liquid` planck besides; Alice and Bob have money.
fn chain(release: Release, liquid: u128) -> Chain {
	let row = Row {
		name: "holder",
		share: Perbill::from_rational(AMOUNT, smartchain_runtime::constants::currency::MAX_SUPPLY),
		beneficiary: holder(),
		release,
	};
	let allocated = allocate(&[row], AMOUNT).expect("is sound");
	let schedules: Vec<(AccountId, BlockNumber, BlockNumber, u128)> = allocated
		.vesting
		.into_iter()
		.map(|(who, begin, length, rest)| (who, begin, length, rest + liquid))
		.collect();
	let rich = 1_000_000 * UNITS;
	let balances = [
		(Key::Alice.to_account_id(), rich),
		(Key::Bob.to_account_id(), rich),
		(holder(), AMOUNT + liquid),
	];
	let change = serde_json::json!({ "balances": { "balances": balances }, "vesting": { "vesting": schedules } });
	Chain::with_change(genesis::DEV, change)
}

fn frozen() -> u128 {
	frame_system::Account::<Runtime>::get(holder()).data.frozen
}

fn vest_other() -> RuntimeCall {
	pallet_vesting::Call::vest_other {
		target: holder().into(),
	}
	.into()
}

fn transfer(value: u128) -> RuntimeCall {
	pallet_balances::Call::transfer_allow_death {
		dest: Key::Alice.to_account_id().into(),
		value,
	}
	.into()
}

/// In each block Bob, who has nothing of it, has what is due released. Says what is locked after each.
fn locked_after_blocks(chain: &mut Chain, blocks: u32) -> Vec<u128> {
	(0..blocks)
		.map(|nonce| {
			chain.grow_well(|| vec![signed(Key::Bob, nonce, 0, vest_other())]);
			chain.query(|| {
				assert_eq!(System::block_number(), nonce + 1);
				frozen()
			})
		})
		.collect()
}

const STEPS: Release = Release::Steps {
	cliff: 3,
	every: 2,
	count: 3,
};

#[test]
fn steps_come_out_in_their_blocks_whoever_asks() {
	let mut chain = chain(STEPS, 0);
	assert_eq!(chain.query(frozen), AMOUNT, "all steps are locked at genesis");
	let left = locked_after_blocks(&mut chain, 7);
	let third = AMOUNT / 3;
	assert_eq!(
		left,
		[AMOUNT, AMOUNT, 2 * third, 2 * third, third, third, 0],
		"after blocks 1 to 7"
	);
	chain.query(|| {
		assert!(pallet_vesting::Vesting::<Runtime>::get(holder()).is_none());
		assert!(pallet_balances::Locks::<Runtime>::get(holder()).is_empty());
	});
	// Now there is nothing to release.
	let results = chain.grow(|| vec![signed(Key::Bob, 7, 0, vest_other())]);
	let error = results[0].expect("valid").expect_err("nothing is locked");
	assert_eq!(error, pallet_vesting::Error::<Runtime>::NotVesting.into());
}

#[test]
fn a_linear_release_comes_out_block_by_block_after_its_cliff() {
	let mut chain = chain(Release::Linear { cliff: 2, length: 4 }, 0);
	let part = AMOUNT / 4;
	assert_eq!(
		locked_after_blocks(&mut chain, 6),
		[AMOUNT, AMOUNT, 3 * part, 2 * part, part, 0]
	);
}

#[test]
fn what_is_due_stays_locked_until_somebody_asks() {
	let mut chain = chain(STEPS, UNITS);
	for _ in 0..7 {
		chain.grow_well(Vec::new);
	}
	assert_eq!(chain.query(frozen), AMOUNT, "all is due");
	chain.grow_well(|| vec![signed(Key::Ferdie, 0, 0, pallet_vesting::Call::<Runtime>::vest {})]);
	assert_eq!(chain.query(frozen), 0);
	chain.grow_well(|| vec![signed(Key::Ferdie, 1, 0, transfer(AMOUNT))]);
}

#[test]
fn locked_stci_moves_neither_by_transfer_nor_as_a_fee() {
	let mut liquid = chain(STEPS, 10 * UNITS);
	let results = liquid.grow(|| {
		vec![
			signed(Key::Ferdie, 0, 0, transfer(10 * UNITS)),
			signed(Key::Ferdie, 1, 0, transfer(9 * UNITS)),
		]
	});
	assert!(
		results[0].expect("pays its fee").is_err(),
		"some of it went for the fee"
	);
	assert_eq!(results[1], Ok(Ok(())));
	// Who has nothing but locked STCI sends nothing, not even to release it: somebody else does.
	let mut locked = chain(STEPS, 0);
	let results = locked.grow(|| vec![signed(Key::Ferdie, 0, 0, pallet_vesting::Call::<Runtime>::vest {})]);
	assert_eq!(
		results,
		[Err(TransactionValidityError::Invalid(InvalidTransaction::Payment))]
	);
}

#[test]
fn anybody_sends_stci_with_a_schedule_and_not_too_little() {
	let mut chain = Chain::dev();
	let send = |locked: u128| pallet_vesting::Call::<Runtime>::vested_transfer {
		target: holder().into(),
		schedule: pallet_vesting::VestingInfo::new(locked, locked / 2, 1),
	};
	let least = MinVestedTransfer::get();
	let before = chain.query(|| Balances::free_balance(holder()));
	let results = chain.grow(|| {
		vec![
			signed(Key::Bob, 0, 0, send(least - 1)),
			signed(Key::Bob, 1, 0, send(least)),
		]
	});
	let error = results[0].expect("valid").expect_err("is too little");
	assert_eq!(error, pallet_vesting::Error::<Runtime>::AmountLow.into());
	assert_eq!(results[1], Ok(Ok(())));
	chain.query(|| assert_eq!((Balances::free_balance(holder()), frozen()), (before + least, least)));
}

/// A release and a vote lock the same STCI: the larger of both is locked, and both are remembered.
#[test]
fn there_is_room_for_the_locks_of_both_pallets() {
	let mut chain = chain(STEPS, UNITS);
	chain.query(|| {
		let vote = AMOUNT + UNITS;
		Balances::set_lock(*b"pyconvot", &holder(), vote, WithdrawReasons::all());
		let locks = pallet_balances::Locks::<Runtime>::get(holder());
		assert_eq!((locks.len(), frozen()), (2, vote));
		Balances::remove_lock(*b"pyconvot", &holder());
		assert_eq!(frozen(), AMOUNT);
		assert_eq!(
			<<Balances as LockableCurrency<AccountId>>::MaxLocks as Get<u32>>::get(),
			2
		);
		assert_eq!(
			<Balances as Currency<AccountId>>::total_balance(&holder()),
			AMOUNT + UNITS
		);
	});
}
