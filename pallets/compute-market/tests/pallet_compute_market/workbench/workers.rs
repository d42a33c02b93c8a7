//! Devices that compute, or do otherwise.

use crate::chain::*;
use compute_market_primitives::{
	Assignment, Commit, Commitment, Decline, JobId, Kind, Outcome, OutputReport, Reveal, Said, Salt, Task, UnitAt,
	UnitCommitment, UnitReveal, What, NO_OUTPUT,
};
use core::cell::RefCell;
use frame_support::BoundedVec;
use pallet_compute_market::Call;
use sp_core::Pair;
use sp_runtime::transaction_validity::TransactionValidityError;
use std::collections::BTreeMap;

/// What a device does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduct {
	/// What it is for.
	Honest,
	/// It says what all of this number say.
	Lies(u8),
	/// The same, once so many units were accepted as it had them.
	LiesAfter(u8, u32),
	/// Nothing.
	Silent,
	/// It commits itself, and reveals nothing.
	Hides,
	/// It says that it burned more.
	Inflates,
	/// It runs another engine.
	Skews,
	/// Its machine can run nothing.
	Faults,
	/// It hands all back.
	Declines,
	/// It does nothing for this many ticks, and then what it is for.
	Slow(u32),
	/// It computes, and says of others' outputs that they are missing.
	Slanders,
}

thread_local! {
	static CONDUCT: RefCell<BTreeMap<u8, Conduct>> = const { RefCell::new(BTreeMap::new()) };
	/// What devices have committed themselves to.
	static SEALED: RefCell<BTreeMap<(u8, JobId, Assignment), Outcome>> = const { RefCell::new(BTreeMap::new()) };
	/// What fuel units take.
	static FUEL: RefCell<u64> = const { RefCell::new(LIMIT / 2) };
	/// Whose outputs are served.
	static SERVED: RefCell<bool> = const { RefCell::new(true) };
}

pub fn forget() {
	CONDUCT.set(BTreeMap::new());
	SEALED.set(BTreeMap::new());
	FUEL.set(LIMIT / 2);
	SERVED.set(true);
}

/// Units take so much fuel.
pub fn burns(fuel: u64) {
	FUEL.set(fuel);
}

/// From now on a device does this.
pub fn conduct(number: u8, does: Conduct) {
	CONDUCT.with_borrow_mut(|all| all.insert(number, does));
}

/// Whether outputs are served.
pub fn serve(served: bool) {
	SERVED.set(served);
}

fn of(number: u8) -> Conduct {
	CONDUCT.with_borrow(|all| all.get(&number).copied().unwrap_or(Conduct::Honest))
}

/// What comes of a unit.
pub fn truth(job: JobId, unit: UnitAt) -> Outcome {
	Outcome {
		kind: Kind::Ok,
		root: sp_io::hashing::blake2_256(&[job.to_le_bytes().to_vec(), unit.to_le_bytes().to_vec()].concat()),
		fuel: FUEL.with_borrow(|fuel| *fuel),
	}
}

/// What liars of a number say.
pub fn lie(job: JobId, unit: UnitAt, who: u8) -> Outcome {
	Outcome {
		root: [who; 32],
		..truth(job, unit)
	}
}

/// What comes of a unit by another engine, on all machines that have it: other bytes for less, or more than the limit.
pub fn skewed(job: JobId, unit: UnitAt) -> Outcome {
	let (kind, root, fuel) = match unit % 2 {
		0 => (Kind::Ok, lie(job, unit, u8::MAX).root, LIMIT / 4),
		_ => (Kind::OutOfFuel, NO_OUTPUT, LIMIT),
	};
	Outcome { kind, root, fuel }
}

/// What a device says comes of a unit.
fn says(number: u8, job: JobId, unit: UnitAt) -> Outcome {
	let right = || {
		let worker = pallet_compute_market::Workers::<Test>::get(device(number));
		worker.map_or(0, |worker| worker.reliability.right)
	};
	match of(number) {
		Conduct::Lies(who) => lie(job, unit, who),
		Conduct::LiesAfter(who, units) if right() >= units => lie(job, unit, who),
		Conduct::Skews => skewed(job, unit),
		Conduct::Inflates => Outcome {
			fuel: LIMIT,
			..truth(job, unit)
		},
		_ => truth(job, unit),
	}
}

fn salt(number: u8, at: Assignment) -> Salt {
	let mut salt = [number; 16];
	salt[..4].copy_from_slice(&at.unit.to_le_bytes());
	salt
}

/// What a device commits itself by.
pub fn sealed(number: u8, job: JobId, at: Assignment) -> UnitCommitment {
	let said = match of(number) {
		Conduct::Faults => Said::Fault,
		_ => {
			let outcome = says(number, job, at.unit);
			SEALED.with_borrow_mut(|sealed| sealed.insert((number, job, at), outcome));
			Said::Committed(Commitment::of(&outcome.digest(), &salt(number, at), &device(number)))
		}
	};
	UnitCommitment { at, said }
}

/// What it reveals: what it has committed itself to, whatever it does by now.
pub fn opened(number: u8, job: JobId, at: Assignment) -> UnitReveal {
	let sealed = SEALED.with_borrow(|sealed| sealed.get(&(number, job, at)).copied());
	UnitReveal {
		at,
		outcome: sealed.unwrap_or_else(|| says(number, job, at.unit)),
		salt: salt(number, at),
	}
}

