//! Who takes the seats of an era: the pure function.

use crate::election::{seating::*, Fitness, Limits};
use proptest::prelude::*;
use sp_arithmetic::Perbill;
use std::collections::{BTreeMap, BTreeSet};

fn limits(seats: usize, min_directors: usize) -> Limits {
	Limits {
		seats,
		min_directors,
		max_terms: 10,
		able_from: Perbill::one(),
	}
}

/// A seating of 1 to 7, with 11 to 13 as standbys.
struct Case {
	unfit: BTreeMap<u32, Fitness>,
	in_office: Vec<u32>,
	returns: Vec<u32>,
	before: Vec<(u32, u32)>,
	since: Vec<(u32, u32)>,
	standbys: Vec<u32>,
	min_directors: usize,
}

impl Default for Case {
	fn default() -> Self {
		Self {
			unfit: BTreeMap::new(),
			in_office: (1..=7).collect(),
			returns: Vec::new(),
			before: Vec::new(),
			since: Vec::new(),
			standbys: vec![11, 12, 13],
			min_directors: 4,
		}
	}
}

impl Case {
	fn unfit(nodes: &[(u32, Fitness)]) -> Self {
		Self {
			unfit: nodes.iter().copied().collect(),
			..Self::default()
		}
	}

	/// The directors in ascending order, the standbys, and who sits in for whom.
	fn seat(&self) -> (Vec<u32>, Vec<u32>, Vec<(u32, u32)>) {
		let directors: Vec<u32> = (1..=7).collect();
		let mut seating = seat(
			Named {
				directors: &directors,
				standbys: &self.standbys,
			},
			Since {
				in_office: &self.in_office,
				returns: &self.returns,
				replaced_before: &self.before,
				replaced_since: &self.since,
			},
			|account| self.unfit.get(account).copied().unwrap_or(Fitness::Fit),
			&limits(7, self.min_directors),
		)
		.expect("someone is fit");
		seating.directors.sort();
		(seating.directors, seating.standbys, seating.substitutes)
	}
}

const ABSENT: Fitness = Fitness::Absent { eras: 0 };

#[test]
fn those_elected_take_their_seats_with_their_standbys() {
	let (directors, standbys, substitutes) = Case::default().seat();
	assert_eq!(directors, [1, 2, 3, 4, 5, 6, 7]);
	assert_eq!(standbys, [11, 12, 13]);
	assert!(substitutes.is_empty());
}

#[test]
fn the_best_standbys_take_the_seats_of_those_that_are_gone_since() {
	let case = Case::unfit(&[
		(1, Fitness::Lapsed),
		(2, Fitness::Barred),
		(3, Fitness::Keyless),
		(11, Fitness::Lapsed),
	]);
	let (directors, standbys, substitutes) = case.seat();
	// 11 is gone as well.
	assert_eq!(directors, [4, 5, 6, 7, 12, 13]);
	assert!(standbys.is_empty());
	assert_eq!(substitutes, [(3, 12), (2, 13)]);
}

#[test]
fn a_seat_that_nobody_can_take_is_left_out_if_enough_remain() {
	let gone = [
		(1, Fitness::Keyless),
		(2, Fitness::Barred),
		(3, Fitness::Lapsed),
		(4, Fitness::Lapsed),
	];
	let mut case = Case {
		standbys: Vec::new(),
		min_directors: 3,
		..Case::unfit(&gone)
	};
	assert_eq!(case.seat().0, [5, 6, 7]);
	case.min_directors = 4;
	assert_eq!(case.seat().0, [3, 5, 6, 7], "those that left before the barred");
	case.min_directors = 7;
	assert_eq!(case.seat().0, [2, 3, 4, 5, 6, 7], "never without keys");
}

