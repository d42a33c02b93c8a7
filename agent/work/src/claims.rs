//! Which pay is claimed, where the owner's account signs. Pure.

use compute_market_primitives::{JobClaim, JobId, MAX_CLAIMS};

/// What a claim brings at least, in planck: ten times its fee.
pub(crate) const LEAST: u128 = 20_000_000_000;

/// The jobs of one claim: those that bring most. None if it is not worth its fee.
pub(crate) fn plan(earned: &[JobClaim]) -> Option<Vec<JobId>> {
	let mut due: Vec<&JobClaim> = earned.iter().filter(|claim| claim.now > 0).collect();
	due.sort_by_key(|claim| std::cmp::Reverse(claim.now));
	due.truncate(usize::try_from(MAX_CLAIMS).unwrap_or(usize::MAX));
	let sum = due.iter().fold(0_u128, |sum, claim| sum.saturating_add(claim.now));
	(sum >= LEAST).then(|| due.iter().map(|claim| claim.job).collect())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn earned(job: JobId, now: u128) -> JobClaim {
		JobClaim { job, now, later: 7 }
	}

	#[test]
	fn what_is_worth_its_fee_is_claimed_the_most_first() {
		assert_eq!(plan(&[]), None);
		assert_eq!(plan(&[earned(1, LEAST - 1)]), None);
		assert_eq!(plan(&[earned(1, 1), earned(2, LEAST), earned(3, 0)]), Some(vec![2, 1]));
		let many: Vec<JobClaim> = (0..100).map(|job| earned(job, LEAST)).collect();
		assert_eq!(plan(&many).map(|jobs| jobs.len()), Some(32));
	}
}
