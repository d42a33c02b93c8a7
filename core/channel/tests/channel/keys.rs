//! Another key for a side: nobody loses by it, whoever is killed, withholds what it should say, or pays on under the
//! old one.

use crate::{
	chain::{is_of, key, other_key, sign, signed, State},
	world::{config, tower, Plan, World},
};
use channel_primitives::{ChannelKey, Half, Payload, PerSide, Rekey, RuleError, Side, Signed, Submit};
use smartchain_channel::{Call, Config, Event, Fact, Message, Phase, Refused, Renewed};

fn two_of(config: Config) -> World {
	let mut world = World::new(Plan::default(), &[config; 2], 1_000);
	world.settle_down();
	world
}

fn two() -> World {
	two_of(config())
}

fn pay_now(world: &mut World, who: usize, amount: u128) -> Result<(), Refused> {
	world.tell(
		who,
		Event::Pay {
			channel: 1,
			amount,
			memo: [0; 32],
		},
	)
}

fn pay(world: &mut World, who: usize, amount: u128) {
	pay_now(world, who, amount).expect("room");
	world.settle_down();
}

/// The first party wants its another key of this number.
fn rekey(number: u8) -> Event {
	Event::Rekey {
		channel: 1,
		key: other_key(0, 1, number),
	}
}

fn keys(world: &World) -> PerSide<ChannelKey> {
	world.chain.channels[&1].terms.keys
}

/// What a machine takes for the keys of the channel.
fn seen(world: &World, who: usize) -> PerSide<ChannelKey> {
	world.machines[who].party.sheet(1).expect("open").opened.terms.keys
}

/// The newest half of its partner that a machine holds, if its signature is by this key.
fn held_under(world: &World, who: usize, key: &ChannelKey) -> Option<Half> {
	let sheet = world.machines[who].party.sheet(1).expect("open");
	let half = sheet.theirs.as_ref()?.half;
	let payload = half.body.payload(&sheet.context(sheet.side().partner()));
	(half.signature == sign(key, &payload)).then_some(half.body)
}

fn received(world: &World, who: usize) -> u128 {
	let sheet = world.machines[who].party.sheet(1).expect("open");
	sheet.theirs.as_ref().map_or(0, |theirs| theirs.half.body.transferred)
}

fn close(world: &mut World, who: usize) {
	let close = Event::Close { channel: 1, sure: true };
	world.tell(who, close).expect("open");
	world.pass(3);
}

/// The half that a party has signed with this total, as its first key signs it.
fn under_first_key(world: &World, who: usize, side: Side, transferred: u128) -> Signed<Half> {
	let halves = world.history[&(1, side)].iter();
	let half = halves
		.map(|(half, _)| *half)
		.find(|half| half.transferred == transferred);
	signed(who, &world.chain.channels[&1].of(side), half.expect("it was signed"))
}

#[test]
fn a_side_takes_another_key_and_all_goes_on() {
	let mut world = two();
	pay(&mut world, 0, 100);
	pay(&mut world, 1, 30);
	world.tell(0, rekey(1)).expect("it is ready");
	world.check_restart(0);
	assert_eq!(world.tell(0, rekey(2)), Err(Refused::Rekeying));
	world.settle_down();
	world.check_restart(1);
	world.pass(2);
	let wanted = other_key(0, 1, 1);
	assert_eq!(keys(&world).low, wanted);
	for who in [0, 1] {
		assert_eq!(seen(&world, who), keys(&world));
		let sheet = world.machines[who].party.sheet(1).expect("open");
		assert!(sheet.renewal.is_none() && sheet.agreed.is_none());
		assert_eq!(world.machines[who].store.rekeyed, 1);
	}
	// What was paid before counts under the new key without another payment.
	assert_eq!(held_under(&world, 1, &wanted).map(|half| half.transferred), Some(100));
	assert_eq!(world.tell(0, rekey(1)), Err(Refused::SameKey));
	pay(&mut world, 0, 7);
	pay(&mut world, 1, 1);
	// The other side, too, and the first one once more.
	let theirs = Event::Rekey {
		channel: 1,
		key: other_key(1, 1, 9),
	};
	world.tell(1, theirs).expect("it is ready");
	world.tell(0, rekey(2)).expect("at the same time");
	world.settle_down();
	world.pass(8);
	assert_eq!(
		(keys(&world).low, keys(&world).high),
		(other_key(0, 1, 2), other_key(1, 1, 9))
	);
	pay(&mut world, 0, 2);
	close(&mut world, 1);
	world.end();
	world.check();
	assert_eq!(world.gain(0), -100 + 30 - 7 + 1 - 2);
}

