//! How candidates rank: exact shares in integer arithmetic, and the approximation that the sorted list keeps.
//!
//! # Score
//! `competence weight * own competence / total competence + backing weight * own backing / total backing`, as a
//! [`Score`]. Shares are rounded down to a multiple of 2^-90, so that two that differ stay different as long as the
//! total is below 2^90; all STCI that can exist are 2^68 planck. If a total is zero, every share of it is. Backing that
//! does not come up to a governed sum counts as a total of zero: otherwise the first STCI on a young chain would be all
//! of the score.
//!
//! # Approximation
//! The list keeps [`list_score`], 64 bits of it, as they were when the candidate's own figures last changed. Totals
//! move meanwhile, by the doing of others, and nothing sweeps the list then: a score in it is right in proportion to
//! those that were computed under similar totals. Anyone may refresh an entry (`rebag`), and the election reads more
//! entries than it needs and ranks these exactly.

use core::cmp::Ordering;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Perbill, Rounding};
use sp_runtime::traits::Zero;

/// A score: at most [`MAX_SCORE`], higher is better.
pub type Score = u128;

/// Bits behind the point of a share.
const SHARE_BITS: u32 = 90;

/// The score of a candidate that has all competence and all backing: a billion (the parts of a [`Perbill`]) shares of
/// one. Below 2^120, so that sums of two never overflow.
pub const MAX_SCORE: Score = 1_000_000_000 << SHARE_BITS;

/// Bits of a list score's share.
const LIST_BITS: u32 = 62;

/// Marks the list scores of admitted candidates.
const ADMITTED: u64 = 1 << 63;

/// `part / total`, rounded down to 2^-90; at most 1, and 0 if `total` is 0.
fn share(part: u128, total: u128) -> u128 {
	if total.is_zero() {
		return 0;
	}
	// The quotient is at most 2^90: it cannot overflow.
	multiply_by_rational_with_rounding(part.min(total), 1 << SHARE_BITS, total, Rounding::Down).unwrap_or(0)
}

/// What a candidate's figures are parts of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
	/// The competence of all.
	pub competence: u128,
	/// The backing of all candidates that stand, in planck; 0 while it is too little to count.
	pub backing: u128,
}

/// The score of a candidate with so much competence and so much backing (in planck). What competence does not weigh,
/// backing does.
pub fn score(competence: u128, backing: u128, totals: &Totals, competence_weight: Perbill) -> Score {
	let parts = u128::from(competence_weight.deconstruct());
	let rest = u128::from(Perbill::one().deconstruct()).saturating_sub(parts);
	// Each product is at most 10^9 * 2^90, and so is the sum.
	let of_competence = parts.saturating_mul(share(competence, totals.competence));
	let of_backing = rest.saturating_mul(share(backing, totals.backing));
	of_competence.saturating_add(of_backing)
}

/// What the sorted list keeps of a score: its highest bits, below a bit that says whether the candidate is admitted.
///
/// That bit puts all admitted candidates before all others. Otherwise backing of many others could push the admitted
/// ones out of what an election reads, and no director could ever be elected again.
pub fn list_score(score: Score, admitted: bool) -> u64 {
	let share = score.min(MAX_SCORE) / 1_000_000_000;
	// At most 2^62.
	let bits = u64::try_from(share >> (SHARE_BITS - LIST_BITS)).unwrap_or(u64::MAX);
	if admitted {
		bits | ADMITTED
	} else {
		bits
	}
}

/// The share below which list scores all share one bag: 2^-40; of all STCI that is less than a thousandth of one.
const LOWEST_BIT: u32 = LIST_BITS - 40;

/// How many thresholds there are for each half of the list.
const HALF: usize = 2 * 40 + 1;

/// Thresholds of bags for list scores: from 2^-40 to 1 two to each doubling, for those not admitted and again for the
/// admitted. For `pallet_bags_list::Config::BagThresholds`.
pub const BAG_THRESHOLDS: [u64; 2 * HALF + 1] = bag_thresholds();

const fn bag_thresholds() -> [u64; 2 * HALF + 1] {
	let mut thresholds = [0; 2 * HALF + 1];
	let mut i = 0;
	while i < HALF {
		let octave = 1u64 << (LOWEST_BIT + i as u32 / 2);
		// The second of an octave lies half-way: ratios of 1.5 and 1.33.
		let threshold = if i % 2 == 0 { octave } else { octave + octave / 2 };
		thresholds[i] = threshold;
		thresholds[HALF + 1 + i] = threshold | ADMITTED;
		i += 1;
	}
	// Whatever is not admitted ends here.
	thresholds[HALF] = ADMITTED - 1;
	thresholds
}

/// Which of two ranks first: the higher score, of equal ones the lower account.
pub fn better<AccountId: Ord>(score_a: Score, a: &AccountId, score_b: Score, b: &AccountId) -> Ordering {
	score_b.cmp(&score_a).then_with(|| a.cmp(b))
}
