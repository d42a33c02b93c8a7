//! Who has a seat.

use crate::{mock::*, *};
use pallet_traits::{Seats, SeatsError};

fn directors() -> Vec<AccountId> {
	Directors::<Test>::get()
		.into_iter()
		.map(|director| director.account)
		.collect()
}

fn accounts<const N: usize>(indices: [u64; N]) -> [AccountId; N] {
	indices.map(account)
}

fn seat<const N: usize, const M: usize>(directors: [u64; N], standbys: [u64; M]) -> Result<(), SeatsError> {
	<Poca as Seats<AccountId>>::seat(accounts(directors).to_vec(), accounts(standbys).to_vec())
}

fn replace(director: u64, by: u64) -> Result<(), SeatsError> {
	<Poca as Seats<AccountId>>::replace(&account(director), &account(by))
}

fn standbys() -> Vec<Option<AccountId>> {
	StandbySigners::<Test>::get()
		.into_iter()
		.map(|signer| signer.map(|signer| signer.account))
		.collect()
}

#[test]
fn who_is_seated_authors_in_that_order_and_votes() {
	with_directors(4, || {
		author(1_200);
		assert_eq!(seat([2, 9, 0], []), Ok(()));
		assert_eq!(directors(), accounts([2, 9, 0]));
		assert_eq!(schedule().directors, accounts([2, 9, 0]).map(key));
		assert_eq!(Voters::get(), Some(accounts([2, 9, 0]).to_vec()));
		// Turn 100 belongs to the director at 100 % 3 now.
		author(1_203);
		assert_eq!(records()[1].1, 1);
	});
}

#[test]
fn standby_signers_author_for_their_seats_and_do_not_vote() {
	with_directors(4, || {
		author(1_200);
		assert_eq!(seat([0, 1, 2, 3], [10, 11]), Ok(()));
		let [first, second] = accounts([10, 11]).map(|account| Some(key(account)));
		assert_eq!(schedule().standby_signers, [first, second, None, None]);
		assert_eq!(Voters::get(), Some(accounts([0, 1, 2, 3]).to_vec()));
		author_as_standby(1_203);
		assert_eq!(Told::get(), [Tale::Authored(account(10))]);
		author_as_standby(1_214);
		assert_eq!(Told::get()[0], Tale::Authored(account(11)));
		// The third seat has none, and the next director does it.
		author_as_standby(1_226);
		assert_eq!(Told::get()[0], Tale::Authored(account(3)));
	});
}

#[test]
fn the_author_is_looked_up_among_those_that_were_in_office() {
	with_directors(4, || {
		author(10 * ERA);
		assert_eq!(seat([0, 1, 2, 3], [10, 11]), Ok(()));
		Elected::set(Some((accounts([3, 2]).to_vec(), accounts([1]).to_vec())));
		author(11 * ERA - 1);
		// Turn 110 belongs to seat 2, of those before.
		author(11 * ERA);
		assert_eq!(Told::get(), [Tale::Authored(account(2)), Tale::EraStarted(1)]);
		assert_eq!(directors(), accounts([3, 2]));
		assert_eq!(standbys(), [Some(account(1)), None]);
	});
}

#[test]
fn who_stays_keeps_its_record_and_who_leaves_loses_it() {
	with_directors(4, || {
		author(1_200);
		author(1_210);
		author(1_212);
		assert_eq!(seat([9, 0], []), Ok(()));
		// Director 0 missed nine slots, and one between its last block and the next director's.
		assert_eq!(records(), vec![(0, 0), (10, 2)]);
		assert_eq!(seat([1, 0], []), Ok(()));
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
		assert_eq!(seat([5, 6, 7], []), Ok(()));
		author(1_224);
		assert!(!events()
			.iter()
			.any(|event| matches!(event, Event::DirectorMissedTurn { .. })));
	});
}

