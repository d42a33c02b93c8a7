//! What is kept free for audits, and what they take of a block at most.

use super::shop::Shop;
use crate::chain::{extensions, signed, state_of};
use codec::Encode;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::Get,
	weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use pallet_storage_market::{Call, Config, WeightInfo, MAX_VISITS};
use smartchain_runtime::{
	genesis,
	limits::{
		RuntimeBlockLength, RuntimeBlockWeights, AUDIT_BYTES, AUDIT_MILLIS, MAX_BLOCK_BYTES, MAX_BLOCK_MILLIS,
		OPERATIONAL_RESERVE_MILLIS,
	},
	Runtime, RuntimeCall, System,
};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{
	traits::TransactionExtension,
	transaction_validity::{InvalidTransaction, TransactionValidityError},
};
use storage_market_primitives::{Audits, Room, MAX_CHALLENGES};
use storage_proof_primitives::{answer_bytes, Answer, Opening, Shape, ENVELOPE_BYTES, MAX_BYTES};

type Market = <Runtime as Config>::WeightInfo;

const EXHAUSTED: TransactionValidityError = TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources);

fn audits() -> Audits {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(<Runtime as Config>::Audits::get)
}

/// How many slots of this length a tick asks at most.
fn most(bytes: u64) -> u32 {
	let (audits, shape) = (audits(), Shape::of(bytes).expect("a slot can have as many"));
	let mut room = Room::part(&audits, 1);
	(0..=MAX_CHALLENGES).take_while(|_| room.take(shape)).count() as u32
}

/// An answer for a slot of this length.
fn answer(bytes: u64) -> Answer {
	let shape = Shape::of(bytes).expect("a slot can have as many");
	let chunk = vec![0; shape.chunk_len(0).expect("there is one")];
	let path = vec![[0; 32]; shape.depth()];
	let opening = Opening::of(chunk, path).expect("of these lengths");
	[opening.clone(), opening]
}

fn call(bytes: u64) -> Call<Runtime> {
	Call::answer {
		until: u32::MAX,
		index: MAX_CHALLENGES,
		answer: answer(bytes),
	}
}

/// What a transaction without an account is charged, once what it has not is given back, nonce and fee: it is looked at
/// before it is carried out.
fn unsigned(call: &Call<Runtime>) -> Weight {
	let call = RuntimeCall::from(call.clone());
	let info = call.get_dispatch_info();
	assert_eq!(info.class, DispatchClass::Operational);
	let base = RuntimeBlockWeights::get().get(info.class).base_extrinsic;
	let nonce = frame_system::CheckNonce::<Runtime>::from(0).weight(&call);
	let fee = pallet_transaction_payment::ChargeTransactionPayment::<Runtime>::from(0).weight(&call);
	extensions(0, 0).weight(&call) - nonce - fee + info.call_weight + base
}

#[test]
fn a_tick_asks_for_no_more_than_a_hundredth_of_a_blocks_bytes() {
	assert_eq!(AUDIT_BYTES, MAX_BLOCK_BYTES / 100);
	// The smallest slot that a deal can have, one of a usual deal, the longest one.
	for bytes in [16 << 10, 256 << 20, MAX_BYTES] {
		let envelope = RuntimeCall::from(call(bytes)).encoded_size() - answer(bytes).encoded_size();
		// A general transaction adds its length, its version and its extensions.
		assert!(envelope + 32 <= ENVELOPE_BYTES as usize, "{envelope}");
		let shape = Shape::of(bytes).expect("a slot can have as many");
		assert!(most(bytes) * answer_bytes(shape) <= AUDIT_BYTES);
		assert!(most(bytes) >= 13, "{}", most(bytes));
	}
}

#[test]
fn answers_take_no_more_than_a_twentieth_of_a_blocks_time() {
	for bytes in [16 << 10, 256 << 20, MAX_BYTES] {
		let all = unsigned(&call(bytes)) * u64::from(most(bytes));
		let limit = AUDIT_MILLIS * WEIGHT_REF_TIME_PER_MILLIS;
		assert!(all.ref_time() <= limit, "{bytes}: {all:?}");
	}
	assert_eq!(AUDIT_MILLIS, MAX_BLOCK_MILLIS / 20);
	assert!(
		AUDIT_MILLIS * 2 <= OPERATIONAL_RESERVE_MILLIS,
		"half of what is kept free"
	);
	let lengths = RuntimeBlockLength::get();
	let [ordinary, all] = [DispatchClass::Normal, DispatchClass::Operational].map(|class| *lengths.max.get(class));
	assert!((all - ordinary) / 10 >= AUDIT_BYTES, "and far less of its bytes");
}

