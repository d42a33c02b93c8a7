//! What is paid on average, and who moves it.

use smartchain_rng::{seeds, Rng};
use sp_arithmetic::Perbill;
use storage_market_primitives::{middle_ask, PaidAsks, Price, Terms, ERA};

const DAY: u32 = 144 * ERA;
/// A TiB kept for a day, in units.
const TIB: u128 = (1_024 * 144) << 32;
/// What honest devices ask.
const HONEST: Price = Price(203_450);

/// So many days, in each of which so much is proven at each ask. The last day counts.
fn days(paid: &mut PaidAsks, from: u32, count: u32, proven: &[(Price, u128)]) {
	for day in from..from + count {
		for (ask, units) in proven {
			paid.note(*ask, *units, day * DAY + 1, ERA);
		}
	}
	paid.note(HONEST, 0, (from + count) * DAY + 1, ERA);
}

#[test]
fn where_nothing_was_paid_a_month_costs_as_much_as_to_carry_it() {
	let terms = Terms::real();
	let paid = PaidAsks::unknown(&terms, 100);
	assert_eq!((paid.mean, paid.until), (Price(226_056), 100 + DAY));
	assert_eq!(paid.mean, Price(terms.egress.0 / (30 * 144)));
	let none = Terms {
		egress: Price(0),
		..terms
	};
	assert!(PaidAsks::unknown(&none, 0).is_sound());
}

#[test]
fn an_eighth_of_what_a_day_says_moves_the_mean_and_a_twentieth_at_most() {
	let mean = |ask, units| {
		let mut paid = PaidAsks::begin(Price(1_000_000), 0, ERA);
		days(&mut paid, 0, 1, &[(ask, units)]);
		paid.mean.0
	};
	// As much again counts as paid by the mean: the day says 8 % more.
	assert_eq!(mean(Price(1_160_000), TIB), 1_010_000);
	assert_eq!(mean(Price(840_000), TIB), 990_000);
	assert_eq!(mean(Price(u128::MAX), TIB * 1_000), 1_050_000);
	assert_eq!(mean(Price(0), TIB * 1_000), 950_000);
	assert_eq!(mean(Price(1_000_000), TIB), 1_000_000);
}

/// Whatever is paid within a day, and however often: the mean stays, and then moves by a twentieth.
#[test]
fn hasty_dragger_moves_the_mean_once_a_day() {
	for seed in seeds(50) {
		println!("seed {seed}");
		let mut rng = Rng::new(seed);
		let mut paid = PaidAsks::begin(HONEST, 0, ERA);
		let (mut now, mut moves, mut last) = (0, 0_u32, paid.mean.0);
		for _ in 0..2_000 {
			now += rng.below(2_000) as u32;
			let ask = Price(u128::from(rng.below(u64::MAX)) << rng.below(64));
			paid.note(ask, u128::MAX >> rng.below(128), now, ERA);
			assert!(paid.is_sound());
			if paid.mean.0 != last {
				assert!(paid.mean.0.abs_diff(last) <= last / 20);
				(last, moves) = (paid.mean.0, moves + 1);
			}
		}
		assert!(moves > 0 && moves <= now / DAY + 1, "{moves} in {now}");
	}
}

/// Dragger pays itself ever so much, or nearly nothing, for a part of all that is kept. Below half the mean comes to
/// rest, where the table of the crate's head says.
#[test]
fn dragger_moves_the_mean_by_its_part_of_what_is_kept_and_no_further() {
	let rests = |part: u128, ask| {
		let mut paid = PaidAsks::begin(HONEST, 0, ERA);
		let all = TIB * 10_000;
		let proven = [(HONEST, all / 100 * (100 - part)), (ask, all / 100 * part)];
		days(&mut paid, 0, 400, &proven);
		paid.mean.0 * 100 / HONEST.0
	};
	let up = [5, 10, 25, 33].map(|part| rests(part, Price(u128::MAX)));
	let down = [5, 10, 25, 33].map(|part| rests(part, Price(0)));
	println!("{up:?} {down:?}");
	for (rests, said) in up.into_iter().zip([103, 106, 120, 133]) {
		assert!(rests.abs_diff(said) <= 2, "{up:?}");
	}
	for (rests, said) in down.into_iter().zip([97, 95, 86, 80]) {
		assert!(rests.abs_diff(said) <= 2, "{down:?}");
	}
}

/// Even alone it takes two weeks to double it.
#[test]
fn dragger_with_all_that_is_kept_takes_two_weeks_to_double_the_mean() {
	let mut paid = PaidAsks::begin(HONEST, 0, ERA);
	let alone = [(Price(u128::MAX), TIB * 1_000)];
	days(&mut paid, 0, 14, &alone);
	assert!(paid.mean.0 < HONEST.0 * 2, "{paid:?}");
	days(&mut paid, 14, 2, &alone);
	assert!(paid.mean.0 > HONEST.0 * 2, "{paid:?}");
	// It comes back as fast, once there are others.
	days(&mut paid, 16, 30, &[(HONEST, TIB * 1_000)]);
	assert!(paid.mean.0 < HONEST.0 * 11 / 10, "{paid:?}");
}

/// A slot of 16 KiB that is paid ever so much on a day on which nothing else is.
#[test]
fn dragger_by_tiny_slots_moves_nothing() {
	let mut paid = PaidAsks::begin(HONEST, 0, ERA);
	days(&mut paid, 0, 100, &[(Price(u128::MAX), TIB >> 26)]);
	assert_eq!(paid.mean, HONEST);
}

#[test]
fn an_ask_beyond_so_much_of_the_mean_is_dear() {
	let paid = PaidAsks::begin(Price(1_000), 0, ERA);
	assert_eq!(paid.dear_beyond(Perbill::from_percent(95)), Price(1_950));
	assert_eq!(paid.dear_beyond(Perbill::zero()), Price(1_000));
	let most = PaidAsks::begin(Price(u128::MAX), 0, ERA);
	assert!(most.is_sound() && most.dear_beyond(Perbill::one()).0 > most.mean.0);
	assert_eq!(PaidAsks::begin(Price(0), u32::MAX, ERA).mean, Price(100));
}

#[test]
fn the_middle_is_where_half_of_the_bytes_are_kept() {
	let middle = |kept: &[(u128, u64)]| middle_ask(kept.iter().map(|(ask, bytes)| (Price(*ask), *bytes)).collect());
	assert_eq!(middle(&[]), None);
	assert_eq!(middle(&[(5, 0)]), None);
	assert_eq!(middle(&[(5, 1)]), Some(Price(5)));
	assert_eq!(middle(&[(9, 1), (1, 1), (5, 1)]), Some(Price(5)));
	assert_eq!(middle(&[(9, 49), (5, 51)]), Some(Price(5)));
	assert_eq!(middle(&[(0, 49), (5, 51)]), Some(Price(5)));
	assert_eq!(middle(&[(9, u64::MAX), (5, u64::MAX), (7, u64::MAX)]), Some(Price(7)));
}
