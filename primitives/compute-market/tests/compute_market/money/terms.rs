//! What may be governed, and that lying does not pay under it.

use compute_market_primitives::{Assurance, Terms, TermsError, Times};
use market_primitives::{MarketError, Shares};
use proptest::prelude::*;
use sp_arithmetic::Perbill;

#[test]
fn what_a_chain_starts_with_is_sound() {
	assert_eq!(Terms::real().check(), Ok(()));
	for by in [1, 10, 1_000, u32::MAX, 0] {
		let times = Times::real().scaled(by);
		assert_eq!(Terms { times, ..Terms::real() }.check(), Ok(()), "by {by}");
	}
	assert_eq!(Times::real().scaled(10).kept, 1_440);
	assert_eq!(Times::real().scaled(10).slowness, 3, "no time, but a multiple");
}

fn with(change: impl FnOnce(&mut Terms)) -> Result<(), TermsError> {
	let mut terms = Terms::real();
	change(&mut terms);
	terms.check()
}

#[test]
fn each_step_has_a_time() {
	let changes: [fn(&mut Terms); 7] = [
		|terms| terms.times.pooling = 0,
		|terms| terms.times.slowness = 0,
		|terms| terms.times.slack = 0,
		|terms| terms.times.reveal = 0,
		|terms| terms.times.appeal = 0,
		|terms| terms.times.kept = 0,
		|terms| terms.times.notice = 0,
	];
	for change in changes {
		assert_eq!(with(change), Err(TermsError::NoTime));
	}
	assert_eq!(with(|terms| terms.times.appeal = terms.times.kept), Ok(()));
	assert_eq!(
		with(|terms| terms.times.appeal = terms.times.kept + 1),
		Err(TermsError::Kept)
	);
}

#[test]
fn shares_and_fines_are_no_more_than_there_is() {
	let shares = Shares {
		work: Perbill::from_percent(98),
		..Shares::of_compute()
	};
	let more = with(|terms| terms.shares = shares);
	assert_eq!(more, Err(TermsError::Shares(MarketError::MoreThanAll)));
	assert_eq!(with(|terms| terms.dissent = terms.stake), Ok(()));
	assert_eq!(with(|terms| terms.dissent = terms.stake + 1), Err(TermsError::Dissent));
}

/// A lazy triple gains three pays and loses three stakes: `a >= 3 / (3 + 3 S)`, 0.5 % for a stake of 200.
#[test]
fn a_lazy_triple_is_deterred_from_half_a_percent_on() {
	// 1 / 201 of a billion, rounded up.
	let least = Perbill::from_parts(4_975_125);
	assert_eq!(with(|terms| terms.recheck = least), Ok(()));
	assert_eq!(with(|terms| terms.audit = least), Ok(()));
	let less = Perbill::from_parts(4_975_124);
	assert_eq!(with(|terms| terms.recheck = less), Err(TermsError::LyingPays));
	assert_eq!(with(|terms| terms.audit = less), Err(TermsError::LyingPays));
}

/// `a R S / (1 - a)`: 2 % of 600 pays cover 12; 10 % of 200 cover 22, for 1.2 times the price.
#[test]
fn gains_are_covered_up_to_what_one_works_out_by_hand() {
	let terms = Terms::real();
	assert_eq!(terms.covers(Assurance::Quorum), 12);
	assert_eq!(terms.covers(Assurance::Strict), 20);
	assert_eq!(terms.covers(Assurance::Audit), 22);
	let all = Terms {
		audit: Perbill::one(),
		..terms
	};
	assert_eq!(all.covers(Assurance::Audit), u128::MAX, "who is always found out");
}

proptest! {
	/// Lying costs on average where the gain is covered, and pays above.
	#[test]
	fn who_gains_no_more_than_is_covered_loses(parts in 1..1_000_000_000_u32, stake in 0..100_000_u32, audit: bool) {
		let share = Perbill::from_parts(parts);
		let terms = Terms { recheck: share, audit: share, stake, dissent: 0, ..Terms::real() };
		let assurance = if audit { Assurance::Audit } else { Assurance::Quorum };
		let covers = terms.covers(assurance) as f64;
		let caught = f64::from(parts) / 1e9;
		let lost = f64::from(stake) * f64::from(assurance.replicas());
		let on_average = |gain: f64| (1.0 - caught) * gain - caught * lost;
		prop_assert!(on_average(covers) <= 1e-6 * (1.0 + lost));
		prop_assert!(on_average(covers + 1.0) > -1e-6 * (1.0 + lost));
	}
}
