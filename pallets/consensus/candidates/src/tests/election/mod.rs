//! Who gets the seats: the pure function.

mod rank;
mod seating;
mod tour;

use crate::election::*;
use proptest::prelude::*;
use sp_arithmetic::Perbill;
use std::collections::BTreeSet;

fn fit(account: u32, score: u128) -> Incumbent<u32> {
	incumbent(account, score, Fitness::Fit)
}

fn incumbent(account: u32, score: u128, fitness: Fitness) -> Incumbent<u32> {
	Incumbent {
		account,
		score,
		fitness,
		terms: 1,
	}
}

fn waits(account: u32, score: u128) -> Outsider<u32> {
	Outsider { account, score }
}

fn limits(seats: usize, min_directors: usize) -> Limits {
	Limits {
		seats,
		min_directors,
		max_terms: 10,
		able_from: Perbill::one(),
	}
}

/// The accounts elected, ascending.
fn accounts(incumbents: &[Incumbent<u32>], outsiders: &[Outsider<u32>], limits: Limits) -> Vec<u32> {
	let elected = elect(incumbents, outsiders, &limits).expect("someone is eligible");
	let accounts: BTreeSet<u32> = elected.iter().copied().collect();
	assert_eq!(accounts.len(), elected.len(), "nobody is elected twice");
	accounts.into_iter().collect()
}

/// Seven fit directors of equal score.
fn seven() -> Vec<Incumbent<u32>> {
	(1..=7).map(|account| fit(account, 100)).collect()
}

#[test]
fn a_third_of_the_seats_but_at_least_one_may_change() {
	let of = [
		(0, 1),
		(1, 1),
		(3, 1),
		(4, 1),
		(6, 1),
		(7, 2),
		(21, 6),
		(22, 7),
		(99, 32),
	];
	for (seats, changes) in of {
		assert_eq!(change_limit(seats), changes, "of {seats}");
	}
}

#[test]
fn better_ones_take_the_worst_seats_two_of_seven_at_a_time() {
	let mut incumbents = seven();
	incumbents[2].score = 50;
	incumbents[4].score = 40;
	incumbents[5].score = 30;
	let outsiders = [waits(11, 200), waits(12, 150), waits(13, 120)];
	assert_eq!(accounts(&incumbents, &outsiders, limits(7, 4)), [1, 2, 3, 4, 7, 11, 12]);
}

#[test]
fn equals_stay_and_of_equal_outsiders_the_lower_account_comes_first() {
	let outsiders = [waits(1, 100), waits(20, 100)];
	let incumbents: Vec<_> = (11..=17).map(|account| fit(account, 100)).collect();
	assert_eq!(
		accounts(&incumbents, &outsiders, limits(7, 4)),
		[11, 12, 13, 14, 15, 16, 17]
	);
	assert_eq!(
		accounts(&incumbents[1..], &outsiders, limits(7, 4)),
		[1, 12, 13, 14, 15, 16, 17]
	);
}

#[test]
fn a_chain_of_one_director_can_become_one_of_many() {
	let outsiders: Vec<_> = (2..=9).map(|account| waits(account, 10)).collect();
	assert_eq!(accounts(&[fit(1, 100)], &outsiders, limits(7, 4)), [1, 2]);
	assert_eq!(accounts(&[fit(1, 5)], &outsiders, limits(1, 1)), [2]);
	let four: Vec<_> = (1..=4).map(|account| fit(account, 100)).collect();
	assert_eq!(accounts(&four, &outsiders[3..], limits(7, 4)), [1, 2, 3, 4, 5]);
}

#[test]
fn fewer_seats_take_the_worst_directors_away_a_third_at_a_time() {
	let mut incumbents = seven();
	incumbents[0].score = 1;
	incumbents[3].score = 2;
	incumbents[6].score = 3;
	assert_eq!(accounts(&incumbents, &[waits(11, 500)], limits(4, 4)), [2, 3, 5, 6, 7]);
}

