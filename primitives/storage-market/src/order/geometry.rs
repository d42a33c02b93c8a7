//! How a volume lies on slots.

use crate::DealError;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use storage_proof_primitives::{Shape, MAX_BYTES};

/// The most slots of a deal.
pub const MAX_SLOTS: u32 = 32;

/// Bytes of a MiB.
pub const MIB: u64 = 1 << 20;

/// Bytes of a slot in each stripe, from 16 MiB a slot on.
pub const LARGE_UNIT: u64 = 256 << 10;

/// The same below that.
pub const SMALL_UNIT: u64 = 16 << 10;

const LARGE_FROM: u64 = 16 * MIB;

/// The shapes that users choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Profile {
	/// 4 of 8: twice the bytes, any four may be lost.
	Standard,
	/// 8 of 16.
	Durable,
	/// 4 of 12.
	Archive,
	/// 1 of 1: nothing may be lost.
	Single,
}

impl Profile {
	/// How many slots suffice, and how many there are.
	pub const fn shape(self) -> (u8, u8) {
		match self {
			Self::Standard => (4, 8),
			Self::Durable => (8, 16),
			Self::Archive => (4, 12),
			Self::Single => (1, 1),
		}
	}
}

/// How a volume of so many bytes lies on `n` slots, of which any `k` give it back. The length of a slot follows from
/// these three by a rule that is part of the format: it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Geometry {
	/// How many slots suffice, `k`.
	pub enough: u8,
	/// How many there are, `n`.
	pub slots: u8,
	/// Bytes of the volume, encrypted.
	#[codec(compact)]
	pub volume_len: u64,
}

impl Geometry {
	/// That of a profile.
	pub const fn of(profile: Profile, volume_len: u64) -> Self {
		let (enough, slots) = profile.shape();
		Self {
			enough,
			slots,
			volume_len,
		}
	}

	/// Whether there can be one.
	///
	/// # Errors
	/// [`DealError::BadGeometry`].
	pub fn check(&self) -> Result<(), DealError> {
		let shape = self.enough >= 1 && self.enough <= self.slots && u32::from(self.slots) <= MAX_SLOTS;
		if shape && self.volume_len >= 1 && self.slot_len() <= MAX_BYTES {
			return Ok(());
		}
		Err(DealError::BadGeometry)
	}

	/// Bytes of a slot in each stripe.
	pub fn unit(&self) -> u64 {
		if self.volume_len.div_ceil(self.divisor()) < LARGE_FROM {
			SMALL_UNIT
		} else {
			LARGE_UNIT
		}
	}

	/// Bytes of a slot: a whole number of units.
	pub fn slot_len(&self) -> u64 {
		let unit = self.unit();
		let stripes = self.volume_len.div_ceil(self.divisor().saturating_mul(unit));
		stripes.saturating_mul(unit)
	}

	/// The shape of a slot's tree: that of an empty slot if the geometry is none that [`Self::check`] lets in.
	pub fn shape(&self) -> Shape {
		Shape::of(self.slot_len()).unwrap_or_default()
	}

	/// How many slots may be lost.
	pub fn spare(&self) -> u32 {
		u32::from(self.slots.saturating_sub(self.enough))
	}

	/// With how many confirmed slots a deal begins when the time to upload is over: half of the spare ones may be
	/// missing, which are repaired then.
	pub fn to_begin(&self) -> u32 {
		u32::from(self.slots).saturating_sub(self.spare().div_euclid(2))
	}

	fn divisor(&self) -> u64 {
		u64::from(self.enough.max(1))
	}
}
