//! What is remembered, and for how long.

use crate::{
	mock::*, AuthorUses, EndedAuthors, EndedVoters, Error, InForce, KeyUse, Offences, OldestEra, OldestSet,
	SetOffenders, SetTimes, SetVoters, VoterUses, PRUNED,
};
use bft_finality_primitives::Phase;
use pallet_traits::{
	OffenceKind::{Block, Vote},
	VoterHistory, VotersInForce, MAX_SETS_IN_FORCE,
};
use sp_core::Pair;

#[test]
fn whoever_held_the_key_then_is_punished_not_who_holds_it_now() {
	run(|| {
		slot(50);
		// Account 7 authors and votes with the keys that account 1 had.
		seat_with(&[(0, 0), (7, 1), (2, 2)]);
		Equivocation::voters_named(1, &[(7, voter_pair(1).public())]);
		slot(60);
		assert_eq!(
			report_blocks(blocks(1, 50)),
			Ok(()),
			"the slot of the change is the old holder's"
		);
		assert_eq!(report_blocks(blocks(1, 51)), Ok(()));
		assert_eq!(Recorder::take_only(Told::offence), [(1, Block, 0), (7, Block, 0)]);
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, 55)), Ok(()));
		assert_eq!(report_votes(votes(1, 1, Phase::Prevote, 55)), Ok(()));
		assert_eq!(Recorder::take_only(Told::offence), [(1, Vote, 0), (7, Vote, 0)]);
	});
}

#[test]
fn nobody_answers_for_a_slot_before_or_after_its_time_in_office() {
	run(|| {
		slot(10);
		seat(&[0, 2, 5]);
		slot(20);
		seat(&[0, 1, 2]);
		slot(90);
		for (account, at, result) in [
			(1, 10, Ok(())),
			(1, 11, refused(Error::NotInOffice)),
			(1, 20, refused(Error::NotInOffice)),
			(5, 10, refused(Error::NotInOffice)),
			(5, 20, Ok(())),
			(5, 21, refused(Error::NotInOffice)),
		] {
			assert_eq!(report_blocks(blocks(account, at)), result, "{account} in slot {at}");
		}
		assert_eq!(report_blocks(blocks(1, 21)), refused(Error::AlreadyReported));
	});
}

#[test]
fn two_changes_in_one_block_are_one() {
	run(|| {
		slot(10);
		let before = AuthorUses::<Test>::iter().collect::<std::collections::BTreeMap<_, _>>();
		seat(&[0, 4]);
		seat(&[0, 1, 2]);
		assert_eq!(
			AuthorUses::<Test>::iter().collect::<std::collections::BTreeMap<_, _>>(),
			before
		);
	});
}

#[test]
fn a_key_in_the_hands_of_two_stays_with_the_first() {
	run(|| {
		slot(10);
		seat_with(&[(7, 1), (0, 0), (1, 1)]);
		slot(20);
		assert_eq!(report_blocks(blocks(1, 15)), Ok(()));
		assert_eq!(Recorder::take_only(Told::offence), [(1, Block, 0)]);
		// It lets go of it, and the other has it.
		seat_with(&[(7, 1), (0, 0)]);
		slot(30);
		assert_eq!(report_blocks(blocks(1, 25)), Ok(()));
		assert_eq!(Recorder::take_only(Told::offence), [(7, Block, 0)]);
	});
}

