//! What a program finds around it: its unit, its input, a clock, chance, and room for output.

mod calls;
mod poll;
mod reach;

pub(crate) use calls::call;

use crate::{
	limits::{MAX_OUTPUT_BYTES, MAX_REMARK_BYTES, MAX_TABLE_ELEMENTS, PAGE_FUEL},
	outcome::Unit,
};
use std::sync::Arc;
use wasmtime::{ResourceLimiter, Trap};

/// The bytes of a page of memory.
const PAGE_BYTES: usize = 1 << 16;

/// What chance is drawn by.
const CHANCE: &str = "SmartChain compute unit chance v1";

/// Why the host ends a program.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Stop {
	/// It asked for that.
	#[error("the program ended with code {0}")]
	Exit(u32),
	/// It wrote too much.
	#[error("the output is full")]
	Output,
	/// The machine has no more memory.
	#[error("the machine has no memory left: {0}")]
	Memory(String),
}

/// The state of one run.
pub(crate) struct Host {
	/// What the program is called with: a name, its unit's number, and how many there are.
	arguments: [String; 3],
	input: Arc<[u8]>,
	/// How much of the input was read.
	at: u64,
	/// All clocks, in nanoseconds. They stand still, but while the program waits.
	now: u64,
	chance: blake3::OutputReader,
	output: Vec<u8>,
	remarks: Vec<u8>,
	limits: Limits,
}

impl Host {
	/// For one unit.
	pub fn new(unit: &Unit) -> Self {
		let mut chance = blake3::Hasher::new_derive_key(CHANCE);
		chance.update(&unit.seed).update(&unit.number.to_le_bytes());
		Self {
			arguments: ["job".into(), unit.number.to_string(), unit.count.to_string()],
			input: unit.input.clone(),
			at: 0,
			now: unit.time.saturating_mul(1_000_000),
			chance: chance.finalize_xof(),
			output: Vec::new(),
			remarks: Vec::new(),
			limits: Limits {
				memory_bytes: (unit.memory_pages as usize).saturating_mul(PAGE_BYTES),
				granted: 0,
				fuel: unit.fuel_limit,
			},
		}
	}

	/// What bounds its memory.
	pub fn limits(&mut self) -> &mut dyn ResourceLimiter {
		&mut self.limits
	}

	/// What its memory costs, in fuel: all that it was ever given, for memory never shrinks.
	pub fn memory_fuel(&self) -> u64 {
		self.limits.memory_fuel()
	}

	/// What it wrote, and what it said.
	pub fn into_written(self) -> (Vec<u8>, Vec<u8>) {
		(self.output, self.remarks)
	}

	fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
		match self.output.len().saturating_add(bytes.len()) > MAX_OUTPUT_BYTES {
			true => Err(Stop::Output),
			false => {
				self.output.extend_from_slice(bytes);
				Ok(())
			}
		}
	}

	fn remark(&mut self, bytes: &[u8]) {
		let room = MAX_REMARK_BYTES.saturating_sub(self.remarks.len()).min(bytes.len());
		self.remarks.extend_from_slice(&bytes[..room]);
	}
}

/// Memory and tables grow to their bounds, and then the program is told no. A machine that has not even that much must
/// not tell it so: then there is no outcome. Who is given more memory than its fuel pays for is ended there; otherwise
/// what memory costs is added at the end.
struct Limits {
	memory_bytes: usize,
	/// How much it was given, from its start on.
	granted: usize,
	/// What the unit may burn.
	fuel: u64,
}

impl Limits {
	fn memory_fuel(&self) -> u64 {
		(self.granted / PAGE_BYTES) as u64 * PAGE_FUEL
	}
}

impl ResourceLimiter for Limits {
	fn memory_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
		let granted = desired <= self.memory_bytes && maximum.is_none_or(|maximum| desired <= maximum);
		if granted {
			self.granted = desired;
			if self.memory_fuel() > self.fuel {
				return Err(Trap::OutOfFuel.into());
			}
		}
		Ok(granted)
	}

	fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
		Err(Stop::Memory(error.to_string()).into())
	}

	fn table_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
		Ok(desired <= MAX_TABLE_ELEMENTS as usize && maximum.is_none_or(|maximum| desired <= maximum))
	}

	fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
		Err(Stop::Memory(error.to_string()).into())
	}
}
