//! Partners that lie, by name. The victim plays by the rules, and loses nothing but what it gave.

use crate::{
	chain::{key, sign, signed, State},
	world::{config, hash_lock, shown, tower, Plan, World},
};
use channel_primitives::{ChannelId, ChannelSignature, Claim, Half, Hash, Lock, Locks, Resync, Side, Signed, DAY};
use smartchain_channel::{
	watch, Action, Answer, Block, Call, Config, Event, Fact, Got, Hello, Lost, Message, Packet, Parcels, Place, Reason,
	Seen, Show, StepShown, Store, TakenStage, Turned, Update, Write,
};
use smartchain_rng::Rng;

fn two() -> World {
	let mut world = World::new(Plan::default(), &[config(); 2], 1_000);
	world.settle_down();
	world
}

fn three() -> World {
	let mut world = World::new(Plan::default(), &[config(); 3], 1_000);
	world.settle_down();
	world
}

fn pay(world: &mut World, who: usize, channel: ChannelId, amount: u128) {
	let memo = [2; 32];
	world
		.tell(who, Event::Pay { channel, amount, memo })
		.expect("there is room");
	world.settle_down();
}

/// A party closes on what it likes, and brings a half of its partner that it likes.
fn close_on(world: &mut World, who: usize, channel: ChannelId, claim: Claim, locks: &Locks, brought: Option<Half>) {
	let on_chain = &world.chain.channels[&channel];
	let side = if on_chain.members.low == who {
		Side::Low
	} else {
		Side::High
	};
	let partner = *on_chain.members.get(side.partner());
	let call = Call::Close {
		claim: signed(who, &on_chain.of(side), claim),
		locks: locks.clone(),
		brought: brought.map(|half| signed(partner, &on_chain.of(side.partner()), half)),
		words: Vec::new(),
	};
	world.machines[who].evil = true;
	world.chain.submit(channel, side, call);
}

/// All channels end by themselves.
fn run_out(world: &mut World) {
	world.pass(150);
	for who in 0..world.machines.len() {
		if !world.machines[who].evil {
			for link in world.machines[who].links.clone() {
				let _ = world.tell(
					who,
					Event::Close {
						channel: link.channel,
						sure: true,
					},
				);
			}
		}
	}
	world.pass(60);
	world.tick(8 * DAY);
	world.pass(8);
	world.tick(31 * DAY);
	world.chain.give_back();
	world.check();
}

fn nothing() -> (Claim, Locks) {
	(Claim::new(0, &Locks::default()), Locks::default())
}

#[test]
fn stale_forfeits_all() {
	let mut world = two();
	for _ in 0..50 {
		pay(&mut world, 0, 1, 3);
	}
	let (half, locks) = world.history[&(1, Side::Low)][10].clone();
	close_on(&mut world, 0, 1, Claim::new(half.transferred, &locks), &locks, None);
	world.pass(3);
	assert_eq!(world.chain.forfeited, [(1, Side::Low)]);
	assert_eq!(world.machines[1].store.disputed, 1);
	assert_eq!(world.gain(1), 1_000);
	world.check();
}

#[test]
fn stale_forfeits_to_the_tower_of_who_is_away() {
	let watched = Config {
		tower: Some(tower(false)),
		..config()
	};
	let mut world = World::new(Plan::default(), &[config(), watched], 1_000);
	world.settle_down();
	for _ in 0..50 {
		pay(&mut world, 0, 1, 3);
	}
	world.machines[1].down = true;
	let (claim, locks) = nothing();
	close_on(&mut world, 0, 1, claim, &locks, None);
	world.pass(2);
	let bundle = world.bundles[&(1, Side::High)].clone();
	let State::Closing(closing) = &world.chain.channels[&1].state else {
		panic!("it is closed");
	};
	let (dispute, claimed) = closing.as_ref().clone();
	let seen = Seen {
		dispute,
		claim_locks: Some(claimed),
	};
	let found = watch(&bundle, &seen, &|_: &Hash| None, world.chain.tick);
	assert_eq!(found, [Answer::Update, Answer::Prove]);
	let update = Call::Update {
		half: bundle.half,
		submit: bundle.submit,
	};
	let prove = Call::Prove {
		half: bundle.half,
		half_locks: bundle.locks,
		claim_locks: seen.claim_locks,
		submit: bundle.submit,
	};
	world.chain.submit(1, Side::High, update);
	world.chain.submit(1, Side::High, prove);
	world.pass(1);
	assert_eq!(world.chain.forfeited, [(1, Side::Low)]);
	assert_eq!(world.gain(1), 1_000);
}

