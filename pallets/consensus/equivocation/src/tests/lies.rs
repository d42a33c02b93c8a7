//! What an offender gains by the slot that it names: nothing.

use crate::{mock::*, Error, SetEras};
use bft_finality_primitives::Phase;
use pallet_traits::VoterHistory;
use proptest::prelude::*;

/// The set of genesis ends in era 10: the next was named in era 9.
fn change_of_sets() {
	era(9);
	name(1, &[3, 4, 5]);
	era(10);
	Equivocation::set_began(1);
}

#[test]
fn a_slot_of_long_ago_makes_votes_of_a_set_in_force_no_older() {
	run(|| {
		era(3 * HISTORY);
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, 0)), Ok(()));
		assert_eq!(Punished::get(), [(1, 0)]);
		assert_eq!(report_votes(votes(1, 0, Phase::Commit, ERA)), Ok(()));
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

#[test]
fn votes_can_be_reported_for_28_eras_after_their_set_whatever_slot_they_name() {
	for slot in [0, 10 * ERA, 11 * ERA, 37 * ERA] {
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
		// Without a block in between.
		CurrentEra::set(10 + HISTORY + 1);
		assert!(SetEras::<Test>::contains_key(0));
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
		assert_eq!(Punished::get(), [(1, 10), (4, 9)]);
	});
}

#[test]
fn a_slot_of_an_era_to_come_waits_until_then() {
	run(|| {
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, ERA)), refused(Error::InFuture));
		assert_eq!(report_blocks(blocks(1, ERA)), refused(Error::InFuture));
		assert_eq!(report_blocks(blocks(1, u64::MAX)), refused(Error::InFuture));
		era(1);
		assert_eq!(report_votes(votes(1, 0, Phase::Prevote, ERA)), Ok(()));
		assert_eq!(report_blocks(blocks(0, ERA)), Ok(()));
	});
}

#[test]
fn blocks_can_be_reported_for_28_eras() {
	run(|| {
		era(HISTORY);
		assert_eq!(report_blocks(blocks(1, 0)), Ok(()));
	});
	run(|| {
		era(HISTORY);
		CurrentEra::set(HISTORY + 1);
		assert_eq!(report_blocks(blocks(1, 0)), refused(Error::TooOld));
		block();
		assert_eq!(report_blocks(blocks(1, 0)), refused(Error::TooOld));
	});
}

#[test]
fn blocks_are_the_offence_of_who_was_a_director_in_their_era() {
	run(|| {
		seat(0, &[5]);
		era(4);
		assert_eq!(report_blocks(blocks(5, 7)), Ok(()));
		assert_eq!(report_blocks(blocks(5, ERA)), refused(Error::NotInOffice));
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	/// When an offence is reported makes no difference for what era it counts, whatever slot it names, and it counts once.
	#[test]
	fn an_offence_has_one_era(slot in 0..20 * ERA, after in 0..HISTORY) {
		run(|| {
			change_of_sets();
			let proof = votes(1, 0, Phase::Prevote, slot);
			let Ok(offence) = Equivocation::offence_of_votes(&proof) else {
				// An era to come.
				assert!(slot >= 11 * ERA);
				return;
			};
			era(10 + after);
			assert_eq!(Equivocation::offence_of_votes(&proof).map(|o| o.era).ok(), Some(offence.era));
			assert_eq!(report_votes(proof.clone()), Ok(()));
			era(10 + HISTORY);
			assert_eq!(report_votes(proof), refused(Error::AlreadyReported));
		});
	}
}
