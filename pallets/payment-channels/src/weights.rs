//! What this pallet costs: a runtime measures it (`scripts/weights`).

use frame_support::weights::Weight;

/// What calls cost. A transaction without an account is charged twice: it is looked at before it is carried out.
pub trait WeightInfo {
	/// A channel is opened by a word that is signed as wallets do.
	fn open() -> Weight;
	/// More is put in.
	fn deposit() -> Weight;
	/// All money is taken out.
	fn withdraw() -> Weight;
	/// An open channel is closed together, and both are paid.
	fn close_together() -> Weight;
	/// A closing channel is closed together after free answers, and both are paid.
	fn close_disputed_together() -> Weight;
	/// A side closes alone: `l` locks in its claim, a half of its partner, `r` words of lost data.
	fn close(l: u32, r: u32) -> Weight;
	/// A half is let in.
	fn update() -> Weight;
	/// A word of lost data is shown by a word for it, and a half goes.
	fn resync() -> Weight;
	/// All is forfeited: `l` locks in the half and the claim together, all of them met.
	fn prove_fraud(l: u32) -> Weight;
	/// A channel is settled with rewards to two towers, and locks of both sides are left.
	fn settle() -> Weight;
	/// `l` locks are split, all of them met.
	fn unlock(l: u32) -> Weight;
	/// Nothing is kept any more of a channel with free answers.
	fn clear() -> Weight;
	/// A side has another key.
	fn rekey() -> Weight;
	/// A chain of hashes is met by `h` steps.
	fn resolve_chain(h: u32) -> Weight;
	/// A condition of 8 leaves is met, of which `s` are signatures and the others preimages.
	fn resolve_signed(s: u32) -> Weight;
	/// A condition of 8 leaves is met, of which `p` are predicates and the others preimages.
	fn resolve_asked(p: u32) -> Weight;
	/// A reveal is kept no more.
	fn purge_reveal() -> Weight;
	/// What could not be paid is.
	fn pay() -> Weight;
	/// An account becomes a tower.
	fn register_tower() -> Weight;
	/// A tower gets its bond back.
	fn leave_tower() -> Weight;
	/// A tower pays.
	fn claim_tower_failure() -> Weight;
	/// An endpoint takes the place of another.
	fn announce() -> Weight;
	/// The chain looks at `c` settled channels and `r` reveals, and keeps all of them.
	fn look(c: u32, r: u32) -> Weight;
}

/// For tests: so much that a test sees what was counted.
impl WeightInfo for () {
	fn open() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn deposit() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn withdraw() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn close_together() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn close_disputed_together() -> Weight {
		Weight::from_parts(13, 0)
	}
	fn close(l: u32, r: u32) -> Weight {
		Weight::from_parts(u64::from(l).saturating_add(u64::from(r)).saturating_add(10), 0)
	}
	fn update() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn resync() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn prove_fraud(l: u32) -> Weight {
		Weight::from_parts(u64::from(l).saturating_add(10), 0)
	}
	fn settle() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn unlock(l: u32) -> Weight {
		Weight::from_parts(u64::from(l).saturating_add(10), 0)
	}
	fn clear() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn rekey() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn resolve_chain(h: u32) -> Weight {
		Weight::from_parts(u64::from(h).saturating_add(1_000), 0)
	}
	fn resolve_signed(s: u32) -> Weight {
		Weight::from_parts(u64::from(s).saturating_add(100), 0)
	}
	fn resolve_asked(p: u32) -> Weight {
		Weight::from_parts(u64::from(p).saturating_mul(10), 0)
	}
	fn purge_reveal() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn pay() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn register_tower() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn leave_tower() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn claim_tower_failure() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn announce() -> Weight {
		Weight::from_parts(10, 0)
	}
	fn look(c: u32, r: u32) -> Weight {
		Weight::from_parts(u64::from(c).saturating_add(u64::from(r)).saturating_add(2), 0)
	}
}
