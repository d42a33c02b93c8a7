//! Absent directors.

use crate::{mock::*, *};
use frame_support::{assert_ok, BoundedVec};
use pallet_traits::{AttendanceHook, Seats};
use poca_primitives::Heartbeat;
use sp_core::Pair;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

fn presence(account: AccountId) -> Option<Presence> {
	let absences = Absences::<Test>::get();
	let absence = absences.iter().find(|absence| absence.director == account);
	absence.map(|absence| absence.presence)
}

#[test]
fn a_director_that_misses_two_turns_in_a_row_loses_its_seat_to_its_standby() {
	run(|| {
		<Nodes as AttendanceHook<AccountId>>::turns_missed(&2, 1);
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
		assert_eq!(StandbySigners::<Test>::get().into_inner(), [Some(10), None, Some(8)]);
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
		assert_eq!(StandbySigners::<Test>::get().into_inner(), [Some(10), None, None]);
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
fn a_standby_that_took_a_seat_can_lose_it_too() {
	run(|| {
		miss(1);
		miss(10);
		assert_eq!(Offices::directors()[0], 8);
		// Both are back: the first of them has the seat again.
		assert_ok!(beat(10));
		assert_ok!(beat(1));
		let parameters = ParameterValues {
			standby_signers: 7,
			..parameters()
		};
		assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), parameters));
		let directors = next_era();
		// 1 is back in its seat; it is the worst, and so is 2, so that the best two outsiders take both.
		assert_eq!(directors, [3, 4, 5, 6, 7, 9, 10]);
	});
}

#[test]
fn a_heartbeat_gives_the_seat_back_at_the_next_era_and_costs_nothing() {
	run(|| {
		next_era();
		next_era();
		assert_eq!(directors(), [4, 5, 6, 7, 8, 9, 10]);
		miss(9);
		let replacement = *directors().first().expect("a standby");
		assert!(replacement <= 3);
		assert_eq!(Nodes::isolated(&pair(9).public()), Some(9));
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
fn who_is_back_comes_before_its_replacement_also_where_that_ranks_higher() {
	run(|| {
		next_era();
		next_era();
		miss(5);
		let seat = Offices::directors()
			.iter()
			.position(|director| *director <= 3)
			.expect("a standby");
		let replacement = Offices::directors()[seat];
		assert_ok!(Nodes::vote(
			origin(150),
			replacement,
			450 - 100 * u128::from(replacement)
		));
		assert_ok!(beat(5));
		// 4 is worse than the replacement, 5 is better: that one takes the seat of 4 by election.
		let directors = next_era();
		assert!(directors.contains(&5) && directors.contains(&replacement) && !directors.contains(&4));
	});
}

#[test]
fn seats_given_back_are_no_changes() {
	run(|| {
		next_era();
		next_era();
		assert_eq!(directors(), [4, 5, 6, 7, 8, 9, 10]);
		for director in [8, 9, 10] {
			miss(director);
			assert_ok!(beat(director));
		}
		assert_eq!(directors(), [1, 2, 3, 4, 5, 6, 7]);
		// Three seats, where two may change.
		assert_eq!(next_era(), [4, 5, 6, 7, 8, 9, 10]);
	});
}

#[test]
fn without_a_heartbeat_a_seat_is_not_given_back() {
	run(|| {
		next_era();
		next_era();
		miss(9);
		assert!(!next_era().contains(&9));
		assert!(!next_era().contains(&9));
		assert_ok!(beat(9));
		assert!(next_era().contains(&9));
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
		for (number, byte) in [
			(now + 29, 1),
			(now + 30, 1),
			(now + 49, 1),
			(now + 50, 1),
			(now + 51, 1),
		] {
			frame_system::BlockHash::<Test>::insert(number, hash(byte));
		}
		let beat = |number, byte| {
			let heartbeat = Heartbeat {
				node: 2,
				number,
				hash: hash(byte),
			};
			send(heartbeat, 2)
		};
		let unknown = refused(InvalidTransaction::AncientBirthBlock);
		assert_eq!(beat(now + 29, 1), unknown);
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
fn not_even_half_of_the_directors_are_replaced_between_two_elections() {
	run(|| {
		for (account, votes) in [(20, 50), (21, 40), (22, 30)] {
			admitted(account, votes);
		}
		next_era();
		assert_eq!(StandbySigners::<Test>::get().iter().flatten().count(), 6);
		let before = directors();
		for director in &before {
			miss(*director);
		}
		let replaced = before.iter().filter(|director| !directors().contains(director)).count();
		assert_eq!(replaced, 3);
		assert_eq!(Absences::<Test>::get().len(), 7);
		// The next election changes two more seats, not all four of the absent.
		let after = directors();
		let changed = next_era();
		assert_eq!(changed.iter().filter(|director| !after.contains(director)).count(), 2);
		assert_eq!(Replacements::<Test>::get(), 0);
	});
}

#[test]
fn who_authored_nothing_for_so_many_eras_is_removed() {
	run(|| {
		next_era();
		next_era();
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
		next_era();
		next_era();
		miss(9);
		for _ in 0..4 {
			assert_ok!(beat(9));
			assert!(next_era().contains(&9));
			miss(9);
		}
		assert_ok!(beat(9));
		assert!(!next_era().contains(&9));
		assert_eq!(events()[0], Event::Removed { candidate: 9 });
	});
}

#[test]
fn an_era_removes_a_few_of_the_absent_and_the_next_one_the_others() {
	run(|| {
		let absence = |director| Absence {
			director,
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
fn where_there_is_no_room_for_absences_the_earliest_is_removed() {
	run(|| {
		let filler = |account: AccountId| Absence {
			director: account,
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
		assert_eq!(StandbySigners::<Test>::get().into_inner(), [Some(10), Some(9), Some(8)]);
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
