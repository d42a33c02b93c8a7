//! Units run at home: to measure a program, to compare with what workers agreed on, or without any market.

use crate::trouble::Trouble;
use compute_market_primitives::{Kind, Outcome};
use smartchain_unit::{Output, Ran, Runner, Stop, Unit, Want, MAX_WALL};
use std::{
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc, Mutex, PoisonError,
	},
	thread,
	time::{Duration, Instant},
};

/// A unit that was run at home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeUnit {
	/// Its number.
	pub number: u32,
	/// What came of it, as workers agree on it.
	pub outcome: Outcome,
	/// What it wrote; none if it did not run through.
	pub output: Vec<u8>,
	/// What it said for people.
	pub remarks: Vec<u8>,
	/// How long it took.
	pub took: Duration,
}

/// Of a program that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
	/// Its BLAKE3 root.
	pub root: [u8; 32],
	/// Its bytes.
	pub bytes: u32,
	/// Units that were run.
	pub units: Vec<HomeUnit>,
}

/// What the engine's second back end, an interpreter, said of units that were run here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Second {
	/// The same, of each.
	Agrees,
	/// Nothing, of at least one: which, and why. Time and stack are those of a back end, and no part of an outcome.
	Silent {
		/// The first one of them.
		unit: u32,
		/// In words.
		why: String,
	},
}

/// How long the interpreter may take for a unit. It takes many times what machine code does.
const PATIENCE: Duration = Duration::from_secs(600);

impl Checked {
	/// Units that did not run through: there is nothing of them.
	pub fn failed(&self) -> Vec<u32> {
		let failed = self.units.iter().filter(|unit| unit.outcome.kind != Kind::Ok);
		failed.map(|unit| unit.number).collect()
	}

	/// What is to be said of these before anybody is paid for them.
	pub fn warning(&self) -> Option<String> {
		let failed = self.failed();
		(!failed.is_empty()).then(|| {
			format!(
				"Units {failed:?} do not run through here: workers would agree on that, and be paid for it, and there \
				 is no output"
			)
		})
	}
}

/// Runs a unit here. It blocks.
///
/// # Errors
/// Why it has no outcome here.
pub fn at_home(runner: &Runner, unit: &Unit, stop: &Stop) -> Result<HomeUnit, Trouble> {
	let begun = Instant::now();
	let ran = runner.run(unit, Want::Bytes, MAX_WALL, stop);
	let Ran {
		outcome,
		output,
		remarks,
	} = ran.map_err(|ended| Trouble::Other(format!("unit {}: {ended}", unit.number)))?;
	Ok(HomeUnit {
		number: unit.number,
		outcome,
		output: match output {
			Output::Bytes(bytes) => bytes,
			Output::Root { .. } => Vec::new(),
		},
		remarks,
		took: begun.elapsed(),
	})
}

/// Looks at a program by running some of its units here: the first, the middle and the last one. It blocks.
///
/// # Errors
/// If it is refused, or has no outcome here.
pub fn checked(runner: &Runner, unit: impl Fn(u32) -> Result<Unit, Trouble>, count: u32) -> Result<Checked, Trouble> {
	let last = count.saturating_sub(1);
	let mut numbers = vec![0, last / 2, last];
	numbers.dedup();
	let mut units = Vec::new();
	let mut program: Arc<[u8]> = Vec::new().into();
	for number in numbers {
		let unit = unit(number)?;
		program = unit.program.clone();
		units.push(at_home(runner, &unit, &Stop::default())?);
	}
	Ok(Checked {
		root: blake3::hash(&program).into(),
		bytes: u32::try_from(program.len()).unwrap_or(u32::MAX),
		units,
	})
}

/// Has the second back end run what the first one did, and compares. It blocks: ten minutes a unit at most.
///
/// # Errors
/// If a unit comes to another outcome by it.
pub fn compared(
	runner: &Runner,
	unit: impl Fn(u32) -> Result<Unit, Trouble>,
	known: &[HomeUnit],
) -> Result<Second, Trouble> {
	let runner = runner.clone().interpreted();
	let mut second = Second::Agrees;
	for known in known {
		match runner.run(&unit(known.number)?, Want::Root, PATIENCE, &Stop::default()) {
			Ok(ran) if ran.outcome == known.outcome => {}
			Ok(ran) => {
				return Err(Trouble::Other(format!(
					"unit {} comes to {} by machine code and to {} by the interpreter, so machines may not agree on \
					 it; report this with the program",
					known.number,
					known.digest(),
					digest_of(&ran.outcome)
				)))
			}
			Err(ended) if second == Second::Agrees => {
				second = Second::Silent {
					unit: known.number,
					why: ended.to_string(),
				};
			}
			Err(_) => {}
		}
	}
	Ok(second)
}

/// Runs units here, as many at a time as this machine has processors, and hands each to `each` as it ends, in whatever
/// order. It blocks.
///
/// # Errors
/// Of the first unit without an outcome, or of `each`; the others are ended then.
pub fn run_at_home(
	runner: &Runner,
	numbers: &[u32],
	unit: impl Fn(u32) -> Result<Unit, Trouble> + Sync,
	each: impl FnMut(HomeUnit) -> Result<(), Trouble> + Send,
) -> Result<(), Trouble> {
	let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
	let (next, stop) = (AtomicU32::new(0), Stop::default());
	let (each, failed) = (Mutex::new(each), Mutex::new(None));
	thread::scope(|scope| {
		for _ in 0..cores.min(numbers.len()) {
			scope.spawn(|| loop {
				let at = next.fetch_add(1, Ordering::Relaxed);
				let Some(number) = numbers.get(at as usize).filter(|_| !stop.is_stopped()) else {
					return;
				};
				let ran = unit(*number).and_then(|unit| at_home(runner, &unit, &stop));
				let handed = ran.and_then(|ran| {
					let mut each = each.lock().unwrap_or_else(PoisonError::into_inner);
					(*each)(ran)
				});
				if let Err(why) = handed {
					let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
					// Those that are ended for it say nothing.
					failed.get_or_insert(why);
					stop.stop();
				}
			});
		}
	});
	match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
		Some(why) => Err(why),
		None => Ok(()),
	}
}

impl HomeUnit {
	/// In words, how it ended.
	pub fn ending(&self) -> String {
		match self.outcome.kind {
			Kind::Ok => "ran through".into(),
			Kind::Trap(code @ 0..=255) => format!("ended with code {code}"),
			Kind::Trap(code) => format!("trapped, by code {code} of the engine"),
			Kind::OutOfFuel => "ran out of fuel".into(),
		}
	}

	/// The digest by which results are compared, in digits.
	pub fn digest(&self) -> String {
		digest_of(&self.outcome)
	}
}

fn digest_of(outcome: &Outcome) -> String {
	outcome.digest().0.iter().map(|byte| format!("{byte:02x}")).collect()
}
