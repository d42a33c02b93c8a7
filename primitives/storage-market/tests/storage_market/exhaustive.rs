//! All that can happen to small deals.

use crate::workbench::{small_order, small_terms, Device, Step, World};
use codec::Encode;
use std::collections::{HashSet, VecDeque};
use storage_market_primitives::{Holding, SlotAt, Stage, Tick, Why};

/// How a deal ended in some of the states that were seen.
#[derive(Default)]
struct Seen {
	states: usize,
	ends: Vec<Why>,
	/// Whether there is nothing beyond.
	whole: bool,
}

/// What makes two states the same: money that has left counts for nothing more.
fn key(world: &World) -> Vec<u8> {
	(&world.deal, world.now).encode()
}

/// Counters that change nothing else are kept low, so that there is an end.
fn is_small(world: &World, last_tick: Tick) -> bool {
	let slots = &world.deal.slots;
	let misses = |holding: &Holding<Device>| holding.misses <= 2;
	world.now <= last_tick
		&& world.deal.order.eras <= 3
		&& slots.iter().all(|slot| slot.attempt <= 3)
		&& slots.iter().all(|slot| slot.holding.as_ref().is_none_or(misses))
}

/// Explores a deal breadth first. Each step is checked against the books, and from each state time alone closes the
/// deal.
fn explore(first: World, devices: Device, last_tick: Tick, most: usize) -> Seen {
	let slots = SlotAt::from(first.deal.order.geometry.slots);
	let steps = Step::all(slots, devices);
	let mut seen = Seen::default();
	let mut known = HashSet::from([key(&first)]);
	let mut next = VecDeque::from([first]);
	while let Some(world) = next.pop_front() {
		seen.states += 1;
		if let Stage::Ended { why, .. } = world.deal.stage {
			if !seen.ends.contains(&why) {
				seen.ends.push(why);
			}
		}
		// All stages, a repair's patience and the grace together, and what an extension has added.
		assert!(world.clone().run_out(80).is_some(), "it never ends: {:?}", world.deal);
		if known.len() >= most {
			continue;
		}
		for step in &steps {
			let mut after = world.clone();
			if after.play(*step).is_ok() && is_small(&after, last_tick) && known.insert(key(&after)) {
				next.push_back(after);
			}
		}
	}
	seen.whole = known.len() < most;
	seen
}

/// Slots of which one suffices, from the opening on.
#[test]
fn every_order_of_events_from_the_opening_on() {
	let first = World::new(small_order(1, 2, 1), small_terms());
	let seen = explore(first, 2, 4, 20_000);
	println!("{} states, whole: {}; ends {:?}", seen.states, seen.whole, seen.ends);
	assert!(seen.states > 500, "{}", seen.states);
	for why in [Why::Unplaced, Why::GivenUp, Why::Terminated] {
		assert!(seen.ends.contains(&why), "no deal ended so: {why:?}");
	}
}

/// The same of a deal that has begun, with a device to repair with.
#[test]
fn every_order_of_events_in_a_deal_that_has_begun() {
	let first = World::active(small_order(1, 2, 2), small_terms());
	let seen = explore(first, 3, 8, 20_000);
	println!("{} states, whole: {}; ends {:?}", seen.states, seen.whole, seen.ends);
	assert!(seen.states > 5_000, "{}", seen.states);
	assert!(seen.ends.contains(&Why::Terminated), "{:?}", seen.ends);
}

/// A deal of one slot, which is lost with it.
#[test]
fn every_order_of_events_with_a_single_slot() {
	let first = World::active(small_order(1, 1, 2), small_terms());
	let seen = explore(first, 2, 12, 20_000);
	println!("{} states, whole: {}; ends {:?}", seen.states, seen.whole, seen.ends);
	for why in [Why::Lost, Why::Terminated, Why::Expired] {
		assert!(seen.ends.contains(&why), "no deal ended so: {why:?}");
	}
}

mod long {
	use super::*;

	#[test]
	#[ignore = "millions of states; `scripts/test long` runs it"]
	fn every_order_of_events_with_two_of_three() {
		for (first, devices, last) in [
			(World::new(small_order(1, 2, 1), small_terms()), 3, 6),
			(World::active(small_order(1, 2, 1), small_terms()), 3, 12),
			(World::active(small_order(2, 3, 1), small_terms()), 4, 8),
		] {
			let seen = explore(first, devices, last, 300_000);
			println!("{} states, whole: {}; ends {:?}", seen.states, seen.whole, seen.ends);
			assert!(seen.states > 100_000, "{}", seen.states);
		}
	}
}
