//! Payments that a third party carries on: killed ten times, gone for good, or between two that lie.

use crate::world::{config, Plan, World};
use channel_primitives::{Side, DAY};
use smartchain_channel::{Event, Place, TakenStage};

/// Pays so many times through the second party, some in flight at once, and kills it so often.
fn through(payments: u64, kills: u64) -> World {
	let mut world = World::new(Plan::default(), &[config(); 3], 1_000_000_000);
	world.remembers = false;
	world.settle_down();
	let mut sent = 0_u64;
	let mut killed = 0;
	while sent < payments {
		for _ in 0..10.min(payments - sent) {
			// If the first one is not sure of its partner yet, it pays in the next round.
			if world.pay_through(1_000).is_ok() {
				sent += 1;
			}
		}
		if killed < kills && sent > payments / (kills + 1) * (killed + 1) {
			killed += 1;
			// In the middle of what is on its way.
			for _ in 0..7 {
				world.deliver();
			}
			world.kill(1);
		}
		settle(&mut world);
		if sent % 200 == 0 {
			world.tick(1);
		}
	}
	for _ in 0..20 {
		settle(&mut world);
	}
	world
}

/// What is on its way arrives, and programs do what they do, in order.
fn settle(world: &mut World) {
	for _ in 0..4 {
		while world.deliver() {}
		for who in 0..world.machines.len() {
			world.react(who);
		}
	}
	for who in 0..world.machines.len() {
		let _ = world.tell(who, Event::Wake);
	}
	while world.deliver() {}
}

fn agrees(mut world: World, payments: u64) {
	assert_eq!(world.machines[2].store.received, u128::from(payments) * 1_000);
	assert_eq!(world.machines[0].store.paid_locks.len() as u64, payments);
	world.end();
	world.check();
	let paid = i128::from(payments) * 1_000;
	let fees = i128::from(payments);
	assert_eq!(
		[world.gain(0), world.gain(1), world.gain(2)],
		[-paid - fees, fees, paid],
		"the chain agrees to the planck"
	);
	assert!(world.chain.forfeited.is_empty());
}

#[test]
fn a_hundred_thousand_payments_through_carol_who_is_killed_ten_times() {
	let world = through(100_000, 10);
	assert_eq!(world.machines[1].kills, 10);
	// A bounded number of events a payment, and a store that does not grow with them.
	assert!(world.events < 100_000 * 40, "{} events", world.events);
	let sheets = &world.machines[1].store.sheets;
	assert!(sheets.values().all(|bytes| bytes.len() < 8 * 1_024));
	agrees(world, 100_000);
}

/// F1b: she never returns. What is in flight is paid or given back by the chain alone.
#[test]
fn carol_never_returns_and_nobody_loses() {
	for stage in 0..12 {
		let mut world = World::new(Plan::default(), &[config(); 3], 1_000);
		world.settle_down();
		world.pay_through(100).expect("there is room");
		for _ in 0..stage {
			if !world.deliver() {
				world.react(1);
				world.react(2);
			}
		}
		world.machines[1].down = true;
		world.pass(150);
		for who in [0, 2] {
			let channel = world.machines[who].links[0].channel;
			let _ = world.tell(who, Event::Close { channel, sure: true });
		}
		world.pass(60);
		world.tick(8 * DAY);
		world.pass(8);
		world.tick(31 * DAY);
		world.chain.give_back();
		for id in [1, 2] {
			assert!(world.chain.is_over(id), "stage {stage}: channel {id}");
		}
		// Alice pays at most what Bob has taken, and Bob gets what he has released.
		world.machines[1].evil = true;
		world.check();
		if world.released.is_empty() {
			assert_eq!(world.gain(2), 0);
		} else {
			assert_eq!(world.gain(2), 100, "stage {stage}");
		}
	}
}

#[test]
fn a_payment_that_nobody_wants_comes_back_at_once() {
	let plan = Plan {
		unwanted: 100,
		..Plan::default()
	};
	let mut world = World::new(plan, &[config(); 3], 1_000);
	world.settle_down();
	world.pay_through(100).expect("there is room");
	world.settle_down();
	assert_eq!(world.machines[0].store.failed_locks.len(), 1);
	assert!(world.chain.reveals.is_empty());
	for who in 0..3 {
		for link in world.machines[who].links.clone() {
			let sheet = world.machines[who].party.sheet(link.channel).expect("open");
			assert!(sheet.given.is_empty() && sheet.taken.is_empty());
		}
	}
	world.end();
	world.check();
	assert_eq!(world.gain(0), 0);
}

/// The one that came is not given up before the onward one is void.
#[test]
fn nothing_is_given_up_upstream_before_the_ack() {
	let plan = Plan {
		unwanted: 100,
		..Plan::default()
	};
	let mut world = World::new(plan, &[config(); 3], 1_000);
	world.settle_down();
	world.pay_through(100).expect("there is room");
	while world.deliver() {}
	world.react(1);
	while world.deliver() {}
	// Bob gives up and is silent from then on: his ack never comes.
	world.react(2);
	world.machines[2].mute = true;
	while world.deliver() {}
	world.settle_down();
	let place = Place { channel: 1, id: 0 };
	let stage = |world: &World| {
		let sheet = world.machines[1].party.sheet(place.channel).expect("open");
		sheet.taken.get(&place.id).map(|taken| taken.stage.clone())
	};
	assert!(matches!(stage(&world), Some(TakenStage::Onward(_))));
	// Once it can no longer be claimed, it is.
	world.pass(60);
	assert!(!matches!(stage(&world), Some(TakenStage::Onward(_))));
	world.machines[2].mute = false;
	world.end();
	world.check();
	assert_eq!(world.gain(1), 0);
}

#[test]
fn a_lock_goes_on_for_the_fee_and_with_the_margin_or_not() {
	use crate::world::hash_lock;
	use smartchain_channel::{Packet, Refused};

	let mut world = World::new(Plan::default(), &[config(); 3], 1_000);
	world.settle_down();
	let now = world.machines[0].party.now();
	let condition = hash_lock(&[3; 32]);
	world
		.lock(0, 1, 100, now + 200, condition, Packet::default())
		.expect("there is room");
	while world.deliver() {}
	let forward = |amount, expiry, channel| Event::Forward {
		from: Place { channel: 1, id: 0 },
		channel,
		amount,
		expiry,
		packet: Packet::default(),
	};
	let mut tell = |event| world.tell(1, event);
	assert_eq!(tell(forward(100, now + 100, 2)), Err(Refused::Fee));
	assert_eq!(tell(forward(99, now + 141, 2)), Err(Refused::TooLate));
	assert_eq!(tell(forward(99, now + 140, 1)), Err(Refused::Loop));
	assert_eq!(tell(forward(99, now + 140, 2)), Ok(()));
	assert_eq!(tell(forward(99, now + 140, 2)), Err(Refused::Loop));
	let sheet = world.machines[1].party.sheet(2).expect("open");
	assert_eq!(sheet.side(), Side::Low);
	assert_eq!(sheet.given.len(), 1);
}
