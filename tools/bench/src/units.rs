//! What the compute market costs each block with a hundred thousand units of jobs that nobody has finished, for
//! `scripts/bench compute`, whose own program is another crate: rows of its table, a line each.
//!
//! Blocks without transactions are executed by the runtime's Wasm over a state in memory, the root of the state
//! included; the same blocks of a chain without jobs are taken off, one by one. Workers and jobs come about by the
//! pallet's own calls, pools by its beacon. There are three windows of blocks, one after the other, each of which has
//! to show by its events that what it is for goes on in it:
//!
//! - units are given out, to as many as one block can;
//! - units are settled: between two blocks all who have them seal what they have, of as many units as a block gives
//!   out, those that are due first, and show what they have sealed before. What messages weigh is no part of hooks;
//! - nobody says anything any more: workers are late, and others get their units.

use crate::{
	issuance::machine::Machine,
	progress::Progress,
	proofs::chain::register,
	report::{self, Row},
};
use codec::{Compact, Decode, Encode};
use compute_market_primitives::{
	Assignment, Assurance, Commit, Commitment, Input, JobId, Kind, Outcome, Price, Program, Reveal, Said, Salt, Source,
	Spec, UnitAt, UnitCommitment, UnitReveal, WorkOffer, MAX_MEMORY_PAGES, MAX_PICKS, MAX_POOL, MAX_UNITS,
};
use device_primitives::{DeviceId, Endpoint, Host, Transport};
use frame_support::{traits::fungible::Mutate, BoundedVec};
use frame_system::RawOrigin;
use pallet_compute_market::{Boards, Event, Pallet, Phase, Pools, State, Unit, Units};
use pallet_resource_proofs::{ComputeEntry, Entries, Entry};
use proof_lottery_primitives::{Claim, Credit, Kept};
use smartchain_runtime::{constants::currency::UNITS, AccountId, Balances, Runtime, RuntimeEvent, System};
use smartchain_tests::{ensure, Error, Result};
use sp_core::sr25519;
use sp_io::hashing::blake2_256;
use sp_runtime::DispatchError;
use std::{process::ExitCode, time::Duration};

/// The first argument of the program that makes it measure this.
pub const OF_UNITS: &str = "units";
/// The first slot of blocks.
const SLOT: u64 = 2_400_000_000;
/// What a Gfuel costs, in planck: so much that work counts.
const ASK: Price = Price(100_000_000);
/// What a unit may burn: so little that who does nothing is late soon.
const FUEL: u64 = 1_000_000;
/// What hides all that is sealed.
const SALT: Salt = [7; 16];
/// Units that are settled in a block: as many as one gives out to three workers each.
const SETTLED: usize = (MAX_PICKS / 3) as usize;
/// Blocks until somebody is late, at most.
const PATIENCE: u32 = 400;
/// What everybody has.
const MONEY: u128 = 1_000_000 * UNITS;
/// What each worker may lose.
const STAKE: u128 = 100_000 * UNITS;
/// Blocks until pools are drawn: they wait for two turns.
const WARM: u32 = 40;

fn seed(what: &str, number: u32) -> [u8; 32] {
	(what, number).using_encoded(blake2_256)
}

fn failed(what: &'static str) -> impl Fn(DispatchError) -> Error {
	move |error| Error::new(format!("{what}: {error:?}"))
}

/// What is kept of a claim that has shown as much as one can, by how an estimator is encoded.
fn proven() -> Result<Kept> {
	let (none, slot) = (Compact(0_u32), SLOT);
	let credit = Compact(Credit::of(u32::MAX).0);
	let estimator = (
		none,
		None::<Claim>,
		Compact(0_u64),
		Compact(slot),
		credit,
		none,
		none,
		none,
	);
	Ok(Kept::decode(&mut &(1_u8, estimator).encode()[..])?)
}

