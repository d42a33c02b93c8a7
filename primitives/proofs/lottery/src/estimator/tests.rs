//! Single rules. What the estimates are worth on average is in `tests/simulation.rs`.

use super::*;
use proptest::prelude::*;

const TAU: u32 = 10_000;
const DAY: u32 = 700;

fn lottery() -> Lottery {
	Lottery {
		tau: TAU,
		rounds: 100,
		filter: 1,
		answer: 10,
		most_wins: Wins::of(50),
		wins_per_block: 8,
		assured_from: DAY,
	}
}

fn terms() -> Terms {
	lottery().with(1)
}

fn claim(units: u32, from: u64) -> Claim {
	Claim { units, from }
}

/// A device that has won in each of these slots.
fn winner(units: u32, slots: impl IntoIterator<Item = u64>) -> Estimator {
	let (mut estimator, mut total) = (Estimator::new(claim(units, 0)), Total::default());
	slots
		.into_iter()
		.for_each(|slot| estimator.win(&terms(), slot, &mut total));
	estimator
}

/// It wins as often as it is expected to: 50 times in 10,000 slots.
fn honest(units: u32, until: u64) -> Estimator {
	winner(units, (100..until).step_by(200))
}

fn near(found: Credit, units: f64, tolerance: f64) {
	let found = found.0 as f64 / Credit::ONE.0 as f64;
	assert!((found / units - 1.0).abs() < tolerance, "{found} for {units}");
}

#[test]
fn who_wins_as_expected_has_what_it_claims_young_or_old() {
	for age in [800, 2_000, 10_000, 100_000] {
		near(honest(1_000, age).estimate(&lottery(), age), 1_000.0, 0.001);
	}
}

#[test]
fn nobody_is_assured_before_a_day() {
	let young = honest(1_000, u64::from(DAY));
	assert_eq!(young.estimate(&lottery(), u64::from(DAY) - 1), Credit::ZERO);
	assert!(young.estimate(&lottery(), u64::from(DAY)) > Credit::ZERO);
	// Three wins in 700 slots: an estimate, and nothing assured.
	assert_eq!(young.assured(&lottery(), u64::from(DAY)), Credit::ZERO);
}

#[test]
fn who_stops_is_forgotten() {
	let old = honest(1_000, 100_000);
	near(old.estimate(&lottery(), 110_000), 1_000.0 / 1f64.exp(), 0.001);
	assert_eq!(old.estimate(&lottery(), u64::MAX), Credit::ZERO);
	assert_eq!(old.assured(&lottery(), 100_000 + 3 * u64::from(TAU)), Credit::ZERO);
}

#[test]
fn a_claim_counts_from_its_slot_on() {
	let mut estimator = Estimator::new(claim(5, 100));
	assert_eq!((estimator.units_at(99), estimator.units_at(100)), (0, 5));
	estimator.claim(claim(7, 200), 120);
	assert_eq!((estimator.units_at(199), estimator.units_at(200)), (5, 7));
	// It replaces one that does not count yet, and follows one that does.
	estimator.claim(claim(8, 300), 150);
	assert_eq!((estimator.units_at(250), estimator.units_at(300)), (5, 8));
	estimator.claim(claim(9, 400), 300);
	assert_eq!((estimator.units_at(399), estimator.units_at(400)), (8, 9));
}

#[test]
fn credit_is_by_the_claim_of_the_round() {
	let (mut estimator, mut total) = (Estimator::new(claim(10, 0)), Total::default());
	estimator.claim(claim(1_000, 500), 0);
	estimator.win(&terms(), 499, &mut total);
	assert_eq!(estimator.credit, terms().credit(10));
	estimator.win(&terms(), 500, &mut total);
	assert!(estimator.credit > terms().credit(1_000));
}

#[test]
fn a_late_win_is_counted_as_of_the_last() {
	let (mut late, mut total) = (winner(10, [1_000]), Total::default());
	late.win(&terms(), 990, &mut total);
	assert_eq!(late, winner(10, [1_000, 1_000]));
}

