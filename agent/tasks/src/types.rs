//! What the machine is told of the world.

use codec::{Decode, Encode};
use core::fmt;

pub use compute_market_primitives::{Hash, Tick};

/// A unit that the device was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct TaskKey {
	/// The job.
	pub job: u64,
	/// Its unit.
	pub unit: u32,
	/// The tick at which it was given.
	pub since: Tick,
	/// What is computed, hashed: program, input, limits, time and seed.
	pub of: Hash,
}

impl fmt::Display for TaskKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}/{}", self.job, self.unit)
	}
}

/// What the chain wants of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
	/// It is to be run, and committed to.
	Run {
		/// The last tick at which that counts.
		due: Tick,
	},
	/// All others are to commit themselves, too.
	Wait,
	/// It is to be revealed.
	Reveal {
		/// The last tick at which that counts.
		until: Tick,
		/// The device's place among those who have it.
		place: u8,
	},
	/// Its output is to be asked for.
	Probe {
		/// The last tick at which a report counts.
		due: Tick,
		/// The tick at which it was disputed.
		disputed: Tick,
	},
}

impl What {
	/// The device's place among those who have it, where what is said names it.
	pub fn place(&self) -> u8 {
		match *self {
			Self::Reveal { place, .. } => place,
			_ => 0,
		}
	}

	/// The last tick at which something counts; none while others are waited for.
	pub fn until(&self) -> Option<Tick> {
		match *self {
			Self::Run { due } | Self::Probe { due, .. } => Some(due),
			Self::Reveal { until, .. } => Some(until),
			Self::Wait => None,
		}
	}
}

/// A task, and what the chain wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
	/// Which.
	pub key: TaskKey,
	/// What.
	pub what: What,
}

/// The time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
	/// Milliseconds of a clock that does not go back.
	pub ms: u64,
}

/// What does not change as long as the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
	/// Units that are run at a time.
	pub slots: u16,
	/// Ticks before the end of its time at which nothing is begun any more: what comes of it has to reach a block.
	pub margin: Tick,
}

impl Default for Config {
	fn default() -> Self {
		Self { slots: 1, margin: 2 }
	}
}