/// What the old key has signed counts neither for nor against anyone.
#[test]
fn what_was_signed_by_the_old_key_is_void() {
	let mut world = two();
	pay(&mut world, 0, 100);
	pay(&mut world, 0, 60);
	world.tell(0, rekey(1)).expect("it is ready");
	world.settle_down();
	world.pass(2);
	let old = under_first_key(&world, 0, Side::Low, 100);
	close(&mut world, 0);
	let own = world.chain.channels[&1].of(Side::High);
	let word = Submit {
		half: old.body.payload(&own.of_partner()),
		tower: None,
		reward: 0,
	};
	let update = Call::Update {
		half: old,
		submit: signed(1, &own, word),
	};
	let before = world.chain.refused.get("bad signature").copied().unwrap_or(0);
	world.chain.submit(1, Side::High, update);
	world.pass(1);
	assert_eq!(world.chain.refused["bad signature"], before + 1);
	world.end();
	world.check();
	assert_eq!(world.gain(0), -160);
}

/// Of both that take part one is killed, at every point of it.
#[test]
fn whoever_is_killed_while_a_key_is_changed_nobody_loses() {
	for closer in [0, 1] {
		let mut point = 0;
		loop {
			let mut world = two();
			pay(&mut world, 0, 100);
			world.countdown = Some(point);
			let _ = world.tell(0, rekey(1));
			let _ = pay_now(&mut world, 0, 5);
			let _ = pay_now(&mut world, 1, 3);
			world.settle_down();
			world.pass(3);
			let _ = pay_now(&mut world, 0, 2);
			world.settle_down();
			let killed = world.countdown.is_none();
			world.countdown = None;
			for who in [0, 1] {
				world.check_restart(who);
			}
			// Whoever was killed before it had stored the wish is asked once more.
			let _ = world.tell(0, rekey(1));
			world.settle_down();
			world.pass(6);
			assert_eq!(keys(&world).low, other_key(0, 1, 1), "point {point}");
			for who in [0, 1] {
				assert_eq!(seen(&world, who), keys(&world), "point {point}");
			}
			let paid = received(&world, 1);
			let owed = world.machines[0]
				.party
				.sheet(1)
				.expect("open")
				.obligations
				.transferred();
			assert_eq!(paid, owed, "point {point}");
			assert!(held_under(&world, 1, &keys(&world).low).is_some(), "point {point}");
			close(&mut world, closer);
			world.end();
			world.check();
			if !killed {
				break;
			}
			point += 1;
		}
		assert!(point > 20, "{point} points");
	}
}

