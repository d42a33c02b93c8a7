//! How much a block holds.

use crate::chain::{extensions, signed, Chain};
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
	BoundedVec,
};
use pallet_balances::Call as BalancesCall;
use pallet_traits::MAX_SETS_IN_FORCE;
use proof_lottery_primitives::Resource;
use smartchain_runtime::{
	configs::MaxRead,
	constants::time::SLOT_DURATION,
	genesis,
	limits::{
		RuntimeBlockLength, RuntimeBlockWeights, AVERAGE_ON_INITIALIZE_RATIO, MAX_BLOCK_MILLIS, MAX_HEADER_BYTES,
		MAX_OPERATIONAL_MILLIS, OPERATIONAL_RESERVE_MILLIS,
	},
	Runtime, RuntimeCall, UncheckedExtrinsic,
};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{
	generic::Era,
	traits::TransactionExtension,
	transaction_validity::{InvalidTransaction, TransactionValidityError},
};

const EXHAUSTED: TransactionValidityError = TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources);

fn transfer(nonce: u32) -> UncheckedExtrinsic {
	signed(
		Key::Bob,
		nonce,
		0,
		BalancesCall::transfer_keep_alive {
			dest: Key::Charlie.to_account_id().into(),
			value: 1,
		},
	)
}

fn remark(nonce: u32, bytes: usize) -> UncheckedExtrinsic {
	signed(
		Key::Bob,
		nonce,
		0,
		RuntimeCall::System(frame_system::Call::remark { remark: vec![0; bytes] }),
	)
}

#[test]
fn a_block_holds_eleven_hundred_transfers_and_no_end_of_them() {
	let mut chain = Chain::dev();
	let results = chain.grow(|| (0..1_400).map(transfer).collect());
	let included = results.iter().filter(|result| result.is_ok()).count();
	assert!(included >= 1_100, "{included} transfers");
	assert!(results.contains(&Err(EXHAUSTED)), "and there is an end");
}

#[test]
fn a_transfer_weighs_what_the_limits_assume() {
	let call = RuntimeCall::from(BalancesCall::transfer_keep_alive {
		dest: Key::Charlie.to_account_id().into(),
		value: 1,
	});
	let base = RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
	let microseconds = |era| {
		let mut extensions = extensions(0, 0);
		extensions.5 = frame_system::CheckMortality::from(era);
		let weight = extensions.weight(&call) + call.get_dispatch_info().call_weight + base;
		weight.ref_time() / 1_000_000
	};
	// The table at the head of limits.rs; a transaction that never expires reads one hash less.
	assert_eq!(microseconds(Era::mortal(64, 0)), 333);
	assert_eq!(microseconds(Era::Immortal), 325);
}

/// What is charged for a transaction that never expires.
fn whole(call: &RuntimeCall) -> Weight {
	let base = RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
	extensions(0, 0).weight(call) + call.get_dispatch_info().call_weight + base
}

#[test]
fn a_claim_weighs_no_more_than_three_transfers() {
	let transfer = RuntimeCall::from(BalancesCall::transfer_keep_alive {
		dest: Key::Charlie.to_account_id().into(),
		value: 1,
	});
	let claim = |eras: Vec<u32>| {
		let call = pallet_stci_issuance::Call::<Runtime>::claim {
			account: Key::Bob.to_account_id(),
			eras: BoundedVec::truncate_from(eras),
		};
		whole(&call.into()).ref_time()
	};
	assert!(claim(vec![0]) <= 3 * whole(&transfer).ref_time());
	// Together they take less than one by one.
	assert!(claim((0..16).collect()) < 16 * claim(vec![0]));
}

#[test]
fn a_block_holds_two_and_a_half_megabytes() {
	let mut chain = Chain::dev();
	// A hundred of 26 kB.
	chain.grow_well(|| (0..100).map(|nonce| remark(nonce, 26_000)).collect());
	// One of as much.
	chain.grow_well(|| vec![remark(100, 2_600_000)]);
	// But not five.
	let results = chain.grow(|| vec![remark(101, 5_000_000)]);
	assert_eq!(results, [Err(EXHAUSTED)]);
}

