//! What this pallet costs: a runtime measures it (`scripts/weights`).

use frame_support::weights::Weight;

/// What calls cost, with `m` members and calls of `b` bytes; without what carried calls take themselves.
pub trait WeightInfo {
	/// Opening a motion.
	fn propose(m: u32, b: u32) -> Weight;
	/// A vote that does not carry.
	fn vote(m: u32) -> Weight;
	/// What it takes more if a motion carries.
	fn carry(b: u32) -> Weight;
	/// Ending a motion.
	fn close(m: u32) -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn propose(_: u32, _: u32) -> Weight {
		Weight::zero()
	}
	fn vote(_: u32) -> Weight {
		Weight::zero()
	}
	fn carry(_: u32) -> Weight {
		Weight::zero()
	}
	fn close(_: u32) -> Weight {
		Weight::zero()
	}
}
