//! The rules with one of them left out each. They exist in the tests only.

use smartchain_bft::{BlockHash, BlockRef, PrevoteFacts, Rules, Slot, VoterState};

/// Prevotes whatever it is locked on.
#[derive(Clone, Debug)]
pub struct NoLock;
impl Rules for NoLock {
	fn lock_permits<H: BlockHash>(_: &VoterState<H>, _: &PrevoteFacts<H>) -> bool {
		true
	}
}

/// Forgets the branches that it left and came back from.
#[derive(Clone, Debug)]
pub struct NoOtherBranch;
impl Rules for NoOtherBranch {
	fn other_branches_permit(_: Slot, _: Slot) -> bool {
		true
	}
}

/// Commits wherever its last prevote is.
#[derive(Clone, Debug)]
pub struct NoLastPrevote;
impl Rules for NoLastPrevote {
	fn last_prevote_permits<H: BlockHash>(_: &VoterState<H>, _: BlockRef<H>, _: bool) -> bool {
		true
	}
}

/// Prevotes at or below the slot of an earlier prevote.
#[derive(Clone, Debug)]
pub struct AnySlot;
impl Rules for AnySlot {
	fn slot_grows<H: BlockHash>(_: &VoterState<H>, _: &PrevoteFacts<H>) -> bool {
		true
	}
}

/// Commits below its lock, and so takes the lock back.
#[derive(Clone, Debug)]
pub struct CommitsBelowLock;
impl Rules for CommitsBelowLock {
	fn commit<H: BlockHash>(state: &VoterState<H>, block: BlockRef<H>, last_extends: bool) -> bool {
		Self::last_prevote_permits(state, block, last_extends)
	}
}

/// Takes any certificate for one that opens the lock, however old.
#[derive(Clone, Debug)]
pub struct AnyCertificateUnlocks;
impl Rules for AnyCertificateUnlocks {
	fn lock_permits<H: BlockHash>(state: &VoterState<H>, facts: &PrevoteFacts<H>) -> bool {
		facts.block.slot > state.lock.slot && (facts.extends_lock || facts.certified_below > 0)
	}
}

/// Makes final, beyond the block that ends the set, what its votes there name.
#[derive(Clone, Debug)]
pub struct FinalBeyondEnd;
impl Rules for FinalBeyondEnd {
	fn final_block<H: BlockHash>(block: BlockRef<H>, _: Option<BlockRef<H>>) -> BlockRef<H> {
		block
	}
}

/// Takes certificates of another set for those of its own.
#[derive(Clone, Debug)]
pub struct OtherSetsCount;
impl Rules for OtherSetsCount {
	fn counts_other_sets() -> bool {
		true
	}
}

/// Takes relaxed votes for those of any block, whether it ends the set or not.
#[derive(Clone, Debug)]
pub struct RelaxedAnywhere;
impl Rules for RelaxedAnywhere {
	fn relaxed_votes_count(_: bool) -> bool {
		true
	}
}

/// Votes on nothing beyond the block that ends the set.
#[derive(Clone, Debug)]
pub struct NoVotesBeyondEnd;
impl Rules for NoVotesBeyondEnd {
	fn votes_beyond_end() -> bool {
		false
	}
}

/// Does not look whether a certificate holds a signature of its own key.
#[derive(Clone, Debug)]
pub struct NoLookIntoCertificates;
impl Rules for NoLookIntoCertificates {
	fn looks_into_certificates() -> bool {
		false
	}
}

/// Keeps its last prevote where it was, whatever it prevotes: its state contradicts itself.
#[derive(Clone, Debug)]
pub struct ForgetsPrevotes;
impl Rules for ForgetsPrevotes {
	fn after_prevote<H: BlockHash>(state: &VoterState<H>, _: BlockRef<H>, _: bool) -> VoterState<H> {
		*state
	}
}
