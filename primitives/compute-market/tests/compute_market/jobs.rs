//! Which jobs and offers there can be, and where they stand.

use crate::workbench::{endpoint, offer, spec};
use bounded_collections::BoundedVec;
use compute_market_primitives::{
	Assurance, Input, JobError, JobStage, Program, Source, Spec, UnitStage, WorkOffer, MAX_FUEL, MAX_MEMORY_PAGES,
	MAX_PROGRAM_BYTES, MAX_SLOTS, MAX_UNITS,
};
use device_primitives::Endpoint;
use quorum_primitives::{QUORUM, SINGLE, STRICT};

const LARGEST_BUNDLE: u64 = 64 << 30;

fn with_program(length: u32) -> Spec {
	Spec {
		program: Program { root: [7; 32], length },
		..spec()
	}
}

fn with_bundle(length: u64) -> Spec {
	Spec {
		input: Input::Bundle { root: [8; 32], length },
		..spec()
	}
}

fn with_endpoints(endpoints: Vec<Endpoint>) -> Spec {
	Spec {
		source: Source::Client(BoundedVec::truncate_from(endpoints)),
		..spec()
	}
}

#[test]
fn the_largest_job_is_one() {
	let largest = Spec {
		units: MAX_UNITS,
		fuel_limit: MAX_FUEL,
		memory_pages: MAX_MEMORY_PAGES,
		..with_program(MAX_PROGRAM_BYTES)
	};
	assert_eq!(largest.check(), Ok(()));
	assert_eq!(with_bundle(LARGEST_BUNDLE).check(), Ok(()));
	let smallest = Spec {
		units: 1,
		fuel_limit: 1,
		memory_pages: 1,
		input: Input::Number,
		source: Source::Deal(1),
		..with_program(8)
	};
	assert_eq!(smallest.check(), Ok(()));
}

#[test]
fn each_bound_of_a_job_is_kept() {
	for length in [0, 7, MAX_PROGRAM_BYTES + 1] {
		assert_eq!(with_program(length).check(), Err(JobError::ProgramTooLarge));
	}
	for units in [0, MAX_UNITS + 1] {
		assert_eq!(Spec { units, ..spec() }.check(), Err(JobError::TooManyUnits));
	}
	for fuel_limit in [0, MAX_FUEL + 1] {
		assert_eq!(Spec { fuel_limit, ..spec() }.check(), Err(JobError::BadLimits));
	}
	for memory_pages in [0, MAX_MEMORY_PAGES + 1] {
		assert_eq!(Spec { memory_pages, ..spec() }.check(), Err(JobError::BadLimits));
	}
	for length in [0, LARGEST_BUNDLE + 1] {
		assert_eq!(with_bundle(length).check(), Err(JobError::BadInput));
	}
	assert_eq!(with_endpoints(vec![]).check(), Err(JobError::BadSource));
	let nowhere = Endpoint { port: 0, ..endpoint() };
	assert_eq!(
		with_endpoints(vec![endpoint(), nowhere]).check(),
		Err(JobError::BadSource)
	);
	assert_eq!(with_endpoints(vec![endpoint(), endpoint()]).check(), Ok(()));
}

#[test]
fn each_bound_of_an_offer_is_kept() {
	assert_eq!(offer().check(), Ok(()));
	let with = |engines: Vec<u32>| WorkOffer {
		engines: BoundedVec::truncate_from(engines),
		..offer()
	};
	assert_eq!(with(vec![1, 2, 3, 4]).check(), Ok(()));
	assert_eq!(with(vec![]).check(), Err(JobError::BadOffer));
	assert_eq!(with(vec![1, 2, 1]).check(), Err(JobError::BadOffer));
	for slots in [0, MAX_SLOTS + 1] {
		assert_eq!(WorkOffer { slots, ..offer() }.check(), Err(JobError::BadOffer));
	}
	for memory_pages in [0, MAX_MEMORY_PAGES + 1] {
		assert_eq!(
			WorkOffer {
				memory_pages,
				..offer()
			}
			.check(),
			Err(JobError::BadOffer)
		);
	}
}

#[test]
fn each_assurance_has_its_rule() {
	use Assurance::{Audit, Quorum, Strict};
	assert_eq!([Quorum, Strict, Audit].map(Assurance::rule), [QUORUM, STRICT, SINGLE]);
	assert_eq!([Quorum, Strict, Audit].map(Assurance::replicas), [3, 5, 1]);
	assert_eq!([Quorum, Strict, Audit].map(Assurance::recheck_rule), [QUORUM; 3]);
	assert_eq!([Quorum, Strict, Audit].map(Assurance::least_pool), [3, 5, 3]);
}

#[test]
fn a_job_closes_once_its_outputs_are_kept_no_longer() {
	assert_eq!(JobStage::Done { at: 10 }.closes(100), Some(110));
	assert_eq!(JobStage::Cancelled { at: 10 }.closes(100), Some(110));
	assert_eq!(JobStage::Done { at: u32::MAX }.closes(100), Some(u32::MAX));
	assert_eq!(JobStage::Starved { at: 10 }.closes(100), Some(10), "it has none");
	for open in [JobStage::Pooling { since: 1 }, JobStage::Running, JobStage::Draining] {
		assert!(open.is_open() && open.closes(100).is_none());
	}
	for over in [
		JobStage::Done { at: 1 },
		JobStage::Starved { at: 1 },
		JobStage::Cancelled { at: 1 },
	] {
		assert!(!over.is_open());
	}
}

#[test]
fn units_that_are_decided_say_so() {
	let open = [
		UnitStage::Waiting,
		UnitStage::Dispatched { due: 1 },
		UnitStage::Revealing { until: 1 },
	];
	assert!(open.iter().all(|unit| !unit.is_decided()));
	let over = [UnitStage::Accepted, UnitStage::Faulted, UnitStage::Undecided];
	assert!(over.iter().all(UnitStage::is_decided));
}

/// An error says what is wrong and what to do, and no two say the same.
#[test]
fn errors_differ() {
	use JobError::*;
	let all = [
		NoSuchEngine,
		ProgramTooLarge,
		TooManyUnits,
		BadLimits,
		BadInput,
		BadSource,
		BadOffer,
		EscrowTooSmall,
		PriceAboveMax,
		StakeTooSmall,
		NotAssigned,
		TooLate,
		TooEarly,
		BadOutcome,
		CommitmentMismatch,
		AlreadyRevealed,
		NotDisputable,
		DepositTooSmall,
		QueueFull,
	];
	let said: std::collections::BTreeSet<_> = all.iter().map(ToString::to_string).collect();
	assert_eq!(said.len(), all.len());
}
