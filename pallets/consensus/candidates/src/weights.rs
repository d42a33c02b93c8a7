//! What this pallet costs: a runtime measures it (`scripts/weights`).

use frame_support::weights::Weight;

/// What this pallet's calls and hooks cost.
pub trait WeightInfo {
	/// A candidate that comes first into the list.
	fn register() -> Weight;
	/// More bond.
	fn bond_more() -> Weight;
	/// A candidate in the middle of the list leaves, with `b` ballots open.
	fn leave(b: u32) -> Weight;
	/// A bond is released.
	fn withdraw_bond() -> Weight;
	/// A vote that moves its candidate in the list, of a holder with as many votes as it may have.
	fn vote() -> Weight;
	/// Votes taken back, so that the candidate moves in the list.
	fn unvote() -> Weight;
	/// As many chunks as there may be are due.
	fn unlock() -> Weight;
	/// The deciding vote to admit, with `b` lapsed ballots to drop.
	fn admit(b: u32) -> Weight;
	/// The deciding vote to remove a director that the last standby replaces, with `b` lapsed ballots to drop.
	fn eliminate(b: u32) -> Weight;
	/// A report of `l` latencies.
	fn report_latencies(l: u32) -> Weight;
	/// A heartbeat of the last of as many absent as there may be.
	fn heartbeat() -> Weight;
	/// Checking that heartbeat, its signature among others.
	fn authorize_heartbeat() -> Weight;
	/// The parameters.
	fn set_parameters() -> Weight;
	/// An election that looks at `n` nodes, with all seats taken, all latencies reported, as many absent removed as may be and points
	/// of an era dropped.
	fn era_started(n: u32) -> Weight;
	/// A director is isolated, and the last standby takes its seat.
	fn turns_missed() -> Weight;
	/// A block of a director that was on probation.
	fn authored() -> Weight;
	/// A director equivocated, and the last standby takes its seat.
	fn offended() -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn register() -> Weight {
		Weight::zero()
	}

	fn bond_more() -> Weight {
		Weight::zero()
	}

	fn leave(_: u32) -> Weight {
		Weight::zero()
	}

	fn withdraw_bond() -> Weight {
		Weight::zero()
	}

	fn vote() -> Weight {
		Weight::zero()
	}

	fn unvote() -> Weight {
		Weight::zero()
	}

	fn unlock() -> Weight {
		Weight::zero()
	}

	fn admit(_: u32) -> Weight {
		Weight::zero()
	}

	fn eliminate(_: u32) -> Weight {
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

	fn turns_missed() -> Weight {
		Weight::zero()
	}

	fn authored() -> Weight {
		Weight::zero()
	}

	fn offended() -> Weight {
		Weight::zero()
	}
}
