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
	<Poca as Seats<AccountId>>::standbys()
}

#[test]
fn who_is_seated_authors_in_that_order_and_votes() {
	with_directors(4, || {
		author(1_200);
		assert_eq!(seat([2, 9, 0], []), Ok(()));
		assert_eq!(directors(), accounts([2, 9, 0]));
		assert_eq!(schedule().directors, accounts([2, 9, 0]).map(key));
		assert_eq!(voters(), Some(accounts([2, 9, 0]).to_vec()));
		// Turn 100 belongs to the director at 100 % 3 now.
		author(1_203);
		assert_eq!(tallies()[1].1, 1);
	});
}

#[test]
fn standby_signers_author_for_their_seats_and_do_not_vote() {
	with_directors(4, || {
		author(1_200);
		assert_eq!(seat([0, 1, 2, 3], [10, 11]), Ok(()));
		let [first, second] = accounts([10, 11]).map(|account| Some(key(account)));
		assert_eq!(schedule().standby_signers, [first, second, None, None]);
		assert_eq!(voters(), Some(accounts([0, 1, 2, 3]).to_vec()));
		author_as_standby(1_203);
		assert_eq!(told(), [Told::Authored(account(10))]);
		author_as_standby(1_214);
		assert_eq!(told()[0], Told::Authored(account(11)));
		// The third seat has none, and the next director does it.
		author_as_standby(1_226);
		assert_eq!(told()[0], Told::Authored(account(3)));
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
		assert!(matches!(told()[..], [Told::Authored(author), Told::EraStarted(1, _)] if author == account(2)));
		assert_eq!(directors(), accounts([3, 2]));
		assert_eq!(standbys(), [Some(account(1)), None]);
	});
}

