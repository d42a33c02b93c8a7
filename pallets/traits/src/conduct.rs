//! How nodes conduct themselves: attendance, votes, competence, offences.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::Weight;

/// Told of who attends to its turns.
pub trait AttendanceHook<AccountId> {
	/// Turns of these directors are over in which they authored nothing. With each is told how many of its turns in a
	/// row, at least 1, up to now. Called at most once in a block, with no director twice.
	///
	/// Turns of a stretch in which nobody authored for a whole cycle are not to be counted: then the chain stood still,
	/// and that is no director's fault.
	///
	/// Returns the weight that it consumed.
	fn turns_missed(missed: &[(AccountId, u32)]) -> Weight;

	/// `author` authored the current block, as director or as standby.
	///
	/// Returns the weight that it consumed.
	fn authored(author: &AccountId) -> Weight;
}

/// Told of who votes.
pub trait VoteHook<AccountId> {
	/// `voter` has shown a vote of its own, the first in its period. What this costs is part of what the call costs
	/// that shows it.
	fn vote_recorded(voter: &AccountId);
}

/// What nodes have proven of their resources, in a unit that all of them share.
pub trait Competence<AccountId> {
	/// That of one account; 0 if it has proven nothing. Never more than [`Competence::total`].
	fn of(who: &AccountId) -> u128;
	/// What all together have: at least the sum over all accounts, for devices prove also that count for none. Stays at
	/// the maximum once there.
	fn total() -> u128;
}

/// What an equivocation was in.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum OffenceKind {
	/// Two blocks of one slot.
	Block,
	/// Two votes of one slot and phase.
	Vote,
}

/// Punishes equivocation.
pub trait Punish<AccountId> {
	/// It is proven that `who` equivocated in `era`. Whoever tells it tells each kind in each era of an account once.
	///
	/// Returns the weight that it consumed.
	fn offended(who: &AccountId, kind: OffenceKind, era: u32) -> Weight;

	/// Whether it has something to lose. A report of one that has nothing changes nothing, so it is not taken: reports
	/// are free.
	fn can_lose(who: &AccountId) -> bool;
}

impl<AccountId> AttendanceHook<AccountId> for () {
	fn turns_missed(_: &[(AccountId, u32)]) -> Weight {
		Weight::zero()
	}

	fn authored(_: &AccountId) -> Weight {
		Weight::zero()
	}
}

/// One after the other.
impl<AccountId, A: AttendanceHook<AccountId>, B: AttendanceHook<AccountId>> AttendanceHook<AccountId> for (A, B) {
	fn turns_missed(missed: &[(AccountId, u32)]) -> Weight {
		A::turns_missed(missed).saturating_add(B::turns_missed(missed))
	}

	fn authored(author: &AccountId) -> Weight {
		A::authored(author).saturating_add(B::authored(author))
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
	fn offended(_: &AccountId, _: OffenceKind, _: u32) -> Weight {
		Weight::zero()
	}

	fn can_lose(_: &AccountId) -> bool {
		true
	}
}
