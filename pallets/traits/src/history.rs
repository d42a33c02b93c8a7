//! Whose key it was: what reports of equivocations ask of the past.

use bft_finality_primitives::{SetId, VoterId};
use poca_primitives::AuthorityId;
use sp_runtime::Weight;

/// Remembers who authored with which key in which era, so that what a key sealed can be laid to an account later.
pub trait AuthorHistory<AccountId> {
	/// These accounts may author with these keys in `era`, besides those of which it was told before. Eras never go back.
	///
	/// Returns the weight that it consumed.
	fn may_author(era: u32, authors: &[(AccountId, AuthorityId)]) -> Weight;
}

/// Nobody remembers.
impl<AccountId> AuthorHistory<AccountId> for () {
	fn may_author(_: u32, _: &[(AccountId, AuthorityId)]) -> Weight {
		Weight::zero()
	}
}

/// Remembers who voted with which key in which set, so that what a key signed can be laid to an account later.
pub trait VoterHistory<AccountId> {
	/// The current block names these voters of set `set_id`, which is one above the set named last. At genesis it is set 0.
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