#[test]
fn a_replaced_director_leaves_its_place_to_its_standby() {
	with_directors(4, || {
		author(1_200);
		author(1_205);
		assert_eq!(seat([0, 1, 2, 3], [10, 11, 12]), Ok(()));
		assert_eq!(replace(0, 12), Ok(()));
		assert_eq!(directors(), accounts([12, 1, 2, 3]));
		assert_eq!(standbys(), [Some(account(10)), Some(account(11)), None, None]);
		assert_eq!(records()[0], (0, 0));
		assert_eq!(Voters::get(), Some(accounts([12, 1, 2, 3]).to_vec()));
		// The turn that is on was neither's alone.
		author(1_212);
		assert!(events().is_empty());
	});
}

#[test]
fn what_cannot_be_seated_changes_nothing() {
	with_directors(4, || {
		author(1_200);
		assert_eq!(seat([], []), Err(SeatsError::BadCount));
		assert_eq!(seat([0, 1, 2, 3, 4, 5, 6, 7], []), Err(SeatsError::BadCount));
		assert_eq!(seat([0, 1], [2, 3, 4]), Err(SeatsError::BadCount));
		assert_eq!(seat([0, 1, 0], []), Err(SeatsError::AlreadySeated));
		assert_eq!(seat([0, 1], [1]), Err(SeatsError::AlreadySeated));
		assert_eq!(seat([0, 50], []), Err(SeatsError::NoKeys));
		assert_eq!(replace(0, 3), Err(SeatsError::AlreadySeated));
		assert_eq!(replace(9, 10), Err(SeatsError::NotSeated));
		assert_eq!(replace(0, 50), Err(SeatsError::NoKeys));
		assert_eq!(directors(), accounts([0, 1, 2, 3]));
		assert_eq!(Voters::get(), None);
	});
}

#[test]
fn a_standby_without_keys_stands_by_nobody() {
	with_directors(4, || {
		assert_eq!(seat([0, 1], [50, 5]), Ok(()));
		assert_eq!(standbys(), [None, Some(account(5))]);
	});
}

#[test]
fn a_dismissed_standby_signer_authors_no_more() {
	with_directors(4, || {
		author(1_200);
		assert_eq!(seat([0, 1, 2, 3], [10, 11]), Ok(()));
		<Poca as Seats<AccountId>>::dismiss_standby(&account(10));
		assert_eq!(standbys(), [None, Some(account(11)), None, None]);
		assert_eq!(schedule().standby_signers[0], None);
		// Others stay, and so does everything when it is told of one that stands by nobody.
		for other in [10, 0, 77] {
			<Poca as Seats<AccountId>>::dismiss_standby(&account(other));
		}
		assert_eq!(standbys(), [None, Some(account(11)), None, None]);
		assert_eq!(directors(), accounts([0, 1, 2, 3]));
	});
}

#[test]
fn where_nobody_has_keys_everything_stays() {
	with_directors(4, || {
		author(10 * ERA);
		(0..4).for_each(|index| set_key(account(index), None));
		author(11 * ERA);
		assert_eq!(directors(), accounts([0, 1, 2, 3]));
		assert_eq!(Voters::get(), None);
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
		assert_eq!(seat([0, 1, 2, 3], [10, 11, 12, 13]), Ok(()));
		set_key(account(2), None);
		set_key(account(11), None);
		author(10 * ERA + 1);
		assert_eq!(directors().len(), 4);
		author(11 * ERA);
		assert_eq!(directors(), accounts([0, 1, 3]));
		assert_eq!(standbys(), [Some(account(10)), None, Some(account(13))]);
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
		// Whoever comes in between authors in the era besides those who were there, standby signers as well.
		assert_eq!(seat([0, 5], [3]), Ok(()));
		assert_eq!(Authors::take(), told(0, &[0, 5, 3]));
		assert_eq!(replace(0, 3), Ok(()));
		assert_eq!(Authors::take(), told(0, &[3]));
		// The first block of an era is still authored by those of the last one.
		set_key(account(5), Some(key(account(6))));
		author(11 * ERA);
		let mut expected = told(1, &[3, 5, 3]);
		expected.push((1, account(5), key(account(6))));
		assert_eq!(Authors::take(), expected);
		// Eras without a change are told as well.
		author(12 * ERA);
		assert_eq!(Authors::take().len(), 2);
	});
}
