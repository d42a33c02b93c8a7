//! What markets and payment channels ask of the rest of the chain.

/// The one clock of all markets. Their deadlines count its ticks, so that nobody loses money because blocks were full or
/// finality stood still.
pub trait MarketClock {
	/// The tick of the current block. It never falls, and rises by one in a block at most.
	fn tick() -> u32;
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
