//! How much of its slot building a block may take.

use poca_primitives::{Schedule, Slot};

/// The share in percent. Others execute the block while the next one is built.
const USUAL: u32 = 80;
/// The same for the last block of a turn, which the next director has to execute before it builds its first.
const LAST: u32 = 25;
/// The same for the first block of a turn. The one before it was short, and came early: if this one were as large as a
/// block can be, and took as long to execute, nobody would see a block for more than two slots.
const FIRST: u32 = 50;

/// The share of a slot, in percent, that a block in it may take on a parent in that slot.
pub fn build_percent(schedule: &Schedule, parent_slot: Slot, slot: Slot) -> u32 {
	if hands_over(schedule, slot) {
		LAST
	} else if schedule.starts_turn(parent_slot, slot) && schedule.director(parent_slot) != schedule.director(slot) {
		FIRST
	} else {
		USUAL
	}
}

/// Whether another director authors the next slot, so that this block has to reach it in time.
pub fn hands_over(schedule: &Schedule, slot: Slot) -> bool {
	schedule.is_last_of_turn(slot) && schedule.director(slot) != schedule.director(slot.saturating_add(1u64))
}

#[cfg(test)]
mod tests {
	use super::*;
	use poca_primitives::{AuthorityId, SlotDuration, VRF_VERSION};
	use sp_core::sr25519::Public;

	fn schedule(directors: u8, turn_length: u32) -> Schedule {
		let key = |number| AuthorityId::from(Public::from_raw([number; 32]));
		Schedule {
			slot_duration: SlotDuration::from_millis(500),
			turn_length,
			missed_slots: 2,
			standby_line: 3,
			vrf_version: VRF_VERSION,
			era_length: 1_200,
			era: 0,
			directors: (0..directors).map(key).collect(),
			standby_signers: Vec::new(),
			randomness: [0; 32],
			turn_holder: None,
		}
	}

	/// The shares of the slots of the turn that begins here, each on a parent in the slot before.
	fn of_turn(schedule: &Schedule, first: u64) -> Vec<u32> {
		let slots = first..first + u64::from(schedule.turn_length);
		slots
			.map(|slot| build_percent(schedule, Slot::from(slot - 1), Slot::from(slot)))
			.collect()
	}

	#[test]
	fn blocks_are_shorter_where_directors_change() {
		assert_eq!(of_turn(&schedule(4, 5), 50), [FIRST, USUAL, USUAL, USUAL, LAST]);
		assert_eq!(of_turn(&schedule(4, 1), 50), [LAST], "the next one counts most");
		assert_eq!(
			of_turn(&schedule(1, 3), 30),
			[USUAL; 3],
			"nobody waits for a lone director"
		);
		let late = build_percent(&schedule(4, 5), Slot::from(48), Slot::from(52));
		assert_eq!(late, FIRST, "the first block, not the first slot");
	}
}