#[test]
fn the_worst_block_is_shorter_than_a_slot() {
	let milliseconds = MAX_BLOCK_MILLIS + OPERATIONAL_RESERVE_MILLIS;
	assert!(milliseconds < SLOT_DURATION, "{milliseconds} ms");
	let weights = RuntimeBlockWeights::get();
	assert_eq!(
		weights.max_block.ref_time(),
		MAX_BLOCK_MILLIS * WEIGHT_REF_TIME_PER_MILLIS
	);
}

type Candidates = <Runtime as pallet_candidates::Config>::WeightInfo;
type Poca = <Runtime as pallet_poca::Config>::WeightInfo;
type BftFinality = <Runtime as pallet_bft_finality::Config>::WeightInfo;
type Equivocation = <Runtime as pallet_equivocation::Config>::WeightInfo;
type Issuance = <Runtime as pallet_stci_issuance::Config>::WeightInfo;
type Proofs = <Runtime as pallet_resource_proofs::Config>::WeightInfo;
type Channels = <Runtime as pallet_payment_channels::Config>::WeightInfo;

/// What the hooks of a block take with as many directors as there can be.
fn hooks() -> Weight {
	<Poca as pallet_poca::WeightInfo>::on_initialize(99)
		+ <Poca as pallet_poca::WeightInfo>::tick()
		+ <BftFinality as pallet_bft_finality::WeightInfo>::on_initialize()
		+ <Candidates as pallet_candidates::WeightInfo>::authored()
		+ <Issuance as pallet_stci_issuance::WeightInfo>::authored()
		+ <Equivocation as pallet_equivocation::WeightInfo>::prune_nothing()
		+ <Equivocation as pallet_equivocation::WeightInfo>::prune_authors(pallet_equivocation::PRUNED)
		+ <Equivocation as pallet_equivocation::WeightInfo>::prune_offences(pallet_equivocation::PRUNED)
		+ <Equivocation as pallet_equivocation::WeightInfo>::prune_voters(pallet_equivocation::PRUNED)
		+ <Proofs as pallet_resource_proofs::WeightInfo>::on_initialize()
		// Of space, compute and uptime.
		+ <Proofs as pallet_resource_proofs::WeightInfo>::open_round() * 3
		+ shared_by_wins()
}

/// What wins share in a block in which all lotteries can be won.
fn shared_by_wins() -> Weight {
	use pallet_resource_proofs::WeightInfo as _;
	Proofs::win_space(0) + Proofs::verify_space(0) + Proofs::pulse(0) + Proofs::win_compute(0)
}

#[test]
fn hooks_take_less_than_the_share_that_is_left_to_them() {
	let share = AVERAGE_ON_INITIALIZE_RATIO * RuntimeBlockWeights::get().max_block;
	assert!(hooks().ref_time() < share.ref_time());
	assert!(hooks().ref_time() < 6 * WEIGHT_REF_TIME_PER_MILLIS);
}

/// Every candidate that an election may look at, and more nodes than can be in office or absent.
fn change_of_era() -> Weight {
	let most = pallet_candidates::Pallet::<Runtime>::most_looked_at();
	assert_eq!(most, MaxRead::get() + (4 + MAX_SETS_IN_FORCE) * 99 + 198);
	<Poca as pallet_poca::WeightInfo>::enter_era()
		// Whoever is not in the list is part of its constant, and so is what seating costs, with voters and history.
		+ <Candidates as pallet_candidates::WeightInfo>::era_started(MaxRead::get())
		+ <BftFinality as pallet_bft_finality::WeightInfo>::change_voters(99)
		+ <Equivocation as pallet_equivocation::WeightInfo>::voters_named(99)
		+ <Issuance as pallet_stci_issuance::WeightInfo>::era_started()
}

/// One in which seating was refused: then keys are renewed, which is charged besides.
fn change_of_era_without_seating() -> Weight {
	change_of_era()
		+ <Poca as pallet_poca::WeightInfo>::renew_keys(99)
		+ <BftFinality as pallet_bft_finality::WeightInfo>::seat_voters(99)
		// Those of the era before and those of the new one, with their standby signers.
		+ <Equivocation as pallet_equivocation::WeightInfo>::authors_changed(2 * 99)
}

fn milliseconds(weight: Weight) -> u64 {
	weight.ref_time() / WEIGHT_REF_TIME_PER_MILLIS
}

