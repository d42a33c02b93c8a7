//! Eras: what they are, and being told of them.

use poca_primitives::{Randomness, Slot};
use sp_runtime::Weight;

/// What other pallets ask about eras, without knowing which pallet counts them.
pub trait EraClock {
	/// The era of the current block, counted from 0 at the first block.
	fn current_era() -> u32;
	/// The randomness of the current era.
	fn era_randomness() -> Randomness;
}

/// The era of any slot, for those that have to do with the past.
pub trait EraOfSlot {
	/// The era that a slot lies in, whether it is past or to come; 0 for slots before the first block.
	fn era_of_slot(slot: Slot) -> u32;
}

/// Told of eras.
pub trait EraHook {
	/// `era` began: called once in its first block, after [`EraClock::current_era`] has changed to it. Eras that passed
	/// without a block are left out. `randomness` is that of `era`.
	///
	/// In a block that also calls [`AttendanceHook`], that comes first: who was absent is known to the election, and a block
	/// counts for those that were in office when it was authored.
	///
	/// Returns the weight that it consumed.
	fn era_started(era: u32, randomness: &Randomness) -> Weight;
}

impl EraHook for () {
	fn era_started(_: u32, _: &Randomness) -> Weight {
		Weight::zero()
	}
}
