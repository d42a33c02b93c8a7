//! Absent directors.

use crate::{mock::*, *};
use frame_support::{assert_ok, BoundedVec};
use pallet_traits::{AttendanceHook, Seats};
use poca_primitives::Heartbeat;
use sp_core::Pair;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError, UnknownTransaction};

fn presence(account: AccountId) -> Option<Presence> {
	let absences = Absences::<Test>::get();
	let absence = absences.iter().find(|absence| absence.director == account);
	absence.map(|absence| absence.presence)
}

#[test]
fn a_director_that_misses_two_turns_in_a_row_loses_its_seat_to_its_standby() {
	run(|| {
		<Nodes as AttendanceHook<AccountId>>::turns_missed(&[(2, 1)]);
		assert!(directors().contains(&2));
		let bond = crate::Candidates::<Test>::get(2).expect("stands").bond;
		miss(2);
		assert_eq!(Offices::directors(), [1, 9, 3, 4, 5, 6, 7]);
		assert_eq!(
			events(),
			vec![Event::Isolated {
				director: 2,
				replaced_by: Some(9)
			}]
		);
		assert_eq!(Offices::standbys()[..3], [Some(10), None, Some(8)]);
		assert_eq!(crate::Candidates::<Test>::get(2).expect("stands").bond, bond);
		assert_eq!(presence(2), Some(Presence::Absent));
		// It has no turns any more.
		miss(2);
		assert_eq!(events().len(), 1);
	});
}

#[test]
fn without_a_fit_standby_of_its_own_the_last_one_takes_the_seat() {
	run(|| {
		miss(7);
		assert_eq!(Offices::directors()[6], 8);
		set_keys(10, false);
		miss(1);
		assert_eq!(Offices::directors()[0], 9);
		assert_eq!(Offices::standbys()[..3], [Some(10), None, None]);
		// Nobody is left: it keeps its seat, and is known to be absent.
		miss(3);
		assert_eq!(Offices::directors()[2], 3);
		assert_eq!(presence(3), Some(Presence::Absent));
		assert_eq!(
			events().last(),
			Some(&Event::Isolated {
				director: 3,
				replaced_by: None
			})
		);
		let told = events().len();
		miss(3);
		assert_eq!(events().len(), told, "told once");
		set_keys(10, true);
		miss(3);
		assert_eq!(Offices::directors()[2], 10);
	});
}

#[test]
fn those_that_miss_their_turns_at_once_are_isolated_at_once() {
	run(|| {
		<Nodes as AttendanceHook<AccountId>>::turns_missed(&[(1, 2), (2, 1), (3, 5), (20, 9)]);
		assert_eq!(Offices::directors(), [10, 2, 8, 4, 5, 6, 7]);
		let isolated = |director, by| Event::Isolated {
			director,
			replaced_by: Some(by),
		};
		assert_eq!(events(), vec![isolated(1, 10), isolated(3, 8)]);
		let replacement = |director, by| Replacement {
			director,
			by,
			absent: true,
		};
		assert_eq!(
			Replacements::<Test>::get().into_inner(),
			[replacement(1, 10), replacement(3, 8)]
		);
	});
}

/// The last standby has taken a seat when the second one is looked for: the one before it takes that.
#[test]
fn a_standby_takes_one_seat_of_those_that_are_lost_at_once() {
	run(|| {
		<Nodes as AttendanceHook<AccountId>>::turns_missed(&[(3, 2), (4, 2)]);
		assert_eq!(Offices::directors(), [1, 2, 8, 9, 5, 6, 7]);
		assert_eq!(Offices::standbys()[..3], [Some(10), None, None]);
	});
}

#[test]
fn a_standby_that_took_a_seat_can_lose_it_too() {
	run(|| {
		next_era();
		let first = Offices::directors()[0];
		miss(first);
		miss(10);
		assert_eq!(Offices::directors()[0], 8);
		// Both are back: the first of them has the seat again, and 10 was elected besides.
		System::set_block_number(System::block_number() + 1);
		assert_ok!(beat(10));
		assert_ok!(beat(first));
		assert_eq!(next_era(), [3, 4, 5, 6, 7, 9, 10]);
	});
}

