//! Proposing, voting, carrying.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};

type E = Error<Test>;

#[test]
fn two_thirds_are_rounded_up() {
	for (count, needed) in [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (7, 5), (21, 14), (99, 66)] {
		assert_eq!(two_thirds(count), needed, "of {count}");
	}
}

#[test]
fn two_thirds_of_members_are_more_than_half_of_all_seats_or_not_enough() {
	for (members, seats, needed) in [(0, 0, 1), (1, 4, 3), (2, 4, 3), (3, 4, 3), (4, 4, 3), (1, 1, 1)] {
		assert_eq!(least(members, seats), needed, "of {members} in {seats} seats");
	}
	for (members, seats, needed) in [(14, 21, 11), (15, 21, 11), (17, 21, 12), (21, 21, 14), (60, 99, 50)] {
		assert_eq!(least(members, seats), needed, "of {members} in {seats} seats");
	}
	for seats in 1..=99 {
		assert_eq!(
			least(seats, seats),
			two_thirds(seats),
			"where all stand nothing else counts"
		);
	}
}

#[test]
fn two_thirds_carry_and_the_proposal_is_an_aye() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		for member in 2..=4 {
			assert_ok!(vote(member, motion, true));
			assert_eq!(Done::get(), 0);
			check();
		}
		assert_ok!(vote(5, motion, true));
		assert_eq!(Done::get(), 1);
		assert_eq!(
			events().into_iter().rev().take(2).collect::<Vec<_>>(),
			[
				Event::Carried { motion, result: Ok(()) },
				Event::Voted {
					motion,
					member: 5,
					aye: true,
					ayes: 5,
					nays: 0,
					needed: 5
				}
			]
		);
		assert_noop!(vote(6, motion, true), E::NoMotion);
		assert!(Motions::<Test>::iter().next().is_none() && Calls::<Test>::iter().next().is_none());
		assert!(OpenBy::<Test>::iter().next().is_none());
	});
}

#[test]
fn the_only_member_carries_by_proposing() {
	run(|| {
		Members::set(vec![1]);
		propose(1, deed()).expect("a member");
		assert_eq!(Done::get(), 1);
	});
}

#[test]
fn only_members_propose_and_vote_each_once() {
	run(|| {
		assert_noop!(propose(8, deed()), E::NotMember);
		let motion = propose(1, deed()).expect("a member");
		assert_noop!(vote(8, motion, true), E::NotMember);
		assert_noop!(vote(1, motion, true), E::AlreadyVoted);
		assert_noop!(vote(2, motion + 1, true), E::NoMotion);
		assert_ok!(vote(2, motion, false));
		assert_noop!(vote(2, motion, false), E::AlreadyVoted);
	});
}

#[test]
fn a_nay_takes_an_aye_back_and_an_aye_a_nay() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		for member in 2..=4 {
			assert_ok!(vote(member, motion, true));
		}
		assert_ok!(vote(1, motion, false));
		assert_ok!(vote(5, motion, true));
		assert_eq!(Done::get(), 0, "four of seven");
		let open = Motions::<Test>::get(motion).expect("it is open");
		assert_eq!((open.ayes.to_vec(), open.nays.to_vec()), (vec![2, 3, 4, 5], vec![1]));
		assert_ok!(vote(1, motion, true));
		assert_eq!(Done::get(), 1);
	});
}

#[test]
fn what_fails_is_told_and_leaves_nothing() {
	run(|| {
		Members::set(vec![1]);
		let motion = propose(1, deeds::Call::fail {}).expect("the proposal itself succeeds");
		let result = Err(deeds::Error::<Test>::Failed.into());
		assert_eq!(events().last(), Some(&Event::Carried { motion, result }));
		assert_eq!(frame_support::storage::unhashed::get::<u8>(b"mark"), None);
	});
}

#[test]
fn a_motion_lapses_with_its_term() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		for member in 2..=4 {
			assert_ok!(vote(member, motion, true));
		}
		block(1 + TERM + 1);
		assert_noop!(vote(5, motion, true), E::Expired);
		block(1 + TERM);
		assert_ok!(vote(5, motion, true));
		assert_eq!(Done::get(), 1);
	});
}
