//! Every planck of a deal is somewhere, in any order of calls.

use crate::workbench::{small_order, small_terms, Step, World};
use proptest::prelude::*;
use smartchain_rng::{runs, seeds, Rng};
use storage_market_primitives::{
	Balance, Geometry, Order, Price, Profile, Quote, SlotAt, Stage, Terms, Tick, Why, MAX_ERAS, MAX_FACTOR,
};

/// Plays a deal to its end. Returns why it ended, if it did.
fn life(seed: u64, steps: u32) -> Option<Why> {
	let mut rng = Rng::new(seed);
	let (enough, slots) = *rng.pick(&[(1, 1), (1, 2), (2, 3), (2, 4), (4, 8)]).expect("some");
	let mut order = small_order(enough, slots, rng.range(1, 6) as u32);
	order.max_ask = Price(u128::from(rng.below(1 << 22)));
	order.factor = rng.range(1, 10) as u8;
	let first = if rng.percent(70) { World::active } else { World::new };
	let mut world = first(order, small_terms());
	for _ in 0..steps {
		let _ = world.play(Step::any(&mut rng, u32::from(slots), slots + 3));
	}
	let Stage::Ended { why, .. } = world.deal.stage else {
		assert!(world.run_out(200).is_some(), "SMARTCHAIN_SEED={seed}");
		return None;
	};
	Some(why)
}

#[test]
fn every_planck_is_accounted_for_in_any_order_of_calls() {
	let mut ends = Vec::new();
	for seed in seeds(1_000 * runs()) {
		println!("seed {seed}");
		ends.extend(life(seed, 200));
	}
	for why in [Why::Lost, Why::Expired] {
		assert!(ends.len() < 100 || ends.contains(&why), "no deal ended so: {why:?}");
	}
}

/// Who holds to the end and proves, however often, gets all that it asked for, to the planck.
#[test]
fn who_holds_and_proves_gets_all_that_it_asked_for() {
	for seed in seeds(200 * runs()) {
		let mut rng = Rng::new(seed);
		let mut order = small_order(4, 8, 50);
		order.max_ask = Price(u128::from(rng.next_u64() >> 30));
		let mut world = World::active(order, small_terms());
		let total = world.deal.escrow.amount();
		while world.now < 200 {
			world.now += rng.range(1, 9) as Tick;
			let at = rng.below(8) as SlotAt;
			let _ = world.play(Step::Due);
			let _ = world.play(Step::Prove(at, at as u8));
		}
		let mut paid: Balance = 0;
		for at in 0..8 {
			// In the time of grace, or before it.
			world.now = world.now.min(202);
			world.done(Step::Prove(at, at as u8));
			let slot = world.deal.slot(at).expect("there");
			let accrued = slot.holding.as_ref().expect("held").accrued.amount();
			let exact = world.ask(at as u8).0 * 200 / (1 << 18);
			assert_eq!(accrued, exact, "SMARTCHAIN_SEED={seed}: slot {at}");
			paid += accrued;
		}
		assert_eq!(world.deal.escrow.amount(), total - paid, "SMARTCHAIN_SEED={seed}");
	}
}

/// However often a slot changes hands at one ask, it costs the escrow as much as if it never did.
#[test]
fn a_slot_costs_the_same_whoever_holds_it() {
	for seed in seeds(200 * runs()) {
		let mut rng = Rng::new(seed);
		let mut order = small_order(1, 2, 100);
		order.max_ask = Price(u128::from(rng.next_u64() >> 40));
		let mut world = World::active(order, small_terms());
		let first = world.deal.escrow.amount();
		let mut holder = 0_u8;
		while world.now + 12 < 400 {
			world.now += rng.range(1, 9) as Tick;
			world.done(Step::Prove(0, holder));
			// All have an even number, and ask for as much as is paid.
			let next = if holder == 2 { 4 } else { 2 };
			world.done(Step::Leave(0, holder));
			world.done(Step::Place(0, next));
			world.done(Step::Confirm(0, next));
			holder = next;
		}
		let exact = order.max_ask.0 * Balance::from(world.now) / (1 << 18);
		assert_eq!(first - world.deal.escrow.amount(), exact, "SMARTCHAIN_SEED={seed}");
	}
}

#[test]
fn a_gigabyte_for_ninety_days() {
	let order = Order {
		geometry: Geometry::of(Profile::Standard, 1_070_000_000),
		// 0.9 STCI for a TiB and month.
		max_ask: Price(203_450),
		eras: 90 * 144,
		factor: 1,
	};
	let quote = Quote::of(&order, &Terms::real()).expect("sound");
	// 8 slots of 255.25 MiB for 12,960 eras.
	assert_eq!(order.geometry.slot_len(), 1_021 * (256 << 10));
	let pay = 8 * (203_450_u128 * 12_960 * 1_021).div_ceil(4_096);
	assert_eq!(quote.pay, pay);
	// What a repair fetches is 1,021 MiB, at an STCI a TiB, and a quarter more.
	let carried = (976_562_500_u128 * 1_021).div_ceil(1_024);
	assert_eq!(quote.repair, carried + carried.div_ceil(4));
	assert_eq!(quote.reserve, 2 * quote.repair);
	assert_eq!(
		(quote.collateral, quote.total()),
		(quote.repair, pay + 2 * quote.repair)
	);
}

proptest! {
	#[test]
	fn a_quote_never_fails_but_for_its_size(
		len in 1..1_u64 << 38, price: u128, eras in 1..=MAX_ERAS, factor in 1..=MAX_FACTOR, egress: u128,
	) {
		let geometry = Geometry::of(Profile::Durable, len);
		let terms = Terms { egress: Price(egress), ..Terms::real() };
		for price in [price, price >> 64, u128::MAX] {
			let order = Order { geometry, max_ask: Price(price), eras, factor };
			if let Ok(quote) = Quote::of(&order, &terms) {
				prop_assert!(quote.pay.checked_add(quote.reserve) == Some(quote.total()));
				prop_assert!(quote.collateral >= quote.repair);
				// What is held pays all slots to the end at the highest ask.
				prop_assert_eq!(order.pay_for(eras, terms.era), Ok(quote.pay));
			}
		}
		let small = Order { geometry, max_ask: Price(1 << 40), eras, factor };
		prop_assert!(Quote::of(&small, &Terms::real()).is_ok());
	}
}

mod long {
	use super::*;

	#[test]
	#[ignore = "a million calls; `scripts/test long` runs it"]
	fn a_million_calls_keep_every_planck() {
		let mut ends: Vec<Why> = Vec::new();
		for seed in 0..5_000 {
			ends.extend(life(seed, 200));
		}
		for why in [Why::Lost, Why::Expired, Why::Terminated, Why::Unplaced] {
			let count = ends.iter().filter(|end| **end == why).count();
			println!("{why:?}: {count}");
			assert!(count > 0, "no deal ended so: {why:?}");
		}
	}
}
