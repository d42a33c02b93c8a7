//! The compute market: what it asks of the rest of the chain, and what the rest asks of it.

use super::{
	checks::{Checks, LostTo},
	storage::{ClosersTip, Counted},
};
use crate::{
	configs::parameters::{
		compute::{AdmittedEngines, ComputeRules, ComputeTerms},
		storage::Groups,
	},
	constants::{
		compute::{MFUEL_PER_SEGMENT, TEST_RATE},
		currency::deposit,
		time::SLOT_DURATION,
	},
	limits::ComputeHooks,
	weights, Balances, ComputeMarket, DeviceRegistry, Poca, ResourceProofs, Runtime, RuntimeHoldReason,
};
use codec::DecodeAll;
use compute_market_primitives::TaskAccepted;
use device_primitives::DeviceId;
use frame_support::{
	parameter_types,
	traits::{ConstU64, Get},
	PalletId,
};
use pallet_compute_market::{Deposits, ProvenCompute};
use pallet_traits::Computed;

parameter_types! {
	/// What the account derives from at which money of jobs is on hold.
	pub const ComputePot: PalletId = PalletId(*b"sc/compu");
	/// What is put in for state: a worker's entry with its tickets, a job with its pool, and a result.
	pub const ComputeDeposits: Deposits = Deposits {
		worker: deposit(8, 2_000),
		job: deposit(3, 2_000),
		unit: deposit(0, 60),
	};
}

impl pallet_compute_market::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type PalletId = ComputePot;
	type Treasury = LostTo;
	type Clock = Poca;
	type Beacon = Poca;
	type SlotMillis = ConstU64<SLOT_DURATION>;
	type Devices = DeviceRegistry;
	type Compute = Rates;
	type Earnings = Counted;
	type AutoMine = Checks;
	// No pallet of this runtime has anything computed yet.
	type OnJobDone = ();
	type Engines = AdmittedEngines;
	type Terms = ComputeTerms;
	type Rules = ComputeRules;
	type Tau = Tau;
	type Deposits = ComputeDeposits;
	type Tip = ClosersTip;
	type Groups = Groups;
	type IdleWeight = ComputeHooks;
	type WeightInfo = weights::pallet_compute_market::Measured<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benches::Machines;
}

/// In how many ticks what was computed fades: as all that proves competence does.
pub struct Tau;

impl Get<u32> for Tau {
	fn get() -> u32 {
		pallet_resource_proofs::Parameters::<Runtime>::get().tau.max(1)
	}
}

/// Slots of a window of the lottery of compute: in so many ticks a device runs the segments that it has shown.
fn window() -> u128 {
	pallet_resource_proofs::Parameters::<Runtime>::get()
		.compute
		.window
		.max(1)
		.into()
}

/// Fuel of programs that a machine burns in a tick which runs so many segments in a window, in Mfuel.
fn mfuel_a_tick(segments: u128) -> u128 {
	let mfuel = segments.saturating_mul(MFUEL_PER_SEGMENT);
	mfuel.checked_div(window()).unwrap_or(0)
}

/// How fast devices are, by what they have won in the lottery of compute. On chains to try things on whoever has
/// claimed anything there counts as somebody: its first win takes minutes.
pub struct Rates;

impl ProvenCompute for Rates {
	fn rate(device: &DeviceId) -> u32 {
		let Some(segments) = ResourceProofs::segments_of(device) else {
			return 0;
		};
		let mfuel = mfuel_a_tick(segments.into()) >> 32;
		let rate = u32::try_from(mfuel).unwrap_or(u32::MAX);
		if Groups::get() {
			rate
		} else {
			rate.max(TEST_RATE)
		}
	}
}

/// What devices compute for customers, as segments that a window has room for: what they have burned fades by tau, and
/// a tau-th of it is what they burn in a tick.
pub struct Served;

impl Served {
	fn segments(gfuel: u128) -> u128 {
		let tau = u128::from(Tau::get());
		let in_window = gfuel.saturating_mul(1_000).saturating_mul(window());
		in_window
			.checked_div(tau.saturating_mul(MFUEL_PER_SEGMENT))
			.unwrap_or(0)
	}
}

impl Computed for Served {
	fn of(device: &DeviceId) -> u64 {
		let gfuel = <ComputeMarket as Computed>::of(device);
		u64::try_from(Self::segments(gfuel.into())).unwrap_or(u64::MAX)
	}

	fn total() -> u128 {
		Self::segments(<ComputeMarket as Computed>::total())
	}
}

/// Mfuel that customers have paid for in the era, and that all devices can burn in one.
pub(super) fn usage() -> (u128, u128) {
	let used = ComputeMarket::paid_fuel().div_euclid(1_000_000);
	let era = u128::from(pallet_poca::EraLength::<Runtime>::get());
	let proven = mfuel_a_tick(ResourceProofs::proven_segments()).saturating_mul(era) >> 32;
	(used, proven)
}

/// Whether a unit of a job has the result that a payment waits for. `args` are a [`TaskAccepted`] and nothing else.
pub(super) fn is_task_accepted(args: &[u8]) -> bool {
	TaskAccepted::decode_all(&mut &args[..]).is_ok_and(|asked| ComputeMarket::is_accepted(&asked))
}
