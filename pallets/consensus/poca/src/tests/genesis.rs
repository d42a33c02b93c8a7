//! What genesis leaves behind.

use crate::{mock::*, *};
use poca_primitives::SlotDuration as SlotMillis;

#[test]
fn validators_of_genesis_are_the_directors_in_their_order() {
	with_directors(4, || {
		let schedule = schedule();
		assert_eq!(schedule.directors, (0..4).map(|i| key(account(i))).collect::<Vec<_>>());
		assert_eq!(schedule.slot_duration, SlotMillis::from_millis(SLOT_MS));
		assert_eq!((schedule.turn_length, schedule.era_length, schedule.era), (12, 120, 0));
		assert_eq!((schedule.missed_slots, schedule.standby_line), (2, 3));
		assert_eq!(tallies(), vec![(0, 0); 4]);
		assert_eq!(*CurrentSlot::<Test>::get(), 0);
		assert_eq!(GenesisSlot::<Test>::get(), None);
	});
}

#[test]
fn slot_duration_and_randomness_are_genesis_parameters() {
	let config = GenesisConfig {
		slot_duration: 2_000,
		randomness: [7; 32],
		..Default::default()
	};
	genesis(1, config).execute_with(|| {
		let schedule = schedule();
		assert_eq!(schedule.slot_duration, SlotMillis::from_millis(2_000));
		assert_eq!(schedule.randomness, [7; 32]);
		assert_ne!(NextRandomness::<Test>::get(), [7; 32]);
		Poca::do_try_state().expect("invariants hold");
	});
}

#[test]
#[should_panic(expected = "slot duration of 99 ms, of which at least 100 are needed")]
fn slots_that_are_too_short_are_refused() {
	genesis(
		1,
		GenesisConfig {
			slot_duration: 99,
			..Default::default()
		},
	);
}

#[test]
fn the_length_of_an_era_is_a_genesis_parameter() {
	let config = GenesisConfig {
		era_length: 24,
		..Default::default()
	};
	genesis(1, config).execute_with(|| {
		assert_eq!(schedule().era_length, 24);
		author(240);
		author(264);
		assert_eq!(Era::<Test>::get(), 1);
		Poca::do_try_state().expect("invariants hold");
	});
}

#[test]
#[should_panic(expected = "eras of 30 slots, which hold no whole turns of 12")]
fn eras_of_broken_turns_are_refused() {
	genesis(
		1,
		GenesisConfig {
			era_length: 30,
			..Default::default()
		},
	);
}

#[test]
#[should_panic(expected = "more directors than MaxDirectors")]
fn more_directors_than_there_is_room_for_are_refused() {
	genesis(8, Default::default());
}

#[test]
fn a_genesis_without_directors_builds() {
	with_directors(0, || assert!(schedule().directors.is_empty()));
}
