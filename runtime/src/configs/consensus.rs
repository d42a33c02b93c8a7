//! Who authors, who votes.

use crate::{
	configs::candidates::OFFENCE_ERAS,
	constants::{
		currency::deposit,
		time::{ERA_LENGTH, MINUTES, MIN_SLOT_DURATION, SLOT_DURATION, TURN_LENGTH},
	},
	weights, AccountId, Balance, Balances, BftFinality, BlockNumber, Candidates, Equivocation, Poca, Runtime,
	RuntimeEvent, Session, SessionKeys,
};
use bft_finality_primitives::VoterId;
use frame_support::{parameter_types, traits::ConstU32};
use poca_primitives::{AuthorityId, KeyOf};
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

parameter_types! {
	/// Slots of a turn.
	pub const TurnLength: u32 = TURN_LENGTH;
	/// Slots of an era, where genesis says nothing else.
	pub const DefaultEraLength: u32 = ERA_LENGTH;
	/// Milliseconds of a slot, where genesis says nothing else.
	pub const DefaultSlotDuration: u64 = SLOT_DURATION;
	/// The fewest milliseconds of a slot that genesis may ask for.
	pub const MinSlotDuration: u64 = MIN_SLOT_DURATION;
	/// The most directors, and with them voters.
	pub const MaxDirectors: u32 = 99;
	/// Blocks in which each voter shows one vote: half a minute.
	pub const VotePeriod: u32 = MINUTES / 2;
	/// What is held for session keys: an entry of 96 bytes, and two of 100 that lead from a key to its owner.
	pub const KeyDeposit: Balance = deposit(3, 296);
}

impl pallet_poca::Config for Runtime {
	type TurnLength = TurnLength;
	type DefaultEraLength = DefaultEraLength;
	type DefaultSlotDuration = DefaultSlotDuration;
	type MinSlotDuration = MinSlotDuration;
	type MaxDirectors = MaxDirectors;
	type Keys = KeysOfSession;
	type Voters = BftFinality;
	type Eras = Candidates;
	type Attendance = Candidates;
	type History = Equivocation;
	type WeightInfo = weights::pallet_poca::Measured<Runtime>;
}

impl pallet_bft_finality::Config for Runtime {
	type MaxVoters = MaxDirectors;
	type Keys = KeysOfSession;
	type History = Equivocation;
	type OnVote = Candidates;
	type VotePeriod = VotePeriod;
	type WeightInfo = weights::pallet_bft_finality::Measured<Runtime>;
}

impl pallet_equivocation::Config for Runtime {
	type EraClock = Poca;
	type Punish = Candidates;
	type MaxVoters = MaxDirectors;
	type HistoryEras = ConstU32<OFFENCE_ERAS>;
	type WeightInfo = weights::pallet_equivocation::Measured<Runtime>;
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

impl pallet_authorship::Config for Runtime {
	type FindAuthor = pallet_poca::AuthorAccount<Runtime>;
	type EventHandler = ();
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
