//! What this pallet costs: a runtime measures it (`scripts/weights`).

use frame_support::weights::Weight;

/// What calls and hooks cost.
pub trait WeightInfo {
	/// A report of votes, once it is authorized; without the punishment.
	fn report_vote_equivocation() -> Weight;
	/// Checking the proof of it.
	fn authorize_report_vote_equivocation() -> Weight;
	/// A report of blocks with a proof of `b` bytes, once it is authorized; without the punishment.
	fn report_block_equivocation(b: u32) -> Weight;
	/// Checking the proof of it.
	fn authorize_report_block_equivocation(b: u32) -> Weight;
	/// Remembering that `d` accounts may author, instead of as many others.
	fn authors_changed(d: u32) -> Weight;
	/// Remembering a set of `v` voters, after one of as many others, and that the oldest in force ends.
	fn voters_named(v: u32) -> Weight;
	/// A block in which there is nothing to forget.
	fn prune_nothing() -> Weight;
	/// Forgetting uses of `a` authoring keys.
	fn prune_authors(a: u32) -> Weight;
	/// Forgetting `o` offences.
	fn prune_offences(o: u32) -> Weight;
	/// Forgetting uses of `v` voting keys, and the set with which they ended.
	fn prune_voters(v: u32) -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn report_vote_equivocation() -> Weight {
		Weight::zero()
	}
	fn authorize_report_vote_equivocation() -> Weight {
		Weight::zero()
	}
	fn report_block_equivocation(_: u32) -> Weight {
		Weight::zero()
	}
	fn authorize_report_block_equivocation(_: u32) -> Weight {
		Weight::zero()
	}
	fn authors_changed(_: u32) -> Weight {
		Weight::zero()
	}
	fn voters_named(_: u32) -> Weight {
		Weight::zero()
	}
	fn prune_nothing() -> Weight {
		Weight::zero()
	}
	fn prune_authors(_: u32) -> Weight {
		Weight::zero()
	}
	fn prune_offences(_: u32) -> Weight {
		Weight::zero()
	}
	fn prune_voters(_: u32) -> Weight {
		Weight::zero()
	}
}