/// Withholder: it agrees, and never says so. All goes on under the old key as far as it can, and the channel can be
/// closed at any time.
#[test]
fn withholder_of_its_signature_gains_nothing() {
	let withheld: [fn(&Message) -> bool; 2] = [
		|message| matches!(message, Message::Rekey(_)),
		|message| matches!(message, Message::Renewed(_)),
	];
	for (which, drops) in withheld.into_iter().enumerate() {
		for closer in [0, 1] {
			let mut world = two();
			pay(&mut world, 0, 100);
			world.drops = Some(drops);
			world.tell(0, rekey(1)).expect("it is ready");
			world.settle_down();
			world.pass(30);
			assert_eq!(keys(&world).low, key(0, 1));
			pay(&mut world, 1, 20);
			pay(&mut world, 0, 8);
			// Whoever has agreed counts nothing more under the old key; whoever was not asked does.
			assert_eq!(received(&world, 1), if which == 0 { 100 } else { 108 });
			let take = Event::Withdraw { channel: 1, amount: 5 };
			world.tell(0, take).expect("nothing binds it");
			world.settle_down();
			world.pass(30);
			close(&mut world, closer);
			world.end();
			world.check();
			// What its partner does not count is not paid, unless who has signed it claims it itself.
			let owed = if which == 0 && closer == 1 { 100 } else { 108 };
			assert_eq!(world.gain(0), 20 - owed);
		}
	}
}

/// The same, but it says so in the end: the key is in force then.
#[test]
fn an_agreement_that_comes_late_still_counts() {
	let mut world = two();
	pay(&mut world, 0, 100);
	world.drops = Some(|message| matches!(message, Message::Rekey(_)));
	world.tell(0, rekey(1)).expect("it is ready");
	world.settle_down();
	pay(&mut world, 0, 8);
	world.pass(100);
	world.drops = None;
	world.pass(4);
	assert_eq!(keys(&world).low, other_key(0, 1, 1));
	assert_eq!(received(&world, 1), 108);
	world.end();
	world.check();
}

/// Turncoat: it has its partner's agreement, holds it back, and pays on under the old key, to make all of that void.
#[test]
fn turncoat_pays_nobody_under_a_key_that_it_can_make_void() {
	for lands in [false, true] {
		let mut world = two();
		pay(&mut world, 0, 100);
		world.chain.ignores = Some(|call| matches!(call, Call::Rekey { .. }));
		world.tell(0, rekey(1)).expect("it is ready");
		world.settle_down();
		world.pass(2);
		pay(&mut world, 0, 40);
		assert_eq!(world.machines[1].store.received, 100, "it is not counted");
		if lands {
			world.chain.ignores = None;
			world.pass(8);
			assert_eq!(keys(&world).low, other_key(0, 1, 1));
			assert_eq!(world.machines[1].store.received, 140, "it is, once it is sure");
		}
		let counted = world.machines[1].store.received as i128;
		world.machines[0].evil = true;
		world.machines[0].down = true;
		close(&mut world, 1);
		world.tick(25);
		world.pass(4);
		world.machines[0].down = false;
		world.end();
		assert_eq!(world.gain(1), counted);
	}
}

/// Who has agreed and is left waiting takes another key itself: what it has signed is void, and it is paid again.
#[test]
fn who_waits_for_a_turncoat_frees_itself_by_another_key() {
	let mut world = two();
	pay(&mut world, 0, 100);
	let of_low = |call: &Call| matches!(call, Call::Rekey { rekey, .. } if rekey.side == Side::Low);
	world.chain.ignores = Some(of_low);
	world.tell(0, rekey(1)).expect("it is ready");
	world.settle_down();
	pay(&mut world, 0, 40);
	assert_eq!(received(&world, 1), 100);
	world.drops = Some(|message| matches!(message, Message::Renewed(renewed) if is_of(&renewed.key, 0)));
	let theirs = Event::Rekey {
		channel: 1,
		key: other_key(1, 1, 1),
	};
	world.tell(1, theirs).expect("it is ready");
	world.settle_down();
	world.pass(6);
	assert_eq!((keys(&world).low, keys(&world).high), (key(0, 1), other_key(1, 1, 1)));
	assert_eq!(received(&world, 1), 140);
	// It is not brought without another agreement, by the key of now.
	world.chain.ignores = None;
	world.pass(8);
	assert_eq!(keys(&world).low, key(0, 1));
	world.drops = None;
	world.pass(6);
	assert_eq!(keys(&world).low, other_key(0, 1, 1));
	close(&mut world, 1);
	world.end();
	world.check();
	assert_eq!(world.gain(0), -140);
}

