//! What is known of blocks besides who authored them.

use poca_primitives::Slot;

/// Whether blocks are full, for those that set prices by it.
pub trait BlockFull {
	/// Whether the author of the current block says that it filled the block up to its own limit of time, weight or
	/// bytes. Known from the beginning of a block until the next one begins, so that whoever finalizes the block can
	/// ask as well. It is the author's word: whoever relies on it bounds what a lie brings about.
	fn is_full() -> bool;
}

/// The slots of recent blocks.
pub trait SlotOfBlock {
	/// The slot of the block at this height on the current block's chain, which may be the current block; `None` for
	/// one that is to come or was forgotten, and for genesis, which has no slot.
	fn slot_of_block(number: u32) -> Option<Slot>;
}

/// No block is full.
impl BlockFull for () {
	fn is_full() -> bool {
		false
	}
}

/// No slot is known.
impl SlotOfBlock for () {
	fn slot_of_block(_: u32) -> Option<Slot> {
		None
	}
}
