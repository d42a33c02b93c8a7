//! Channels while both sides agree.

use crate::{mock::*, Channels, Error, Event, HoldReason, LastId, Phase};
use channel_primitives::{Claim, CloseTogether, PerSide, Rekey, Side, Stage, Terms, Withdraw, DAY};
use frame_support::{
	assert_noop, assert_ok,
	traits::{LockableCurrency, WithdrawReasons},
};

#[test]
fn what_is_put_in_is_held_and_the_opener_pays_the_deposit() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 3_000);
		assert_eq!(line.id, 1);
		assert_eq!(in_pot(HoldReason::Stake), 13_000 + CHANNEL);
		assert_eq!(free(BOB), RICH - 3_000);
		assert_eq!(
			(held(ALICE, HoldReason::Stake), held(BOB, HoldReason::Stake)),
			(0, 0),
			"money of channels lies in the pot"
		);
		assert_eq!(free(ALICE), RICH - 10_000 - CHANNEL);
		let state = PaymentChannels::channel(1).expect("it is open");
		assert_eq!(state.accounts, line.each(account(ALICE).into(), account(BOB).into()));
		assert_eq!(state.stake.deposited, line.each(10_000, 3_000));
		assert_eq!((state.window, state.stage), (WINDOW, Stage::Open));
		let opened = Event::Opened(
			1,
			PerSide::from_fn(|side| account(if side == line.side(ALICE) { ALICE } else { BOB })),
			line.side(ALICE),
			terms(ALICE, BOB, WINDOW),
			10_000,
		);
		assert_eq!(events(), [opened, Event::Deposited(1, line.side(BOB), 3_000)]);
		assert_eq!(open(BOB, ALICE, 0, 0).id, 2, "no number is given twice");
	});
}

#[test]
fn a_partner_needs_no_account_and_may_sign_as_wallets_do() {
	run(|| {
		let (terms, now) = (terms(ALICE, NOBODY, WINDOW), Now::get());
		let signature = accept_wrapped(ALICE, NOBODY, terms, now);
		assert_ok!(PaymentChannels::open(
			origin(ALICE),
			account(NOBODY),
			terms,
			100,
			now,
			signature
		));
		assert_eq!(free(NOBODY), 0);
	});
}

#[test]
fn what_a_partner_did_not_sign_opens_nothing() {
	run(|| {
		let (good, now) = (terms(ALICE, BOB, WINDOW), Now::get());
		let signature = accept(ALICE, BOB, good, now);
		let open = |who, partner, terms: Terms, expiry, signature: &sp_runtime::MultiSignature| {
			PaymentChannels::open(origin(who), account(partner), terms, 100, expiry, signature.clone())
		};
		let longer = terms(ALICE, BOB, WINDOW + 1);
		assert_noop!(open(ALICE, BOB, longer, now, &signature), Error::<Test>::BadAccept);
		assert_noop!(open(CAROL, BOB, good, now, &signature), Error::<Test>::BadAccept);
		assert_noop!(open(ALICE, CAROL, good, now, &signature), Error::<Test>::BadAccept);
		assert_noop!(open(ALICE, BOB, good, now + 1, &signature), Error::<Test>::BadAccept);
		assert_noop!(open(ALICE, ALICE, good, now, &signature), Error::<Test>::SelfChannel);
		for window in [WINDOW - 1, 60 * DAY + 1] {
			let terms = terms(ALICE, BOB, window);
			let signature = accept(ALICE, BOB, terms, now);
			assert_noop!(open(ALICE, BOB, terms, now, &signature), Error::<Test>::BadWindow);
		}
		pass(1);
		assert_noop!(open(ALICE, BOB, good, now, &signature), Error::<Test>::Expired);
		assert_eq!(LastId::<Test>::get(), 0);
	});
}

