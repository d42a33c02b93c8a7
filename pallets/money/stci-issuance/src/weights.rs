//! What this pallet costs: a runtime measures it (`scripts/weights`).

use frame_support::weights::Weight;

/// What calls and hooks cost.
pub trait WeightInfo {
	/// An era is closed and another opened, and one expires.
	fn era_started() -> Weight;
	/// A merit of one account in the open era.
	fn authored() -> Weight;
	/// `n` eras of one account are paid out.
	fn claim(n: u32) -> Weight;
	/// An era expires, `n` of its merits are removed, and it is over.
	fn sweep(n: u32) -> Weight;
}

/// For tests: so much that a test sees whether there is room for it.
impl WeightInfo for () {
	fn era_started() -> Weight {
		Weight::from_parts(1_000, 0)
	}
	fn authored() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn claim(n: u32) -> Weight {
		Weight::from_parts(100, 0).saturating_mul(n.into())
	}
	fn sweep(n: u32) -> Weight {
		Weight::from_parts(1, 0).saturating_add(Weight::from_parts(n.into(), 0))
	}
}
