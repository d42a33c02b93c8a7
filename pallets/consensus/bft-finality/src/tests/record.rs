//! Votes on record.

use crate::{mock::*, *};
use bft_finality_primitives::{BlockRef, Phase, SignedVote, Vote, VoterPair, VoterSignature};
use frame_support::{
	assert_noop, assert_ok,
	pallet_prelude::{Authorize, TransactionSource, ValidTransaction},
	BoundedVec,
};
use frame_system::RawOrigin;
use pallet_traits::SeatVoters;
use sp_core::Pair;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError, UnknownTransaction};

fn pair(voter: u16) -> VoterPair {
	VoterPair::from_seed(&[voter as u8 + 1; 32])
}

/// Runs `test` after so many blocks of a chain of four voters that have real keys.
fn run(blocks: u32, test: impl FnOnce()) {
	with_voters(4, || {
		let keys = (0..4).map(|voter| pair(voter).public()).collect();
		Voters::<Test>::put(BoundedVec::<_, _>::truncate_from(keys));
		(0..blocks).for_each(|_| execute(ancestor(0)));
		test();
	});
}

/// A voter's Commit for a block of this chain.
fn commit(number: u32) -> Vote {
	Vote {
		set_id: CurrentSetId::<Test>::get(),
		phase: Phase::Commit,
		relaxed: false,
		target: BlockRef {
			slot: u64::from(number),
			number,
			hash: hash(number),
		},
		end: None,
	}
}

fn signed(voter: u16, vote: Vote) -> SignedVote {
	let signature = pair(voter).sign(&vote.payload(&hash(0)));
	SignedVote { vote, voter, signature }
}

/// What the pool makes of it.
fn authorize(vote: SignedVote) -> Result<ValidTransaction, TransactionValidityError> {
	let call = RuntimeCall::BftFinality(Call::record_vote { vote });
	let answer = call
		.authorize(TransactionSource::External)
		.expect("is authorized by itself");
	answer.map(|(valid, _)| valid)
}

fn record(vote: SignedVote) -> frame_support::dispatch::DispatchResult {
	BftFinality::record_vote(RawOrigin::Authorized.into(), vote)
}

#[test]
fn a_vote_goes_on_record_once_in_a_period() {
	run(6, || {
		System::reset_events();
		let vote = signed(2, commit(5));
		assert!(authorize(vote.clone()).is_ok());
		assert_ok!(record(vote.clone()));
		assert_eq!(Recorder::take_only(Told::vote), [2]);
		assert_eq!(
			System::read_events_for_pallet::<Event<Test>>(),
			[Event::VoteRecorded { voter: 2, period: 1 }]
		);
		// Neither the same nor another one.
		for again in [vote, signed(2, commit(4))] {
			assert!(!BftFinality::would_record(&again));
			assert_noop!(record(again.clone()), Error::<Test>::AlreadyRecorded);
			assert_eq!(authorize(again), Err(InvalidTransaction::Stale.into()));
		}
		assert_ok!(record(signed(0, commit(4))));
		assert_eq!(Recorder::take_only(Told::vote), [0]);

		(6..10).for_each(|_| execute(ancestor(0)));
		assert_ok!(record(signed(2, commit(9))));
		assert_eq!(Recorder::take_only(Told::vote), [2]);
	});
}

/// Of four voters two are more than a third: one of them is honest, and votes only once its set has begun.
#[test]
fn that_more_than_a_third_of_the_set_vote_is_told_once_in_a_period() {
	let told = || {
		Recorder::take_only(|told| match told {
			Told::SetVotes(set_id) => Some(set_id),
			_ => None,
		})
	};
	run(6, || {
		for (voter, expected) in [(3, vec![]), (0, vec![0]), (1, vec![]), (2, vec![])] {
			assert_ok!(record(signed(voter, commit(5))));
			assert_eq!(told(), expected, "with the vote of {voter}");
		}
		(6..10).for_each(|_| execute(ancestor(0)));
		assert_ok!(record(signed(1, commit(9))));
		assert!(told().is_empty());
		assert_ok!(record(signed(2, commit(9))));
		assert_eq!(told(), [0]);
	});
}

#[test]
fn only_a_voters_commit_for_a_block_of_this_chain_and_period_counts() {
	run(6, || {
		let vote = commit(5);
		let stranger = BlockRef {
			hash: hash(4),
			..vote.target
		};
		let block = |number| commit(number).target;
		let cases = [
			(
				Vote {
					phase: Phase::Prevote,
					..vote
				},
				Error::<Test>::NotACommit,
			),
			(
				Vote {
					end: Some(block(4)),
					..vote
				},
				Error::NotACommit,
			),
			(Vote { relaxed: true, ..vote }, Error::NotACommit),
			(Vote { set_id: 1, ..vote }, Error::Ahead),
			(
				Vote {
					target: block(3),
					..vote
				},
				Error::OtherPeriod,
			),
			(
				Vote {
					target: BlockRef { slot: 4, ..vote.target },
					..vote
				},
				Error::OtherSlot,
			),
			// The current block, and one to come: the chain knows neither hash.
			(
				Vote {
					target: block(6),
					..vote
				},
				Error::Ahead,
			),
			(
				Vote {
					target: block(7),
					..vote
				},
				Error::Ahead,
			),
			(
				Vote {
					target: stranger,
					..vote
				},
				Error::UnknownBlock,
			),
		];
		for (vote, error) in cases {
			let vote = signed(1, vote);
			assert!(authorize(vote.clone()).is_err(), "{vote:?}");
			assert_noop!(record(vote), error);
		}
		let beyond = signed(4, vote);
		assert_eq!(authorize(beyond.clone()), Err(InvalidTransaction::BadSigner.into()));
		assert_noop!(record(beyond), Error::<Test>::NotAVoter);
		assert!(Recorder::only(Told::vote).is_empty());
	});
}

