//! What the machine does and does not, rule by rule; and kills at every point of a few flows.

use crate::{
	chain::{by_own_key, signed},
	world::{config, hash_lock, shown, tower, Plan, World},
};
use channel_primitives::{
	Claim, CloseTogether, Closing, Dispute, Half, Hash, Locks, Payload, PerSide, Resyncs, RuleError, Side, Signed,
	Submit, WatchV1, Withdraw, DAY,
};
use smartchain_channel::{
	watch, Action, Answer, Call, Config, Event, Hello, Message, Packet, Parcels, Party, Phase, Place, Refused, Seen,
	Store, TakenStage, Update, Write,
};

fn two() -> World {
	let mut world = World::new(Plan::default(), &[config(); 2], 1_000);
	world.settle_down();
	world
}

fn pay(world: &mut World, who: usize, amount: u128) -> Result<(), Refused> {
	world.tell(
		who,
		Event::Pay {
			channel: 1,
			amount,
			memo: [0; 32],
		},
	)
}

/// A store that fails.
struct Full;

impl Store for Full {
	type Error = &'static str;

	fn commit(&mut self, _: &[Write]) -> Result<(), Self::Error> {
		Err("the disk is full")
	}
}

#[test]
fn nothing_is_done_that_is_not_stored() {
	let mut world = two();
	let machine = &mut world.machines[0];
	let event = Event::Pay {
		channel: 1,
		amount: 5,
		memo: [0; 32],
	};
	let step = machine.party.step(event, &world.chain).expect("there is room");
	let failed = step.commit(&mut Full).expect_err("it is full");
	assert_eq!(failed.error, "the disk is full");
	// It is there to be stored once more, and then done.
	let actions = failed.step.commit(&mut machine.store).expect("it has room");
	assert!(!actions.is_empty());
	world.check_restart(0);
}

#[test]
fn many_steps_are_stored_at_once_with_the_last_sheet_of_each_channel() {
	let mut world = two();
	let machine = &mut world.machines[0];
	let mut all = smartchain_channel::Step::default();
	for round in 0..10 {
		let event = Event::Pay {
			channel: 1,
			amount: 1,
			memo: [u8::from(round == 5); 32],
		};
		all = all.and(machine.party.step(event, &world.chain).expect("there is room"));
	}
	let sheets = all.writes().iter().filter(|write| matches!(write, Write::Sheet { .. }));
	assert_eq!(sheets.count(), 1);
	let commits = machine.store.commits;
	let actions = all.commit(&mut machine.store).expect("it has room");
	assert_eq!(machine.store.commits, commits + 1);
	assert!(actions.len() >= 10);
	let halves = actions.into_iter().filter_map(|action| match action {
		Action::Send(_, unsigned) => match by_own_key(0, unsigned) {
			Message::Update(update) => Some(update.half.body.nonce),
			_ => None,
		},
		_ => None,
	});
	// The newest goes out, and the one that names what it pays, with the one before it.
	assert_eq!(halves.collect::<Vec<_>>(), [5, 6, 10]);
	world.check_restart(0);
}

#[test]
fn nothing_is_signed_before_the_partner_has_said_what_it_holds() {
	let mut world = World::new(Plan::default(), &[config(); 2], 1_000);
	assert_eq!(pay(&mut world, 0, 1), Err(Refused::Unsure));
	let close = |sure| Event::Close { channel: 1, sure };
	assert_eq!(world.tell(0, close(false)), Err(Refused::Unsure));
	world.settle_down();
	assert_eq!(pay(&mut world, 0, 1), Ok(()));
	world.kill(0);
	assert_eq!(pay(&mut world, 0, 1), Err(Refused::Unsure));
	world.settle_down();
	assert_eq!(pay(&mut world, 0, 1), Ok(()));
}

