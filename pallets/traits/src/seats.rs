//! Who holds the seats, and who votes.

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
