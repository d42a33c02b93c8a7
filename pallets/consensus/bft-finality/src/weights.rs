//! What this pallet costs: a runtime measures it (`scripts/weights`).

use frame_support::weights::Weight;

/// What this pallet's hooks cost.
pub trait WeightInfo {
	/// A block whose header holds a remembered block final, and that changes no voters.
	fn on_initialize() -> Weight;
	/// What a change to `v` voters costs besides.
	fn change_voters(v: u32) -> Weight;
	/// A vote goes on record, once it is authorized, and with it all sets end before its own that were in force.
	fn record_vote() -> Weight;
	/// Checking that vote, its signature among others.
	fn authorize_record_vote() -> Weight;
	/// Finding the keys of `v` accounts, and wanting them to vote.
	fn seat_voters(v: u32) -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn on_initialize() -> Weight {
		Weight::zero()
	}
	fn change_voters(_: u32) -> Weight {
		Weight::zero()
	}
	fn record_vote() -> Weight {
		Weight::zero()
	}
	fn authorize_record_vote() -> Weight {
		Weight::zero()
	}
	fn seat_voters(_: u32) -> Weight {
		Weight::zero()
	}
}