#[test]
fn a_closing_together_binds_until_it_has_expired() {
	let mut world = two();
	pay(&mut world, 0, 10).expect("room");
	world.settle_down();
	world.machines[1].down = true;
	world.tell(0, Event::Together(1)).expect("no lock is left");
	assert_eq!(pay(&mut world, 0, 1), Err(Refused::Closing));
	let close = Event::Close {
		channel: 1,
		sure: false,
	};
	assert_eq!(world.tell(0, close.clone()), Err(Refused::Closing));
	world.kill(0);
	for _ in 0..config().together {
		world.tick(1);
		assert_eq!(world.tell(0, close.clone()), Err(Refused::Unsure));
		let sheet = world.machines[0].party.sheet(1).expect("open");
		assert!(matches!(sheet.phase, Phase::Parting { .. }));
	}
	world.tick(1);
	let sheet = world.machines[0].party.sheet(1).expect("open");
	assert_eq!(sheet.phase, Phase::Open);
}

#[test]
fn both_close_together_though_both_propose_it() {
	let mut world = two();
	pay(&mut world, 0, 10).expect("room");
	world.settle_down();
	world.tell(0, Event::Together(1)).expect("no lock is left");
	world.tell(1, Event::Together(1)).expect("no lock is left");
	world.settle_down();
	world.pass(3);
	assert!(world.chain.is_over(1));
	assert_eq!(world.gain(0), -10);
	assert!(world.machines.iter().all(|machine| machine.store.sheets.is_empty()));
}

/// What came after the closing was proposed is not in it: the partner does not agree, and nothing is lost.
#[test]
fn a_payment_under_way_is_not_lost_in_a_closing_together() {
	let mut world = two();
	pay(&mut world, 1, 25).expect("room");
	world.tell(0, Event::Together(1)).expect("no lock is left");
	world.settle_down();
	world.pass(2);
	assert!(!world.chain.is_over(1));
	world.end();
	world.check();
	assert_eq!(world.gain(0), 25);
}

#[test]
fn with_a_strict_tower_nothing_is_acknowledged_without_a_receipt() {
	let strict = Config {
		tower: Some(tower(true)),
		..config()
	};
	let mut world = World::new(Plan::default(), &[config(), strict], 1_000);
	world.settle_down();
	pay(&mut world, 0, 10).expect("room");
	world.settle_down();
	pay(&mut world, 1, 1).expect("room");
	world.settle_down();
	let ack = |world: &World| {
		let sheet = world.machines[0].party.sheet(1).expect("open");
		sheet.theirs.as_ref().expect("it paid").half.body.ack
	};
	assert_eq!(ack(&world), 0);
	// Idler signs what is over already, and would answer for nothing.
	let now = world.machines[1].party.now();
	world.receipt_until(1, 1, now);
	pay(&mut world, 1, 1).expect("room");
	world.settle_down();
	assert_eq!(ack(&world), 0);
	world.receipt(1, 1);
	pay(&mut world, 1, 1).expect("room");
	world.settle_down();
	assert_eq!(ack(&world), 1);
}

/// What a payee gave up is free once the tower has its ack, and not before: alone the tower could not show that it is
/// void. So the lock that it carries on is not given up either.
#[test]
fn with_a_strict_tower_nothing_is_free_before_the_tower_has_the_ack() {
	let strict = Config {
		tower: Some(tower(true)),
		..config()
	};
	let mut world = World::new(Plan::default(), &[config(), strict, config()], 1_000);
	world.settle_down();
	let little = Event::Pay {
		channel: 2,
		amount: 1,
		memo: [0; 32],
	};
	world.tell(2, little).expect("room");
	world.settle_down();
	let before = world.bundles[&(2, Side::Low)].clone();
	world.plan.unwanted = 100;
	world.pay_through(100).expect("room");
	world.settle_down();
	let is_held_up = |world: &World| {
		let party = &world.machines[1].party;
		let (from, on) = (party.sheet(1).expect("open"), party.sheet(2).expect("open"));
		let is_onward = |taken: &smartchain_channel::Taken| matches!(taken.stage, TakenStage::Onward(_));
		assert!(on.acked(false) > 0, "its payee has acknowledged");
		!on.given.is_empty() && from.taken.values().any(is_onward)
	};
	assert!(is_held_up(&world));
	// A receipt for what the tower had before frees nothing.
	let newest = world.bundles.insert((2, Side::Low), before);
	world.receipt(1, 2);
	world.settle_down();
	assert!(is_held_up(&world));
	world.kill(1);
	world.settle_down();
	assert!(is_held_up(&world));
	world.bundles.insert((2, Side::Low), newest.expect("it was given"));
	world.receipt(1, 2);
	world.settle_down();
	assert!(!is_held_up(&world));
	world.receipt(1, 1);
	world.settle_down();
	assert!(world.machines[0].party.sheet(1).expect("open").given.is_empty());
	world.end();
	world.check();
}

