//! What markets and payment channels ask of the rest of the chain.

use device_primitives::DeviceId;

/// The one clock of all markets. Their deadlines count its ticks, so that nobody loses money because blocks were full
/// or finality stood still.
pub trait MarketClock {
	/// The tick of the current block. It never falls, and rises by one in a block at most.
	fn tick() -> u32;
}

/// How fast the markets' clock goes. Asked once a block, while the block is finalized.
pub trait Pace {
	/// Whether it stands: finality lags, or a migration runs, and whoever waits for it can do nothing.
	fn stands() -> bool;

	/// Whether it is slow: blocks are full, and answers may find no room.
	fn is_slow() -> bool;
}

/// Always the same.
impl Pace for () {
	fn stands() -> bool {
		false
	}

	fn is_slow() -> bool {
		false
	}
}

/// What conditions of payments may ask of this chain. Each market adds predicates of its own; a number is never given
/// twice.
pub trait Predicates {
	/// Whether a predicate holds of what is encoded in `args`. Of one that is not known, nothing does. Its cost is
	/// measured as a part of what asks it.
	fn holds(predicate: u16, args: &[u8]) -> bool;
}

/// There is nothing to ask.
impl Predicates for () {
	fn holds(_: u16, _: &[u8]) -> bool {
		false
	}
}

/// What devices have proven of their space.
pub trait ProvenSpace {
	/// Bytes of the plots that a device has proven, by its estimate. Reads one value.
	fn bytes(device: &DeviceId) -> u64;
}

/// Nobody has proven anything.
impl ProvenSpace for () {
	fn bytes(_: &DeviceId) -> u64 {
		0
	}
}
