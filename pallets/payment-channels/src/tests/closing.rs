//! A close by one side, and what it comes to.

use crate::{mock::*, Cases, Error, Event, HoldReason};
use channel_primitives::{Claim, Settlement, DAY};
use frame_support::{assert_noop, assert_ok};

/// Alice has paid 3,000 and Bob 700.
#[test]
fn who_closes_and_who_answers_get_what_they_signed() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 2_000);
		let by_alice = line.half(ALICE, 30, 7, 3_000, &none());
		let by_bob = line.half(BOB, 7, 30, 700, &none());
		assert_ok!(line.close(ALICE, 3_000, &none(), Some(by_bob)));
		assert_ok!(line.update(BOB, by_alice, BOB));
		assert_noop!(line.settle(), Error::<Test>::TooEarly);
		pass(WINDOW);
		assert_noop!(line.settle(), Error::<Test>::TooEarly);
		pass(1);
		assert_ok!(line.settle());
		assert_eq!((free(ALICE), free(BOB)), (RICH - 2_300 - CHANNEL, RICH + 2_300));
		assert_eq!(in_pot(HoldReason::Stake), CHANNEL);
		// The deposit comes back when towers need not answer for it any more.
		assert_noop!(PaymentChannels::clear(origin(9), line.id), Error::<Test>::TooEarly);
		pass(7 * DAY + 1);
		assert_ok!(PaymentChannels::clear(origin(9), line.id));
		assert_eq!(free(ALICE), RICH - 2_300);
		assert!(line.is_gone());
	});
}

#[test]
fn a_close_says_all_that_a_watcher_needs() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let list = locks(&[lock(1, 1, 40), lock(2, 2, 60)]);
		System::reset_events();
		assert_ok!(line.close(ALICE, 3_000, &list, None));
		let started = Event::CloseStarted {
			channel: line.id,
			closer: line.side(ALICE),
			deadline: START + WINDOW,
			claim: Claim::new(3_000, &list),
			locks: list,
			brought: None,
			recovery: false,
		};
		assert_eq!(events(), [started]);
		let case = Cases::<Test>::get(line.id).expect("it closes");
		assert_eq!((case.dispute.closed, case.dispute.deadline), (START, START + WINDOW));
	});
}

#[test]
fn a_close_is_its_own_sides_and_signed() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let claim = line.sign(ALICE, Claim::new(3_000, &none()));
		let close = |who, claim| PaymentChannels::close(origin(who), line.id, claim, none(), None, Default::default());
		assert_noop!(close(CAROL, claim), Error::<Test>::NotASide);
		// Bob saw it, and sends it as his own.
		assert_noop!(close(BOB, claim), Error::<Test>::BadSignature);
		let mut other = claim;
		other.body.transferred = 2_000;
		assert_noop!(close(ALICE, other), Error::<Test>::BadSignature);
		assert_noop!(line.close(ALICE, 10_001, &none(), None), Error::<Test>::OverCapacity);
		let wrong_list = locks(&[lock(1, 1, 1)]);
		assert_noop!(
			PaymentChannels::close(origin(ALICE), line.id, claim, wrong_list, None, Default::default()),
			Error::<Test>::BadLocks
		);
		let forged = line.half(ALICE, 1, 0, 5, &none());
		assert_noop!(
			line.close(ALICE, 3_000, &none(), Some(forged)),
			Error::<Test>::BadSignature
		);
		assert_ok!(close(ALICE, claim));
		assert_noop!(close(ALICE, claim), Error::<Test>::NotOpen);
		assert_noop!(line.close(BOB, 0, &none(), None), Error::<Test>::NotOpen);
	});
}

/// A side that pays out of what it was paid brings the half that says so.
#[test]
fn what_was_received_is_room() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let by_alice = line.half(ALICE, 5, 1, 6_000, &none());
		assert_noop!(line.close(BOB, 4_000, &none(), None), Error::<Test>::OverCapacity);
		assert_ok!(line.close(BOB, 4_000, &none(), Some(by_alice)));
		line.settle_in_time();
		assert_eq!(free(BOB), RICH + 2_000);
	});
}

