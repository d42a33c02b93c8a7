//! What comes of a unit: what workers agree on, and how they commit themselves to it before they see any other.

use crate::{Hash, JobError, JobId, Tick, UnitAt};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;

// What keeps hashes apart: both have one length, and none is another. What follows each has a fixed order of parts, of
// which each says itself where it ends.
const DIGEST: &[u8; 22] = b"smart/compute/digest/1";
const COMMIT: &[u8; 22] = b"smart/compute/commit/1";

/// The BLAKE3 root of no bytes: the output of whatever did not run through.
pub const NO_OUTPUT: Hash = [
	0xaf, 0x13, 0x49, 0xb9, 0xf5, 0xf9, 0xa1, 0xa6, 0xa0, 0x40, 0x4d, 0xea, 0x36, 0xdc, 0xc9, 0x49, 0x9b, 0xcb, 0x25,
	0xc9, 0xad, 0xc1, 0x12, 0xb7, 0xcc, 0x9a, 0x93, 0xca, 0xe4, 0x1f, 0x32, 0x62,
];

/// What hides a digest until it is revealed: whoever does not know these bytes cannot try digests.
pub type Salt = [u8; 16];

/// How a unit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Kind {
	/// It ran through, and what it wrote is its output.
	#[codec(index = 0)]
	Ok,
	/// It ended early, by the engine's number for why. What it wrote is discarded.
	#[codec(index = 1)]
	Trap(u16),
	/// It burned more than its limit. What it wrote is discarded.
	#[codec(index = 2)]
	OutOfFuel,
}

/// What came of a unit, which all honest workers have alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Outcome {
	/// How it ended.
	pub kind: Kind,
	/// The BLAKE3 root of what it wrote; [`NO_OUTPUT`] unless it ran through.
	pub root: Hash,
	/// The fuel that it burned, by its engine's meter; the limit if that did not suffice, or the meter does not tell.
	pub fuel: u64,
}

impl Outcome {
	/// Whether any worker can have it, under this fuel limit.
	///
	/// # Errors
	/// [`JobError::BadOutcome`].
	pub fn check(&self, fuel_limit: u64) -> Result<(), JobError> {
		let sound = match self.kind {
			Kind::Ok => self.fuel <= fuel_limit,
			Kind::Trap(code) => code != 0 && self.root == NO_OUTPUT && self.fuel <= fuel_limit,
			Kind::OutOfFuel => self.root == NO_OUTPUT && self.fuel == fuel_limit,
		};
		if sound {
			return Ok(());
		}
		Err(JobError::BadOutcome)
	}

	/// What is compared: `blake2_256(tag | kind | root | fuel)`, the three as SCALE has them.
	#[must_use]
	pub fn digest(&self) -> Digest {
		let mut bytes = DIGEST.to_vec();
		(self.kind, self.root, self.fuel).encode_to(&mut bytes);
		Digest(blake2_256(&bytes))
	}
}

/// A hash of an [`Outcome`]: two outcomes are the same if these are.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Digest(pub Hash);

/// What a worker sends before it sees any other result: a hash of its digest, a salt, and itself. So nobody can copy
/// it, for it is worth nothing in another one's name.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Commitment(pub Hash);

impl Commitment {
	/// That of a worker: `blake2_256(tag | digest | salt | device)`, the three as SCALE has them.
	#[must_use]
	pub fn of<Device: Encode>(digest: &Digest, salt: &Salt, device: &Device) -> Self {
		let mut bytes = COMMIT.to_vec();
		(digest, salt, device).encode_to(&mut bytes);
		Self(blake2_256(&bytes))
	}

	/// Takes what a worker reveals.
	///
	/// # Errors
	/// [`JobError::BadOutcome`] if no worker can have it, [`JobError::CommitmentMismatch`] if this worker committed
	/// itself to something else.
	pub fn open<Device: Encode>(
		&self,
		outcome: &Outcome,
		salt: &Salt,
		device: &Device,
		fuel_limit: u64,
	) -> Result<Digest, JobError> {
		outcome.check(fuel_limit)?;
		let digest = outcome.digest();
		if Self::of(&digest, salt, device) != *self {
			return Err(JobError::CommitmentMismatch);
		}
		Ok(digest)
	}
}

/// A result that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Accepted {
	/// What came of it.
	pub outcome: Outcome,
	/// The tick at which it was accepted. Since then it may be appealed.
	pub at: Tick,
}

/// That a unit's result was accepted, and can be appealed no more: what a payment may wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct TaskAccepted {
	/// The job.
	pub job: JobId,
	/// The unit.
	pub unit: UnitAt,
	/// The root that its output has to have; any if none is said.
	pub root: Option<Hash>,
}

impl TaskAccepted {
	/// Whether it holds at a tick of what was accepted of the unit that it names; `appeal` is for how many ticks it may
	/// be appealed, and `open` whether an appeal or a re-check of it is not decided yet. What did not run through is no
	/// result to pay for.
	#[must_use]
	pub fn holds(&self, accepted: &Accepted, open: bool, now: Tick, appeal: Tick) -> bool {
		let Outcome { kind, root, .. } = accepted.outcome;
		let wanted = self.root.is_none_or(|wanted| wanted == root);
		let over = now > accepted.at.saturating_add(appeal);
		kind == Kind::Ok && wanted && over && !open
	}
}
