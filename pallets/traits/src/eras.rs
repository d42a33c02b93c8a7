//! Eras: what they are, and being told of them.

use poca_primitives::{Randomness, Slot};
use sp_runtime::Weight;

/// What other pallets ask about eras, without knowing which pallet counts them.
///
/// Eras are counted that began: the number grows by one with the first block of each period that has a block, however
/// many periods passed without one. A term of so many eras does not run while the chain stands still.
pub trait EraClock {
	/// The era of the current block, counted from 0 at the first block.
	fn current_era() -> u32;
	/// The randomness of the current era. It was known to everybody all through the era before.
	fn era_randomness() -> Randomness;
}

/// The era of a slot, for those that have to do with the past.
pub trait EraOfSlot {
	/// The era that a slot lies in. `None` for a slot in a period without a block, for one before the oldest era that
	/// is remembered, and for one beyond the end of the current era.
	fn era_of_slot(slot: Slot) -> Option<u32>;
}

/// Told of eras.
pub trait EraHook {
	/// `era` began: called once in its first block, after [`EraClock::current_era`] has changed to it, and for every
	/// number. `order` comes from the VRF outputs of the era that just ended and that of the block that begins `era`,
	/// so that nobody knew it while seats of `era` could still be changed, not even whoever authored last before. It is
	/// not the randomness that VRFs are evaluated over.
	///
	/// In a block that also calls [`AttendanceHook`](crate::AttendanceHook), that comes first: who was absent is known
	/// to the election, and a block counts for those that were in office when it was authored.
	///
	/// Returns the weight that it consumed.
	fn era_started(era: u32, order: &Randomness) -> Weight;
}

impl EraHook for () {
	fn era_started(_: u32, _: &Randomness) -> Weight {
		Weight::zero()
	}
}

/// One after the other.
impl<A: EraHook, B: EraHook> EraHook for (A, B) {
	fn era_started(era: u32, order: &Randomness) -> Weight {
		A::era_started(era, order).saturating_add(B::era_started(era, order))
	}
}