#[test]
fn the_signature_must_be_the_voters_and_of_this_chain() {
	run(6, || {
		let true_one = signed(1, commit(5));
		let of_another = SignedVote {
			signature: signed(2, commit(5)).signature,
			..true_one.clone()
		};
		let of_another_chain = SignedVote {
			signature: pair(1).sign(&commit(5).payload(&hash(1))),
			..true_one.clone()
		};
		let of_another_block = SignedVote {
			signature: signed(1, commit(4)).signature,
			..true_one.clone()
		};
		let none = SignedVote {
			signature: VoterSignature::from(sp_core::ed25519::Signature::default()),
			..true_one.clone()
		};
		for false_one in [of_another, of_another_chain, of_another_block, none] {
			assert_eq!(authorize(false_one), Err(InvalidTransaction::BadProof.into()));
		}
		assert!(authorize(true_one).is_ok());
	});
}

/// A false record is no way around evidence: a voter that has committed to another block in the same slot contradicts
/// itself.
#[test]
fn a_vote_on_record_contradicts_every_other_of_its_slot() {
	run(6, || {
		let shown = signed(1, commit(5));
		assert_ok!(record(shown.clone()));
		let fork = BlockRef {
			hash: hash(99),
			..shown.vote.target
		};
		let cast = |signed: SignedVote| bft_finality_primitives::Cast {
			vote: signed.vote,
			signature: signed.signature,
		};
		let proof = bft_finality_primitives::VoteEquivocation {
			voter: pair(1).public(),
			first: cast(shown.clone()),
			second: cast(signed(
				1,
				Vote {
					target: fork,
					..shown.vote
				},
			)),
		};
		assert_eq!(proof.verify(&hash(0)), Ok(()));
	});
}

/// Nodes that are a block behind, or on another fork, must not ban what they will know in a moment.
#[test]
fn what_a_later_block_may_tell_is_not_refused_for_good() {
	run(6, || {
		let vote = commit(5);
		let elsewhere = BlockRef {
			hash: hash(99),
			..vote.target
		};
		let unknown = Err(UnknownTransaction::Custom(AHEAD).into());
		for ahead in [
			Vote { set_id: 1, ..vote },
			Vote {
				target: commit(6).target,
				..vote
			},
			Vote {
				target: commit(8).target,
				..vote
			},
			Vote {
				target: elsewhere,
				..vote
			},
		] {
			assert_eq!(authorize(signed(1, ahead)), unknown, "{ahead:?}");
		}
		execute(ancestor(0));
		// Block 7 knows block 6.
		assert!(authorize(signed(1, commit(6))).is_ok());
		assert_eq!(authorize(signed(1, commit(3))), Err(InvalidTransaction::Stale.into()));
	});
}

#[test]
fn nobody_puts_votes_on_record_unauthorized() {
	run(6, || {
		let vote = signed(1, commit(5));
		for origin in [RawOrigin::Signed(1), RawOrigin::Root, RawOrigin::None] {
			assert_noop!(
				BftFinality::record_vote(origin.into(), vote.clone()),
				sp_runtime::DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn the_pool_keeps_one_of_each_voter_in_a_period_and_no_longer_than_that() {
	run(5, || {
		let tags = |vote| authorize(vote).expect("is valid").provides;
		assert_eq!(tags(signed(1, commit(4))), tags(signed(1, commit(4))));
		assert_ne!(tags(signed(1, commit(4))), tags(signed(2, commit(4))));
		assert_eq!(authorize(signed(1, commit(4))).map(|valid| valid.longevity), Ok(3));
		let before = tags(signed(1, commit(4)));
		(5..9).for_each(|_| execute(ancestor(0)));
		assert_ne!(tags(signed(1, commit(8))), before, "another period is another vote");
	});
}

#[test]
fn a_node_is_told_what_the_next_block_would_record() {
	run(6, || {
		// Block 7 would know of block 6, but this state does not.
		assert!(BftFinality::would_record(&signed(1, commit(5))));
		assert!(!BftFinality::would_record(&signed(1, commit(6))));
		execute(ancestor(0));
		// The next block begins a period.
		assert!(!BftFinality::would_record(&signed(1, commit(6))));
	});
}

#[test]
fn a_new_set_begins_a_new_record() {
	run(5, || {
		assert_ok!(record(signed(3, commit(4))));
		BftFinality::seat_voters(&[3, 9]);
		execute(ancestor(0));
		BftFinality::do_try_state().expect("invariants hold with a record of the last set");
		Recorder::take();
		let of_old_set = Vote { set_id: 0, ..commit(5) };
		assert_noop!(record(signed(3, of_old_set)), Error::<Test>::OtherSet);
		assert_noop!(record(signed(2, commit(5))), Error::<Test>::NotAVoter);
		// Account 3 is voter 0 now.
		let first = SignedVote {
			voter: 0,
			..signed(0, commit(5))
		};
		assert_ok!(record(first));
		assert_eq!(Recorder::take_only(Told::vote), [3]);
	});
}