#[test]
fn who_stays_keeps_its_tally_and_who_leaves_loses_it() {
	with_directors(4, || {
		author(1_200);
		author(1_210);
		author(1_212);
		assert_eq!(seat([9, 0], []), Ok(()));
		// Director 0 missed nine slots, and one between its last block and the next director's.
		assert_eq!(tallies(), vec![(0, 0), (10, 2)]);
		assert_eq!(seat([1, 0], []), Ok(()));
		assert_eq!(tallies()[0], (0, 0), "director 1 came back without its tally");
		assert_eq!(tallies()[1].0, 10);
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
		assert_eq!(tallies()[0], (0, 0));
		assert_eq!(voters(), Some(accounts([12, 1, 2, 3]).to_vec()));
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
		assert_eq!(voters(), None);
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
		assert_eq!(voters(), None);
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
		assert_eq!(voters(), None);
		// The first block of the era is still the old keys'.
		author(11 * ERA);
		assert_eq!(schedule().directors[1], new);
		assert_eq!(directors(), accounts([0, 1, 2, 3]));
		assert_eq!(voters(), Some(accounts([0, 1, 2, 3]).to_vec()));
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
fn an_era_that_changes_nothing_leaves_tallies_and_turns_alone() {
	with_directors(4, || {
		author(10 * ERA);
		author(11 * ERA - 1);
		author(11 * ERA);
		assert_eq!(tallies()[0].1, 1);
		assert!(TurnAttended::<Test>::get());
		author(11 * ERA + 12);
		assert_eq!(directors().len(), 4);
	});
}

fn times_voters_were_told() -> usize {
	Recorder::in_block().into_iter().filter_map(Told::voters).count()
}

#[test]
fn keys_are_renewed_only_in_eras_in_which_nothing_was_seated() {
	with_directors(4, || {
		author(10 * ERA);
		let new = key(account(12));
		set_key(account(1), Some(new.clone()));
		// Whoever is seated is seated with the keys that it has set last, and the voters are told once.
		Elected::set(Some((accounts([0, 1, 2, 3]).to_vec(), Vec::new())));
		author(11 * ERA);
		assert_eq!(schedule().directors[1], new);
		assert_eq!(times_voters_were_told(), 1);
		// Nothing was seated: those in office get their keys, and voters are told of them.
		set_key(account(1), Some(key(account(1))));
		author(12 * ERA);
		assert_eq!(schedule().directors[1], key(account(1)));
		assert_eq!(times_voters_were_told(), 1);
		// A seat that changed hands within the era before is not what was seated in this one.
		assert_eq!(replace(0, 5), Ok(()));
		set_key(account(2), Some(new.clone()));
		author(13 * ERA);
		assert_eq!(schedule().directors[2], new);
	});
}

#[test]
fn a_turn_is_held_by_nobody_once_directors_or_standby_signers_change() {
	let held = |change: &dyn Fn()| {
		with_directors(5, || {
			author(1_199);
			assert_eq!(seat([0, 1, 2, 3, 4], [10, 11]), Ok(()));
			author_as_standby(1_202);
			assert_eq!(TurnHolder::<Test>::get(), Some((100, 5)));
			change();
			assert_eq!(TurnHolder::<Test>::get(), None);
			// The director of the turn that it is now is not locked out.
			author(1_203);
		});
	};
	held(&|| assert_eq!(seat([4, 3, 2, 1, 0], [10, 11]), Ok(())));
	held(&|| assert_eq!(seat([0, 1, 2, 3, 4], [11, 10]), Ok(())));
	held(&|| assert_eq!(replace(0, 10), Ok(())));
	held(&|| assert_eq!(replace(3, 12), Ok(())));
	held(&|| Poca::dismiss_standby(&account(10)));
	held(&|| Poca::dismiss_standby(&account(11)));
	held(&|| {
		set_key(account(11), None);
		Poca::renew_keys();
	});
	// What changes nothing leaves the holder alone.
	with_directors(5, || {
		author(1_199);
		author_as_standby(1_202);
		assert_eq!(seat([0, 1, 2, 3, 4], []), Ok(()));
		Poca::dismiss_standby(&account(7));
		Poca::renew_keys();
		assert_eq!(TurnHolder::<Test>::get(), Some((100, 1)));
	});
}

#[test]
fn a_standby_that_takes_an_era_s_first_block_does_not_lock_out_the_new_director() {
	with_directors(4, || {
		author(11 * ERA - 1);
		Elected::set(Some((accounts([3, 2, 1, 0]).to_vec(), Vec::new())));
		author_as_standby(11 * ERA + 2);
		assert_eq!(schedule().turn_holder, None);
		author(11 * ERA + 3);
	});
}

#[test]
fn a_change_elsewhere_does_not_excuse_the_director_of_the_turn() {
	with_directors(4, || {
		author(1_211);
		// Director 1 is away while the seat of director 3 changes hands.
		author_as_standby(1_214);
		assert_eq!(replace(3, 8), Ok(()));
		author(1_224);
		assert!(told().contains(&Told::Missed(vec![(account(1), 1)])));
	});
}

#[test]
fn the_history_is_told_only_of_changes_of_accounts_and_keys() {
	let told = |slot: u64, indices: &[u64]| {
		let authors: Vec<_> = indices.iter().map(|i| (account(*i), key(account(*i)))).collect();
		vec![(slot, authors)]
	};
	genesis(2, Default::default()).execute_with(|| {
		assert_eq!(Recorder::take_only(Told::authors), told(0, &[0, 1]), "at genesis");
		author(10 * ERA);
		assert!(Recorder::take_only(Told::authors).is_empty());
		// Always all that may author from the next slot on, standby signers as well.
		assert_eq!(seat([0, 5], [3]), Ok(()));
		assert_eq!(Recorder::take_only(Told::authors), told(10 * ERA, &[0, 5, 3]));
		// Another order, another seat for a standby signer: the same accounts with the same keys.
		assert_eq!(seat([5, 0], [3]), Ok(()));
		assert_eq!(seat([5, 0], []), Ok(()));
		assert_eq!(Recorder::take_only(Told::authors), told(10 * ERA, &[5, 0]));
		assert_eq!(seat([3, 0], [5]), Ok(()));
		Recorder::take();
		assert_eq!(seat([0, 5], [3]), Ok(()));
		assert!(Recorder::take_only(Told::authors).is_empty());
		assert_eq!(replace(0, 3), Ok(()));
		assert_eq!(Recorder::take_only(Told::authors), told(10 * ERA, &[3, 5]));
		// Keys that were set count from the era's first block on, which the old ones author.
		set_key(account(5), Some(key(account(6))));
		author(11 * ERA);
		let authors = vec![(account(3), key(account(3))), (account(5), key(account(6)))];
		assert_eq!(Recorder::take_only(Told::authors), [(11 * ERA, authors)]);
		// An era without a change has nothing to tell.
		author(12 * ERA);
		assert!(Recorder::take_only(Told::authors).is_empty());
		assert_eq!(seat([3, 5], [7]), Ok(()));
		Recorder::take();
		Poca::dismiss_standby(&account(7));
		assert_eq!(Recorder::take_only(Told::authors)[0].1.len(), 2);
		Poca::dismiss_standby(&account(7));
		assert!(Recorder::take_only(Told::authors).is_empty());
	});
}
