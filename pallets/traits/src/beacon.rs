//! What lotteries are drawn from.

use poca_primitives::{Randomness, Slot};

/// Slots, turns, and what the VRF outputs of authors have added up to. To be asked within a block, after the header has
/// been noted.
pub trait Beacon {
	/// The slot of the current block.
	fn slot() -> Slot;

	/// The slot of its parent; 0 if that is genesis, which has none.
	fn parent_slot() -> Slot;

	/// All VRF outputs up to the current block, its own included, folded into one. It changes in the first block of a
	/// turn and in no other, so that nobody but that block's author knew it before.
	fn accumulator() -> Randomness;

	/// Slots of a turn; at least 1.
	fn turn_length() -> u32;
}
