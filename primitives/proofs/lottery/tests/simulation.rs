//! What estimates are worth on average, and to liars: devices that try, round by round, against thresholds as the
//! chain computes them. All bounds are so many standard deviations; seeds are fixed.

use proof_lottery_primitives::{
	competence, uptime_factor, Claim, Credit, Estimator, Lottery, Share, Terms, Total, Wins, COMPETENCE_BITS,
	MAX_WEIGHT,
};
use smartchain_rng::Rng;

/// A lottery in small: tau has 420 tries of each unit, a third of those of a plot.
const ROUNDS: u32 = 420;
/// Slots of a round.
const LENGTH: u32 = 5_760;
/// A fourteenth of tau.
const DAY: u64 = 172_800;
const TAU: u64 = 14 * DAY;
/// Units that the devices really have.
const HELD: u32 = 20;
/// Four wins a day.
const WINS: u16 = 56;
/// Standard deviations that a mean may be off: never by chance, for seeds are fixed; a fault of a percent or two shows.
const Z: f64 = 4.0;

fn lottery() -> Lottery {
	Lottery {
		tau: TAU as u32,
		rounds: ROUNDS,
		filter: 1,
		answer: 24,
		most_wins: Wins::of(WINS),
		wins_per_block: 8,
		assured_from: DAY as u32,
	}
}

fn float(credit: Credit) -> f64 {
	credit.0 as f64 / Credit::ONE.0 as f64
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
	let mean = values.iter().sum::<f64>() / values.len() as f64;
	let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
	(mean, (squares / (values.len() - 1) as f64).sqrt())
}

/// A device that claims so many units and tries with those that it has, until the middle between two rounds at the age
/// of `slots`. `step` sees it after each round.
fn live(
	rng: &mut Rng,
	terms: &Terms,
	claimed: u32,
	held: u32,
	slots: u64,
	total: &mut Total,
	mut step: impl FnMut(&mut Estimator, u64),
) -> (Estimator, u64) {
	let mut device = Estimator::new(Claim {
		units: claimed,
		from: 0,
	});
	let mut opened = 0;
	while opened < slots {
		if let Some(threshold) = terms.threshold(device.units_at(opened)) {
			for _ in 0..held {
				let mut hash = [0; 32];
				// The rest of the hash decides in one of 2^64 cases.
				hash[..8].copy_from_slice(&rng.next_u64().to_be_bytes());
				if threshold.wins(&hash) {
					device.win(terms, opened, total);
				}
			}
		}
		step(&mut device, opened);
		opened += u64::from(LENGTH);
	}
	(device, opened - u64::from(LENGTH) / 2)
}

/// How much of what is expected in the long run has come at an age.
fn come(slots: u64) -> f64 {
	1.0 - (-(slots as f64) / TAU as f64).exp()
}

/// Estimates and assured units of many devices at an age.
fn sample(seed: u64, runs: u32, claimed: u32, held: u32, slots: u64) -> (Vec<f64>, Vec<f64>) {
	let (mut rng, terms) = (Rng::new(seed), lottery().with(1));
	(0..runs)
		.map(|_| {
			let (device, now) = live(&mut rng, &terms, claimed, held, slots, &mut Total::default(), |_, _| ());
			(
				float(device.estimate(&lottery(), now)),
				float(device.assured(&lottery(), now)),
			)
		})
		.unzip()
}

/// The standard deviation of an estimate, as a share of what is held: wins come at a rate of `wins * held / claimed` in
/// tau, each weighs `e^(-age / tau)`, so that `var = (1 - e^(-2a)) / (2 rate)` at the age of `a` tau; a win of one try
/// leaves less for chance by its probability.
fn deviation(claimed: u32, held: u32, slots: u64) -> f64 {
	let a = slots as f64 / TAU as f64;
	let rate = f64::from(WINS) * f64::from(held) / f64::from(claimed);
	let p = f64::from(WINS) / (f64::from(claimed) * f64::from(ROUNDS));
	((1.0 - p) * (1.0 - (-2.0 * a).exp()) / (2.0 * rate)).sqrt()
}

