//! How motions end that nobody carries.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};

type E = Error<Test>;

#[test]
fn open_ones_stay_open() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		assert_noop!(close(1, motion), E::StillOpen);
		assert_noop!(close(1, motion + 1), E::NoMotion);
		block(1 + TERM);
		assert_noop!(close(1, motion), E::StillOpen);
	});
}

#[test]
fn anyone_closes_what_expired() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		block(2 + TERM);
		assert_ok!(close(100, motion));
		let reason = Reason::Expired;
		assert_eq!(events().last(), Some(&Event::Closed { motion, reason }));
		assert_noop!(close(100, motion), E::NoMotion);
		check();
	});
}

#[test]
fn anyone_closes_what_a_third_rejects() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		for member in 2..=3 {
			assert_ok!(vote(member, motion, false));
			assert_noop!(close(100, motion), E::StillOpen);
		}
		assert_ok!(vote(4, motion, false));
		assert_ok!(close(100, motion));
		let reason = Reason::Rejected;
		assert_eq!(events().last(), Some(&Event::Closed { motion, reason }));
	});
}

#[test]
fn nays_of_former_members_reject_nothing() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		for member in 2..=4 {
			assert_ok!(vote(member, motion, false));
		}
		Members::set(vec![1, 4, 5, 6, 7, 8, 9]);
		assert_noop!(close(100, motion), E::StillOpen);
	});
}

/// A single nay is no rejection only because the others are away: they may stand again, and carry it.
#[test]
fn where_members_are_too_few_by_themselves_a_nay_rejects_nothing() {
	run(|| {
		// Two of four stand, and three are needed.
		Members::set(vec![1, 2]);
		OtherSeats::set(2);
		let motion = propose(1, deed()).expect("a member");
		assert_ok!(vote(2, motion, false));
		assert_noop!(close(100, motion), E::StillOpen);
		Members::set(vec![1, 2, 3, 4]);
		OtherSeats::set(0);
		assert_noop!(close(100, motion), E::StillOpen);
		for member in 3..=4 {
			assert_ok!(vote(member, motion, true));
		}
		assert_eq!(Done::get(), 1);
		// As soon as they are enough, nays count.
		Members::set(vec![1, 2, 3]);
		OtherSeats::set(1);
		let motion = propose(1, deed()).expect("a member");
		assert_ok!(vote(2, motion, false));
		assert_ok!(close(100, motion));
	});
}

/// Otherwise, while members are too few, what its own proposer rejects would be open until others carry it.
#[test]
fn one_that_its_proposer_takes_back_is_closed_if_nobody_says_aye() {
	run(|| {
		Members::set(vec![1, 2]);
		OtherSeats::set(2);
		let motion = propose(1, deed()).expect("a member");
		assert_ok!(vote(2, motion, true));
		assert_ok!(vote(1, motion, false));
		// Somebody else wants it still.
		assert_noop!(close(1, motion), E::StillOpen);
		assert_ok!(vote(2, motion, false));
		assert_ok!(close(100, motion));
		let reason = Reason::Rejected;
		assert_eq!(events().last(), Some(&Event::Closed { motion, reason }));
		// So it is if members are enough, with a single nay.
		Members::set(vec![1, 2, 3, 4]);
		OtherSeats::set(0);
		let motion = propose(1, deed()).expect("a member");
		assert_ok!(vote(1, motion, false));
		assert_ok!(close(1, motion));
		// But it takes the proposer's: ayes of some that are away are gone by no other's nay.
		Members::set(vec![1, 2, 3, 4, 5, 6, 7]);
		let motion = propose(1, deed()).expect("a member");
		assert_ok!(vote(2, motion, false));
		Members::set(vec![2, 3, 4, 5, 6, 7]);
		assert_noop!(close(2, motion), E::StillOpen);
		check();
	});
}

#[test]
fn closing_is_free_if_there_is_something_to_close() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		let call = || Call::<Test>::close { motion };
		let (_, refused) = dispatch(100, call());
		assert_eq!(
			refused.expect_err("open").post_info.pays_fee,
			frame_support::dispatch::Pays::Yes
		);
		block(2 + TERM);
		let (_, closed) = dispatch(100, call());
		assert_eq!(closed.expect("expired").pays_fee, frame_support::dispatch::Pays::No);
	});
}
