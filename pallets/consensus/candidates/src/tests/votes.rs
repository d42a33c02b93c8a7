//! Votes of holders.

use crate::{mock::*, *};
use frame_election_provider_support::SortedListProvider;
use frame_support::{assert_noop, assert_ok};

type E = Error<Test>;

fn voter(account: AccountId) -> (Vec<(AccountId, u128)>, Vec<(u32, u128)>) {
	let voter = Voters::<Test>::get(account).unwrap_or_default();
	(voter.votes.into_inner(), voter.unlocking.into_inner())
}

#[test]
fn votes_are_held_and_count_for_their_candidate() {
	run(|| {
		let total = TotalVotes::<Test>::get();
		let listed = List::get_score(&1).expect("is in");
		assert_ok!(Nodes::vote(origin(50), 1, 300));
		assert_ok!(Nodes::vote(origin(50), 1, 5));
		assert_ok!(Nodes::vote(origin(50), 2, 40));
		assert_eq!(voter(50), (vec![(1, 305), (2, 40)], vec![]));
		assert_eq!(free(50), RICH - 345);
		assert_eq!(VotesOn::<Test>::get(1), 405);
		assert_eq!(TotalVotes::<Test>::get(), total + 345);
		assert!(List::get_score(&1).expect("is in") > listed);
		assert_eq!(
			events().last(),
			Some(&Event::Voted {
				voter: 50,
				candidate: 2,
				amount: 40
			})
		);
	});
}

#[test]
fn votes_that_break_a_rule_are_refused() {
	run(|| {
		assert_noop!(Nodes::vote(origin(50), 60, 100), E::NotCandidate);
		assert_noop!(Nodes::vote(origin(50), 1, 0), E::ZeroAmount);
		assert_noop!(Nodes::vote(origin(50), 1, 9), E::VoteTooLow);
		assert_noop!(
			Nodes::vote(origin(50), 1, RICH),
			sp_runtime::TokenError::FundsUnavailable
		);
		for candidate in 1..=4 {
			assert_ok!(Nodes::vote(origin(50), candidate, 10));
		}
		assert_noop!(Nodes::vote(origin(50), 5, 10), E::TooManyVotes);
		assert_ok!(Nodes::leave(origin(9)));
		assert_noop!(Nodes::vote(origin(51), 9, 10), E::NotStanding);
	});
}

#[test]
fn the_same_stci_is_never_bond_and_vote_nor_two_votes() {
	run(|| {
		assert_ok!(Nodes::register(origin(50), RICH - 100));
		assert_noop!(
			Nodes::vote(origin(50), 1, 100),
			sp_runtime::TokenError::FundsUnavailable
		);
		assert_ok!(Nodes::vote(origin(50), 1, 60));
		assert_noop!(Nodes::vote(origin(50), 2, 60), sp_runtime::TokenError::FundsUnavailable);
	});
}

#[test]
fn what_is_taken_back_counts_no_more_and_stays_locked_for_the_unbonding_eras() {
	run(|| {
		era(2);
		assert_ok!(Nodes::vote(origin(50), 1, 300));
		let total = TotalVotes::<Test>::get();
		assert_ok!(Nodes::unvote(origin(50), 1, 100));
		assert_eq!(TotalVotes::<Test>::get(), total - 100);
		assert_eq!(VotesOn::<Test>::get(1), 300);
		let due = 2 + UNBONDING;
		assert_eq!(
			events().last(),
			Some(&Event::Unvoted {
				voter: 50,
				candidate: 1,
				amount: 100,
				due
			})
		);
		// One chunk an era.
		assert_ok!(Nodes::unvote(origin(50), 1, 20));
		assert_eq!(voter(50), (vec![(1, 180)], vec![(due, 120)]));
		assert_noop!(Nodes::unlock(origin(50)), E::NothingDue);
		era(due - 1);
		assert_noop!(Nodes::unlock(origin(50)), E::NothingDue);
		assert_ok!(Nodes::unvote(origin(50), 1, 180));
		era(due);
		assert_ok!(Nodes::unlock(origin(50)));
		assert_eq!(events().last(), Some(&Event::Unlocked { voter: 50, amount: 120 }));
		assert_eq!(free(50), RICH - 180);
		era(due + UNBONDING);
		assert_ok!(Nodes::unlock(origin(50)));
		assert!(!Voters::<Test>::contains_key(50));
		assert_eq!(free(50), RICH);
		assert_noop!(Nodes::unlock(origin(50)), E::NothingDue);
	});
}

#[test]
fn more_than_is_locked_or_dust_is_not_taken_back() {
	run(|| {
		assert_ok!(Nodes::vote(origin(50), 1, 30));
		assert_noop!(Nodes::unvote(origin(50), 1, 0), E::ZeroAmount);
		assert_noop!(Nodes::unvote(origin(50), 1, 31), E::NotEnoughVotes);
		assert_noop!(Nodes::unvote(origin(50), 2, 1), E::NotEnoughVotes);
		assert_noop!(Nodes::unvote(origin(51), 1, 1), E::NotEnoughVotes);
		assert_noop!(Nodes::unvote(origin(50), 1, 21), E::VoteTooLow);
		assert_ok!(Nodes::unvote(origin(50), 1, 20));
		assert_ok!(Nodes::unvote(origin(50), 1, 10));
		assert_eq!(voter(50).0, vec![]);
	});
}

#[test]
fn chunks_are_bounded_and_room_comes_back_when_they_are_due() {
	run(|| {
		assert_ok!(Nodes::vote(origin(50), 1, 100));
		for start in 1..=4 {
			era(start);
			assert_ok!(Nodes::unvote(origin(50), 1, 10));
		}
		era(5);
		assert_noop!(Nodes::unvote(origin(50), 1, 10), E::TooManyChunks);
		era(2 + UNBONDING);
		assert_ok!(Nodes::unlock(origin(50)));
		assert_eq!(events().last(), Some(&Event::Unlocked { voter: 50, amount: 20 }));
		assert_ok!(Nodes::unvote(origin(50), 1, 10));
	});
}

#[test]
fn votes_on_one_that_is_gone_count_for_nobody_and_can_be_taken_back() {
	run(|| {
		assert_ok!(Nodes::leave(origin(10)));
		let total = TotalVotes::<Test>::get();
		assert_ok!(Nodes::unvote(origin(110), 10, 400));
		check();
		era(UNBONDING);
		assert_ok!(Nodes::withdraw_bond(origin(10)));
		assert_ok!(Nodes::unvote(origin(110), 10, 600));
		assert_eq!(TotalVotes::<Test>::get(), total);
		assert!(!VotesOn::<Test>::contains_key(10));
		era(2 * UNBONDING);
		assert_ok!(Nodes::unlock(origin(110)));
		assert_eq!(free(110), RICH);
	});
}
