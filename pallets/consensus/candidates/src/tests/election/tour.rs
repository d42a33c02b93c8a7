//! The order of turns.

use crate::election::tour::*;
use poca_primitives::Randomness;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What directors at places on a line report of one another: a millisecond for each step.
fn on_a_line(places: &[(u32, u16)]) -> Reports<u32> {
	places
		.iter()
		.map(|(reporter, at)| {
			let others = places.iter().filter(|(other, _)| other != reporter);
			(
				*reporter,
				others.map(|(other, there)| (*other, at.abs_diff(*there))).collect(),
			)
		})
		.collect()
}

#[test]
fn after_each_that_is_drawn_comes_the_nearest_that_is_left() {
	let reports = on_a_line(&[(1, 0), (2, 100), (3, 10), (4, 40), (5, 300)]);
	let mut pairs = BTreeSet::new();
	for seed in 0..100 {
		let order = order(vec![1, 2, 3, 4, 5], &reports, &[seed; 32]);
		pairs.insert((order[0], order[1]));
	}
	for nearest in [(1, 3), (2, 4), (3, 1), (4, 3), (5, 2)] {
		assert!(pairs.contains(&nearest), "{nearest:?}");
	}
	// It is the farthest from all of them, and somebody else is always left.
	assert!(pairs.iter().all(|(_, second)| *second != 5), "{pairs:?}");
}

#[test]
fn randomness_chooses_where_the_order_starts() {
	let reports = on_a_line(&[(1, 0), (2, 100), (3, 10), (4, 40), (5, 300)]);
	let starts: BTreeSet<u32> = (0..100)
		.map(|seed| order(vec![1, 2, 3, 4, 5], &reports, &[seed; 32])[0])
		.collect();
	assert_eq!(starts.len(), 5);
}

#[test]
fn a_liar_does_not_get_next_to_anyone_by_claiming_to_be_near() {
	let places = [(1, 0), (2, 10), (3, 20), (4, 30), (5, 1_000)];
	let honest = on_a_line(&places);
	let mut lying = honest.clone();
	for (_, latency) in lying.get_mut(&5).expect("reports") {
		*latency = 0;
	}
	for seed in 0..20 {
		let directors = vec![1, 2, 3, 4, 5];
		assert_eq!(
			order(directors.clone(), &lying, &[seed; 32]),
			order(directors, &honest, &[seed; 32])
		);
	}
}

/// Otherwise directors that agree on it would have their turns in a row, all of them and always.
#[test]
fn directors_that_claim_to_be_near_to_one_another_seldom_have_their_turns_in_a_row() {
	let places: Vec<(u32, u16)> = (1u16..=21).map(|place| (u32::from(place), place * 20)).collect();
	// Six of 21, fewer than a third; of the others they say the truth, or that these are far away.
	let claims = |director: u32| director > 15;
	for of_others in [None, Some(600), Some(u16::MAX)] {
		let mut reports = on_a_line(&places);
		for (_, latencies) in reports.iter_mut().filter(|(reporter, _)| claims(**reporter)) {
			for (other, latency) in latencies.iter_mut() {
				*latency = if claims(*other) {
					0
				} else {
					of_others.unwrap_or(*latency)
				};
			}
		}
		let in_a_row = |seed: &u32| {
			let randomness = sp_io::hashing::blake2_256(&seed.to_le_bytes());
			let order = order((1..=21).collect(), &reports, &randomness);
			order.windows(6).any(|row| row.iter().all(|director| claims(*director)))
		};
		// By chance alone, in about one of 100 orders.
		let count = (0..1_000).filter(in_a_row).count();
		assert!(count < 20, "{count} of 1,000, {of_others:?}");
	}
}

#[test]
fn nobody_is_near_to_one_that_says_nothing_and_it_has_its_turn_when_it_is_drawn() {
	let places = [(1, 0), (2, 10), (3, 20), (4, 30), (5, 15)];
	let mut reports = on_a_line(&places);
	reports.remove(&5);
	let drawn_at: BTreeSet<usize> = (0..100)
		.filter_map(|seed| {
			let order = order(vec![1, 2, 3, 4, 5], &reports, &[seed; 32]);
			order.iter().position(|director| *director == 5)
		})
		.collect();
	// The last turn is its own if nobody else is left.
	assert_eq!(drawn_at.into_iter().collect::<Vec<_>>(), [0, 2, 3, 4]);
}