/// Whether the mean is the part of what is held that can have come, within what chance explains.
fn unbiased(seed: u64, claimed: u32, held: u32, slots: u64, runs: u32) -> f64 {
	let (estimates, _) = sample(seed, runs, claimed, held, slots);
	let (mean, found) = moments(&estimates);
	let held_units = f64::from(held);
	let expected = deviation(claimed, held, slots) * held_units;
	let there = held_units * come(slots);
	assert!(
		(mean - there).abs() < Z * expected / f64::from(runs).sqrt(),
		"{claimed} claimed, {slots} slots: {mean} for {there}"
	);
	// A deviation from n runs is itself off by a share of 1 / sqrt(2 n), somewhat more where wins are rare.
	let off = 1.5 * Z / f64::from(2 * runs).sqrt();
	assert!(
		(found / expected - 1.0).abs() < off,
		"{claimed} claimed: deviation {found} for {expected}"
	);
	found / held_units
}

#[test]
fn estimates_are_unbiased_whatever_is_claimed() {
	// From a tenth of what is held to ten times as much. Units beyond a claim try here as well, which a claim forbids:
	// this is about the arithmetic.
	for (seed, claimed) in [2, 10, 20, 40, 200].into_iter().enumerate() {
		unbiased(seed as u64, claimed, HELD, 4 * TAU, 400);
	}
}

#[test]
fn the_relative_error_is_one_by_the_root_of_twice_the_wins() {
	// 9.4 % of four wins a day.
	let found = unbiased(10, HELD, HELD, 6 * TAU, 800);
	assert!((found - 0.0945).abs() < 0.0945 * 0.11, "{found}");
}

#[test]
fn estimates_of_the_young_are_the_part_that_has_come() {
	for (seed, slots) in [DAY, 3 * DAY, 7 * DAY, TAU].into_iter().enumerate() {
		unbiased(20 + seed as u64, HELD, HELD, slots, 1_000);
	}
}

#[test]
fn who_claims_more_than_it_has_is_assured_of_less() {
	let mean = |seed, claimed| {
		let (_, assured) = sample(seed, 500, claimed, HELD, 4 * TAU);
		let (mean, deviation) = moments(&assured);
		(mean, Z * deviation / 500f64.sqrt())
	};
	let (honest, slack) = mean(30, HELD);
	// C (1 - 1 / sqrt(W)): 0.866 at 56 wins.
	assert!(
		(honest / f64::from(HELD) / come(4 * TAU) - 0.866).abs() < 0.02,
		"{honest}"
	);
	let mut above = honest + slack;
	for (seed, times) in [(31, 2), (32, 4), (33, 10)] {
		let (liar, slack) = mean(seed, HELD * times);
		let by_rule = f64::from(HELD) * (1.0 - (f64::from(times) / f64::from(WINS)).sqrt());
		assert!(liar < by_rule + slack, "{times} times: {liar} for {by_rule}");
		assert!(liar + slack < above, "{times} times: {liar} is not below {above}");
		above = liar;
	}
	// Whoever claims less than it has can win with that alone.
	let (_, less) = sample(34, 500, HELD / 2, HELD / 2, 4 * TAU);
	assert!(moments(&less).0 < honest * 0.52);
}

#[test]
fn the_honest_are_seldom_cut_and_liars_soon() {
	let (mut rng, terms) = (Rng::new(40), lottery().with(1));
	let mut cuts = |claimed: u32| {
		let (mut cut, mut assured, mut after) = (0u32, Vec::new(), Vec::new());
		for _ in 0..150 {
			let mut done = false;
			let (device, now) = live(
				&mut rng,
				&terms,
				claimed,
				HELD,
				4 * TAU,
				&mut Total::default(),
				|device, slot| {
					let cut = device.cut(&lottery(), slot, slot + 2 * u64::from(LENGTH), None);
					done |= cut.is_some();
				},
			);
			cut += u32::from(done);
			after.push(f64::from(device.units_at(now)));
			assured.push(float(device.assured(&lottery(), now)));
		}
		(cut, moments(&assured).0, moments(&after).0)
	};
	// Over eight weeks: of the honest one in a hundred at most, early; of liars by four all.
	let (honest, fair, claims) = cuts(HELD);
	assert!(honest <= 5, "{honest}");
	assert!(claims > 0.98 * f64::from(HELD), "{claims}");
	let (liars, unfair, claims) = cuts(4 * HELD);
	assert_eq!(liars, 150);
	assert!(unfair <= fair * 1.02, "{unfair} {fair}");
	assert!(claims < 2.5 * f64::from(HELD), "{claims}");
}