#[test]
fn renonce_is_not_accepted_and_forfeits() {
	let mut world = two();
	for _ in 0..10 {
		pay(&mut world, 0, 1, 10);
	}
	let (old, locks) = world.history[&(1, Side::Low)][2].clone();
	let again = Half { nonce: 1_000, ..old };
	let context = world.chain.channels[&1].of(Side::Low);
	let update = Update {
		half: signed(0, &context, again),
		locks: locks.clone(),
		parcels: Parcels::default(),
	};
	world.forge(1, 1, Message::Update(update));
	world.settle_down();
	let held = world.machines[1].party.sheet(1).expect("open").held();
	assert!(held < 1_000);
	close_on(&mut world, 0, 1, Claim::new(again.transferred, &locks), &locks, None);
	world.pass(3);
	assert_eq!(world.chain.forfeited, [(1, Side::Low)]);
}

#[test]
fn hoarder_gets_nothing_out_of_false_locks() {
	for amount in [1, 900, 1_000] {
		let mut world = two();
		pay(&mut world, 0, 1, 100);
		let fake = Lock {
			id: 77,
			amount,
			expiry: world.chain.tick + 1_000,
			condition: hash_lock(&[5; 32]).hash(),
		};
		let locks = Locks::new(vec![fake]).expect("a list");
		close_on(&mut world, 0, 1, Claim::new(100, &locks), &locks, None);
		run_out(&mut world);
		assert!(world.gain(1) >= 100, "{amount}: {}", world.gain(1));
	}
}

/// An honest closer whose payment is still under way is taken by its word, which says more than the half that came.
#[test]
fn what_is_under_way_at_a_close_is_not_lost() {
	let mut world = two();
	pay(&mut world, 0, 1, 100);
	pay(&mut world, 1, 1, 1);
	world.settle_down();
	world.machines[0].mute = true;
	let memo = [3; 32];
	world
		.tell(
			0,
			Event::Pay {
				channel: 1,
				amount: 50,
				memo,
			},
		)
		.expect("room");
	world
		.tell(
			0,
			Event::Close {
				channel: 1,
				sure: false,
			},
		)
		.expect("open");
	run_out(&mut world);
	assert_eq!(world.gain(1), 149);
}

/// Gives a lock up, says nothing of it any more, and claims it on chain by the half that still has it.
#[test]
fn canceller_does_not_cost_the_mediator_anything() {
	for acks in [false, true] {
		let mut world = three();
		world.plan.unwanted = 100;
		let condition = world.pay_through(100).expect("room");
		while world.deliver() {}
		world.react(1);
		while world.deliver() {}
		world.react(2);
		world.machines[2].mute = !acks;
		world.settle_down();
		let (half, _) = world.history[&(2, Side::Low)]
			.iter()
			.find(|(half, _)| half.locked > 0)
			.cloned()
			.expect("the lock went on");
		let (claim, locks) = nothing();
		close_on(&mut world, 2, 2, claim, &locks, Some(half));
		let secret = world.secrets[&condition];
		world.released.insert(condition);
		let resolve = Call::Resolve {
			condition: hash_lock(&secret),
			witness: shown(secret),
		};
		world.chain.submit(2, Side::High, resolve);
		run_out(&mut world);
		assert!(world.gain(1) >= 0, "acks: {acks}");
		if acks {
			assert_eq!(world.gain(2), 0, "what was acknowledged is void");
			assert_eq!(world.gain(0), 0);
		}
	}
}