#[test]
fn a_lock_is_not_shown_when_there_is_no_time_left_to_claim_it() {
	let mut world = two();
	let now = world.machines[0].party.now();
	world
		.lock(0, 1, 50, now + 30, hash_lock(&[1; 32]), Packet::default())
		.expect("room");
	while world.deliver() {}
	world.machines[1].store.arrived.clear();
	let show = Event::Show {
		at: Place { channel: 1, id: 0 },
		witness: shown([1; 32]),
	};
	let wrong = Event::Show {
		at: Place { channel: 1, id: 0 },
		witness: shown([2; 32]),
	};
	assert_eq!(world.tell(1, wrong), Err(Refused::NotMet));
	for _ in 0..19 {
		world.tick(1);
	}
	assert_eq!(world.tell(1, show), Err(Refused::TooLate));
}

/// What is met already goes no further, and is paid by who has locked it.
#[test]
fn what_the_chain_knows_to_be_met_is_not_carried_on() {
	let mut world = World::new(Plan::default(), &[config(); 3], 1_000);
	world.settle_down();
	let now = world.machines[0].party.now();
	let condition = hash_lock(&[6; 32]);
	world
		.lock(0, 1, 101, now + 100, condition.clone(), Packet::default())
		.expect("room");
	world.released.insert(condition.hash());
	while world.deliver() {}
	world.machines[1].store.arrived.clear();
	let resolve = Call::Resolve {
		condition: condition.clone(),
		witness: shown([6; 32]),
	};
	world.chain.submit(1, Side::Low, resolve);
	world.tick(1);
	let forward = Event::Forward {
		from: Place { channel: 1, id: 0 },
		channel: 2,
		amount: 100,
		expiry: now + 40,
		packet: Packet::default(),
	};
	assert_eq!(world.tell(1, forward), Err(Refused::MetAlready));
	let again = world.lock(0, 1, 1, now + 100, condition, Packet::default());
	assert_eq!(again, Err(Refused::MetAlready));
	world.settle_down();
	world.end();
	world.check();
	assert_eq!(world.gain(1), 101);
}

/// What a recovery claims may give way to something else: the half is let in, though it says no more.
#[test]
fn a_recovery_is_answered_though_it_claims_enough() {
	let world = two();
	let channel = &world.chain.channels[&1];
	let (own, of_partner, none) = (channel.of(Side::High), channel.of(Side::Low), Locks::default());
	let half = |transferred| Half {
		nonce: 1,
		ack: 0,
		transferred,
		locked: 0,
		locks: none.root(),
		memo: [0; 32],
	};
	let word = Submit {
		half: half(40).payload(&of_partner),
		tower: None,
		reward: 0,
	};
	let bundle = WatchV1 {
		context: own,
		half: signed(0, &of_partner, half(40)),
		submit: signed(1, &own, word),
		locks: none.clone(),
	};
	for recovery in [false, true] {
		let closing = Closing {
			closer: Side::Low,
			now: 1_000,
			window: 20,
			recovery,
		};
		let (claim, brought) = (Claim::new(40, &none), Some(half(0)));
		let begun = Dispute::begin(closing, &channel.stake, claim, &none, brought, Resyncs::default());
		let seen = Seen {
			dispute: begun.expect("covered"),
			claim_locks: Some(none.clone()),
		};
		let found = watch(&bundle, &seen, &|_: &Hash| None, 1_001);
		assert_eq!(found == [Answer::Update], recovery, "{found:?}");
	}
}

