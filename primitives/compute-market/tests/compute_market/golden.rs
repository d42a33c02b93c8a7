//! Encodings, hashes and draws as another program wrote them once. A change that is meant gets a migration, and a file
//! beside the old one.

use crate::workbench::{endpoint, offer, out_of_fuel, ran, spec, trapped, Device, PRICE};
use bounded_collections::BoundedVec;
use codec::{DecodeAll, Encode, MaxEncodedLen};
use compute_market_primitives::{
	jitter, job_seed, jury, pool, probers, recent, recheck, Accepted, Assignment, Assurance, Commit, Commitment,
	Decline, Input, JobStage, Outcome, OutputReport, PoolMember, Reliability, Reveal, Said, Salt, Source, Spec,
	TaskAccepted, Terms, UnitCommitment, UnitReveal, UnitStage,
};
use device_primitives::{Endpoint, Host, HostName, Transport};
use sp_core::bytes::{from_hex, to_hex};

const OUTCOMES: &str = include_str!("../golden/outcomes.hex");
const DIGESTS: &str = include_str!("../golden/digests.hex");
const SPECS: &str = include_str!("../golden/specs.hex");
const TERMS: &str = include_str!("../golden/terms.hex");
const SIGNED: &str = include_str!("../golden/signed.hex");
const DRAWS: &str = include_str!("../golden/draws.hex");
const WORKERS: &str = include_str!("../golden/workers.hex");
const STAGES: &str = include_str!("../golden/stages.hex");

const DEVICE: Device = [2; 32];

/// It is encoded as ever, read as ever, and no longer than it says.
#[track_caller]
fn same<T: Encode + DecodeAll + MaxEncodedLen + PartialEq + std::fmt::Debug>(value: &T, golden: &str) {
	assert_eq!(to_hex(&value.encode(), false), golden.trim());
	let bytes = from_hex(golden.trim()).expect("hexadecimal digits");
	assert_eq!(T::decode_all(&mut &bytes[..]).as_ref(), Ok(value));
	assert!(bytes.len() <= T::max_encoded_len());
}

fn outcomes() -> (Outcome, Outcome, Outcome) {
	(ran(5, 1_900_000_000), trapped(263, 77), out_of_fuel())
}

fn salt() -> Salt {
	core::array::from_fn(|i| i as u8)
}

fn commitment() -> Commitment {
	Commitment::of(&outcomes().0.digest(), &salt(), &DEVICE)
}

#[test]
fn outcomes_and_their_hashes_are_as_ever() {
	let all @ (ok, trap, out) = outcomes();
	same(&all, OUTCOMES);
	let hashes = [ok.digest().0, trap.digest().0, out.digest().0, commitment().0];
	assert_eq!(to_hex(&hashes.concat(), false), DIGESTS.trim());
}

#[test]
fn a_job_is_encoded_as_ever() {
	let named = Endpoint {
		transport: Transport::Quic,
		host: Host::Name(HostName::truncate_from(b"jobs.example".to_vec())),
		port: 4_431,
	};
	let served = Spec {
		source: Source::Client(BoundedVec::truncate_from(vec![endpoint(), named])),
		..spec()
	};
	let stored = Spec {
		input: Input::Number,
		source: Source::Deal(17),
		..spec()
	};
	let assurances = [Assurance::Quorum, Assurance::Strict, Assurance::Audit];
	same(&(served, stored, assurances), SPECS);
}

#[test]
fn what_is_governed_is_encoded_as_ever() {
	same(&Terms::real(), TERMS);
}

#[test]
fn what_keys_sign_is_as_ever() {
	let (job, genesis, at) = (7, [9_u8; 32], Assignment { unit: 3, since: 1_000 });
	let committed = UnitCommitment {
		at,
		said: Said::Committed(commitment()),
	};
	let fault = UnitCommitment {
		at: Assignment { unit: 4, since: 1_001 },
		said: Said::Fault,
	};
	let commit = Commit {
		device: DEVICE,
		job,
		units: BoundedVec::truncate_from(vec![committed, fault]),
	};
	let revealed = UnitReveal {
		at,
		outcome: outcomes().0,
		salt: salt(),
	};
	let reveal = Reveal {
		job,
		place: 2,
		units: BoundedVec::truncate_from(vec![revealed]),
	};
	let decline = Decline {
		device: DEVICE,
		job,
		units: BoundedVec::truncate_from(vec![at]),
	};
	let report = |served| OutputReport {
		prober: [1_u8; 32],
		job,
		unit: 3,
		disputed: 2_000,
		served,
	};
	let all = [
		commit.payload(&genesis),
		reveal.encode(),
		decline.payload(&genesis),
		report(Some(DEVICE)).payload(&genesis),
		report(None).payload(&genesis),
	];
	assert_eq!(to_hex(&all.concat(), false), SIGNED.trim());
}

#[test]
fn what_the_beacon_draws_is_as_ever() {
	let randomness = core::array::from_fn(|i| i as u8);
	let pool = pool(&randomness, 7, 2);
	let mut stream = jitter(&randomness, 1_000_000);
	let seeds = [
		*pool.seed(),
		job_seed(&randomness, 7),
		*recheck(&randomness, 7, 3).seed(),
		*jury(&randomness, 7, 3).seed(),
		*probers(&randomness, 7, 3).seed(),
		*recent(&randomness, 1_000_000).seed(),
	];
	let numbers: Vec<u8> = (0..5).flat_map(|_| stream.next_u64().to_le_bytes()).collect();
	let below = [0, 1].map(|number| pool.below(number, 12_345).to_le_bytes());
	let all = [seeds.concat(), numbers, below.concat()];
	assert_eq!(to_hex(&all.concat(), false), DRAWS.trim());
}

#[test]
fn what_is_kept_of_workers_is_as_ever() {
	let mut reliability = Reliability::default();
	for compared in [true, false, true] {
		reliability.was_right(compared);
	}
	let _ = reliability.was_wrong();
	reliability.was_late();
	let mut member = PoolMember::new(DEVICE, PRICE, 1_000, 2);
	(0..21).for_each(|_| member.take());
	(0..17).for_each(|_| member.said());
	member.was_late();
	assert!(member.decline() && member.decline(), "two of twenty-one");
	same(&(offer(), reliability, member), WORKERS);
}

#[test]
fn where_jobs_and_units_stand_is_as_ever() {
	let accepted = Accepted {
		outcome: outcomes().0,
		at: 5_000,
	};
	let [one, any] = [Some([5; 32]), None].map(|root| TaskAccepted { job: 7, unit: 3, root });
	let jobs = [
		JobStage::Pooling { since: 5 },
		JobStage::Running,
		JobStage::Draining,
		JobStage::Done { at: 6 },
		JobStage::Starved { at: 7 },
		JobStage::Cancelled { at: 8 },
	];
	let units = [
		UnitStage::Waiting,
		UnitStage::Dispatched { due: 5 },
		UnitStage::Revealing { until: 6 },
		UnitStage::Accepted,
		UnitStage::Faulted,
		UnitStage::Undecided,
	];
	same(&(accepted, one, any, jobs, units), STAGES);
}

/// What a condition of a payment says has room for 64 bytes, a member for 100.
#[test]
fn what_is_kept_is_small() {
	assert!(TaskAccepted::max_encoded_len() <= 64);
	assert!(PoolMember::<Device>::max_encoded_len() <= 100);
	assert!(Reliability::max_encoded_len() <= 32);
	assert!(Spec::max_encoded_len() <= 256, "{}", Spec::max_encoded_len());
}
