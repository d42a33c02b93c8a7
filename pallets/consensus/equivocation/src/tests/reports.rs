//! Reports that are true, and reports that are not.

use crate::{mock::*, Error, Event, Kind, AHEAD};
use bft_finality_primitives::Phase;
use codec::Encode;
use frame_support::{assert_noop, dispatch::DispatchClass};
use pallet_traits::OffenceKind::{Block, Vote};
use sp_core::Pair;
use sp_runtime::{
	traits::Dispatchable,
	transaction_validity::{
		InvalidTransaction, TransactionPriority, TransactionSource, TransactionValidityError, UnknownTransaction,
	},
};

#[test]
fn two_votes_are_punished_once() {
	for (phase, kind) in [(Phase::Prevote, Kind::Prevote), (Phase::Commit, Kind::Commit)] {
		run(|| {
			assert_eq!(report_votes(votes(1, 0, phase, 7)), Ok(()));
			assert_eq!(Recorder::only(Told::offence), [(1, Vote, 0)]);
			assert_eq!(
				events(),
				[Event::EquivocationReported {
					offender: 1,
					kind,
					slot: 7,
					era: 0
				}]
			);
			assert_eq!(report_votes(votes(1, 0, phase, 7)), refused(Error::AlreadyReported));
			assert_eq!(Recorder::only(Told::offence), [(1, Vote, 0)]);
		});
	}
}

#[test]
fn two_blocks_are_punished_once() {
	run(|| {
		assert_eq!(report_blocks(blocks(2, 7)), Ok(()));
		assert_eq!(Recorder::only(Told::offence), [(2, Block, 0)]);
		assert_eq!(
			events(),
			[Event::EquivocationReported {
				offender: 2,
				kind: Kind::Block,
				slot: 7,
				era: 0
			}]
		);
		assert_eq!(report_blocks(blocks(2, 7)), refused(Error::AlreadyReported));
		assert_eq!(Recorder::only(Told::offence), [(2, Block, 0)]);
	});
}

#[test]
fn one_header_under_two_seals_is_punished_and_one_block_shown_twice_is_not() {
	run(|| {
		let mut proof = blocks(1, 7);
		proof.second = header(1, 7, 1);
		assert_ne!(proof.first, proof.second, "seals are randomized");
		assert_eq!(report_blocks(proof.clone()), Ok(()));
		assert_eq!(Recorder::only(Told::offence), [(1, Block, 0)]);
		let mut proof = blocks(2, 7);
		proof.second = proof.first.clone();
		assert_eq!(report_blocks(proof), refused(Error::BadProof));
	});
}

#[test]
fn each_kind_in_each_era_is_punished_once() {
	run(|| {
		era(3);
		let known = || refused(Error::AlreadyReported);
		assert_eq!(report_blocks(blocks(1, 2 * ERA)), Ok(()));
		assert_eq!(report_blocks(blocks(1, 2 * ERA + 1)), known());
		assert_eq!(report_votes(votes(1, 0, Phase::Commit, 2 * ERA + 9)), Ok(()));
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, 2 * ERA + 7)), known());
		assert_eq!(Recorder::take_only(Told::offence), [(1, Block, 2), (1, Vote, 2)]);
		// Another era is another one, the one before no less than the one after: nothing is buried under what was
		// reported first.
		assert_eq!(report_blocks(blocks(1, ERA)), Ok(()));
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, ERA)), Ok(()));
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, 3 * ERA)), Ok(()));
		assert_eq!(report_blocks(blocks(1, ERA + 5)), known());
		// And so is another account.
		assert_eq!(report_votes(votes(0, 0, Phase::Prevote, ERA)), Ok(()));
		assert_eq!(
			Recorder::only(Told::offence),
			[(1, Block, 1), (1, Vote, 1), (1, Vote, 3), (0, Vote, 1)]
		);
	});
}

