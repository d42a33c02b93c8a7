//! Data that was lost.

use crate::{mock::*, Cases, Error, Event};
use channel_primitives::{Claim, Half, Locks, Resync, Signed, DAY};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};

/// What Bob signs for Alice, of whom he holds the half `held`.
fn word(held: u64) -> Resync {
	Resync {
		held,
		resume: Resync::resume_at(Now::get()),
	}
}

fn recover(line: &Line, who: Who, owes: u128, brought: Option<Signed<Half>>) -> DispatchResult {
	let claim = Claim::new(owes, &Locks::default());
	PaymentChannels::close_recovery(origin(who), line.id, claim, none(), brought, Default::default())
}

/// Bob shows that Alice's claim was too low, and lets the half in.
fn correct(line: &Line, half: Signed<Half>) -> DispatchResult {
	let submit = line.submit(&half, BOB, None, 0);
	PaymentChannels::prove_fraud(origin(BOB), line.id, half, None, None, Some(submit))
}

#[test]
fn halves_that_were_lost_count_no_more() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let (known, lost) = (
			line.half(ALICE, 4, 0, 400, &none()),
			line.half(ALICE, 9, 0, 900, &none()),
		);
		let word = word(4);
		assert_ok!(line.close_with(ALICE, 400, &none(), None, &[word]));
		assert_noop!(line.prove(lost, (None, None)), Error::<Test>::Superseded);
		assert_noop!(line.update(BOB, lost, BOB), Error::<Test>::Superseded);
		assert_ok!(line.update(BOB, known, BOB));
		line.settle_in_time();
		assert_eq!(free(BOB), RICH + 400);
	});
}

#[test]
fn what_was_signed_of_lost_data_can_be_shown_later() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let lost = line.half(ALICE, 9, 0, 900, &none());
		let (side, word) = (line.side(ALICE), word(4));
		let by_bob = line.sign(BOB, word);
		let show = |word| PaymentChannels::resync(origin(ALICE), line.id, side, word, None);
		assert_noop!(show(by_bob), Error::<Test>::NotClosing);
		assert_ok!(line.close(BOB, 0, &none(), None));
		let submit = line.submit(&lost, BOB, Some(CAROL), 50);
		assert_ok!(PaymentChannels::update(origin(CAROL), line.id, side, lost, submit));
		// Alice can not say so herself.
		assert_noop!(show(line.sign(ALICE, word)), Error::<Test>::BadSignature);
		System::reset_events();
		assert_ok!(show(by_bob));
		assert_eq!(events(), [Event::Resynced(line.id, side, word)]);
		let case = Cases::<Test>::get(line.id).expect("it closes");
		assert_eq!(*case.dispute.halves.get(side), None);
		assert_eq!(*case.rewards.get(side.partner()), None);
		line.settle_in_time();
		assert_eq!((free(BOB), free(CAROL)), (RICH, RICH));
	});
}

#[test]
fn data_can_be_lost_four_times() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		assert_ok!(line.close(ALICE, 0, &none(), None));
		let show = |held| {
			let word = line.sign(BOB, word(held));
			PaymentChannels::resync(origin(ALICE), line.id, line.side(ALICE), word, None)
		};
		for held in 1..5 {
			assert_ok!(show(held));
		}
		assert_noop!(show(4), Error::<Test>::Stale);
		assert_noop!(show(5), Error::<Test>::TooManyResyncs);
		pass(WINDOW + 1);
		assert_noop!(show(1), Error::<Test>::TooLate);
	});
}

/// Alice knows of 100 that she owes, and owes 700.
#[test]
fn a_recovery_that_is_too_low_costs_a_fine_and_no_more() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let newest = line.half(ALICE, 9, 0, 700, &none());
		assert_ok!(recover(&line, ALICE, 100, None));
		assert_ok!(correct(&line, newest));
		assert!(!line.is_gone());
		assert_eq!(events().last(), Some(&Event::Corrected(line.id, line.side(ALICE))));
		pass(14 * DAY);
		assert_noop!(line.settle(), Error::<Test>::TooEarly);
		pass(1);
		assert_ok!(line.settle());
		assert_eq!(free(BOB), RICH + 700 + 100);
	});
}

#[test]
fn a_recovery_that_nobody_corrects_costs_nothing() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		assert_noop!(recover(&line, CAROL, 100, None), Error::<Test>::NotASide);
		assert_ok!(recover(&line, ALICE, 100, None));
		assert_ok!(line.update(BOB, line.half(ALICE, 9, 0, 700, &none()), BOB));
		pass(14 * DAY + 1);
		assert_ok!(line.settle());
		assert_eq!(free(BOB), RICH + 700);
	});
}

/// Eight windows, but fourteen days at least, and no longer than reveals allow.
#[test]
fn answers_to_a_recovery_count_for_longer() {
	run(|| {
		for (window, longer) in [(WINDOW, 14), (2 * DAY, 16), (7 * DAY + DAY / 2, 60), (60 * DAY, 60)] {
			let line = open_with(ALICE, BOB, 100, 0, window);
			assert_ok!(recover(&line, ALICE, 0, None));
			let case = Cases::<Test>::get(line.id).expect("it closes");
			assert_eq!(case.dispute.deadline - case.dispute.closed, longer * DAY);
		}
	});
}

/// What is promised to the tower that lets a half in is not lost by a proof.
#[test]
fn a_tower_that_corrects_is_paid() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let newest = line.half(ALICE, 9, 0, 700, &none());
		assert_ok!(recover(&line, ALICE, 100, None));
		let submit = line.submit(&newest, BOB, Some(CAROL), 30);
		assert_ok!(PaymentChannels::prove_fraud(
			origin(4),
			line.id,
			newest,
			None,
			None,
			Some(submit)
		));
		pass(14 * DAY + 1);
		assert_ok!(line.settle());
		assert_eq!((free(BOB), free(CAROL)), (RICH + 770, RICH + 30));
	});
}

/// Dropper claims what it owes, with a lock, so that its partner is satisfied, and takes the lock out again when nobody
/// can answer any more: it corrects itself by a half of its own making, with the highest nonce there is.
#[test]
fn dropper_can_not_correct_itself() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let (list, words) = (locks(&[lock(1, 1, 3_000)]), Default::default());
		let (owed, made_up) = (
			line.half(ALICE, 9, 0, 700, &none()),
			line.half(ALICE, u64::MAX, 0, 1, &none()),
		);
		let claim = Claim::new(0, &list);
		assert_ok!(PaymentChannels::close_recovery(
			origin(ALICE),
			line.id,
			claim,
			list.clone(),
			None,
			words
		));
		pass(14 * DAY + 1);
		assert_noop!(line.prove(made_up, (None, Some(list.clone()))), Error::<Test>::NoSubmit);
		let by_itself = line.submit(&made_up, ALICE, None, 0);
		assert_noop!(
			PaymentChannels::prove_fraud(origin(ALICE), line.id, made_up, None, Some(list), Some(by_itself)),
			Error::<Test>::OtherHalf
		);
		// Its partner can: it is worth its while only if that is more.
		assert_noop!(correct(&line, owed), Error::<Test>::NotAFraud);
		assert_ok!(line.settle());
		let state = PaymentChannels::channel(line.id).expect("locks are left");
		let channel_primitives::Stage::Settled(pending) = state.stage else {
			panic!("{state:?}")
		};
		assert_eq!(
			pending.get(line.side(ALICE)).map(|pending| pending.reserved),
			Some(3_000)
		);
	});
}
