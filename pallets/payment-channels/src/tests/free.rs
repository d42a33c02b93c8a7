//! Transactions without an account: no victim is stuck because it has no STCI.

use crate::{mock::*, Call, Error, MAX_FREE};
use channel_primitives::{Half, Signed, DAY};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{
	traits::BadOrigin,
	transaction_validity::{InvalidTransaction, TransactionSource},
};

fn update(line: &Line, half: Signed<Half>) -> Call<Test> {
	Call::update {
		channel: line.id,
		side: line.side(ALICE),
		half,
		submit: line.submit(&half, line.other(ALICE), None, 9),
	}
}

#[test]
fn a_half_is_let_in_for_who_has_nothing() {
	run(|| {
		let line = open(ALICE, NOBODY, 1_000, 0);
		let half = line.half(ALICE, 3, 0, 600, &none());
		assert_eq!(
			apply(update(&line, half)),
			Err(ahead()),
			"the close may come with the next block"
		);
		assert_ok!(line.close(ALICE, 600, &none(), None));
		assert_eq!(apply(update(&line, half)), Ok(()));
		assert_eq!(apply(update(&line, half)), Err(InvalidTransaction::Stale.into()));
		let settle = || Call::settle { channel: line.id };
		assert_eq!(apply(settle()), Err(ahead()));
		pass(WINDOW + 1);
		assert_eq!(apply(settle()), Ok(()));
		// Nobody sent it, and nobody is paid for it.
		assert_eq!(free(NOBODY), 600);
	});
}

#[test]
fn what_is_looked_at_leaves_no_trace() {
	run(|| {
		let line = open(ALICE, BOB, 1_000, 0);
		assert_ok!(line.close(ALICE, 0, &none(), None));
		let call = RuntimeCall::from(update(&line, line.half(ALICE, 3, 0, 600, &none())));
		let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
		let valid = pallet_testkit::validity(&call, TransactionSource::External).expect("it counts");
		assert_eq!(sp_io::storage::root(sp_runtime::StateVersion::V1), before);
		assert_eq!(valid.provides.len(), 1);
		let other = RuntimeCall::from(update(&line, line.half(ALICE, 4, 0, 600, &none())));
		let other = pallet_testkit::validity(&other, TransactionSource::External).expect("it counts");
		assert_ne!(valid.provides, other.provides, "the pool keeps both");
	});
}

#[test]
fn a_side_answers_four_times_for_nothing() {
	run(|| {
		let line = open(ALICE, BOB, 1_000, 0);
		assert_ok!(line.close(ALICE, 0, &none(), None));
		let half = |nonce| line.half(ALICE, nonce, 0, 1, &none());
		for nonce in 1..=u64::from(MAX_FREE) {
			assert_eq!(apply(update(&line, half(nonce))), Ok(()));
		}
		let full = Err(InvalidTransaction::Payment.into());
		assert_eq!(apply(update(&line, half(9))), full);
		// The other side has its own, and whoever pays is not counted.
		let by_bob = line.half(BOB, 1, 0, 0, &none());
		let of_bob = Call::update {
			channel: line.id,
			side: line.side(BOB),
			half: by_bob,
			submit: line.submit(&by_bob, ALICE, None, 0),
		};
		assert_eq!(apply(of_bob), Ok(()));
		assert_ok!(line.update(CAROL, half(9), BOB));
	});
}

#[test]
fn fraud_is_proven_for_who_has_nothing() {
	run(|| {
		let line = open(ALICE, NOBODY, 1_000, 0);
		assert_ok!(line.close(ALICE, 0, &none(), None));
		let proof = |half| Call::prove_fraud {
			channel: line.id,
			half,
			half_locks: None,
			claim_locks: None,
			submit: None,
		};
		let bad = Err(InvalidTransaction::BadProof.into());
		assert_eq!(apply(proof(line.half(ALICE, 3, 0, 0, &none()))), bad);
		assert_eq!(apply(proof(line.half(ALICE, 3, 0, 600, &none()))), Ok(()));
		assert_eq!(free(NOBODY), 1_000);
	});
}

/// A claim that is too low after a loss of data is corrected once for nothing, and that is none of the four answers.
#[test]
fn a_recovery_is_corrected_for_who_has_nothing() {
	run(|| {
		let line = open(ALICE, NOBODY, 1_000, 0);
		let (claim, words) = (channel_primitives::Claim::new(0, &none()), Default::default());
		assert_ok!(PaymentChannels::close_recovery(
			origin(ALICE),
			line.id,
			claim,
			none(),
			None,
			words
		));
		let proof = |nonce| {
			let half = line.half(ALICE, nonce, 0, 1, &none());
			Call::prove_fraud {
				channel: line.id,
				half,
				half_locks: None,
				claim_locks: None,
				submit: Some(line.submit(&half, NOBODY, None, 0)),
			}
		};
		assert_eq!(apply(proof(1)), Ok(()));
		assert_eq!(apply(proof(2)), Err(InvalidTransaction::Payment.into()));
		for nonce in 11..=10 + u64::from(MAX_FREE) {
			assert_eq!(apply(update(&line, line.half(ALICE, nonce, 0, 600, &none()))), Ok(()));
		}
	});
}

#[test]
fn locks_are_split_for_who_has_nothing() {
	run(|| {
		let line = open(ALICE, NOBODY, 1_000, 0);
		let list = locks(&[lock(1, 1, 600)]);
		assert_ok!(line.close(ALICE, 0, &list, None));
		assert_ok!(reveal(CAROL, 1));
		line.settle_in_time();
		let unlock = |locks| Call::unlock {
			channel: line.id,
			side: line.side(ALICE),
			locks,
		};
		assert_eq!(apply(unlock(None)), Err(ahead()));
		assert_eq!(apply(unlock(Some(list.clone()))), Ok(()));
		assert_eq!(free(NOBODY), 600);
		assert_eq!(apply(unlock(Some(list))), Err(InvalidTransaction::Stale.into()));
	});
}

#[test]
fn whatever_else_needs_an_account() {
	run(|| {
		let line = open(ALICE, BOB, 1_000, 0);
		let nobody = || RuntimeOrigin::from(frame_system::RawOrigin::<AccountId>::Authorized);
		assert_noop!(PaymentChannels::clear(nobody(), line.id), BadOrigin);
		assert_noop!(PaymentChannels::settle(RuntimeOrigin::root(), line.id), BadOrigin);
		assert_noop!(PaymentChannels::deposit(nobody(), line.id, 5), BadOrigin);
		assert_ok!(line.close(ALICE, 0, &none(), None));
		pass(DAY);
		assert_ok!(PaymentChannels::settle(nobody(), line.id));
		assert_noop!(PaymentChannels::settle(nobody(), line.id), Error::<Test>::NotClosing);
	});
}