/// Its partner lets in an old half whose list nobody has any more: after thirty days what was kept back comes back.
#[test]
fn what_nobody_has_a_list_for_comes_back() {
	let mut world = two();
	let now = world.machines[0].party.now();
	world
		.lock(0, 1, 50, now + 30, hash_lock(&[1; 32]), Packet::default())
		.expect("room");
	while world.deliver() {}
	world.machines[1].store.arrived.clear();
	let (old, locks) = world.history[&(1, Side::Low)].last().cloned().expect("a half");
	assert_eq!(locks.total(), 50);
	world.pass(40);
	let sheet = world.machines[0].party.sheet(1).expect("open");
	assert!(sheet.obligations.locks().as_slice().is_empty());
	world.machines[1].down = true;
	let close = Event::Close { channel: 1, sure: true };
	world.tell(0, close).expect("it is open");
	world.pass(2);
	let (own, of_partner) = (
		world.chain.channels[&1].of(Side::High),
		world.chain.channels[&1].of(Side::Low),
	);
	let word = Submit {
		half: old.payload(&of_partner),
		tower: None,
		reward: 0,
	};
	let update = Call::Update {
		half: signed(0, &of_partner, old),
		submit: signed(1, &own, word),
	};
	world.chain.submit(1, Side::High, update);
	world.tick(1);
	world.tick(25);
	world.pass(4);
	assert!(!world.chain.is_over(1));
	world.tick(31 * DAY);
	world.pass(2);
	assert!(world.chain.is_over(1));
	assert_eq!(world.gain(0), 0);
}

#[test]
fn a_side_takes_out_what_it_has_and_no_more() {
	let mut world = two();
	pay(&mut world, 0, 300).expect("room");
	world.settle_down();
	let take = |amount| Event::Withdraw { channel: 1, amount };
	let no_room = Err(Refused::Rule(RuleError::NoRoom));
	assert_eq!(world.tell(1, take(1_301)), no_room);
	world.tell(1, take(1_200)).expect("it has so much");
	assert_eq!(world.tell(1, take(1)), Err(Refused::Withdrawing));
	// What may still go is none of the channel's.
	assert_eq!(pay(&mut world, 1, 101), no_room);
	assert_eq!(world.tell(1, Event::Together(1)), Err(Refused::LocksLeft));
	world.check_restart(1);
	world.settle_down();
	world.pass(3);
	assert_eq!(world.gain(1), 200);
	assert_eq!(pay(&mut world, 1, 101), no_room);
	pay(&mut world, 1, 100).expect("so much is left");
	world.settle_down();
	// A later one is of all that was taken out.
	world.tell(0, take(500)).expect("it has so much");
	world.settle_down();
	world.pass(3);
	world.end();
	world.check();
	assert_eq!((world.gain(0), world.gain(1)), (-200, 200));
}

/// Its partner does not agree: the money is the channel's again once it can not go any more.
#[test]
fn a_withdrawal_that_nobody_agrees_to_expires() {
	let mut world = two();
	world.machines[0].mute = true;
	let take = |amount| Event::Withdraw { channel: 1, amount };
	world.tell(1, take(1_000)).expect("it has so much");
	world.settle_down();
	for _ in 0..config().together {
		world.tick(1);
		assert!(pay(&mut world, 1, 1).is_err());
	}
	world.tick(1);
	pay(&mut world, 1, 1_000).expect("it has so much again");
	// Of what its partner has nobody takes out, whoever signs it.
	let body = Withdraw {
		side: Side::Low,
		total: 2_001,
		expiry: world.chain.tick + 10,
	};
	let forged = signed(0, &world.chain.channels[&1].of(Side::Low), body);
	let told = world.tell(1, Event::Received(1, Message::Withdraw(forged)));
	assert_eq!(told, Err(Refused::Rule(RuleError::NoRoom)));
	let unasked = Signed {
		body: Withdraw {
			side: Side::High,
			..body
		},
		signature: forged.signature,
	};
	let told = world.tell(1, Event::Received(1, Message::Withdraw(unasked)));
	assert_eq!(told, Err(Refused::BadSignature));
}

