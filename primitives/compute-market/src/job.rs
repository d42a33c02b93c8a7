//! What a user orders.

use crate::{DealId, EngineId, Hash, JobError};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use device_primitives::Endpoint;
use quorum_primitives::{Rule, QUORUM, SINGLE, STRICT};
use scale_info::TypeInfo;
use storage_proof_primitives::MAX_BYTES;

/// The most units of a job.
pub const MAX_UNITS: u32 = 4_096;

/// Members without which there is no pool, however few a unit is given to.
const LEAST_POOL: u32 = 3;

/// The most bytes of a program.
pub const MAX_PROGRAM_BYTES: u32 = 8 << 20;

/// The most bytes of a unit's range of the input.
pub const MAX_INPUT_BYTES: u32 = 256 << 20;

/// The most bytes of a unit's output.
pub const MAX_OUTPUT_BYTES: u32 = 64 << 20;

/// The highest fuel limit of a unit: more than any machine burns in a week.
pub const MAX_FUEL: u64 = 1 << 50;

/// The most pages of 64 KiB that a unit's memory may grow to: 4 GiB.
pub const MAX_MEMORY_PAGES: u32 = 65_536;

/// The most endpoints at which a client serves its job.
pub const MAX_CLIENT_ENDPOINTS: u32 = 2;

/// Where a client serves its job.
pub type ClientEndpoints = BoundedVec<Endpoint, ConstU32<MAX_CLIENT_ENDPOINTS>>;

/// A program of Wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Program {
	/// Its BLAKE3 root.
	pub root: Hash,
	/// Its bytes: 8 to [`MAX_PROGRAM_BYTES`].
	pub length: u32,
}

/// What units read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Input {
	/// Nothing: each unit knows its number, and how many there are.
	#[codec(index = 0)]
	Number,
	/// Ranges of a bundle, at whose head is the index that says whose is which.
	#[codec(index = 1)]
	Bundle {
		/// Its BLAKE3 root.
		root: Hash,
		/// Its bytes, up to those of the largest slot of a deal.
		length: u64,
	},
}

/// Where workers find program and bundle. Whoever serves them, roots tell whether they are the right ones.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Source {
	/// At the client, which serves them itself.
	#[codec(index = 0)]
	Client(ClientEndpoints),
	/// At the devices of a storage deal, of whose slots one has the root of the program, and one that of the bundle.
	#[codec(index = 1)]
	Deal(DealId),
}

impl Source {
	/// Whether the client serves it.
	#[must_use]
	pub const fn is_client(&self) -> bool {
		matches!(self, Self::Client(_))
	}
}

/// How sure results have to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Assurance {
	/// Three workers agree, or more after a dissent. A part of the units is run again later.
	#[codec(index = 0)]
	Quorum,
	/// Five workers agree, or more after a dissent.
	#[codec(index = 1)]
	Strict,
	/// One reliable worker; a part of the units is run again by two others.
	#[codec(index = 2)]
	Audit,
}

impl Assurance {
	/// By which rule a unit is decided at first.
	#[must_use]
	pub const fn rule(self) -> Rule {
		match self {
			Self::Quorum => QUORUM,
			Self::Strict => STRICT,
			Self::Audit => SINGLE,
		}
	}

	/// By which rule a unit is decided that is run again: by returns of fresh workers alone if it had a quorum; by
	/// that of its one worker and those of two fresh ones, or more, if it was an audit.
	#[must_use]
	pub const fn recheck_rule(self) -> Rule {
		QUORUM
	}

	/// How many workers a single unit may need besides: after a first dissent, or to run it again after one. An escrow
	/// has so many pays at least beyond those of the first workers, however few units there are.
	#[must_use]
	pub fn further(self) -> u32 {
		let rule = match self {
			Self::Audit => self.recheck_rule(),
			Self::Quorum | Self::Strict => self.rule(),
		};
		let asked = rule.0.get(1).map_or(0, |step| step.asked);
		u32::try_from(asked).unwrap_or(u32::MAX).saturating_sub(self.replicas())
	}

	/// How many workers a unit is given to at first.
	#[must_use]
	pub fn replicas(self) -> u32 {
		u32::try_from(self.rule().first()).unwrap_or(u32::MAX)
	}

	/// Without how many owners in the pool a job starves: those of one unit, and three at least.
	#[must_use]
	pub fn least_pool(self) -> u32 {
		self.replicas().max(LEAST_POOL)
	}
}

/// What is to be computed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Spec {
	/// By which engine.
	pub engine: EngineId,
	/// The program, which is run once for each unit.
	pub program: Program,
	/// What units read.
	pub input: Input,
	/// Where workers find both.
	pub source: Source,
	/// How many units: 1 to [`MAX_UNITS`].
	pub units: u32,
	/// How much fuel a unit may burn: 1 to [`MAX_FUEL`].
	pub fuel_limit: u64,
	/// To how many pages of 64 KiB a unit's memory may grow: 1 to [`MAX_MEMORY_PAGES`].
	pub memory_pages: u32,
}

/// Bytes of Wasm's magic and version: no program is shorter.
const LEAST_PROGRAM: u32 = 8;

impl Spec {
	/// Whether there can be such a job. Whether there is such an engine the chain knows.
	///
	/// # Errors
	/// [`JobError::ProgramTooLarge`], [`JobError::TooManyUnits`], [`JobError::BadLimits`], [`JobError::BadInput`] or
	/// [`JobError::BadSource`].
	pub fn check(&self) -> Result<(), JobError> {
		if !(LEAST_PROGRAM..=MAX_PROGRAM_BYTES).contains(&self.program.length) {
			return Err(JobError::ProgramTooLarge);
		}
		if !(1..=MAX_UNITS).contains(&self.units) {
			return Err(JobError::TooManyUnits);
		}
		if !(1..=MAX_FUEL).contains(&self.fuel_limit) || !(1..=MAX_MEMORY_PAGES).contains(&self.memory_pages) {
			return Err(JobError::BadLimits);
		}
		if let Input::Bundle { length, .. } = self.input {
			if !(1..=MAX_BYTES).contains(&length) {
				return Err(JobError::BadInput);
			}
		}
		match &self.source {
			Source::Client(endpoints) if endpoints.is_empty() || !endpoints.iter().all(Endpoint::is_sound) => {
				Err(JobError::BadSource)
			}
			Source::Client(_) | Source::Deal(_) => Ok(()),
		}
	}
}
