//! Those that want more than they were paid.

use crate::{mock::*, Error, HoldReason};
use channel_primitives::{Claim, Half, Payload, Resync, DAY};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult, storage::with_storage_layer};

/// Stale closes on what it owed long ago: all that is in the channel is its partner's.
#[test]
fn stale_forfeits_all() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 5_000);
		let newest = line.half(ALICE, 50_000, 0, 9_000, &none());
		assert_ok!(line.close(ALICE, 10, &none(), None));
		// Also after the deadline, as long as nobody has settled.
		pass(WINDOW + 1);
		assert_ok!(line.prove(newest, (None, None)));
		assert!(line.is_gone());
		assert_eq!((free(ALICE), free(BOB)), (RICH - 10_000, RICH + 10_000));
		assert_eq!(
			in_pot(HoldReason::Stake),
			0,
			"the deposit was for state, and no stake: it came back"
		);
	});
}

/// Whoever shows it for another is paid as that one has promised.
#[test]
fn stale_is_shown_by_a_tower() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let newest = line.half(ALICE, 50_000, 0, 9_000, &none());
		assert_ok!(line.close(ALICE, 10, &none(), None));
		let submit = line.submit(&newest, BOB, Some(CAROL), 40);
		assert_ok!(PaymentChannels::prove_fraud(
			origin(4),
			line.id,
			newest,
			None,
			None,
			Some(submit)
		));
		assert_eq!((free(BOB), free(CAROL)), (RICH + 9_960, RICH + 40));
	});
}

/// Renonce signs an old total again, under a new nonce, so that its claim looks new.
#[test]
fn renonce_forfeits_all() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let owed = line.half(ALICE, 7, 0, 4_000, &none());
		let again = line.half(ALICE, 999, 0, 10, &none());
		assert_ok!(line.close(ALICE, 10, &none(), None));
		// Carol, who helps Alice, has a word of Bob's from before.
		assert_ok!(line.update(CAROL, again, BOB));
		assert_ok!(line.prove(owed, (None, None)));
		assert_eq!(free(BOB), RICH + 10_000);
	});
}

/// An honest closer whose partner's newest half was under way, or who claims more than it knows that it owes.
#[test]
fn the_honest_never_forfeit() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 1_000);
		let list = locks(&[lock(1, 1, 300)]);
		let with_lock = line.half(ALICE, 7, 0, 4_000, &list);
		let without = line.half(ALICE, 8, 0, 4_000, &none());
		// The lock was given up, and that is not acknowledged: the claim has it.
		assert_ok!(line.close(ALICE, 4_000, &list, None));
		assert_ok!(reveal(BOB, 1));
		for half in [with_lock, without] {
			let of_half = (half.body.locked > 0).then(|| list.clone());
			assert_noop!(
				line.prove(half, (of_half.clone(), Some(list.clone()))),
				Error::<Test>::NotAFraud
			);
			assert_noop!(line.prove(half, (of_half, None)), Error::<Test>::NotAFraud);
		}
		let by_bob = line.half(BOB, 99, 8, 900, &none());
		assert_noop!(line.prove(by_bob, (None, None)), Error::<Test>::BadSignature);
	});
}

/// Canceller gives a lock up, lets its payer close without it, and shows the preimage: the payer has put it back.
#[test]
fn canceller_gets_what_the_lock_says_and_no_more() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let list = locks(&[lock(1, 1, 300)]);
		let half = line.half(ALICE, 7, 0, 0, &list);
		assert_ok!(line.close(ALICE, 0, &list, None));
		assert_ok!(reveal(BOB, 1));
		assert_ok!(line.update(BOB, half, BOB));
		line.settle_in_time();
		assert_ok!(line.unlock(ALICE, &list));
		assert_eq!(free(BOB), RICH + 300 - REVEAL);
	});
}

/// Hoarder claims locks that nobody gave, so that its partner waits for its own money.
#[test]
fn hoarder_keeps_nothing_back_that_is_not_its_own() {
	run(|| {
		let line = open(BOB, ALICE, 5_000, 1_000);
		let list = locks(&[lock(1, 1, 6_000)]);
		assert_noop!(line.close(ALICE, 0, &list, None), Error::<Test>::OverCapacity);
		let mut forever = lock(1, 1, 1_000);
		forever.expiry = u32::MAX;
		let list = locks(&[forever]);
		assert_ok!(line.close(ALICE, 0, &list, None));
		line.settle_in_time();
		assert_eq!(
			(free(BOB), in_pot(HoldReason::Stake)),
			(RICH - CHANNEL, 1_000 + CHANNEL)
		);
		// A week, whatever the locks say.
		pass(7 * DAY);
		assert_ok!(line.unlock(ALICE, &list));
	});
}

