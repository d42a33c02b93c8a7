//! What a run is given, and what comes of it.

use crate::limits::{MAX_FUEL, MAX_INPUT_BYTES, MAX_MEMORY_PAGES};
use compute_market_primitives as market;
use std::sync::Arc;

/// What a program is run with. Two runs of one program with equal units have equal outcomes, on any machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unit {
	/// The unit's number, below `count`.
	pub number: u32,
	/// How many units the job has.
	pub count: u32,
	/// What the program reads: the unit's range of the job's input.
	pub input: Arc<[u8]>,
	/// What all clocks begin at: the job's block time, in milliseconds since 1970.
	pub time: u64,
	/// What chance is drawn from, with the number: the job's seed from the beacon.
	pub seed: [u8; 32],
	/// How much fuel the unit may burn.
	pub fuel_limit: u64,
	/// To how many pages of 64 KiB its memory may grow.
	pub memory_pages: u32,
}

impl Unit {
	/// Whether the terms are such as a job can have.
	pub(crate) fn check(&self) -> Result<(), Fault> {
		let wrong = |what: &str| Err(Fault::Terms(what.into()));
		if self.number >= self.count {
			return wrong("the unit's number is not below their count");
		}
		if self.fuel_limit > MAX_FUEL {
			return wrong("the fuel limit is above the highest one");
		}
		if self.memory_pages > MAX_MEMORY_PAGES {
			return wrong("a memory of 32 bits does not have so many pages");
		}
		match self.input.len() > MAX_INPUT_BYTES {
			true => wrong("the input is longer than a unit's may be"),
			false => Ok(()),
		}
	}
}

/// Why a unit ended early, as all workers see it. The numbers are agreed on: none is ever used for something else.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Trap {
	/// It ended itself with a code other than 0: its lowest byte, or 1 if that is 0.
	Exit(u8),
	/// It read or wrote beyond its memory.
	Memory,
	/// It reached for an element beyond a table.
	Table,
	/// It called an element that is empty.
	Null,
	/// It called a function of another type than it thought.
	Signature,
	/// An integer did not have room for a quotient.
	Overflow,
	/// It divided by zero.
	Division,
	/// It made an integer of a float that is none, or of one too large.
	Conversion,
	/// It reached what it said cannot be reached: an abort, a panic, an assertion.
	Unreachable,
	/// It wrote more than an output may have.
	Output,
	/// It wants more memory at its start than the job has.
	Start,
}

impl Trap {
	/// Whether the meter is read where it happens. Machine code keeps what it burned in a register, and writes it back
	/// where functions are called, return and stop; what traps elsewhere takes with it all that was burned since then.
	pub(crate) fn is_metered(self) -> bool {
		match self {
			Self::Exit(_) | Self::Null | Self::Signature | Self::Unreachable | Self::Output | Self::Start => true,
			Self::Memory | Self::Table | Self::Overflow | Self::Division | Self::Conversion => false,
		}
	}

	/// Its number: 0 to 255 are exit codes, of which 0 is none.
	pub fn code(self) -> u16 {
		match self {
			Self::Exit(code) => u16::from(code),
			Self::Memory => 256,
			Self::Table => 257,
			Self::Null => 258,
			Self::Signature => 259,
			Self::Overflow => 260,
			Self::Division => 261,
			Self::Conversion => 262,
			Self::Unreachable => 263,
			Self::Output => 264,
			Self::Start => 265,
		}
	}
}

/// How a unit ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
	/// It ran through, and what it wrote is its output.
	Ok,
	/// It ended early. What it wrote is discarded.
	Trap(Trap),
	/// It burned more than its limit. What it wrote is discarded.
	OutOfFuel,
}

/// What came of a unit, which all honest workers have alike.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outcome {
	/// How it ended.
	pub kind: Kind,
	/// What it burned; if that is more than the limit, the limit. The limit, too, where a trap took the count with it:
	/// `Memory`, `Table`, `Overflow`, `Division`, `Conversion`.
	pub fuel: u64,
	/// What it wrote. Nothing, unless it ran through.
	pub output: Vec<u8>,
	/// The beginning of what it said on its second stream, for people: no part of what is agreed on.
	pub remarks: Vec<u8>,
}

impl Outcome {
	/// The BLAKE3 hash of the output, from which ranges of it are verified as those of slots are.
	pub fn output_root(&self) -> [u8; 32] {
		blake3::hash(&self.output).into()
	}

	/// The same as workers commit themselves to it; its digest is compared.
	pub fn agreed(&self) -> market::Outcome {
		market::Outcome {
			kind: match self.kind {
				Kind::Ok => market::Kind::Ok,
				Kind::Trap(trap) => market::Kind::Trap(trap.code()),
				Kind::OutOfFuel => market::Kind::OutOfFuel,
			},
			root: self.output_root(),
			fuel: self.fuel,
		}
	}
}

/// Why there is no outcome. It is this machine's, or of this moment: another worker may have one.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Fault {
	/// The unit cannot be of a job.
	#[error("the unit cannot be run: {0}; ask for what the chain's job says")]
	Terms(String),
	/// The program could not be made machine code.
	#[error("the program could not be compiled: {0}; decline the job")]
	Compile(String),
	/// The program's calls went deeper than its stack.
	#[error("the program ran out of stack; how deep it gets differs between machines, so that there is no result")]
	Stack,
	/// The machine failed it.
	#[error("the machine could not run the unit: {0}; give workers more memory, or fewer slots")]
	Host(String),
}
