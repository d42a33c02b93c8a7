//! Chains of hashes: a payment a step, directly and through a third party.

use crate::world::{config, Plan, World};
use channel_primitives::{Condition, Node, Steps};
use smartchain_channel::{Event, Packet, Place, Refused, STEPS_AHEAD};

/// What a step is of.
const UNIT: u128 = 3;
const STEPS: u16 = 300;

/// A lock over a chain, from the first party to the second one.
fn stream(world: &mut World) -> Steps {
	let steps = Steps::new([8; 32], STEPS).expect("a chain");
	let payee = world.chain.channels[&1].terms.keys.high;
	let chain = Node::Chain {
		root: steps.root(),
		steps: STEPS,
		payee,
	};
	let condition = Condition::new(vec![chain]).expect("a condition");
	let expiry = world.machines[0].party.now() + 200;
	world
		.lock(0, 1, UNIT * u128::from(STEPS), expiry, condition, Packet::default())
		.expect("there is room");
	while world.deliver() {}
	steps
}

const AT: Place = Place { channel: 1, id: 0 };

fn give(world: &mut World, steps: &mut Steps, number: u16) {
	give_with(world, steps, number, STEPS_AHEAD);
}

/// The same with so many steps after each that may go out without a commit.
fn give_with(world: &mut World, steps: &mut Steps, number: u16, ahead: u16) {
	let at = AT;
	for _ in 0..number {
		let (step, value) = steps.give().expect("there are more");
		let give = Event::Give { at, step, value, ahead };
		world.tell(0, give).expect("it goes out");
		world.streams(0, UNIT * u128::from(step));
	}
}

fn new(parties: usize) -> World {
	let mut world = World::new(Plan::default(), &vec![config(); parties], 1_000);
	world.settle_down();
	// Programs leave streams alone.
	world
}

fn hold(world: &mut World) {
	for machine in &mut world.machines {
		machine.store.arrived.clear();
	}
}

#[test]
fn a_stream_is_paid_step_by_step() {
	let mut world = new(2);
	let mut steps = stream(&mut world);
	hold(&mut world);
	let commits = world.machines[1].store.commits;
	give(&mut world, &mut steps, 250);
	while world.deliver() {}
	assert!(
		world.machines[1].store.commits <= commits + 4,
		"a commit for many steps"
	);
	world.tell(0, Event::PayUp(AT)).expect("it is paid");
	world.settle_down();
	assert_eq!(world.machines[1].store.received, 250 * UNIT);
	world.end();
	world.check();
	assert_eq!(world.gain(1), 250 * UNIT as i128);
}

#[test]
fn a_payee_that_gives_a_stream_up_is_paid_what_came() {
	let mut world = new(2);
	let mut steps = stream(&mut world);
	hold(&mut world);
	give(&mut world, &mut steps, 40);
	while world.deliver() {}
	world
		.tell(
			1,
			Event::GiveUp {
				at: AT,
				reason: smartchain_channel::Reason::Unwanted,
			},
		)
		.expect("it asks");
	world.settle_down();
	assert_eq!(world.machines[1].store.received, 40 * UNIT);
}

#[test]
fn a_payer_that_is_killed_pays_a_few_steps_too_much_and_never_forfeits() {
	let mut world = new(2);
	let mut steps = stream(&mut world);
	hold(&mut world);
	give(&mut world, &mut steps, 70);
	while world.deliver() {}
	world.kill(0);
	world.settle_down();
	let (step, value) = steps.give().expect("there are more");
	// It cannot know that it has not given this one.
	let give = Event::Give {
		at: AT,
		step,
		value,
		ahead: STEPS_AHEAD,
	};
	let again = world.tell(0, give);
	assert_eq!(again, Err(Refused::Step));
	world.tell(0, Event::PayUp(AT)).expect("it is paid");
	world.settle_down();
	let received = world.machines[1].store.received;
	assert!((70 * UNIT..=135 * UNIT).contains(&received), "{received}");
	world.end();
	assert!(world.chain.forfeited.is_empty());
}

#[test]
fn a_payer_that_stores_each_step_pays_none_too_much() {
	let mut world = new(2);
	let mut steps = stream(&mut world);
	hold(&mut world);
	give_with(&mut world, &mut steps, 70, 0);
	while world.deliver() {}
	world.kill(0);
	world.settle_down();
	world.tell(0, Event::PayUp(AT)).expect("it is paid");
	world.settle_down();
	assert_eq!(world.machines[1].store.received, 70 * UNIT);
	world.end();
	assert!(world.chain.forfeited.is_empty());
}

