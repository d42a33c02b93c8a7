//! Who has a seat.

use crate::{mock::*, *};

fn directors() -> Vec<AccountId> {
	Directors::<Test>::get()
		.into_iter()
		.map(|director| director.account)
		.collect()
}

fn accounts<const N: usize>(indices: [u64; N]) -> [AccountId; N] {
	indices.map(account)
}

#[test]
fn who_is_seated_authors_in_that_order_and_votes() {
	with_directors(4, || {
		author(1_200);
		Poca::seat(&accounts([2, 9, 0]));
		assert_eq!(directors(), accounts([2, 9, 0]));
		assert_eq!(schedule().directors, accounts([2, 9, 0]).map(key));
		assert_eq!(Voters::get(), Some(accounts([2, 9, 0]).to_vec()));
		// Turn 100 belongs to the director at 100 % 3 now.
		author(1_203);
		assert_eq!(records()[1].1, 1);
	});
}

#[test]
fn who_stays_keeps_its_record_and_who_leaves_loses_it() {
	with_directors(4, || {
		author(1_200);
		author(1_210);
		author(1_212);
		Poca::seat(&accounts([9, 0]));
		// Director 0 missed nine slots, and one between its last block and the next director's.
		assert_eq!(records(), vec![(0, 0), (10, 2)]);
		Poca::seat(&accounts([1, 0]));
		assert_eq!(records()[0], (0, 0), "director 1 came back without its record");
		assert_eq!(records()[1].0, 10);
	});
}

#[test]
fn a_turn_in_which_directors_changed_is_nobody_s_fault() {
	with_directors(4, || {
		author(1_211);
		// The standby authors in the turn of director 1, which then leaves.
		author_as_standby(1_214);
		Poca::seat(&accounts([5, 6, 7]));
		author(1_224);
		assert!(!events()
			.iter()
			.any(|event| matches!(event, Event::DirectorMissedTurn { .. })));
	});
}

#[test]
fn somebody_always_has_a_seat() {
	with_directors(4, || {
		author(1_200);
		for nobody in [&[][..], &[1, 2, 3]] {
			Poca::seat(nobody);
			assert_eq!(directors(), accounts([0, 1, 2, 3]));
			assert_eq!(Voters::get(), None);
		}
	});
}

#[test]
fn who_has_no_keys_is_passed_over_and_nobody_sits_twice() {
	with_directors(4, || {
		Poca::seat(&[account(3), 1, account(0), account(3), account(5)]);
		assert_eq!(directors(), accounts([3, 0, 5]));
		assert_eq!(Voters::get(), Some(accounts([3, 0, 5]).to_vec()));
	});
}

#[test]
fn what_is_beyond_the_bound_is_left_out() {
	with_directors(4, || {
		Poca::seat(&(0..12).map(account).collect::<Vec<_>>());
		assert_eq!(directors(), (0..7).map(account).collect::<Vec<_>>());
		assert_eq!(records().len(), 7);
	});
}

#[test]
fn keys_set_within_an_era_count_from_the_next_on() {
	with_directors(4, || {
		author(10 * ERA);
		let new = key(account(12));
		set_key(account(1), Some(new.clone()));
		author(10 * ERA + 1);
		assert_eq!(schedule().directors, accounts([0, 1, 2, 3]).map(key));
		assert_eq!(Voters::get(), None);
		// The first block of the era is still the old keys'.
		author(11 * ERA);
		assert_eq!(schedule().directors[1], new);
		assert_eq!(directors(), accounts([0, 1, 2, 3]));
		assert_eq!(Voters::get(), Some(accounts([0, 1, 2, 3]).to_vec()));
	});
}

#[test]
fn who_takes_its_keys_back_loses_its_seat_with_the_next_era() {
	with_directors(4, || {
		author(10 * ERA);
		set_key(account(2), None);
		author(10 * ERA + 1);
		assert_eq!(directors().len(), 4);
		author(11 * ERA);
		assert_eq!(directors(), accounts([0, 1, 3]));
	});
}

#[test]
fn an_era_that_changes_nothing_leaves_records_and_turns_alone() {
	with_directors(4, || {
		author(10 * ERA);
		author(11 * ERA - 1);
		author(11 * ERA);
		assert_eq!(records()[0].1, 1);
		assert!(TurnAttended::<Test>::get());
		author(11 * ERA + 12);
		assert_eq!(directors().len(), 4);
	});
}

#[test]
fn the_history_is_told_who_may_author_in_every_era() {
	let told =
		|era, indices: &[u64]| -> Vec<_> { indices.iter().map(|i| (era, account(*i), key(account(*i)))).collect() };
	Authors::take();
	genesis(2, Default::default()).execute_with(|| {
		assert_eq!(Authors::take(), told(0, &[0, 1]), "at genesis");
		author(10 * ERA);
		assert_eq!(Authors::take(), []);
		// Whoever comes in between authors in the era besides those who were there.
		Poca::seat(&accounts([0, 5]));
		assert_eq!(Authors::take(), told(0, &[0, 5]));
		// The first block of an era is still authored by a director of the last one.
		set_key(account(5), Some(key(account(6))));
		author(11 * ERA);
		let mut expected = told(1, &[0, 5, 0]);
		expected.push((1, account(5), key(account(6))));
		assert_eq!(Authors::take(), expected);
		// Eras without a change are told as well.
		author(12 * ERA);
		assert_eq!(Authors::take().len(), 2);
	});
}
