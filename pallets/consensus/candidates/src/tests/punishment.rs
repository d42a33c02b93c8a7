//! Equivocation.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use pallet_traits::{Punish, Seats};

fn offend(who: AccountId, era: u32) {
	<Nodes as Punish<AccountId>>::offended(&who, era);
	check();
}

#[test]
fn the_first_equivocation_costs_a_tenth_of_the_bond_the_seat_and_the_candidacy() {
	run(|| {
		offend(2, 0);
		assert_eq!(free(TREASURY), 100);
		assert_eq!(Offices::directors()[1], 9);
		let candidate = crate::Candidates::<Test>::get(2).expect("its bond is held");
		assert_eq!((candidate.bond, candidate.stands()), (900, false));
		assert_eq!(
			events(),
			vec![Event::Punished {
				candidate: 2,
				slashed: 100,
				barred_until: 20
			}]
		);
		assert!(!next_era().contains(&2));
		era(UNBONDING);
		assert_ok!(Nodes::withdraw_bond(origin(2)));
		assert_eq!(free(2), RICH - 100);
	});
}

#[test]
fn the_second_costs_all_of_it_also_after_registering_anew() {
	run(|| {
		offend(2, 0);
		era(UNBONDING);
		assert_ok!(Nodes::withdraw_bond(origin(2)));
		assert_ok!(Nodes::register(origin(2), 5 * BOND));
		offend(2, UNBONDING);
		assert_eq!(free(TREASURY), 100 + 5 * BOND);
		era(2 * UNBONDING);
		assert_ok!(Nodes::withdraw_bond(origin(2)));
		assert_eq!(free(2), RICH - 100 - 5 * BOND);
	});
}

#[test]
fn what_happened_up_to_an_era_is_punished_once() {
	run(|| {
		era(5);
		offend(2, 4);
		offend(2, 4);
		offend(2, 3);
		assert_eq!(free(TREASURY), 100);
		assert_eq!(Sanctions::<Test>::get(2).expect("known").offences, 1);
		offend(2, 5);
		assert_eq!(free(TREASURY), 1_000);
	});
}

#[test]
fn a_bond_that_is_unbonding_can_be_slashed() {
	run(|| {
		assert_ok!(Nodes::leave(origin(10)));
		offend(10, 0);
		assert_eq!(free(TREASURY), 100);
		assert_eq!(crate::Candidates::<Test>::get(10).expect("its bond is held").bond, 900);
	});
}

#[test]
fn who_is_no_candidate_is_barred_all_the_same() {
	run(|| {
		offend(50, 0);
		assert_noop!(Nodes::register(origin(50), BOND), Error::<Test>::Barred);
		era(20);
		assert_ok!(Nodes::register(origin(50), BOND));
		assert_eq!(Sanctions::<Test>::get(50).expect("known").offences, 1);
	});
}

#[test]
fn a_standby_signer_that_equivocates_stands_by_no_more() {
	run(|| {
		offend(9, 0);
		assert_eq!(StandbySigners::<Test>::get().into_inner(), [Some(10), None, Some(8)]);
		miss(2);
		assert_eq!(Offices::directors()[1], 8);
	});
}

#[test]
fn a_standby_signer_that_equivocates_authors_no_more() {
	run(|| {
		next_era();
		let standby = StandbySigners::<Test>::get()[0].expect("there is one");
		assert!(Offices::standbys().contains(&standby));
		offend(standby, 1);
		assert!(!Offices::standbys().contains(&standby));
	});
}

#[test]
fn voters_lose_nothing() {
	run(|| {
		offend(10, 0);
		assert_ok!(Nodes::unvote(origin(110), 10, 1_000));
		era(UNBONDING);
		assert_ok!(Nodes::unlock(origin(110)));
		assert_eq!(free(110), RICH);
	});
}