/// Pretender acknowledges a half that was left out, so that nobody ever sent it, and closes with the one before, which
/// has the lock that it gave up.
#[test]
fn pretender_gains_nothing_by_a_half_that_never_went_out() {
	let mut world = two();
	let condition = world.pay_through(100).expect("room");
	while world.deliver() {}
	world.machines[1].down = true;
	world.plan.joins = 100;
	let (id, reason) = (0, Reason::Unwanted);
	let turned = Message::GiveUp(Turned { id, reason });
	world.tell(0, Event::Received(1, turned)).expect("it was given");
	world.plan.joins = 0;
	let (channel, amount, memo) = (1, 7, [0; 32]);
	world.tell(0, Event::Pay { channel, amount, memo }).expect("room");
	let sent = world.history[&(1, Side::Low)].clone();
	assert_eq!(sent.iter().map(|(half, _)| half.nonce).collect::<Vec<_>>(), [1, 3]);
	let (claim, locks) = nothing();
	let pretended = Half {
		nonce: 1,
		ack: 2,
		transferred: 0,
		locked: 0,
		locks: locks.root(),
		memo,
	};
	let update = Update {
		half: signed(1, &world.chain.channels[&1].of(Side::High), pretended),
		locks: locks.clone(),
		parcels: Parcels::default(),
	};
	world.forge(0, 1, Message::Update(update));
	while world.deliver() {}
	assert_eq!(world.machines[0].store.failed_locks.len(), 1, "it is free again");
	close_on(&mut world, 1, 1, claim, &locks, Some(sent[0].0));
	let secret = world.secrets[&condition];
	let (condition, witness) = (hash_lock(&secret), shown(secret));
	let resolve = Call::Resolve { condition, witness };
	world.chain.submit(1, Side::High, resolve);
	run_out(&mut world);
	assert_eq!(world.gain(1), 0, "what was acknowledged is void");
}

/// Forker closes on a branch that does not last, and shows there what it is to be paid for, or lets it expire. The half
/// has the lock all the while: whoever forgot it with that branch could take it out no more.
#[test]
fn forker_leaves_no_lock_behind_that_nobody_takes_out() {
	for shows in [true, false] {
		let mut world = two();
		world.pay_through(100).expect("room");
		while world.deliver() {}
		if shows {
			world.react(1);
		}
		let mut branch = world.chain.clone();
		let (claim, locks) = nothing();
		let call = Call::Close {
			claim: signed(1, &branch.channels[&1].of(Side::High), claim),
			locks,
			brought: None,
			words: Vec::new(),
		};
		branch.submit(1, Side::High, call);
		branch.next(1);
		let State::Closing(closing) = &branch.channels[&1].state else {
			panic!("it is closed there");
		};
		let (dispute, claimed) = closing.as_ref().clone();
		let best = Event::Best {
			channel: 1,
			dispute,
			claim_locks: Some(claimed),
		};
		world.tell(0, best).expect("it is one of its own");
		while world.deliver() {}
		if !shows {
			world.machines[1].mute = true;
			world.machines[1].store.arrived.clear();
			world.pass(50);
		}
		let given = |world: &World| world.machines[0].party.sheet(1).expect("it is there").given.len();
		assert_eq!(given(&world), 1, "the half has the lock");
		let open = Block {
			tick: world.chain.tick,
			facts: vec![Fact::Open { channel: 1 }],
		};
		world.tell(0, Event::Final(open)).expect("it goes on");
		world.settle_down();
		world.pass(1);
		let sheet = world.machines[0].party.sheet(1).expect("it is open");
		assert!(sheet.given.is_empty() && sheet.obligations.locks().as_slice().is_empty());
		world.machines[1].mute = false;
		run_out(&mut world);
		assert_eq!(world.gain(1), if shows { 100 } else { 0 });
	}
}

/// Gives up and never acknowledges: the money is not free, but it comes back.
#[test]
fn withheld_ack_keeps_money_only_until_the_close() {
	let mut world = two();
	world.plan.unwanted = 100;
	world.pay_through(600).expect("room");
	while world.deliver() {}
	world.react(1);
	world.machines[1].mute = true;
	while world.deliver() {}
	world.settle_down();
	// What was given up is still owed, as far as anybody can show.
	assert!(world.pay_through(600).is_err());
	world.machines[1].evil = true;
	run_out(&mut world);
	assert_eq!(world.gain(0), 0);
}

/// A store that takes all.
struct Roomy;

impl Store for Roomy {
	type Error = std::convert::Infallible;

	fn commit(&mut self, _: &[Write]) -> Result<(), Self::Error> {
		Ok(())
	}
}

