//! What is remembered, and for how long.

use crate::{mock::*, Authors, Error, InForce, OldestEra, OldestSet, SetEras, SetVoters, PRUNED_AUTHORS};
use bft_finality_primitives::Phase;
use pallet_traits::AuthorHistory;
use pallet_traits::VoterHistory;
use sp_core::Pair;

#[test]
fn whoever_held_the_key_then_is_punished_not_who_holds_it_now() {
	run(|| {
		era(1);
		// Account 7 authors and votes with the keys that account 1 had.
		CurrentEra::set(2);
		Equivocation::may_author(2, &[(7, author_pair(1).public())]);
		Equivocation::voters_named(1, &[(7, voter_pair(1).public())]);
		Equivocation::set_began(1);
		assert_eq!(report_blocks(blocks(1, ERA)), Ok(()));
		assert_eq!(report_blocks(blocks(1, 2 * ERA)), Ok(()));
		assert_eq!(Punished::take(), [(1, 1), (7, 2)]);
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, 2 * ERA)), Ok(()));
		assert_eq!(
			report_votes(votes(1, 1, Phase::Prevote, 2 * ERA)),
			refused(Error::AlreadyReported)
		);
		assert_eq!(Punished::take(), [(1, 2)]);
	});
}

#[test]
fn a_key_that_changes_hands_within_an_era_is_the_first_one_s() {
	run(|| {
		Equivocation::may_author(0, &[(7, author_pair(1).public())]);
		assert_eq!(report_blocks(blocks(1, 7)), Ok(()));
		assert_eq!(Punished::take(), [(1, 0)]);
	});
}

#[test]
fn sets_are_in_force_from_their_naming_until_the_next_one_is_final() {
	run(|| {
		era(3);
		name(1, &[3]);
		assert_eq!(SetEras::<Test>::get(0), Some(InForce { began: 0, ended: None }));
		era(5);
		Equivocation::set_began(1);
		name(2, &[4]);
		assert_eq!(
			SetEras::<Test>::get(0),
			Some(InForce {
				began: 0,
				ended: Some(5)
			})
		);
		assert_eq!(SetEras::<Test>::get(1), Some(InForce { began: 3, ended: None }));
		assert_eq!(SetEras::<Test>::get(2), Some(InForce { began: 5, ended: None }));
	});
}

#[test]
fn eras_are_forgotten_bit_by_bit() {
	run(|| {
		let many = 5 * u64::from(PRUNED_AUTHORS) / 2;
		seat(0, &(100..100 + many - 3).collect::<Vec<_>>());
		era(HISTORY);
		let of_genesis = || Authors::<Test>::iter_prefix_values(0).count();
		assert_eq!(of_genesis() as u64, many, "{HISTORY} eras back is not too long");
		CurrentEra::set(HISTORY + 1);
		let mut left = vec![];
		for _ in 0..4 {
			block();
			left.push(of_genesis() as u32);
		}
		let step = PRUNED_AUTHORS;
		assert_eq!(left, [step * 3 / 2, step / 2, 0, 0]);
		assert_eq!(OldestEra::<Test>::get(), 1);
		assert_eq!(known_authors(), 3 * HISTORY as usize);
	});
}

#[test]
fn what_is_remembered_does_not_grow() {
	run(|| {
		for next in 1..4 * HISTORY {
			era(next);
			name(u64::from(next), &[next.into()]);
			Equivocation::set_began(next.into());
			block();
			assert!(known_authors() <= 3 * (HISTORY as usize + 1));
			assert!(SetVoters::<Test>::iter_keys().count() <= HISTORY as usize + 2);
			assert_eq!(
				SetVoters::<Test>::iter_keys().count(),
				SetEras::<Test>::iter_keys().count()
			);
		}
		assert!(OldestSet::<Test>::get() > 0);
	});
}

#[test]
fn a_long_sleep_is_caught_up_with_one_era_a_block() {
	run(|| {
		CurrentEra::set(1_000);
		seat(1_000, &[0, 1, 2]);
		for _ in 0..2_000 {
			block();
		}
		assert_eq!(OldestEra::<Test>::get(), 1_000 - HISTORY);
		assert_eq!(known_authors(), 3);
	});
}

#[test]
fn the_last_set_is_never_forgotten() {
	run(|| {
		era(5 * HISTORY);
		assert!(SetVoters::<Test>::contains_key(0));
		assert_eq!(OldestSet::<Test>::get(), 0);
	});
}
