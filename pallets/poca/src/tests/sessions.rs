//! Directors follow the session pallet.

use crate::{mock::*, *};

/// Two sessions: the session pallet queues validators for one before they are in force.
fn rotate_to(validators: Vec<AccountId>, slot: u64) {
	NextValidators::set(Some(validators));
	EndSession::set(true);
	author(slot);
	author(slot + 1);
	EndSession::set(false);
}

fn directors() -> Vec<AccountId> {
	Directors::<Test>::get()
		.into_iter()
		.map(|director| director.account)
		.collect()
}

#[test]
fn a_new_session_brings_its_validators_in_their_order() {
	with_directors(4, || {
		author(1_200);
		rotate_to(vec![account(2), account(9), account(0)], 1_201);
		assert_eq!(directors(), vec![account(2), account(9), account(0)]);
		assert_eq!(
			schedule().directors,
			vec![key(account(2)), key(account(9)), key(account(0))]
		);
		// Turn 100 belongs to the director at 100 % 3 now.
		author(1_203);
		assert_eq!(records()[1], (0, 1));
	});
}

#[test]
fn who_stays_keeps_its_record_and_who_leaves_loses_it() {
	with_directors(4, || {
		author(1_200);
		author(1_210);
		rotate_to(vec![account(9), account(0)], 1_212);
		// Director 0 missed nine slots, and one between its last block and the next director's.
		assert_eq!(records(), vec![(0, 0), (10, 2)]);
		NextValidators::set(Some(vec![account(1), account(0)]));
		EndSession::set(true);
		author(1_214);
		author(1_215);
		EndSession::set(false);
		assert_eq!(records()[0], (0, 0), "director 1 came back without its record");
		assert_eq!(records()[1].0, 10);
	});
}

#[test]
fn the_block_that_changes_directors_is_checked_against_its_parent_s() {
	with_directors(4, || {
		author(1_200);
		NextValidators::set(Some(vec![account(9)]));
		EndSession::set(true);
		author(1_201);
		// In this block directors change; its author is still the old director 0.
		author(1_202);
		assert_eq!(directors(), vec![account(9)]);
	});
}

#[test]
fn a_turn_in_which_directors_changed_is_nobody_s_fault() {
	with_directors(4, || {
		author(1_211);
		// The standby authors in the turn of director 1, which then leaves.
		NextValidators::set(Some(vec![account(5), account(6), account(7)]));
		EndSession::set(true);
		author_as_standby(1_214);
		author_as_standby(1_217);
		EndSession::set(false);
		author(1_224);
		assert!(!events()
			.iter()
			.any(|event| matches!(event, Event::DirectorMissedTurn { .. })));
	});
}

#[test]
fn a_session_without_validators_changes_nothing() {
	with_directors(4, || {
		author(1_200);
		rotate_to(vec![], 1_201);
		assert_eq!(directors(), (0..4).map(account).collect::<Vec<_>>());
		author(1_203);
	});
}

#[test]
fn what_is_beyond_the_bound_is_left_out() {
	with_directors(4, || {
		author(1_200);
		rotate_to((0..12).map(account).collect(), 1_201);
		assert_eq!(directors(), (0..7).map(account).collect::<Vec<_>>());
		assert_eq!(records().len(), 7);
	});
}

#[test]
fn a_session_that_changes_nothing_leaves_directors_alone() {
	with_directors(4, || {
		author(1_200);
		EndSession::set(true);
		author(1_201);
		author(1_202);
		EndSession::set(false);
		assert_eq!(records()[0], (0, 3));
		assert_eq!(directors().len(), 4);
	});
}
