//! Who holds the seats, and who votes.

use alloc::vec::Vec;
use sp_runtime::Weight;

/// Where an account's session keys are had.
pub trait KeyOf<AccountId, Key> {
	/// The key that the account has set; what it set last counts. None if it has set none, or taken it back.
	fn key_of(account: &AccountId) -> Option<Key>;
}

/// Who votes, for the pallet that seats directors.
pub trait SeatVoters<AccountId> {
	/// From the next possible moment on, those with keys among these accounts vote, in this order. What was told before
	/// and has not come into force is superseded. Returns what that costs.
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

/// Who holds the seats: implemented by the pallet that keeps the schedule of turns, the only one that keeps directors
/// and standby signers.
///
/// A change that was accepted shows in [`Seats::directors`] and [`Seats::standbys`] at once; the voters follow as soon
/// as the last change of theirs is final. One that was refused changes nothing. Nobody else changes the lists while a
/// chain runs, but for this: who has no session keys any more in the first block of an era in which nothing was seated
/// is out of office, and its seat with it.
///
/// What a change costs, with what voters and history cost that are told of it, is part of what its caller is measured
/// to cost.
pub trait Seats<AccountId> {
	/// The directors in office, in the order of their turns; no account twice.
	fn directors() -> Vec<AccountId>;

	/// The standby signer of each seat, in the order of [`Seats::directors`], and as many entries as there are
	/// directors; none if the seat has none, or none any more.
	fn standbys() -> Vec<Option<AccountId>>;

	/// Puts `directors` into office in this order, instead of those there were, each with the keys that it has set
	/// last. The standby at `i` stands by the director at `i`; there are at most as many standbys as directors, and a
	/// standby without keys stands by nobody.
	///
	/// It is called every era, for the order changes also if nobody is new: another order of the same directors is no
	/// change that voters need to make final.
	///
	/// # Errors
	/// See [`SeatsError`]. Never [`SeatsError::NotSeated`].
	fn seat(directors: Vec<AccountId>, standbys: Vec<AccountId>) -> Result<(), SeatsError>;

	/// Gives the seat of `director` to `by`, at the same place in the order. If `by` was the standby signer of a seat,
	/// it is none any more.
	///
	/// # Errors
	/// See [`SeatsError`].
	fn replace(director: &AccountId, by: &AccountId) -> Result<(), SeatsError>;

	/// Takes the standby signer `standby` from the seat that it stands by, which has none until the next election: from
	/// the next block on it authors no more. If it stands by none, nothing happens.
	fn dismiss_standby(standby: &AccountId);
}

/// Whose motions and ayes count, for the pallet that keeps motions.
pub trait MotionVoters<AccountId> {
	/// The accounts that may move and vote, each once. Two thirds of them carry a motion, if these are more than half
	/// of [`MotionVoters::seats`].
	fn members() -> Vec<AccountId>;

	/// How many seats there are in office, those among them whose holders are no members: what members there are says
	/// nothing of how many there should be.
	fn seats() -> usize;
}

/// Nobody may.
impl<AccountId> MotionVoters<AccountId> for () {
	fn members() -> Vec<AccountId> {
		Vec::new()
	}

	fn seats() -> usize {
		0
	}
}
