//! What holders govern by number, each within bounds that no referendum leaves.
//!
//! A value is kept by the parameters pallet, which knows no bounds. Here is what knows them, in one table: a call with
//! a value out of bounds is filtered for everybody but root ([`Filter`]), and whatever is stored is brought back into
//! its bounds where it is read. Nobody else reads it. Bounds are such that any values within them go together: no share
//! of a whole can make the others negative, and rates fall as usage grows.
//!
//! No constant of a pallet is read from here: constants are part of the metadata, which wallets have a hash of.
//!
//! Lotteries' and candidates' parameters are kept by their pallets, since they depend on one another. What no chain
//! that lasts can do without is filtered here all the same (`candidates`).

mod bounds;
mod candidates;
pub mod compute;
pub mod issuance;
pub mod storage;

use crate::{
	constants::{
		currency::{MICRO, UNITS},
		fees::{AUTHOR_SHARE, BASE_FEE, BURNED_SHARE, BYTE_FEE},
		governance::{REPORT_PERIOD, SMALL_SPEND},
		time::{DAYS, EXPIRY_ERAS, HOURS, MINUTES},
	},
	Balance, BlockNumber, Runtime, RuntimeCall,
};
use bounds::Bounds;
use frame_support::{
	dynamic_params::{dynamic_pallet_params, dynamic_params},
	traits::{Contains, Get},
};
use sp_runtime::Perbill;

