//! What an offender gains by the slot that it names: nothing.

use crate::{mock::*, Error, Offences, SetTimes};
use bft_finality_primitives::Phase;
use pallet_traits::{
	OffenceKind::{Block, Vote},
	VoterHistory, VotersInForce, MAX_SETS_IN_FORCE,
};
use proptest::prelude::*;

/// The set of genesis ends in era 10: the next was named in era 9, and votes now.
fn change_of_sets() {
	era(9);
	name(1, &[3, 4, 5]);
	era(10);
	Equivocation::set_votes(1);
	name(2, &[3, 4]);
}

#[test]
fn a_slot_of_long_ago_makes_votes_of_a_set_in_force_no_older() {
	run(|| {
		era(3 * HISTORY);
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, 5)), Ok(()));
		assert_eq!(Recorder::take_only(Told::offence), [(1, Vote, 0)]);
		// What is too long ago to be told apart counts once for each voter of a set,
		let old = votes(1, 0, Phase::Commit, ERA);
		assert_eq!(report_votes(old.clone()), refused(Error::AlreadyReported));
		assert_eq!(report_votes(votes(2, 0, Phase::Commit, ERA)), Ok(()));
		// and what can be told apart counts besides.
		assert_eq!(
			report_votes(votes(1, 0, Phase::Commit, 2 * u64::from(HISTORY) * ERA)),
			Ok(())
		);
		assert_eq!(
			Recorder::take_only(Told::offence),
			[(2, Vote, 0), (1, Vote, 2 * HISTORY)]
		);
		era(9 * HISTORY);
		assert_eq!(Offences::<Test>::iter().count(), 0);
		assert_eq!(
			report_votes(old),
			refused(Error::AlreadyReported),
			"not even much later"
		);
	});
}

#[test]
fn what_was_punished_is_not_punished_again_when_its_era_is_forgotten() {
	run(|| {
		era(4);
		let proof = votes(1, 0, Phase::Prevote, 4 * ERA);
		assert_eq!(report_votes(proof.clone()), Ok(()));
		for next in 5..4 * HISTORY {
			era(next);
			assert_eq!(
				report_votes(proof.clone()),
				refused(Error::AlreadyReported),
				"in era {next}"
			);
		}
		assert_eq!(Recorder::only(Told::offence), [(1, Vote, 4)]);
	});
}

#[test]
fn a_set_is_in_force_until_the_next_one_is_final_however_long_that_takes() {
	run(|| {
		name(1, &[3]);
		era(HISTORY + 9);
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, 5)), Ok(()));
	});
}

/// An author that says that its parent is final, and names with it voters that have been waiting, ends nobody's time by
/// that. As many as there is room for do; and what the set signs can be reported for as long as after any other end.
#[test]
fn claims_of_finality_end_a_set_only_if_there_is_no_room_for_more() {
	run(|| {
		era(9);
		for set_id in 1..u64::from(MAX_SETS_IN_FORCE) {
			name(set_id, &[2 + set_id]);
		}
		era(9 + HISTORY + 2);
		assert!(Equivocation::is_in_force(&1));
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, Now::get())), Ok(()));
		assert_eq!(
			Recorder::only(Told::offence),
			[(1, Vote, 9 + HISTORY + 2)],
			"for the era in which it was cast"
		);
	});
	run(|| {
		era(9);
		for set_id in 1..=u64::from(MAX_SETS_IN_FORCE) {
			assert!(Equivocation::is_in_force(&1));
			name(set_id, &[2 + set_id]);
		}
		assert!(!Equivocation::is_in_force(&1));
		// It votes on, for nobody of the later ones can.
		era(9 + HISTORY);
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, Now::get())), Ok(()));
		assert_eq!(
			Recorder::take_only(Told::offence),
			[(1, Vote, 9)],
			"for the era in which it ended"
		);
		era(9 + HISTORY + 1);
		assert_eq!(
			report_votes(votes(2, 0, Phase::Prevote, Now::get())),
			refused(Error::TooOld)
		);
	});
}

#[test]
fn votes_can_be_reported_for_as_many_eras_after_their_set_whatever_slot_they_name() {
	for slot in [5, 10 * ERA, 11 * ERA, 37 * ERA] {
		run(|| {
			change_of_sets();
			era(10 + HISTORY);
			assert_eq!(report_votes(votes(1, 0, Phase::Prevote, slot)), Ok(()), "slot {slot}");
		});
		run(|| {
			change_of_sets();
			era(10 + HISTORY + 1);
			assert_eq!(
				report_votes(votes(1, 0, Phase::Prevote, slot)),
				refused(Error::TooOld),
				"slot {slot}"
			);
		});
	}
}

#[test]
fn a_set_that_is_too_old_is_refused_as_such_before_it_is_forgotten_too() {
	run(|| {
		change_of_sets();
		era(10 + HISTORY);
		// Without a block in between.
		EraStarts::mutate(|starts| starts.push((10 + u64::from(HISTORY) + 1) * ERA));
		assert!(SetTimes::<Test>::contains_key(0));
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, 5)), refused(Error::TooOld));
		block();
		assert!(!SetTimes::<Test>::contains_key(0));
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, 5)), refused(Error::TooOld));
	});
}

