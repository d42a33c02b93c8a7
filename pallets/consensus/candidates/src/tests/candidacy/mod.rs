//! Registering, bonds, and leaving.

mod admission;
mod backing;
mod punishment;

use crate::{mock::*, *};
use frame_election_provider_support::SortedListProvider;
use frame_support::{assert_noop, assert_ok};

type E = Error<Test>;

#[test]
fn a_bond_and_keys_make_a_candidate() {
	run(|| {
		assert_ok!(Nodes::register(origin(20), BOND + 5));
		let candidate = crate::Candidates::<Test>::get(20).expect("stands");
		assert_eq!(
			candidate,
			Candidate {
				bond: BOND + 5,
				admitted: false,
				terms: 0,
				withdrawable: None
			}
		);
		assert_eq!(free(20), RICH - BOND - 5);
		assert_eq!(
			events().last(),
			Some(&Event::Registered {
				candidate: 20,
				bond: BOND + 5
			})
		);
		assert_eq!(Nodes::cluster_of(&20), Cluster::Ordinary);
	});
}

#[test]
fn one_that_lacks_something_does_not_register() {
	run(|| {
		assert_noop!(Nodes::register(origin(1), BOND), E::AlreadyRegistered);
		assert_noop!(Nodes::register(origin(20), BOND - 1), E::BondTooLow);
		assert_noop!(
			Nodes::register(origin(20), RICH),
			sp_runtime::TokenError::FundsUnavailable
		);
		set_keys(20, false);
		assert_noop!(Nodes::register(origin(20), BOND), E::NoKeys);
	});
}

#[test]
fn a_bond_can_grow_as_long_as_it_is_held() {
	run(|| {
		assert_ok!(Nodes::bond_more(origin(1), 7));
		assert_eq!(
			events().last(),
			Some(&Event::BondIncreased {
				candidate: 1,
				amount: 7,
				bond: BOND + 7
			})
		);
		assert_noop!(Nodes::bond_more(origin(1), 0), E::ZeroAmount);
		assert_noop!(Nodes::bond_more(origin(20), 7), E::NotCandidate);
		// One that has left gets it all back when it would have got back the rest.
		assert_ok!(Nodes::register(origin(20), BOND));
		assert_ok!(Nodes::leave(origin(20)));
		assert_ok!(Nodes::bond_more(origin(20), 7));
		assert_eq!(free(20), RICH - BOND - 7);
		check();
		era(UNBONDING - 1);
		assert_noop!(Nodes::withdraw_bond(origin(20)), E::StillBonded);
		era(UNBONDING);
		assert_ok!(Nodes::withdraw_bond(origin(20)));
		assert_eq!(free(20), RICH);
	});
}

#[test]
fn one_that_leaves_is_out_of_the_list_and_gets_its_bond_after_the_unbonding_eras() {
	run(|| {
		era(3);
		assert_ok!(Nodes::register(origin(20), BOND));
		assert_ok!(Nodes::back(origin(50), 20, 1_000));
		let backing = TotalBacking::<Test>::get();
		assert_ok!(Nodes::leave(origin(20)));
		assert_eq!(
			events().last(),
			Some(&Event::Left {
				candidate: 20,
				withdrawable: 3 + UNBONDING
			})
		);
		assert!(!List::contains(&20));
		assert_eq!(TotalBacking::<Test>::get(), backing - 1_000);
		check();
		assert_noop!(Nodes::leave(origin(20)), E::NotStanding);
		assert_noop!(Nodes::register(origin(20), BOND), E::AlreadyRegistered);
		era(3 + UNBONDING - 1);
		assert_noop!(Nodes::withdraw_bond(origin(20)), E::StillBonded);
		era(3 + UNBONDING);
		assert_ok!(Nodes::withdraw_bond(origin(20)));
		assert_eq!(free(20), RICH);
		assert_noop!(Nodes::withdraw_bond(origin(20)), E::NotCandidate);
		assert_noop!(Nodes::withdraw_bond(origin(9)), E::StillStanding);
	});
}

#[test]
fn a_director_that_leaves_stays_in_office_until_the_next_era() {
	run(|| {
		next_elected();
		assert!(directors().contains(&10) && elected().contains(&10));
		assert_ok!(Nodes::leave(origin(10)));
		assert!(directors().contains(&10));
		assert!(!next_era().contains(&10));
	});
}

/// A chain on which three directors stand, of four that there must be: which one of those that left is kept to fill up.
fn kept_to_fill_up() -> AccountId {
	for account in 4..=10 {
		assert_ok!(Nodes::leave(origin(account)));
	}
	let directors = next_era();
	assert_eq!(directors.len(), 4);
	*directors.last().expect("four")
}

#[test]
fn a_bond_is_not_released_while_its_node_is_kept_in_office() {
	run(|| {
		let kept = kept_to_fill_up();
		assert!(era(UNBONDING + 1).contains(&kept));
		assert_noop!(Nodes::withdraw_bond(origin(kept)), E::StillBonded);
	});
}