#[test]
fn an_absent_director_keeps_its_seat_if_it_still_has_it_and_else_its_replacement_does() {
	let mut case = Case::unfit(&[(1, ABSENT), (2, ABSENT), (3, Fitness::Barred)]);
	// 2 and 3 lost their seats, 2 to 20 by way of 21.
	case.in_office = vec![1, 20, 30, 4, 5, 6, 7];
	case.since = vec![(2, 21), (21, 20), (3, 30)];
	case.unfit.insert(21, ABSENT);
	assert_eq!(
		case.seat(),
		(vec![1, 4, 5, 6, 7, 20, 30], vec![11, 12, 13], vec![(3, 30), (2, 20)])
	);
	// One that was elected itself has its own seat: another standby takes the other.
	case.since = vec![(2, 7), (3, 30)];
	assert_eq!(
		case.seat(),
		(vec![1, 4, 5, 6, 7, 11, 30], vec![12, 13], vec![(3, 30), (2, 11)])
	);
}

#[test]
fn the_seat_of_an_absent_one_is_left_out_only_while_two_thirds_stay_filled() {
	let mut case = Case::unfit(&[(1, ABSENT), (2, ABSENT), (3, ABSENT)]);
	case.in_office = vec![4, 5, 6, 7];
	case.standbys = Vec::new();
	// Two thirds of seven are five.
	assert_eq!(case.seat().0.len(), 5);
	case.min_directors = 6;
	assert_eq!(case.seat().0.len(), 6);
}

#[test]
fn one_that_is_back_has_its_seat_again() {
	let case = Case {
		in_office: vec![1, 2, 3, 4, 5, 6, 7],
		// 9 lost its seat to 8, which lost it to 7.
		returns: vec![9],
		before: vec![(9, 8), (8, 7)],
		..Case::default()
	};
	assert_eq!(case.seat().0, [1, 2, 3, 4, 5, 6, 9]);
}

#[test]
fn one_that_is_back_and_was_not_elected_takes_nobody_s_seat() {
	// 7 took the seat of 9 after the election, which had named 7 itself and not 9.
	let case = Case {
		returns: vec![9],
		since: vec![(9, 7)],
		..Case::default()
	};
	assert_eq!(case.seat().0, [1, 2, 3, 4, 5, 6, 7]);
}