/// The keys of what is governed. Indices never change.
// What the macro makes public is hidden in docs, but for the modules.
#[allow(missing_docs)]
#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
	use super::*;

	/// What transactions cost, and who gets it.
	#[dynamic_pallet_params]
	#[codec(index = 0)]
	pub mod fees {
		/// What the author of a block gets of its fees.
		#[codec(index = 0)]
		pub static AuthorShare: Perbill = AUTHOR_SHARE;
		/// What of fees ceases to exist. The rest is the treasury's.
		#[codec(index = 1)]
		pub static BurnedShare: Perbill = BURNED_SHARE;
		/// The fee for the time of an empty extrinsic, in planck.
		#[codec(index = 2)]
		pub static BaseFee: Balance = BASE_FEE;
		/// The fee for a byte, in planck.
		#[codec(index = 3)]
		pub static ByteFee: Balance = BYTE_FEE;
	}

	/// How the treasury is spent.
	#[dynamic_pallet_params]
	#[codec(index = 1)]
	pub mod treasury {
		/// The most that a referendum of the smaller kind spends, in planck.
		#[codec(index = 0)]
		pub static SmallSpend: Balance = SMALL_SPEND;
		/// Within how many blocks of the last one the steward reports; divided by the scale of the chain.
		#[codec(index = 1)]
		pub static ReportPeriod: BlockNumber = REPORT_PERIOD;
	}

	/// What is created, and for whom.
	#[dynamic_pallet_params]
	#[codec(index = 2)]
	pub mod issuance {
		/// Planck for a unit of work while less is used than `LowBelow`.
		#[codec(index = 0)]
		pub static RateLow: Balance = UNITS / 5;
		/// Planck for a unit of work where `MiddleAt` is used.
		#[codec(index = 1)]
		pub static RateMiddle: Balance = UNITS * 6 / 100;
		/// Planck for a unit of work where all is used.
		#[codec(index = 2)]
		pub static RateHigh: Balance = UNITS * 4 / 100;
		/// Usage below which the rate is the low usage's.
		#[codec(index = 3)]
		pub static LowBelow: Perbill = Perbill::from_percent(30);
		/// Usage at which the rate is the middle one.
		#[codec(index = 4)]
		pub static MiddleAt: Perbill = Perbill::from_percent(50);
		/// What AutoMine gets at most of what demand leaves of an era's ceiling.
		#[codec(index = 5)]
		pub static AutomineShare: Perbill = Perbill::from_percent(50);
		/// What signers get of an era.
		#[codec(index = 6)]
		pub static SigningShare: Perbill = Perbill::from_percent(20);
		/// What those get that carry bytes.
		#[codec(index = 7)]
		pub static BandwidthShare: Perbill = Perbill::from_percent(5);
		/// What those get that find and answer each other.
		#[codec(index = 8)]
		pub static DiscoveryShare: Perbill = Perbill::from_percent(5);
		/// What the treasury gets. The rest is the workers'.
		#[codec(index = 9)]
		pub static TreasuryShare: Perbill = Perbill::from_percent(10);
		/// For how many eras what was earned can be claimed.
		#[codec(index = 10)]
		pub static ExpiryEras: u32 = EXPIRY_ERAS;
	}

	/// What payment channels cost.
	#[dynamic_pallet_params]
	#[codec(index = 3)]
	pub mod channels {
		/// What whoever closes by a recovery pays if its claim was too low, of all that is in the channel.
		#[codec(index = 0)]
		pub static RecoveryFine: Perbill = Perbill::from_percent(1);
	}

	/// What storage deals cost, and how long their steps take. Times are in ticks, and divided on chains to try things
	/// on.
	#[dynamic_pallet_params]
	#[codec(index = 4)]
	pub mod storage {
		/// What to carry a GiB costs, in planck: repairs are priced by it.
		#[codec(index = 0)]
		pub static EgressPrice: Balance = UNITS / 1_024;
		/// What a repair costs beyond what is carried for it.
		#[codec(index = 1)]
		pub static RepairMargin: Perbill = Perbill::from_percent(25);
		/// The part of the repairs of all slots that an owner puts into reserve.
		#[codec(index = 2)]
		pub static ReserveShare: Perbill = Perbill::from_percent(25);
		/// What whoever keeps a slot gets of its pay, however well it serves.
		#[codec(index = 3)]
		pub static WorkShare: Perbill = Perbill::from_percent(90);
		/// What it gets besides by its score.
		#[codec(index = 4)]
		pub static QualityShare: Perbill = Perbill::from_percent(5);
		/// What of a pay ceases to exist. The rest is for repairs.
		#[codec(index = 5)]
		pub static BurnedShare: Perbill = Perbill::from_percent(3);
		/// What of an escrow ceases to exist that is given up before its deal has begun.
		#[codec(index = 6)]
		pub static GivenUp: Perbill = Perbill::from_percent(25);
		/// What devices get of what is left of an escrow whose deal its owner ends early.
		#[codec(index = 7)]
		pub static EndedEarly: Perbill = Perbill::from_percent(5);
		/// The least score of a device that is drawn.
		#[codec(index = 8)]
		pub static LeastScore: Perbill = Perbill::from_percent(50);
		/// In which time each slot is asked once, at a tick that is drawn.
		#[codec(index = 9)]
		pub static AuditTicks: BlockNumber = 12 * HOURS;
		/// To draw a device for each slot.
		#[codec(index = 10)]
		pub static PlacingTicks: BlockNumber = 2 * MINUTES;
		/// To upload, whatever the length of a slot.
		#[codec(index = 11)]
		pub static UploadTicks: BlockNumber = 10 * MINUTES;
		/// What each MiB of a slot adds to that.
		#[codec(index = 12)]
		pub static UploadPerMib: BlockNumber = 2;
		/// To fetch what was stored, once it is not paid any more.
		#[codec(index = 13)]
		pub static GraceTicks: BlockNumber = DAYS;
		/// How long a suspect may be silent if no usable slot can be spared,
		#[codec(index = 14)]
		pub static PatienceLast: BlockNumber = 10 * MINUTES;
		/// if one can,
		#[codec(index = 15)]
		pub static PatienceAtOne: BlockNumber = HOURS;
		/// if two can,
		#[codec(index = 16)]
		pub static PatienceAtTwo: BlockNumber = 4 * HOURS;
		/// and if more can.
		#[codec(index = 17)]
		pub static PatienceBeyond: BlockNumber = 12 * HOURS;
		/// Of the price of a work, the most that issuance pays for it.
		#[codec(index = 18)]
		pub static PriceShare: Perbill = Perbill::from_percent(30);
		/// Of the tickets that a draw looks at, those that have to meet the terms, or the work counts for nothing.
		#[codec(index = 19)]
		pub static TermsMet: Perbill = Perbill::from_percent(90);
		/// How far beyond the mean of what is paid a device may ask and have its plots ordered by the chain.
		#[codec(index = 20)]
		pub static DearBeyond: Perbill = Perbill::from_percent(95);
	}

	/// What jobs of the compute market cost, what lying costs, and how long their steps take. A pay is that of a unit's
	/// fuel limit at the job's highest price. Times are in ticks, and divided on chains to try things on.
	#[dynamic_pallet_params]
	#[codec(index = 5)]
	pub mod compute {
		/// How many pays a worker has at stake.
		#[codec(index = 0)]
		pub static Stake: u32 = 200;
		/// How many of them a first dissent costs.
		#[codec(index = 1)]
		pub static Dissent: u32 = 2;
		/// How many pays whoever appeals puts in.
		#[codec(index = 2)]
		pub static AppealPays: u32 = 13;
		/// The share of accepted units that are run again.
		#[codec(index = 3)]
		pub static Recheck: Perbill = Perbill::from_percent(2);
		/// The same of units that one worker had alone.
		#[codec(index = 4)]
		pub static Audit: Perbill = Perbill::from_percent(10);
		/// What an escrow has besides what workers get if no unit needs more of them.
		#[codec(index = 5)]
		pub static Margin: Perbill = Perbill::from_percent(50);
		/// What a worker gets of a pay.
		#[codec(index = 6)]
		pub static WorkShare: Perbill = Perbill::from_percent(95);
		/// What of a pay ceases to exist. The rest is for re-checks.
		#[codec(index = 7)]
		pub static BurnedShare: Perbill = Perbill::from_percent(3);
		/// What a worker gets at once; the rest waits until its outputs were handed over.
		#[codec(index = 8)]
		pub static AtOnce: Perbill = Perbill::from_percent(80);
		/// What of its pay a worker gets whose copy of a unit came second.
		#[codec(index = 9)]
		pub static Second: Perbill = Perbill::from_percent(50);
		/// What of a pay a worker gets whose unit too few could run.
		#[codec(index = 10)]
		pub static Start: Perbill = Perbill::from_percent(1);
		/// The least ask for a Gfuel for which work counts, in planck.
		#[codec(index = 11)]
		pub static LeastAsk: Balance = 100_000_000;
		/// To find workers.
		#[codec(index = 12)]
		pub static PoolingTicks: BlockNumber = 20 * MINUTES;
		/// How many times as long as it should take a worker may take for a unit.
		#[codec(index = 13)]
		pub static Slowness: u32 = 3;
		/// What it has besides.
		#[codec(index = 14)]
		pub static SlackTicks: BlockNumber = MINUTES;
		/// To reveal what was committed to.
		#[codec(index = 15)]
		pub static RevealTicks: BlockNumber = MINUTES;
		/// To appeal a result.
		#[codec(index = 16)]
		pub static AppealTicks: BlockNumber = 10 * MINUTES;
		/// For how long outputs are kept once all units are decided.
		#[codec(index = 17)]
		pub static KeptTicks: BlockNumber = 2 * HOURS;
		/// For how many eras a stake stays that is withdrawn.
		#[codec(index = 18)]
		pub static NoticeEras: u32 = 28;
		/// The least that a worker has at stake in a job, in planck.
		#[codec(index = 19)]
		pub static LeastStake: Balance = 10 * UNITS;
		/// The least that a job or an appeal costs, in planck: what units cost less is its pool's.
		#[codec(index = 20)]
		pub static LeastJob: Balance = UNITS / 4;
		/// What ceases to exist of what is promised to nobody when a job is given up.
		#[codec(index = 21)]
		pub static GivenUp: Perbill = Perbill::from_percent(3);
		/// Of the tickets that a draw looks at, those that have to meet the terms, or the work counts for nothing.
		#[codec(index = 22)]
		pub static TermsMet: Perbill = Perbill::from_percent(50);
		/// The engines that there are: a bit for each, the lowest for engine 1.
		#[codec(index = 23)]
		pub static Engines: u32 = 1;
		/// What of the treasury's pot of an era has units run again while little is used.
		#[codec(index = 24)]
		pub static ChecksShare: Perbill = Perbill::from_percent(10);
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
	fn default() -> Self {
		let key = dynamic_params::fees::BaseFee;
		RuntimeParameters::Fees(dynamic_params::fees::Parameters::BaseFee(key, Some(BASE_FEE)))
	}
}

