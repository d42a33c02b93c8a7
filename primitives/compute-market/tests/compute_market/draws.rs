//! What is drawn: evenly, and never twice the same.

use compute_market_primitives::{jitter, job_seed, jury, pool, probers, recent, recheck, Draw, Randomness};
use proptest::prelude::*;
use rounds_primitives::Jitter;
use sp_arithmetic::Perbill;
use std::collections::BTreeSet;

const RANDOMNESS: Randomness = [9; 32];

proptest! {
	#[test]
	fn numbers_are_below_their_end(randomness: [u8; 32], number: u32, end: u64) {
		let draw = pool(&randomness, 7, 0);
		prop_assert!(draw.below(number, end) < end.max(1));
		prop_assert!(draw.below_u32(number, end as u32) < (end as u32).max(1));
		let mut stream = draw.stream();
		for _ in 0..10 {
			prop_assert!(stream.below(end) < end.max(1));
		}
	}
}

#[test]
fn whatever_differs_draws_something_else() {
	let mut seeds = BTreeSet::new();
	let mut all = 0;
	for byte in [1, 2] {
		let randomness = [byte; 32];
		for job in [0, 1, 1 << 32] {
			seeds.insert(job_seed(&randomness, job));
			all += 1;
			for of in [0, 1, 2] {
				let unit: [fn(&Randomness, u64, u32) -> Draw; 4] = [pool, recheck, jury, probers];
				seeds.extend(unit.map(|draw| *draw(&randomness, job, of).seed()));
				all += 4;
			}
		}
		for tick in [0, 1, 2] {
			seeds.insert(*recent(&randomness, tick).seed());
			let mut stream = jitter(&randomness, tick);
			let numbers = [(); 4].map(|()| stream.next_u64().to_le_bytes());
			seeds.insert(core::array::from_fn(|i| numbers[i / 8][i % 8]));
			all += 2;
		}
	}
	assert_eq!(seeds.len(), all);
}

/// A share of units is run again, and that share alone.
#[test]
fn a_draw_hits_as_often_as_its_share_says() {
	let units = 20_000;
	for percent in [0, 2, 10, 50, 100] {
		let share = Perbill::from_percent(percent);
		let hits = (0..units)
			.filter(|unit| recheck(&RANDOMNESS, 7, *unit).hits(share))
			.count() as f64;
		let p = f64::from(percent) / 100.0;
		let deviation = (f64::from(units) * p * (1.0 - p)).sqrt();
		let off = (hits - f64::from(units) * p).abs();
		assert!(off <= 4.0 * deviation, "{hits} of {units} at {percent} %");
	}
}

/// Pearson's statistic of 64 classes, of numbers one after the other, and of what follows what.
#[test]
fn jitter_is_even() {
	const CLASSES: u64 = 64;
	const EACH: u64 = 2_000;
	let mut stream = jitter(&RANDOMNESS, 1);
	let (mut counts, mut pairs) = (vec![0_u64; 64], vec![0_u64; 64]);
	let mut before = 0;
	for _ in 0..CLASSES * EACH {
		let class = stream.below(CLASSES);
		counts[class as usize] += 1;
		pairs[((class + CLASSES - before) % CLASSES) as usize] += 1;
		before = class;
	}
	for classes in [counts, pairs] {
		let square = |count: u64| (count as f64 - EACH as f64).powi(2) / EACH as f64;
		let statistic: f64 = classes.into_iter().map(square).sum();
		// 63 degrees of freedom: above 121 once in 100,000 cases, below 24 as rarely.
		assert!((24.0..121.0).contains(&statistic), "{statistic}");
	}
}

/// Streams of ticks that follow each other have nothing in common.
#[test]
fn each_tick_has_jitter_of_its_own() {
	let first: BTreeSet<_> = (0..1_000).map(|tick| jitter(&RANDOMNESS, tick).next_u64()).collect();
	assert_eq!(first.len(), 1_000);
}
