//! Whether slots are what their roots say.

use super::STEP;
use crate::{
	edge::SlotSource,
	meter::{Buffer, Meter},
	Error, Faults, SlotFault, Stored,
};

/// Reads all of one slot, and says what is wrong with it.
///
/// Errors: no such slot; memory. What is wrong with the slot is in the answer.
pub fn verify_slot(
	stored: &Stored,
	slot: u8,
	slots: &mut dyn SlotSource,
	meter: &Meter,
) -> Result<Option<SlotFault>, Error> {
	stored.geometry().check_slot(slot)?;
	let mut buffer = meter.buffer(STEP)?;
	Ok(fault(stored, slot, slots, &mut buffer))
}

/// Reads all slots, and names those that are missing, too short or long, or have other bytes.
///
/// Errors: memory.
pub fn verify(stored: &Stored, slots: &mut dyn SlotSource, meter: &Meter) -> Result<Faults, Error> {
	let mut faults = Faults::default();
	let mut buffer = meter.buffer(STEP)?;
	for slot in 0..stored.geometry().n() {
		if let Some(fault) = fault(stored, slot, slots, &mut buffer) {
			faults.add(slot, fault);
		}
	}
	Ok(faults)
}

/// What is wrong with a slot's length.
pub(super) fn length_fault(stored: &Stored, slot: u8, slots: &mut dyn SlotSource) -> Option<SlotFault> {
	match slots.length(slot) {
		Ok(found) if found == stored.slot_len() => None,
		Ok(found) => Some(SlotFault::Length {
			found,
			wanted: stored.slot_len(),
		}),
		Err(fault) => Some(fault),
	}
}

fn fault(stored: &Stored, slot: u8, slots: &mut dyn SlotSource, buffer: &mut Buffer) -> Option<SlotFault> {
	let length = length_fault(stored, slot, slots);
	if length.is_some() {
		return length;
	}
	let (mut hasher, mut at) = (blake3::Hasher::new(), 0);
	while at < stored.slot_len() {
		let step = (stored.slot_len() - at).min(STEP as u64);
		let part = &mut buffer[..step as usize];
		if let Err(fault) = slots.read(slot, at, part) {
			return Some(fault);
		}
		hasher.update(part);
		at += step;
	}
	(*hasher.finalize().as_bytes() != stored.root(slot)).then_some(SlotFault::Wrong)
}