/// Whether the last party shows something when it is woken at a tick.
fn shows_at(world: &World, tick: u32) -> bool {
	let mut party = world.machines[2].party.clone();
	let facts = Vec::new();
	let mut shows = false;
	for event in [Event::Final(Block { tick, facts }), Event::Wake] {
		let step = party.step(event, &world.chain).expect("it is taken");
		let actions = step.commit(&mut Roomy).map_err(|_| "full").expect("there is room");
		for action in actions {
			if let Action::Send(_, message) = action {
				let message = message.signed(|_| ChannelSignature([0; 64]));
				shows |= matches!(message, Message::Show(_));
			}
		}
	}
	shows
}

/// Carol, the payee, was killed before Bob heard her, and comes back too late: what she would show brings her nothing,
/// and Bob could still claim what Alice has locked.
#[test]
fn late_payee_shows_nothing() {
	let mut world = three();
	world.pay_through(100).expect("room");
	while world.deliver() {}
	world.react(1);
	while world.deliver() {}
	world.react(2);
	let sheet = world.machines[2].party.sheet(2).expect("open");
	let expiry = sheet.taken.values().next().expect("it came").lock.expiry;
	assert!(shows_at(&world, expiry), "there is time");
	assert!(!shows_at(&world, expiry + 1));
}

/// Is shown that a lock is met, and does not pay: the chain is shown it in time, and pays.
#[test]
fn withheld_payment_is_claimed_on_chain() {
	let mut world = three();
	world.pay_through(100).expect("room");
	while world.deliver() {}
	world.react(1);
	while world.deliver() {}
	world.machines[1].mute = true;
	world.machines[1].evil = true;
	world.react(2);
	while world.deliver() {}
	assert_eq!(world.machines[2].store.received, 0);
	world.pass(25);
	assert!(world.chain.reveals.is_empty(), "there is time");
	world.pass(10);
	assert_eq!(world.chain.reveals.len(), 1);
	world.pass(120);
	run_out(&mut world);
	assert_eq!(world.gain(2), 100);
	// Alice pays what the chain knows that she owes.
	assert_eq!(world.gain(0), -101);
}

/// The same while the payee is away: its tower shows it, and the lock is the payee's whenever it comes back.
#[test]
fn withheld_payment_is_claimed_by_the_tower_of_who_is_away() {
	let watched = Config {
		tower: Some(tower(false)),
		..config()
	};
	let mut world = World::new(Plan::default(), &[config(), config(), watched], 1_000);
	world.settle_down();
	world.pay_through(100).expect("room");
	while world.deliver() {}
	world.react(1);
	while world.deliver() {}
	world.machines[1].mute = true;
	world.machines[1].evil = true;
	world.react(2);
	world.machines[2].down = true;
	while world.deliver() {}
	world.pass(30);
	let guard = world.guards[&(2, 0)].clone();
	let resolve = Call::Resolve {
		condition: guard.condition,
		witness: guard.witness,
	};
	world.chain.submit(2, Side::High, resolve);
	world.pass(60);
	world.machines[2].down = false;
	world.pass(60);
	run_out(&mut world);
	assert_eq!(world.gain(2), 100);
}

/// Shows what meets a lock in its last tick, or after it.
#[test]
fn late_reveal_pays_all_or_nobody() {
	for late in [0_u32, 1, 2, 30] {
		let mut world = three();
		let condition = world.pay_through(100).expect("room");
		while world.deliver() {}
		world.react(1);
		while world.deliver() {}
		let sheet = world.machines[2].party.sheet(2).expect("open");
		let lock = sheet.taken.values().next().expect("it came").lock;
		world.machines[2].evil = true;
		world.machines[2].mute = true;
		world.machines[2].store.arrived.clear();
		let secret = world.secrets[&condition];
		world.released.insert(condition);
		let blocks = lock.expiry + late - world.chain.tick - 1;
		world.pass(blocks);
		let witness = shown(secret);
		world.forge(
			1,
			2,
			Message::Show(Show {
				id: lock.id,
				witness: witness.clone(),
			}),
		);
		let resolve = Call::Resolve {
			condition: hash_lock(&secret),
			witness,
		};
		world.chain.submit(2, Side::High, resolve);
		world.pass(1);
		run_out(&mut world);
		assert!(world.gain(1) >= 0, "late by {late}: {}", world.gain(1));
		if late == 0 {
			// It came in time, by the wire and on chain: who carried it on is paid, and pays.
			assert_eq!(world.gain(1), 1, "late by {late}");
		}
		assert!(world.gain(0) >= -101);
	}
}

