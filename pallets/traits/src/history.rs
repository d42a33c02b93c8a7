//! Whose key it was: what reports of equivocations ask of the past.

use alloc::vec::Vec;
use bft_finality_primitives::{SetId, VoterId};
use poca_primitives::{AuthorityId, Slot};
use sp_runtime::Weight;

/// Remembers who could author with which key, and when, so that what a key sealed can be laid to an account later.
pub trait AuthorHistory<AccountId> {
	/// These accounts with these keys, and nobody else, may author from the slot after `slot` on, the current block's
	/// (0 at genesis). Called only if the list differs from the one that was told last. Slots never go back, but one
	/// block can change the list several times: then what it told last counts.
	///
	/// Returns the weight that it consumed.
	fn authors_changed(slot: Slot, authors: &[(AccountId, AuthorityId)]) -> Weight;
}

/// Nobody remembers.
impl<AccountId> AuthorHistory<AccountId> for () {
	fn authors_changed(_: Slot, _: &[(AccountId, AuthorityId)]) -> Weight {
		Weight::zero()
	}
}

/// How many voter sets may be in force at a time: that a set has ended is known when a later one votes, and sets can be
/// named faster than votes are shown.
pub const MAX_SETS_IN_FORCE: u32 = 4;

/// Remembers who voted with which key in which set, so that what a key signed can be laid to an account later.
pub trait VoterHistory<AccountId> {
	/// The current block names these voters of set `set_id`, which is one above the set named last. At genesis it is
	/// set 0.
	///
	/// Returns the weight that it consumed.
	fn voters_named(set_id: SetId, voters: &[(AccountId, VoterId)]) -> Weight;

	/// More than a third of the voters of set `set_id`, which is the newest, have shown votes of it: so an honest one
	/// has, which does not vote before the block that named its set is final. Told again whenever they show votes anew.
	/// What this costs is part of what the call costs that shows the last of these votes.
	fn set_votes(set_id: SetId);
}

/// Nobody remembers.
impl<AccountId> VoterHistory<AccountId> for () {
	fn voters_named(_: SetId, _: &[(AccountId, VoterId)]) -> Weight {
		Weight::zero()
	}

	fn set_votes(_: SetId) {}
}

/// Whose votes still count, for those that hold bonds: a bond must outlast the votes that it answers for.
///
/// A set ends in finite time once others are named and vote, so that nobody's bond is held for ever. That a header
/// holds something final is its author's claim, and ends none unless there are [`MAX_SETS_IN_FORCE`] later ones by it.
pub trait VotersInForce<AccountId: PartialEq> {
	/// All that belong to a set of voters that is still in force, or of which it is not known that it has ended. At
	/// most as many as [`MAX_SETS_IN_FORCE`] sets have voters; one that belongs to several is told as often.
	fn in_force() -> Vec<AccountId>;

	/// Whether `who` is one of them.
	fn is_in_force(who: &AccountId) -> bool {
		Self::in_force().contains(who)
	}
}

/// Nobody votes.
impl<AccountId: PartialEq> VotersInForce<AccountId> for () {
	fn in_force() -> Vec<AccountId> {
		Vec::new()
	}
}
