//! What a node tells of jobs and workers: encoded as it was written down once, and what follows of it.

use crate::workbench::{endpoint, offer, ran, spec, Device, PRICE};
use codec::{DecodeAll, Encode};
use compute_market_primitives::{
	Accepted, Assurance, JobStage, JobState, Reach, Reliability, Short, Times, UnitCounts, UnitStage, UnitState,
	WorkerState,
};
use device_primitives::Endpoint;
use sp_core::bytes::to_hex;

const ANSWERS: &str = include_str!("../golden/answers.hex");

const DEVICE: Device = [2; 32];

type Job = JobState<u64, Device, Endpoint>;
type Worker = WorkerState<u64, Device, Endpoint>;

fn reach() -> Reach<Device, Endpoint> {
	Reach {
		device: DEVICE,
		endpoints: vec![endpoint()],
	}
}

fn job(stage: JobStage, received: bool) -> Job {
	JobState {
		owner: 5,
		spec: spec(),
		max_price: PRICE,
		assurance: Assurance::Strict,
		stage,
		time: 1_700_000_000_000,
		seed: Some([7; 32]),
		escrow: 11,
		paid: 12,
		short: Some(Short { until: 13, missing: 14 }),
		received,
		checks: 15,
		units: UnitCounts {
			waiting: 16,
			in_flight: 17,
			accepted: 18,
			undecided: 19,
			faulted: 20,
		},
		pool: vec![reach()],
	}
}

fn worker() -> Worker {
	WorkerState {
		reach: reach(),
		owner: 5,
		offer: offer(),
		stake: 1_000,
		locked: 300,
		leaving: Some((200, 9)),
		reliability: Reliability::default(),
		rate: 21,
		tickets: 22,
	}
}

#[test]
fn what_a_node_tells_is_encoded_as_ever() {
	let unit = UnitState::<Device> {
		unit: 3,
		stage: UnitStage::Accepted,
		asked: 4,
		accepted: Some(Accepted {
			outcome: ran(5, 1_900_000_000),
			at: 5_000,
		}),
		checked: true,
		by: vec![DEVICE],
	};
	let all = (job(JobStage::Draining, true), worker(), unit);
	let encoded = all.encode();
	assert_eq!(to_hex(&encoded, false), ANSWERS.trim());
	let again = <(Job, Worker, UnitState<Device>)>::decode_all(&mut &encoded[..]);
	assert_eq!(again.as_ref(), Ok(&all));
}

/// Whose outputs are received is closed once nobody can appeal any more; others once outputs are kept no longer.
#[test]
fn a_job_that_was_received_closes_earlier() {
	let times = Times::real();
	assert!(times.appeal < times.kept);
	for stage in [JobStage::Done { at: 10 }, JobStage::Cancelled { at: 10 }] {
		assert_eq!(job(stage, false).closes(&times), Some(10 + times.kept));
		assert_eq!(job(stage, true).closes(&times), Some(10 + times.appeal));
	}
	for open in [JobStage::Pooling { since: 1 }, JobStage::Running, JobStage::Draining] {
		assert_eq!(job(open, true).closes(&times), None);
	}
}

#[test]
fn what_answers_or_leaves_is_not_free() {
	assert_eq!(worker().free_stake(), 500);
	let bound = Worker {
		locked: 900,
		..worker()
	};
	assert_eq!(bound.free_stake(), 0);
	let stays = Worker {
		leaving: None,
		..worker()
	};
	assert_eq!(stays.free_stake(), 700);
}