#[test]
fn a_heartbeat_gives_the_seat_back_at_the_next_era_and_costs_nothing() {
	run(|| {
		settle();
		miss(9);
		let replacement = *directors().first().expect("a standby");
		assert!(replacement <= 3);
		assert_eq!(Nodes::isolated(&pair(9).public()), Some(9));
		System::set_block_number(System::block_number() + 1);
		assert_ok!(beat(9));
		assert_eq!(Nodes::isolated(&pair(9).public()), None, "it need not beat again");
		assert_eq!(events().last(), Some(&Event::CameBack { node: 9 }));
		assert!(!directors().contains(&9), "not before the next era");
		assert_eq!(next_era(), [4, 5, 6, 7, 8, 9, 10]);
		assert_eq!(presence(9), Some(Presence::OnProbation));
		author(9);
		assert_eq!(presence(9), None);
	});
}

#[test]
fn one_that_was_away_at_the_election_has_its_seat_again_from_its_replacement() {
	run(|| {
		settle();
		miss(9);
		let replacement = *directors().first().expect("a standby");
		assert!(replacement <= 3);
		assert_ok!(Nodes::back(origin(150), replacement, 850));
		assert_eq!(next_era(), [replacement, 4, 5, 6, 7, 8, 10]);
		assert!(elected().contains(&replacement) && !elected().contains(&9));
		assert_ok!(beat(9));
		assert_eq!(
			next_era()
				.iter()
				.filter(|director| [9, replacement].contains(director))
				.collect::<Vec<_>>(),
			[&9]
		);
	});
}

#[test]
fn one_whose_replacement_was_not_elected_stands_for_election() {
	run(|| {
		settle();
		// 3, the best standby, is better than the replacement, and was elected in its place.
		let away = Offices::directors()[6];
		miss(away);
		assert_eq!(Offices::directors()[6], 1);
		next_era();
		assert!(!elected().contains(&1) && !elected().contains(&away));
		assert_ok!(beat(away));
		assert!(!next_era().contains(&away));
		assert_eq!(presence(away), None);
		assert_eq!(next_era().contains(&away), away > 3);
	});
}

#[test]
fn seats_given_back_are_no_changes() {
	run(|| {
		settle();
		for director in [8, 9, 10] {
			miss(director);
		}
		System::set_block_number(System::block_number() + 1);
		for director in [8, 9, 10] {
			assert_ok!(beat(director));
		}
		assert_eq!(directors(), [1, 2, 3, 4, 5, 6, 7]);
		// Three seats; by election two may change.
		assert_eq!(next_era(), [4, 5, 6, 7, 8, 9, 10]);
	});
}

#[test]
fn without_a_heartbeat_a_seat_is_not_given_back() {
	run(|| {
		settle();
		miss(9);
		assert!(!next_era().contains(&9));
		assert!(!next_era().contains(&9));
		assert_ok!(beat(9));
		assert!(next_elected().contains(&9));
	});
}

#[test]
fn a_heartbeat_that_shows_nothing_is_refused() {
	run(|| {
		let refused = |reason: InvalidTransaction| Err(TransactionValidityError::Invalid(reason));
		assert_eq!(beat(2), refused(InvalidTransaction::Stale), "it is not isolated");
		miss(2);
		let now = System::block_number();
		let hash = |byte| sp_core::H256::repeat_byte(byte);
		System::set_block_number(now + 50);
		for number in [now + 29, now + 30, now + 49, now + 50, now + 51] {
			frame_system::BlockHash::<Test>::insert(number, hash(1));
		}
		let beat = |number, byte| {
			let heartbeat = Heartbeat {
				node: 2,
				number,
				hash: hash(byte),
			};
			send(heartbeat, 2)
		};
		assert_eq!(beat(now + 29, 1), refused(InvalidTransaction::Stale), "too old");
		// What may be known in a moment is not called invalid, for then pools refuse it for half an hour.
		let unknown = Err(TransactionValidityError::Unknown(UnknownTransaction::CannotLookup));
		assert_eq!(beat(now + 50, 1), unknown);
		assert_eq!(beat(now + 51, 1), unknown);
		assert_eq!(beat(now + 49, 2), unknown);
		assert_eq!(
			send(heartbeat(2), 3),
			refused(InvalidTransaction::BadProof),
			"another's key"
		);
		set_keys(2, false);
		assert_eq!(
			beat(now + 30, 1),
			refused(InvalidTransaction::BadProof),
			"it has no key"
		);
		set_keys(2, true);
		assert_ok!(beat(now + 30, 1));
		assert_eq!(
			beat(now + 49, 1),
			refused(InvalidTransaction::Stale),
			"it is back already"
		);
	});
}