/// A payment through a third party and a closing of all, with one kill: at every point of it.
#[test]
fn whoever_is_killed_at_whatever_point_nobody_loses() {
	let mut point = 0;
	loop {
		let mut world = World::new(Plan::default(), &[config(); 3], 1_000);
		world.settle_down();
		world.countdown = Some(point);
		for amount in [100, 50] {
			let _ = world.pay_through(amount);
			let direct = Event::Pay {
				channel: 2,
				amount: 5,
				memo: [0; 32],
			};
			let _ = world.tell(2, direct);
			world.settle_down();
			world.tick(1);
		}
		world.settle_down();
		let killed = world.countdown.is_none();
		for who in 0..3 {
			world.check_restart(who);
		}
		world.countdown = None;
		world.end();
		world.check();
		assert!(world.gain(0) <= 0 && world.gain(1) >= 0, "point {point}");
		if !killed {
			break;
		}
		point += 1;
	}
	assert!(point > 100, "{point} points");
}

/// The same with a strict tower of who carries on, and with payments of which some are not wanted. Its receipts end
/// before the channels are closed.
#[test]
fn whoever_is_killed_beside_a_strict_tower_nobody_loses() {
	let strict = Config {
		tower: Some(tower(true)),
		..config()
	};
	let mut point = 0;
	loop {
		let plan = Plan {
			unwanted: 50,
			..Plan::default()
		};
		let mut world = World::new(plan, &[config(), strict, config()], 1_000);
		world.settle_down();
		world.countdown = Some(point);
		for amount in [100, 50, 25, 12] {
			let _ = world.pay_through(amount);
			world.settle_down();
			world.receipt(1, 1);
			world.receipt(1, 2);
			world.settle_down();
			world.tick(1);
		}
		let _ = world.pay_through(6);
		world.settle_down();
		let killed = world.countdown.is_none();
		world.countdown = None;
		for who in 0..3 {
			world.check_restart(who);
		}
		world.end();
		world.check();
		assert!(world.gain(0) <= 0 && world.gain(1) >= 0, "point {point}");
		if !killed {
			break;
		}
		point += 1;
	}
	assert!(point > 100, "{point} points");
}

/// The same with a payment that nobody wants, and a party that closes alone in the middle of it.
#[test]
fn whoever_is_killed_while_a_channel_is_closed_nobody_loses() {
	for closer in 0..3 {
		let mut point = 0;
		loop {
			let mut world = World::new(Plan::default(), &[config(); 3], 1_000);
			world.settle_down();
			world.countdown = Some(point);
			let _ = world.pay_through(100);
			for _ in 0..3 {
				world.deliver();
			}
			let channel = world.machines[closer].links[0].channel;
			let _ = world.tell(closer, Event::Close { channel, sure: true });
			world.react(1);
			world.deliver();
			world.react(2);
			world.settle_down();
			world.pass(60);
			let killed = world.countdown.is_none();
			world.countdown = None;
			world.end();
			world.check();
			if !killed || point > 400 {
				break;
			}
			point += 1;
		}
		assert!(point > 20, "{point} points");
	}
}

/// Signatures are looked at here: of halves, of greetings, of closings.
#[test]
fn a_half_under_another_key_is_refused() {
	let mut world = two();
	let context = world.chain.channels[&1].of(Side::Low);
	let locks = Locks::default();
	let half = Half {
		nonce: 1,
		ack: 0,
		transferred: 40,
		locked: 0,
		locks: locks.root(),
		memo: [0; 32],
	};
	let close = CloseTogether {
		pay: PerSide { low: 0, high: 2_000 },
		expiry: world.chain.tick + 10,
	};
	let all = [
		Message::Update(Update {
			half: signed(1, &context, half),
			locks,
			parcels: Parcels::default(),
		}),
		Message::Hello(Hello {
			held: Some(signed(0, &context, half)),
			number: 1,
			answers: 1,
		}),
		Message::Together(signed(1, &context, close)),
	];
	for message in all {
		let told = world.tell(1, Event::Received(1, message));
		assert_eq!(told, Err(Refused::BadSignature));
	}
}

#[test]
fn a_machine_without_channels_refuses_all() {
	let world = two();
	let mut party = Party::new(config());
	let all = [
		Event::Connected { channel: 9, number: 1 },
		Event::Together(9),
		Event::PayUp(Place { channel: 9, id: 0 }),
		Event::Received(9, Message::Got(smartchain_channel::Got { held: 0 })),
	];
	for event in all {
		let refused = party.step(event, &world.chain).map(|_| ());
		assert_eq!(refused, Err(Refused::NoChannel(9)));
	}
}
