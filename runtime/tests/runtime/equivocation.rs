//! Equivocations: from the proof through the runtime's own interface into a block.

use crate::chain::{Chain, GENESIS_HASH};
use bft_finality_primitives::{Phase, VoteEquivocation, VoterPair};
use codec::{Decode, Encode};
use pallet_candidates::Sanctions;
use pallet_equivocation::{Event, Kind};
use poca_primitives::{AuthorityPair, BlockEquivocation};
use smartchain_runtime::{
	configs::TreasuryAccount, constants::currency::BOND, genesis, AccountId, Balances, Header, Runtime, RuntimeEvent,
	System, UncheckedExtrinsic,
};
use smartchain_runtime_apis::runtime_decl_for_block_equivocation_api::BlockEquivocationApiV1;
use smartchain_runtime_apis::runtime_decl_for_vote_equivocation_api::VoteEquivocationApiV1;
use smartchain_testkit::{two_blocks, two_votes};
use sp_core::Pair;
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::transaction_validity::{
	InvalidTransaction, TransactionSource, TransactionValidityError, UnknownTransaction,
};
use sp_transaction_pool::runtime_api::runtime_decl_for_tagged_transaction_queue::TaggedTransactionQueueV3;

/// Two prevotes of a voter with this seed.
fn votes(seed: &str, slot: u64) -> VoteEquivocation {
	let pair = VoterPair::from_string(seed, None).expect("a seed");
	two_votes(&pair, Phase::Prevote, slot, &GENESIS_HASH)
}

/// Two blocks of an author with this seed.
fn blocks(seed: &str, slot: u64) -> BlockEquivocation<Header> {
	let pair = AuthorityPair::from_string(seed, None).expect("a seed");
	two_blocks(&pair, slot, GENESIS_HASH)
}

fn report_votes(proof: VoteEquivocation) -> UncheckedExtrinsic {
	Runtime::report_vote_equivocation(proof)
}

fn report_blocks(proof: BlockEquivocation<Header>) -> UncheckedExtrinsic {
	Runtime::report_block_equivocation(proof)
}

/// What the last block reported.
fn reported(chain: &mut Chain) -> Vec<(AccountId, Kind)> {
	chain.query(|| {
		let events = System::events().into_iter();
		events
			.filter_map(|record| match record.event {
				RuntimeEvent::Equivocation(Event::EquivocationReported { offender, kind, .. }) => {
					Some((offender, kind))
				}
				_ => None,
			})
			.collect()
	})
}

fn invalid<T>(reason: InvalidTransaction) -> Result<T, TransactionValidityError> {
	Err(reason.into())
}

#[test]
fn directors_of_genesis_are_reported_once_for_free_and_without_a_signature() {
	let mut chain = Chain::of(genesis::LOCAL);
	chain.grow_well(Vec::new);
	let slot = chain.slot - 1;
	chain.grow_well(|| {
		vec![
			report_votes(votes("//Bob", slot)),
			report_blocks(blocks("//Charlie", slot)),
		]
	});
	assert_eq!(
		reported(&mut chain),
		[
			(Key::Bob.to_account_id(), Kind::Prevote),
			(Key::Charlie.to_account_id(), Kind::Block)
		]
	);
	chain.query(|| {
		for (key, offences) in [(Key::Bob, 1), (Key::Charlie, 1), (Key::Dave, 0)] {
			let sanction = Sanctions::<Runtime>::get(key.to_account_id()).unwrap_or_default();
			assert_eq!(sanction.offences, offences, "{key}");
		}
	});
	let again = chain.grow(|| {
		vec![
			report_votes(votes("//Bob", slot)),
			report_votes(votes("//Charlie", slot)),
			report_blocks(blocks("//Charlie", slot)),
			report_blocks(blocks("//Bob", slot)),
		]
	});
	// Each of a kind and an era once; two votes are another offence than two blocks. Bob has no bond left to lose.
	let stale = || invalid(InvalidTransaction::Stale);
	assert_eq!(again, [stale(), Ok(Ok(())), stale(), stale()]);
	assert_eq!(reported(&mut chain), [(Key::Charlie.to_account_id(), Kind::Prevote)]);
}

#[test]
fn what_is_slashed_is_the_treasurys_and_none_of_it_is_burned() {
	let mut chain = Chain::of(genesis::LOCAL);
	chain.grow_well(Vec::new);
	let slot = chain.slot - 1;
	let pot = || Balances::free_balance(TreasuryAccount::get());
	let (before, issued) = chain.query(|| (pot(), Balances::total_issuance()));
	chain.grow_well(|| vec![report_votes(votes("//Bob", slot))]);
	chain.query(|| {
		assert_eq!(pot(), before + BOND, "two votes cost all of it");
		assert_eq!(Balances::total_issuance(), issued);
	});
}

#[test]
fn forged_reports_and_those_of_strangers_are_refused() {
	let mut chain = Chain::of(genesis::LOCAL);
	chain.grow_well(Vec::new);
	let slot = chain.slot - 1;
	let mut framed = votes("//Bob", slot);
	framed.second = votes("//Charlie", slot).second;
	let mut one = blocks("//Bob", slot);
	one.second = one.first.clone();
	let results = chain.grow(|| {
		vec![
			report_votes(framed),
			report_blocks(one),
			report_votes(votes("//Eve", slot)),
			report_blocks(blocks("//Eve", slot)),
			report_votes(votes("//Bob", slot + 10_000)),
		]
	});
	assert_eq!(
		results,
		[
			invalid(InvalidTransaction::BadProof),
			invalid(InvalidTransaction::BadProof),
			invalid(InvalidTransaction::BadSigner),
			invalid(InvalidTransaction::BadSigner),
			// What may be judged in a moment is not called invalid, or pools would ban it.
			Err(UnknownTransaction::Custom(pallet_equivocation::AHEAD).into()),
		]
	);
	assert_eq!(reported(&mut chain), []);
}

#[test]
fn the_pool_takes_a_report_from_anywhere_once() {
	let mut chain = Chain::of(genesis::LOCAL);
	chain.grow_well(Vec::new);
	let slot = chain.slot - 1;
	chain.query(|| {
		// From its encoding, as a peer sends it.
		let sent = report_votes(votes("//Bob", slot)).encode();
		let report = UncheckedExtrinsic::decode(&mut &sent[..]).expect("decodes");
		let validate = |report: UncheckedExtrinsic, source| {
			Runtime::validate_transaction(source, report, System::block_hash(0)).expect("valid")
		};
		let external = validate(report.clone(), TransactionSource::External);
		assert!(external.propagate);
		assert_eq!(validate(report.clone(), TransactionSource::Local), external);
		assert_eq!(validate(report, TransactionSource::InBlock), external);
		// Others like it wait for the same place; what is punished by itself has a place of its own.
		let alike = validate(report_votes(votes("//Bob", slot)), TransactionSource::Local);
		assert_eq!(alike.provides, external.provides);
		let other = validate(report_blocks(blocks("//Bob", slot)), TransactionSource::Local);
		assert_ne!(other.provides, external.provides);
	});
}

#[test]
fn keys_of_every_era_are_known() {
	let mut chain = Chain::with_change(genesis::LOCAL, serde_json::json!({ "poca": { "eraLength": 12 } }));
	// Each era is a turn, of Alice and so on.
	for _ in 0..40 {
		chain.grow_well(Vec::new);
	}
	for (back, seed) in [(20, "//Bob"), (1, "//Dave")] {
		let slot = chain.slot - back;
		chain.grow_well(|| vec![report_blocks(blocks(seed, slot))]);
	}
}
