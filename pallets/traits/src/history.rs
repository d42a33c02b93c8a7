//! Whose key it was: what reports of equivocations ask of the past.

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

/// Remembers who voted with which key in which set, so that what a key signed can be laid to an account later.
pub trait VoterHistory<AccountId> {
	/// The current block names these voters of set `set_id`, which is one above the set named last. At genesis it is
	/// set 0.
	///
	/// Returns the weight that it consumed.
	fn voters_named(set_id: SetId, voters: &[(AccountId, VoterId)]) -> Weight;

	/// The block that named set `set_id` is held final, so that the one before it votes no more.
	///
	/// Returns the weight that it consumed.
	fn set_began(set_id: SetId) -> Weight;
}

/// Nobody remembers.
impl<AccountId> VoterHistory<AccountId> for () {
	fn voters_named(_: SetId, _: &[(AccountId, VoterId)]) -> Weight {
		Weight::zero()
	}

	fn set_began(_: SetId) -> Weight {
		Weight::zero()
	}
}

/// Whose votes still count, for those that hold bonds: a bond must outlast the votes that it answers for.
pub trait VotersInForce<AccountId> {
	/// Whether `who` belongs to a set of voters that is still in force, or of which it is not known that it has ended.
	fn is_in_force(who: &AccountId) -> bool;
}

/// Nobody votes.
impl<AccountId> VotersInForce<AccountId> for () {
	fn is_in_force(_: &AccountId) -> bool {
		false
	}
}
