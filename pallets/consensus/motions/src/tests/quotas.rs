//! How many motions there may be.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};

type E = Error<Test>;

fn elimination() -> RuntimeCall {
	deeds::Call::eliminate { who: 7 }.into()
}

#[test]
fn eliminations_have_a_quota_of_their_own() {
	run(|| {
		for _ in 0..2 {
			propose(1, deed()).expect("within the quota");
		}
		assert_noop!(propose(1, deed()), E::TooManyOpen);
		propose(1, elimination()).expect("within the quota of eliminations");
		assert_noop!(propose(1, elimination()), E::TooManyOpen);
		assert_noop!(propose(1, deed()), E::TooManyOpen);
		check();
	});
}

#[test]
fn an_elimination_within_a_batch_is_none() {
	run(|| {
		for _ in 0..2 {
			let calls = vec![elimination()];
			propose(1, pallet_utility::Call::batch { calls }).expect("within the quota");
		}
		assert_noop!(propose(1, deed()), E::TooManyOpen);
	});
}

#[test]
fn what_ends_makes_room() {
	run(|| {
		let first = propose(1, deed()).expect("within the quota");
		propose(1, deed()).expect("within the quota");
		for member in 2..=5 {
			assert_ok!(vote(member, first, true));
		}
		propose(1, deed()).expect("one was carried");
		assert_noop!(propose(1, deed()), E::TooManyOpen);
		block(TERM + 2);
		assert_noop!(propose(1, deed()), E::TooManyOpen);
		assert_ok!(close(8, 1));
		propose(1, deed()).expect("one was closed");
	});
}

#[test]
fn no_member_takes_another_s_room_and_former_ones_take_none() {
	run(|| {
		Members::set((1..=9).collect());
		let fill = |who| {
			propose(who, deed()).expect("has room");
			propose(who, deed()).expect("has room");
			propose(who, elimination()).expect("has room")
		};
		for who in 1..=9 {
			fill(who);
		}
		assert_eq!(Motions::<Test>::count(), 27);
		// One is replaced by another, which finds no room until somebody clears up after the former.
		Members::set((2..=10).collect());
		assert_noop!(propose(10, deed()), E::NoRoom);
		assert_noop!(close(11, 3), E::StillOpen);
		assert_ok!(close(11, 0));
		assert_eq!(
			events().last(),
			Some(&Event::Closed {
				motion: 0,
				reason: Reason::Orphaned
			})
		);
		// There is room now, so that the others of the former member stay.
		assert_noop!(close(11, 1), E::StillOpen);
		propose(10, deed()).expect("there is room");
		check();
	});
}

#[test]
fn calls_are_short_and_light() {
	run(|| {
		let remark = |bytes| frame_system::Call::<Test>::remark { remark: vec![0; bytes] };
		// Two indices and a length of two bytes.
		propose(1, remark(1_020)).expect("1,024 bytes");
		assert_noop!(propose(1, remark(1_021)), E::CallTooLong);
		propose(
			1,
			deeds::Call::weigh {
				weight: 1_000_000_000_000,
			},
		)
		.expect("as heavy as it may be");
		assert_noop!(
			propose(
				2,
				deeds::Call::weigh {
					weight: 1_000_000_000_001
				}
			),
			E::CallTooHeavy
		);
	});
}

#[test]
fn numbers_are_never_used_twice() {
	run(|| {
		NextMotion::<Test>::put(u32::MAX);
		assert_noop!(propose(1, deed()), E::Overflow);
	});
}
