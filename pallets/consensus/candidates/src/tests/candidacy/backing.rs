//! Backing of holders.

use crate::{mock::*, *};
use frame_election_provider_support::SortedListProvider;
use frame_support::{assert_noop, assert_ok};

type E = Error<Test>;

fn backer(account: AccountId) -> (Vec<(AccountId, u128)>, Vec<(u32, u128)>) {
	let backer = Backers::<Test>::get(account).unwrap_or_default();
	(backer.backing.into_inner(), backer.unlocking.into_inner())
}

#[test]
fn backing_is_held_and_counts_for_its_candidate() {
	run(|| {
		let total = TotalBacking::<Test>::get();
		let listed = List::get_score(&1).expect("is in");
		assert_ok!(Nodes::back(origin(50), 1, 300));
		assert_ok!(Nodes::back(origin(50), 1, 5));
		assert_ok!(Nodes::back(origin(50), 2, 40));
		assert_eq!(backer(50), (vec![(1, 305), (2, 40)], vec![]));
		assert_eq!(free(50), RICH - 345);
		assert_eq!(BackingOn::<Test>::get(1), 405);
		assert_eq!(TotalBacking::<Test>::get(), total + 345);
		assert!(List::get_score(&1).expect("is in") > listed);
		assert_eq!(
			events().last(),
			Some(&Event::Backed {
				backer: 50,
				candidate: 2,
				amount: 40
			})
		);
	});
}

#[test]
fn backing_that_breaks_a_rule_is_refused() {
	run(|| {
		assert_noop!(Nodes::back(origin(50), 60, 100), E::NotCandidate);
		assert_noop!(Nodes::back(origin(50), 1, 0), E::ZeroAmount);
		assert_noop!(Nodes::back(origin(50), 1, 9), E::BackingTooLow);
		assert_noop!(
			Nodes::back(origin(50), 1, RICH),
			sp_runtime::TokenError::FundsUnavailable
		);
		for candidate in 1..=4 {
			assert_ok!(Nodes::back(origin(50), candidate, 10));
		}
		assert_noop!(Nodes::back(origin(50), 5, 10), E::TooManyBacked);
		assert_ok!(Nodes::leave(origin(9)));
		assert_noop!(Nodes::back(origin(51), 9, 10), E::NotStanding);
	});
}

#[test]
fn the_same_stci_is_never_bond_and_backing_nor_backs_two() {
	run(|| {
		assert_ok!(Nodes::register(origin(50), RICH - 100));
		assert_noop!(
			Nodes::back(origin(50), 1, 100),
			sp_runtime::TokenError::FundsUnavailable
		);
		assert_ok!(Nodes::back(origin(50), 1, 60));
		assert_noop!(Nodes::back(origin(50), 2, 60), sp_runtime::TokenError::FundsUnavailable);
	});
}

#[test]
fn what_is_taken_back_counts_no_more_and_stays_locked_for_the_backing_eras() {
	run(|| {
		era(2);
		assert_ok!(Nodes::back(origin(50), 1, 300));
		let total = TotalBacking::<Test>::get();
		assert_ok!(Nodes::unback(origin(50), 1, 100));
		assert_eq!(TotalBacking::<Test>::get(), total - 100);
		assert_eq!(BackingOn::<Test>::get(1), 300);
		let due = 2 + BACKING;
		assert_eq!(
			events().last(),
			Some(&Event::Unbacked {
				backer: 50,
				candidate: 1,
				amount: 100,
				due
			})
		);
		// One chunk an era.
		assert_ok!(Nodes::unback(origin(50), 1, 20));
		assert_eq!(backer(50), (vec![(1, 180)], vec![(due, 120)]));
		assert_noop!(Nodes::unlock(origin(50)), E::NothingDue);
		era(due - 1);
		assert_noop!(Nodes::unlock(origin(50)), E::NothingDue);
		assert_ok!(Nodes::unback(origin(50), 1, 180));
		era(due);
		assert_ok!(Nodes::unlock(origin(50)));
		assert_eq!(
			events().last(),
			Some(&Event::Unlocked {
				backer: 50,
				amount: 120
			})
		);
		assert_eq!(free(50), RICH - 180);
		era(due + BACKING);
		assert_ok!(Nodes::unlock(origin(50)));
		assert!(!Backers::<Test>::contains_key(50));
		assert_eq!(free(50), RICH);
		assert_noop!(Nodes::unlock(origin(50)), E::NothingDue);
	});
}

