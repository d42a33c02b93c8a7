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
fn the_tour_goes_to_the_nearest_that_is_left() {
	let places = [(1, 0), (2, 100), (3, 10), (4, 40), (5, 300)];
	let reports = on_a_line(&places);
	for seed in 0..20 {
		let tour = order(vec![1, 2, 3, 4, 5], &reports, &[seed; 32]);
		let expected: &[u32] = match tour[0] {
			1 => &[1, 3, 4, 2, 5],
			2 => &[2, 4, 3, 1, 5],
			3 => &[3, 1, 4, 2, 5],
			4 => &[4, 3, 1, 2, 5],
			_ => &[5, 2, 4, 3, 1],
		};
		assert_eq!(tour, expected);
	}
}

#[test]
fn randomness_chooses_where_the_tour_starts() {
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

#[test]
fn one_that_says_nothing_comes_last_and_does_not_stop_the_tour() {
	let places = [(1, 0), (2, 10), (3, 20), (4, 30), (5, 15)];
	let mut reports = on_a_line(&places);
	reports.remove(&5);
	for seed in 0..20 {
		let tour = order(vec![1, 2, 3, 4, 5], &reports, &[seed; 32]);
		assert!(tour[0] == 5 || tour[4] == 5, "{tour:?}");
	}
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

#[test]
fn numbers_are_below_their_bound_and_reach_each() {
	let randomness = [3; 32];
	let mut draw = Draw::new(&randomness);
	assert_eq!(draw.below(0), 0);
	assert_eq!(draw.below(1), 0);
	let drawn: BTreeSet<usize> = (0..500).map(|_| draw.below(20)).collect();
	assert_eq!(drawn, (0..20).collect());
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
	fn a_full_tour_is_one_of_nearest_neighbours(
		places in prop::collection::btree_map(0u32..200, 0u16..1_000, 2..20),
		randomness in any::<Randomness>(),
	) {
		let at: Vec<(u32, u16)> = places.clone().into_iter().collect();
		let tour = order(places.keys().copied().collect(), &on_a_line(&at), &randomness);
		for (index, here) in tour.iter().enumerate() {
			let distance = |other: &u32| places[here].abs_diff(places[other]);
			if let Some(next) = tour.get(index + 1) {
				let nearest = tour[index + 1..].iter().map(distance).min().expect("there is a next");
				prop_assert_eq!(distance(next), nearest);
			}
		}
	}
}