#[test]
fn vacated_seats_are_changes_and_leave_none_for_others() {
	let mut incumbents = seven();
	incumbents[0].fitness = Fitness::Lapsed;
	incumbents[1].fitness = Fitness::Barred;
	let outsiders = [waits(11, 200), waits(12, 150), waits(13, 120)];
	assert_eq!(accounts(&incumbents, &outsiders, limits(7, 4)), [3, 4, 5, 6, 7, 11, 12]);
	// One vacated seat leaves one change.
	incumbents[1].fitness = Fitness::Fit;
	assert_eq!(accounts(&incumbents, &outsiders, limits(7, 4)), [2, 3, 4, 5, 6, 11, 12]);
}

#[test]
fn more_vacated_seats_than_may_change_are_filled_all_the_same() {
	let mut incumbents = seven();
	for gone in 0..5 {
		incumbents[gone].fitness = Fitness::Keyless;
	}
	let outsiders: Vec<_> = (11..=20).map(|account| waits(account, 200)).collect();
	assert_eq!(
		accounts(&incumbents, &outsiders, limits(7, 4)),
		[6, 7, 11, 12, 13, 14, 15]
	);
}

#[test]
fn without_enough_others_those_that_left_stay_to_fill_up_and_the_barred_after_them() {
	let mut incumbents = seven();
	incumbents[0].fitness = Fitness::Keyless;
	incumbents[1].fitness = Fitness::Barred;
	incumbents[2].fitness = Fitness::Barred;
	incumbents[3].fitness = Fitness::Lapsed;
	incumbents[4].fitness = Fitness::Lapsed;
	incumbents[4].score = 500;
	assert_eq!(accounts(&incumbents, &[], limits(7, 3)), [5, 6, 7]);
	assert_eq!(accounts(&incumbents, &[], limits(7, 4)), [4, 5, 6, 7]);
	assert_eq!(accounts(&incumbents, &[], limits(7, 5)), [2, 4, 5, 6, 7]);
	assert_eq!(
		accounts(&incumbents, &[], limits(7, 7)),
		[2, 3, 4, 5, 6, 7],
		"never without keys"
	);
	assert_eq!(accounts(&incumbents, &[waits(11, 1)], limits(7, 4)), [5, 6, 7, 11]);
}

#[test]
fn without_a_single_eligible_director_nothing_changes() {
	let gone = [
		Fitness::Lapsed,
		Fitness::Barred,
		Fitness::Keyless,
		Fitness::Absent { eras: 1 },
	];
	let incumbents: Vec<_> = (1..)
		.zip(gone)
		.map(|(account, fitness)| incumbent(account, 1, fitness))
		.collect();
	assert_eq!(elect(&incumbents, &[], &limits(4, 1)), None);
	assert_eq!(elect::<u32>(&[], &[], &limits(4, 1)), None);
	assert!(elect(&incumbents, &[waits(9, 0)], &limits(4, 1)).is_some());
}

#[test]
fn the_longest_absent_are_replaced_first_by_anyone_eligible_and_within_the_limit() {
	let mut incumbents = seven();
	for (place, eras) in [(0, 1), (1, 5), (2, 3)] {
		incumbents[place].fitness = Fitness::Absent { eras };
	}
	let outsiders = [waits(11, 2), waits(12, 1), waits(13, 1)];
	assert_eq!(accounts(&incumbents, &outsiders, limits(7, 4)), [1, 4, 5, 6, 7, 11, 12]);
	// Nobody to replace them: two leave all the same, while two thirds of the seats and the minimum are kept.
	assert_eq!(accounts(&incumbents, &[], limits(7, 4)), [1, 4, 5, 6, 7]);
	assert_eq!(accounts(&incumbents, &[], limits(7, 6)), [1, 3, 4, 5, 6, 7]);
}

