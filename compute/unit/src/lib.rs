#![doc = include_str!("../README.md")]

mod verdict;

pub use smartchain_sandbox::{Ended, Output, Stop, Want, MAX_WALL};
pub use verdict::{verdict, Verdict};

use compute_market_primitives::{EngineId, Kind, Outcome};
use smartchain_sandbox::{Answer, Ending, Limits, Request, Worker};
use std::{
	env, io,
	path::{Path, PathBuf},
	sync::Arc,
	time::Duration,
};

/// The engines by which units are run here.
pub const ENGINES: [EngineId; 1] = [smartchain_engine::ENGINE_ID];

/// What has a program stand back for others.
const NICE: &str = "/usr/bin/nice";

/// A program that does nothing: `(module (memory (export "memory") 1) (func (export "_start")))`.
const NOTHING: &[u8] =
	b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x05\x03\x01\0\x01\x07\x13\x02\x06memory\x02\0\x06_start\0\0\
	\x0a\x04\x01\x02\0\x0b";
/// How long that may take.
const CHECK_WALL: Duration = Duration::from_secs(30);

/// The child's name.
pub const PROGRAM: &str = "smart-unit";
/// The argument that has it run the unit by the engine's second back end.
pub const INTERPRETED: &str = "interpreted";

/// A unit of a job, with all that its outcome depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
	/// Its number, below `count`.
	pub number: u32,
	/// Units of the job.
	pub count: u32,
	/// What all clocks say: the job's time, in milliseconds since 1970.
	pub time: u64,
	/// What chance is drawn from, with the number.
	pub seed: [u8; 32],
	/// How much fuel it may burn.
	pub fuel_limit: u64,
	/// To how many pages of 64 KiB its memory may grow.
	pub memory_pages: u32,
	/// The program.
	pub program: Arc<[u8]>,
	/// What it reads.
	pub input: Vec<u8>,
}

/// What came of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
	/// As workers commit themselves to it.
	pub outcome: Outcome,
	/// What it wrote, in the form that was wanted.
	pub output: Output,
	/// What it said for people.
	pub remarks: Vec<u8>,
}

/// Starts children.
#[derive(Clone, Debug)]
pub struct Runner {
	worker: Worker,
	program: PathBuf,
	interpreted: bool,
}

impl Runner {
	/// By the program that lies beside this one.
	///
	/// # Errors
	/// If this one's place is not known, or there is none beside it.
	pub fn beside_this_program() -> io::Result<Self> {
		Self::of(&env::current_exe()?.with_file_name(PROGRAM))
	}

	/// By a program, whose path is absolute.
	///
	/// # Errors
	/// If there is none.
	pub fn of(program: &Path) -> io::Result<Self> {
		if !program.is_absolute() || !program.is_file() {
			let why = format!(
				"there is no {}; install {PROGRAM}, of the same build",
				program.display()
			);
			return Err(io::Error::new(io::ErrorKind::NotFound, why));
		}
		Ok(Self {
			worker: Worker::new(program),
			program: program.to_owned(),
			interpreted: false,
		})
	}

	/// The same, standing back for other programs by so much: 0 for not at all, 19 at most.
	#[must_use]
	pub fn nice(self, by: u8) -> Self {
		let nice = Path::new(NICE);
		if by == 0 || !nice.is_file() {
			return self;
		}
		// It becomes the program: the process that is confined is the one that was started.
		let worker = Worker::new(nice).argument("-n").argument(by.min(19).to_string());
		let worker = worker.argument(&self.program);
		Self {
			worker: match self.interpreted {
				true => worker.argument(INTERPRETED),
				false => worker,
			},
			..self
		}
	}

	/// The same by the engine's second back end, an interpreter, which has to come to the same outcomes: to compare. It
	/// takes many times as long.
	#[must_use]
	pub fn interpreted(self) -> Self {
		if self.interpreted {
			return self;
		}
		Self {
			worker: self.worker.argument(INTERPRETED),
			interpreted: true,
			..self
		}
	}

	/// The program.
	pub fn program(&self) -> &Path {
		&self.program
	}

	/// Whether units can be run here as they have to be: one that does nothing is.
	///
	/// # Errors
	/// [`Ended`]: what is missing.
	pub fn check(&self) -> Result<(), Ended> {
		let unit = Unit {
			number: 0,
			count: 1,
			time: 0,
			seed: [0; 32],
			fuel_limit: 1_000_000,
			memory_pages: 1,
			program: NOTHING.into(),
			input: Vec::new(),
		};
		self.run(&unit, Want::Root, CHECK_WALL, &Stop::default()).map(drop)
	}

	/// Runs a unit in a child, and waits for it: `wall` at most. The child ends with this call, and with the thread
	/// that made it.
	///
	/// # Errors
	/// [`Ended`]: why there is no outcome.
	pub fn run(&self, unit: &Unit, want: Want, wall: Duration, stop: &Stop) -> Result<Ran, Ended> {
		let request = Request {
			unit: unit.number,
			count: unit.count,
			time: unit.time,
			seed: unit.seed,
			fuel: unit.fuel_limit,
			pages: unit.memory_pages,
			want,
			program: unit.program.to_vec(),
			input: unit.input.clone(),
		};
		let limits = Limits::of(&request, whole(wall));
		self.worker.run(&limits, &request, stop).map(ran)
	}
}

/// In whole milliseconds, and within what a child may take.
fn whole(wall: Duration) -> Duration {
	let millis = u64::try_from(wall.min(MAX_WALL).as_millis()).unwrap_or(u64::MAX);
	Duration::from_millis(millis.max(1))
}

fn ran(answer: Answer) -> Ran {
	Ran {
		outcome: Outcome {
			kind: kind(answer.ending),
			root: answer.output.root(),
			fuel: answer.fuel,
		},
		output: answer.output,
		remarks: answer.remarks,
	}
}

/// The market's word for an ending.
fn kind(ending: Ending) -> Kind {
	match ending {
		Ending::Ok => Kind::Ok,
		Ending::Trap(code) => Kind::Trap(code),
		Ending::OutOfFuel => Kind::OutOfFuel,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use compute_market_primitives::NO_OUTPUT;

	#[test]
	fn each_ending_is_a_kind() {
		for (ending, kind) in [
			(Ending::Ok, Kind::Ok),
			(Ending::Trap(257), Kind::Trap(257)),
			(Ending::OutOfFuel, Kind::OutOfFuel),
		] {
			let ran = ran(Answer {
				ending,
				fuel: 7,
				output: Output::Bytes(Vec::new()),
				remarks: Vec::new(),
			});
			assert_eq!(
				(ran.outcome.kind, ran.outcome.root, ran.outcome.fuel),
				(kind, NO_OUTPUT, 7)
			);
			assert_eq!(ran.outcome.check(7), Ok(()));
		}
	}

	#[test]
	fn a_wall_is_whole_and_bounded() {
		assert_eq!(whole(Duration::ZERO), Duration::from_millis(1));
		assert_eq!(whole(Duration::from_nanos(2_500_001)), Duration::from_millis(2));
		assert_eq!(whole(Duration::MAX), MAX_WALL);
	}

	#[test]
	fn what_is_not_there_is_told() {
		for wrong in ["relative", "/nowhere/at/all"] {
			let said = Runner::of(Path::new(wrong)).unwrap_err().to_string();
			assert!(said.contains(PROGRAM), "{said}");
		}
	}
}
