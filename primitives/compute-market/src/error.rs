//! Why there can be no such job.

use core::fmt;
use market_primitives::MarketError;

/// Why there can be no such job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComputeError {
	/// No such length of a program.
	BadProgram,
	/// No such number of units.
	BadUnits,
	/// No such limit of fuel or memory.
	BadLimits,
	/// More than a balance holds.
	TooMuch,
	/// The money does not move.
	Money(MarketError),
}

impl From<MarketError> for ComputeError {
	fn from(error: MarketError) -> Self {
		Self::Money(error)
	}
}

impl fmt::Display for ComputeError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::BadProgram => "a program has 1 byte to 8 MiB: strip it of debugging information, or split it",
			Self::BadUnits => "a job has 1 to 4,096 units: submit several jobs, or put more work into a unit",
			Self::BadLimits => "a unit burns 1 to 2^50 of fuel in 1 to 65,536 pages of memory: cut it into smaller ones",
			Self::TooMuch => "this is more than a balance holds: lower the price or the number of units",
			Self::Money(error) => return fmt::Display::fmt(error, f),
		})
	}
}

impl core::error::Error for ComputeError {}
