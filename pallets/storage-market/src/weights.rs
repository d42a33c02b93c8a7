//! What this pallet costs: a runtime measures it.

use frame_support::weights::Weight;

/// What calls and hooks cost.
pub trait WeightInfo {
	/// An offer takes the place of another, with all tickets new.
	fn set_offer() -> Weight;
	/// An offer and all its tickets go.
	fn withdraw_offer() -> Weight;
	/// A deal of `n` slots is opened, with a key box.
	fn open_deal(n: u32) -> Weight;
	/// Roots are committed.
	fn commit_roots() -> Weight;
	/// A draw is undone.
	fn redraw() -> Weight;
	/// A slot is confirmed in place of one that leaves, in a deal of 32 of the longest slots.
	fn confirm() -> Weight;
	/// A confirmation is looked at, by what the turn before drew.
	fn check_confirmation() -> Weight;
	/// A challenge of one of the longest slots is answered, in a deal of 32.
	fn answer() -> Weight;
	/// An answer is looked at.
	fn check_answer() -> Weight;
	/// Pay of `s` slots is claimed, each of another deal.
	fn claim(s: u32) -> Weight;
	/// A device wants to leave.
	fn leave_slot() -> Weight;
	/// A deal is extended.
	fn extend() -> Weight;
	/// A deal of 32 slots is ended early.
	fn end_deal() -> Weight;
	/// A deal is looked at that loses all of its slots.
	fn tend() -> Weight;
	/// A deal of 32 slots with 64 key boxes is closed.
	fn close() -> Weight;
	/// What could not be paid is.
	fn pay() -> Weight;
	/// A device wants to be asked.
	fn prove_now() -> Weight;
	/// An account gets a key box, the last one that a deal may have.
	fn grant() -> Weight;
	/// A key box goes.
	fn revoke() -> Weight;
	/// More is put in for what is given out.
	fn top_up_egress() -> Weight;
	/// A voucher is looked at and paid, of a deal of 32 slots.
	fn redeem() -> Weight;
	/// A device offers to probe.
	fn offer_probes() -> Weight;
	/// A report that was looked at counts, and makes a score.
	fn report_probe() -> Weight;
	/// A report is looked at, with a receipt.
	fn check_report() -> Weight;
	/// A device is chosen for a slot.
	fn choose() -> Weight;
	/// A device leaves a slot because it is gone.
	fn move_slot() -> Weight;
	/// A tick with `m` challenges that were missed and `c` new ones, in which a prober is drawn.
	fn turn(m: u32, c: u32) -> Weight;
	/// The largest number of tickets is looked at, and none fits.
	fn place() -> Weight;
}

/// For tests: so much that a test sees what was counted.
impl WeightInfo for () {
	fn set_offer() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn withdraw_offer() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn open_deal(n: u32) -> Weight {
		Weight::from_parts(10, 0).saturating_add(Weight::from_parts(1, 0).saturating_mul(n.into()))
	}
	fn commit_roots() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn redraw() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn confirm() -> Weight {
		Weight::from_parts(20, 0)
	}
	fn answer() -> Weight {
		Weight::from_parts(20, 0)
	}
	fn claim(s: u32) -> Weight {
		Weight::from_parts(10, 0).saturating_mul(s.into())
	}
	fn leave_slot() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn extend() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn end_deal() -> Weight {
		Weight::from_parts(50, 0)
	}
	fn tend() -> Weight {
		Weight::from_parts(50, 0)
	}
	fn close() -> Weight {
		Weight::from_parts(50, 0)
	}
	fn pay() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn prove_now() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn grant() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn revoke() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn top_up_egress() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn redeem() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn offer_probes() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn report_probe() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn choose() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn move_slot() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn check_confirmation() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn check_answer() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn check_report() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn turn(m: u32, c: u32) -> Weight {
		let each = u64::from(m).saturating_mul(10).saturating_add(c.into());
		Weight::from_parts(5, 0).saturating_add(Weight::from_parts(each, 0))
	}
	fn place() -> Weight {
		Weight::from_parts(100, 0)
	}
}
