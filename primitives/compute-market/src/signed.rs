//! What keys of workers sign instead of transactions, for these are free. Each payload begins with a domain of its own,
//! which ends with a version, and names the chain by its genesis: what was signed for one purpose or one chain is worth
//! nothing for another. An [`Assignment`] has the tick at which it was given: what was signed for it is worth nothing
//! for a later one.
//!
//! What is revealed nobody signs: who knows the salt has it of the worker, and what it opens the worker has sealed. So
//! it is worth the same whoever brings it, and a unit costs the chain a third less.
//!
//! Numbers are encoded compact: blocks carry these messages by the thousand.

use crate::{Commitment, JobId, Outcome, Salt, Tick, UnitAt};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The most units of a job that a worker says something of at once.
pub const MAX_BATCH: u32 = 32;

/// Implements `payload` for what is signed.
macro_rules! signed {
	($name:ident, $domain:literal) => {
		impl<Device: Encode> $name<Device> {
			/// What the payload begins with.
			pub const DOMAIN: &'static [u8] = $domain;

			/// The bytes that are signed, on the chain of this genesis.
			pub fn payload<Genesis: Encode>(&self, genesis: &Genesis) -> Vec<u8> {
				let mut payload = Self::DOMAIN.to_vec();
				(genesis, self).encode_to(&mut payload);
				payload
			}
		}
	};
}

/// A unit that a worker was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Assignment {
	/// The unit.
	#[codec(compact)]
	pub unit: UnitAt,
	/// The tick at which it was given to this worker.
	#[codec(compact)]
	pub since: Tick,
}

// Not derived: what is derived leaves out that a compact number may take a byte more than the number.
impl MaxEncodedLen for Assignment {
	fn max_encoded_len() -> usize {
		Compact::<UnitAt>::max_encoded_len().saturating_add(Compact::<Tick>::max_encoded_len())
	}
}

/// What a worker says of a unit before it sees any other result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Said {
	/// It has an outcome, which it will reveal.
	#[codec(index = 0)]
	Committed(Commitment),
	/// Its machine could not run the unit.
	#[codec(index = 1)]
	Fault,
}

/// What a worker says of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct UnitCommitment {
	/// Of which.
	pub at: Assignment,
	/// What.
	pub said: Said,
}

/// What a worker reveals of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct UnitReveal {
	/// Of which.
	pub at: Assignment,
	/// The outcome.
	pub outcome: Outcome,
	/// What has hidden it.
	pub salt: Salt,
}

/// "This I have of these units": what a worker's lottery key signs before it sees any other result.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Commit<Device> {
	/// The worker.
	pub device: Device,
	/// The job.
	#[codec(compact)]
	pub job: JobId,
	/// What it says.
	pub units: BoundedVec<UnitCommitment, ConstU32<MAX_BATCH>>,
}
signed!(Commit, b"SmartChain unit commitments v1");

/// What a worker has had, once all have committed themselves. What it shows opens its commitments and no others, so
/// that nobody signs it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Reveal {
	/// The job.
	#[codec(compact)]
	pub job: JobId,
	/// The worker's place in the pool of those who have these units.
	pub place: u8,
	/// What it reveals.
	pub units: BoundedVec<UnitReveal, ConstU32<MAX_BATCH>>,
}

/// "Give these to somebody else": what the same key signs before it has committed itself.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Decline<Device> {
	/// The worker.
	pub device: Device,
	/// The job.
	#[codec(compact)]
	pub job: JobId,
	/// What it hands back.
	pub units: BoundedVec<Assignment, ConstU32<MAX_BATCH>>,
}
signed!(Decline, b"SmartChain units declined v1");

/// "This device gave me the output", or "nobody did": what the lottery key of a prober signs that was drawn for a
/// dispute.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct OutputReport<Device> {
	/// Who asked.
	pub prober: Device,
	/// The job.
	pub job: JobId,
	/// The unit.
	pub unit: UnitAt,
	/// The tick at which its output was disputed: what was said in one dispute is worth nothing in another.
	pub disputed: Tick,
	/// Who gave it.
	pub served: Option<Device>,
}
signed!(OutputReport, b"SmartChain output report v1");
