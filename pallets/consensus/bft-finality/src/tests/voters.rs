//! The voter set and its changes.

use crate::{mock::*, *};
use bft_finality_primitives::{relaxed_quorum, VoterId, VoterSet, DEFAULT_RELAXED_MARGIN};
use pallet_traits::SeatVoters;
use proptest::prelude::*;

fn set(set_id: u64, accounts: impl IntoIterator<Item = AccountId>) -> VoterSet {
	let voters: Vec<VoterId> = accounts.into_iter().map(key).collect();
	let relaxed_quorum = relaxed_quorum(voters.len(), Some(DEFAULT_RELAXED_MARGIN)) as u16;
	VoterSet {
		set_id,
		voters,
		relaxed_quorum,
	}
}

#[test]
fn validators_of_genesis_are_set_zero_in_their_order() {
	with_voters(4, || {
		assert_eq!(BftFinality::voter_set(), set(0, 0..4));
		assert_eq!(BftFinality::voter_set().quorum(), 3);
	});
}

#[test]
#[should_panic(expected = "more voters than MaxVoters")]
fn more_voters_than_there_is_room_for_are_refused() {
	genesis(8);
}

#[test]
fn a_genesis_without_voters_builds() {
	with_voters(0, || assert!(BftFinality::voter_set().voters.is_empty()));
}

#[test]
fn seated_voters_change_the_set_with_the_next_block() {
	with_voters(4, || {
		execute(ancestor(0));
		BftFinality::seat_voters(&[3, 9, 1]);
		assert_eq!(BftFinality::voter_set(), set(0, 0..4), "not before a header says so");
		execute(ancestor(0));
		assert_eq!(BftFinality::voter_set(), set(1, [3, 9, 1]));
		assert_eq!(change(), Some(set(1, [3, 9, 1])));
		assert_eq!(
			System::read_events_for_pallet::<Event<Test>>(),
			[Event::VotersChanged { set_id: 1, voters: 3 }]
		);
		execute(ancestor(0));
		assert_eq!((BftFinality::voter_set(), change()), (set(1, [3, 9, 1]), None));
	});
}

#[test]
fn a_change_waits_until_the_last_one_is_held_final() {
	with_voters(4, || {
		BftFinality::seat_voters(&[1, 2, 3]);
		execute(ancestor(0));
		assert_eq!(ChangedAt::<Test>::get(), 1);
		BftFinality::seat_voters(&[4, 5]);
		execute(ancestor(0));
		BftFinality::seat_voters(&[6, 7, 8]);
		execute(ancestor(0));
		assert_eq!((BftFinality::voter_set(), change()), (set(1, [1, 2, 3]), None));
		// The header of this block is the first to reach block 1; what was wanted last is what comes.
		execute(ancestor(1));
		assert_eq!(change(), Some(set(2, [6, 7, 8])));
		execute(ancestor(3));
		assert_eq!(change(), None);
	});
}

#[test]
fn the_same_voters_again_are_no_change() {
	with_voters(4, || {
		BftFinality::seat_voters(&[0, 1, 2, 3]);
		execute(ancestor(0));
		assert_eq!((BftFinality::voter_set(), change()), (set(0, 0..4), None));
		// Nor are they in another order.
		BftFinality::seat_voters(&[1, 0, 2, 3]);
		execute(ancestor(0));
		assert_eq!((BftFinality::voter_set(), change()), (set(0, 0..4), None));
	});
}

#[test]
fn who_has_no_key_does_not_vote_and_somebody_always_does() {
	with_voters(4, || {
		BftFinality::seat_voters(&[1, 100, 2]);
		execute(ancestor(0));
		assert_eq!(change(), Some(set(1, [1, 2])));
		for nobody in [&[][..], &[100, 101]] {
			BftFinality::seat_voters(nobody);
			execute(ancestor(1));
			assert_eq!((BftFinality::voter_set(), change()), (set(1, [1, 2]), None));
		}
	});
}

#[test]
fn nobody_votes_twice_and_what_is_beyond_the_bound_is_left_out() {
	with_voters(4, || {
		BftFinality::seat_voters(&[1, 2, 1, 3, 4, 5, 6, 2, 7, 8, 9]);
		execute(ancestor(0));
		assert_eq!(change(), Some(set(1, 1..8)));
	});
}

#[test]
fn a_key_that_was_set_anew_is_the_one_that_votes() {
	with_voters(2, || {
		let new = key(77);
		pallet_session::NextKeys::<Test>::insert(1, Keys { pbft: new.clone() });
		BftFinality::seat_voters(&[0, 1]);
		execute(ancestor(0));
		assert_eq!(change().map(|set| set.voters), Some(vec![key(0), new]));
	});
}

