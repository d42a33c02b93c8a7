//! What the compute market costs each block with a hundred thousand units of jobs that nobody has finished, for
//! `scripts/bench compute`, whose own program is another crate: rows of its table, a line each.
//!
//! Blocks without transactions are executed by the runtime's Wasm over a state in memory, the root of the state
//! included; the same blocks of a chain without jobs are taken off, one by one. Workers and jobs come about by the
//! pallet's own calls, pools by its beacon. Nobody says anything: units are given out, are late, and others get them.

use crate::{
	issuance::machine::Machine,
	progress::Progress,
	proofs::chain::register,
	report::{self, Row},
};
use codec::{Compact, Decode, Encode};
use compute_market_primitives::{
	Assurance, Input, Price, Program, Source, Spec, WorkOffer, MAX_MEMORY_PAGES, MAX_POOL, MAX_UNITS,
};
use device_primitives::DeviceId;
use frame_support::{traits::fungible::Mutate, BoundedVec};
use frame_system::RawOrigin;
use pallet_compute_market::Pallet;
use pallet_resource_proofs::{ComputeEntry, Entries, Entry};
use proof_lottery_primitives::{Claim, Credit, Kept};
use smartchain_runtime::{constants::currency::UNITS, AccountId, Balances, Runtime};
use smartchain_tests::{Error, Result};
use sp_core::sr25519;
use sp_io::hashing::blake2_256;
use sp_runtime::DispatchError;
use std::{process::ExitCode, time::Duration};

/// The first argument of the program that makes it measure this.
pub const OF_UNITS: &str = "units";
/// The first slot of blocks.
const SLOT: u64 = 2_400_000_000;
/// What a Gfuel costs, in planck.
const ASK: Price = Price(1_000_000);
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

/// What is kept of a claim that has shown as much as one can.
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
	// As an estimator is encoded.
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
		source: Source::Deal(1),
		units: MAX_UNITS,
		fuel_limit: 1_000_000_000,
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

/// So many blocks: microseconds of each, and what all of it is charged.
fn blocks(machine: &mut Machine, count: u32, times: u32) -> Result<Vec<(f64, f64)>> {
	let mut progress = Progress::new("blocks", Duration::from_secs(60));
	let mut taken = Vec::new();
	for number in 0..count {
		// Without finality the clock stands, and nothing would be due.
		machine.prepare(|| {
			pallet_poca::Clock::<Runtime>::mutate(|clock| clock.tick = clock.tick.saturating_add(1));
			Ok(())
		})?;
		let ran = machine.run(Vec::new(), times)?;
		machine.keep(&ran)?;
		taken.push((ran.took.as_secs_f64() * 1e6, ran.all.ref_time() as f64 / 1e6));
		progress.show_share(f64::from(number) / f64::from(count.max(1)), "executing");
	}
	progress.done(&format!("{count} executed"));
	Ok(taken)
}

/// What blocks cost beyond those of another chain, in words.
fn beyond(blocks: &[(f64, f64)], empty: &[(f64, f64)]) -> String {
	let more = || {
		let pairs = blocks.iter().zip(empty);
		pairs.map(|(block, empty)| (block.0 - empty.0, block.1 - empty.1))
	};
	let count = more().count().max(1) as f64;
	format!(
		"{:.2} ms on average, {:.2} at most; charged {:.2} ms, database included",
		more().map(|more| more.0).sum::<f64>() / count / 1e3,
		more().map(|more| more.0).fold(f64::MIN, f64::max) / 1e3,
		more().map(|more| more.1).sum::<f64>() / count / 1e3
	)
}

fn rows(jobs: u32, count: u32, times: u32) -> Result<Vec<Row>> {
	let mut full = world(jobs)?;
	blocks(&mut full, WARM, 1)?;
	let taken = blocks(&mut full, count, times)?;
	let state = full.query(Pallet::<Runtime>::do_try_state);
	state.map_err(|error| Error::new(format!("the market's state is not as it must be: {error:?}")))?;
	drop(full);
	let mut empty = world(0)?;
	blocks(&mut empty, WARM, 1)?;
	let beside = blocks(&mut empty, count, times)?;
	let units = jobs.saturating_mul(MAX_UNITS);
	Ok(vec![Row::new(
		format!("{units} open units of {jobs} jobs, which nobody finishes: the market's part of a block"),
		"<= 3 ms",
		beyond(&taken, &beside),
	)])
}

/// Measures, and prints a row a line: measure, what is asked, what came out, with tabs between.
pub fn main(arguments: impl Iterator<Item = String>) -> ExitCode {
	let quick = arguments.into_iter().any(|argument| argument == "--quick");
	let (jobs, count, times) = if quick { (3, 10, 1) } else { (25, 40, 3) };
	let (rows, sound) = report::measure(&[OF_UNITS], &[], |_| rows(jobs, count, times));
	for row in rows {
		println!("{}\t{}\t{}", row.measure, row.asked, row.measured);
	}
	match sound {
		true => ExitCode::SUCCESS,
		false => ExitCode::FAILURE,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_job_is_given_out_and_its_blocks_cost_something() {
		let mut machine = world(1).unwrap();
		let blocks = blocks(&mut machine, WARM, 1).unwrap();
		assert!(blocks.iter().all(|block| block.0 > 0.0 && block.1 > 0.0));
		let out = machine.query(|| pallet_compute_market::Boards::<Runtime>::get(1).open.len());
		assert!(out > 0, "no unit is out");
		assert!(machine.query(Pallet::<Runtime>::do_try_state).is_ok());
	}

	#[test]
	fn what_a_block_costs_is_what_it_takes_beyond_another() {
		let said = beyond(
			&[(5_000.0, 50_000.0), (9_000.0, 70_000.0)],
			&[(1_000.0, 10_000.0), (3_000.0, 10_000.0)],
		);
		assert_eq!(
			said,
			"5.00 ms on average, 6.00 at most; charged 50.00 ms, database included"
		);
	}
}
