//! No weight is above eight medians, and none is nothing.

use rounds_primitives::{cap_of, Member, MAX_WEIGHT};

#[test]
fn a_weight_is_eight_medians_at_most() {
	assert_eq!(cap_of(&mut [100, 1, 90, 110, 1_000_000]), 800);
	assert_eq!(cap_of(&mut [10, 20]), 80, "the lower one in the middle");
	assert_eq!(cap_of(&mut [0, 0, 0]), 8);
	assert_eq!(cap_of(&mut []), MAX_WEIGHT);
	assert_eq!(cap_of(&mut [MAX_WEIGHT]), MAX_WEIGHT);
}

/// Whoever brings half of the pool's members decides what the median is, and no less does.
#[test]
fn few_members_do_not_move_the_cap() {
	let mut weights = vec![100; 20];
	weights.extend([MAX_WEIGHT; 19]);
	assert_eq!(cap_of(&mut weights), 800);
}

#[test]
fn a_weight_of_nothing_counts_as_one() {
	assert_eq!(Member::new(0), Member::new(1));
}