#[test]
fn more_than_is_locked_or_dust_is_not_taken_back() {
	run(|| {
		assert_ok!(Nodes::back(origin(50), 1, 30));
		assert_noop!(Nodes::unback(origin(50), 1, 0), E::ZeroAmount);
		assert_noop!(Nodes::unback(origin(50), 1, 31), E::NotEnoughBacking);
		assert_noop!(Nodes::unback(origin(50), 2, 1), E::NotEnoughBacking);
		assert_noop!(Nodes::unback(origin(51), 1, 1), E::NotEnoughBacking);
		assert_noop!(Nodes::unback(origin(50), 1, 21), E::BackingTooLow);
		assert_ok!(Nodes::unback(origin(50), 1, 20));
		assert_ok!(Nodes::unback(origin(50), 1, 10));
		assert_eq!(backer(50).0, vec![]);
	});
}

#[test]
fn chunks_are_bounded_and_room_comes_back_when_they_are_due() {
	run(|| {
		assert_ok!(Nodes::back(origin(50), 1, 100));
		for start in 1..=4 {
			era(start);
			assert_ok!(Nodes::unback(origin(50), 1, 10));
		}
		era(5);
		assert_noop!(Nodes::unback(origin(50), 1, 10), E::TooManyChunks);
		era(2 + BACKING);
		assert_ok!(Nodes::unlock(origin(50)));
		assert_eq!(events().last(), Some(&Event::Unlocked { backer: 50, amount: 20 }));
		assert_ok!(Nodes::unback(origin(50), 1, 10));
	});
}

#[test]
fn backing_of_one_that_is_gone_counts_for_nobody_and_can_be_taken_back() {
	run(|| {
		assert_ok!(Nodes::leave(origin(10)));
		let total = TotalBacking::<Test>::get();
		assert_ok!(Nodes::unback(origin(110), 10, 400));
		check();
		next_era();
		era(UNBONDING + 1);
		assert_ok!(Nodes::withdraw_bond(origin(10)));
		assert_ok!(Nodes::unback(origin(110), 10, 600));
		assert_eq!(TotalBacking::<Test>::get(), total);
		assert!(!BackingOn::<Test>::contains_key(10));
		era(UNBONDING + 1 + BACKING);
		assert_ok!(Nodes::unlock(origin(110)));
		assert_eq!(free(110), RICH);
	});
}

#[test]
fn backing_counts_in_scores_from_a_least_total_on() {
	run(|| {
		let parameters = ParameterValues {
			min_total_backing: 5_501,
			..parameters()
		};
		assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), parameters));
		// 5,500 are locked.
		assert_eq!((Nodes::counted_total_backing(), Nodes::counted_backing(&10)), (0, 0));
		assert_eq!(Nodes::score_of(&10), 0);
		assert_ok!(Nodes::back(origin(50), 1, 10));
		assert_eq!(
			(Nodes::counted_total_backing(), Nodes::counted_backing(&10)),
			(5_510, 1_000)
		);
		assert!(Nodes::score_of(&10) > Nodes::score_of(&9));
		assert_ok!(Nodes::unback(origin(50), 1, 10));
		assert_eq!(Nodes::score_of(&10), 0);
	});
}

#[test]
fn the_first_stci_locked_decides_no_election() {
	run(|| {
		let parameters = ParameterValues {
			min_total_backing: 6_000,
			..parameters()
		};
		assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), parameters));
		next_era();
		assert_eq!(elected(), [1, 2, 3, 4, 5, 6, 7], "all of them are equal");
		assert_ok!(Nodes::back(origin(50), 8, 500));
		next_era();
		assert_eq!(elected(), [3, 4, 5, 6, 7, 8, 10]);
	});
}
