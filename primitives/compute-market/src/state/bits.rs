//! Units of a job, each a bit.

use crate::{UnitAt, MAX_UNITS};
use bounded_collections::{BoundedVec, ConstU32};

/// Units of a job, each a bit: the first one the lowest of the first byte. Only as long as the last one that is named.
pub type UnitBits = BoundedVec<u8, ConstU32<{ MAX_UNITS / 8 }>>;

/// Where the bit of a unit is: in which byte, and which one there.
fn bit_of(unit: UnitAt) -> (usize, u8) {
	let byte = usize::try_from(unit >> 3).unwrap_or(usize::MAX);
	(byte, 1_u8.checked_shl(unit & 7).unwrap_or(0))
}

/// Names a unit.
pub fn set_bit(units: &mut UnitBits, unit: UnitAt) {
	let (byte, bit) = bit_of(unit);
	// No job has more units than there is room for.
	while units.len() <= byte && units.try_push(0).is_ok() {}
	if let Some(found) = units.get_mut(byte) {
		*found |= bit;
	}
}

/// Whether a unit is named.
#[must_use]
pub fn has_bit(units: &UnitBits, unit: UnitAt) -> bool {
	let (byte, bit) = bit_of(unit);
	units.get(byte).is_some_and(|found| *found & bit != 0)
}