/// Whoever claims four times what it has, and says so again after each cut, is cut again at its next win: a cut counts
/// until then, and each costs a transaction.
#[test]
fn a_cut_is_not_escaped_by_another_claim() {
	let (mut rng, terms, runs) = (Rng::new(45), lottery().with(1), 100);
	let (mut cuts, mut counted) = (0u32, 0u32);
	for _ in 0..runs {
		let mut waits = None;
		live(
			&mut rng,
			&terms,
			4 * HELD,
			HELD,
			4 * TAU,
			&mut Total::default(),
			|device, slot| {
				let from = slot + 2 * u64::from(LENGTH);
				if waits == Some(slot) {
					counted += u32::from(device.units_at(slot) < 4 * HELD);
					waits = None;
				}
				if let Some(cut) = device.cut(&lottery(), slot, from, None) {
					assert_eq!(waits, None, "one cut at a time");
					cuts += 1;
					waits = Some(cut.from);
				}
				let again = Claim { units: 4 * HELD, from };
				if device.units_at(u64::MAX) < again.units {
					let _ = device.claim(again, slot, None);
				}
			},
		);
	}
	// Some 25 each, of 56 wins; were what is expected set to what was won, and not to twice as much, there were 8.
	assert!(cuts > 14 * runs, "{cuts}");
	assert!(counted + runs >= cuts, "{counted} of {cuts}");
}

/// How many finds a plot has for a challenge, in a thousand: as measured, 0.99 on average, with a variance of 2.75.
const FINDS: [(u32, u32); 12] = [
	(0, 530),
	(1, 240),
	(2, 125),
	(3, 44),
	(4, 20),
	(5, 11),
	(6, 8),
	(7, 7),
	(8, 5),
	(9, 4),
	(10, 3),
	(12, 3),
];

fn finds(rng: &mut Rng) -> u32 {
	let mut drawn = (rng.next_u64() % 1_000) as u32;
	for (finds, often) in FINDS {
		if drawn < often {
			return finds;
		}
		drawn -= often;
	}
	0
}

/// A plot has several finds for one challenge, or none. If each counts once, devices of one plot and of many have the
/// same for a plot; if each plot counted once, those of one plot lost more than a third.
#[test]
fn each_find_counts_once() {
	let lottery = Lottery {
		rounds: 100,
		most_wins: Wins::of(50),
		..lottery()
	};
	let (mut rng, terms, length) = (Rng::new(70), lottery.with(1), TAU / 100);
	for (held, runs) in [(1, 400u32), (2, 400), (10, 200)] {
		let threshold = terms.threshold(held).expect("claimed");
		let (mut by_find, mut by_plot) = (Vec::new(), Vec::new());
		for _ in 0..runs {
			let mut devices = [0, 1].map(|_| Estimator::new(Claim { units: held, from: 0 }));
			let mut total = Total::default();
			for opened in (0..4 * TAU).step_by(length as usize) {
				for _ in 0..held {
					let wins = (0..finds(&mut rng)).filter(|_| {
						let mut hash = [0; 32];
						hash[..8].copy_from_slice(&rng.next_u64().to_be_bytes());
						threshold.wins(&hash)
					});
					let wins = wins.count();
					(0..wins).for_each(|_| devices[0].win(&terms, opened, &mut total));
					(0..wins.min(1)).for_each(|_| devices[1].win(&terms, opened, &mut total));
				}
			}
			let now = 4 * TAU - length / 2;
			let estimates = devices.map(|device| float(device.estimate(&lottery, now)) / f64::from(held));
			by_find.push(estimates[0] / come(4 * TAU));
			by_plot.push(estimates[1] / come(4 * TAU));
		}
		let ((mean, deviation), (lost, _)) = (moments(&by_find), moments(&by_plot));
		assert!(
			(mean - 0.996).abs() < Z * deviation / f64::from(runs).sqrt(),
			"{held} plots: {mean}"
		);
		assert!(held > 1 || lost < 0.66 * mean, "{held} plots: {lost}");
	}
}