#[test]
fn the_era_of_votes_lies_in_the_time_of_their_set() {
	run(|| {
		change_of_sets();
		era(20);
		// After the end of the set.
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, 15 * ERA)), Ok(()));
		// Before its beginning.
		assert_eq!(report_votes(votes(4, 1, Phase::Prevote, 3 * ERA)), Ok(()));
		assert_eq!(Recorder::only(Told::offence), [(1, Vote, 10), (4, Vote, 9)]);
	});
}

/// Whoever keeps the key of a set that has ended cannot hide two votes behind a slot that comes when all is forgotten.
#[test]
fn votes_of_a_set_that_has_ended_count_at_once_however_far_ahead_their_slot_lies() {
	run(|| {
		change_of_sets();
		era(12);
		for (account, slot) in [(0, 13 * ERA), (1, 1_000 * ERA), (2, u64::MAX)] {
			assert_eq!(
				report_votes(votes(account, 0, Phase::Commit, slot)),
				Ok(()),
				"slot {slot}"
			);
			let again = votes(account, 0, Phase::Prevote, 500 * ERA);
			assert_eq!(report_votes(again), refused(Error::AlreadyReported));
		}
		assert_eq!(
			Recorder::only(Told::offence),
			[(0, Vote, 10), (1, Vote, 10), (2, Vote, 10)],
			"for the era in which the set ended"
		);
		// One that is in force may still come to vote in that slot.
		assert_eq!(
			report_votes(votes(4, 2, Phase::Commit, 13 * ERA)),
			refused(Error::Ahead)
		);
	});
}

#[test]
fn a_slot_of_an_era_to_come_waits_until_then() {
	run(|| {
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, ERA)), refused(Error::Ahead));
		assert_eq!(report_blocks(blocks(1, ERA)), refused(Error::Ahead));
		assert_eq!(report_blocks(blocks(1, u64::MAX)), refused(Error::Ahead));
		era(1);
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, ERA)), Ok(()));
		assert_eq!(report_blocks(blocks(0, ERA)), Ok(()));
	});
}

/// The chain stands still for longer than anything is remembered by the clock.
#[test]
fn time_that_passes_without_a_block_is_no_time_in_which_offences_grow_old() {
	run(|| {
		era(3);
		slot(3 * ERA + 5);
		slot((3 + 5 * u64::from(HISTORY)) * ERA);
		assert_eq!(current_era(), 4);
		assert_eq!(report_blocks(blocks(1, 3 * ERA + 2)), Ok(()));
		assert_eq!(report_votes(votes(2, 0, Phase::Commit, 3 * ERA + 2)), Ok(()));
		assert_eq!(Recorder::only(Told::offence), [(1, Block, 3), (2, Vote, 3)]);
	});
}

#[test]
fn votes_in_a_period_without_a_block_count_for_the_first_era_of_their_set() {
	run(|| {
		era(3);
		name(1, &[0, 1]);
		slot(20 * ERA);
		// Nobody authored in such a slot, as this chain has it.
		assert_eq!(report_blocks(blocks(1, 9 * ERA)), refused(Error::TooOld));
		assert_eq!(report_votes(votes(1, 1, Phase::Commit, 9 * ERA)), Ok(()));
		assert_eq!(
			report_votes(votes(1, 1, Phase::Prevote, 10 * ERA)),
			refused(Error::AlreadyReported)
		);
		assert_eq!(Recorder::only(Told::offence), [(1, Vote, 3)]);
	});
}

#[test]
fn blocks_can_be_reported_for_as_many_eras() {
	run(|| {
		era(HISTORY);
		assert_eq!(report_blocks(blocks(1, 0)), Ok(()));
	});
	run(|| {
		era(HISTORY);
		EraStarts::mutate(|starts| starts.push((u64::from(HISTORY) + 1) * ERA));
		assert_eq!(report_blocks(blocks(1, 0)), refused(Error::TooOld));
		block();
		assert_eq!(report_blocks(blocks(1, 0)), refused(Error::TooOld));
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	/// When an offence is reported makes no difference for what era it counts while that is remembered, whatever slot
	/// it names; and it counts once.
	#[test]
	fn an_offence_has_one_era(slot in 0..20 * ERA, after in 0..HISTORY) {
		run(|| {
			change_of_sets();
			let proof = votes(1, 0, Phase::Prevote, slot);
			let offence = Equivocation::offence_of_votes(&proof).expect("the set is known");
			era(10 + after);
			let known = u64::from(offence.era) + u64::from(HISTORY) >= 10 + u64::from(after);
			let era_now = if known { offence.era } else { 0 };
			assert_eq!(Equivocation::offence_of_votes(&proof).map(|o| o.era).ok(), Some(era_now));
			assert_eq!(report_votes(proof.clone()), Ok(()));
			era(10 + HISTORY);
			assert_eq!(report_votes(proof), refused(Error::AlreadyReported));
		});
	}
}