#[test]
fn what_stays_the_same_is_not_written_anew() {
	run(|| {
		let uses = || {
			AuthorUses::<Test>::iter()
				.map(|(_, uses)| uses.into_inner())
				.collect::<Vec<_>>()
		};
		let before = uses();
		for next in 1..40 {
			era(next);
		}
		assert_eq!(uses(), before);
		assert!(before.iter().all(|uses| matches!(
			uses[..],
			[KeyUse {
				from: 0,
				until: None,
				..
			}]
		)));
		assert_eq!(EndedAuthors::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_set_is_in_force_until_a_later_one_votes() {
	let times = |set_id| SetTimes::<Test>::get(set_id).expect("is known");
	let running = |began| InForce { began, ended: None };
	// That more than a third of a later set vote is nobody's claim: one of them is honest, and does not vote before the
	// block is final that named its set.
	run(|| {
		era(3);
		name(1, &[3, 4]);
		assert!(Equivocation::is_in_force(&1) && Equivocation::is_in_force(&3));
		assert!(!Equivocation::is_in_force(&9));
		era(7);
		Equivocation::set_votes(1);
		let ended = InForce {
			began: 0,
			ended: Some(7),
		};
		assert_eq!((times(0), times(1)), (ended, running(3)));
		assert!(!Equivocation::is_in_force(&1) && Equivocation::is_in_force(&3));
		era(8);
		Equivocation::set_votes(1);
		assert_eq!(times(0), ended, "once");
		assert_eq!(Equivocation::in_force(), [4, 3], "by their keys");
		// Some follow one another faster than they show votes: the one that does ends all before it.
		name(2, &[4]);
		name(3, &[5]);
		assert_eq!(Equivocation::in_force(), [5, 4, 4, 3]);
		era(9);
		Equivocation::set_votes(3);
		assert_eq!(Equivocation::in_force(), [5]);
		assert_eq!((times(0), times(1).ended, times(2).ended), (ended, Some(9), Some(9)));
	});
}

#[test]
fn as_many_sets_as_may_be_are_in_force_and_then_the_oldest_ends() {
	run(|| {
		let most = u64::from(MAX_SETS_IN_FORCE);
		for set_id in 1..most {
			name(set_id, &[2 + set_id]);
			assert!(Equivocation::is_in_force(&1), "with set {set_id}");
		}
		era(4);
		name(most, &[2 + most]);
		assert!(!Equivocation::is_in_force(&1) && Equivocation::is_in_force(&3));
		assert_eq!(SetTimes::<Test>::get(0).and_then(|times| times.ended), Some(4));
		assert_eq!(SetVoters::<Test>::iter_keys().count() as u64, most);
	});
}

#[test]
fn uses_offences_and_sets_are_forgotten_bit_by_bit() {
	run(|| {
		let many: Vec<_> = (100..100 + u64::from(PRUNED) * 5 / 2).collect();
		seat(&many);
		slot(10);
		for account in &many {
			report_blocks(blocks(*account, 5)).expect("is true");
		}
		seat(&[0]);
		name(1, &[3, 4, 5]);
		Equivocation::set_votes(1);
		name(2, &[6]);
		report_votes(votes(1, 0, Phase::Prevote, 5)).expect("is true");
		era(HISTORY);
		let left = || {
			(
				EndedAuthors::<Test>::iter_prefix(0).count(),
				Offences::<Test>::iter_prefix(0).count() as u32,
			)
		};
		// Those of genesis, and the many.
		let count = many.len() + 3;
		assert_eq!(left(), (count, 2 * PRUNED + 5), "{HISTORY} eras back is not too long");
		assert!(EndedVoters::<Test>::contains_key(0, voter_pair(1).public()));

		let step = PRUNED as usize;
		era(HISTORY + 1);
		assert_eq!(left(), (count - step, PRUNED + 5));
		assert_eq!((OldestEra::<Test>::get(), OldestSet::<Test>::get()), (0, 1));
		assert!(!SetTimes::<Test>::contains_key(0) && !SetOffenders::<Test>::contains_key(0));
		assert!(!VoterUses::<Test>::contains_key(voter_pair(1).public()));
		block();
		assert_eq!(left(), (count - 2 * step, 5));
		block();
		assert_eq!(left(), (0, 0));
		assert_eq!(OldestEra::<Test>::get(), 1);
		assert_eq!(
			AuthorUses::<Test>::iter_keys().collect::<Vec<_>>(),
			[author_pair(0).public()]
		);
	});
}

#[test]
fn what_is_remembered_does_not_grow() {
	run(|| {
		for next in 1..4 * HISTORY {
			era(next);
			let account = u64::from(next);
			seat(&[account, account + 1]);
			name(account, &[account]);
			Equivocation::set_votes(account);
			report_votes(votes(account, account, Phase::Prevote, Now::get())).expect("is true");
			block();
			let bound = HISTORY as usize + 3;
			assert!(AuthorUses::<Test>::iter_keys().count() <= bound);
			assert!(EndedAuthors::<Test>::iter_keys().count() <= bound);
			assert!(Offences::<Test>::iter_keys().count() <= bound);
			assert!(VoterUses::<Test>::iter_keys().count() <= bound);
			assert!(SetTimes::<Test>::iter_keys().count() <= bound);
			assert!(SetVoters::<Test>::iter_keys().count() <= 2);
		}
		assert!(OldestSet::<Test>::get() > 0 && OldestEra::<Test>::get() > 2 * HISTORY);
	});
}

#[test]
fn a_key_that_comes_and_goes_takes_no_more_room_than_any_other() {
	run(|| {
		for next in 1..4 * u64::from(HISTORY) {
			slot(next * 10);
			seat(if next % 2 == 0 { &[0, 1, 2] } else { &[0, 2] });
		}
		let uses = AuthorUses::<Test>::get(author_pair(1).public());
		assert_eq!(uses.len(), crate::MAX_USES as usize);
		// The first time in office is not forgotten for that.
		assert_eq!(report_blocks(blocks(1, 0)), Ok(()));
	});
}

/// Votes of the set can be reported for as long as after any other end.
#[test]
fn a_set_that_ended_by_votes_of_the_next_answers_for_as_long_as_any_other() {
	run(|| {
		era(9);
		name(1, &[3, 4, 5]);
		era(10);
		Equivocation::set_votes(1);
		era(10 + HISTORY);
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, 9 * ERA)), Ok(()));
		era(10 + HISTORY + 1);
		assert_eq!(
			report_votes(votes(2, 0, Phase::Prevote, 9 * ERA)),
			refused(Error::TooOld)
		);
	});
}

#[test]
fn the_last_set_is_never_forgotten() {
	run(|| {
		era(5 * HISTORY);
		assert!(SetVoters::<Test>::contains_key(0));
		assert_eq!(OldestSet::<Test>::get(), 0);
		assert!(Equivocation::is_in_force(&1));
	});
}
