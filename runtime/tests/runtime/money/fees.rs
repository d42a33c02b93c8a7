//! What transactions cost, how that follows the fullness of blocks, and who gets it.

use crate::chain::{signed, Chain};
use codec::Encode;
use frame_support::{dispatch::DispatchClass, weights::constants::WEIGHT_REF_TIME_PER_MILLIS};
use pallet_balances::Call as BalancesCall;
use pallet_transaction_payment::NextFeeMultiplier;
use smartchain_runtime::{
	configs::{fullness, SplitFees, TreasuryAccount},
	constants::{
		currency::{MILLI, UNITS},
		fees::{ADJUSTMENT, AUTHOR_SHARE, BURNED_SHARE, BYTE_FEE, MIN_MULTIPLIER},
	},
	genesis,
	limits::MAX_NORMAL_MILLIS,
	multiplier, AccountId, Balances, Nonce, Runtime, RuntimeCall, System, TransactionPayment,
};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{FixedU128, Perquintill};

fn transfer(to: Key, value: u128) -> RuntimeCall {
	BalancesCall::transfer_keep_alive {
		dest: to.to_account_id().into(),
		value,
	}
	.into()
}

fn remark(bytes: usize) -> RuntimeCall {
	frame_system::Call::remark { remark: vec![0; bytes] }.into()
}

fn free(who: Key) -> u128 {
	Balances::free_balance(who.to_account_id())
}

/// What the treasury has.
fn pot() -> u128 {
	Balances::free_balance(TreasuryAccount::get())
}

fn multiplier_of(chain: &mut Chain) -> FixedU128 {
	chain.query(TransactionPayment::next_fee_multiplier)
}

#[test]
fn a_fee_goes_to_the_author_out_of_existence_and_to_the_treasury_and_the_tip_to_the_author() {
	let mut chain = Chain::dev();
	let (alice, bob, issued, before) =
		chain.query(|| (free(Key::Alice), free(Key::Bob), Balances::total_issuance(), pot()));
	let tip = 5 * MILLI;
	chain.grow_well(|| vec![signed(Key::Bob, 0, tip, transfer(Key::Charlie, UNITS))]);
	chain.query(|| {
		let fee = bob - UNITS - free(Key::Bob) - tip;
		assert!(fee > 0);
		let (share, burned) = (AUTHOR_SHARE * fee, BURNED_SHARE * fee);
		assert_eq!(free(Key::Alice), alice + share + tip, "the author is Alice");
		assert_eq!(Balances::total_issuance(), issued - burned);
		assert_eq!(pot(), before + fee - share - burned);
		assert!(share * 4 <= fee, "nobody fills its own blocks for free");
	});
}

#[test]
fn a_transfer_costs_a_fraction_of_a_thousandth() {
	let mut chain = Chain::dev();
	let before = chain.query(|| free(Key::Bob));
	chain.grow_well(|| vec![signed(Key::Bob, 0, 0, transfer(Key::Alice, UNITS))]);
	let fee = before - UNITS - chain.query(|| free(Key::Bob));
	assert!((MILLI / 10..MILLI).contains(&fee), "{fee} planck");
}

#[test]
fn fees_that_can_reach_no_author_are_the_treasurys() {
	use frame_support::traits::{fungible::Balanced, tokens, OnUnbalanced};
	let mut chain = Chain::dev();
	chain.query(|| {
		let (issuance, before) = (Balances::total_issuance(), pot());
		// Before the first block there is no author.
		let credit = <Balances as Balanced<_>>::withdraw(
			&Key::Bob.to_account_id(),
			UNITS,
			tokens::Precision::Exact,
			tokens::Preservation::Preserve,
			tokens::Fortitude::Polite,
		)
		.expect("Bob has as much");
		SplitFees::on_unbalanced(credit);
		let burned = BURNED_SHARE * UNITS;
		assert_eq!(Balances::total_issuance(), issuance - burned);
		assert_eq!(pot(), before + UNITS - burned);
	});
}

#[test]
fn fees_are_what_the_node_is_told_beforehand() {
	for multiplier in [MIN_MULTIPLIER, FixedU128::from_u32(7)] {
		let mut chain = Chain::dev();
		chain.prepare(|| NextFeeMultiplier::<Runtime>::put(multiplier));
		let before = chain.query(|| free(Key::Bob));
		let mut told = 0;
		chain.grow_well(|| {
			let transaction = signed(Key::Bob, 0, 0, transfer(Key::Alice, UNITS));
			let length = transaction.encoded_size() as u32;
			told = TransactionPayment::query_info(transaction.clone(), length).partial_fee;
			vec![transaction]
		});
		chain.query(|| {
			assert_eq!(before - UNITS - free(Key::Bob), told);
			let nonce: Nonce = System::account_nonce(Key::Bob.to_account_id());
			assert_eq!(nonce, 1);
		});
	}
}

