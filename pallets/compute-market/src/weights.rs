//! What this pallet costs: a runtime measures it.

use frame_support::weights::Weight;

/// What calls and hooks cost.
pub trait WeightInfo {
	/// An offer takes the place of another, with all tickets new.
	fn set_worker() -> Weight;
	/// More stake is put in.
	fn add_stake() -> Weight;
	/// Stake leaves, and what has left is paid.
	fn withdraw_stake() -> Weight;
	/// A job is submitted.
	fn submit_job() -> Weight;
	/// More is put in for a job that waits for it.
	fn top_up() -> Weight;
	/// A job is given up of whose units as many are out as can be, and which waits for money.
	fn cancel_job() -> Weight;
	/// A device says something of `n` units, of a pool of 64.
	fn commit(n: u32) -> Weight;
	/// That is looked at, and its signature.
	fn check_commit(n: u32) -> Weight;
	/// A device reveals what it has of `n` units.
	fn reveal(n: u32) -> Weight;
	/// That is looked at, and its signature.
	fn check_reveal(n: u32) -> Weight;
	/// A device hands back `n` units, of a pool of 64.
	fn decline(n: u32) -> Weight;
	/// Pay of `n` jobs is claimed.
	fn claim(n: u32) -> Weight;
	/// An output is said to be missing.
	fn dispute_output() -> Weight;
	/// The last of three says so.
	fn report_output() -> Weight;
	/// A result is appealed.
	fn appeal() -> Weight;
	/// The outputs of a job with a pool of 64 are received.
	fn accept_job() -> Weight;
	/// A job with a pool of 64 is closed, and the last 256 results are cleared.
	fn close_job() -> Weight;
	/// What could not be paid is.
	fn pay() -> Weight;
	/// A turn begins.
	fn follow_beacon() -> Weight;
	/// Somebody is late with a unit, or a tick without anything is looked at.
	fn late() -> Weight;
	/// The time of reveals of a unit is over.
	fn hidden() -> Weight;
	/// A job is given up for want of money, of whose units as many are out as can be.
	fn give_up() -> Weight;
	/// Somebody is called back, besides what that does.
	fn call_back() -> Weight;
	/// A unit that `n` members have is accepted.
	fn settle(n: u32) -> Weight;
	/// What runs a unit again with a pool of 24 is over, and refutes it.
	fn end_check() -> Weight;
	/// A pool is drawn, besides its tickets, and has to be drawn anew.
	fn draw_pool() -> Weight;
	/// A ticket is looked at for a pool of 63 others, and fits.
	fn look() -> Weight;
	/// A job with a pool of 64 has its turn, and units are given to members `n` times.
	fn visit(n: u32) -> Weight;
	/// One has its turn of which `n` units miss members: there is money for these, and nobody has room.
	fn visit_busy(n: u32) -> Weight;
	/// The same, and all members were asked: these units go on with those that they have.
	fn visit_asked(n: u32) -> Weight;
	/// The beacon has an accepted unit run again.
	fn draw_recent() -> Weight;
	/// The chain has one run again.
	fn order() -> Weight;
}

/// A weight of so many small steps.
fn steps(number: u64) -> Weight {
	Weight::from_parts(number, 0)
}

/// For tests: so much that a test sees what was counted.
impl WeightInfo for () {
	fn set_worker() -> Weight {
		steps(10)
	}
	fn add_stake() -> Weight {
		steps(10)
	}
	fn withdraw_stake() -> Weight {
		steps(10)
	}
	fn submit_job() -> Weight {
		steps(10)
	}
	fn top_up() -> Weight {
		steps(10)
	}
	fn cancel_job() -> Weight {
		steps(50)
	}
	fn commit(n: u32) -> Weight {
		steps(5).saturating_add(steps(5).saturating_mul(n.into()))
	}
	fn check_commit(n: u32) -> Weight {
		steps(10).saturating_add(steps(2).saturating_mul(n.into()))
	}
	fn reveal(n: u32) -> Weight {
		steps(5).saturating_add(steps(5).saturating_mul(n.into()))
	}
	fn check_reveal(n: u32) -> Weight {
		steps(10).saturating_add(steps(2).saturating_mul(n.into()))
	}
	fn decline(n: u32) -> Weight {
		steps(5).saturating_add(steps(10).saturating_mul(n.into()))
	}
	fn claim(n: u32) -> Weight {
		steps(10).saturating_mul(n.into())
	}
	fn dispute_output() -> Weight {
		steps(20)
	}
	fn report_output() -> Weight {
		steps(10)
	}
	fn appeal() -> Weight {
		steps(20)
	}
	fn accept_job() -> Weight {
		steps(20)
	}
	fn close_job() -> Weight {
		steps(100)
	}
	fn pay() -> Weight {
		steps(10)
	}
	fn follow_beacon() -> Weight {
		steps(5)
	}
	fn late() -> Weight {
		steps(20)
	}
	fn hidden() -> Weight {
		steps(5)
	}
	fn give_up() -> Weight {
		steps(50)
	}
	fn call_back() -> Weight {
		steps(10)
	}
	fn settle(n: u32) -> Weight {
		steps(10).saturating_add(steps(5).saturating_mul(n.into()))
	}
	fn end_check() -> Weight {
		steps(100)
	}
	fn draw_pool() -> Weight {
		steps(20)
	}
	fn look() -> Weight {
		steps(4)
	}
	fn visit(n: u32) -> Weight {
		steps(50).saturating_add(steps(10).saturating_mul(n.into()))
	}
	fn visit_busy(n: u32) -> Weight {
		steps(50).saturating_add(steps(1).saturating_mul(n.into()))
	}
	fn visit_asked(n: u32) -> Weight {
		steps(50).saturating_add(steps(2).saturating_mul(n.into()))
	}
	fn draw_recent() -> Weight {
		steps(15)
	}
	fn order() -> Weight {
		steps(15)
	}
}
