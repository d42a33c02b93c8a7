//! What this pallet costs: a runtime measures it (`scripts/weights`).

use frame_support::weights::Weight;

/// What this pallet's calls and hooks cost.
pub trait WeightInfo {
	/// A candidate that comes first into the list.
	fn register() -> Weight;
	/// More bond, of one whose bar is over.
	fn bond_more() -> Weight;
	/// A candidate in the middle of the list leaves, with as many absent as there may be.
	fn leave() -> Weight;
	/// A candidate that had left comes first into the list again.
	fn resume() -> Weight;
	/// A bond is released.
	fn withdraw_bond() -> Weight;
	/// A holder that backs as many candidates as it may backs one more, so that this moves in the list.
	fn back() -> Weight;
	/// Backing taken back, so that the candidate moves in the list.
	fn unback() -> Weight;
	/// As many chunks as there may be are due.
	fn unlock() -> Weight;
	/// A candidate in the middle of the list is admitted.
	fn admit() -> Weight;
	/// A director is removed, the standby that is looked at last takes its seat, and as many are absent as there may
	/// be.
	fn eliminate() -> Weight;
	/// A report of `l` latencies, the first of its node.
	fn report_latencies(l: u32) -> Weight;
	/// A heartbeat of the last of as many absent as there may be.
	fn heartbeat() -> Weight;
	/// Checking that heartbeat, its signature among others.
	fn authorize_heartbeat() -> Weight;
	/// The parameters.
	fn set_parameters() -> Weight;
	/// The first block of an era that looks at `n` nodes of the list, and besides at as many others as there may be, in
	/// office, elected, back or in force: all seats change hands, all latencies are reported, all bonds are kept for
	/// longer, and as many absent are removed as may be. What seating costs, voters and
	/// history included, is part of it.
	fn era_started(n: u32) -> Weight;
	/// `n` directors are isolated, and standbys take their seats; the list of absences is full, so that for each of
	/// them the earliest is removed, a director whose seat another standby takes.
	fn turns_missed(n: u32) -> Weight;
	/// A block of a director that was on probation, and the last of as many absent as there may be.
	fn authored() -> Weight;
	/// A director equivocated, the standby that is looked at last takes its seat, and as many are absent as there may
	/// be.
	fn offended() -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn register() -> Weight {
		Weight::zero()
	}

	fn resume() -> Weight {
		Weight::zero()
	}

	fn bond_more() -> Weight {
		Weight::zero()
	}

	fn leave() -> Weight {
		Weight::zero()
	}

	fn withdraw_bond() -> Weight {
		Weight::zero()
	}

	fn back() -> Weight {
		Weight::zero()
	}

	fn unback() -> Weight {
		Weight::zero()
	}

	fn unlock() -> Weight {
		Weight::zero()
	}

	fn admit() -> Weight {
		Weight::zero()
	}

	fn eliminate() -> Weight {
		Weight::zero()
	}

	fn report_latencies(_: u32) -> Weight {
		Weight::zero()
	}

	fn heartbeat() -> Weight {
		Weight::zero()
	}

	fn authorize_heartbeat() -> Weight {
		Weight::zero()
	}

	fn set_parameters() -> Weight {
		Weight::zero()
	}

	fn era_started(_: u32) -> Weight {
		Weight::zero()
	}

	fn turns_missed(_: u32) -> Weight {
		Weight::zero()
	}

	fn authored() -> Weight {
		Weight::zero()
	}

	fn offended() -> Weight {
		Weight::zero()
	}
}
