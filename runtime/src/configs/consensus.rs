//! Who authors, who votes.

use crate::{
	configs::{money::Checks, session::KeysOfSession},
	constants::time::{
		ERA_LENGTH, MINUTES, MIN_SLOT_DURATION, MISSED_SLOTS, OFFENCE_ERAS, SLOT_DURATION, STANDBY_LINE, TURN_LENGTH,
	},
	limits::{RuntimeBlockWeights, MAX_NORMAL_BYTES},
	multiplier, weights, BftFinality, Candidates, Equivocation, MultiBlockMigrations, Poca, Runtime, StciIssuance,
	System,
};
use frame_support::{dispatch::DispatchClass, migrations::MultiStepMigrator, parameter_types};
use pallet_traits::{BlockFull, Pace};
use sp_runtime::Perquintill;

parameter_types! {
	/// Slots of a turn.
	pub const TurnLength: u32 = TURN_LENGTH;
	/// How many slots in a row whoever holds a turn may miss.
	pub const MissedSlots: u32 = MISSED_SLOTS;
	/// How many stand by for a turn.
	pub const StandbyLine: u32 = STANDBY_LINE;
	/// Of how many eras it is kept when they began: of all in which an offence can be reported, the current one, and
	/// one to spare.
	pub const EraMemory: u32 = OFFENCE_ERAS + 2;
	/// Of how many blocks slots are kept: of a period in which voters show their votes.
	pub const SlotMemory: u32 = VotePeriod::get();
	/// For how many eras an offence can be reported.
	pub const HistoryEras: u32 = OFFENCE_ERAS;
	/// Directors, and a standby signer of each.
	pub const MaxAuthors: u32 = 2 * MaxDirectors::get();
	/// Slots of an era, if genesis says nothing else.
	pub const DefaultEraLength: u32 = ERA_LENGTH;
	/// Milliseconds of a slot, if genesis says nothing else.
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
	type MissedSlots = MissedSlots;
	type StandbyLine = StandbyLine;
	type EraMemory = EraMemory;
	type SlotMemory = SlotMemory;
	type DefaultEraLength = DefaultEraLength;
	type DefaultSlotDuration = DefaultSlotDuration;
	type MinSlotDuration = MinSlotDuration;
	type MaxDirectors = MaxDirectors;
	type Keys = KeysOfSession;
	type Voters = BftFinality;
	type Eras = (StciIssuance, (Checks, Candidates));
	type Attendance = (Candidates, StciIssuance);
	type History = Equivocation;
	type Pace = PaceOfMarkets;
	type WeightInfo = weights::pallet_poca::Measured<Runtime>;
}

/// How full the current block is, so far.
pub fn fullness() -> Perquintill {
	if Poca::is_full() {
		return Perquintill::one();
	}
	let used = System::block_weight();
	let time = used
		.get(DispatchClass::Normal)
		.saturating_add(*used.get(DispatchClass::Operational));
	let limits = RuntimeBlockWeights::get();
	let most = limits.get(DispatchClass::Normal).max_total.unwrap_or(limits.max_block);
	multiplier::share(time.ref_time(), most.ref_time())
		.max(multiplier::share(System::block_size().into(), MAX_NORMAL_BYTES.into()))
}

/// How many blocks finality may lag until the markets' clock stands.
const MOST_LAG: u32 = 20;

/// How full a block is that counts as full for the markets' clock.
const FULL: Perquintill = Perquintill::from_percent(75);

/// The markets' clock stands while finality lags or a migration runs, and is slow while blocks are full.
pub struct PaceOfMarkets;

impl Pace for PaceOfMarkets {
	fn stands() -> bool {
		BftFinality::finality_lag() > MOST_LAG || MultiBlockMigrations::ongoing()
	}

	fn is_slow() -> bool {
		fullness() >= FULL
	}
}

impl pallet_bft_finality::Config for Runtime {
	type MaxVoters = MaxDirectors;
	type Keys = KeysOfSession;
	type History = Equivocation;
	type OnVote = StciIssuance;
	type Slots = Poca;
	type VotePeriod = VotePeriod;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benches::Clock;
	type WeightInfo = weights::pallet_bft_finality::Measured<Runtime>;
}

impl pallet_equivocation::Config for Runtime {
	type EraClock = Poca;
	type CurrentSlot = Poca;
	type Punish = Candidates;
	type MaxAuthors = MaxAuthors;
	type MaxVoters = MaxDirectors;
	type HistoryEras = HistoryEras;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benches::Clock;
	type WeightInfo = weights::pallet_equivocation::Measured<Runtime>;
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = pallet_poca::AuthorAccount<Runtime>;
	type EventHandler = ();
}