const AUTHOR: Bounds<Perbill> = Bounds::new(Perbill::zero(), Perbill::from_percent(50));
const BURNED: Bounds<Perbill> = Bounds::new(Perbill::zero(), Perbill::from_percent(50));
const BASE: Bounds<Balance> = Bounds::new(BASE_FEE / 100, BASE_FEE * 100);
const BYTE: Bounds<Balance> = Bounds::new(MICRO / 100, MICRO * 100);
const SMALL: Bounds<Balance> = Bounds::new(UNITS, 100_000 * UNITS);
const REPORT: Bounds<BlockNumber> = Bounds::new(7 * DAYS, 180 * DAYS);
// Never nothing: who lies by a recovery risks no more than that.
const FINE: Bounds<Perbill> = Bounds::new(Perbill::from_parts(1_000_000), Perbill::from_percent(20));

/// What the author of a block gets of its fees.
pub fn author_share() -> Perbill {
	AUTHOR.clamp(dynamic_params::fees::AuthorShare::get())
}

/// What of fees ceases to exist.
pub fn burned_share() -> Perbill {
	BURNED.clamp(dynamic_params::fees::BurnedShare::get())
}

/// The fee for the time of an empty extrinsic, in planck.
pub fn base_fee() -> Balance {
	BASE.clamp(dynamic_params::fees::BaseFee::get())
}

