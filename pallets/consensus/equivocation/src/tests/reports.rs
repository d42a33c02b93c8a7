//! Reports that are true, and reports that are not.

use crate::{mock::*, Error, Event, Kind, LastOffence};
use bft_finality_primitives::Phase;
use frame_support::{assert_noop, dispatch::DispatchClass};
use sp_core::Pair;
use sp_runtime::{
	traits::Dispatchable,
	transaction_validity::{InvalidTransaction, TransactionPriority, TransactionSource},
};

#[test]
fn two_votes_are_punished_once() {
	for (phase, kind) in [(Phase::Prevote, Kind::Prevote), (Phase::Commit, Kind::Commit)] {
		run(|| {
			assert_eq!(report_votes(votes(1, 0, phase, 7)), Ok(()));
			assert_eq!(Punished::get(), [(1, 0)]);
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
			assert_eq!(Punished::get(), [(1, 0)]);
		});
	}
}

#[test]
fn two_blocks_are_punished_once() {
	run(|| {
		assert_eq!(report_blocks(blocks(2, 7)), Ok(()));
		assert_eq!(Punished::get(), [(2, 0)]);
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
		assert_eq!(Punished::get(), [(2, 0)]);
	});
}

#[test]
fn an_era_is_punished_once_for_all_that_was_signed_twice_up_to_it() {
	run(|| {
		era(3);
		assert_eq!(report_blocks(blocks(1, 2 * ERA)), Ok(()));
		let known = refused(Error::AlreadyReported);
		assert_eq!(report_votes(votes(1, 0, Phase::Commit, 2 * ERA + 9)), known);
		assert_eq!(report_blocks(blocks(1, 2 * ERA + 1)), known);
		assert_eq!(report_blocks(blocks(1, ERA)), known);
		// Another era and another account are others.
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, 3 * ERA)), Ok(()));
		assert_eq!(report_votes(votes(0, 0, Phase::Prevote, ERA)), Ok(()));
		assert_eq!(Punished::get(), [(1, 2), (1, 3), (0, 1)]);
		assert_eq!(LastOffence::<Test>::get(1), Some(3));
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
		proof.second = header(1, 7, 1);
		assert_eq!(report_blocks(proof), refused(Error::BadProof));
		let mut proof = blocks(1, 7);
		proof.second = header(1, 8, 2);
		assert_eq!(report_blocks(proof), refused(Error::BadProof));
		let mut proof = blocks(1, 7);
		proof.first.digest.logs.clear();
		assert_eq!(report_blocks(proof), refused(Error::BadProof));
		assert!(Punished::get().is_empty() && events().is_empty());
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
		assert_eq!(
			report_votes(votes(8, 0, Phase::Prevote, 7)),
			refused(Error::NotInOffice)
		);
		assert_eq!(
			report_votes(votes(1, 1, Phase::Prevote, 7)),
			refused(Error::NotInOffice)
		);
		assert_eq!(report_blocks(blocks(8, 7)), refused(Error::NotInOffice));
	});
}

#[test]
fn the_pool_keeps_one_report_of_an_offender_and_an_era_wherever_it_came_from() {
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
		assert_eq!(tag(call_of_blocks(blocks(1, ERA + 3))), valid.provides);
		assert_ne!(tag(call_of_blocks(blocks(2, ERA + 3))), valid.provides);
		assert_ne!(tag(call_of_blocks(blocks(1, 2 * ERA))), valid.provides);
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
		(Error::NotInOffice, InvalidTransaction::BadSigner),
		(Error::InFuture, InvalidTransaction::Future),
		(Error::TooOld, InvalidTransaction::Stale),
		(Error::AlreadyReported, InvalidTransaction::Stale),
	] {
		assert_eq!(refused(error), Err(reason.into()));
	}
}
