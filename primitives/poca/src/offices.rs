//! How the pallets that share the offices of the chain speak with one another. The runtime ties them together.

use sp_runtime::Weight;

/// Where an account's session keys are had.
pub trait KeyOf<AccountId, Key> {
	/// The key that the account has set; what it set last counts. None where it has set none, or taken it back.
	fn key_of(account: &AccountId) -> Option<Key>;
}

/// Who votes, for the pallet that seats directors.
pub trait SeatVoters<AccountId> {
	/// From the next possible moment on, those with keys among these accounts vote, in this order. Returns what that costs.
	fn seat_voters(accounts: &[AccountId]) -> Weight;
}
