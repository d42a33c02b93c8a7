//! What directors decide by motion.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use pallet_traits::{MotionVoters, Seats};
use sp_runtime::DispatchError;

type E = Error<Test>;

fn is_admitted(account: AccountId) -> bool {
	crate::Candidates::<Test>::get(account).is_some_and(|candidate| candidate.admitted)
}

/// Eliminates one in era 0, which is told.
fn eliminate(candidate: AccountId) {
	assert_ok!(Nodes::eliminate(origin(MOTIONS), candidate));
	let barred_until = 20;
	assert_eq!(
		events().last(),
		Some(&Event::Eliminated {
			candidate,
			barred_until
		})
	);
}

fn members() -> Vec<AccountId> {
	<Nodes as MotionVoters<AccountId>>::members()
}

#[test]
fn two_thirds_are_rounded_up() {
	for (count, needed) in [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (7, 5), (21, 14), (99, 66)] {
		assert_eq!(two_thirds(count), needed, "of {count}");
	}
}

#[test]
fn directors_admit_candidates() {
	run(|| {
		assert_ok!(Nodes::register(origin(20), BOND));
		assert_ok!(Nodes::admit(origin(MOTIONS), 20));
		assert!(is_admitted(20));
		assert_eq!(events().last(), Some(&Event::Admitted { candidate: 20 }));
		assert_noop!(Nodes::admit(origin(MOTIONS), 20), E::AlreadyAdmitted);
		assert_noop!(Nodes::admit(origin(MOTIONS), 21), E::NotCandidate);
		assert_ok!(Nodes::leave(origin(20)));
		assert_noop!(Nodes::admit(origin(MOTIONS), 20), E::NotStanding);
	});
}

#[test]
fn nobody_but_the_directors_together_admits_or_eliminates() {
	run(|| {
		assert_ok!(Nodes::register(origin(20), BOND));
		for who in [origin(1), origin(20), RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(Nodes::admit(who.clone(), 20), DispatchError::BadOrigin);
			assert_noop!(Nodes::eliminate(who, 1), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn the_directors_that_stand_have_a_say() {
	run(|| {
		assert_eq!(members(), [1, 2, 3, 4, 5, 6, 7]);
		for account in 4..=10 {
			assert_ok!(Nodes::leave(origin(account)));
		}
		assert_eq!(directors().len(), 7);
		assert_eq!(members(), [1, 2, 3], "one that has left has none");
		// Nor has one that was barred and fills up.
		assert_ok!(Nodes::eliminate(origin(MOTIONS), 3));
		assert!(directors().contains(&3));
		assert_eq!(members(), [1, 2]);
	});
}

#[test]
fn elimination_removes_and_bars_and_a_standby_takes_the_seat() {
	run(|| {
		let standby = Offices::standbys()[2].expect("there is one");
		eliminate(3);
		assert!(!directors().contains(&3));
		assert_eq!(Offices::directors()[2], standby);
		assert_eq!(Nodes::cluster_of(&standby), Cluster::Director);
		let candidate = crate::Candidates::<Test>::get(3).expect("its bond is held");
		assert_eq!((candidate.admitted, candidate.withdrawable), (false, Some(UNBONDING)));
		check();
		assert_noop!(Nodes::eliminate(origin(MOTIONS), 77), E::NotCandidate);
		// It keeps the seat in the next era.
		assert!(next_era().contains(&standby));
	});
}

/// Leaving when the motion is about to carry, and resuming after it, is no way around it.
#[test]
fn one_that_has_left_is_eliminated_all_the_same() {
	run(|| {
		let standby = Offices::standbys()[2].expect("there is one");
		assert_ok!(Nodes::leave(origin(3)));
		assert!(directors().contains(&3));
		eliminate(3);
		assert_eq!(Offices::directors()[2], standby);
		check();
		assert_noop!(Nodes::resume(origin(3)), E::Barred);
		// A second time, it is barred for longer and nothing else.
		era(5);
		assert_ok!(Nodes::eliminate(origin(MOTIONS), 3));
		assert_eq!(Sanctions::<Test>::get(3).expect("known").barred_until, 25);
		let candidate = crate::Candidates::<Test>::get(3).expect("its bond is held");
		assert_eq!(candidate.withdrawable, Some(UNBONDING));
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
		assert_ok!(Nodes::eliminate(origin(MOTIONS), 9));
		era(UNBONDING);
		assert_ok!(Nodes::withdraw_bond(origin(9)));
		era(UNBONDING + 1);
		assert_noop!(Nodes::register(origin(9), BOND), E::Barred);
		era(UNBONDING + 2);
		assert_ok!(Nodes::register(origin(9), BOND));
		assert!(!Sanctions::<Test>::contains_key(9));
	});
}
