//! What this pallet costs: a runtime measures it (`scripts/weights`).

use frame_support::weights::Weight;

/// What calls and hooks cost, with code of `b` bytes.
pub trait WeightInfo {
	/// A block in which nothing comes into force.
	fn wait() -> Weight;
	/// What it takes more if code comes into force.
	fn put_in_force(b: u32) -> Weight;
	/// Taking back what waits.
	fn cancel() -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn wait() -> Weight {
		Weight::zero()
	}
	fn put_in_force(_: u32) -> Weight {
		Weight::zero()
	}
	fn cancel() -> Weight {
		Weight::zero()
	}
}