/// A device that computes, of an owner of its own.
fn worker(number: u32) -> Result<()> {
	let (device, owner) = (DeviceId(seed("device", number)), AccountId::new(seed("owner", number)));
	register(device, &owner, sr25519::Public::from_raw(seed("lottery", number)));
	Balances::mint_into(&owner, MONEY).map_err(failed("an owner has no account"))?;
	let mut entry = Entry::new(owner.clone());
	entry.compute = Some(ComputeEntry {
		deposit: 0,
		kept: proven()?,
		window: 0,
		announced: BoundedVec::new(),
		pending: 0,
	});
	Entries::<Runtime>::insert(device, entry);
	let offer = WorkOffer {
		ask: ASK,
		engines: BoundedVec::truncate_from(vec![1]),
		slots: 1_024,
		memory_pages: MAX_MEMORY_PAGES,
	};
	let origin = || RawOrigin::Signed(owner.clone()).into();
	Pallet::<Runtime>::set_worker(origin(), device, Some(offer)).map_err(failed("a worker is not set"))?;
	Pallet::<Runtime>::add_stake(origin(), device, STAKE).map_err(failed("a stake is not added"))
}

/// A job of as many units as one can have.
fn job(number: u32) -> Result<()> {
	let customer = AccountId::new(seed("customer", number));
	Balances::mint_into(&customer, MONEY).map_err(failed("a customer has no account"))?;
	let spec = Spec {
		engine: 1,
		program: Program {
			root: seed("program", number),
			length: 1_000,
		},
		input: Input::Number,
		source: Source::Client(BoundedVec::truncate_from(vec![Endpoint {
			transport: Transport::Tcp,
			host: Host::V4([10, 0, 0, 1]),
			port: 9_000,
		}])),
		units: MAX_UNITS,
		fuel_limit: FUEL,
		memory_pages: 16,
	};
	let origin = RawOrigin::Signed(customer).into();
	let ordered = Pallet::<Runtime>::submit_job(origin, spec, ASK, Assurance::Quorum);
	ordered.map_err(failed("a job is not submitted"))
}

/// A chain with so many jobs, or none.
fn world(jobs: u32) -> Result<Machine> {
	let mut machine = Machine::new(SLOT)?;
	machine.grow(1)?;
	if jobs > 0 {
		machine.prepare(|| (0..MAX_POOL).try_for_each(worker))?;
	}
	for number in 0..jobs {
		machine.prepare(|| job(number))?;
	}
	Ok(machine)
}

/// What goes on in blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
	/// Units are given out.
	GivenOut,
	/// Those of so many jobs are settled.
	Settled(u32),
	/// Workers are late.
	Late,
}

impl Doing {
	/// Whether an event says so.
	fn shows(self, event: &Event<Runtime>) -> bool {
		match self {
			Self::GivenOut => matches!(event, Event::UnitDispatched(..)),
			Self::Settled(_) => matches!(event, Event::UnitAccepted(..)),
			Self::Late => matches!(event, Event::WorkerLate(..)),
		}
	}

	fn words(self) -> &'static str {
		match self {
			Self::GivenOut => "units are given out",
			Self::Settled(_) => "units are settled",
			Self::Late => "workers are late",
		}
	}
}

/// What comes of a unit.
fn outcome(job: JobId, unit: UnitAt) -> Outcome {
	Outcome {
		kind: Kind::Ok,
		root: (job, unit).using_encoded(blake2_256),
		fuel: FUEL / 2,
	}
}

/// All who have a unit seal what they have.
fn seal(job: JobId, number: UnitAt, unit: &Unit) -> Result<()> {
	let pool = Pools::<Runtime>::get(job);
	for replica in &unit.replicas {
		let member = pool.get(usize::from(replica.member));
		let device = member.ok_or_else(|| Error::new("a unit is nobody's"))?.work.device;
		let at = Assignment {
			unit: number,
			since: replica.since,
		};
		let sealed = Commitment::of(&outcome(job, number).digest(), &SALT, &device);
		let said = Said::Committed(sealed);
		let commit = Commit {
			device,
			job,
			units: BoundedVec::truncate_from(vec![UnitCommitment { at, said }]),
		};
		// That it is signed is looked at before, and not here.
		let signature = sr25519::Signature::from_raw([0; 64]);
		let sealed = Pallet::<Runtime>::commit(RawOrigin::<AccountId>::Authorized.into(), commit, signature);
		sealed.map_err(failed("nothing is sealed"))?;
	}
	Ok(())
}