#[test]
fn with_too_few_reports_the_order_is_a_shuffle() {
	let places = [(1, 0), (2, 10), (3, 20), (4, 30), (5, 15)];
	let mut reports = on_a_line(&places);
	// Two report nothing, three are left: less than two thirds of five.
	reports.remove(&5);
	reports.remove(&4);
	for seed in 0..20 {
		assert_eq!(
			order(vec![1, 2, 3, 4, 5], &reports, &[seed; 32]),
			order(vec![1, 2, 3, 4, 5], &Reports::new(), &[seed; 32])
		);
	}
}

#[test]
fn each_order_of_a_shuffle_is_about_as_likely() {
	let mut counts = std::collections::BTreeMap::<Vec<u32>, u32>::new();
	for seed in 0u32..6_000 {
		let randomness = sp_io::hashing::blake2_256(&seed.to_le_bytes());
		*counts
			.entry(order(vec![1, 2, 3], &Reports::new(), &randomness))
			.or_default() += 1;
	}
	assert_eq!(counts.len(), 6);
	// 1,000 each; the standard deviation is 29.
	assert!(counts.values().all(|count| (850..1_150).contains(count)), "{counts:?}");
}

/// Otherwise whoever gives up its seat when much of the randomness is known could choose among orders.
#[test]
fn one_more_or_fewer_leaves_the_others_in_their_order() {
	for seed in 0..20 {
		let order = |directors: Vec<u32>| order(directors, &Reports::new(), &[seed; 32]);
		let all = order((1..=21).collect());
		for gone in 1..=21 {
			let mut others = all.clone();
			others.retain(|director| *director != gone);
			assert_eq!(order((1..=21).filter(|director| *director != gone).collect()), others);
		}
	}
}

/// Within one site all latencies are the same few milliseconds: accounts, which are free to choose, must not tell who
/// is next.
#[test]
fn of_equally_near_ones_each_may_be_next() {
	let reports = on_a_line(&(1..=7).map(|director| (director, 0)).collect::<Vec<_>>());
	for turn in 0..7 {
		let seen: BTreeSet<u32> = (0..100)
			.map(|seed| order((1..=7).collect(), &reports, &[seed; 32])[turn])
			.collect();
		assert_eq!(seen.len(), 7, "turn {turn}");
	}
}

proptest! {
	#[test]
	fn the_order_is_a_permutation_whatever_is_reported_and_depends_on_nothing_else(
		directors in prop::collection::btree_set(0u32..200, 0..30),
		reports in prop::collection::btree_map(
			0u32..200,
			prop::collection::vec((0u32..200, any::<u16>()), 0..30),
			0..40,
		),
		randomness in any::<Randomness>(),
	) {
		let ascending: Vec<u32> = directors.iter().copied().collect();
		let mut descending = ascending.clone();
		descending.reverse();
		let tour = order(ascending.clone(), &reports, &randomness);
		prop_assert_eq!(&tour, &order(descending, &reports, &randomness));
		let mut sorted = tour;
		sorted.sort();
		prop_assert_eq!(sorted, ascending);
	}

	#[test]
	fn reports_decide_of_one_turn_in_three_whatever_they_say(
		told in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.9, 0u16..4), 12), 12),
		randomness in any::<Randomness>(),
	) {
		let report = |of_others: Vec<Option<u16>>| {
			(0..12).zip(of_others).filter_map(|(other, latency)| Some((other, latency?))).collect()
		};
		let reports: Reports<u32> = (0..12).zip(told.into_iter().map(report)).collect();
		let mut left = order((0..12).collect(), &Reports::new(), &randomness);
		for (turn, director) in order((0..12).collect(), &reports, &randomness).into_iter().enumerate() {
			if turn % 3 != 1 {
				prop_assert_eq!(director, left[0]);
			}
			left.retain(|other| *other != director);
		}
	}

	#[test]
	fn each_pair_is_one_of_nearest_neighbours(
		places in prop::collection::btree_map(0u32..200, 0u16..1_000, 2..20),
		randomness in any::<Randomness>(),
	) {
		let at: Vec<(u32, u16)> = places.clone().into_iter().collect();
		let tour = order(places.keys().copied().collect(), &on_a_line(&at), &randomness);
		for (index, here) in tour.iter().enumerate().step_by(ROUND) {
			let distance = |other: &u32| places[here].abs_diff(places[other]);
			if let Some(next) = tour.get(index + 1) {
				let nearest = tour[index + 1..].iter().map(distance).min().expect("there is a next");
				prop_assert_eq!(distance(next), nearest);
			}
		}
	}
}