#[test]
fn a_claim_is_cut_once_less_than_half_is_won() {
	// Half as often as expected, and a little: not cut.
	let fair = winner(1_000, (0..60_000).step_by(390));
	assert_eq!(fair.clone().cut(&lottery(), 60_000, 60_200), None);
	// A third as often.
	let mut liar = winner(1_000, (300..60_000).step_by(600));
	let cut = liar.cut(&lottery(), 59_700, 60_000).expect("cut");
	assert!((300..380).contains(&cut.units), "{}", cut.units);
	assert_eq!(cut.from, 60_000);
	assert_eq!((liar.units_at(59_999), liar.units_at(60_000)), (1_000, cut.units));
	// Once for one spell; what was won stays.
	assert_eq!(liar.cut(&lottery(), 59_700, 60_000), None);
	assert_eq!(liar.clone().cut(&lottery(), 60_300, 60_500), None);
	near(liar.estimate(&lottery(), 59_700), 333.0, 0.1);
	// Nobody is cut of whom not enough is known, and nobody to nothing.
	assert_eq!(winner(1_000, [3_000]).cut(&lottery(), 3_000, 3_200), None);
	let late = Lottery {
		assured_from: 9_000,
		..lottery()
	};
	assert_eq!(winner(1_000, [6_000]).cut(&late, 6_000, 6_200), None);
	assert!(winner(1_000, [6_000]).cut(&late, 9_000, 9_200).is_some());
	let mut idle = winner(1_000, [200_000]);
	assert!(idle.cut(&lottery(), 200_000, 200_200).is_some_and(|cut| cut.units >= 1));
}

#[test]
fn the_sum_is_that_of_all_and_forgets_who_left() {
	let mut total = Total::default();
	let mut devices: Vec<_> = (0..10).map(|_| Estimator::new(claim(100, 0))).collect();
	for slot in (0..50_000u64).step_by(20) {
		let device = &mut devices[(slot / 20 % 10) as usize];
		device.win(&terms(), slot, &mut total);
	}
	let each: u128 = devices
		.iter()
		.map(|device| u128::from(device.estimate(&lottery(), 50_000).0))
		.sum();
	let sum = total.at(&lottery(), 50_000);
	assert!(sum.abs_diff(each) < each / 500, "{sum} for {each}");
	near(Credit(u64::try_from(sum).expect("small")), 1_000.0, 0.02);
	devices
		.into_iter()
		.for_each(|device| device.leave(&lottery(), 50_000, &mut total));
	// What is left is what was rounded away.
	assert!(
		total.at(&lottery(), 50_000) < 1 << 16,
		"{}",
		total.at(&lottery(), 50_000)
	);
}

#[test]
fn one_large_win_is_not_assured_by_many_small_ones() {
	// A device of one unit claims a thousand, until it is lucky once, and one unit again.
	let (mut device, mut total) = (honest(1, 50_000), Total::default());
	device.claim(claim(1_000, 50_000), 49_900);
	device.win(&terms(), 50_100, &mut total);
	device.claim(claim(1, 50_200), 50_150);
	assert!(device.estimate(&lottery(), 50_200) > Credit::of(20));
	assert!(device.wins(&lottery(), 50_200) > Wins::of(49));
	assert_eq!(device.assured(&lottery(), 50_200), Credit::ZERO);
	// An honest one that grows is assured of what it has again soon.
	let (mut device, mut total) = (honest(100, 50_000), Total::default());
	device.claim(claim(1_000, 50_000), 49_900);
	(50_100..60_000)
		.step_by(200)
		.for_each(|slot| device.win(&terms(), slot, &mut total));
	let assured = device.assured(&lottery(), 60_000).0 as f64 / device.estimate(&lottery(), 60_000).0 as f64;
	assert!(assured > 0.83, "{assured}");
}

#[test]
fn half_of_four_is_assured() {
	assert_eq!(assured(Credit::of(100), Wins(ASSURED_FROM.0 - 1)), Credit::ZERO);
	assert_eq!(assured(Credit::of(100), ASSURED_FROM), Credit::of(50));
	assert_eq!(assured(Credit::of(100), Wins::of(100)), Credit::of(90));
	assert_eq!(assured(Credit::ZERO, Wins::of(100)), Credit::ZERO);
}