/// Silent answers nothing, and its partner waits for the window.
#[test]
fn silent_delays_and_takes_nothing() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 10_000);
		let by_bob = line.half(BOB, 12, 0, 7_000, &none());
		assert_ok!(line.close(ALICE, 500, &none(), Some(by_bob)));
		line.settle_in_time();
		assert_eq!(free(ALICE), RICH + 6_500 - CHANNEL);
	});
}

/// Replayer shows what was signed elsewhere: in another channel, on another chain, as the other side, as another
/// message.
#[test]
fn replayer_is_refused() {
	run(|| {
		let (line, other) = (open(ALICE, BOB, 10_000, 0), open(ALICE, BOB, 10_000, 0));
		assert_ok!(line.close(ALICE, 10, &none(), None));
		let half = other.half(ALICE, 7, 0, 4_000, &none());
		assert_noop!(line.prove(half, (None, None)), Error::<Test>::BadSignature);
		let mut abroad = line.context(ALICE);
		abroad.genesis = [1; 32];
		let half = sign_as(ALICE, &abroad, half.body);
		assert_noop!(line.prove(half, (None, None)), Error::<Test>::BadSignature);
		let mut asset = line.context(ALICE);
		asset.asset = 1;
		let half = sign_as(ALICE, &asset, half.body);
		assert_noop!(line.prove(half, (None, None)), Error::<Test>::BadSignature);
		let swapped = sign_as(ALICE, &line.context(BOB), half.body);
		assert_noop!(line.prove(swapped, (None, None)), Error::<Test>::BadSignature);
		assert_ne!(<Half as Payload>::KIND, <Claim as Payload>::KIND);
	});
}

/// Thief saw a close on its way into a block, and sends it first, without the half that it brings.
#[test]
fn thief_can_not_send_anothers_close() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let claim = line.sign(ALICE, Claim::new(0, &none()));
		for thief in [BOB, CAROL] {
			let sent = PaymentChannels::close(origin(thief), line.id, claim, none(), None, Default::default());
			assert!(sent.is_err());
		}
		check();
		assert!(crate::Cases::<Test>::iter().next().is_none());
	});
}

/// Lying tower lets in an old half, as if it were the newest: whoever has a newer one lets that in.
#[test]
fn lying_tower_costs_nothing_if_another_answers() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let (old, new) = (
			line.half(ALICE, 2, 0, 20, &none()),
			line.half(ALICE, 3, 0, 3_000, &none()),
		);
		assert_ok!(line.close(ALICE, 3_000, &none(), None));
		let submit = line.submit(&old, BOB, Some(4), 15);
		assert_ok!(PaymentChannels::update(
			origin(4),
			line.id,
			line.side(ALICE),
			old,
			submit
		));
		let submit = line.submit(&new, BOB, Some(CAROL), 15);
		assert_ok!(PaymentChannels::update(
			origin(CAROL),
			line.id,
			line.side(ALICE),
			new,
			submit
		));
		line.settle_in_time();
		assert_eq!((free(4), free(CAROL), free(BOB)), (RICH, RICH + 15, RICH + 2_985));
	});
}

/// Mute mediator is down when its payee shows the preimage: the same showing credits it upstream.
#[test]
fn mute_mediator_loses_nothing() {
	run(|| {
		let (upstream, downstream) = (open(ALICE, CAROL, 1_000, 0), open(CAROL, BOB, 1_000, 0));
		let (from_alice, from_carol) = (locks(&[lock(1, 1, 101)]), locks(&[lock(1, 1, 100)]));
		let by_alice = upstream.half(ALICE, 1, 0, 0, &from_alice);
		let by_carol = downstream.half(CAROL, 1, 0, 0, &from_carol);
		assert_ok!(upstream.close(ALICE, 0, &from_alice, None));
		assert_ok!(downstream.close(BOB, 0, &none(), Some(by_carol)));
		assert_ok!(reveal(BOB, 1));
		// Her tower answers upstream.
		assert_ok!(upstream.update(9, by_alice, CAROL));
		pass(WINDOW + 1);
		for (line, payer, list) in [(upstream, ALICE, from_alice), (downstream, CAROL, from_carol)] {
			assert_ok!(line.settle());
			assert_ok!(line.unlock(payer, &list));
		}
		assert_eq!(free(CAROL), RICH - CHANNEL + 1);
		assert_eq!(free(BOB), RICH + 100 - REVEAL);
	});
}

