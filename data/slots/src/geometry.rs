//! How a volume lies in slots: k of n, units, stripes, and lengths that follow.

use crate::{seal, Error};

/// The most slots of a deal.
pub const MAX_SLOTS: u8 = 32;
/// Bytes of a unit, usually: a call of the decoder costs a quarter of a millisecond whatever its size.
pub const UNIT: u32 = 256 << 10;
/// Bytes of a unit if a slot has less than [`SMALL_SLOT`]: less is lost to padding.
pub const SMALL_UNIT: u32 = 16 << 10;
/// From so many bytes of a slot on units are large.
pub const SMALL_SLOT: u64 = 16 << 20;
/// Bytes of the longest slot.
pub const MAX_SLOT_LEN: u64 = 64 << 30;
/// Bytes of a column of the code: each is a codeword of its own, so that ranges of these are rebuilt from ranges alone.
pub const COLUMN: u32 = 64;

/// How much loss a deal bears, for what space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
	/// 4 of 8: twice the space, any four may be lost.
	Standard,
	/// 8 of 16: twice the space, any eight.
	Durable,
	/// 4 of 12: three times the space, any eight.
	Archive,
	/// 1 of 1: no loss is borne.
	Single,
}

impl Profile {
	/// k and n.
	pub const fn slots(self) -> (u8, u8) {
		match self {
			Self::Standard => (4, 8),
			Self::Durable => (8, 16),
			Self::Archive => (4, 12),
			Self::Single => (1, 1),
		}
	}
}

/// k of n slots in units. It is fixed for a deal's life: parity depends on n.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
	k: u8,
	n: u8,
	unit: u32,
}

impl Geometry {
	/// `1 <= k <= n <= 32`; the unit is a power of two of bytes, from [`COLUMN`] to [`UNIT`].
	pub fn new(k: u8, n: u8, unit: u32) -> Result<Self, Error> {
		let units = (COLUMN..=UNIT).contains(&unit) && unit.is_power_of_two();
		if k == 0 || k > n || n > MAX_SLOTS || !units {
			return Err(Error::Geometry { k, n, unit });
		}
		Ok(Self { k, n, unit })
	}

	/// That of a profile for a volume of so many bytes; `None` for a stream whose end is not known.
	pub fn of(profile: Profile, volume_len: Option<u64>) -> Self {
		let (k, n) = profile.slots();
		let small = volume_len.is_some_and(|length| length.div_ceil(u64::from(k)) < SMALL_SLOT);
		let unit = if small { SMALL_UNIT } else { UNIT };
		Self { k, n, unit }
	}

	/// How many slots bring all back: the first k hold the volume itself.
	pub const fn k(&self) -> u8 {
		self.k
	}

	/// How many slots there are.
	pub const fn n(&self) -> u8 {
		self.n
	}

	/// How many slots hold parity.
	pub const fn parity(&self) -> u8 {
		self.n - self.k
	}

	/// Bytes of a unit: what a stripe puts into one slot.
	pub const fn unit(&self) -> usize {
		self.unit as usize
	}

	/// Bytes of the volume in a stripe.
	pub const fn stripe(&self) -> usize {
		self.k as usize * self.unit as usize
	}

	/// Bytes of each slot for a sealed volume of so many.
	///
	/// Errors: [`Error::TooLong`].
	pub fn slot_len(&self, volume_len: u64) -> Result<u64, Error> {
		let length = volume_len
			.div_ceil(self.stripe() as u64)
			.saturating_mul(u64::from(self.unit));
		if length > MAX_SLOT_LEN {
			return Err(Error::TooLong {
				length,
				most: MAX_SLOT_LEN,
			});
		}
		Ok(length)
	}

	/// Refuses a number that no slot has.
	pub(crate) fn check_slot(&self, slot: u8) -> Result<(), Error> {
		if slot >= self.n {
			return Err(Error::NoSuchSlot { slot, last: self.n - 1 });
		}
		Ok(())
	}
}