#[test]
fn a_change_of_era_leaves_half_of_its_block_to_transactions() {
	let weight = milliseconds(hooks() + change_of_era());
	assert!(weight < MAX_BLOCK_MILLIS / 2, "{weight} ms");
}

#[test]
fn a_change_of_era_after_a_stall_fits_into_its_slot() {
	// All but one were absent for whole turns, and half of them are replaced; each replacement changes authors and
	// voters. Nothing else is in such a block: what hooks take is not refused.
	let replaced = 49;
	let each = <Equivocation as pallet_equivocation::WeightInfo>::authors_changed(1)
		+ <BftFinality as pallet_bft_finality::WeightInfo>::seat_voters(99);
	let stall = <Candidates as pallet_candidates::WeightInfo>::turns_missed(98) + each * replaced;
	let weight = milliseconds(hooks() + change_of_era_without_seating() + stall);
	assert!(weight < SLOT_DURATION, "{weight} ms");
}

#[test]
fn a_report_of_an_equivocation_fits_into_what_is_kept_free() {
	use pallet_equivocation::WeightInfo as _;
	// With the largest headers that blocks can have.
	let most = pallet_equivocation::MAX_PROOF_BYTES;
	assert!(most > 2 * MAX_HEADER_BYTES);
	let report = Equivocation::authorize_report_block_equivocation(most)
		+ Equivocation::report_block_equivocation(most)
		+ <Candidates as pallet_candidates::WeightInfo>::offended();
	let milliseconds = report.ref_time() / WEIGHT_REF_TIME_PER_MILLIS;
	assert!(milliseconds < OPERATIONAL_RESERVE_MILLIS, "{milliseconds} ms");
}

/// What a win is charged, all that can be given back given back; by plots of the strength that real chains ask for.
pub fn owed(resource: Resource, told: bool) -> Weight {
	use pallet_resource_proofs::WeightInfo as _;
	let own = |of: fn(u32) -> Weight| of(1) - of(0);
	let its_own = match resource {
		Resource::Space => own(Proofs::win_space) + own(Proofs::verify_space),
		Resource::Uptime => own(Proofs::pulse) + Proofs::verify_pulse(),
		Resource::Compute => own(Proofs::win_compute) + Proofs::verify_announcement(),
	};
	let telling = if told { Proofs::tell() } else { Weight::zero() };
	its_own + telling + around_a_win()
}

/// What a win is charged besides its call and its authorization: as much as any general transaction, less the nonce and
/// the fee that it has not.
fn around_a_win() -> Weight {
	let call = RuntimeCall::System(frame_system::Call::remark { remark: Vec::new() });
	let all: Weight = extensions(0, 0).weight(&call);
	let nonce = frame_system::CheckNonce::<Runtime>::from(0).weight(&call);
	let fee = pallet_transaction_payment::ChargeTransactionPayment::<Runtime>::from(0).weight(&call);
	all - nonce - fee + RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic
}

/// What as many wins of a lottery as a block takes are charged.
fn owed_by_a_block(resource: Resource) -> Weight {
	let most = crate::chain::state_of(genesis::LOCAL, serde_json::json!({}))
		.execute_with(|| pallet_resource_proofs::Pallet::<Runtime>::most_in_a_block(resource));
	owed(resource, false) * u64::from(most)
}

/// Nobody pays for wins, and they go before what is paid for.
#[test]
fn as_many_wins_as_a_block_takes_leave_most_of_it_to_others() {
	use pallet_resource_proofs::WeightInfo as _;
	let [space, uptime, compute] = [Resource::Space, Resource::Uptime, Resource::Compute].map(owed_by_a_block);
	// All of space and uptime are the first of their candidates in an era.
	let told = Proofs::tell() * 16;
	let milliseconds = milliseconds(space + uptime + compute + told + shared_by_wins());
	assert!(milliseconds < MAX_BLOCK_MILLIS / 8, "{milliseconds} ms");
}

/// No block takes both, unless one comes late; and only while a window is open blocks have more.
#[test]
fn wins_of_space_or_of_uptime_take_less_than_a_fiftieth_of_the_blocks_that_are_full_of_them() {
	for resource in [Resource::Space, Resource::Uptime] {
		let wins = owed_by_a_block(resource) + shared_by_wins();
		let share = wins.ref_time() * 1_000 / RuntimeBlockWeights::get().max_block.ref_time();
		assert!(share < 20, "{resource:?}: {share} thousandths");
	}
}