#[test]
fn what_is_forged_is_refused() {
	run(|| {
		let mut proof = votes(1, 0, Phase::Prevote, 7);
		proof.voter = voter_pair(2).public();
		assert_eq!(report_votes(proof), refused(Error::BadProof));
		let mut proof = votes(1, 0, Phase::Prevote, 7);
		proof.second = proof.first.clone();
		assert_eq!(report_votes(proof), refused(Error::BadProof));
		let mut proof = votes(1, 0, Phase::Prevote, 7);
		proof.second = votes(2, 0, Phase::Prevote, 7).second;
		assert_eq!(report_votes(proof), refused(Error::BadProof));

		let mut proof = blocks(1, 7);
		proof.author = author_pair(2).public();
		assert_eq!(report_blocks(proof), refused(Error::BadProof));
		let mut proof = blocks(1, 7);
		proof.second = proof.first.clone();
		assert_eq!(report_blocks(proof), refused(Error::BadProof));
		let mut proof = blocks(1, 7);
		proof.second = header(1, 8, 2);
		assert_eq!(report_blocks(proof), refused(Error::BadProof));
		let mut proof = blocks(1, 7);
		proof.first.digest.logs.clear();
		assert_eq!(report_blocks(proof), refused(Error::BadProof));
		assert!(Recorder::only(Told::offence).is_empty() && events().is_empty());
	});
}

/// Nobody pays for a report, and each byte of it is everybody's work.
#[test]
fn a_report_has_an_end() {
	run(|| {
		let long = |bytes: usize| {
			let mut proof = blocks(1, 7);
			// With a seal that is right, so that nothing else is wrong with it.
			proof.first = long_header(1, 7, 1, bytes);
			proof
		};
		let rest = long(0).encoded_size();
		// The length of what fills it has four bytes by then, instead of one.
		let most = crate::MAX_PROOF_BYTES as usize - rest - 3;
		assert_eq!(long(most).encoded_size(), crate::MAX_PROOF_BYTES as usize);
		assert_eq!(report_blocks(long(most + 1)), refused(Error::TooLong));
		assert_eq!(report_blocks(long(3_000_000)), refused(Error::TooLong));
		assert_eq!(report_blocks(long(most)), Ok(()));
		// Votes are all of a length, up to the two ends that they may name.
		let proof = votes(1, 0, Phase::Prevote, 7);
		assert!(proof.encoded_size() + 100 < 1_024);
	});
}

#[test]
fn a_header_that_names_a_thousand_voters_can_be_reported() {
	let voters = vec![voter_pair(1).public(); bft_finality_primitives::MAX_VOTERS];
	let set = bft_finality_primitives::VoterSet {
		set_id: u64::MAX,
		voters,
		relaxed_quorum: 501,
	};
	let mut header = header(1, u64::MAX, 1);
	header
		.digest
		.push(bft_finality_primitives::ConsensusLog::ScheduledChange(set).item());
	// With a VRF output, which that header has not.
	assert!(2 * (header.encoded_size() + 200) < crate::MAX_PROOF_BYTES as usize);
}

#[test]
fn a_report_of_one_that_has_nothing_to_lose_is_refused() {
	run(|| {
		Recorder::set_broke(&[1]);
		era(1);
		for slot in [7, ERA] {
			for phase in [Phase::Prevote, Phase::Commit] {
				assert_eq!(report_votes(votes(1, 0, phase, slot)), refused(Error::NothingToLose));
			}
			assert_eq!(report_blocks(blocks(1, slot)), refused(Error::NothingToLose));
			assert_eq!(report_blocks(blocks(2, slot)), Ok(()));
		}
		assert!(Recorder::only(Told::offence).iter().all(|(who, ..)| *who == 2));
	});
}

#[test]
fn votes_of_another_chain_are_no_offence_on_this_one() {
	run(|| {
		frame_system::BlockHash::<Test>::insert(0, sp_core::H256::repeat_byte(8));
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, 7)), refused(Error::BadProof));
	});
}