#[test]
fn a_bond_is_held_for_the_unbonding_eras_after_its_node_was_in_office_last() {
	run(|| {
		let kept = kept_to_fill_up();
		assert!(era(UNBONDING + 10).contains(&kept));
		// What it does in this era can be punished for a while, though it left long ago.
		admitted(20, 500);
		assert!(
			era(UNBONDING + 11).contains(&kept),
			"the seat is filled an era after the election"
		);
		let out = UNBONDING + 12;
		assert!(!era(out).contains(&kept));
		assert_noop!(Nodes::withdraw_bond(origin(kept)), E::StillBonded);
		era(out + UNBONDING - 1);
		assert_noop!(Nodes::withdraw_bond(origin(kept)), E::StillBonded);
		era(out + UNBONDING);
		assert_ok!(Nodes::withdraw_bond(origin(kept)));
	});
}

#[test]
fn so_it_is_if_it_loses_its_seat_within_an_era() {
	run(|| {
		let kept = kept_to_fill_up();
		assert!(era(UNBONDING + 10).contains(&kept));
		offend(kept, pallet_traits::OffenceKind::Block, UNBONDING + 10);
		let candidate = crate::Candidates::<Test>::get(kept).expect("its bond is held");
		assert_eq!(candidate.withdrawable, Some(2 * UNBONDING + 10));
	});
}

#[test]
fn a_bond_is_not_released_while_its_account_votes_on_blocks() {
	run(|| {
		assert_ok!(Nodes::leave(origin(10)));
		set_voting(10, true);
		// It stood by a seat until the first block of this era.
		next_era();
		era(UNBONDING + 1);
		// It left long ago, but what it signs now can be reported for a while yet.
		assert_noop!(Nodes::withdraw_bond(origin(10)), E::StillBonded);
		set_voting(10, false);
		era(2 * UNBONDING);
		assert_noop!(Nodes::withdraw_bond(origin(10)), E::StillBonded);
		era(2 * UNBONDING + 1);
		// In force within the era.
		set_voting(10, true);
		assert_noop!(Nodes::withdraw_bond(origin(10)), E::StillVoting);
		set_voting(10, false);
		assert_ok!(Nodes::withdraw_bond(origin(10)));
	});
}

#[test]
fn one_that_is_no_candidate_any_more_may_vote_on_without_a_bond_to_hold() {
	run(|| {
		set_voting(77, true);
		next_era();
		assert!(!crate::Candidates::<Test>::contains_key(77));
	});
}

#[test]
fn one_that_left_may_stand_again_with_the_bond_that_is_held() {
	run(|| {
		era(3);
		assert_ok!(Nodes::back(origin(50), 10, 500));
		let (free_before, backing) = (free(10), TotalBacking::<Test>::get());
		assert_noop!(Nodes::resume(origin(10)), E::StillStanding);
		assert_noop!(Nodes::resume(origin(77)), E::NotCandidate);
		assert_ok!(Nodes::leave(origin(10)));
		assert_ok!(Nodes::resume(origin(10)));
		assert_eq!(events().last(), Some(&Event::Resumed { candidate: 10 }));
		check();
		let candidate = crate::Candidates::<Test>::get(10).expect("stands");
		assert!(candidate.stands() && !candidate.admitted, "directors admit it anew");
		assert_eq!((free(10), TotalBacking::<Test>::get()), (free_before, backing));
		assert_ok!(Nodes::admit(origin(MOTIONS), 10));
		assert_ok!(Nodes::leave(origin(10)));
		set_keys(10, false);
		assert_noop!(Nodes::resume(origin(10)), E::NoKeys);
		set_keys(10, true);
		let parameters = ParameterValues {
			min_bond: BOND + 1,
			..parameters()
		};
		assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), parameters));
		assert_noop!(Nodes::resume(origin(10)), E::BondTooLow);
		assert_ok!(Nodes::bond_more(origin(10), 1));
		assert_ok!(Nodes::resume(origin(10)));
	});
}

#[test]
fn one_that_is_barred_stands_again_when_the_bar_is_over() {
	run(|| {
		assert_ok!(Nodes::eliminate(origin(MOTIONS), 10));
		next_era();
		assert_noop!(Nodes::resume(origin(10)), E::Barred);
		era(20);
		assert_ok!(Nodes::resume(origin(10)));
		assert!(!Sanctions::<Test>::contains_key(10), "the bar is forgotten");
		// One that lost its bond has nothing to stand with, until it bonds anew.
		offend(9, pallet_traits::OffenceKind::Vote, 20);
		era(40);
		assert_noop!(Nodes::resume(origin(9)), E::BondTooLow);
		assert_ok!(Nodes::bond_more(origin(9), BOND));
		assert_ok!(Nodes::resume(origin(9)));
	});
}