/// What it takes to forget as many settled channels and reveals as a block looks at.
fn clearing() -> Weight {
	use pallet_payment_channels::{WeightInfo as _, MAX_LOOKED_AT as MOST};
	Channels::look(MOST, MOST) + (Channels::clear() + Channels::purge_reveal()) * u64::from(MOST)
}

/// Announcements are verified in what a block full of ordinary transactions leaves.
#[test]
fn a_full_block_leaves_time_to_verify_as_many_segments_as_may_be() {
	use frame_support::traits::Get;
	use pallet_resource_proofs::WeightInfo as _;
	let most: u32 = <Runtime as pallet_resource_proofs::Config>::MaxVerified::get();
	let worst = Proofs::strike().max(Proofs::verify_segment() + Proofs::tell());
	// It may come first in what a block leaves: the turn goes round.
	let swept: u32 = <Runtime as pallet_stci_issuance::Config>::MaxSwept::get();
	let sweeping = <Issuance as pallet_stci_issuance::WeightInfo>::sweep(swept);
	let weight = milliseconds(Proofs::on_idle() + worst * u64::from(most) + sweeping + clearing());
	assert!(weight < OPERATIONAL_RESERVE_MILLIS, "{weight} ms");
}

#[test]
fn a_tenth_of_a_block_is_kept_free_for_what_has_no_signer() {
	let weights = RuntimeBlockWeights::get();
	let class = weights.get(DispatchClass::Operational);
	let kept = class.reserved.expect("something is").ref_time();
	assert!(kept * 10 >= weights.max_block.ref_time());
	let lengths = RuntimeBlockLength::get();
	let [ordinary, most] = [DispatchClass::Normal, DispatchClass::Operational].map(|class| *lengths.max.get(class));
	assert!((most - ordinary) * 10 >= most);
}

/// What a transaction without an account is charged: it is looked at before it is carried out.
fn unsigned(call: &pallet_payment_channels::Call<Runtime>) -> Weight {
	let call = RuntimeCall::from(call.clone());
	let info = call.get_dispatch_info();
	let base = RuntimeBlockWeights::get().get(info.class).base_extrinsic;
	// Looking at it is what `AuthorizeCall` is charged for.
	extensions(0, 0).weight(&call) + info.call_weight + base
}

/// Something of a fixed size that nobody has signed.
fn zeroes<T: codec::Decode>() -> T {
	T::decode(&mut sp_runtime::traits::TrailingZeroInput::zeroes()).expect("of a fixed size")
}

/// The largest answers to a close, of both sides: halves, a proof, a settlement, splits of locks.
fn answers() -> Vec<pallet_payment_channels::Call<Runtime>> {
	use channel_primitives::{Lock, Locks, Side, MAX_LOCKS};
	use pallet_payment_channels::Call;
	let lock = |id| Lock {
		id,
		amount: 1,
		expiry: 0,
		condition: [0; 32],
	};
	let locks = Locks::new((0..u64::from(MAX_LOCKS)).map(lock).collect()).expect("as many as may be");
	let update = |side| Call::update {
		channel: 1,
		side,
		half: zeroes(),
		submit: zeroes(),
	};
	let unlock = |side| Call::unlock {
		channel: 1,
		side,
		locks: Some(locks.clone()),
	};
	vec![
		update(Side::Low),
		update(Side::High),
		Call::prove_fraud {
			channel: 1,
			half: zeroes(),
			half_locks: Some(locks.clone()),
			claim_locks: Some(locks.clone()),
			submit: None,
		},
		Call::settle { channel: 1 },
		unlock(Side::Low),
		unlock(Side::High),
	]
}

#[test]
fn every_answer_to_a_close_fits_into_what_is_kept_free_beside_a_report() {
	use pallet_equivocation::WeightInfo as _;
	let most = pallet_equivocation::MAX_PROOF_BYTES;
	let report = Equivocation::authorize_report_block_equivocation(most)
		+ Equivocation::report_block_equivocation(most)
		+ <Candidates as pallet_candidates::WeightInfo>::offended();
	for call in answers() {
		assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational, "{call:?}");
		let weight = milliseconds(report + unsigned(&call));
		assert!(weight < OPERATIONAL_RESERVE_MILLIS, "{weight} ms: {call:?}");
	}
}

