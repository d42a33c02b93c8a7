//! Transactions without an account: no victim is stuck because it has no STCI.

use crate::{mock::*, Answer, Call, Error, MAX_FREE};
use channel_primitives::{Balance, Half, Resync, Signed, DAY};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
};
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
	});
}

/// Flooder and its partner sign as many halves as they like, each of which would count: the pool keeps one at a time,
/// and so of proofs and words.
#[test]
fn flooder_fills_no_pool() {
	run(|| {
		let line = open(ALICE, BOB, 1_000, 0);
		assert_ok!(line.close(ALICE, 0, &none(), None));
		let provides = |call: Call<Test>| {
			let call = RuntimeCall::from(call);
			let valid = pallet_testkit::validity(&call, TransactionSource::External);
			valid.expect("it counts").provides
		};
		let half = |nonce| line.half(ALICE, nonce, 0, 600, &none());
		let (halves, proofs, words) = (
			[3, 4].map(|nonce| provides(update(&line, half(nonce)))),
			[3, 4].map(|nonce| {
				provides(Call::prove_fraud {
					channel: line.id,
					half: half(nonce),
					half_locks: None,
					claim_locks: None,
					submit: None,
				})
			}),
			[3, 4].map(|held| {
				let word = line.sign(BOB, Resync { held, resume: 90 });
				provides(Call::resync {
					channel: line.id,
					side: line.side(ALICE),
					word,
					submit: Some(line.submit(&word, ALICE, None, 0)),
				})
			}),
		);
		for [one, other] in [&halves, &proofs, &words] {
			assert_eq!(one, other);
		}
		assert!(halves != proofs && proofs != words && halves != words);
		// Those of another channel are none of these.
		let other = open(ALICE, BOB, 1_000, 0);
		assert_ok!(other.close(ALICE, 0, &none(), None));
		assert_ne!(
			provides(update(&other, other.half(ALICE, 3, 0, 600, &none()))),
			halves[0]
		);
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

/// Whoever opens channels to fill blocks with what nobody pays for pays for it.
#[test]
fn what_no_account_sends_is_paid_out_of_the_deposit() {
	run(|| {
		let (line, issued) = (open(ALICE, NOBODY, 1_000, 0), Balances::total_issuance());
		let list = locks(&[lock(1, 1, 100)]);
		assert_ok!(line.close(ALICE, 600, &list, None));
		let half = line.half(ALICE, 3, 0, 600, &list);
		assert_eq!(apply(update(&line, half)), Ok(()));
		assert_ok!(reveal(CAROL, 1));
		pass(WINDOW + 1);
		assert_eq!(apply(Call::settle { channel: line.id }), Ok(()));
		let unlock = Call::unlock {
			channel: line.id,
			side: line.side(ALICE),
			locks: Some(list),
		};
		assert_eq!(apply(unlock), Ok(()));
		assert_eq!((free(NOBODY), Balances::total_issuance()), (700, issued));
		pass(7 * DAY + 1);
		assert_ok!(PaymentChannels::clear(origin(9), line.id));
		assert_eq!(free(ALICE), RICH - 700 - 3 * FEE);
		assert_eq!(Balances::total_issuance(), issued - 3 * FEE);
		// A proof is one, and what accounts send costs nothing of it.
		let line = open(BOB, NOBODY, 1_000, 0);
		assert_ok!(line.close(BOB, 0, &none(), None));
		assert_ok!(line.update(CAROL, line.half(BOB, 1, 0, 0, &none()), NOBODY));
		let proof = Call::prove_fraud {
			channel: line.id,
			half: line.half(BOB, 3, 0, 600, &none()),
			half_locks: None,
			claim_locks: None,
			submit: None,
		};
		assert_eq!(apply(proof), Ok(()));
		assert_eq!(free(BOB), RICH - 1_000 - FEE);
	});
}

/// Stuffer closes channels with a partner in league while fees are high, and fills what is kept free of blocks with
/// answers: each costs what it would with an account then, as long as the deposit has anything left.
#[test]
fn stuffer_pays_for_answers_what_fees_are_then() {
	run(|| {
		Multiplier::set(1);
		let issued = Balances::total_issuance();
		let settle_after = |answers: u64| {
			let line = open(ALICE, BOB, 1_000, 0);
			assert_ok!(line.close(ALICE, 0, &none(), None));
			for nonce in 1..=answers {
				assert_eq!(apply(update(&line, line.half(ALICE, nonce, 0, 1, &none()))), Ok(()));
			}
			line.settle_in_time();
			pass(7 * DAY + 1);
			assert_ok!(PaymentChannels::clear(origin(9), line.id));
			issued - Balances::total_issuance()
		};
		// It is looked at, and carried out.
		let fee = 2 * Balance::from(<() as crate::WeightInfo>::update().ref_time());
		assert!(fee > FEE);
		assert_eq!(settle_after(2), 2 * fee);
	});
}

/// A victim has its answers also if what is left of the deposit does not pay for them: Stuffer, or fees, may have used
/// it up before.
#[test]
fn stuffer_leaves_a_victim_its_answers() {
	run(|| {
		let (line, issued) = (open(ALICE, NOBODY, 1_000, 0), Balances::total_issuance());
		Multiplier::set(1_000_000);
		assert_ok!(line.close(ALICE, 0, &none(), None));
		for nonce in 1..=u64::from(MAX_FREE) {
			assert_eq!(apply(update(&line, line.half(ALICE, nonce, 0, 600, &none()))), Ok(()));
			check();
		}
		pass(WINDOW + 1);
		assert_eq!(apply(Call::settle { channel: line.id }), Ok(()));
		assert_eq!(free(NOBODY), 600, "what belongs to a side pays for nothing");
		pass(7 * DAY + 1);
		assert_ok!(PaymentChannels::clear(origin(9), line.id));
		assert_eq!(Balances::total_issuance(), issued - CHANNEL);
	});
}

/// Also a closing together after answers.
#[test]
fn who_closes_together_after_all_pays_for_the_answers() {
	run(|| {
		let line = open(ALICE, BOB, 1_000, 0);
		assert_ok!(line.close(ALICE, 0, &none(), None));
		assert_eq!(apply(update(&line, line.half(ALICE, 3, 0, 600, &none()))), Ok(()));
		let (pay, expiry) = (line.each(400, 600), Now::get());
		let signatures = line.both(channel_primitives::CloseTogether { pay, expiry });
		let closed = PaymentChannels::close_together(origin(9), line.id, pay, expiry, signatures);
		assert_eq!(closed.map(|done| done.actual_weight), Ok(None), "it was disputed");
		let line = open(CAROL, BOB, 1_000, 0);
		let signatures = line.both(channel_primitives::CloseTogether {
			pay: line.each(400, 600),
			expiry,
		});
		let closed = PaymentChannels::close_together(origin(9), line.id, line.each(400, 600), expiry, signatures);
		let little = <() as crate::WeightInfo>::close_together();
		assert_eq!(closed.map(|done| done.actual_weight), Ok(Some(little)));
		assert_eq!((free(ALICE), free(CAROL)), (RICH - 600 - FEE, RICH - 600));
		assert_eq!(in_pot(crate::HoldReason::Stake), 0);
	});
}

/// Words about lost data are answers too.
#[test]
fn a_word_is_shown_for_who_has_nothing() {
	run(|| {
		let line = open(ALICE, NOBODY, 1_000, 0);
		let side = line.side(NOBODY);
		assert_ok!(line.close(ALICE, 0, &none(), None));
		let word = |held| {
			let word = line.sign(ALICE, Resync { held, resume: held + 9 });
			Call::resync {
				channel: line.id,
				side,
				word,
				submit: Some(line.submit(&word, NOBODY, None, 0)),
			}
		};
		let without = Call::resync {
			channel: line.id,
			side,
			word: line.sign(ALICE, Resync { held: 1, resume: 9 }),
			submit: None,
		};
		assert_eq!(apply(without), Err(InvalidTransaction::BadProof.into()));
		for held in 1..=u64::from(MAX_FREE) {
			assert_eq!(apply(word(held)), Ok(()));
			assert_eq!(apply(word(held)), Err(InvalidTransaction::Stale.into()));
		}
		let half = line.half(ALICE, 3, 0, 600, &none());
		assert_eq!(apply(update(&line, half)), Err(InvalidTransaction::Payment.into()));
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
		assert_noop!(PaymentChannels::answer(nobody(), line.id, Answer::Settle), BadOrigin);
		assert_ok!(line.close(ALICE, 0, &none(), None));
		pass(DAY);
		assert_ok!(PaymentChannels::settle(nobody(), line.id));
		assert_noop!(PaymentChannels::settle(nobody(), line.id), Error::<Test>::NotClosing);
	});
}

/// What no account sends has a part of each block for itself, and nothing else has: Flooder with an account stays out.
#[test]
fn what_no_account_sends_is_operational_and_nothing_else_is() {
	run(|| {
		let line = open(ALICE, BOB, 1_000, 0);
		let (channel, side) = (line.id, line.side(BOB));
		let half = line.half(ALICE, 3, 0, 600, &none());
		let word = line.sign(ALICE, Resync { held: 1, resume: 9 });
		let resync = |submit| Call::<Test>::resync {
			channel,
			side,
			word,
			submit,
		};
		let (list, submit) = (Some(locks(&[lock(1, 1, 600)])), line.submit(&half, BOB, None, 0));
		let prove = Call::prove_fraud {
			channel,
			half,
			half_locks: list.clone(),
			claim_locks: None,
			submit: None,
		};
		let locks = list.clone();
		let free = [
			update(&line, half),
			resync(Some(submit)),
			prove,
			Call::settle { channel },
			Call::unlock { channel, side, locks },
		];
		let locks = list.clone();
		let paid = [
			Answer::Update { side, half, submit },
			Answer::Resync {
				side,
				word,
				submit: Some(submit),
			},
			Answer::ProveFraud {
				half,
				half_locks: list,
				claim_locks: None,
				submit: None,
			},
			Answer::Settle,
			Answer::Unlock { side, locks },
		];
		for (free, answer) in free.into_iter().zip(paid) {
			let (free, paid) = (
				free.get_dispatch_info(),
				Call::<Test>::answer { channel, answer }.get_dispatch_info(),
			);
			assert_eq!(
				(free.class, paid.class),
				(DispatchClass::Operational, DispatchClass::Normal)
			);
			assert_eq!(free.call_weight, paid.call_weight);
		}
		// Without a word for it, it is none that comes without an account.
		for call in [resync(None), Call::clear { channel }] {
			assert_eq!(call.get_dispatch_info().class, DispatchClass::Normal);
		}
	});
}

/// It does the same, and is none of what a side has for nothing.
#[test]
fn an_account_answers_as_often_as_it_pays() {
	run(|| {
		let (line, list) = (open(ALICE, BOB, 1_000, 0), locks(&[lock(1, 1, 100)]));
		assert_ok!(line.close(ALICE, 0, &list, None));
		let answer = |who: Who, answer: Answer| PaymentChannels::answer(origin(who), line.id, answer);
		for nonce in 1..=2 * u64::from(MAX_FREE) {
			let half = line.half(ALICE, nonce, 0, 50, &list);
			let (side, submit) = (line.side(ALICE), line.submit(&half, BOB, None, 9));
			assert_ok!(answer(CAROL, Answer::Update { side, half, submit }));
		}
		let (side, word) = (line.side(BOB), line.sign(ALICE, Resync { held: 1, resume: 90 }));
		let resync = || Answer::Resync {
			side,
			word,
			submit: None,
		};
		assert_noop!(answer(CAROL, resync()), Error::<Test>::NoSubmit);
		assert_ok!(answer(BOB, resync()));
		assert_noop!(answer(CAROL, Answer::Settle), Error::<Test>::TooEarly);
		assert_ok!(reveal(CAROL, 1));
		pass(WINDOW + 1);
		assert_ok!(answer(CAROL, Answer::Settle));
		let (side, locks) = (line.side(ALICE), Some(list));
		assert_ok!(answer(CAROL, Answer::Unlock { side, locks }));
		assert_eq!(free(BOB), RICH + 50 - 9 + 100);
		assert_eq!(free(CAROL), RICH + 9 - REVEAL);
		let line = open(ALICE, BOB, 1_000, 0);
		assert_ok!(line.close(ALICE, 0, &none(), None));
		let proof = Answer::ProveFraud {
			half: line.half(ALICE, 3, 0, 600, &none()),
			half_locks: None,
			claim_locks: None,
			submit: None,
		};
		assert_ok!(PaymentChannels::answer(origin(CAROL), line.id, proof));
		assert!(line.is_gone());
	});
}