/// Otherwise raising the least bond would give the seats to those that have theirs ready, all at once.
#[test]
fn too_little_bond_costs_no_more_seats_than_may_change_and_those_only_for_a_successor() {
	let mut incumbents: Vec<_> = (1..=21).map(|account| fit(account, 100)).collect();
	for director in &mut incumbents[..16] {
		director.fitness = Fitness::Underbonded;
	}
	incumbents[2].score = 1;
	incumbents[4].score = 2;
	// Any successor will do, however low its score, and the worst go first.
	let outsiders: Vec<_> = (31..=41).map(|account| waits(account, 3)).collect();
	let elected = accounts(&incumbents, &outsiders, limits(21, 14));
	assert_eq!(elected.iter().filter(|account| **account > 21).count(), 6);
	assert_eq!(elected.len(), 21);
	assert!(!elected.contains(&3) && !elected.contains(&5));
	let all: Vec<u32> = (1..=21).collect();
	assert_eq!(accounts(&incumbents, &[], limits(21, 14)), all);
	// They can work: nobody gets a seat besides because none is bonded enough.
	for director in &mut incumbents {
		director.fitness = Fitness::Underbonded;
	}
	assert_eq!(accounts(&incumbents, &[], limits(21, 14)), all);
	assert_eq!(accounts(&incumbents, &outsiders, limits(21, 14)).len(), 21);
	// The absent are changes as well, and come first.
	for director in &mut incumbents[..4] {
		director.fitness = Fitness::Absent { eras: 1 };
	}
	let elected = accounts(&incumbents, &outsiders, limits(21, 14));
	assert_eq!(elected.iter().filter(|account| **account > 21).count(), 6);
	assert!(elected.iter().all(|account| *account > 4));
}

#[test]
fn silence_does_not_empty_more_than_a_third_of_the_seats() {
	let mut incumbents: Vec<_> = (1..=21).map(|account| fit(account, 100)).collect();
	for director in &mut incumbents[..9] {
		director.fitness = Fitness::Absent { eras: 1 };
	}
	let mut left = 21;
	for expected in [15, 14, 14, 14] {
		let kept = accounts(&incumbents, &[], limits(21, 4));
		incumbents.retain(|director| kept.contains(&director.account));
		assert_eq!(
			(kept.len(), kept.iter().filter(|account| **account > 9).count()),
			(expected, 12),
			"of {left}"
		);
		left = kept.len();
	}
	// A chain with far fewer directors than seats lets none go.
	let mut four: Vec<_> = (1..=4).map(|account| fit(account, 100)).collect();
	four[0].fitness = Fitness::Absent { eras: 9 };
	assert_eq!(accounts(&four, &[], limits(21, 1)), [1, 2, 3, 4]);
	assert_eq!(accounts(&four, &[waits(5, 1)], limits(4, 1)), [2, 3, 4, 5]);
}

#[test]
fn after_its_terms_a_director_makes_way_for_one_equally_able() {
	let mut incumbents = seven();
	incumbents[3].terms = 10;
	let equal = [waits(11, 100)];
	assert_eq!(accounts(&incumbents, &equal, limits(7, 4)), [1, 2, 3, 5, 6, 7, 11]);
	incumbents[3].terms = 9;
	assert_eq!(accounts(&incumbents, &equal, limits(7, 4)), [1, 2, 3, 4, 5, 6, 7]);
	incumbents[3].terms = 10;
	let less = [waits(11, 99)];
	assert_eq!(accounts(&incumbents, &less, limits(7, 4)), [1, 2, 3, 4, 5, 6, 7]);
	let lenient = Limits {
		able_from: Perbill::from_percent(99),
		..limits(7, 4)
	};
	assert_eq!(accounts(&incumbents, &less, lenient), [1, 2, 3, 5, 6, 7, 11]);
}

fn fitness() -> impl Strategy<Value = Fitness> {
	prop_oneof![
		6 => Just(Fitness::Fit),
		1 => Just(Fitness::Underbonded),
		1 => (0u32..5).prop_map(|eras| Fitness::Absent { eras }),
		1 => Just(Fitness::Lapsed),
		1 => Just(Fitness::Barred),
		1 => Just(Fitness::Keyless),
	]
}

prop_compose! {
	fn people()(
		incumbents in prop::collection::vec((fitness(), 0u128..20, 0u32..8), 0..30),
		outsiders in prop::collection::vec(0u128..20, 0..30),
		accounts in Just((0u32..60).collect::<Vec<_>>()).prop_shuffle(),
	) -> (Vec<Incumbent<u32>>, Vec<Outsider<u32>>) {
		let mut accounts = accounts.into_iter();
		let incumbents = incumbents
			.into_iter()
			.map(|(fitness, score, terms)| Incumbent { account: accounts.next().expect("60"), score, fitness, terms })
			.collect();
		let outsiders = outsiders
			.into_iter()
			.map(|score| Outsider { account: accounts.next().expect("60"), score })
			.collect();
		(incumbents, outsiders)
	}
}