#[test]
fn a_machine_counts_the_same_as_one_device_or_as_many() {
	// Uptime has a lottery of its own: one unit, there for three quarters of the time.
	let terms = lottery().with(1);
	let all = u128::from(Credit::of(1_000).0);
	let device = |rng: &mut Rng, held: u32| {
		let (space, now) = live(rng, &terms, held, held, 3 * TAU, &mut Total::default(), |_, _| ());
		// A unit that is up in three of four rounds tries in as many.
		let up = terms.threshold(1).expect("claimed");
		let (mut uptime, mut total) = (Estimator::new(Claim { units: 1, from: 0 }), Total::default());
		for opened in (0..3 * TAU)
			.step_by(LENGTH as usize)
			.filter(|_| rng.percent(75))
			.collect::<Vec<_>>()
		{
			let mut hash = [0; 32];
			hash[..8].copy_from_slice(&rng.next_u64().to_be_bytes());
			if up.wins(&hash) {
				uptime.win(&terms, opened, &mut total);
			}
		}
		let share = Share {
			weight: MAX_WEIGHT,
			own: space.assured(&lottery(), now),
			all,
		};
		competence(uptime_factor(uptime.corrected(&lottery(), now)), [share]) as f64
	};
	let mut rng = Rng::new(50);
	let runs = 300;
	let whole: Vec<f64> = (0..runs).map(|_| device(&mut rng, HELD)).collect();
	let split: Vec<f64> = (0..runs)
		.map(|_| (0..HELD).map(|_| device(&mut rng, 1)).sum())
		.collect();
	let ((whole, wide), (split, narrow)) = (moments(&whole), moments(&split));
	let slack = Z * ((wide.powi(2) + narrow.powi(2)) / f64::from(runs)).sqrt();
	assert!((whole - split).abs() < slack, "{whole} {split} {slack}");
	// Half of a fiftieth, for three quarters of the time, what has come of it, and what is not assured.
	let expected = (1u64 << COMPETENCE_BITS) as f64 * 0.5 * 0.02 * 0.75 * come(3 * TAU) * 0.866;
	assert!((whole / expected - 1.0).abs() < 0.03, "{whole} {expected}");
}

#[test]
fn the_running_sum_is_that_of_all_devices() {
	let (mut rng, terms) = (Rng::new(60), lottery().with(1));
	let threshold = terms.threshold(HELD).expect("claimed");
	let mut total = Total::default();
	let mut devices: Vec<_> = (0..100u64)
		.map(|number| {
			Estimator::new(Claim {
				units: HELD,
				from: number * DAY / 4,
			})
		})
		.collect();
	let until = 4 * TAU;
	for opened in (0..until).step_by(LENGTH as usize) {
		for device in devices.iter_mut().filter(|device| device.units_at(opened) > 0) {
			for _ in 0..HELD {
				let mut hash = [0; 32];
				hash[..8].copy_from_slice(&rng.next_u64().to_be_bytes());
				if threshold.wins(&hash) {
					device.win(&terms, opened, &mut total);
				}
			}
		}
	}
	let each: f64 = devices
		.iter()
		.map(|device| float(device.estimate(&lottery(), until)))
		.sum();
	let sum = total.at(&lottery(), until) as f64 / Credit::ONE.0 as f64;
	// But for what was rounded away.
	assert!((sum - each).abs() < 1e-4, "{sum} {each}");
	let there: f64 = devices
		.iter()
		.map(|device| f64::from(HELD) * come(until - device.since()))
		.sum();
	assert!((sum / there - 1.0).abs() < Z * 0.0945 / 10.0 + 0.004, "{sum} {there}");
}