pub fn commit_call(number: u8, job: JobId, units: Vec<UnitCommitment>) -> Call<Test> {
	let commit = Commit {
		device: device(number),
		job,
		units: BoundedVec::truncate_from(units),
	};
	let signature = key(number).sign(&commit.payload(&genesis()));
	Call::commit { commit, signature }
}

/// What the member at a place of a pool reveals.
pub fn shown_at(job: JobId, place: u8, units: Vec<UnitReveal>) -> Call<Test> {
	let units = BoundedVec::truncate_from(units);
	let reveal = Reveal { job, place, units };
	Call::reveal { reveal }
}

/// Where a device is in the pool of those who have a unit.
fn place_of(number: u8, job: JobId, unit: UnitAt) -> u8 {
	let check = || pallet_compute_market::Results::<Test>::get(job, unit)?.check;
	let is_out = pallet_compute_market::Units::<Test>::contains_key(job, unit);
	let pool = if is_out { Some(job) } else { check() };
	let place = pool.and_then(|pool| pallet_compute_market::Memberships::<Test>::get(device(number), pool));
	place.unwrap_or(u8::MAX)
}

pub fn reveal_call(number: u8, job: JobId, units: Vec<UnitReveal>) -> Call<Test> {
	let place = units
		.first()
		.map_or(u8::MAX, |shown| place_of(number, job, shown.at.unit));
	shown_at(job, place, units)
}

pub fn decline_call(number: u8, job: JobId, units: Vec<Assignment>) -> Call<Test> {
	let decline = Decline {
		device: device(number),
		job,
		units: BoundedVec::truncate_from(units),
	};
	let signature = key(number).sign(&decline.payload(&genesis()));
	Call::decline { decline, signature }
}

pub fn report_call(number: u8, job: JobId, unit: UnitAt, disputed: u32, served: bool) -> Call<Test> {
	let report = OutputReport {
		prober: device(number),
		job,
		unit,
		disputed,
		served: served.then(|| device(1)),
	};
	let signature = key(number).sign(&report.payload(&genesis()));
	Call::report_output { report, signature }
}

pub fn tasks(number: u8) -> Vec<Task> {
	ComputeMarket::tasks_of(device(number))
}

/// Units that a device has to run.
pub fn to_run(number: u8) -> Vec<(JobId, Assignment)> {
	let run = |task: &Task| matches!(task.what, What::Run { .. });
	tasks(number)
		.into_iter()
		.filter(run)
		.map(|task| (task.job, task.at))
		.collect()
}

/// By job, or by job and place, in the order of units, so many at a time as one message names.
fn batches<Of: Copy + Ord, T: Clone>(all: Vec<(Of, UnitAt, T)>) -> Vec<(Of, Vec<T>)> {
	let mut jobs = BTreeMap::<Of, BTreeMap<UnitAt, T>>::new();
	for (job, unit, what) in all {
		jobs.entry(job).or_default().insert(unit, what);
	}
	let of = |(job, units): (Of, BTreeMap<UnitAt, T>)| {
		let units: Vec<T> = units.into_values().collect();
		let parts: Vec<_> = units.chunks(32).map(|part| (job, part.to_vec())).collect();
		parts
	};
	jobs.into_iter().flat_map(of).collect()
}

/// What a device sends in a block.
pub fn act_as(number: u8) -> Result<(), TransactionValidityError> {
	let (mut run, mut reveal, mut decline) = (Vec::new(), Vec::new(), Vec::new());
	let does = of(number);
	for task in tasks(number) {
		let (job, at) = (task.job, task.at);
		match (task.what, does) {
			(_, Conduct::Silent) => {}
			(What::Run { .. }, Conduct::Declines) => decline.push((job, at.unit, at)),
			(What::Run { .. }, Conduct::Slow(ticks)) if Now::get() < at.since + ticks => {}
			(What::Run { .. }, _) => run.push((job, at.unit, sealed(number, job, at))),
			(What::Reveal { .. }, Conduct::Hides) => {}
			(What::Reveal { .. }, _) => reveal.push(((job, task.place), at.unit, opened(number, job, at))),
			(What::Fetch { disputed, .. }, _) => {
				let served = SERVED.with_borrow(|served| *served) && does != Conduct::Slanders;
				apply(report_call(number, job, at.unit, disputed, served))?;
			}
			(What::Wait, _) => {}
		}
	}
	for (job, units) in batches(run) {
		apply(commit_call(number, job, units))?;
	}
	for ((job, place), units) in batches(reveal) {
		apply(shown_at(job, place, units))?;
	}
	for (job, units) in batches(decline) {
		apply(decline_call(number, job, units))?;
	}
	Ok(())
}

/// All devices do what they are for.
pub fn act() {
	for number in 1..=150 {
		if pallet_compute_market::Workers::<Test>::contains_key(device(number)) {
			let sent = act_as(number);
			let full = sp_runtime::transaction_validity::InvalidTransaction::ExhaustsResources;
			assert!(
				sent.is_ok() || sent == Err(full.into()),
				"{number} can not send: {sent:?}"
			);
		}
	}
}