proptest! {
	#[test]
	fn more_credit_or_more_wins_never_assure_less(a: u64, b: u64, v: u32, w: u32) {
		let (few, many) = (Credit(a.min(b)), Credit(a.max(b)));
		let (rare, often) = (Wins(v.min(w)), Wins(v.max(w)));
		prop_assert!(assured(few, rare) <= assured(many, rare));
		prop_assert!(assured(many, rare) <= assured(many, often));
		prop_assert!(assured(many, often) <= many);
	}

	#[test]
	fn the_discount_is_the_root(credit: u64, wins in ASSURED_FROM.0..) {
		let exact = credit as f64 * (1.0 - 1.0 / (f64::from(wins) / 65_536.0).sqrt());
		let found = assured(Credit(credit), Wins(wins)).0 as f64;
		// The root has 25 bits and more.
		prop_assert!((found - exact).abs() <= 2.0 + credit as f64 / 2f64.powi(24), "{found} for {exact}");
	}

	#[test]
	fn equal_wins_are_by_sum_and_squares(wins in prop::collection::vec((1..1_000u32, 1..3_000u64), 1..40)) {
		let (mut device, mut total, mut slot) = (Estimator::new(claim(1, 0)), Total::default(), 0);
		let mut credits: Vec<f64> = Vec::new();
		for (units, wait) in wins {
			device.claim(claim(units, slot + 1), slot);
			slot += wait;
			device.win(&terms(), slot, &mut total);
			let left = (-(wait as f64) / f64::from(TAU)).exp();
			credits.iter_mut().for_each(|credit| *credit *= left);
			credits.push(f64::from(units));
		}
		let (sum, squares): (f64, f64) = (credits.iter().sum(), credits.iter().map(|credit| credit * credit).sum());
		let (found, exact) = (f64::from(device.equal.0) / 65_536.0, sum * sum / squares);
		prop_assert!((found / exact - 1.0).abs() < 0.001, "{} for {}", found, exact);
	}

	#[test]
	fn equal_wins_are_no_fewer_than_decayed_ones_of_one_claim(waits in prop::collection::vec(0..3_000u64, 1..200)) {
		let mut slot = 0;
		let device = winner(7, waits.into_iter().map(|wait| {
			slot += wait;
			slot
		}));
		prop_assert!(device.equal.0 + 64 >= device.wins.0, "{:?}", device);
	}

	#[test]
	fn any_history_has_an_estimate(
		units: u32,
		since: u64,
		steps in prop::collection::vec((any::<u64>(), any::<u32>(), any::<u32>(), 0..4u8), 0..30),
		tau: u32,
		assured_from: u32,
	) {
		let lottery = Lottery { tau, assured_from, ..lottery() };
		let (mut estimator, mut total) = (Estimator::new(claim(units, since)), Total::default());
		for (slot, wins, units, what) in steps {
			let terms = Terms { lottery, wins: Wins(wins) };
			match what {
				0 => estimator.claim(claim(units, slot), slot),
				1 => {
					let _ = estimator.cut(&lottery, slot, slot.saturating_add(1));
				}
				_ => estimator.win(&terms, slot, &mut total),
			}
			prop_assert!(estimator.assured(&lottery, slot) <= estimator.estimate(&lottery, slot));
		}
		estimator.leave(&lottery, u64::MAX, &mut total);
	}

	#[test]
	fn waiting_in_two_steps_is_waiting_in_one(a in 0..30_000u64, b in 0..30_000u64) {
		let (mut once, mut twice) = (honest(100_000, 50_000), honest(100_000, 50_000));
		once.pass_to(&lottery(), 50_000 + a + b);
		twice.pass_to(&lottery(), 50_000 + a);
		twice.pass_to(&lottery(), 50_000 + a + b);
		prop_assert!(once.credit.0.abs_diff(twice.credit.0) <= 2);
		prop_assert!(once.wins.0.abs_diff(twice.wins.0) <= 1);
	}
}
