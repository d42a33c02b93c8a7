//! Towers with a bond, and endpoints.

use crate::{mock::*, Endpoint, Error, Event, HoldReason, Towers};
use channel_primitives::{Half, Receipt, Rekey, Resync, Signed, Tick, DAY};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult, BoundedVec};

/// Carol is the tower here.
const TOWER: Who = CAROL;

fn tower() {
	assert_ok!(PaymentChannels::register_tower(origin(TOWER), key(TOWER, 0), 5_000));
}

/// What the tower has signed for Bob.
fn receipt(line: &Line, nonce: u64, until: Tick, cover: u128) -> Signed<Receipt> {
	let body = Receipt {
		side: line.side(BOB),
		nonce,
		until,
		cover,
	};
	// In the context of Bob, by the key of the tower.
	sign_as(TOWER, &line.context(BOB), body)
}

fn fail(line: &Line, receipt: Signed<Receipt>, half: Signed<Half>) -> DispatchResult {
	PaymentChannels::claim_tower_failure(origin(9), line.id, account(TOWER), receipt, half)
}

/// Alice owes Bob 3,000, and closes with 400; nobody answers.
fn unanswered() -> (Line, Signed<Half>) {
	let line = open(ALICE, BOB, 10_000, 0);
	let half = line.half(ALICE, 30, 0, 3_000, &none());
	assert_ok!(line.close(ALICE, 400, &none(), None));
	line.settle_in_time();
	(line, half)
}

#[test]
fn a_tower_that_did_not_answer_pays_what_that_cost() {
	run(|| {
		tower();
		let (line, half) = unanswered();
		assert_eq!(free(BOB), RICH + 400);
		let now = Now::get();
		let signed = receipt(&line, 30, now, 10_000);
		assert_ok!(fail(&line, signed, half));
		assert_eq!(free(BOB), RICH + 3_000);
		assert_eq!(in_pot(HoldReason::Bond), 5_000 - 2_600);
		assert_eq!(
			events().last(),
			Some(&Event::TowerPaid(account(TOWER), line.id, line.side(BOB), 2_600))
		);
		assert_noop!(fail(&line, signed, half), Error::<Test>::AlreadyPaid);
	});
}

#[test]
fn a_tower_pays_what_it_covers_and_has() {
	run(|| {
		tower();
		for (cover, pays) in [(1_000, 1_000), (100_000, 2_600), (100_000, 1_400)] {
			let before = free(BOB);
			let (line, half) = unanswered();
			assert_ok!(fail(&line, receipt(&line, 30, Now::get(), cover), half));
			assert_eq!(free(BOB), before + 400 + pays);
		}
		let (line, half) = unanswered();
		assert_noop!(
			fail(&line, receipt(&line, 30, Now::get(), 1_000), half),
			Error::<Test>::NoLoss
		);
	});
}

#[test]
fn a_tower_does_not_pay_for_what_it_did_not_promise() {
	run(|| {
		tower();
		let (line, half) = unanswered();
		let now = Now::get();
		assert_noop!(
			fail(&line, receipt(&line, 30, now - 1, 9), half),
			Error::<Test>::ReceiptOver
		);
		assert_noop!(fail(&line, receipt(&line, 29, now, 9), half), Error::<Test>::OtherHalf);
		let other = open(ALICE, BOB, LEAST, 0);
		assert_noop!(
			fail(&line, receipt(&other, 30, now, 9), half),
			Error::<Test>::BadSignature
		);
		assert_noop!(
			fail(&other, receipt(&other, 30, now, 9), half),
			Error::<Test>::NotSettled
		);
		let by_bob = line.sign(BOB, receipt(&line, 30, now, 9).body);
		assert_noop!(fail(&line, by_bob, half), Error::<Test>::BadSignature);
		// Bob makes a half up.
		let forged = line.sign(BOB, half.body);
		assert_noop!(
			fail(&line, receipt(&line, 30, now, 9), forged),
			Error::<Test>::BadSignature
		);
		let nobody =
			PaymentChannels::claim_tower_failure(origin(9), line.id, account(4), receipt(&line, 30, now, 9), half);
		assert_eq!(nobody, Err(Error::<Test>::NotTower.into()));
	});
}

/// Who was answered for has lost nothing.
#[test]
fn a_tower_that_answered_does_not_pay() {
	run(|| {
		tower();
		let line = open(ALICE, BOB, 10_000, 0);
		let half = line.half(ALICE, 30, 0, 3_000, &none());
		assert_ok!(line.close(ALICE, 400, &none(), None));
		assert_ok!(line.update(TOWER, half, BOB));
		line.settle_in_time();
		assert_noop!(
			fail(&line, receipt(&line, 30, Now::get(), 9), half),
			Error::<Test>::NoLoss
		);
	});
}

/// Bob signs that Alice has lost the half that the tower holds: the tower can not let it in.
#[test]
fn a_tower_does_not_pay_for_what_could_not_be_let_in() {
	run(|| {
		tower();
		let line = open(ALICE, BOB, 10_000, 0);
		let half = line.half(ALICE, 30, 0, 3_000, &none());
		let word = Resync {
			held: 4,
			resume: Resync::resume_at(Now::get()),
		};
		assert_ok!(line.close_with(ALICE, 400, &none(), None, &[word]));
		line.settle_in_time();
		assert_noop!(
			fail(&line, receipt(&line, 30, Now::get(), 9), half),
			Error::<Test>::Superseded
		);
	});
}