/// Says that it has lost its data, though it has not, with a payment that its partner has not seen.
fn feigned() -> World {
	let mut world = two();
	for _ in 0..20 {
		pay(&mut world, 0, 1, 10);
	}
	world.machines[0].mute = true;
	let extra = Event::Pay {
		channel: 1,
		amount: 100,
		memo: [4; 32],
	};
	world.tell(0, extra).expect("room");
	let since = world.machines[1].party.now() + 1;
	world.pass(2);
	for _ in 0..2 {
		world.forge(1, 1, Message::Lost(Lost { since }));
		world.pass(1);
	}
	let said = world.machines[1].party.sheet(1).expect("open").said;
	assert!(said.is_some_and(|said| said.times == 1), "asked twice, it is one loss");
	world
}

#[test]
fn feigned_loss_gains_nothing() {
	for index in [0, 5, 19] {
		let mut world = feigned();
		// A half below what was said is accepted no more.
		let (denied, locks) = world.history[&(1, Side::Low)].last().cloned().expect("it was signed");
		let context = world.chain.channels[&1].of(Side::Low);
		let update = Update {
			half: signed(0, &context, denied),
			locks,
			parcels: Parcels::default(),
		};
		world.forge(1, 1, Message::Update(update));
		world.settle_down();
		assert_eq!(world.machines[1].store.received, 200);
		let (half, locks) = world.history[&(1, Side::Low)][index].clone();
		let word = world.machines[1]
			.party
			.sheet(1)
			.expect("open")
			.said
			.expect("a word")
			.word;
		close_with(&mut world, Claim::new(half.transferred, &locks), &locks, word);
		run_out(&mut world);
		assert!(world.gain(1) >= 200, "{}", world.gain(1));
	}
}

/// The first party closes with what the second one has said of its lost data.
fn close_with(world: &mut World, claim: Claim, locks: &Locks, word: Resync) {
	let on_chain = &world.chain.channels[&1];
	let call = Call::Close {
		claim: signed(0, &on_chain.of(Side::Low), claim),
		locks: locks.clone(),
		brought: None,
		words: vec![signed(1, &on_chain.of(Side::High), word)],
	};
	world.machines[0].evil = true;
	world.chain.submit(1, Side::Low, call);
}

/// Loses its data again and again: each time costs it one of four words, and nobody else anything.
#[test]
fn who_loses_its_data_five_times_is_told_no_more() {
	let mut world = two();
	pay(&mut world, 0, 1, 10);
	for _ in 0..8 {
		let since = world.machines[1].party.now() + 1;
		world.pass(2);
		for _ in 0..3 {
			world.forge(1, 1, Message::Lost(Lost { since }));
		}
		world.settle_down();
	}
	let said = world.machines[1].party.sheet(1).expect("open").said.expect("a word");
	assert_eq!(said.times, 4);
}

fn nonsense(rng: &mut Rng, world: &World) -> Message {
	let context = world.chain.channels[&1].of(Side::Low);
	let hash = |rng: &mut Rng| -> [u8; 32] { std::array::from_fn(|_| rng.next_u64() as u8) };
	let half = Half {
		nonce: rng.below(2_000),
		ack: rng.below(5),
		transferred: u128::from(rng.below(40)),
		locked: 0,
		locks: Locks::default().root(),
		memo: hash(rng),
	};
	let signed_half = if rng.percent(80) {
		signed(0, &context, half)
	} else {
		Signed {
			body: half,
			signature: sign(&key(5, 1), &hash(rng)),
		}
	};
	match rng.below(8) {
		0 => Message::Hello(Hello {
			held: rng.percent(50).then_some(signed_half),
			number: rng.below(3),
			answers: rng.below(3),
		}),
		1 => Message::Got(Got { held: rng.below(9) }),
		2 => Message::Show(Show {
			id: rng.below(3),
			witness: shown(hash(rng)),
		}),
		3 => Message::Step(StepShown {
			id: rng.below(3),
			step: rng.below(9) as u16,
			value: hash(rng),
		}),
		4 => Message::GiveUp(Turned {
			id: rng.below(3),
			reason: Reason::NoWay,
		}),
		5 => Message::Lost(Lost {
			since: rng.below(3_000) as u32,
		}),
		6 => {
			let condition = hash_lock(&hash(rng));
			let lock = Lock {
				id: rng.below(200),
				amount: 1,
				expiry: world.chain.tick + rng.below(100) as u32,
				condition: condition.hash(),
			};
			let locks = Locks::new(vec![lock]).expect("a list");
			let half = Half {
				locked: 1,
				locks: locks.root(),
				..half
			};
			Message::Update(Update {
				half: signed(0, &context, half),
				locks,
				parcels: Parcels::default(),
			})
		}
		_ => Message::Update(Update {
			half: signed_half,
			locks: Locks::default(),
			parcels: Parcels::default(),
		}),
	}
}