/// Under a key of small order anybody can sign, and with one key a half of one side would be one of the other's.
#[test]
fn keys_are_sound_and_two() {
	run(|| {
		let now = Now::get();
		let mut weak = terms(ALICE, BOB, WINDOW);
		weak.keys.high.0 = [0; 32];
		let mut same = terms(ALICE, BOB, WINDOW);
		same.keys.high = same.keys.low;
		for (terms, error) in [(weak, Error::<Test>::BadKey), (same, Error::<Test>::SameKey)] {
			let signature = accept(ALICE, BOB, terms, now);
			assert_noop!(
				PaymentChannels::open(origin(ALICE), account(BOB), terms, 100, now, signature),
				error
			);
		}
	});
}

#[test]
fn only_those_in_a_channel_put_money_into_it() {
	run(|| {
		let line = open(ALICE, BOB, 100, 0);
		assert_noop!(
			PaymentChannels::deposit(origin(CAROL), line.id, 5),
			Error::<Test>::NotASide
		);
		assert_noop!(
			PaymentChannels::deposit(origin(BOB), line.id, 0),
			Error::<Test>::Nothing
		);
		assert_noop!(
			PaymentChannels::deposit(origin(BOB), 0, 5),
			Error::<Test>::UnknownChannel
		);
		assert_noop!(
			PaymentChannels::deposit(origin(BOB), line.id, RICH),
			sp_runtime::TokenError::FundsUnavailable
		);
		assert_ok!(line.close(ALICE, 0, &none(), None));
		assert_noop!(
			PaymentChannels::deposit(origin(BOB), line.id, 5),
			Error::<Test>::NotOpen
		);
	});
}

/// Locked money counts where it is locked, for votes: who could pay it out through a channel would vote with it twice.
#[test]
fn what_is_locked_can_not_be_put_in() {
	run(|| {
		let line = open(ALICE, BOB, 100, 0);
		let lock = |amount| Balances::set_lock(*b"vote    ", &account(BOB), amount, WithdrawReasons::all());
		lock(RICH);
		let put_in = |amount| PaymentChannels::deposit(origin(BOB), line.id, amount);
		assert_noop!(put_in(LEAST), sp_runtime::TokenError::FundsUnavailable);
		let register = PaymentChannels::register_tower(origin(BOB), key(BOB, 5), BOND);
		assert_eq!(register, Err(sp_runtime::TokenError::FundsUnavailable.into()));
		lock(RICH - 500);
		assert_ok!(put_in(500));
		// What the account is paid is its own, whatever else is locked there.
		assert_ok!(line.close(ALICE, 100, &none(), None));
		line.settle_in_time();
		assert_eq!(free(BOB), RICH + 100);
	});
}

/// Less than an account has to hold is not held in the pot either.
#[test]
fn little_is_not_put_in() {
	run(|| {
		let line = open(ALICE, BOB, 0, 0);
		let put_in = |amount| PaymentChannels::deposit(origin(BOB), line.id, amount);
		assert_noop!(put_in(LEAST - 1), sp_runtime::TokenError::CannotCreate);
		assert_ok!(put_in(LEAST));
	});
}

#[test]
fn a_side_takes_out_what_it_was_paid_with_its_partners_consent() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 500);
		let side = line.side(BOB);
		let take = |total, expiry| {
			let body = Withdraw { side, total, expiry };
			PaymentChannels::withdraw(origin(9), line.id, side, total, expiry, line.both(body))
		};
		let now = Now::get();
		assert_ok!(take(800, now));
		assert_eq!(in_pot(HoldReason::Stake), 9_700 + CHANNEL);
		assert_eq!(free(BOB), RICH + 300);
		assert_noop!(take(800, now), Error::<Test>::NotMonotone);
		assert_noop!(take(10_501, now), Error::<Test>::Exceeds);
		assert_noop!(take(900, now - 1), Error::<Test>::Expired);
		assert_ok!(take(900, now + 5));
		assert_eq!(free(BOB), RICH + 400);
		// Both have signed that Bob takes out: this is none of Alice.
		let body = Withdraw {
			side,
			total: 1_000,
			expiry: now,
		};
		assert_noop!(
			PaymentChannels::withdraw(origin(9), line.id, side.partner(), 1_000, now, line.both(body)),
			Error::<Test>::BadSignature
		);
		assert_ok!(line.close(ALICE, 900, &none(), None));
		assert_noop!(take(1_000, now), Error::<Test>::NotOpen);
	});
}

