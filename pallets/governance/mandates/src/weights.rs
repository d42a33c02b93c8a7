//! What this pallet costs: a runtime measures it (`scripts/weights`).

use frame_support::weights::Weight;

/// What calls cost; without what a call that is done in an emergency takes itself.
pub trait WeightInfo {
	/// Vouching for a call, where as many others as there may be are vouched for.
	fn sponsor() -> Weight;
	/// What it takes besides the call itself.
	fn act() -> Weight;
	/// Appointing a steward.
	fn appoint() -> Weight;
	/// A report that takes the room of the oldest.
	fn report() -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn sponsor() -> Weight {
		Weight::zero()
	}
	fn act() -> Weight {
		Weight::zero()
	}
	fn appoint() -> Weight {
		Weight::zero()
	}
	fn report() -> Weight {
		Weight::zero()
	}
}
