//! What is created never passes the cap, and none of it is lost.

use crate::workbench::{any_demand, any_ratio, any_size, any_terms, Chain};
use issuance_primitives::{close, share, Balance, Demand, Merits, PerPot, Pot, Schedule, Terms, Work, STCI};
use proptest::prelude::*;
use smartchain_rng::{runs, seeds, Rng};
use sp_arithmetic::Perbill;

/// A schedule whose 64 halvings pass within some thousand eras.
fn short(rng: &mut Rng) -> Schedule {
	Schedule {
		halving_eras: rng.range(1, 40) as u32,
		..Schedule::real()
	}
}

#[test]
fn nothing_passes_the_cap_in_any_order_of_events() {
	for seed in seeds(50 * runs()) {
		println!("seed {seed}");
		let mut rng = Rng::new(seed);
		// The cap is within reach, or below the first era's ceiling.
		let schedule = Schedule {
			cap: any_size(&mut rng) >> 40,
			..short(&mut rng)
		};
		let genesis = any_size(&mut rng);
		let mut chain = Chain::new(schedule, genesis);
		for _ in 0..4_000 {
			chain.step(&mut rng);
			chain.check_cap();
		}
		chain.check_all();
	}
}

#[test]
fn all_halvings_under_any_usage_stay_below_the_cap() {
	for seed in seeds(20 * runs()) {
		println!("seed {seed}");
		let mut rng = Rng::new(seed);
		let schedule = short(&mut rng);
		let genesis = any_size(&mut rng).min(schedule.cap);
		let mut chain = Chain::new(schedule, genesis);
		while chain.era < 64 * schedule.halving_eras {
			chain.close(&mut rng);
			chain.pay(rng.below(12) as usize, rng.below(8) as usize);
			chain.check_cap();
		}
		chain.check_all();
		assert_eq!(chain.close(&mut rng), 0, "1,000 STCI are gone after 50 halvings");
	}
}

#[test]
fn every_planck_is_kept() {
	for seed in seeds(10 * runs()) {
		println!("seed {seed}");
		let mut rng = Rng::new(seed);
		let mut chain = Chain::new(short(&mut rng), 1_000_000 * STCI);
		for _ in 0..2_000 {
			chain.step(&mut rng);
			chain.check_all();
		}
	}
}

#[test]
fn the_whole_schedule_is_the_cap() {
	let schedule = Schedule::real();
	let all: Balance = (0..64)
		.map(|halvings| schedule.start_of(halvings * schedule.halving_eras) * u128::from(schedule.halving_eras))
		.sum();
	assert!(all <= schedule.cap);
	// What halving rounds away is not created: less than a planck an era.
	assert!(schedule.cap - all < 64 * u128::from(schedule.halving_eras));
}

#[test]
fn the_ceiling_halves_and_ends() {
	let schedule = Schedule::real();
	assert_eq!(schedule.start_of(0), 1_000 * STCI);
	assert_eq!(schedule.start_of(104_999), 1_000 * STCI);
	assert_eq!(schedule.start_of(105_000), 500 * STCI);
	assert_eq!(schedule.start_of(u32::MAX), 0);
	let each = Schedule {
		halving_eras: 0,
		..schedule
	};
	assert_eq!((each.start_of(0), each.start_of(1)), (1_000 * STCI, 500 * STCI));
	assert_eq!((each.start_of(127), each.start_of(128)), (0, 0));
}

#[test]
fn a_genesis_above_the_cap_leaves_nothing() {
	let schedule = Schedule::real();
	assert_eq!(schedule.ceiling(0, schedule.cap - 1, 0, 0), 1);
	assert_eq!(schedule.ceiling(0, schedule.cap - 3, 1, 1), 1);
	assert_eq!(schedule.ceiling(0, schedule.cap, 0, 0), 0);
	assert_eq!(schedule.ceiling(0, Balance::MAX, Balance::MAX, Balance::MAX), 0);
}

/// The rest of the cap is created to the last planck that no rounding takes.
#[test]
fn a_network_in_full_use_reaches_the_cap() {
	let schedule = Schedule {
		halving_eras: 1_000_000,
		cap: 10_000 * STCI,
		..Schedule::real()
	};
	let work = Work {
		units: 1_000_000 << 32,
		paid: 1_000_000 * STCI,
	};
	let demand = Demand {
		storage: work,
		..Demand::default()
	};
	let mut created = 0;
	for era in 0..20 {
		let ceiling = schedule.ceiling(era, 0, created, 0);
		let all = PerPot::from_fn(|_| 1);
		created += close(ceiling, Perbill::one(), &demand, &Terms::real(), &all).pots.sum();
	}
	assert_eq!(created, schedule.cap);
}

proptest! {
	#[test]
	fn dust_is_bounded_and_is_never_created(seed: u64, ceiling in 0..=1_000 * STCI) {
		let mut rng = Rng::new(seed);
		let terms = any_terms(&mut rng);
		let (demand, usage) = (any_demand(&mut rng), any_ratio(&mut rng));
		let merits: [Merits; 5] = std::array::from_fn(|_| PerPot::from_fn(|pot| match pot {
			Pot::Treasury => 0,
			_ => u128::from(rng.next_u64()) + 1,
		}));
		let totals = merits.iter().fold(Merits::default(), |sum, one| sum.plus(*one));
		let closing = close(ceiling, usage, &demand, &terms, &totals);
		prop_assert!(closing.gross - closing.pots.sum() <= 2);
		for pot in Pot::ALL.into_iter().filter(|pot| *pot != Pot::Treasury) {
			let paid: Balance = merits
				.iter()
				.map(|one| share(closing.pots.get(pot), one.get(pot), totals.get(pot)))
				.sum();
			prop_assert!(paid <= closing.pots.get(pot));
			prop_assert!(closing.pots.get(pot) - paid < 5);
		}
	}
}