/// All who have sealed something of a unit show it.
fn show(job: JobId, number: UnitAt, unit: &Unit) -> Result<()> {
	let sealed = |state: &State| matches!(state, State::Sealed(_));
	for replica in unit.replicas.iter().filter(|replica| sealed(&replica.state)) {
		let shown = UnitReveal {
			at: Assignment {
				unit: number,
				since: replica.since,
			},
			outcome: outcome(job, number),
			salt: SALT,
		};
		let reveal = Reveal {
			job,
			place: replica.member,
			units: BoundedVec::truncate_from(vec![shown]),
		};
		let origin = RawOrigin::<AccountId>::Authorized.into();
		Pallet::<Runtime>::reveal(origin, reveal).map_err(failed("nothing is shown"))?;
	}
	Ok(())
}

/// What was sealed is shown, and units that are due first are sealed.
fn say(jobs: u32) -> Result<()> {
	let tick = pallet_poca::Clock::<Runtime>::get().tick;
	let mut due = Vec::new();
	for job in 1..=JobId::from(jobs) {
		for number in Boards::<Runtime>::get(job).open {
			let Some(unit) = Units::<Runtime>::get(job, number) else {
				continue;
			};
			if matches!(unit.phase, Phase::Revealing { .. }) {
				show(job, number, &unit)?;
				continue;
			}
			let mut replicas = unit.replicas.iter();
			let all_work = replicas.all(|replica| replica.state == State::Working && replica.due >= tick);
			if let Some(first) = unit.replicas.iter().map(|replica| replica.due).min() {
				if all_work && unit.missing() == 0 {
					due.push((first, job, number, unit));
				}
			}
		}
	}
	due.sort_by_key(|(first, job, number, _)| (*first, *job, *number));
	due.iter()
		.take(SETTLED)
		.try_for_each(|(_, job, number, unit)| seal(*job, *number, unit))
}

/// Some blocks.
#[derive(Default)]
struct Window {
	/// Microseconds of each, and what all of it is charged.
	blocks: Vec<(f64, f64)>,
	/// How many events show what goes on.
	events: usize,
}

impl Window {
	/// One block more.
	fn add(&mut self, machine: &mut Machine, times: u32, doing: Doing) -> Result<()> {
		machine.prepare(|| {
			if let Doing::Settled(jobs) = doing {
				say(jobs)?;
			}
			// Without finality the clock stands, and nothing would be due.
			pallet_poca::Clock::<Runtime>::mutate(|clock| clock.tick = clock.tick.saturating_add(1));
			Ok(())
		})?;
		let ran = machine.run(Vec::new(), times)?;
		machine.keep(&ran)?;
		let micros = ran.took.as_secs_f64() * 1e6;
		self.blocks.push((micros, ran.all.ref_time() as f64 / 1e6));
		let shows = |event: &RuntimeEvent| matches!(event, RuntimeEvent::ComputeMarket(event) if doing.shows(event));
		let events = machine.query(System::events);
		self.events += events.iter().filter(|record| shows(&record.event)).count();
		Ok(())
	}
}

/// So many blocks.
fn blocks(machine: &mut Machine, count: u32, times: u32, doing: Doing) -> Result<Window> {
	let mut progress = Progress::new("blocks", Duration::from_secs(60));
	let mut window = Window::default();
	for number in 0..count {
		window.add(machine, times, doing)?;
		progress.show_share(f64::from(number) / f64::from(count.max(1)), doing.words());
	}
	progress.done(&format!("{count} executed"));
	Ok(window)
}

/// As many blocks as it takes until somebody is late: how many.
fn until_late(machine: &mut Machine) -> Result<u32> {
	let mut window = Window::default();
	for number in 1..=PATIENCE {
		window.add(machine, 1, Doing::Late)?;
		if window.events > 0 {
			return Ok(number);
		}
	}
	Err(Error::new(format!("nobody is late after {PATIENCE} blocks")))
}

/// What goes on in the three windows, if there are so many jobs.
const fn doings(jobs: u32) -> [Doing; 3] {
	[Doing::GivenOut, Doing::Settled(jobs), Doing::Late]
}

