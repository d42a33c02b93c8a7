//! What claims are worth, against floats.

use super::*;
use crate::testing::SPACE;
use proptest::prelude::*;

fn space() -> Lottery {
	SPACE
}

/// A win probability, from its threshold.
fn probability(threshold: Threshold) -> f64 {
	threshold
		.limit()
		.iter()
		.rev()
		.fold(1.0, |p, byte| (p + f64::from(*byte)) / 256.0)
}

#[test]
fn as_many_wins_as_blocks_have_room_for() {
	// A device wins as often as it shall until there are too many of them, and then all share.
	assert_eq!(space().with(0).wins, Wins::of(56));
	assert_eq!(space().with(1_000).wins, Wins::of(56));
	let carried = space().capacity(Wins::of(56));
	assert_eq!(carried, 345_600);
	assert_eq!(space().with(carried).wins, Wins::of(56));
	assert!(space().with(carried + 1).wins < Wins::of(56));
	// A million: 19.35 in 14 days are 1.38 a day.
	let million = space().with(1_000_000);
	assert!((f64::from(million.wins.0) / 65_536.0 / 14.0 - 1.382).abs() < 0.001);
	assert_eq!(space().capacity(CUT_FROM), 1_209_600);
	assert_eq!(space().capacity(Wins::ZERO), u32::MAX);
	// With more devices than wins nobody wins.
	assert_eq!(space().with(u32::MAX).wins.0, 295);
	let mut small = space();
	small.wins_per_block = 0;
	assert_eq!(small.with(1).threshold(1), None);
	assert_eq!(small.with(1).credit(1), Credit::ZERO);
}

#[test]
fn what_a_plot_wins() {
	let terms = space().with(1_000);
	// 1,000 plots have 90 looks a day each, and win 4 of them.
	let p = probability(terms.threshold(1_000).expect("claimed"));
	assert!((p * 1_000.0 * 90.0 - 4.0).abs() < 1e-9);
	assert_eq!(terms.credit(1_000).units(), 17);
	assert_eq!(terms.threshold(0), None);
	assert_eq!(terms.credit(0), Credit::ZERO);
	assert_eq!(terms.expected(0), Wins::ZERO);
	// If even a sure win would be too rare, each try wins, and a win is worth what is missing.
	let mut rare = space();
	(rare.rounds, rare.filter) = (40, 1);
	let terms = rare.with(1);
	assert_eq!(terms.threshold(1), Some(Threshold::ALWAYS));
	assert_eq!(terms.expected(1), Wins::of(40));
	assert_eq!(terms.credit(1), Credit(107_374_182));
	assert!(terms.threshold(2).expect("claimed") < Threshold::ALWAYS);
}

#[test]
fn lotteries_of_real_and_of_test_chains() {
	let lottery = |tau, rounds, filter, answer, wins, assured_from| Lottery {
		tau,
		rounds,
		filter,
		answer,
		most_wins: Wins::of(wins),
		wins_per_block: 8,
		assured_from,
	};
	// Space, compute (60 slots and 24 after them, in one of 607 turns), uptime; then those of chains that live for
	// minutes, with a win in each round.
	let real = [
		(SPACE.rounds, SPACE.filter, SPACE.answer),
		(332, 1, 84),
		(40_320, 1, 24),
	];
	let real = real.map(|(rounds, filter, answer)| {
		let lottery = lottery(SPACE.tau, rounds, filter, answer, 56, SPACE.assured_from);
		assert_eq!(lottery.check(), Ok(()));
		(lottery.capacity(Wins::of(56)), lottery.capacity(CUT_FROM))
	});
	assert_eq!(real, [(69_120, 241_920), (3_984, 13_944), (138_240, 483_840)]);
	for (rounds, answer) in [(100, 6), (9, 18)] {
		assert_eq!(lottery(1_200, rounds, 1, answer, 100, 120).check(), Ok(()));
	}
}