/// Colluders are both sides of a channel, and want the bond: one signs that it owes less after all, and the other lets
/// that in over what the tower had let in.
#[test]
fn colluders_get_nothing_of_a_tower_that_answered() {
	run(|| {
		tower();
		let line = open(ALICE, BOB, 10_000, 0);
		let half = line.half(ALICE, 30, 0, 3_000, &none());
		assert_ok!(line.close(ALICE, 0, &none(), None));
		assert_ok!(line.update(TOWER, half, BOB));
		assert_ok!(line.update(BOB, line.half(ALICE, 31, 0, 0, &none()), BOB));
		line.settle_in_time();
		let signed = receipt(&line, 30, Now::get(), 10_000);
		assert_noop!(fail(&line, signed, half), Error::<Test>::NoLoss);
	});
}

/// The one for whom the tower watches closes without the half that it holds: it would have to bring that itself.
#[test]
fn colluders_get_nothing_by_closing_for_themselves() {
	run(|| {
		tower();
		let line = open(ALICE, BOB, 10_000, 0);
		let half = line.half(ALICE, 30, 0, 3_000, &none());
		assert_ok!(line.close(BOB, 0, &none(), None));
		line.settle_in_time();
		let signed = receipt(&line, 30, Now::get(), 10_000);
		assert_noop!(fail(&line, signed, half), Error::<Test>::NoLoss);
	});
}

/// One lets in a newer half at the last tick, and the other shows that it was lost, so that none is left: the tower had
/// let in what it holds, and has no time to do it again.
#[test]
fn colluders_get_nothing_by_a_half_that_goes_again() {
	run(|| {
		tower();
		let line = open(ALICE, BOB, 10_000, 0);
		let half = line.half(ALICE, 30, 0, 3_000, &none());
		assert_ok!(line.close(ALICE, 0, &none(), None));
		assert_ok!(line.update(TOWER, half, BOB));
		pass(WINDOW);
		assert_ok!(line.update(BOB, line.half(ALICE, 31, 0, 0, &none()), BOB));
		let word = line.sign(BOB, Resync { held: 30, resume: 40 });
		assert_ok!(PaymentChannels::resync(
			origin(ALICE),
			line.id,
			line.side(ALICE),
			word,
			None
		));
		check();
		pass(1);
		assert_ok!(line.settle());
		let signed = receipt(&line, 30, Now::get(), 10_000);
		assert_noop!(fail(&line, signed, half), Error::<Test>::NoLoss);
	});
}

/// They change the key of whom the tower watches for: the word that the tower was given is none any more.
#[test]
fn colluders_get_nothing_by_a_new_key() {
	run(|| {
		tower();
		let line = open(ALICE, BOB, 10_000, 0);
		let half = line.half(ALICE, 30, 0, 3_000, &none());
		let given = line.submit(&half, BOB, Some(TOWER), 5);
		let (side, new) = (line.side(BOB), key(BOB, 1));
		let signatures = line.both(Rekey { side, key: new });
		assert_ok!(PaymentChannels::rekey(origin(9), line.id, side, new, signatures));
		assert_ok!(line.close(ALICE, 0, &none(), None));
		assert_noop!(
			PaymentChannels::update(origin(TOWER), line.id, line.side(ALICE), half, given),
			Error::<Test>::BadSignature
		);
		line.settle_in_time();
		let signed = receipt(&line, 30, Now::get(), 10_000);
		assert_noop!(fail(&line, signed, half), Error::<Test>::Superseded);
	});
}

#[test]
fn a_tower_leaves_when_nothing_that_it_signed_is_open() {
	run(|| {
		assert_noop!(PaymentChannels::leave_tower(origin(TOWER)), Error::<Test>::NotTower);
		tower();
		assert_noop!(
			PaymentChannels::register_tower(origin(TOWER), key(TOWER, 1), 5_000),
			Error::<Test>::AlreadyTower
		);
		assert_ok!(PaymentChannels::leave_tower(origin(TOWER)));
		pass(67 * DAY);
		assert_noop!(PaymentChannels::leave_tower(origin(TOWER)), Error::<Test>::TooEarly);
		// It pays until it is gone.
		let (line, half) = unanswered();
		assert_ok!(fail(&line, receipt(&line, 30, Now::get(), 10_000), half));
		assert_ok!(PaymentChannels::leave_tower(origin(TOWER)));
		assert_eq!(Towers::<Test>::iter().count(), 0);
		assert_eq!(free(TOWER), RICH - 2_600);
	});
}

#[test]
fn a_tower_needs_a_bond_and_a_key_of_its_own() {
	run(|| {
		let register = |key, bond| PaymentChannels::register_tower(origin(TOWER), key, bond);
		let mut weak = key(TOWER, 0);
		weak.0 = [0; 32];
		assert_noop!(register(weak, BOND), Error::<Test>::BadKey);
		assert_noop!(register(key(TOWER, 0), BOND - 1), Error::<Test>::BondTooSmall);
		assert_ok!(register(key(TOWER, 0), BOND));
	});
}

#[test]
fn a_node_says_where_it_is_reached() {
	run(|| {
		let endpoint = |byte| Endpoint {
			node: [byte; 32],
			url: BoundedVec::truncate_from(b"wss://pay.example".to_vec()),
		};
		assert_noop!(PaymentChannels::announce(origin(BOB), None), Error::<Test>::NoEndpoint);
		for byte in [1, 2] {
			assert_ok!(PaymentChannels::announce(origin(BOB), Some(endpoint(byte))));
			assert_eq!(held(BOB, HoldReason::Deposit), ENDPOINT);
			check();
		}
		assert_ok!(PaymentChannels::announce(origin(BOB), None));
		assert_eq!((held(BOB, HoldReason::Deposit), free(BOB)), (0, RICH));
	});
}
