//! The voter set.

use crate::mock::*;

#[test]
fn validators_of_genesis_are_set_zero_in_their_order() {
	with_voters(4, || {
		let set = BftFinality::voter_set();
		assert_eq!(set.set_id, 0);
		assert_eq!(set.voters, (0..4).map(key).collect::<Vec<_>>());
		assert_eq!(set.quorum(), 3);
	});
}

#[test]
#[should_panic(expected = "more voters than MaxVoters")]
fn more_voters_than_there_is_room_for_are_refused() {
	genesis(8);
}

#[test]
fn sessions_leave_the_set_as_it_is() {
	with_voters(4, || {
		let set = BftFinality::voter_set();
		NextValidators::set(Some(vec![5, 6, 7]));
		EndSession::set(true);
		for _ in 0..4 {
			execute(ancestor(0));
		}
		assert_eq!(Session::validators(), vec![5, 6, 7], "the session did change");
		assert_eq!(BftFinality::voter_set(), set);
	});
}

#[test]
fn a_genesis_without_voters_builds() {
	with_voters(0, || assert!(BftFinality::voter_set().voters.is_empty()));
}
