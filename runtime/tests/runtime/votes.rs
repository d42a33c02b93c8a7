//! Votes on record: from the runtime's own interface into a block, and into points.

use crate::chain::{Chain, GENESIS_HASH};
use bft_finality_primitives::{BlockRef, Phase, SignedVote, Vote, VoterPair};
use pallet_stci_issuance::{Merits, Totals};
use pallet_traits::SlotOfBlock;
use smartchain_runtime::{genesis, BftFinality, Poca, Runtime, System};
use smartchain_runtime_apis::runtime_decl_for_vote_record_api::VoteRecordApiV1;
use sp_core::Pair;
use sp_keyring::Sr25519Keyring as Key;

type VotePoints = smartchain_runtime::configs::VotePoints;
type VotePeriod = <Runtime as pallet_bft_finality::Config>::VotePeriod;

/// The Commit of a voter with this seed for the parent of the last block.
fn commit(seed: &str) -> SignedVote {
	let pair = VoterPair::from_string(seed, None).expect("a seed");
	let set = BftFinality::voter_set();
	let number = System::block_number() - 1;
	let vote = Vote {
		set_id: set.set_id,
		phase: Phase::Commit,
		relaxed: false,
		target: BlockRef {
			slot: Poca::slot_of_block(number).expect("it is recent").into(),
			number,
			hash: System::block_hash(number),
		},
		end: None,
	};
	SignedVote {
		signature: pair.sign(&vote.payload(&GENESIS_HASH)),
		vote,
		voter: set.index_of(&pair.public()).expect("is a voter"),
	}
}

fn points_of(chain: &mut Chain, who: Key) -> u128 {
	chain.query(|| Merits::<Runtime>::get(pallet_poca::Era::<Runtime>::get(), who.to_account_id()).signing)
}

#[test]
fn a_vote_on_record_earns_points_once_in_a_period() {
	let mut chain = Chain::of(genesis::LOCAL);
	// Two blocks, one of which the state knows by its hash.
	(0..2).for_each(|_| chain.grow_well(Vec::new));
	let record = |chain: &mut Chain| chain.query(|| Runtime::record_vote(commit("//Bob")));
	let transaction = record(&mut chain).expect("it counts");
	let (before, total) = (
		points_of(&mut chain, Key::Bob),
		chain.query(|| Totals::<Runtime>::get().signing),
	);
	chain.grow_well(|| vec![transaction.clone()]);
	let author_of_it = u128::from(chain.query(|| is_author(Key::Bob)));
	assert_eq!(
		points_of(&mut chain, Key::Bob),
		before + u128::from(VotePoints::get()) + author_of_it
	);
	let all = chain.query(|| Totals::<Runtime>::get().signing);
	assert_eq!(
		all,
		total + u128::from(VotePoints::get()) + 1,
		"and the block's author one"
	);

	assert_eq!(record(&mut chain), None);
	assert!(chain.grow(|| vec![transaction])[0].is_err(), "not twice");

	while chain.query(|| System::block_number() < VotePeriod::get() + 1) {
		chain.grow_well(Vec::new);
	}
	let transaction = record(&mut chain).expect("it counts in the next period");
	chain.grow_well(|| vec![transaction]);
}

fn is_author(who: Key) -> bool {
	let slot = pallet_poca::CurrentSlot::<Runtime>::get();
	let schedule = Poca::schedule();
	let author = schedule.director(slot).and_then(|index| schedule.key(index).cloned());
	author.is_some_and(|key| key == who.public().into())
}