/// Stuffer has closed, and fills the places for words about the lost data of its partner with words that nobody asked
/// for: what the partner has been told could not be shown any more.
#[test]
fn stuffer_can_not_fill_the_places_for_words() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let side = line.side(ALICE);
		assert_ok!(line.close(BOB, 0, &none(), None));
		let stuffed = line.sign(BOB, Resync { held: 1, resume: 2 });
		for sender in [BOB, CAROL] {
			let by_itself = line.submit(&stuffed, ALICE, None, 0);
			let by_bob = line.sign(BOB, by_itself.body);
			assert_noop!(
				PaymentChannels::resync(origin(sender), line.id, side, stuffed, None),
				Error::<Test>::NoSubmit
			);
			assert_noop!(
				PaymentChannels::resync(origin(sender), line.id, side, stuffed, Some(by_bob)),
				Error::<Test>::BadSignature
			);
			// What Alice has signed is for another word.
			let told = line.sign(BOB, Resync { held: 4, resume: 9 });
			let of_told = line.submit(&told, ALICE, None, 0);
			assert_noop!(
				PaymentChannels::resync(origin(sender), line.id, side, stuffed, Some(of_told)),
				Error::<Test>::OtherHalf
			);
		}
		let told = line.sign(BOB, Resync { held: 4, resume: 9 });
		let submit = line.submit(&told, ALICE, None, 0);
		assert_ok!(PaymentChannels::resync(
			origin(CAROL),
			line.id,
			side,
			told,
			Some(submit)
		));
	});
}

/// Duster names accounts that do not exist, so that notes are kept for them for ever: it keeps what it promised.
#[test]
fn duster_makes_no_notes_by_rewards() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let half = line.half(ALICE, 5, 0, 300, &none());
		assert_ok!(line.close(ALICE, 300, &none(), None));
		let submit = line.submit(&half, BOB, Some(NOBODY), LEAST - 1);
		assert_ok!(PaymentChannels::update(
			origin(BOB),
			line.id,
			line.side(ALICE),
			half,
			submit
		));
		line.settle_in_time();
		assert_eq!((free(NOBODY), free(BOB)), (0, RICH + 300));
		assert_eq!(crate::Unpaid::<Test>::iter().count(), 0);
	});
}

/// Does something so deep in layers of storage, as batches in each other lay it.
fn within(layers: u32, act: &dyn Fn() -> DispatchResult) -> DispatchResult {
	match layers.checked_sub(1) {
		None => act(),
		Some(fewer) => with_storage_layer(|| within(fewer, act)),
	}
}

/// Digger settles so deep in batches that there is no further layer of storage to pay in: what could not be paid would
/// stay with it, and not with the tower that has answered for it.
#[test]
fn digger_pays_what_it_has_promised() {
	run(|| {
		let line = open(ALICE, BOB, 10_000, 0);
		let half = line.half(ALICE, 5, 0, 3_000, &none());
		assert_ok!(line.close(ALICE, 3_000, &none(), None));
		let submit = line.submit(&half, BOB, Some(CAROL), 25);
		assert_ok!(PaymentChannels::update(
			origin(CAROL),
			line.id,
			line.side(ALICE),
			half,
			submit
		));
		pass(WINDOW + 1);
		// Of 255 layers the settlement has the last one.
		assert_ok!(within(254, &|| PaymentChannels::settle(origin(BOB), line.id)));
		assert_eq!((free(CAROL), free(BOB)), (RICH + 25, RICH + 2_975));
		assert_eq!(crate::Unpaid::<Test>::iter().count(), 0);
	});
}

/// Squatter is offered a channel on terms that it did not sign.
#[test]
fn nobody_is_drawn_into_a_channel() {
	run(|| {
		let (terms, now) = (terms(ALICE, BOB, WINDOW), Now::get());
		let by_alice = accept(BOB, ALICE, terms, now);
		assert_noop!(
			PaymentChannels::open(origin(ALICE), account(BOB), terms, 5, now, by_alice),
			Error::<Test>::BadAccept
		);
	});
}
