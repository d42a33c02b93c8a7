//! What workers agree on, and how they commit themselves to it.

use crate::workbench::{out_of_fuel, ran, trapped, LIMIT};
use codec::Encode;
use compute_market_primitives::{Accepted, Commitment, JobError, Kind, Outcome, TaskAccepted, NO_OUTPUT};
use proptest::prelude::*;

const SALT: [u8; 16] = [3; 16];

fn some_outcome() -> impl Strategy<Value = Outcome> {
	let kind = prop_oneof![Just(Kind::Ok), any::<u16>().prop_map(Kind::Trap), Just(Kind::OutOfFuel)];
	let root = prop_oneof![Just(NO_OUTPUT), any::<[u8; 32]>()];
	(kind, root, any::<u64>()).prop_map(|(kind, root, fuel)| Outcome { kind, root, fuel })
}

proptest! {
	/// How it ended and what it burned are agreed on like what it wrote.
	#[test]
	fn digests_are_equal_if_outcomes_are(one in some_outcome(), other in some_outcome()) {
		prop_assert_eq!(one.digest() == other.digest(), one == other);
		let more = Outcome { fuel: one.fuel ^ 1, ..one };
		prop_assert_ne!(one.digest(), more.digest());
	}

	#[test]
	fn what_opens_a_commitment_was_committed_to(
		outcome in some_outcome(),
		other in some_outcome(),
		salts: ([u8; 16], [u8; 16]),
		devices: (u64, u64),
		limit: u64,
	) {
		let commitment = Commitment::of(&outcome.digest(), &salts.0, &devices.0);
		let opened = commitment.open(&outcome, &salts.0, &devices.0, limit);
		match outcome.check(limit) {
			Ok(()) => prop_assert_eq!(opened, Ok(outcome.digest())),
			Err(error) => prop_assert_eq!(opened, Err(error)),
		}
		let same = (outcome, salts.0, devices.0) == (other, salts.1, devices.1);
		let opens = commitment.open(&other, &salts.1, &devices.1, limit).is_ok();
		prop_assert_eq!(opens, same && other.check(limit).is_ok());
	}
}

#[test]
fn only_what_ran_through_has_an_output_and_nothing_burns_more_than_its_limit() {
	assert_eq!(ran(5, LIMIT).check(LIMIT), Ok(()));
	assert_eq!(ran(5, LIMIT + 1).check(LIMIT), Err(JobError::BadOutcome));
	assert_eq!(trapped(256, 0).check(LIMIT), Ok(()));
	assert_eq!(trapped(256, LIMIT + 1).check(LIMIT), Err(JobError::BadOutcome));
	assert_eq!(trapped(0, 0).check(LIMIT), Err(JobError::BadOutcome), "no code is 0");
	assert_eq!(out_of_fuel().check(LIMIT), Ok(()));
	for fuel in [0, LIMIT - 1, LIMIT + 1] {
		let outcome = Outcome { fuel, ..out_of_fuel() };
		assert_eq!(outcome.check(LIMIT), Err(JobError::BadOutcome));
	}
	for outcome in [trapped(256, 0), out_of_fuel()] {
		let with_output = Outcome {
			root: [5; 32],
			..outcome
		};
		assert_eq!(with_output.check(LIMIT), Err(JobError::BadOutcome));
	}
}

#[test]
fn each_part_of_a_commitment_counts() {
	let (outcome, device) = (ran(5, 10), [2_u8; 32]);
	let commitment = Commitment::of(&outcome.digest(), &SALT, &device);
	assert_eq!(commitment.open(&outcome, &SALT, &device, LIMIT), Ok(outcome.digest()));
	for (other, salt, who) in [
		(ran(6, 10), SALT, device),
		(ran(5, 11), SALT, device),
		(outcome, [4; 16], device),
		(outcome, SALT, [3; 32]),
	] {
		let opened = commitment.open(&other, &salt, &who, LIMIT);
		assert_eq!(opened, Err(JobError::CommitmentMismatch));
	}
}

#[test]
fn a_task_is_accepted_once_it_cannot_be_appealed() {
	let accepted = Accepted {
		outcome: ran(5, 10),
		at: 1_000,
	};
	let task = TaskAccepted {
		job: 7,
		unit: 3,
		root: Some([5; 32]),
	};
	assert!(task.holds(&accepted, false, 2_201, 1_200));
	assert!(!task.holds(&accepted, false, 2_200, 1_200), "it may be appealed");
	assert!(!task.holds(&accepted, true, 2_201, 1_200), "it was");
	assert!(!TaskAccepted {
		root: Some([6; 32]),
		..task
	}
	.holds(&accepted, false, 2_201, 1_200));
	let any = TaskAccepted { root: None, ..task };
	assert!(any.holds(&accepted, false, 2_201, 1_200));
	let failed = Accepted {
		outcome: trapped(256, 10),
		at: 1_000,
	};
	assert!(!any.holds(&failed, false, 2_201, 1_200), "nothing was computed");
	assert!(!any.holds(
		&Accepted {
			at: u32::MAX,
			..accepted
		},
		false,
		u32::MAX,
		1_200
	));
	assert_eq!(task.encode().len(), 45);
}