/// Flooder opens channels and closes them, to fill what is kept free with answers that are looked at and carried out:
/// all that a channel has, at their largest, cost no less out of its deposit than what is paid for would, while fees
/// are low and when they have risen twentyfold. Beyond that the deposit is what it pays.
#[test]
fn flooder_pays_for_what_is_kept_free_no_less_than_for_the_rest() {
	use codec::Encode;
	use frame_support::weights::WeightToFee;
	use pallet_payment_channels::{Call, Config, MAX_FREE, MOST_FREE};
	use smartchain_runtime::configs::{FeeNow, WeightFee};
	use sp_runtime::{traits::Convert, FixedU128};
	let all = answers();
	let halves = all.iter().filter(|call| matches!(call, Call::update { .. })).count();
	assert_eq!(
		all.len() - halves + halves * usize::from(MAX_FREE),
		usize::from(MOST_FREE)
	);
	let weight = all.iter().fold(Weight::zero(), |sum, call| {
		let is_half = matches!(call, Call::update { .. });
		sum + unsigned(call) * u64::from(if is_half { MAX_FREE } else { 1 })
	});
	let least: u128 = <Runtime as Config>::AnswerFee::get();
	let deposit: u128 = <Runtime as Config>::ChannelDeposit::get();
	// The price of time is in the state.
	crate::chain::state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		let fees = WeightFee::weight_to_fee(&weight);
		assert!(least * u128::from(MOST_FREE) >= fees, "{fees}");
		for multiplier in [1, 20] {
			pallet_transaction_payment::NextFeeMultiplier::<Runtime>::put(FixedU128::from_u32(multiplier));
			let price = |call: &Call<Runtime>| {
				let bytes = u32::try_from(call.encoded_size()).expect("few");
				least.max(FeeNow::convert((call.get_dispatch_info().call_weight * 2, bytes)))
			};
			let all: u128 = all
				.iter()
				.map(|call| {
					price(call)
						* u128::from(if matches!(call, Call::update { .. }) {
							MAX_FREE
						} else {
							1
						})
				})
				.sum();
			assert!(
				all >= fees * u128::from(multiplier) && all <= deposit,
				"{multiplier}: {all}"
			);
		}
	});
}

#[test]
fn an_upgrade_fits_into_a_block() {
	// Operational extrinsics may take all of it: more than three times what a compressed runtime has.
	assert_eq!(
		*RuntimeBlockLength::get().max.get(DispatchClass::Operational),
		5 * 1_024 * 1_024
	);
	assert_eq!(
		*RuntimeBlockLength::get().max.get(DispatchClass::Normal),
		5 * 1_024 * 1_024 / 4 * 3
	);
}

#[test]
fn a_new_runtime_fits_into_what_operational_ones_may_take_and_two_do_not() {
	use frame_support::dispatch::GetDispatchInfo;
	let call = RuntimeCall::System(frame_system::Call::apply_authorized_upgrade { code: vec![] });
	let info = call.get_dispatch_info();
	assert_eq!(info.class, DispatchClass::Operational);
	let limits = RuntimeBlockWeights::get();
	let class = limits.get(DispatchClass::Operational);
	assert!(info.call_weight.all_lte(class.max_extrinsic.expect("there is a limit")));
	let total = class.max_total.expect("there is a limit");
	assert!((info.call_weight * 2).any_gt(total));
	assert_eq!(milliseconds(total), MAX_OPERATIONAL_MILLIS);
	assert!(limits.validate().is_ok());
}

#[test]
fn a_vote_of_a_director_fits_into_a_block() {
	use frame_support::dispatch::GetDispatchInfo;
	let call = RuntimeCall::from(pallet_motions::Call::vote { motion: 0, aye: true });
	let most = RuntimeBlockWeights::get().get(DispatchClass::Normal).max_extrinsic;
	let weight = call.get_dispatch_info().call_weight;
	assert!((weight * 10).all_lte(most.expect("there is a limit")), "{weight:?}");
}
