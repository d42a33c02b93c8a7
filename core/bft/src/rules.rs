//! The rules under which a voter votes, in one place. Everything that is safe about the protocol is here: the core may
//! choose freely among what these permit.

use crate::{
	types::{BlockHash, BlockRef, Slot, VoterState},
	Reason,
};

/// What the Prevote rule asks about a block B, beside the voter's own state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrevoteFacts<H> {
	/// B.
	pub block: BlockRef<H>,
	/// The slot of the clock.
	pub now: Slot,
	/// B extends what is final.
	pub extends_final: bool,
	/// B extends the block of the lock.
	pub extends_lock: bool,
	/// The highest slot of a strict ancestor of B with a known prevote certificate of the same set.
	pub certified_below: Slot,
}

/// The rules. [`Protocol`] takes them as they stand here; tests change one at a time, and show that each is needed.
pub trait Rules {
	/// Whether Prevote(B) is permitted, of a B that is imported and on the way to the best block.
	///
	/// # Errors
	/// Why it is not.
	fn prevote<H: BlockHash>(state: &VoterState<H>, facts: &PrevoteFacts<H>) -> Result<(), Reason> {
		if !facts.extends_final {
			return Err(Reason::NotAboveFinal);
		}
		// A block from the future would keep everybody from voting on what lies before it.
		if facts.block.slot > facts.now.saturating_add(1) {
			return Err(Reason::FutureSlot);
		}
		if !Self::slot_grows(state, facts) {
			return Err(Reason::VotedHigher);
		}
		if !Self::lock_permits(state, facts) {
			return Err(Reason::Locked);
		}
		Ok(())
	}

	/// `lp.slot < slot(B)`: one prevote a slot, so that a slot has one certified block; and no prevote below an earlier
	/// one, so that the Commit rule need look only at the last and at `ob`.
	fn slot_grows<H: BlockHash>(state: &VoterState<H>, facts: &PrevoteFacts<H>) -> bool {
		state.last_prevote.slot < facts.block.slot
	}

	/// `slot(B) > lock.slot`, and B extends the lock or a J that was certified after it: what may be final by this
	/// voter's Commit is left only if a later certificate shows that it did not become final.
	fn lock_permits<H: BlockHash>(state: &VoterState<H>, facts: &PrevoteFacts<H>) -> bool {
		facts.block.slot > state.lock.slot && (facts.extends_lock || facts.certified_below > state.lock.slot)
	}

	/// The state after Prevote(B). All earlier prevotes are of lower slots than the last, so that if B leaves the
	/// last one's chain, the last one's slot is the highest on another branch.
	fn after_prevote<H: BlockHash>(state: &VoterState<H>, block: BlockRef<H>, extends_last: bool) -> VoterState<H> {
		let other_branch_slot = if extends_last {
			state.other_branch_slot
		} else {
			state.last_prevote.slot
		};
		VoterState {
			last_prevote: block,
			other_branch_slot,
			lock: state.lock,
		}
	}

	/// Whether Commit(C) is permitted, of a C with a prevote certificate. `last_extends`: whether the last prevote
	/// extends C.
	fn commit<H: BlockHash>(state: &VoterState<H>, block: BlockRef<H>, last_extends: bool) -> bool {
		block.slot > state.lock.slot && Self::last_prevote_permits(state, block, last_extends)
	}

	/// `lp.slot <= slot(C)`, or lp extends C and `ob <= slot(C)`: a Commit says that no prevote of this voter, after
	/// C's slot, was beside C's chain. One that was may have certified what contradicts C.
	fn last_prevote_permits<H: BlockHash>(state: &VoterState<H>, block: BlockRef<H>, last_extends: bool) -> bool {
		state.last_prevote.slot <= block.slot
			|| (last_extends && Self::other_branches_permit(state.other_branch_slot, block.slot))
	}

	/// `ob <= slot(C)`: the part of the Commit rule that remembers branches left and come back from.
	fn other_branches_permit(other_branch_slot: Slot, slot: Slot) -> bool {
		other_branch_slot <= slot
	}

	/// What a certificate of Commits on C makes final, if its votes name the `end` of the voter set below C. The set
	/// has no say beyond that: its votes there count for the end alone.
	fn final_block<H: BlockHash>(block: BlockRef<H>, end: Option<BlockRef<H>>) -> BlockRef<H> {
		end.unwrap_or(block)
	}

	/// Whether voters go on voting beyond the block that ends their set, as long as that is not final. Without it,
	/// votes that were split over the end could never come together again.
	fn votes_beyond_end() -> bool {
		true
	}

	/// Whether a signature of the own key under a certificate is looked at: if this voter did not cast that vote, its
	/// state is not what it signed last.
	fn looks_into_certificates() -> bool {
		true
	}

	/// Whether votes and certificates of another set count in this one.
	fn counts_other_sets() -> bool {
		false
	}

	/// Whether relaxed votes count, by whether the block that they decide is known to end the set. A relaxed quorum of
	/// them shares an honest voter with every quorum, and with every other relaxed quorum only if fewer are
	/// Byzantine than may be otherwise.
	fn relaxed_votes_count(ends_set: bool) -> bool {
		ends_set
	}

	/// The state after Commit(C).
	fn after_commit<H: BlockHash>(state: &VoterState<H>, block: BlockRef<H>) -> VoterState<H> {
		VoterState { lock: block, ..*state }
	}
}

/// The rules of the protocol, as they stand in [`Rules`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Protocol;

impl Rules for Protocol {}
