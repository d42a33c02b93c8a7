//! What ties the pallet that holds the seats, the one that elects who gets them, the one that keeps the voters, and those that
//! feed the election together, without any of them knowing another. The runtime ties them.
//!
//! # Terms
//! - **Seat**: a place in the ordered list of directors.
//! - **Standby signer**: a node bound to a seat: it authors in the seat's turns when the director does not, and takes the seat where
//!   that stays away.
//!
//! # Keys
//! Accounts stand for nodes here. Whoever implements [`Seats`] looks their session keys up, which an account has all or none of.

use crate::Randomness;
use alloc::vec::Vec;
use sp_runtime::Weight;

/// Where an account's session keys are had.
pub trait KeyOf<AccountId, Key> {
	/// The key that the account has set; what it set last counts. None where it has set none, or taken it back.
	fn key_of(account: &AccountId) -> Option<Key>;
}

/// Who votes, for the pallet that seats directors.
pub trait SeatVoters<AccountId> {
	/// From the next possible moment on, those with keys among these accounts vote, in this order. What was told before and has not
	/// come into force is superseded. Returns what that costs.
	fn seat_voters(accounts: &[AccountId]) -> Weight;
}

/// Why seats were not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatsError {
	/// One of the accounts has no session keys, so it could not sign.
	NoKeys,
	/// The account that was to be replaced holds no seat.
	NotSeated,
	/// The account that was to take a seat holds one already.
	AlreadySeated,
	/// There are no directors in the list, or more than there may be.
	BadCount,
}

/// Who holds the seats: implemented by the pallet that keeps the schedule of turns.
///
/// A change that was accepted shows in [`Seats::directors`] at once; the voters follow as soon as the last change of theirs is
/// final. One that was refused changes nothing. Nobody else changes the list while a chain runs.
pub trait Seats<AccountId> {
	/// The directors in office, in the order of their turns; no account twice.
	fn directors() -> Vec<AccountId>;

	/// Puts `directors` into office in this order, instead of those there were. The standby at `i` stands by the director at `i`;
	/// there are at most as many standbys as directors, and a standby without keys stands by nobody.
	///
	/// It is called every era, for the order changes also where nobody is new: another order of the same directors is no change that
	/// voters need to make final.
	///
	/// # Errors
	/// See [`SeatsError`]. Never [`SeatsError::NotSeated`].
	fn seat(directors: Vec<AccountId>, standbys: Vec<AccountId>) -> Result<(), SeatsError>;

	/// Gives the seat of `director` to `by`, at the same place in the order. Where `by` was the standby signer of a seat, it is
	/// none any more.
	///
	/// # Errors
	/// See [`SeatsError`].
	fn replace(director: &AccountId, by: &AccountId) -> Result<(), SeatsError>;

	/// Takes the standby signer `standby` from the seat that it stands by, which has none until the next election: from the next block
	/// on it authors no more. Where it stands by none, nothing happens.
	fn dismiss_standby(standby: &AccountId);
}

/// Told of eras.
pub trait EraHook {
	/// `era` began: called once in its first block, after [`crate::EraClock::current_era`] has changed to it. Eras that passed
	/// without a block are left out. `randomness` is that of `era`.
	///
	/// In a block that also calls [`AttendanceHook`], that comes first: who was absent is known to the election, and a block
	/// counts for those that were in office when it was authored.
	///
	/// Returns the weight that it consumed.
	fn era_started(era: u32, randomness: &Randomness) -> Weight;
}

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

impl EraHook for () {
	fn era_started(_: u32, _: &Randomness) -> Weight {
		Weight::zero()
	}
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
