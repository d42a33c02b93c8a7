//! What directors vote on.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use pallet_traits::Seats;

type E = Error<Test>;

fn is_admitted(account: AccountId) -> bool {
	crate::Candidates::<Test>::get(account).is_some_and(|candidate| candidate.admitted)
}

#[test]
fn two_thirds_are_rounded_up() {
	for (count, needed) in [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (7, 5), (21, 14), (99, 66)] {
		assert_eq!(two_thirds(count), needed, "of {count}");
	}
}

#[test]
fn two_thirds_of_the_directors_admit() {
	run(|| {
		assert_ok!(Nodes::register(origin(20), BOND));
		for director in 1..=4 {
			assert_ok!(Nodes::admit(origin(director), 20));
			assert!(!is_admitted(20));
			check();
		}
		assert_ok!(Nodes::admit(origin(5), 20));
		assert!(is_admitted(20));
		assert_eq!(
			events().into_iter().rev().take(2).collect::<Vec<_>>(),
			vec![
				Event::Admitted { candidate: 20 },
				Event::MotionVoted {
					motion: Motion::Admission,
					candidate: 20,
					director: 5,
					ayes: 5,
					needed: 5
				}
			]
		);
		assert!(Ballots::<Test>::get().is_empty());
		assert_noop!(Nodes::admit(origin(6), 20), E::AlreadyAdmitted);
	});
}

#[test]
fn only_directors_vote_each_once_and_on_candidates() {
	run(|| {
		assert_ok!(Nodes::register(origin(20), BOND));
		assert_noop!(Nodes::admit(origin(8), 20), E::NotDirector);
		assert_noop!(Nodes::eliminate(origin(20), 1), E::NotDirector);
		assert_noop!(Nodes::admit(origin(1), 21), E::NotCandidate);
		assert_ok!(Nodes::admit(origin(1), 20));
		assert_noop!(Nodes::admit(origin(1), 20), E::AlreadyVoted);
		assert_ok!(Nodes::leave(origin(20)));
		assert_noop!(Nodes::admit(origin(2), 20), E::NotStanding);
	});
}

#[test]
fn votes_of_those_that_are_no_directors_any_more_do_not_count() {
	run(|| {
		assert_ok!(Nodes::register(origin(20), BOND));
		for director in 1..=4 {
			assert_ok!(Nodes::admit(origin(director), 20));
		}
		StandbySigners::<Test>::kill();
		Offices::put(&[3, 4, 5, 6, 7, 8, 9]);
		assert_ok!(Nodes::admit(origin(5), 20));
		assert!(!is_admitted(20), "three of seven");
		assert_ok!(Nodes::admit(origin(8), 20));
		assert_ok!(Nodes::admit(origin(9), 20));
		assert!(is_admitted(20));
	});
}

#[test]
fn a_repeated_vote_decides_where_there_are_fewer_directors_now() {
	run(|| {
		assert_ok!(Nodes::register(origin(20), BOND));
		for director in 1..=4 {
			assert_ok!(Nodes::admit(origin(director), 20));
		}
		StandbySigners::<Test>::kill();
		Offices::put(&[1, 2, 3, 4, 5, 6]);
		assert_ok!(Nodes::admit(origin(1), 20));
		assert!(is_admitted(20));
	});
}

#[test]
fn votes_lapse() {
	run(|| {
		assert_ok!(Nodes::register(origin(20), BOND));
		for director in 1..=4 {
			assert_ok!(Nodes::admit(origin(director), 20));
		}
		// Of the old directors, 4 to 7 are directors still.
		era(9);
		assert_noop!(Nodes::admit(origin(4), 20), E::AlreadyVoted);
		era(10);
		assert_ok!(Nodes::admit(origin(5), 20));
		assert_eq!(BallotVotes::<Test>::get(Motion::Admission, 20).into_inner(), vec![5]);
	});
}

#[test]
fn ballots_are_bounded_for_each_and_for_all_directors() {
	run(|| {
		for candidate in 20..=29 {
			assert_ok!(Nodes::register(origin(candidate), BOND));
		}
		for (director, candidate) in [(1, 20), (1, 21), (2, 22), (2, 23), (3, 24), (3, 25)] {
			assert_ok!(Nodes::admit(origin(director), candidate));
			if director == 1 && candidate == 21 {
				assert_noop!(Nodes::admit(origin(1), 26), E::TooManyBallots);
			}
		}
		assert_noop!(Nodes::admit(origin(4), 26), E::TooManyBallots);
		// One that is open can be joined.
		assert_ok!(Nodes::admit(origin(4), 20));
		// Those that lapsed make room.
		era(10);
		assert_ok!(Nodes::admit(origin(4), 26));
		assert_eq!(Ballots::<Test>::get().len(), 1);
		assert_eq!(BallotVotes::<Test>::iter().count(), 1);
	});
}

#[test]
fn two_thirds_remove_and_bar_and_a_standby_takes_the_seat() {
	run(|| {
		let standby = StandbySigners::<Test>::get()[2].expect("there is one");
		for director in [1, 2, 4, 5] {
			assert_ok!(Nodes::eliminate(origin(director), 3));
		}
		assert!(directors().contains(&3));
		assert_ok!(Nodes::eliminate(origin(3), 3));
		assert_eq!(
			events().last(),
			Some(&Event::Eliminated {
				candidate: 3,
				barred_until: 20
			})
		);
		assert!(!directors().contains(&3));
		assert_eq!(Offices::directors()[2], standby);
		assert_eq!(Nodes::cluster_of(&standby), Cluster::Director);
		let candidate = crate::Candidates::<Test>::get(3).expect("its bond is held");
		assert_eq!((candidate.admitted, candidate.withdrawable), (false, Some(UNBONDING)));
		check();
		assert_noop!(Nodes::eliminate(origin(1), 3), E::NotStanding);
	});
}

#[test]
fn the_barred_register_only_when_the_bar_is_over() {
	run(|| {
		let parameters = ParameterValues {
			bar_eras: UNBONDING + 2,
			..parameters()
		};
		assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), parameters));
		for director in 1..=5 {
			assert_ok!(Nodes::eliminate(origin(director), 9));
		}
		era(UNBONDING);
		assert_ok!(Nodes::withdraw_bond(origin(9)));
		era(UNBONDING + 1);
		assert_noop!(Nodes::register(origin(9), BOND), E::Barred);
		era(UNBONDING + 2);
		assert_ok!(Nodes::register(origin(9), BOND));
		assert!(!Sanctions::<Test>::contains_key(9));
	});
}

#[test]
fn who_is_removed_takes_its_ballots_with_it() {
	run(|| {
		assert_ok!(Nodes::register(origin(20), BOND));
		assert_ok!(Nodes::admit(origin(1), 20));
		assert_ok!(Nodes::eliminate(origin(1), 20));
		assert_ok!(Nodes::leave(origin(20)));
		assert!(Ballots::<Test>::get().is_empty());
		assert_eq!(BallotVotes::<Test>::iter().count(), 0);
	});
}