/// The fee for a byte, in planck.
pub fn byte_fee() -> Balance {
	BYTE.clamp(dynamic_params::fees::ByteFee::get())
}

/// The most that a referendum of the smaller kind spends of the treasury, in planck.
pub fn small_spend() -> Balance {
	SMALL.clamp(dynamic_params::treasury::SmallSpend::get())
}

/// Within how many blocks of the last one the treasury's steward reports, on a chain that lasts.
pub fn report_period() -> BlockNumber {
	REPORT.clamp(dynamic_params::treasury::ReportPeriod::get())
}

/// What a recovery costs whose claim was too low, of all that is in the channel.
pub fn recovery_fine() -> Perbill {
	FINE.clamp(dynamic_params::channels::RecoveryFine::get())
}

/// Whether the new value is within its bounds. To take a value back to what it was at first is always.
pub fn is_within_bounds(change: &RuntimeParameters) -> bool {
	use dynamic_params as keys;
	match change {
		RuntimeParameters::Fees(change) => match change {
			keys::fees::Parameters::AuthorShare(_, value) => AUTHOR.admits(value),
			keys::fees::Parameters::BurnedShare(_, value) => BURNED.admits(value),
			keys::fees::Parameters::BaseFee(_, value) => BASE.admits(value),
			keys::fees::Parameters::ByteFee(_, value) => BYTE.admits(value),
		},
		RuntimeParameters::Treasury(change) => match change {
			keys::treasury::Parameters::SmallSpend(_, value) => SMALL.admits(value),
			keys::treasury::Parameters::ReportPeriod(_, value) => REPORT.admits(value),
		},
		RuntimeParameters::Issuance(change) => issuance::is_within_bounds(change),
		RuntimeParameters::Channels(keys::channels::Parameters::RecoveryFine(_, value)) => FINE.admits(value),
		RuntimeParameters::Storage(change) => storage::is_within_bounds(change),
		RuntimeParameters::Compute(change) => compute::is_within_bounds(change),
	}
}

/// The filter of all calls but root's: a governed value stays within its bounds, and the treasury spends in no way but
/// the one that an overdue report holds up.
pub struct Filter;

impl Contains<RuntimeCall> for Filter {
	fn contains(call: &RuntimeCall) -> bool {
		match call {
			RuntimeCall::Parameters(pallet_parameters::Call::set_parameter { key_value }) => {
				is_within_bounds(key_value)
			}
			RuntimeCall::Candidates(pallet_candidates::Call::set_parameters { parameters }) => {
				candidates::is_within_bounds(parameters)
			}
			// What treasuries had before `spend`: it pays on its own, however long a report has been due by then.
			RuntimeCall::Treasury(pallet_treasury::Call::spend_local { .. }) => false,
			_ => true,
		}
	}
}