/// Whoever still holds a proof of another offence would have the new bond slashed as well.
#[test]
fn one_that_is_barred_adds_no_bond_until_its_bar_is_over() {
	run(|| {
		// One that has all of its bond, one that has some of it, one that has none.
		assert_ok!(Nodes::eliminate(origin(MOTIONS), 8));
		offend(9, pallet_traits::OffenceKind::Block, 0);
		offend(10, pallet_traits::OffenceKind::Vote, 0);
		for account in 8..=10 {
			assert_noop!(Nodes::bond_more(origin(account), BOND), E::Barred);
		}
		era(parameters().bar_eras - 1);
		assert_noop!(Nodes::bond_more(origin(10), BOND), E::Barred);
		era(parameters().bar_eras);
		for account in 8..=10 {
			assert_ok!(Nodes::bond_more(origin(account), BOND));
			assert_ok!(Nodes::resume(origin(account)));
		}
	});
}

/// With as few directors as there must be, whoever was slashed is kept in office for ever, its bond held; two of four
/// without a way back would be the end of all motions.
#[test]
fn directors_that_were_slashed_and_are_kept_in_office_come_back_with_a_new_bond() {
	run(|| {
		for account in 5..=10 {
			assert_ok!(Nodes::leave(origin(account)));
		}
		assert_eq!(next_era(), [1, 2, 3, 4]);
		for account in [1, 2] {
			offend(account, pallet_traits::OffenceKind::Vote, 1);
		}
		let members = <Nodes as pallet_traits::MotionVoters<AccountId>>::members;
		let bar_over = 1 + parameters().bar_eras;
		assert_eq!(era(bar_over), [1, 2, 3, 4]);
		assert_eq!(members().len(), 2);
		for account in [1, 2] {
			assert_noop!(Nodes::resume(origin(account)), E::BondTooLow);
			assert_noop!(Nodes::withdraw_bond(origin(account)), E::StillBonded);
			assert_noop!(Nodes::register(origin(account), BOND), E::AlreadyRegistered);
			assert_ok!(Nodes::bond_more(origin(account), BOND));
			assert_ok!(Nodes::resume(origin(account)));
			assert_ok!(Nodes::admit(origin(MOTIONS), account));
		}
		check();
		assert_eq!(members().len(), 4);
		assert_eq!(next_elected(), [1, 2, 3, 4]);
	});
}

/// A day without all others must not be the end of the chain: those that were removed, and kept in office because
/// nobody could take their seats, can be directors like others again.
#[test]
fn directors_that_were_removed_below_the_minimum_come_back() {
	run(|| {
		settle();
		for account in [1, 2, 3] {
			assert_ok!(Nodes::leave(origin(account)));
		}
		next_era();
		let absent = [4, 5, 6, 7, 8];
		for account in absent {
			miss(account);
		}
		let standing = || directors().iter().filter(|who| Nodes::standing(who).is_ok()).count();
		for _ in 0..=parameters().removal_eras {
			next_era();
		}
		assert_eq!(directors().len(), 4, "as many as there must be");
		assert_eq!(standing(), 2, "of whom two stand");
		let kept: Vec<_> = directors()
			.into_iter()
			.filter(|who| Nodes::standing(who).is_err())
			.collect();
		for account in &kept {
			assert_noop!(Nodes::register(origin(*account), BOND), E::AlreadyRegistered);
			assert_ok!(Nodes::resume(origin(*account)));
			assert_ok!(Nodes::admit(origin(MOTIONS), *account));
		}
		assert_eq!(standing(), 4);
		next_elected();
		assert!(kept.iter().all(|account| directors().contains(account)));
		assert_eq!(<Nodes as pallet_traits::MotionVoters<AccountId>>::members().len(), 4);
	});
}

#[test]
fn backing_that_is_still_there_counts_again_for_one_that_registers_anew() {
	run(|| {
		assert_ok!(Nodes::leave(origin(10)));
		next_era();
		era(UNBONDING + 1);
		assert_ok!(Nodes::withdraw_bond(origin(10)));
		check();
		let backing = TotalBacking::<Test>::get();
		assert_ok!(Nodes::register(origin(10), BOND));
		assert_eq!(TotalBacking::<Test>::get(), backing + 1_000);
		assert!(!crate::Candidates::<Test>::get(10).expect("stands").admitted);
	});
}

#[test]
fn anyone_may_refresh_an_entry_of_the_list() {
	run(|| {
		let before = List::get_score(&1).expect("is in");
		// The totals move, the entry stays.
		assert_ok!(Nodes::back(origin(150), 10, 500_000));
		assert_eq!(List::get_score(&1), Ok(before));
		assert_ok!(List::rebag(origin(77), 1));
		assert!(List::get_score(&1).expect("is in") < before);
	});
}

#[test]
fn competence_that_changes_moves_its_candidate() {
	run(|| {
		let before = List::get_score(&1).expect("is in");
		set_competence(1, 10);
		assert!(List::get_score(&1).expect("is in") > before);
		// One that does not stand is not touched.
		set_competence(99, 10);
		assert!(!List::contains(&99));
	});
}