/// Three windows of a chain with so many jobs, and how many blocks lie before the last one: as many as it takes, unless
/// it is said how many. The chain's state is sound at the end.
fn windows(jobs: u32, count: u32, times: u32, before: Option<u32>) -> Result<(Vec<Window>, u32)> {
	let [given, settled, late] = doings(jobs);
	let mut machine = world(jobs)?;
	blocks(&mut machine, WARM, 1, given)?;
	let given = blocks(&mut machine, count, times, given)?;
	let settled = blocks(&mut machine, count, times, settled)?;
	let waited = match before {
		Some(before) => {
			blocks(&mut machine, before, 1, late)?;
			before
		}
		None => until_late(&mut machine)?,
	};
	let late = blocks(&mut machine, count, times, late)?;
	let state = machine.query(Pallet::<Runtime>::do_try_state);
	state.map_err(|error| Error::new(format!("the market's state is not as it must be: {error:?}")))?;
	Ok((vec![given, settled, late], waited))
}

/// What blocks cost beyond those of another chain, in words, and the most in milliseconds.
fn beyond(blocks: &[(f64, f64)], empty: &[(f64, f64)]) -> (String, f64) {
	let more = || {
		let pairs = blocks.iter().zip(empty);
		pairs.map(|(block, empty)| (block.0 - empty.0, block.1 - empty.1))
	};
	let count = more().count().max(1) as f64;
	let most = more().map(|more| more.0).fold(f64::MIN, f64::max) / 1e3;
	let words = format!(
		"{:.2} ms on average, {most:.2} at most; charged {:.2} ms, database included",
		more().map(|more| more.0).sum::<f64>() / count / 1e3,
		more().map(|more| more.1).sum::<f64>() / count / 1e3
	);
	(words, most)
}

fn rows(jobs: u32, count: u32, times: u32) -> Result<Vec<Row>> {
	let (full, waited) = windows(jobs, count, times, None)?;
	let (empty, _) = windows(0, count, times, Some(waited))?;
	let units = jobs.saturating_mul(MAX_UNITS);
	let mut rows = Vec::new();
	for (doing, (full, empty)) in doings(jobs).into_iter().zip(full.iter().zip(&empty)) {
		let words = doing.words();
		ensure!(full.events > 0, "no event says that {words}");
		let (cost, most) = beyond(&full.blocks, &empty.blocks);
		let each = full.events as f64 / full.blocks.len().max(1) as f64;
		rows.push(Row::judged(
			format!(
				"{units} open units of {jobs} jobs: the market's part of a block in which {words}, {each:.0} times"
			),
			"<= 3 ms",
			cost,
			most <= 3.0,
		));
	}
	Ok(rows)
}

/// Measures, and prints a row a line: measure, what is asked, what came out, with tabs between.
pub fn main(arguments: impl Iterator<Item = String>) -> ExitCode {
	let quick = arguments.into_iter().any(|argument| argument == "--quick");
	let (jobs, count, times) = if quick { (3, 10, 1) } else { (25, 40, 3) };
	let (rows, sound) = report::measure(&[OF_UNITS], &[], |_| rows(jobs, count, times));
	for row in rows {
		println!("{}\t{}\t{}", row.measure, row.asked, row.measured);
	}
	ExitCode::from(u8::from(!sound))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn units_of_a_job_are_given_out_settled_and_late() {
		let mut machine = world(1).unwrap();
		let given = blocks(&mut machine, WARM, 1, Doing::GivenOut).unwrap();
		assert!(given.blocks.iter().all(|block| block.0 > 0.0 && block.1 > 0.0));
		assert!(given.events > 0, "no unit is given out");
		let out = machine.query(|| Boards::<Runtime>::get(1).open.len());
		assert!(out > 0, "no unit is out");
		let settled = blocks(&mut machine, 4, 1, Doing::Settled(1)).unwrap();
		assert!(settled.events > 0, "no unit is settled");
		assert!(until_late(&mut machine).unwrap() > 0);
		assert!(machine.query(Pallet::<Runtime>::do_try_state).is_ok());
	}

	#[test]
	fn what_a_block_costs_is_what_it_takes_beyond_another() {
		let (said, most) = beyond(
			&[(5_000.0, 50_000.0), (9_000.0, 70_000.0)],
			&[(1_000.0, 10_000.0), (3_000.0, 10_000.0)],
		);
		assert_eq!(
			said,
			"5.00 ms on average, 6.00 at most; charged 50.00 ms, database included"
		);
		assert!((most - 6.0).abs() < 1e-9);
	}
}
