//! A unit, run in a child; its output is durable before anything is said of it. It blocks.

use crate::{chain::node::JobView, units::stock::Stock};
use compute_market_primitives::{Kind, MAX_PROGRAM_BYTES};
use rand_core::{OsRng, RngCore};
use smart_agent_tasks::{Done, Failure, TaskKey};
use smartchain_unit::{verdict, Output, Runner, Stop, Unit, Verdict, Want};
use std::{
	io,
	path::Path,
	time::{Duration, Instant},
};

/// What starts units: the program that is configured, or that beside this one. They stand back by so much.
///
/// # Errors
/// If there is none.
pub fn runner(program: &Path, nice: u8) -> io::Result<Runner> {
	let runner = match program.as_os_str().is_empty() {
		true => Runner::beside_this_program(),
		false => Runner::of(program),
	};
	runner.map(|runner| runner.nice(nice))
}

/// What came of a run, with words for the log and the name of what ended the child, if something did.
pub(crate) struct Ran {
	pub done: Done,
	pub words: String,
	pub ended: Option<&'static str>,
}

impl From<Failure> for Ran {
	fn from(failure: Failure) -> Self {
		Self {
			done: Done::Failed(failure),
			words: String::new(),
			ended: None,
		}
	}
}

/// Runs a unit, for `wall` at most.
pub(crate) fn run(stock: &Stock, runner: &Runner, job: &JobView, key: &TaskKey, wall: Duration, stop: &Stop) -> Ran {
	let program = stock.shared(&job.spec.program.root, MAX_PROGRAM_BYTES.into());
	let (Ok(Some(program)), Ok(input), Some(seed)) = (program, stock.input(key), job.seed) else {
		// It was taken away meanwhile: it is fetched once more.
		return Failure::NoInput.into();
	};
	let unit = Unit {
		number: key.unit,
		count: job.spec.units,
		time: job.time,
		seed,
		fuel_limit: job.spec.fuel_limit,
		memory_pages: job.spec.memory_pages,
		program: program.into(),
		input,
	};
	let begun = Instant::now();
	let ran = match runner.run(&unit, Want::Bytes, wall, stop) {
		Ok(ran) => ran,
		Err(ended) => {
			let done = match verdict(&ended) {
				Verdict::Fault => Done::Fault,
				Verdict::Again => Done::Failed(Failure::Crowded),
				Verdict::Unable => Done::Failed(Failure::Unable),
				Verdict::Nothing => return Failure::Cancelled.into(),
			};
			return Ran {
				done,
				words: ended.to_string(),
				ended: Some(ended.name()),
			};
		}
	};
	let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
	let bytes = u32::try_from(ran.output.length()).unwrap_or(u32::MAX);
	if let (Kind::Ok, Output::Bytes(output)) = (ran.outcome.kind, &ran.output) {
		match stock.keep(output) {
			Ok(root) if root == ran.outcome.root => (),
			Ok(_) => return Failure::Disk.into(),
			Err(error) => {
				return Ran {
					words: format!("the output cannot be kept: {error}"),
					..Failure::Disk.into()
				}
			}
		}
	}
	let mut salt = [0; 16];
	OsRng.fill_bytes(&mut salt);
	Ran {
		done: Done::Ran {
			outcome: ran.outcome,
			salt,
			bytes,
			millis,
		},
		words: String::new(),
		ended: None,
	}
}
