//! Who authors, who votes.

use crate::{
	configs::session::KeysOfSession,
	constants::time::{ERA_LENGTH, MINUTES, MIN_SLOT_DURATION, OFFENCE_ERAS, SLOT_DURATION, TURN_LENGTH},
	weights, BftFinality, Candidates, Equivocation, Poca, Runtime,
};
use frame_support::{parameter_types, traits::ConstU32};

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

impl pallet_authorship::Config for Runtime {
	type FindAuthor = pallet_poca::AuthorAccount<Runtime>;
	type EventHandler = ();
}