#[test]
fn numbers_that_make_no_lottery() {
	let with = |change: fn(&mut Lottery)| {
		let mut lottery = space();
		change(&mut lottery);
		lottery.check()
	};
	assert_eq!(with(|_| ()), Ok(()));
	for change in [
		(|l| l.tau = 0) as fn(&mut Lottery),
		|l| l.rounds = 0,
		|l| l.filter = 0,
		|l| l.answer = 0,
		|l| l.wins_per_block = 0,
		|l| l.assured_from = 0,
	] {
		assert_eq!(with(change), Err(BadLottery::Zero));
	}
	assert_eq!(with(|l| l.filter = 20_161), Err(BadLottery::TooFewRounds));
	assert_eq!(with(|l| l.answer = 120), Ok(()));
	assert_eq!(with(|l| l.answer = 121), Err(BadLottery::TooLongAnswers));
	assert_eq!(with(|l| (l.rounds, l.answer) = (1_000, MAX_ANSWER)), Ok(()));
	let longer = with(|l| (l.rounds, l.answer) = (1_000, MAX_ANSWER + 1));
	assert_eq!(longer, Err(BadLottery::TooLongAnswers));
	assert_eq!(with(|l| l.most_wins = Wins::of(15)), Err(BadLottery::Wins));
	assert_eq!(with(|l| l.most_wins = Wins::of(32_768)), Err(BadLottery::Wins));
	assert_eq!(with(|l| l.assured_from = l.tau + 1), Err(BadLottery::AssuredTooLate));
}

proptest! {
	#[test]
	fn a_win_is_worth_one_by_what_is_expected(
		units in 1..=MAX_CLAIM,
		rounds in 1..100_000u32,
		filter in 1..64u32,
		wins in 1u32..,
	) {
		let lottery = Lottery { rounds, filter, ..space() };
		let terms = Terms { lottery, wins: Wins(wins) };
		let p = probability(terms.threshold(units).expect("claimed"));
		let tries = f64::from(rounds) / f64::from(filter);
		let credit = terms.credit(units).0 as f64 / Credit::ONE.0 as f64;
		// As exact as 2^-33 of a unit, unless it had to be cut.
		if terms.credit(units) < Credit::MAX {
			let exact = 1.0 / (p * tries);
			prop_assert!((credit - exact).abs() <= 2f64.powi(-33) + exact * 1e-12, "{credit} for {exact}");
		}
		let expected = f64::from(terms.expected(units).0) / 65_536.0;
		let exact = p * tries * f64::from(units);
		prop_assert!((expected - exact).abs() <= 2f64.powi(-17) + exact * 1e-12, "{expected} for {exact}");
	}

	#[test]
	fn who_claims_more_wins_less_often_and_more(a in 1..=MAX_CLAIM, b in 1..=MAX_CLAIM, devices: u32) {
		let (few, many) = (a.min(b), a.max(b));
		let terms = space().with(devices);
		prop_assert!(terms.threshold(few) >= terms.threshold(many));
		prop_assert!(terms.credit(few) <= terms.credit(many));
		prop_assert!(terms.expected(few) <= terms.expected(many));
	}

	#[test]
	fn more_devices_win_less_often_each(a: u32, b: u32) {
		prop_assert!(space().with(a.min(b)).wins >= space().with(a.max(b)).wins);
	}

	#[test]
	fn any_numbers_have_an_answer(
		numbers: [u32; 8],
		devices: u32,
		units: u32,
	) {
		let [tau, rounds, filter, answer, wins, wins_per_block, assured_from, least] = numbers;
		let most_wins = Wins(wins);
		let lottery = Lottery { tau, rounds, filter, answer, most_wins, wins_per_block, assured_from };
		let _ = (lottery.check(), lottery.capacity(Wins(least)));
		let terms = lottery.with(devices);
		prop_assert!(terms.wins <= most_wins);
		let _ = (terms.threshold(units), terms.credit(units), terms.expected(units));
	}
}
