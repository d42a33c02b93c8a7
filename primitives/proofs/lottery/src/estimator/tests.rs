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

/// Another claim, with no round open.
#[track_caller]
fn claims(device: &mut Estimator, units: u32, from: u64, now: u64) {
	assert_eq!(device.claim(claim(units, from), now, None), Ok(()));
}

/// How much of what is expected in the long run has come at an age.
fn come(age: u64) -> f64 {
	1.0 - (-(age as f64) / f64::from(TAU)).exp()
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
		let device = honest(1_000, age);
		near(device.estimate(&lottery(), age), 1_000.0 * come(age), 0.001);
		near(device.corrected(&lottery(), age), 1_000.0, 0.001);
	}
}

#[test]
fn nobody_is_assured_before_a_day() {
	let (day, lucky) = (u64::from(DAY), winner(1_000, (50..650).step_by(100)));
	assert!(lucky.wins(&lottery(), day) > Wins::of(5));
	assert_eq!(lucky.assured(&lottery(), day - 1), Credit::ZERO);
	assert!(lucky.assured(&lottery(), day) > Credit::ZERO);
	// Three wins in 700 slots: an estimate, and nothing assured.
	let young = honest(1_000, day);
	assert!(young.estimate(&lottery(), day) > Credit::ZERO);
	assert_eq!(young.assured(&lottery(), day), Credit::ZERO);
	// A first win is not taken for what a device of one slot has.
	let newborn = winner(1_000, [0]);
	near(newborn.corrected(&lottery(), 1), 20.0 / come(day), 0.001);
}

/// Capacity that moves to a fresh device again and again, while the old ones stay registered.
#[test]
fn devices_one_after_the_other_have_no_more_than_one() {
	let until = 60_000;
	let (one, mut total) = (honest(1_000, until), Total::default());
	for days in [1u64, 2, 4, 14] {
		let hop = days * u64::from(DAY);
		let mut devices: Vec<Estimator> = Vec::new();
		let mut all = Total::default();
		for slot in (100..until).step_by(200) {
			let number = (slot / hop) as usize;
			if devices.len() <= number {
				devices.push(Estimator::new(claim(1_000, number as u64 * hop)));
			}
			devices[number].win(&terms(), slot, &mut all);
		}
		let sum = |of: fn(&Estimator) -> Credit| devices.iter().map(|device| u128::from(of(device).0)).sum::<u128>();
		let estimates = sum(|device| device.estimate(&lottery(), 60_000));
		// Who decays in more steps has more of it rounded away.
		let most = u128::from(one.estimate(&lottery(), until).0) + (1 << 12);
		assert!(estimates <= most, "{days} days: {estimates} of {most}");
		let assured = u128::from(one.assured(&lottery(), until).0);
		assert!(sum(|device| device.assured(&lottery(), 60_000)) < assured);
		assert!(all.at(&lottery(), until).abs_diff(estimates) < 1 << 12, "{days} days");
		// What is for display would count for more.
		assert!(days == 14 || sum(|device| device.corrected(&lottery(), 60_000)) > 2 * estimates);
	}
	// Nor does one that stops young leave more in the sum than it has.
	let mut short = Estimator::new(claim(1_000, 0));
	(100..u64::from(DAY))
		.step_by(200)
		.for_each(|slot| short.win(&terms(), slot, &mut total));
	for later in [1_000, 5_000, 50_000] {
		let estimate = short.estimate(&lottery(), later).0.into();
		assert!(total.at(&lottery(), later).abs_diff(estimate) < 1 << 4, "{later}");
	}
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
	claims(&mut estimator, 7, 200, 120);
	assert_eq!((estimator.units_at(199), estimator.units_at(200)), (5, 7));
	// It replaces one that does not count yet, and follows one that does.
	claims(&mut estimator, 8, 300, 150);
	assert_eq!((estimator.units_at(250), estimator.units_at(300)), (5, 8));
	claims(&mut estimator, 9, 400, 300);
	assert_eq!((estimator.units_at(399), estimator.units_at(400)), (8, 9));
}

