//! What workers say without an account: commitments, which their keys sign, and what they reveal, which speaks for
//! itself.

use crate::{Hash, JobId, Salt, Shown, UnitAt};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Units that one message names at most.
pub const MAX_ENTRIES: u32 = 32;

/// A commitment to what came of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Entry {
	/// The unit.
	pub unit: UnitAt,
	/// By [`crate::commitment`].
	pub commitment: Hash,
}

/// "This is what came of these units, under seals": what the lottery key of a worker's device signs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Commits<Device> {
	/// Of which job.
	pub job: JobId,
	/// Whose they are.
	pub device: Device,
	/// The commitments.
	pub entries: BoundedVec<Entry, ConstU32<MAX_ENTRIES>>,
}

impl<Device: Encode> Commits<Device> {
	/// What the payload begins with.
	pub const DOMAIN: &'static [u8] = b"SmartChain compute commitments v1";

	/// The bytes that are signed, on the chain of this genesis.
	pub fn payload<Genesis: Encode>(&self, genesis: &Genesis) -> Vec<u8> {
		let mut payload = Self::DOMAIN.to_vec();
		(genesis, self).encode_to(&mut payload);
		payload
	}
}

/// What a commitment stood for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Reveal {
	/// The unit.
	pub unit: UnitAt,
	/// What came of it.
	pub shown: Shown,
	/// What sealed it.
	pub salt: Salt,
}

/// What commitments of one device to units of one job stood for. Nobody signs it: only who sealed it knows the salts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Reveals<Device> {
	/// Of which job.
	pub job: JobId,
	/// Whose they are.
	pub device: Device,
	/// What they stood for.
	pub entries: BoundedVec<Reveal, ConstU32<MAX_ENTRIES>>,
}