#[test]
fn a_heartbeat_of_before_the_isolation_brings_nobody_back() {
	run(|| {
		settle();
		miss(9);
		let isolated_at = System::block_number();
		System::set_block_number(isolated_at + 5);
		let old = heartbeat(9);
		assert_ok!(send(old.clone(), 9));
		// It has its seat back and dies. Before it is isolated again, its heartbeat is in the window still.
		<Nodes as pallet_traits::EraHook>::era_started(4, &[0; 32]);
		assert!(directors().contains(&9));
		System::set_block_number(isolated_at + 10);
		miss(9);
		assert_eq!(presence(9), Some(Presence::Absent));
		System::set_block_number(isolated_at + 12);
		let stale = Err(TransactionValidityError::Invalid(InvalidTransaction::Stale));
		assert_eq!(send(old, 9), stale);
		assert_eq!(presence(9), Some(Presence::Absent));
		// One that names the block of the isolation or a later one does.
		let hash = sp_core::H256::repeat_byte(7);
		frame_system::BlockHash::<Test>::insert(isolated_at + 9, hash);
		frame_system::BlockHash::<Test>::insert(isolated_at + 10, hash);
		let at = |number| Heartbeat { node: 9, number, hash };
		assert_eq!(send(at(isolated_at + 9), 9), stale);
		assert_ok!(send(at(isolated_at + 10), 9));
	});
}

#[test]
fn missing_more_turns_does_not_put_off_the_way_back() {
	run(|| {
		Offices::set_refusing(true);
		miss(2);
		let isolated_at = System::block_number();
		System::set_block_number(isolated_at + 5);
		let sent = heartbeat(2);
		miss(2);
		System::set_block_number(isolated_at + 10);
		assert_eq!(Absences::<Test>::get()[0].since, isolated_at);
		assert_ok!(send(sent, 2));
	});
}

#[test]
fn an_absent_director_that_keeps_its_seat_is_forgiven_when_it_authors() {
	run(|| {
		for director in 1..=3 {
			miss(director);
		}
		// Three of seven were replaced, and no more may be.
		miss(4);
		assert!(directors().contains(&4));
		assert_eq!(presence(4), Some(Presence::Absent));
		author(4);
		assert_eq!(presence(4), None);
		assert!(next_era().contains(&4));
	});
}

#[test]
fn not_even_half_of_the_directors_are_replaced_in_an_era() {
	run(|| {
		for (account, backing) in [(20, 50), (21, 40), (22, 30)] {
			admitted(account, backing);
		}
		next_elected();
		assert_eq!(Offices::standbys().iter().flatten().count(), 6);
		let before = directors();
		for director in &before {
			miss(*director);
		}
		let replaced = before.iter().filter(|director| !directors().contains(director)).count();
		assert_eq!(replaced, 3);
		assert_eq!(Absences::<Test>::get().len(), 7);
		// The seats of the three have their replacements; the other four keep theirs until the election of this era has
		// its effect, which changes two.
		let after = directors();
		assert_eq!(next_era(), after);
		assert!(Replacements::<Test>::get().is_empty());
		let changed = next_era();
		assert_eq!(changed.iter().filter(|director| !after.contains(director)).count(), 2);
	});
}

#[test]
fn seats_lost_by_punishment_leave_absence_its_share() {
	run(|| {
		for (account, backing) in [(20, 50), (21, 40)] {
			admitted(account, backing);
		}
		next_elected();
		let before = Offices::directors();
		offend(before[0], pallet_traits::OffenceKind::Block, 2);
		for director in &before[1..4] {
			miss(*director);
		}
		let reasons: Vec<_> = Replacements::<Test>::get().iter().map(|it| it.absent).collect();
		assert_eq!(reasons, [false, true, true, true], "three of seven for absence");
	});
}