/// With a third claim a device could choose by which of the others an open round is judged: it knows what it has drawn.
#[test]
fn no_claim_changes_what_an_open_round_is_judged_by() {
	let mut device = Estimator::new(claim(5, 100));
	claims(&mut device, 20, 200, 120);
	for opened in [150, 199] {
		let before = device.clone();
		assert_eq!(
			device.claim(claim(7, 400), 250, Some(opened)),
			Err(ClaimRefused::RoundOpen)
		);
		assert_eq!(device, before);
		assert_eq!(device.units_at(opened), 5);
	}
	// One that was opened under the claim in force is judged by it afterwards, too.
	assert_eq!(device.claim(claim(7, 400), 250, Some(200)), Ok(()));
	assert_eq!((device.units_at(200), device.units_at(400)), (20, 7));
	// As long as nothing is forgotten, a claim may be made while a round is open.
	let mut growing = Estimator::new(claim(5, 100));
	claims(&mut growing, 20, 200, 120);
	assert_eq!(growing.claim(claim(30, 300), 190, Some(150)), Ok(()));
	assert_eq!((growing.units_at(150), growing.units_at(300)), (5, 30));
	// A cut waits likewise.
	let mut liar = winner(1_000, (300..60_000).step_by(600));
	claims(&mut liar, 1_100, 59_650, 59_000);
	assert_eq!(liar.clone().cut(&lottery(), 59_700, 60_000, Some(59_600)), None);
	assert!(liar.cut(&lottery(), 59_700, 60_000, Some(59_650)).is_some());
}

/// Else whoever is cut would claim again before the cut counts.
#[test]
fn a_smaller_claim_that_waits_is_not_replaced() {
	let mut liar = winner(1_000, (300..60_000).step_by(600));
	let cut = liar.cut(&lottery(), 59_700, 60_000, None).expect("cut");
	for units in [1, cut.units, 1_000, 2_000] {
		assert_eq!(
			liar.claim(claim(units, 60_100), 59_800, None),
			Err(ClaimRefused::SmallerWaits)
		);
	}
	assert_eq!(liar.units_at(60_000), cut.units);
	// It counts, and one may claim again; above twice of what one has, the next win cuts again.
	claims(&mut liar, 1_000, 60_200, 60_000);
	liar.win(&terms(), 60_300, &mut Total::default());
	assert!(liar.cut(&lottery(), 60_300, 60_500, None).is_some());
}

/// Else whoever claims a little less every two rounds would never be cut.
#[test]
fn a_cut_does_not_wait_for_a_smaller_claim() {
	let mut liar = winner(1_000, (300..60_000).step_by(600));
	claims(&mut liar, 999, 59_900, 59_650);
	let cut = liar.cut(&lottery(), 59_700, 60_000, Some(59_690)).expect("cut");
	assert!(cut.units < 500, "{cut:?}");
	assert_eq!(
		(liar.units_at(59_690), liar.units_at(59_999), liar.units_at(60_000)),
		(1_000, 1_000, cut.units)
	);
	assert_eq!(
		liar.claim(claim(999, 60_100), 59_800, None),
		Err(ClaimRefused::SmallerWaits)
	);
	// A claim that is smaller than what is borne out stays.
	let mut modest = winner(1_000, (300..60_000).step_by(600));
	claims(&mut modest, 100, 60_500, 59_650);
	assert_eq!(modest.cut(&lottery(), 59_700, 60_000, None), None);
	assert_eq!(modest.units_claimed(), 100);
}

/// Who was away has not tried; who is expected to win more often from now on was not before.
#[test]
fn a_silence_counts_as_few_missed_wins() {
	for away in [7_000u64, 10_000, 20_000, 200_000] {
		let (mut device, mut total) = (honest(1_000, 100_000), Total::default());
		for slot in (100_000 + away..200_000 + away).step_by(200) {
			device.win(&terms(), slot, &mut total);
			assert_eq!(device.cut(&lottery(), slot, slot + 200, None), None, "{away} away");
		}
	}
	let mut device = honest(1_000, 100_000);
	let often = Terms {
		wins: Wins::of(1_200),
		..terms()
	};
	device.win(&often, 103_000, &mut Total::default());
	assert_eq!(device.cut(&lottery(), 103_000, 103_200, None), None);
	assert!(ClaimRefused::SmallerWaits.to_string().contains("claim again"));
}

