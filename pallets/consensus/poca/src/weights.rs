//! What this pallet costs: a runtime measures it (`scripts/weights`).

use frame_support::weights::Weight;

/// What this pallet's hooks cost.
pub trait WeightInfo {
	/// Checking and writing down a block with `d` directors and as many standby signers that starts a turn, after each
	/// of the directors has missed one; without what others do who are told of it.
	fn on_initialize(d: u32) -> Weight;
	/// The markets' clock goes on at the end of a block, and asks how fast.
	fn tick() -> Weight;
	/// Changing to another era; without what that brings about.
	fn enter_era() -> Weight;
	/// Finding the keys of `d` directors and of as many standby signers, and seating them with those; without voters
	/// and history.
	fn renew_keys(d: u32) -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn renew_keys(_: u32) -> Weight {
		Weight::zero()
	}

	fn on_initialize(_: u32) -> Weight {
		Weight::zero()
	}

	fn tick() -> Weight {
		Weight::zero()
	}

	fn enter_era() -> Weight {
		Weight::zero()
	}
}
