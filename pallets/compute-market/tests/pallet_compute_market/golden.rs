//! What is kept, encoded as it was written down once, by another program.

use crate::chain::{self, Test};
use codec::{Decode, DecodeAll, Encode, MaxEncodedLen};
use compute_market_primitives::{
	Accepted, Assurance, Commitment, Kind, Outcome, PoolMember, Price, Reliability, Source,
};
use device_primitives::{DeviceId, NetworkGroup};
use frame_support::BoundedVec;
use market_primitives::Purse;
use pallet_compute_market::{
	Agreed, Board, Credited, Deadline, Job, Member, Phase, Purpose, RecentUnit, Replica, Stage, State, Turns, Unit,
	Waiting, Worker,
};
use sp_core::bytes::to_hex;

const WORKERS: &str = include_str!("../golden/workers.hex");
const JOB: &str = include_str!("../golden/job.hex");
const UNIT: &str = include_str!("../golden/unit.hex");
const REST: &str = include_str!("../golden/rest.hex");

#[track_caller]
fn same<T: Encode + Decode + PartialEq + core::fmt::Debug>(value: &T, golden: &str) {
	let encoded = value.encode();
	assert_eq!(to_hex(&encoded, false), golden.trim());
	assert_eq!(T::decode_all(&mut &encoded[..]).as_ref().ok(), Some(value));
}

fn outcome() -> Outcome {
	Outcome {
		kind: Kind::Trap(259),
		root: [6; 32],
		fuel: 1_000_000,
	}
}

#[test]
fn what_is_kept_of_workers_is_encoded_as_ever() {
	let device = DeviceId([2; 32]);
	let worker = Worker::<u64> {
		owner: 5,
		group: Some(NetworkGroup::V4([10, 0, 1])),
		offer: chain::offer(2),
		open: true,
		busy: 1,
		pools: 3,
		stake: 50_000,
		locked: 20_000,
		leaving: Some((7, 99)),
		tickets: 10,
		reliability: Reliability::default(),
		deposit: 1_000,
	};
	let member = Member::<u64> {
		work: PoolMember::new(device, Price(800), 500, 2),
		owner: 5,
		group: None,
		locked: 10_000,
		accepted: 4,
		has: 2,
		open: 3,
		checked: 1,
		earned: 304,
		withheld: 76,
		rests: true,
	};
	same(&(worker, member), WORKERS);
}

#[test]
fn what_is_kept_of_a_job_is_encoded_as_ever() {
	let mut spec = chain::spec(64);
	spec.source = Source::Deal(1);
	let job = Job::<u64> {
		owner: 5,
		purpose: Purpose::Appeal(3, 4, 6),
		spec,
		max_price: Price(1_000),
		assurance: Assurance::Quorum,
		stage: Stage::Pooling {
			attempt: 1,
			drawn: 4,
			looked: 3,
			met: 2,
		},
		since: 9,
		seed: [8; 32],
		time: 1_000,
		escrow: Purse::holding(4_500),
		promised: 2_400,
		paid: 400,
		deposit: 110,
		stake: 200_000,
		fine: 2_000,
		counts: true,
		calls_back: false,
		queued: true,
		short: Some(77),
		given_up: false,
		received: true,
		next: 11,
		open: 3,
		accepted: 5,
		undecided: 2,
		faulted: 1,
		checks: 4,
		cleared: 0,
		suspects: 7,
	};
	same(&job, JOB);
}

#[test]
fn what_is_kept_of_a_unit_is_encoded_as_ever() {
	let mut unit = Unit::new(3, 1, Some(outcome()));
	for (member, state) in (1..).zip([
		State::Working,
		State::Sealed(Commitment([3; 32])),
		State::Revealed(outcome()),
		State::Nothing,
		State::Fault,
	]) {
		let replica = Replica {
			member,
			since: 10,
			due: 40,
			copy: member == 1,
			spare: member == 2,
			state,
		};
		unit.replicas.try_push(replica).expect("there is room");
	}
	unit.phase = Phase::Revealing { until: 50, begun: true };
	same(&unit, UNIT);
}

#[test]
fn what_is_kept_besides_is_encoded_as_ever() {
	let agreed = Agreed {
		accepted: Accepted {
			outcome: outcome(),
			at: 60,
		},
		by: 7,
		asked: 31,
		undrawn: true,
		check: Some(12),
	};
	let board = Board {
		open: BoundedVec::truncate_from(vec![1, 2]),
		wanting: BoundedVec::truncate_from(vec![2]),
	};
	let turns = Turns {
		turn: 3,
		last: BoundedVec::truncate_from(vec![[1; 32], [2; 32]]),
	};
	let waiting = Waiting { job: 7, turn: 5 };
	let deadline = Deadline {
		job: 7,
		unit: 2,
		until: 88,
	};
	let recent = RecentUnit {
		job: 7,
		unit: 2,
		turn: 4,
	};
	let credited = Credited { units: 1 << 32, at: 9 };
	same(&(agreed, board, turns, waiting, deadline, recent, credited), REST);
}

/// A worker, a job without its pool, and a unit that three have are small.
#[test]
fn what_is_kept_is_bounded() {
	assert!(
		Worker::<u64>::max_encoded_len() < 200,
		"{}",
		Worker::<u64>::max_encoded_len()
	);
	assert!(Agreed::max_encoded_len() < 80, "{}", Agreed::max_encoded_len());
	assert!(Unit::max_encoded_len() < 1_500, "{}", Unit::max_encoded_len());
	type Pool = pallet_compute_market::PoolOf<<Test as frame_system::Config>::AccountId>;
	assert!(Pool::max_encoded_len() < 10_500, "{}", Pool::max_encoded_len());
}