/// What the chain keeps of a volume that was stored, and all that reading, checking and repair need beside the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
	geometry: Geometry,
	volume_len: u64,
	slot_len: u64,
	roots: Vec<[u8; 32]>,
}

impl Stored {
	/// Of a volume of so many sealed bytes, with a root a slot: the BLAKE3 hash of its bytes.
	///
	/// Errors: lengths or numbers that do not fit.
	pub fn new(geometry: Geometry, volume_len: u64, roots: Vec<[u8; 32]>) -> Result<Self, Error> {
		if roots.len() != usize::from(geometry.n) || seal::plain_len(volume_len).is_none() {
			return Err(crate::ManifestError::Numbers.into());
		}
		Ok(Self {
			geometry,
			volume_len,
			slot_len: geometry.slot_len(volume_len)?,
			roots,
		})
	}

	/// How it lies in slots.
	pub const fn geometry(&self) -> Geometry {
		self.geometry
	}

	/// Bytes of the sealed volume, without padding.
	pub const fn volume_len(&self) -> u64 {
		self.volume_len
	}

	/// Bytes of each slot.
	pub const fn slot_len(&self) -> u64 {
		self.slot_len
	}

	/// The root of each slot.
	pub fn roots(&self) -> &[[u8; 32]] {
		&self.roots
	}

	/// The root of one slot.
	pub(crate) fn root(&self, slot: u8) -> [u8; 32] {
		self.roots.get(usize::from(slot)).copied().unwrap_or_default()
	}

	/// What a journal knows it by.
	pub(crate) fn id(&self) -> [u8; 32] {
		let mut hasher = blake3::Hasher::new_derive_key("SmartChain stored volume id v1");
		hasher.update(&[self.geometry.k, self.geometry.n]);
		hasher.update(&self.geometry.unit.to_le_bytes());
		hasher.update(&self.volume_len.to_le_bytes());
		for root in &self.roots {
			hasher.update(root);
		}
		*hasher.finalize().as_bytes()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_cannot_be_is_refused() {
		for (k, n, unit) in [
			(0, 1, 64),
			(2, 1, 64),
			(1, 33, 64),
			(1, 1, 32),
			(1, 1, 96),
			(1, 1, 1 << 19),
		] {
			assert!(Geometry::new(k, n, unit).is_err(), "{k} of {n}, {unit}");
		}
		assert!(Geometry::new(32, 32, UNIT).is_ok());
	}

	#[test]
	fn units_are_small_below_sixteen_mebibytes_a_slot() {
		let unit = |length| Geometry::of(Profile::Standard, length).unit() as u32;
		assert_eq!(unit(Some(1)), SMALL_UNIT);
		assert_eq!(unit(Some(4 * SMALL_SLOT - 4)), SMALL_UNIT);
		assert_eq!(unit(Some(4 * SMALL_SLOT)), UNIT);
		assert_eq!(unit(None), UNIT);
	}

	#[test]
	fn slots_are_whole_units_and_have_a_bound() {
		let geometry = Geometry::new(4, 8, 64).unwrap();
		for (volume, slot) in [(1, 64), (256, 64), (257, 128), (512, 128)] {
			assert_eq!(geometry.slot_len(volume).unwrap(), slot, "{volume}");
		}
		assert!(geometry.slot_len(4 * MAX_SLOT_LEN).is_ok());
		assert!(matches!(
			geometry.slot_len(4 * MAX_SLOT_LEN + 1),
			Err(Error::TooLong { .. })
		));
	}

	#[test]
	fn roots_are_as_many_as_slots() {
		let geometry = Geometry::new(2, 3, 64).unwrap();
		assert!(Stored::new(geometry, 100, vec![[0; 32]; 3]).is_ok());
		assert!(Stored::new(geometry, 100, vec![[0; 32]; 2]).is_err());
		assert!(
			Stored::new(geometry, 16, vec![[0; 32]; 3]).is_err(),
			"a frame of nothing"
		);
	}
}
