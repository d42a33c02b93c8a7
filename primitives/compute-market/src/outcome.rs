//! What comes of a unit, and how a worker commits itself to it before it sees what others say.

use crate::{Hash, JobId, UnitAt};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;

const COMMIT: &[u8; 22] = b"smart/compute/commit/1";

/// What makes a commitment unguessable: 32 bytes that nobody else knows.
pub type Salt = Hash;

/// How a unit has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Kind {
	/// It ran through.
	#[codec(index = 0)]
	Ok,
	/// It trapped, for this reason: a number of the engine's.
	#[codec(index = 1)]
	Trap(u16),
	/// It burned more than its limit.
	#[codec(index = 2)]
	OutOfFuel,
}

/// What came of a unit, which all honest workers have alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Outcome {
	/// How it ended.
	pub kind: Kind,
	/// The BLAKE3 hash of its output; of nothing, if it did not run through.
	pub root: Hash,
	/// What it burned, the limit at most.
	pub fuel: u64,
}

/// What a worker says of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Shown {
	/// Its outcome.
	#[codec(index = 0)]
	Outcome(Outcome),
	/// Its machine could not run it. Of an output that was to be fetched: nobody served it.
	#[codec(index = 1)]
	Fault,
}

/// What a worker commits itself by, before it sees what others say. It names the worker, so that nobody can copy it, and
/// the unit, so that it is worth nothing for another one.
pub fn commitment<Device: Encode>(device: &Device, job: JobId, unit: UnitAt, shown: &Shown, salt: &Salt) -> Hash {
	let mut bytes = COMMIT.to_vec();
	(device, job, unit, shown, salt).encode_to(&mut bytes);
	blake2_256(&bytes)
}
