//! Who may sign, and who gets to.

use crate::{
	configs::{
		consensus::MaxDirectors,
		governance::{Admins, RootOrDirectors, ToTreasury},
		session::KeysOfSession,
	},
	constants::{
		currency::{BOND, UNITS},
		time::{BACKING_ERAS, MINUTES, UNBONDING_ERAS},
	},
	weights, Balances, BlockNumber, CandidateList, Candidates, Equivocation, Poca, ResourceProofs, Runtime,
	RuntimeEvent, RuntimeHoldReason,
};
use frame_support::parameter_types;
use pallet_candidates::ParameterValues;
use sp_runtime::Perbill;

parameter_types! {
	/// What keeps the candidates sorted, without sorting within a bag.
	pub const BagThresholds: &'static [u64] = &pallet_candidates::rank::BAG_THRESHOLDS;
	/// How many candidates a block with room to spare puts into the bags that they belong to.
	pub const MaxAutoRebagPerBlock: u32 = 8;
	/// The most standby compute nodes.
	pub const MaxStandbyComputeNodes: u32 = 99;
	/// How many candidates an election looks at: all for whom there can be an office, and a fifth more. It has to fit
	/// into half of a block.
	pub const MaxRead: u32 = 360;
	/// Bonds stay held until nothing can be reported any more that happened while they were at stake.
	pub const UnbondingEras: u32 = UNBONDING_ERAS;
	/// What backers take back stays locked for less: nothing is slashed of it.
	pub const BackingEras: u32 = BACKING_ERAS;
	/// How many candidates one account may back.
	pub const MaxBacked: u32 = 16;
	/// One chunk an era, and room for some more.
	pub const MaxUnlocking: u32 = 32;
	/// As many directors as there can be, and those of the era before.
	pub const MaxAbsences: u32 = 198;
	/// How old the block of a heartbeat may be.
	pub const HeartbeatWindow: BlockNumber = 2 * MINUTES;
	/// The governed parameters until somebody sets others, for 21 seats.
	pub DefaultParameters: ParameterValues = ParameterValues {
		seats: 21,
		// Two thirds: fewer voters are easier to be a third of.
		min_directors: 14,
		standby_signers: 21,
		standby_compute_nodes: 21,
		min_bond: BOND,
		min_backing: UNITS,
		min_total_backing: 10 * BOND,
		competence_weight: Perbill::from_percent(70),
		max_terms: 144,
		able_from: Perbill::one(),
		isolate_after: 2,
		removal_eras: 144,
		bar_eras: 4_320,
		first_slash: Perbill::from_percent(10),
	};
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
	type Competence = ResourceProofs;
	type EraClock = Poca;
	type VotersInForce = Equivocation;
	type AdminOrigin = Admins;
	type DirectorsOrigin = RootOrDirectors;
	type DefaultParameters = DefaultParameters;
	type OnSlash = ToTreasury;
	type MaxDirectors = MaxDirectors;
	type MaxStandbyComputeNodes = MaxStandbyComputeNodes;
	type MaxRead = MaxRead;
	type UnbondingEras = UnbondingEras;
	type BackingEras = BackingEras;
	type MaxBacked = MaxBacked;
	type MaxUnlocking = MaxUnlocking;
	type MaxAbsences = MaxAbsences;
	type HeartbeatWindow = HeartbeatWindow;
	type WeightInfo = weights::pallet_candidates::Measured<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benches::Candidacy;
}