impl Incumbent<u32> {
	/// It keeps its seat unless somebody is chosen for it.
	fn stays(&self) -> bool {
		matches!(
			self.fitness,
			Fitness::Fit | Fitness::Underbonded | Fitness::Absent { .. }
		)
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	#[test]
	fn every_election_keeps_the_rules(
		(incumbents, outsiders) in people(),
		seats in 1usize..30,
		min_directors in 0usize..30,
		max_terms in 1u32..8,
		able in 1u32..=100,
	) {
		let min_directors = 1 + min_directors % seats;
		let limits = Limits { seats, min_directors, max_terms, able_from: Perbill::from_percent(able) };
		let elected = elect(&incumbents, &outsiders, &limits);
		let Some(elected) = elected else {
			prop_assert!(outsiders.is_empty());
			prop_assert!(incumbents.iter().all(|incumbent| !incumbent.fitness.works()));
			return Ok(());
		};
		let accounts: BTreeSet<u32> = elected.iter().copied().collect();
		prop_assert_eq!(accounts.len(), elected.len(), "nobody has two seats");
		let is_in = |account: &u32| accounts.contains(account);

		let vacated = incumbents.iter().filter(|incumbent| !incumbent.stays()).count();
		let limit = change_limit(incumbents.len());
		let (newcomers, refused): (Vec<_>, Vec<_>) = outsiders.iter().partition(|outsider| is_in(&outsider.account));
		let (staying, others): (Vec<_>, Vec<_>) = incumbents.iter().partition(|incumbent| incumbent.stays());
		let (kept, dismissed): (Vec<_>, Vec<_>) = staying.into_iter().partition(|incumbent| is_in(&incumbent.account));
		let fillers: Vec<_> = others.into_iter().filter(|incumbent| is_in(&incumbent.account)).collect();
		prop_assert_eq!(newcomers.len() + kept.len() + fillers.len(), elected.len(), "nobody is from elsewhere");

		// Turnover.
		prop_assert!(newcomers.len() <= limit.max(vacated));
		prop_assert!(dismissed.len() <= limit.saturating_sub(vacated));
		let budget_left = newcomers.len() < limit.max(vacated) && dismissed.len() < limit.saturating_sub(vacated);

		// Size: not above what is wanted unless by what was there; fillers only up to the minimum, and never without
		// keys.
		let any_fit = kept.iter().any(|director| director.fitness == Fitness::Fit);
		prop_assert!(elected.len() <= seats.max(kept.len() + fillers.len()) || (!any_fit && newcomers.len() == 1));
		prop_assert!(fillers.is_empty() || elected.len() <= min_directors);
		prop_assert!(fillers.iter().all(|filler| filler.fitness != Fitness::Keyless));
		if elected.len() < min_directors {
			let could = incumbents.iter().filter(|i| matches!(i.fitness, Fitness::Lapsed | Fitness::Barred)).count();
			prop_assert_eq!(fillers.len(), could, "all that could fill up do");
		}
		if elected.len() < seats && newcomers.len() < limit.max(vacated) {
			prop_assert!(refused.is_empty(), "no seat stays empty that may be filled");
		}

		// Too little bond empties none at all.
		let short = dismissed.iter().filter(|director| director.fitness == Fitness::Underbonded).count();
		prop_assert!(short <= newcomers.len() || elected.len() >= seats);

		// Silence alone empties no seat beyond a third of them.
		let absent = dismissed.iter().filter(|director| matches!(director.fitness, Fitness::Absent { .. })).count();
		if absent > newcomers.len() {
			prop_assert!(elected.len() >= limits.least_filled());
		}

		// Nobody better is left out without a reason.
		let rank = |outsider: &Outsider<u32>| (outsider.score, std::cmp::Reverse(outsider.account));
		for outsider in &refused {
			prop_assert!(newcomers.iter().all(|newcomer| rank(newcomer) > rank(outsider)));
			if budget_left && elected.len() >= seats && kept.len() + newcomers.len() <= seats {
				for director in kept.iter().filter(|director| director.fitness == Fitness::Fit) {
					prop_assert!(director.score >= outsider.score, "{:?} is better than {:?}", outsider, director);
					let able = outsider.score >= limits.able_from.mul_ceil(director.score);
					prop_assert!(director.terms < max_terms || !able, "{:?} served its terms", director);
				}
			}
		}
	}
}
