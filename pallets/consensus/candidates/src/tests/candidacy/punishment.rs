//! Equivocation.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use pallet_traits::{OffenceKind, Seats};

#[test]
fn two_blocks_cost_a_tenth_of_the_bond_at_first_and_the_seat_and_the_candidacy() {
	run(|| {
		offend(2, OffenceKind::Block, 0);
		assert_eq!(free(TREASURY), 100);
		assert_eq!(Offices::directors()[1], 9);
		let candidate = crate::Candidates::<Test>::get(2).expect("its bond is held");
		assert_eq!((candidate.bond, candidate.stands()), (900, false));
		assert_eq!(
			events(),
			vec![Event::Punished {
				candidate: 2,
				kind: OffenceKind::Block,
				era: 0,
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
fn two_votes_cost_all_of_the_bond_at_once() {
	run(|| {
		offend(2, OffenceKind::Vote, 0);
		assert_eq!(free(TREASURY), BOND);
		assert_eq!(crate::Candidates::<Test>::get(2).expect("is kept").bond, 0);
		assert_eq!(
			events(),
			vec![Event::Punished {
				candidate: 2,
				kind: OffenceKind::Vote,
				era: 0,
				slashed: BOND,
				barred_until: 20
			}]
		);
	});
}

#[test]
fn the_second_offence_costs_all_of_it_also_after_registering_anew() {
	run(|| {
		offend(2, OffenceKind::Block, 0);
		era(UNBONDING);
		assert_ok!(Nodes::withdraw_bond(origin(2)));
		assert_ok!(Nodes::register(origin(2), 5 * BOND));
		offend(2, OffenceKind::Block, UNBONDING);
		assert_eq!(free(TREASURY), 100 + 5 * BOND);
		era(2 * UNBONDING);
		assert_ok!(Nodes::withdraw_bond(origin(2)));
		assert_eq!(free(2), RICH - 100 - 5 * BOND);
	});
}

#[test]
fn each_offence_that_is_told_is_punished_whatever_the_order_of_eras() {
	run(|| {
		era(5);
		// Reporting the latest first buries none of those before it.
		offend(2, OffenceKind::Block, 5);
		assert_eq!(free(TREASURY), 100);
		offend(2, OffenceKind::Block, 3);
		assert_eq!(free(TREASURY), 1_000);
		assert_eq!(Sanctions::<Test>::get(2).expect("known").offences, 2);
		offend(3, OffenceKind::Block, 5);
		offend(3, OffenceKind::Vote, 5);
		assert_eq!(free(TREASURY), 2_000);
	});
}

#[test]
fn a_bond_that_is_unbonding_can_be_slashed() {
	run(|| {
		assert_ok!(Nodes::leave(origin(10)));
		offend(10, OffenceKind::Block, 0);
		assert_eq!(free(TREASURY), 100);
		assert_eq!(crate::Candidates::<Test>::get(10).expect("its bond is held").bond, 900);
	});
}

#[test]
fn an_account_that_is_no_candidate_is_barred_all_the_same() {
	run(|| {
		offend(50, OffenceKind::Block, 0);
		assert_noop!(Nodes::register(origin(50), BOND), Error::<Test>::Barred);
		era(20);
		assert_ok!(Nodes::register(origin(50), BOND));
		assert_eq!(Sanctions::<Test>::get(50).expect("known").offences, 1);
	});
}

#[test]
fn a_standby_signer_that_equivocates_stands_by_no_more() {
	run(|| {
		offend(9, OffenceKind::Block, 0);
		assert_eq!(Offices::standbys()[..3], [Some(10), None, Some(8)]);
		miss(2);
		assert_eq!(Offices::directors()[1], 8);
	});
}

#[test]
fn one_that_was_elected_and_equivocates_before_its_era_takes_no_seat() {
	run(|| {
		next_era();
		assert_eq!(elected(), [3, 4, 5, 6, 7, 9, 10]);
		offend(10, OffenceKind::Block, 1);
		// The best standby that was elected sits in for it.
		assert_eq!(next_era(), [3, 4, 5, 6, 7, 8, 9]);
	});
}

#[test]
fn backers_lose_nothing() {
	run(|| {
		offend(10, OffenceKind::Vote, 0);
		assert_ok!(Nodes::unback(origin(110), 10, 1_000));
		era(BACKING);
		assert_ok!(Nodes::unlock(origin(110)));
		assert_eq!(free(110), RICH);
	});
}