#[test]
fn together_a_channel_is_closed_at_once_and_nothing_is_left() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 500);
		let together = |of_alice, of_bob, expiry| {
			let pay = line.each(of_alice, of_bob);
			let signatures = line.both(CloseTogether { pay, expiry });
			PaymentChannels::close_together(origin(9), line.id, pay, expiry, signatures)
		};
		let now = Now::get();
		for (of_alice, of_bob) in [(10_000, 501), (10_000, 499), (u128::MAX, 10_501)] {
			assert_noop!(together(of_alice, of_bob, now), Error::<Test>::NotConserved);
		}
		assert_noop!(together(10_000, 500, now - 1), Error::<Test>::Expired);
		assert_ok!(together(2_000, 8_500, now));
		assert!(line.is_gone());
		assert_eq!((free(ALICE), free(BOB)), (RICH - 8_000, RICH + 8_000));
		assert_eq!(in_pot(HoldReason::Stake), 0);
		assert_noop!(together(2_000, 8_500, now), Error::<Test>::UnknownChannel);
	});
}

#[test]
fn a_closing_channel_can_be_closed_together_and_a_settled_one_can_not() {
	run(|| {
		let now = Now::get();
		for settled in [false, true] {
			let line = open(ALICE, BOB, 1_000, 0);
			let pay = line.each(400, 600);
			let body = CloseTogether { pay, expiry: now + 100 };
			assert_ok!(line.close(ALICE, 0, &none(), None));
			if settled {
				line.settle_in_time();
			}
			let closed = PaymentChannels::close_together(origin(9), line.id, pay, now + 100, line.both(body));
			assert_eq!(closed.is_ok(), !settled);
			assert_eq!(line.is_gone(), !settled);
		}
	});
}

#[test]
fn with_a_new_key_the_old_one_signs_no_more() {
	run(|| {
		let line = open(ALICE, BOB, 1_000, 0);
		let side = line.side(ALICE);
		let new = key(ALICE, 1);
		let rekey = |key| PaymentChannels::rekey(origin(9), line.id, side, key, line.both(Rekey { side, key }));
		assert_noop!(rekey(key(BOB, 0)), Error::<Test>::SameKey);
		assert_noop!(rekey(key(ALICE, 0)), Error::<Test>::SameKey);
		let mut weak = new;
		weak.0 = [0; 32];
		assert_noop!(rekey(weak), Error::<Test>::BadKey);
		assert_ok!(rekey(new));
		assert_noop!(rekey(key(ALICE, 2)), Error::<Test>::BadSignature);
		assert_eq!(
			Channels::<Test>::get(line.id).map(|channel| (*channel.keys.get(side), channel.phase)),
			Some((new, Phase::Open))
		);
		assert_noop!(line.close(ALICE, 0, &none(), None), Error::<Test>::BadSignature);
		// The account alone can close: it says that it has lost its key.
		let claim = Claim::new(0, &none());
		assert_ok!(PaymentChannels::close_recovery(
			origin(ALICE),
			line.id,
			claim,
			none(),
			None,
			Default::default()
		));
	});
}

#[test]
fn sides_follow_the_order_of_accounts() {
	run(|| {
		let line = open(ALICE, BOB, LEAST, 0);
		let low = if account(ALICE) < account(BOB) { ALICE } else { BOB };
		assert_eq!(line.side(low), Side::Low);
	});
}