#[test]
fn one_that_authored_nothing_for_so_many_eras_is_removed() {
	run(|| {
		settle();
		miss(9);
		for _ in 0..4 {
			assert!(!next_era().contains(&9));
		}
		assert!(crate::Candidates::<Test>::get(9).expect("stands").stands());
		next_era();
		assert_eq!(events()[0], Event::Removed { candidate: 9 });
		let candidate = crate::Candidates::<Test>::get(9).expect("its bond is held");
		assert!(!candidate.stands() && !candidate.admitted);
		assert_eq!(candidate.bond, BOND);
		assert!(Absences::<Test>::get().is_empty());
		// Not barred: it can begin anew.
		era(100);
		assert_ok!(Nodes::withdraw_bond(origin(9)));
		assert_ok!(Nodes::register(origin(9), BOND));
	});
}

#[test]
fn heartbeats_without_blocks_do_not_save_from_removal() {
	run(|| {
		settle();
		miss(9);
		let beat_again = || {
			System::set_block_number(System::block_number() + 1);
			assert_ok!(beat(9));
		};
		for _ in 0..4 {
			beat_again();
			assert!(next_era().contains(&9));
			miss(9);
		}
		beat_again();
		assert!(!next_era().contains(&9));
		assert_eq!(events()[0], Event::Removed { candidate: 9 });
	});
}

#[test]
fn an_era_removes_a_few_of_the_absent_and_the_next_one_the_others() {
	run(|| {
		let absence = |director| Absence {
			director,
			since: 1,
			eras: 4,
			presence: Presence::Absent,
			replaced_by: None,
		};
		Absences::<Test>::put(BoundedVec::truncate_from((1..=10).map(absence).collect()));
		next_era();
		let stands = |account: &AccountId| crate::Candidates::<Test>::get(account).is_some_and(|it| it.stands());
		assert_eq!(
			(1..=10).filter(stands).collect::<Vec<_>>(),
			[9, 10],
			"the earliest go first"
		);
		next_era();
		assert_eq!((1..=10).filter(stands).count(), 0);
		assert!(Absences::<Test>::get().is_empty());
	});
}

#[test]
fn eras_in_which_the_chain_stood_still_do_not_count_towards_removal() {
	run(|| {
		miss(1);
		era(1_000);
		assert_eq!(Absences::<Test>::get()[0].eras, 1);
		assert!(crate::Candidates::<Test>::get(1).expect("stands").stands());
	});
}

#[test]
fn without_room_for_absences_the_earliest_is_removed() {
	run(|| {
		let filler = |account: AccountId| Absence {
			director: account,
			since: 1,
			eras: 0,
			presence: Presence::Absent,
			replaced_by: None,
		};
		let mut absences = Absences::<Test>::get();
		for account in 30..=54 {
			assert_ok!(Nodes::register(origin(account), BOND));
			absences.try_push(filler(account)).expect("there is room");
		}
		Absences::<Test>::put(absences);
		miss(1);
		assert_eq!(Absences::<Test>::get().len(), 25);
		assert_eq!(presence(30), None);
		assert!(!crate::Candidates::<Test>::get(30).expect("its bond is held").stands());
		assert_eq!(presence(1), Some(Presence::Absent));
	});
}

#[test]
fn a_seat_that_cannot_be_handed_over_now_is_tried_again_at_the_next_turn() {
	run(|| {
		Offices::set_refusing(true);
		miss(2);
		assert!(directors().contains(&2));
		assert_eq!(Offices::standbys()[..3], [Some(10), Some(9), Some(8)]);
		Offices::set_refusing(false);
		miss(2);
		assert_eq!(Offices::directors()[1], 9);
	});
}

#[test]
fn a_director_that_has_left_loses_its_seat_and_needs_no_way_back() {
	run(|| {
		assert_ok!(Nodes::leave(origin(2)));
		miss(2);
		assert_eq!(Offices::directors()[1], 9);
		assert!(Absences::<Test>::get().is_empty());
	});
}