#[test]
fn a_win_without_a_claim_is_none() {
	let (mut device, mut total) = (honest(1_000, 50_000), Total::default());
	claims(&mut device, 0, 50_100, 50_000);
	let before = device.clone();
	device.win(&terms(), 50_100, &mut total);
	assert_eq!((device, total), (before, Total::default()));
}

#[test]
fn credit_is_by_the_claim_of_the_round() {
	let (mut estimator, mut total) = (Estimator::new(claim(10, 0)), Total::default());
	claims(&mut estimator, 1_000, 500, 0);
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
	assert_eq!(fair.clone().cut(&lottery(), 60_000, 60_200, None), None);
	// A third as often.
	let mut liar = winner(1_000, (300..60_000).step_by(600));
	let cut = liar.cut(&lottery(), 59_700, 60_000, None).expect("cut");
	assert!((300..380).contains(&cut.units), "{}", cut.units);
	assert_eq!(cut.from, 60_000);
	assert_eq!((liar.units_at(59_999), liar.units_at(60_000)), (1_000, cut.units));
	// Once for one spell; what was won stays.
	assert_eq!(liar.cut(&lottery(), 59_700, 60_000, None), None);
	assert_eq!(liar.clone().cut(&lottery(), 60_300, 60_500, None), None);
	near(liar.estimate(&lottery(), 59_700), 333.0, 0.1);
	// Who has what the cut left to it recovers with each win.
	let mut fair = liar.clone();
	(59_900..70_000).step_by(200).for_each(|slot| {
		fair.win(&terms(), slot, &mut Total::default());
		assert_eq!(fair.cut(&lottery(), slot, slot + 200, None), None);
	});
	// Nobody is cut of whom not enough is known, and nobody to nothing.
	assert_eq!(winner(1_000, [3_000]).cut(&lottery(), 3_000, 3_200, None), None);
	assert_eq!(winner(1_000, [200_000]).cut(&lottery(), 200_000, 200_200, None), None);
	let seldom = |units| winner(units, [2_000, 4_000, 6_000]);
	let late = Lottery {
		assured_from: 9_000,
		..lottery()
	};
	assert_eq!(seldom(1_000).cut(&late, 6_000, 6_200, None), None);
	assert!(seldom(1_000).cut(&late, 9_000, 9_200, None).is_some());
	let least = seldom(10).cut(&lottery(), 6_000, 6_200, None);
	assert_eq!(least.map(|cut| cut.units), Some(1));
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
	// But for what was rounded away.
	assert!(sum.abs_diff(each) < 1 << 16, "{sum} for {each}");
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
	claims(&mut device, 1_000, 50_000, 49_900);
	device.win(&terms(), 50_100, &mut total);
	claims(&mut device, 1, 50_200, 50_150);
	assert!(device.estimate(&lottery(), 50_200) > Credit::of(20));
	assert!(device.wins(&lottery(), 50_200) > Wins::of(49));
	assert_eq!(device.assured(&lottery(), 50_200), Credit::ZERO);
	// An honest one that grows is assured of what it has again soon.
	let (mut device, mut total) = (honest(100, 50_000), Total::default());
	claims(&mut device, 1_000, 50_000, 49_900);
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
			claims(&mut device, units, slot + 1, slot);
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
				0 => {
					let _ = estimator.claim(claim(units, slot), slot, Some(slot / 2));
				}
				1 => {
					let _ = estimator.cut(&lottery, slot, slot.saturating_add(1), None);
				}
				_ => estimator.win(&terms, slot, &mut total),
			}
			prop_assert!(estimator.assured(&lottery, slot) <= estimator.estimate(&lottery, slot));
			let (estimate, corrected) = (estimator.estimate(&lottery, slot), estimator.corrected(&lottery, slot));
			prop_assert!(assured_from == 0 || estimate <= corrected);
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