/// Of all three kinds one each, the heaviest there can be, beside the largest report of an equivocation.
#[test]
fn what_devices_show_fits_into_what_is_kept_free() {
	use pallet_equivocation::{WeightInfo as _, MAX_PROOF_BYTES};
	type Equivocation = <Runtime as pallet_equivocation::Config>::WeightInfo;
	let shown = Market::check_confirmation()
		+ Market::confirm()
		+ Market::check_answer()
		+ Market::answer()
		+ Market::check_report() * 2
		+ Market::report_probe();
	let report = Equivocation::authorize_report_block_equivocation(MAX_PROOF_BYTES)
		+ Equivocation::report_block_equivocation(MAX_PROOF_BYTES);
	let base = RuntimeBlockWeights::get()
		.get(DispatchClass::Operational)
		.base_extrinsic;
	let all = shown + report + base * 4;
	assert!(
		all.ref_time() < OPERATIONAL_RESERVE_MILLIS * WEIGHT_REF_TIME_PER_MILLIS,
		"{all:?}"
	);
}

/// Flooder fills blocks with what it pays for, so that others miss their challenges and it gets their slots.
#[test]
fn flooder_keeps_no_answer_out_of_a_block() {
	let mut shop = Shop::open();
	shop.held(4, 10);
	for _ in 0..200 {
		if !shop.answers().is_empty() {
			break;
		}
		shop.keep(1);
	}
	let answers: Vec<_> = shop.answers().into_iter().map(|(_, _, made)| made).collect();
	assert!(!answers.is_empty());
	let (_, results) = shop.chain.author(|| {
		let weights = RuntimeBlockWeights::get();
		let all = weights.get(DispatchClass::Normal).max_total.expect("there is a limit");
		System::register_extra_weight_unchecked(all, DispatchClass::Normal);
		let nonce = System::account_nonce(Key::Alice.to_account_id());
		let remark = frame_system::Call::remark { remark: Vec::new() };
		let ordinary = signed(Key::Alice, nonce, 0, RuntimeCall::System(remark));
		core::iter::once(ordinary).chain(answers).collect()
	});
	let (ordinary, free) = results.split_first().expect("there are some");
	assert_eq!(*ordinary, Err(EXHAUSTED));
	assert!(free.iter().all(|result| *result == Ok(Ok(()))), "{free:?}");
}

/// Replayer sends an answer again, and one that nobody has asked for.
#[test]
fn what_was_answered_or_not_asked_is_in_no_block() {
	let mut shop = Shop::open();
	shop.held(2, 10);
	for _ in 0..200 {
		if !shop.answers().is_empty() {
			break;
		}
		shop.keep(1);
	}
	let made = shop.answers().remove(0).2;
	let again = made.clone();
	shop.chain.grow_well(|| vec![made]);
	assert!(shop.chain.grow(|| vec![again])[0].is_err());
	let never = <Runtime as smartchain_runtime_apis::runtime_decl_for_storage_market_api::StorageMarketApiV1<
		smartchain_runtime::Block,
		smartchain_runtime::AccountId,
	>>::answer(u32::MAX, 0, answer(16 << 10));
	assert!(shop.chain.grow(|| vec![never])[0].is_err());
}

/// With a million slots, 100,000 deals that are looked at one after the other, and all that can be missed at once.
#[test]
fn a_tick_leaves_most_of_its_block_to_others() {
	let asked = 1_000_000_u32.div_ceil(audits().period);
	let usual = Market::turn(0, asked);
	assert!(usual.ref_time() < 5 * WEIGHT_REF_TIME_PER_MILLIS, "{usual:?}");
	let worst = Market::turn(MAX_CHALLENGES, most(16 << 10)) + Market::tend() * u64::from(MAX_VISITS);
	let limit = MAX_BLOCK_MILLIS / 3 * WEIGHT_REF_TIME_PER_MILLIS;
	assert!(worst.ref_time() < limit, "{worst:?}");
	assert_ne!(Market::place(), Weight::zero());
}