#[test]
fn an_answer_is_newer_signed_and_in_time() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let half = |nonce, amount| line.half(ALICE, nonce, 0, amount, &none());
		assert_noop!(line.update(BOB, half(2, 20), BOB), Error::<Test>::NotClosing);
		assert_ok!(line.close(ALICE, 30, &none(), None));
		assert_ok!(line.update(CAROL, half(2, 20), BOB));
		assert_noop!(line.update(BOB, half(2, 20), BOB), Error::<Test>::Stale);
		assert_noop!(line.update(BOB, half(1, 90), BOB), Error::<Test>::Stale);
		let side = line.side(ALICE);
		let (new, newer) = (half(3, 30), half(4, 40));
		let of_newer = line.submit(&newer, BOB, None, 0);
		// The word is for another half, or by the wrong side.
		assert_noop!(
			PaymentChannels::update(origin(BOB), line.id, side, new, of_newer),
			Error::<Test>::OtherHalf
		);
		let by_alice = line.submit(&new, ALICE, None, 0);
		assert_noop!(
			PaymentChannels::update(origin(BOB), line.id, side, new, by_alice),
			Error::<Test>::OtherHalf
		);
		let mut forged = newer;
		forged.body.transferred = 9_000;
		let submit = line.submit(&forged, BOB, None, 0);
		assert_noop!(
			PaymentChannels::update(origin(BOB), line.id, side, forged, submit),
			Error::<Test>::BadSignature
		);
		pass(WINDOW);
		assert_ok!(line.update(BOB, new, BOB));
		pass(1);
		assert_noop!(line.update(BOB, newer, BOB), Error::<Test>::TooLate);
		assert_ok!(line.settle());
		assert_eq!(free(BOB), RICH + 30);
	});
}

/// The closer's newest half of its partner came back to it late.
#[test]
fn a_closer_too_lets_in_what_is_newer() {
	run(|| {
		let line = open(ALICE, BOB, 1_000, 1_000);
		assert_ok!(line.close(ALICE, 100, &none(), None));
		let by_bob = line.half(BOB, 9, 0, 900, &none());
		assert_ok!(line.update(ALICE, by_bob, ALICE));
		line.settle_in_time();
		assert_eq!((free(ALICE), free(BOB)), (RICH + 800 - CHANNEL, RICH - 800));
	});
}

#[test]
fn whoever_answers_for_a_side_is_paid_out_of_what_it_gets() {
	run(|| {
		for (tower, sender, gets) in [(None, CAROL, CAROL), (Some(4), CAROL, 4)] {
			let line = open(ALICE, BOB, 10_000, 0);
			let before = (free(gets), free(BOB));
			let half = line.half(ALICE, 5, 0, 3_000, &none());
			assert_ok!(line.close(ALICE, 3_000, &none(), None));
			let submit = line.submit(&half, BOB, tower, 25);
			assert_ok!(PaymentChannels::update(
				origin(sender),
				line.id,
				line.side(ALICE),
				half,
				submit
			));
			line.settle_in_time();
			assert_eq!((free(gets), free(BOB)), (before.0 + 25, before.1 + 2_975));
		}
	});
}

#[test]
fn a_reward_is_no_more_than_the_side_gets() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let half = line.half(ALICE, 5, 0, 300, &none());
		assert_ok!(line.close(ALICE, 300, &none(), None));
		let submit = line.submit(&half, BOB, None, u128::MAX);
		assert_ok!(PaymentChannels::update(
			origin(CAROL),
			line.id,
			line.side(ALICE),
			half,
			submit
		));
		line.settle_in_time();
		assert_eq!((free(CAROL), free(BOB)), (RICH + 300, RICH));
	});
}

#[test]
fn settling_says_how() {
	run(|| {
		let line = open(ALICE, BOB, 1_000, 0);
		assert_ok!(line.close(ALICE, 250, &none(), None));
		System::reset_events();
		line.settle_in_time();
		let settlement = Settlement {
			paid: line.each(750, 250),
			reserved: line.each(0, 0),
		};
		assert_eq!(events(), [Event::Settled(line.id, settlement)]);
		assert_noop!(line.settle(), Error::<Test>::NotClosing);
	});
}

/// What an account that does not exist is paid is less than it has to hold: it stays where it is, and is paid later.
#[test]
fn what_can_not_be_paid_is_not_lost() {
	run(|| {
		let line = open(ALICE, NOBODY, 1_000, 0);
		assert_ok!(line.close(ALICE, LEAST - 1, &none(), None));
		line.settle_in_time();
		assert_eq!(free(NOBODY), 0);
		assert_eq!(in_pot(HoldReason::Stake), LEAST - 1 + CHANNEL);
		check();
		let pay = || PaymentChannels::pay(origin(9), account(NOBODY));
		assert_noop!(pay(), sp_runtime::TokenError::CannotCreate);
		// A second channel brings it together.
		let line = open(ALICE, NOBODY, 1_000, 0);
		assert_ok!(line.close(ALICE, 1, &none(), None));
		line.settle_in_time();
		assert_ok!(pay());
		assert_eq!(free(NOBODY), LEAST);
		assert_noop!(pay(), Error::<Test>::Nothing);
	});
}

#[test]
fn nothing_is_cleared_that_was_not_settled() {
	run(|| {
		let line = open(ALICE, BOB, 1_000, 0);
		assert_noop!(PaymentChannels::clear(origin(9), line.id), Error::<Test>::NotSettled);
		assert_noop!(PaymentChannels::clear(origin(9), 7), Error::<Test>::UnknownChannel);
	});
}