#[test]
fn nobody_gives_more_on_one_commit_than_may_be() {
	let mut world = new(2);
	let mut steps = stream(&mut world);
	hold(&mut world);
	give_with(&mut world, &mut steps, 1, u16::MAX);
	while world.deliver() {}
	world.kill(0);
	world.settle_down();
	world.tell(0, Event::PayUp(AT)).expect("it is paid");
	world.settle_down();
	assert_eq!(world.machines[1].store.received, u128::from(1 + STEPS_AHEAD) * UNIT);
}

#[test]
fn a_payee_that_is_killed_loses_a_few_steps_at_most() {
	let mut world = new(2);
	let mut steps = stream(&mut world);
	hold(&mut world);
	give(&mut world, &mut steps, 200);
	while world.deliver() {}
	world.kill(1);
	let taken = world.machines[1].party.sheet(1).expect("open").taken.clone();
	let best = taken[&0].best.map_or(0, |(step, _)| step);
	assert!(best > 200 - 64 && best <= 200, "{best}");
}

/// A payee that was killed before it had stored any of ten steps.
fn forgetful() -> World {
	let mut world = new(2);
	let mut steps = stream(&mut world);
	hold(&mut world);
	give(&mut world, &mut steps, 10);
	while world.deliver() {}
	world.kill(1);
	let taken = world.machines[1].party.sheet(1).expect("open").taken.clone();
	assert_eq!(taken[&0].best, None, "it has lost them");
	world.settle_down();
	world
}

/// A gate knows what it is paid for, though it has forgotten that.
#[test]
fn what_a_payee_lost_of_a_stream_is_paid_as_that() {
	let mut world = forgetful();
	world.tell(0, Event::PayUp(AT)).expect("it is paid");
	world.settle_down();
	let store = &world.machines[1].store;
	assert_eq!((store.received, store.for_locks), (10 * UNIT, 10 * UNIT));
	world.end();
}

#[test]
fn what_a_half_names_is_paid_by_it_and_no_steps_that_were_lost() {
	let mut world = forgetful();
	world.machines[0].mute = true;
	let pay = Event::Pay {
		channel: 1,
		amount: 5,
		memo: [7; 32],
	};
	for event in [Event::PayUp(AT), pay] {
		world.tell(0, event).expect("it is paid");
	}
	// The first half never goes out: the second one says all.
	world.machines[0].mute = false;
	world.kill(0);
	world.settle_down();
	let store = &world.machines[1].store;
	assert_eq!((store.received, store.for_locks), (10 * UNIT + 5, 0));
	world.end();
}

#[test]
fn steps_that_are_not_paid_are_claimed_on_chain() {
	let mut world = new(2);
	let mut steps = stream(&mut world);
	hold(&mut world);
	give(&mut world, &mut steps, 100);
	while world.deliver() {}
	world.machines[0].mute = true;
	world.machines[0].evil = true;
	world.machines[0].down = true;
	world.pass(300);
	assert_eq!(world.chain.reveals.len(), 1);
	assert_eq!(world.gain(1), 100 * UNIT as i128);
}

#[test]
fn a_stream_goes_on_step_by_step_and_the_mediator_is_never_behind() {
	let mut world = new(3);
	let mut steps = stream(&mut world);
	let forward = Event::Forward {
		from: AT,
		channel: 2,
		amount: UNIT * u128::from(STEPS) - 1,
		expiry: world.machines[1].party.now() + 140,
		packet: Packet::default(),
	};
	world.tell(1, forward).expect("it goes on");
	while world.deliver() {}
	hold(&mut world);
	give(&mut world, &mut steps, 150);
	while world.deliver() {}
	let sheet = world.machines[2].party.sheet(2).expect("open");
	assert_eq!(sheet.taken.len(), 1);
	world.tell(0, Event::PayUp(AT)).expect("it is paid");
	world.settle_down();
	let got = world.machines[2].store.received;
	assert!((149 * UNIT..=150 * UNIT).contains(&got), "{got}");
	world.end();
	world.check();
	assert!(world.gain(1) >= 0);
}

#[test]
fn false_steps_are_refused() {
	let mut world = new(2);
	let mut steps = stream(&mut world);
	hold(&mut world);
	give(&mut world, &mut steps, 2);
	while world.deliver() {}
	for (step, value) in [(1, [1; 32]), (3, [1; 32]), (STEPS + 1, [1; 32])] {
		let shown = smartchain_channel::StepShown { id: 0, step, value };
		let told = world.tell(1, Event::Received(1, smartchain_channel::Message::Step(shown)));
		assert_eq!(told, Err(Refused::Step));
	}
}
