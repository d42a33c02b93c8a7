//! What this pallet costs: a runtime measures it (`scripts/weights`).

use frame_support::weights::Weight;

/// What calls cost.
pub trait WeightInfo {
	/// A call of `l` bytes is relayed for the first time, signed as wallets do; without what the call itself takes.
	fn relay(l: u32) -> Weight;
	/// What was signed is made void for the first time.
	fn revoke() -> Weight;
}

/// For tests: so much that a test sees what was counted.
impl WeightInfo for () {
	fn relay(l: u32) -> Weight {
		Weight::from_parts(u64::from(l).saturating_add(10_000), 0)
	}
	fn revoke() -> Weight {
		Weight::from_parts(10, 0)
	}
}
