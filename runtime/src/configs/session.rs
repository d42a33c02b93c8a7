//! Who has which keys.

use crate::{
	constants::currency::deposit, AccountId, Balance, Balances, BlockNumber, Runtime, RuntimeEvent, Session,
	SessionKeys,
};
use bft_finality_primitives::VoterId;
use frame_support::parameter_types;
use pallet_traits::KeyOf;
use poca_primitives::AuthorityId;
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

parameter_types! {
	/// What is held for session keys: an entry of 96 bytes, and two of 100 that lead from a key to its owner.
	pub const KeyDeposit: Balance = deposit(3, 296);
}

/// The keys that accounts have set in the session pallet.
pub struct KeysOfSession;

impl KeyOf<AccountId, AuthorityId> for KeysOfSession {
	fn key_of(account: &AccountId) -> Option<AuthorityId> {
		Session::load_keys(account).map(|keys| keys.poca)
	}
}

impl KeyOf<AccountId, VoterId> for KeysOfSession {
	fn key_of(account: &AccountId) -> Option<VoterId> {
		Session::load_keys(account).map(|keys| keys.pbft)
	}
}

/// The session pallet holds the keys, no more: eras are pallet-poca's, and who signs in them.
pub struct NeverEnds;

impl pallet_session::ShouldEndSession<BlockNumber> for NeverEnds {
	fn should_end_session(_: BlockNumber) -> bool {
		false
	}
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = NeverEnds;
	type NextSessionRotation = ();
	type SessionManager = ();
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = SessionKeys;
	type DisablingStrategy = ();
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type KeyDeposit = KeyDeposit;
}