#[test]
fn keys_of_nobody_in_office_are_refused() {
	run(|| {
		slot(9);
		assert_eq!(
			report_votes(votes(8, 0, Phase::Prevote, 7)),
			refused(Error::NotInOffice)
		);
		assert_eq!(report_blocks(blocks(8, 7)), refused(Error::NotInOffice));
	});
}

/// A node that is a block behind must not ban what it will know with the next one.
#[test]
fn what_a_later_block_may_tell_is_not_refused_for_good() {
	run(|| {
		slot(9);
		let ahead = [
			call_of_votes(votes(1, 0, Phase::Prevote, ERA)),
			call_of_votes(votes(5, 1, Phase::Prevote, 9)),
			call_of_blocks(blocks(1, ERA)),
			call_of_blocks(blocks(5, 10)),
		];
		for call in &ahead {
			let unknown = TransactionValidityError::Unknown(UnknownTransaction::Custom(AHEAD));
			assert_eq!(validity(call, TransactionSource::External), Err(unknown), "{call:?}");
		}
		seat(&[0, 1, 5]);
		name(1, &[5]);
		era(1);
		for call in ahead {
			assert_eq!(apply(call), Ok(()));
		}
	});
}

#[test]
fn the_pool_keeps_one_report_of_an_offender_a_kind_and_an_era_wherever_it_came_from() {
	run(|| {
		era(2);
		let first = call_of_votes(votes(1, 0, Phase::Prevote, ERA));
		let validity_of = |call: &RuntimeCall| validity(call, TransactionSource::External).expect("valid");
		let valid = validity_of(&first);
		assert!(valid.propagate && valid.requires.is_empty());
		assert_eq!((valid.priority, valid.provides.len()), (TransactionPriority::MAX, 1));
		for source in [TransactionSource::Local, TransactionSource::InBlock] {
			assert_eq!(validity(&first, source), Ok(valid.clone()));
		}
		let tag = |call: RuntimeCall| validity_of(&call).provides;
		assert_eq!(tag(call_of_votes(votes(1, 0, Phase::Commit, ERA + 3))), valid.provides);
		for other in [
			call_of_blocks(blocks(1, ERA + 3)),
			call_of_votes(votes(2, 0, Phase::Prevote, ERA)),
			call_of_votes(votes(1, 0, Phase::Prevote, 2 * ERA)),
		] {
			assert_ne!(tag(other), valid.provides);
		}
	});
}

#[test]
fn reports_come_without_a_signature_and_in_no_other_way() {
	run(|| {
		for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::none(), RuntimeOrigin::root()] {
			for call in [
				call_of_votes(votes(1, 0, Phase::Prevote, 7)),
				call_of_blocks(blocks(1, 7)),
			] {
				assert_noop!(
					call.dispatch(origin.clone()).map_err(|error| error.error),
					sp_runtime::DispatchError::BadOrigin
				);
			}
		}
	});
}

#[test]
fn the_weight_of_a_punishment_is_added_to_the_block() {
	run(|| {
		let weight = || *System::block_weight().get(DispatchClass::Operational);
		let before = weight();
		report_blocks(blocks(1, 7)).expect("is true");
		assert_eq!(weight(), before + PUNISHMENT);
	});
}

#[test]
fn each_reason_to_refuse_is_told_to_the_pool() {
	for (error, reason) in [
		(Error::BadProof, InvalidTransaction::BadProof),
		(Error::TooLong, InvalidTransaction::BadProof),
		(Error::NotInOffice, InvalidTransaction::BadSigner),
		(Error::TooOld, InvalidTransaction::Stale),
		(Error::AlreadyReported, InvalidTransaction::Stale),
		(Error::NothingToLose, InvalidTransaction::Stale),
	] {
		assert_eq!(refused(error), Err(reason.into()));
	}
	assert_eq!(refused(Error::Ahead), Err(UnknownTransaction::Custom(AHEAD).into()));
}