/// Renewer: shows less under the new key than it has paid under the old one, or a key that is not its own.
#[test]
fn renewer_with_less_is_refused() {
	let mut world = two();
	pay(&mut world, 0, 100);
	pay(&mut world, 0, 60);
	let context = world.chain.channels[&1].of(Side::Low);
	let (old, new) = (
		under_first_key(&world, 0, Side::Low, 100).body,
		under_first_key(&world, 0, Side::Low, 160).body,
	);
	let by = |key: ChannelKey, signer: &ChannelKey, body: Half| {
		let signature = sign(signer, &body.payload(&context));
		let half = Signed { body, signature };
		Event::Received(1, Message::Renewed(Renewed { key, half }))
	};
	let wanted = other_key(0, 1, 1);
	let stale = Err(Refused::Rule(RuleError::Stale));
	assert_eq!(world.tell(1, by(wanted, &wanted, old)), stale);
	assert_eq!(world.tell(1, by(wanted, &key(0, 1), new)), Err(Refused::BadSignature));
	for there in [key(0, 1), key(1, 1)] {
		assert_eq!(world.tell(1, by(there, &there, new)), Err(Refused::SameKey));
	}
	// One that was agreed to stays: another one could be in force at any moment.
	assert_eq!(world.tell(1, by(wanted, &wanted, new)), Ok(()));
	let other = other_key(0, 1, 2);
	assert_eq!(world.tell(1, by(other, &other, new)), Err(Refused::Rekeying));
	// Nor does anybody get a signature for a key that it has not asked for.
	let body = Rekey {
		side: Side::Low,
		key: other,
	};
	let agreed = signed(1, &context.of_partner(), body);
	let told = world.tell(0, Event::Received(1, Message::Rekey(agreed)));
	assert_eq!(told, Err(Refused::Unasked));
	world.tell(0, rekey(3)).expect("it is ready");
	let told = world.tell(0, Event::Received(1, Message::Rekey(agreed)));
	assert_eq!(told, Err(Refused::Unasked));
	let forged = Signed {
		body: Rekey {
			side: Side::Low,
			key: other_key(0, 1, 3),
		},
		signature: agreed.signature,
	};
	let told = world.tell(0, Event::Received(1, Message::Rekey(forged)));
	assert_eq!(told, Err(Refused::BadSignature));
}

/// What the chain says of keys after a start, as the first block does.
fn told_keys(world: &mut World, who: usize) {
	let fact = Fact::Keys {
		channel: 1,
		keys: keys(world),
	};
	let block = smartchain_channel::Block {
		tick: world.chain.tick,
		facts: vec![fact],
	};
	world.tell(who, Event::Final(block)).expect("a block");
}

/// A store from before the key was changed, put back: nothing is signed with it.
#[test]
fn a_store_from_before_another_key_is_lost_data() {
	for who in [0, 1] {
		let mut world = two();
		pay(&mut world, 0, 100);
		pay(&mut world, 1, 10);
		let backup = world.machines[who].store.sheets.clone();
		world.tell(0, rekey(1)).expect("it is ready");
		world.settle_down();
		world.pass(2);
		pay(&mut world, 0, 9);
		world.machines[who].store.sheets = backup;
		world.kill(who);
		told_keys(&mut world, who);
		let sheet = world.machines[who].party.sheet(1).expect("open");
		assert!(matches!(sheet.phase, Phase::Lost { .. }), "{who}");
		assert_eq!(pay_now(&mut world, who, 1), Err(Refused::DataLost));
		world.settle_down();
		world.pass(4);
		let sheet = world.machines[who].party.sheet(1).expect("open");
		assert_eq!(sheet.phase, Phase::Open, "{who}");
		assert!(is_of(sheet.key(Side::Low), 0));
		assert_eq!(received(&world, 1), 109);
		pay(&mut world, who, 1);
		close(&mut world, 1);
		world.end();
		world.check();
		assert!(world.chain.forfeited.is_empty());
		let more = if who == 0 { -1 } else { 1 };
		assert_eq!(world.gain(0), -109 + 10 + more);
	}
}