/// Otherwise raising the least bond would give their seats to the standbys that have theirs ready.
#[test]
fn whoever_was_elected_takes_its_office_though_its_bond_has_become_too_little() {
	let mut case = Case::unfit(&[
		(1, Fitness::Underbonded),
		(2, Fitness::Underbonded),
		(3, Fitness::Lapsed),
		(9, Fitness::Underbonded),
		(11, Fitness::Underbonded),
	]);
	// 2 was in office before, and 1 was not. The best standby takes a seat, whatever its bond.
	case.in_office = vec![2, 3, 4, 5, 6, 7, 8];
	assert_eq!(case.seat(), (vec![1, 2, 4, 5, 6, 7, 11], vec![12, 13], vec![(3, 11)]));
	// So does one that is back, and one that sits in for another.
	case.returns = vec![9];
	case.before = vec![(9, 4)];
	case.since = vec![(3, 8)];
	case.unfit.insert(8, Fitness::Underbonded);
	assert_eq!(case.seat(), (vec![1, 2, 5, 6, 7, 8, 9], vec![11, 12, 13], vec![(3, 8)]));
	// If all of them have too little, all of them stay.
	case = Case::unfit(&[1, 2, 3, 4, 5, 6, 7].map(|account| (account, Fitness::Underbonded)));
	assert_eq!(case.seat().0, [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn if_nobody_is_fit_nothing_changes() {
	let named = Named {
		directors: &[1, 2],
		standbys: &[],
	};
	let since = Since {
		in_office: &[1, 2],
		returns: &[],
		replaced_before: &[],
		replaced_since: &[],
	};
	assert_eq!(seat(named, since, |_| Fitness::Lapsed, &limits(7, 4)), None);
	assert_eq!(seat(named, since, |_| ABSENT, &limits(7, 4)), None);
}

#[test]
fn a_node_that_is_back_gets_its_seat_from_whoever_has_it_now() {
	let mut seats = [1, 12, 3];
	// 2 lost its seat to 11, which lost it to 12.
	restore(&mut seats, &[2, 11], &[(2, 11), (11, 12)]);
	assert_eq!(seats, [1, 2, 3]);
	// 3 kept its seat, nobody has that of 4.
	restore(&mut seats, &[3, 4], &[(3, 9), (4, 10)]);
	assert_eq!(seats, [1, 2, 3]);
	// A circle leads nowhere, but not for ever.
	restore(&mut seats, &[7], &[(7, 8), (8, 7)]);
	assert_eq!(seats, [1, 2, 3]);
}

fn fitness() -> impl Strategy<Value = Fitness> {
	prop_oneof![
		6 => Just(Fitness::Fit),
		1 => Just(Fitness::Underbonded),
		2 => (0u32..5).prop_map(|eras| Fitness::Absent { eras }),
		1 => Just(Fitness::Lapsed),
		1 => Just(Fitness::Barred),
		1 => Just(Fitness::Keyless),
	]
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	#[test]
	fn every_seating_keeps_the_rules(
		fitness in prop::collection::vec(fitness(), 60),
		accounts in Just((0u32..60).collect::<Vec<_>>()).prop_shuffle(),
		(count, standbys) in (1usize..25, 0usize..15),
		in_office in prop::collection::btree_set(0u32..60, 0..25),
		returns in prop::collection::btree_set(0u32..60, 0..5),
		before in prop::collection::vec((0u32..60, 0u32..60), 0..10),
		since in prop::collection::vec((0u32..60, 0u32..60), 0..10),
		seats in 1usize..30,
		min_directors in 0usize..30,
	) {
		let limits = limits(seats, 1 + min_directors % seats);
		let fitness_of = |account: &u32| fitness[*account as usize];
		let fit = |account: &u32| matches!(fitness_of(account), Fitness::Fit | Fitness::Underbonded);
		let (directors, rest) = accounts.split_at(count);
		let standbys = &rest[..standbys];
		let in_office: Vec<u32> = in_office.into_iter().collect();
		let returns: Vec<u32> = returns.into_iter().filter(fit).collect();
		let named = Named { directors, standbys };
		let since = Since {
			in_office: &in_office,
			returns: &returns,
			replaced_before: &before,
			replaced_since: &since,
		};
		let Some(seating) = seat(named, since, fitness_of, &limits) else {
			prop_assert!(!directors.iter().any(fit));
			return Ok(());
		};
		let seated: BTreeSet<u32> = seating.directors.iter().copied().collect();
		let waiting: BTreeSet<u32> = seating.standbys.iter().copied().collect();
		prop_assert_eq!(seated.len(), seating.directors.len(), "nobody has two seats");
		prop_assert_eq!(waiting.len(), seating.standbys.len(), "nobody stands by twice");
		prop_assert!(seated.is_disjoint(&waiting), "nobody has two offices");
		prop_assert!(seated.iter().any(fit));
		prop_assert!(seated.len() <= count.max(limits.min_directors), "there are no more seats than were elected");
		prop_assert!(waiting.len() <= seated.len());
		prop_assert!(seating.standbys.iter().all(|standby| fit(standby) && standbys.contains(standby)));
		for account in &seated {
			prop_assert!(fitness_of(account) != Fitness::Keyless, "{} has no keys", account);
			let stays = in_office.contains(account) && seated.len() <= limits.min_directors;
			prop_assert!(directors.contains(account) || fit(account) || stays, "{} has no reason to be in", account);
			let may = fit(account) || matches!(fitness_of(account), Fitness::Absent { .. });
			prop_assert!(may || in_office.contains(account), "{} has left and is not in office", account);
		}
		// Fillers only up to the minimum, and the fit are not left out.
		let fillers = seated.iter().filter(|a| matches!(fitness_of(a), Fitness::Lapsed | Fitness::Barred)).count();
		prop_assert!(fillers == 0 || seated.len() <= limits.min_directors);
		let lost: Vec<_> = directors.iter().filter(|account| fit(account) && !seated.contains(account)).collect();
		prop_assert!(lost.len() <= returns.len(), "only those that are back take the seat of one that is fit");
		// What silence empties leaves two thirds.
		let is_absent = |account: &u32| matches!(fitness_of(account), Fitness::Absent { .. });
		let silent = directors.iter().filter(|account| is_absent(account) && !seated.contains(account));
		let replaced_silent = seating.substitutes.iter().filter(|(who, _)| is_absent(who));
		if silent.count() > replaced_silent.count() + returns.len() {
			prop_assert!(seated.len() >= limits.least_filled());
		}
	}
}
