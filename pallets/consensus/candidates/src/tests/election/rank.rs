//! Scores: exact, monotone, and what the list keeps of them.

use crate::election::rank::*;
use proptest::prelude::*;
use sp_arithmetic::Perbill;

const SEVENTY: Perbill = Perbill::from_percent(70);

fn totals(competence: u128, backing: u128) -> Totals {
	Totals { competence, backing }
}

#[test]
fn competence_counts_seventy_and_backing_thirty_parts_of_a_hundred() {
	let totals = totals(1_000, 1_000);
	assert_eq!(score(1_000, 0, &totals, SEVENTY), MAX_SCORE / 10 * 7);
	assert_eq!(score(0, 1_000, &totals, SEVENTY), MAX_SCORE / 10 * 3);
	assert_eq!(score(1_000, 1_000, &totals, SEVENTY), MAX_SCORE);
	assert_eq!(score(0, 0, &totals, SEVENTY), 0);
	// Half of all backing outweighs a fifth of all competence.
	assert!(score(0, 500, &totals, SEVENTY) > score(200, 0, &totals, SEVENTY));
	assert!(score(0, 500, &totals, SEVENTY) < score(215, 0, &totals, SEVENTY));
}

#[test]
fn a_planck_more_of_all_stci_is_a_better_score() {
	let supply = 210_000_000 * 1_000_000_000_000;
	let totals = totals(supply, supply);
	for have in [0, 1, supply / 3, supply - 1] {
		assert!(score(0, have + 1, &totals, SEVENTY) > score(0, have, &totals, SEVENTY));
		assert!(score(have + 1, 0, &totals, SEVENTY) > score(have, 0, &totals, SEVENTY));
	}
}

#[test]
fn without_a_total_nobody_has_a_share() {
	assert_eq!(score(u128::MAX, u128::MAX, &Totals::default(), SEVENTY), 0);
}

#[test]
fn thresholds_of_bags_ascend_and_part_the_admitted_from_the_others() {
	assert!(BAG_THRESHOLDS.windows(2).all(|pair| pair[0] < pair[1]));
	let bag = |score: u64| BAG_THRESHOLDS.partition_point(|threshold| *threshold < score);
	assert!(bag(list_score(MAX_SCORE, false)) < bag(list_score(0, true)));
	// A share half again as large is in a higher bag, down to a millionth of a millionth.
	for parts in [1u128, 1_000, 1_000_000, 400_000_000_000] {
		let totals = totals(0, 1_000_000_000_000);
		let listed = |backing| list_score(score(0, backing, &totals, Perbill::zero()), true);
		assert!(bag(listed(parts * 8 / 5 + 1)) > bag(listed(parts)), "{parts}");
	}
}

proptest! {
	#[test]
	fn scores_never_overflow_and_grow_with_their_parts(
		competence in any::<u128>(),
		backing in any::<u128>(),
		more in any::<u128>(),
		total_competence in prop_oneof![any::<u128>(), Just(u128::MAX), Just(0), Just(1)],
		total_backing in prop_oneof![any::<u128>(), Just(u128::MAX), Just(0), Just(1)],
		weight in 0u32..=1_000_000_000,
	) {
		let totals = totals(total_competence, total_backing);
		let weight = Perbill::from_parts(weight);
		let base = score(competence, backing, &totals, weight);
		prop_assert!(base <= MAX_SCORE);
		prop_assert!(score(competence.saturating_add(more), backing, &totals, weight) >= base);
		prop_assert!(score(competence, backing.saturating_add(more), &totals, weight) >= base);
	}

	#[test]
	fn list_scores_keep_the_order_and_put_the_admitted_first(a in 0..=MAX_SCORE, b in 0..=MAX_SCORE) {
		let (low, high) = (a.min(b), a.max(b));
		prop_assert!(list_score(low, true) <= list_score(high, true));
		prop_assert!(list_score(low, false) <= list_score(high, false));
		prop_assert!(list_score(high, false) < list_score(low, true));
	}

	/// Against fractions of small numbers, multiplied out.
	#[test]
	fn scores_order_as_the_fractions_do(
		a in (0u128..1_000, 0u128..1_000),
		b in (0u128..1_000, 0u128..1_000),
		total in (1_000u128..2_000, 1_000u128..2_000),
	) {
		let of = |(competence, backing): (u128, u128)| score(competence, backing, &totals(total.0, total.1), SEVENTY);
		let exact = |(competence, backing): (u128, u128)| 7 * competence * total.1 + 3 * backing * total.0;
		if exact(a) != exact(b) {
			prop_assert_eq!(of(a) < of(b), exact(a) < exact(b));
		}
	}
}
