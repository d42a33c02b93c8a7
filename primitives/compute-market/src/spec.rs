//! What somebody wants computed, and how sure the result has to be.

use crate::{Balance, ComputeError, Hash};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use market_primitives::Price;
use quorum_primitives::{Rule, Step, QUORUM, SINGLE, STRICT};
use scale_info::TypeInfo;

/// Units of a job at most.
pub const MAX_UNITS: u32 = 4_096;

/// Bytes of a program at most: 8 MiB.
pub const MAX_PROGRAM_BYTES: u32 = 8 << 20;

/// The highest fuel limit of a unit: that of engine 1.
pub const MAX_FUEL: u64 = 1 << 50;

/// Pages of 64 KiB that a unit's memory may have at most: 4 GiB.
pub const MAX_MEMORY_PAGES: u32 = 65_536;

/// Bytes of a unit's output at most: 64 MiB.
pub const MAX_OUTPUT_BYTES: u32 = 64 << 20;

/// How a unit that one worker computed is run again: by two, or more after a dissent.
pub const AUDITED: Rule = Rule(&[Step::new(2, 2), Step::new(7, 6), Step::new(13, 9), Step::new(21, 14)]);

/// How is found out whether an output is served: three try.
pub const PROBE: Rule = Rule(&[Step::new(3, 3)]);

/// One version of an engine with one set of switches. Results are compared within one engine alone.
pub type EngineId = u32;

/// What units read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Input {
	/// Their own number alone.
	#[codec(index = 0)]
	Number,
	/// Each its range of a bundle, by the index at its head.
	#[codec(index = 1)]
	Bundle {
		/// The BLAKE3 hash of the bundle.
		root: Hash,
		/// Its length in bytes.
		bytes: u64,
	},
}

/// How many workers compute a unit, and how many of these have to agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Assurance {
	/// One worker with a long record; one in ten units is run again.
	#[codec(index = 0)]
	Audit,
	/// Three that agree, or more after a dissent.
	#[codec(index = 1)]
	Quorum,
	/// Five that agree, or more after a dissent.
	#[codec(index = 2)]
	Strict,
}

impl Assurance {
	/// The rule by which results are compared.
	pub const fn rule(self) -> Rule {
		match self {
			Self::Audit => SINGLE,
			Self::Quorum => QUORUM,
			Self::Strict => STRICT,
		}
	}

	/// How often a unit is computed if nobody dissents, in tenths, with what is run again of audited ones.
	const fn tenths(self) -> Balance {
		match self {
			Self::Audit => 12,
			Self::Quorum => 30,
			Self::Strict => 50,
		}
	}
}

/// What is to be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Spec {
	/// The engine that runs it.
	pub engine: EngineId,
	/// The BLAKE3 hash of the program.
	pub program: Hash,
	/// Its length in bytes: 1 to [`MAX_PROGRAM_BYTES`].
	pub program_bytes: u32,
	/// What units read.
	pub input: Input,
	/// How many units there are: 1 to [`MAX_UNITS`].
	pub units: u32,
	/// What a unit may burn: 1 to [`MAX_FUEL`].
	pub fuel_limit: u64,
	/// Pages of 64 KiB that its memory may have: 1 to [`MAX_MEMORY_PAGES`].
	pub memory_pages: u32,
}

impl Spec {
	/// Whether there can be such a job.
	///
	/// # Errors
	/// [`ComputeError::BadProgram`], [`ComputeError::BadUnits`], [`ComputeError::BadLimits`].
	pub const fn check(&self) -> Result<(), ComputeError> {
		if self.program_bytes == 0 || self.program_bytes > MAX_PROGRAM_BYTES {
			return Err(ComputeError::BadProgram);
		}
		if self.units == 0 || self.units > MAX_UNITS {
			return Err(ComputeError::BadUnits);
		}
		let fuel = self.fuel_limit > 0 && self.fuel_limit <= MAX_FUEL;
		let memory = self.memory_pages > 0 && self.memory_pages <= MAX_MEMORY_PAGES;
		if !fuel || !memory {
			return Err(ComputeError::BadLimits);
		}
		Ok(())
	}

	/// What one worker is paid for a unit at most, in planck, at this price.
	///
	/// # Errors
	/// [`ComputeError::Money`].
	pub fn unit_pay(&self, price: Price) -> Result<Balance, ComputeError> {
		Ok(price.hold_for_fuel(self.fuel_limit)?)
	}

	/// What is put in for all units, in planck: half as much again as it costs if nobody dissents and each burns its
	/// limit at the highest price. What is not used comes back.
	///
	/// # Errors
	/// [`ComputeError::Money`].
	pub fn escrow(&self, price: Price, assurance: Assurance) -> Result<Balance, ComputeError> {
		let pay = self.unit_pay(price)?;
		let tenths = assurance.tenths().saturating_mul(self.units.into()).saturating_mul(3);
		let all = pay.checked_mul(tenths).ok_or(ComputeError::TooMuch)?;
		Ok(all.div_ceil(20))
	}
}
