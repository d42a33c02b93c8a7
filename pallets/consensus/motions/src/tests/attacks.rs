//! What somebody might try.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult, storage::with_storage_layer};
use sp_runtime::{DispatchError, TransactionalError};

type E = Error<Test>;

#[test]
fn a_motion_is_carried_once_even_if_its_call_votes_on_it() {
	run(|| {
		let motion = propose(1, deeds::Call::vote_again { member: 6, motion: 0 }).expect("a member");
		for member in 2..=5 {
			assert_ok!(vote(member, motion, true));
		}
		assert_eq!(Done::get(), 1);
		assert_eq!(Again::get(), Some(Err(E::NoMotion.into())));
		let carried = events()
			.into_iter()
			.filter(|event| matches!(event, Event::Carried { .. }))
			.count();
		assert_eq!(carried, 1);
	});
}

#[test]
fn motions_within_motions_have_nobody_to_sign_them() {
	run(|| {
		Members::set(vec![1]);
		let inner = || RuntimeCall::from(Call::<Test>::propose { call: Box::new(deed()) });
		let batch = RuntimeCall::from(pallet_utility::Call::batch_all {
			calls: vec![inner(), inner()],
		});
		for call in [inner(), batch] {
			let motion = propose(1, call).expect("a member");
			match events().last() {
				Some(Event::Carried {
					motion: carried,
					result,
				}) => {
					assert_eq!((*carried, *result), (motion, Err(DispatchError::BadOrigin)));
				}
				other => panic!("not carried: {other:?}"),
			}
		}
		assert_eq!(Done::get(), 0);
		assert_eq!(Motions::<Test>::count(), 0);
	});
}

#[test]
fn votes_of_former_members_do_not_count() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		for member in 2..=4 {
			assert_ok!(vote(member, motion, true));
		}
		Members::set(vec![3, 4, 5, 6, 7, 8, 9]);
		assert_noop!(vote(1, motion, true), E::NotMember);
		assert_ok!(vote(5, motion, true));
		assert_eq!(Done::get(), 0, "three of seven");
		assert_ok!(vote(8, motion, true));
		assert_ok!(vote(9, motion, true));
		assert_eq!(Done::get(), 1);
	});
}

#[test]
fn who_was_dropped_and_comes_back_votes_again() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		assert_ok!(vote(2, motion, true));
		Members::set((3..=9).collect());
		assert_ok!(vote(3, motion, true));
		Members::set((1..=7).collect());
		for member in 4..=6 {
			assert_ok!(vote(member, motion, true));
		}
		assert_eq!(Done::get(), 0, "those of 1 and 2 were dropped");
		assert_ok!(vote(1, motion, true));
		assert_eq!(Done::get(), 1);
	});
}

#[test]
fn fewer_members_carry_by_an_aye_alone() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		for member in 2..=4 {
			assert_ok!(vote(member, motion, true));
		}
		// Four of six are enough now.
		Members::set((1..=6).collect());
		assert_ok!(vote(5, motion, false));
		assert_eq!(Done::get(), 0, "a nay carries nothing");
		assert_noop!(vote(5, motion, false), E::AlreadyVoted);
		assert_ok!(vote(1, motion, true));
		assert_eq!(Done::get(), 1, "an aye that is given again does");
	});
}

#[test]
fn the_only_one_of_four_that_stands_decides_nothing() {
	run(|| {
		Members::set(vec![1]);
		OtherSeats::set(3);
		let motion = propose(1, deed()).expect("a member");
		let voted = Event::Voted {
			motion,
			member: 1,
			aye: true,
			ayes: 1,
			nays: 0,
			needed: 3,
		};
		assert_eq!(events().last(), Some(&voted));
		assert_noop!(vote(1, motion, true), E::AlreadyVoted);
		Members::set(vec![1, 2]);
		OtherSeats::set(2);
		assert_ok!(vote(2, motion, true));
		assert_noop!(vote(1, motion, true), E::AlreadyVoted);
		assert_eq!(Done::get(), 0, "two of four");
		// They are back.
		Members::set(vec![1, 2, 3]);
		OtherSeats::set(1);
		assert_ok!(vote(3, motion, true));
		assert_eq!(Done::get(), 1, "three of four");
	});
}