#[test]
fn bytes_become_as_dear_as_time_does() {
	let mut chain = Chain::dev();
	let length_fee = |chain: &mut Chain| chain.query(|| TransactionPayment::length_to_fee(1_000_000));
	assert_eq!(length_fee(&mut chain), 1_000_000 * BYTE_FEE);
	chain.prepare(|| NextFeeMultiplier::<Runtime>::put(FixedU128::from_u32(9)));
	assert_eq!(length_fee(&mut chain), 9_000_000 * BYTE_FEE);
}

#[test]
fn blocks_full_of_bytes_raise_fees_though_they_take_little_time() {
	let mut chain = Chain::dev();
	let before = multiplier_of(&mut chain);
	chain.grow_well(|| vec![signed(Key::Bob, 0, 0, remark(3_000_000))]);
	let (time, fullness) = chain.query(|| {
		let time = *System::block_weight().get(DispatchClass::Normal);
		// The size of a block is forgotten with it; here it is as it was.
		frame_system::Pallet::<Runtime>::set_block_consumed_resources(time, 3_000_000);
		(time.ref_time(), fullness())
	});
	assert!(time < 60_000_000_000, "{time} ps");
	assert!(fullness > Perquintill::from_percent(75), "{fullness:?}");
	assert!(multiplier_of(&mut chain) > before);
}

#[test]
fn blocks_whose_authors_call_them_full_raise_fees_and_empty_ones_lower_them() {
	let mut chain = Chain::dev();
	let start = FixedU128::from_u32(2);
	chain.prepare(|| NextFeeMultiplier::<Runtime>::put(start));
	chain.full = true;
	chain.grow_well(Vec::new);
	assert_eq!(
		multiplier_of(&mut chain),
		multiplier::next(start, Perquintill::one()),
		"it was read before it was forgotten"
	);
	assert!(multiplier_of(&mut chain) > start);
	chain.full = false;
	let before = multiplier_of(&mut chain);
	chain.grow_well(Vec::new);
	let after = multiplier_of(&mut chain);
	assert!(after < before && after >= MIN_MULTIPLIER);
	assert!(before - after <= before * ADJUSTMENT);
}

#[test]
fn time_counts_whatever_class_it_goes_to() {
	let mut chain = Chain::dev();
	let normal = chain.query(|| {
		let half = MAX_NORMAL_MILLIS * WEIGHT_REF_TIME_PER_MILLIS / 2;
		let half = frame_support::weights::Weight::from_parts(half, 0);
		frame_system::Pallet::<Runtime>::set_block_consumed_resources(half, 0);
		let normal = fullness();
		frame_system::BlockWeight::<Runtime>::mutate(|weight| weight.set(half, DispatchClass::Operational));
		assert_eq!(fullness(), Perquintill::one());
		normal
	});
	assert_eq!(normal, Perquintill::from_percent(50));
}

#[test]
fn a_quiet_chain_stays_at_the_minimum() {
	let mut chain = Chain::of(genesis::LOCAL);
	for _ in 0..20 {
		chain.grow_well(Vec::new);
	}
	assert_eq!(multiplier_of(&mut chain), MIN_MULTIPLIER);
}

#[test]
fn the_fees_of_the_first_block_of_an_era_go_to_its_author() {
	let mut chain = Chain::with_change(genesis::LOCAL, serde_json::json!({ "poca": { "eraLength": 12 } }));
	for _ in 0..60 {
		let era = chain.query(pallet_poca::Era::<Runtime>::get);
		let slot = chain.slot;
		let author: AccountId = chain.query(|| {
			let schedule = smartchain_runtime::Poca::schedule();
			let index = schedule.director(slot.into()).expect("there are directors");
			smartchain_runtime::Poca::account_of(index).expect("it has an account")
		});
		let nonce: Nonce = chain.query(|| System::account_nonce(Key::Eve.to_account_id()));
		let before = chain.query(|| Balances::free_balance(&author));
		chain.grow_well(|| vec![signed(Key::Eve, nonce, UNITS, transfer(Key::Ferdie, UNITS))]);
		let after = chain.query(|| Balances::free_balance(&author));
		let now = chain.query(pallet_poca::Era::<Runtime>::get);
		assert!(
			after >= before + UNITS,
			"its tip at least, in era {era} before era {now}"
		);
	}
}
