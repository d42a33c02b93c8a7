//! How nodes conduct themselves: attendance, votes, competence, offences.

use sp_runtime::Weight;

/// Told of who attends to its turns.
pub trait AttendanceHook<AccountId> {
	/// A turn of `director` is over in which it authored nothing, the `turns_in_a_row`th one without a break (at least 1).
	///
	/// Turns of a stretch in which nobody authored for a whole cycle are not to be counted: then the chain stood still, and that
	/// is no director's fault.
	///
	/// Returns the weight that it consumed.
	fn turns_missed(director: &AccountId, turns_in_a_row: u32) -> Weight;

	/// `author` authored the current block, as director or as standby.
	///
	/// Returns the weight that it consumed.
	fn authored(author: &AccountId) -> Weight;
}

/// Told of who votes.
pub trait VoteHook<AccountId> {
	/// `voter` has shown a vote of its own, the first in its period. What this costs is part of what the call costs that shows it.
	fn vote_recorded(voter: &AccountId);
}

/// What nodes have proven of their resources, in a unit that all of them share.
pub trait Competence<AccountId> {
	/// That of one account; 0 where it has proven nothing. Never more than [`Competence::total`].
	fn of(who: &AccountId) -> u128;
	/// The sum over all accounts. Stays at the maximum once there.
	fn total() -> u128;
}

/// Punishes equivocation.
pub trait Punish<AccountId> {
	/// It is proven that `who` equivocated in `era`. Each era of an account is punished once, however often it is told.
	///
	/// Returns the weight that it consumed.
	fn offended(who: &AccountId, era: u32) -> Weight;
}

impl<AccountId> AttendanceHook<AccountId> for () {
	fn turns_missed(_: &AccountId, _: u32) -> Weight {
		Weight::zero()
	}

	fn authored(_: &AccountId) -> Weight {
		Weight::zero()
	}
}

impl<AccountId> VoteHook<AccountId> for () {
	fn vote_recorded(_: &AccountId) {}
}

/// Nobody has proven anything.
impl<AccountId> Competence<AccountId> for () {
	fn of(_: &AccountId) -> u128 {
		0
	}

	fn total() -> u128 {
		0
	}
}

impl<AccountId> Punish<AccountId> for () {
	fn offended(_: &AccountId, _: u32) -> Weight {
		Weight::zero()
	}
}