/// Who has lost its data needs words that its partner's key signed. It takes another key itself, and needs none then.
#[test]
fn who_needs_words_takes_another_key_first() {
	let mut world = two();
	pay(&mut world, 0, 100);
	pay(&mut world, 1, 30);
	world.machines[1].store.sheets.clear();
	world.kill(1);
	let opened = world.chain.channels[&1].opened(Side::High);
	world.tell(1, Event::Recover(opened)).expect("it is not known");
	world.meet(1, 1);
	world.settle_down();
	world.pass(2);
	assert_eq!(world.machines[1].party.sheet(1).expect("open").words.len(), 1);
	world.tell(0, rekey(1)).expect("it is ready");
	world.settle_down();
	world.pass(3);
	assert_eq!(keys(&world).low, key(0, 1), "its partner does not agree");
	let theirs = Event::Rekey {
		channel: 1,
		key: other_key(1, 1, 1),
	};
	world.tell(1, theirs).expect("it is ready");
	world.settle_down();
	world.pass(6);
	assert!(world.machines[1].party.sheet(1).expect("open").words.is_empty());
	assert_eq!(
		(keys(&world).low, keys(&world).high),
		(other_key(0, 1, 1), other_key(1, 1, 1))
	);
	close(&mut world, 1);
	world.end();
	world.check();
	assert_eq!(world.gain(0), -70);
}

/// What towers hold was signed by the old key: they are given it anew, and nothing is acknowledged before, if the side
/// wants it so.
#[test]
fn towers_are_given_what_counts_under_the_new_key() {
	let watched = Config {
		tower: Some(tower(true)),
		..config()
	};
	let mut world = two_of(watched);
	pay(&mut world, 0, 100);
	world.receipt(0, 1);
	world.receipt(1, 1);
	world.settle_down();
	let nonce = |world: &World| world.machines[1].party.sheet(1).expect("open").receipt;
	assert!(nonce(&world) > 0);
	world.tell(0, rekey(1)).expect("it is ready");
	world.settle_down();
	world.pass(2);
	assert_eq!(keys(&world).low, other_key(0, 1, 1));
	assert_eq!(nonce(&world), 0);
	let bundle = world.bundles[&(1, Side::High)].clone();
	let context = world.chain.channels[&1].of(Side::Low);
	assert_eq!(
		bundle.half.signature,
		sign(&keys(&world).low, &bundle.half.body.payload(&context))
	);
	world.receipt(1, 1);
	assert!(nonce(&world) > 0);
	world.end();
	world.check();
}

/// It is too late for another key once somebody closes; and what binds both is waited for.
#[test]
fn a_key_is_changed_only_in_a_channel_that_is_used() {
	let mut world = two();
	pay(&mut world, 0, 100);
	world.machines[1].mute = true;
	let take = Event::Withdraw { channel: 1, amount: 10 };
	world.tell(0, take).expect("it has so much");
	assert_eq!(world.tell(0, rekey(1)), Err(Refused::Withdrawing));
	world.machines[1].mute = false;
	world.settle_down();
	world.pass(2);
	world.chain.ignores = Some(|call| matches!(call, Call::Rekey { .. }));
	world.tell(0, rekey(1)).expect("it is ready");
	world.settle_down();
	assert_eq!(world.tell(0, Event::Together(1)), Err(Refused::Rekeying));
	let take = Event::Withdraw { channel: 1, amount: 10 };
	assert_eq!(world.tell(0, take), Err(Refused::Rekeying));
	close(&mut world, 0);
	assert!(!matches!(world.chain.channels[&1].state, State::Open));
	world.chain.ignores = None;
	world.pass(8);
	assert_eq!(keys(&world).low, key(0, 1));
	assert!(world.tell(0, rekey(2)).is_err());
	world.end();
	world.check();
}
