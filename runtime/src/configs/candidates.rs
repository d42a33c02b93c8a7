//! Who may sign, and who gets to.

use crate::{
	configs::{consensus::MaxDirectors, session::KeysOfSession},
	constants::time::{MINUTES, OFFENCE_ERAS},
	weights, AccountId, Balances, BlockNumber, CandidateList, Candidates, Poca, Runtime, RuntimeEvent,
	RuntimeHoldReason,
};
use frame_support::parameter_types;
use frame_system::EnsureRoot;
use pallet_traits::Competence;

parameter_types! {
	/// What keeps the candidates sorted, without sorting within a bag.
	pub const BagThresholds: &'static [u64] = &pallet_candidates::rank::BAG_THRESHOLDS;
	/// How many candidates a block with room to spare puts into the bags that they belong to.
	pub const MaxAutoRebagPerBlock: u32 = 8;
	/// The most standby compute nodes.
	pub const MaxStandbyComputeNodes: u32 = 99;
	/// How many candidates an election looks at: four for each seat that there can be.
	pub const MaxRead: u32 = 400;
	/// Bonds and votes stay locked until nothing can be reported any more that happened while they counted.
	pub const UnbondingEras: u32 = OFFENCE_ERAS + 1;
	/// On how many candidates one account may vote.
	pub const MaxVotes: u32 = 16;
	/// One chunk an era, and room for some more.
	pub const MaxUnlocking: u32 = 32;
	/// Room for two motions of every director.
	pub const MaxBallots: u32 = 198;
	/// How many motions a director may have open.
	pub const MaxBallotsPerDirector: u32 = 2;
	/// As many directors as there can be, and those of the era before.
	pub const MaxAbsences: u32 = 198;
	/// How old the block of a heartbeat may be.
	pub const HeartbeatWindow: BlockNumber = 2 * MINUTES;
	/// For how many eras points are kept: a day.
	pub const PointEras: u32 = 144;
	/// What a block is worth,
	pub const BlockPoints: u32 = 1;
	/// and a vote on record. There are 60 blocks to one of a voter's votes on record: with 21 directors authoring and voting earn about as
	/// much.
	pub const VotePoints: u32 = 3;
}

impl pallet_bags_list::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_bags_list::weights::SubstrateWeight<Runtime>;
	type ScoreProvider = Candidates;
	type BagThresholds = BagThresholds;
	type MaxAutoRebagPerBlock = MaxAutoRebagPerBlock;
	type Score = u64;
}

impl pallet_candidates::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type List = CandidateList;
	type Seats = Poca;
	type Keys = KeysOfSession;
	type Competence = CompetenceByVotes;
	type EraClock = Poca;
	type AdminOrigin = EnsureRoot<AccountId>;
	// There is no treasury yet: what is slashed is burned.
	type OnSlash = ();
	type MaxDirectors = MaxDirectors;
	type MaxStandbyComputeNodes = MaxStandbyComputeNodes;
	type MaxRead = MaxRead;
	type UnbondingEras = UnbondingEras;
	type MaxVotes = MaxVotes;
	type MaxUnlocking = MaxUnlocking;
	type MaxBallots = MaxBallots;
	type MaxBallotsPerDirector = MaxBallotsPerDirector;
	type MaxAbsences = MaxAbsences;
	type HeartbeatWindow = HeartbeatWindow;
	type PointEras = PointEras;
	type BlockPoints = BlockPoints;
	type VotePoints = VotePoints;
	type WeightInfo = weights::pallet_candidates::Measured<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benches::Candidacy;
}

/// Until nodes prove their resources, what holders think of them stands for it: so votes alone decide.
pub struct CompetenceByVotes;

impl Competence<AccountId> for CompetenceByVotes {
	fn of(who: &AccountId) -> u128 {
		// What is locked on one that has left is not in the total.
		pallet_candidates::VotesOn::<Runtime>::get(who).min(Self::total())
	}

	fn total() -> u128 {
		pallet_candidates::TotalVotes::<Runtime>::get()
	}
}