#[test]
fn more_members_take_more_ayes() {
	run(|| {
		Members::set(vec![1, 2, 3, 4]);
		let motion = propose(1, deed()).expect("a member");
		assert_ok!(vote(2, motion, true));
		Members::set((1..=9).collect());
		for member in 3..=5 {
			assert_ok!(vote(member, motion, true));
		}
		assert_eq!(Done::get(), 0, "five of nine");
		assert_ok!(vote(6, motion, true));
		assert_eq!(Done::get(), 1);
	});
}

#[test]
fn without_members_nothing_is_carried() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		Members::set(vec![]);
		assert_noop!(vote(1, motion, true), E::NotMember);
		assert_noop!(close(1, motion), E::StillOpen);
		block(TERM + 2);
		assert_ok!(close(1, motion));
		assert_eq!(Done::get(), 0);
	});
}

#[test]
fn a_motion_may_take_out_its_own_voters() {
	run(|| {
		let motion = propose(1, deeds::Call::eliminate { who: 5 }).expect("a member");
		for member in 2..=5 {
			assert_ok!(vote(member, motion, true));
		}
		assert_eq!(Members::get(), vec![1, 2, 3, 4, 6, 7]);
	});
}

#[test]
fn more_members_than_may_be_cannot_overflow_a_motion() {
	run(|| {
		Members::set((1..=100).collect());
		let motion = propose(1, deed()).expect("a member");
		for member in 2..=u64::from(MOST) {
			assert_ok!(vote(member, motion, true));
		}
		assert_noop!(vote(50, motion, true), E::Overflow);
	});
}

#[test]
fn what_was_said_aye_to_is_what_is_done_or_nothing() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		Encoding::set(2);
		assert_noop!(vote(2, motion, true), E::Outdated);
		assert_ok!(close(9, motion));
		assert_eq!(
			events().last(),
			Some(&Event::Closed {
				motion,
				reason: Reason::Outdated
			})
		);
	});
}

#[test]
fn a_call_that_does_not_decode_is_not_dispatched() {
	run(|| {
		Members::set(vec![1, 2]);
		for bytes in [
			vec![],
			vec![0xff; 8],
			[codec::Encode::encode(&deed()), vec![0]].concat(),
		] {
			let motion = propose(1, deed()).expect("a member");
			Calls::<Test>::insert(motion, frame_support::BoundedVec::truncate_from(bytes));
			assert_ok!(vote(2, motion, true));
			let result = Err(E::BadCall.into());
			assert_eq!(events().last(), Some(&Event::Carried { motion, result }));
		}
		assert_eq!(Done::get(), 0);
	});
}

#[test]
fn a_call_that_became_heavier_than_was_paid_for_is_not_dispatched() {
	run(|| {
		Members::set(vec![1, 2]);
		let motion = propose(1, deeds::Call::weigh { weight: 500_000 }).expect("a member");
		MaxCallWeight::set(frame_support::weights::Weight::from_parts(400_000, u64::MAX));
		assert_ok!(vote(2, motion, true));
		let result = Err(E::CallTooHeavy.into());
		assert_eq!(events().last(), Some(&Event::Carried { motion, result }));
	});
}

/// Does something so deep in layers of storage, as batches in each other lay it.
fn within(layers: u32, act: &dyn Fn() -> DispatchResult) -> DispatchResult {
	match layers.checked_sub(1) {
		None => act(),
		Some(fewer) => with_storage_layer(|| within(fewer, act)),
	}
}

/// Digger is a director, and casts the last aye so deep in batches that the call finds no layer of storage: a motion
/// that it does not like would be gone, and nothing done.
#[test]
fn digger_ends_no_motion_by_carrying_it() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		for member in 2..=4 {
			assert_ok!(vote(member, motion, true));
		}
		let last = || vote(5, motion, true);
		// There are 255. One is taken by the vote, and sixteen are kept for what it carries.
		for layers in [239, 247, 252, 253, 254] {
			assert_noop!(within(layers, &last), TransactionalError::LimitReached);
		}
		assert_eq!(Done::get(), 0);
		assert_ok!(within(238, &last));
		assert_eq!(Done::get(), 1);
	});
}