#[test]
fn flood_costs_an_answer_each_at_most_and_no_money() {
	let mut world = two();
	pay(&mut world, 1, 1, 30);
	world.machines[0].evil = true;
	world.machines[0].down = true;
	let mut rng = Rng::new(11);
	for round in 0..5_000 {
		let message = nonsense(&mut rng, &world);
		let events = world.events;
		world.forge(1, 1, message);
		while world.deliver() {}
		assert!(world.events <= events + 4, "what comes makes no storm");
		if round % 100 == 0 {
			world.tick(1);
		}
	}
	let stored = world.machines[1].party.stored(1).expect("open");
	assert!(stored.len() < 40_000, "{}", stored.len());
	world.check_restart(1);
	// All that was signed by the flooder and accepted counts; a close of the victim's is honest.
	world
		.tell(1, Event::Close { channel: 1, sure: true })
		.expect("it can close");
	run_out(&mut world);
	assert!(world.chain.forfeited.is_empty());
}

/// A lock whose condition does not come along, or that lasts too short, is given up at once and costs nothing.
#[test]
fn locks_that_cannot_be_met_are_given_up() {
	let mut world = two();
	let now = world.machines[0].party.now();
	world
		.lock(0, 1, 50, now + 5, hash_lock(&[1; 32]), Packet::default())
		.expect("room");
	while world.deliver() {}
	world.settle_down();
	let sheet = world.machines[1].party.sheet(1).expect("open");
	assert!(sheet.taken.is_empty(), "it is taken out again: {:?}", sheet.taken);
	assert_eq!(world.machines[0].store.failed_locks.len(), 1);
	let place = Place { channel: 1, id: 0 };
	assert!(world.machines[0].store.failed_locks.contains(&place));
	assert!(world.pay_through(1_000).is_ok(), "the money is free again");
}

/// What was shown once is paid once, however often it is shown.
#[test]
fn replayer_is_paid_once() {
	let mut world = two();
	let condition = world.pay_through(70).expect("room");
	world.settle_down();
	assert_eq!(world.machines[1].store.received, 70);
	let witness = shown(world.secrets[&condition]);
	for id in 0..3 {
		for _ in 0..3 {
			let witness = witness.clone();
			world.forge(0, 1, Message::Show(Show { id, witness }));
		}
	}
	for (half, locks) in world.history[&(1, Side::Low)].clone() {
		let context = world.chain.channels[&1].of(Side::Low);
		let update = Update {
			half: signed(0, &context, half),
			locks,
			parcels: Parcels::default(),
		};
		world.forge(1, 1, Message::Update(update));
	}
	world.settle_down();
	assert_eq!(world.machines[1].store.received, 70);
	world.end();
	world.check();
	assert_eq!(world.gain(1), 70);
}

/// A second try to carry a lock on, after a restart, is refused: it goes one way.
#[test]
fn a_lock_that_went_on_does_not_go_on_again_after_a_restart() {
	let mut world = three();
	world.pay_through(10).expect("room");
	while world.deliver() {}
	world.react(1);
	world.kill(1);
	let sheet = world.machines[1].party.sheet(1).expect("open");
	assert!(matches!(
		sheet.taken.values().next().expect("it came").stage,
		TakenStage::Onward(_)
	));
	world.settle_down();
	assert_eq!(world.machines[2].store.received, 10);
}