#[test]
fn a_key_in_the_hands_of_another_account_is_a_change() {
	with_voters(4, || {
		pallet_session::NextKeys::<Test>::remove(3);
		pallet_session::NextKeys::<Test>::insert(9, Keys { pbft: key(3) });
		BftFinality::seat_voters(&[0, 1, 2, 9]);
		execute(ancestor(0));
		assert_eq!(change(), Some(set(1, 0..4)));
		assert_eq!(VoterAccounts::<Test>::get().into_inner(), [0, 1, 2, 9]);
	});
}

#[test]
fn each_set_has_the_relaxed_quorum_that_the_margin_of_genesis_makes() {
	// Of seven voters, and of the five, three and six after them; 7 without the rule is 5.
	for (margin, expected) in [
		(Some(1), [4, 3, 2, 4]),
		(Some(2), [5, 4, 2, 4]),
		(Some(u32::MAX), [5, 4, 2, 4]),
		(None, [5, 4, 2, 4]),
	] {
		let finality = GenesisConfig::<Test> {
			relaxed_margin: margin,
			..Default::default()
		};
		with_genesis(7, finality, || {
			assert_eq!(BftFinality::voter_set().relaxed_quorum, expected[0], "{margin:?}");
			assert_eq!(BftFinality::voter_set().relaxed_quorum().is_some(), margin == Some(1));
			for (number, voters) in [(1, 5), (2, 3), (3, 6)] {
				BftFinality::seat_voters(&(0..voters).collect::<Vec<_>>());
				execute(ancestor(number - 1));
				let set = change().expect("the voters change");
				assert_eq!(
					set.relaxed_quorum, expected[number as usize],
					"{voters} with {margin:?}"
				);
				assert_eq!(set, BftFinality::voter_set(), "as the header says it");
				BftFinality::do_try_state().expect("invariants hold");
			}
		});
	}
}

#[test]
fn the_order_in_which_genesis_is_built_does_not_matter() {
	let finality = GenesisConfig::<Test> {
		relaxed_margin: Some(1),
		..Default::default()
	};
	let after = genesis_with(7, finality).execute_with(BftFinality::voter_set);
	with_voters(7, || {
		RelaxedMargin::<Test>::put(1);
		use frame_support::traits::OneSessionHandler;
		BftFinality::on_genesis_session((0..7u64).map(|account| (&0, key(account))));
		assert_eq!(BftFinality::voter_set(), after);
	});
}

#[test]
fn the_history_is_told_who_votes_with_which_key_and_not_what_authors_claim_to_be_final() {
	let named =
		|set_id, accounts: &[AccountId]| Told::VotersNamed(set_id, accounts.iter().map(|a| (*a, key(*a))).collect());
	with_voters(2, || {
		assert_eq!(Recorder::take(), [named(0, &[0, 1])]);
		execute(ancestor(0));
		BftFinality::seat_voters(&[1, 5]);
		execute(ancestor(0));
		assert_eq!(Recorder::take(), [named(1, &[1, 5])]);
		// The change is block 2.
		execute(ancestor(1));
		execute(ancestor(3));
		execute(ancestor(4));
		assert!(Recorder::take().is_empty());
		BftFinality::seat_voters(&[5]);
		execute(ancestor(5));
		assert_eq!(Recorder::take(), [named(2, &[5])]);
		BftFinality::seat_voters(&[6]);
		execute(ancestor(6));
		assert_eq!(Recorder::take(), [named(3, &[6])]);
	});
}

#[test]
#[should_panic(expected = "relaxedMargin is at least 1")]
fn half_of_the_voters_are_no_relaxed_quorum() {
	let finality = GenesisConfig::<Test> {
		relaxed_margin: Some(0),
		..Default::default()
	};
	genesis_with(7, finality);
}

proptest! {
	/// Whatever is wanted when, and however slowly finality follows: ids grow by one, each change is in a header, and
	/// none comes before a header has reached the last.
	#[test]
	fn changes_come_one_at_a_time(
		steps in prop::collection::vec((prop::option::of(prop::collection::vec(0u64..12, 0..9)), 0u32..4), 1..40),
	) {
		with_voters(4, || {
			let (mut last, mut finalized) = ((0, 0), 0);
			for (number, (wanted, lag)) in (1u32..).zip(steps) {
				if let Some(wanted) = wanted {
					BftFinality::seat_voters(&wanted);
				}
				finalized = finalized.max((number - 1).saturating_sub(lag));
				let before: Vec<VoterId> = Voters::<Test>::get().into_inner();
				execute(ancestor(finalized));
				let now = BftFinality::voter_set();
				match change() {
					Some(set) => {
						assert_eq!(set.set_id, last.0 + 1);
						assert!(finalized >= last.1, "block {number} changes before block {} is final", last.1);
						assert_eq!(set, now);
						last = (set.set_id, number);
					}
					None => assert_eq!((now.set_id, now.voters), (last.0, before)),
				}
				BftFinality::do_try_state().expect("invariants hold");
			}
		});
	}
}
