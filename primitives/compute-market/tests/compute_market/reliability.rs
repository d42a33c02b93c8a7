//! What a worker's past says of it.

use compute_market_primitives::{Penalty, Reliability, CLEAN_UNITS, MEMORY};
use proptest::{collection::vec, prelude::*};
use sp_arithmetic::Perbill;

fn after(right: u32) -> Reliability {
	let mut reliability = Reliability::default();
	(0..right).for_each(|_| reliability.was_right(true));
	reliability
}

proptest! {
	/// Whatever comes: shares are shares, and a wrong unit is never without a price.
	#[test]
	fn what_is_kept_stays_in_its_range(steps in vec(0_u8..4, 0..400)) {
		let mut reliability = Reliability::default();
		let mut last_wrong = None;
		for (at, step) in steps.into_iter().enumerate() {
			let before = reliability;
			match step {
				0 => reliability.was_right(true),
				1 => reliability.was_right(false),
				2 => reliability.was_late(),
				_ => {
					let penalty = reliability.was_wrong();
					let first = last_wrong.is_none();
					prop_assert_eq!(penalty == Penalty::Small, first);
					prop_assert!(reliability.error > before.error || before.error == Perbill::one());
					prop_assert!(!reliability.may_work_alone());
					last_wrong = Some(at);
				}
			}
			prop_assert!(reliability.clean <= CLEAN_UNITS && reliability.since_wrong <= MEMORY);
			if step < 2 {
				prop_assert!(reliability.error < before.error || before.error.is_zero());
			}
		}
	}
}

/// A bad memory cell once in ten thousand units costs little, each time.
#[test]
fn a_dissent_is_forgotten_after_ten_thousand_units() {
	let mut reliability = after(3);
	assert_eq!(reliability.was_wrong(), Penalty::Small, "the first one");
	(0..MEMORY - 1).for_each(|_| reliability.was_right(false));
	let mut early = reliability;
	assert_eq!(early.was_wrong(), Penalty::Stake);
	reliability.was_right(false);
	assert_eq!(reliability.was_wrong(), Penalty::Small);
	assert_eq!(reliability.was_wrong(), Penalty::Stake);
	assert_eq!((reliability.right, reliability.wrong), (3 + MEMORY, 3));
}

#[test]
fn who_works_alone_has_a_hundred_clean_units() {
	assert!(!Reliability::default().may_work_alone());
	assert!(!after(99).may_work_alone());
	let mut known = after(100);
	assert!(known.may_work_alone());
	let _ = known.was_wrong();
	(0..99).for_each(|_| known.was_right(true));
	assert!(!known.may_work_alone());
	known.was_right(true);
	assert!(known.may_work_alone());
}

#[test]
fn units_that_nobody_compared_are_no_sign_of_being_right() {
	let mut alone = Reliability::default();
	(0..1_000).for_each(|_| alone.was_right(false));
	assert!(!alone.may_work_alone());
	assert_eq!(alone.clean, 0);
}

/// Starts at a tenth, 14 right units bring it below a twentieth, and after each wrong one it is a twentieth more.
#[test]
fn the_error_moves_as_it_should() {
	assert_eq!(Reliability::default().error, Perbill::from_percent(10));
	assert!(after(13).error > Perbill::from_percent(5));
	assert!(after(14).error < Perbill::from_percent(5));
	assert_eq!(after(1).error, Perbill::from_parts(95_000_000));
	let mut wrong = after(1);
	let _ = wrong.was_wrong();
	assert_eq!(wrong.error, Perbill::from_parts(145_000_000));
	(0..40).for_each(|_| {
		let _ = wrong.was_wrong();
	});
	assert_eq!(wrong.error, Perbill::one());
}

/// Clean units are not all: an error of 5 % or more is in the way, and one that was high takes its time.
#[test]
fn a_worker_that_is_often_wrong_does_not_work_alone() {
	let known = after(100);
	let worse = Reliability {
		error: Perbill::from_percent(5),
		..known
	};
	assert!(known.may_work_alone() && !worse.may_work_alone());
	let mut worst = Reliability::default();
	(0..40).for_each(|_| {
		let _ = worst.was_wrong();
	});
	(0..58).for_each(|_| worst.was_right(true));
	assert!(worst.error > Perbill::from_percent(5), "after nearly sixty right units");
}
