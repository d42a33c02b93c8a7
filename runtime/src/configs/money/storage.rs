//! The storage market: what it asks of the rest of the chain, and what the rest asks of it.

use crate::{
	configs::parameters::storage::{
		DearBeyond, EgressShares, Groups, LeastScore, PriceShare, StorageAudits, StorageTerms, TermsMet,
	},
	constants::currency::deposit,
	weights, AccountId, Balances, DeviceRegistry, Poca, ResourceProofs, Runtime, RuntimeHoldReason, Signature,
	StciIssuance, StorageMarket,
};
use codec::DecodeAll;
use device_primitives::DeviceId;
use frame_support::{parameter_types, traits::Get, PalletId};
use pallet_storage_market::{Deals, Deposits, InUse};
use pallet_traits::{Earnings, MarketClock, PlotHook, ProvenSpace, WorkKind};
use sp_runtime::{traits::Verify, Perbill};
use storage_market_primitives::DealProven;

parameter_types! {
	/// What the account derives from at which money of deals is on hold.
	pub const StoragePot: PalletId = PalletId(*b"sc/stora");
	/// What is put in for state. What is kept beside a slot, so that nothing has to be searched, counts as bytes.
	pub const StateDeposits: Deposits = Deposits {
		offer: deposit(8, 1_500),
		deal: deposit(1, 400),
		slot: deposit(0, 100),
		key_box: deposit(1, 200),
	};
	/// What whoever closes a deal gets of what goes back to its owner.
	pub const ClosersTip: Perbill = Perbill::from_percent(1);
}

impl pallet_storage_market::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Signature = Signature;
	type Signer = <Signature as Verify>::Signer;
	type PalletId = StoragePot;
	type Clock = Poca;
	type Beacon = Poca;
	type Devices = DeviceRegistry;
	type Space = Proven;
	type Earnings = Counted;
	type Terms = StorageTerms;
	type Audits = StorageAudits;
	type EgressShares = EgressShares;
	type Deposits = StateDeposits;
	type Tip = ClosersTip;
	type LeastScore = LeastScore;
	type TermsMet = TermsMet;
	type DearBeyond = DearBeyond;
	type Groups = Groups;
	type WeightInfo = weights::pallet_storage_market::Measured<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benches::Machines;
}

/// What a device has proven of its space. On chains to try things on plots are tiny, and stand for any space.
pub struct Proven;

impl ProvenSpace for Proven {
	fn bytes(device: &DeviceId) -> u64 {
		let proven = <ResourceProofs as ProvenSpace>::bytes(device);
		if proven > 0 && !Groups::get() {
			u64::MAX
		} else {
			proven
		}
	}
}

/// Tells issuance of work, with a part of its price: for a unit no more than that part is ever issued.
pub struct Counted;

impl Earnings<AccountId> for Counted {
	fn plots_proven(owner: &AccountId, units: u128) {
		<StciIssuance as Earnings<AccountId>>::plots_proven(owner, units);
	}

	fn work_done(provider: &AccountId, kind: WorkKind, units: u128, paid: u128) {
		let counted = PriceShare::get() * paid;
		<StciIssuance as Earnings<AccountId>>::work_done(provider, kind, units, counted);
	}

	fn bytes_carried(provider: &AccountId, units: u128) {
		<StciIssuance as Earnings<AccountId>>::bytes_carried(provider, units);
	}

	fn probe_answered(device: &DeviceId) {
		<StciIssuance as Earnings<AccountId>>::probe_answered(device);
	}
}

/// The chain itself as a customer. A win of space is a ticket by which a device is drawn that offers its space to
/// customers, near the price that these pay; the market keeps the order, for as many plots as the device offers space,
/// and tells issuance of it once the device has shown an era later that its plots are there.
pub struct AutoMine;

impl PlotHook<AccountId> for AutoMine {
	fn plot_proven(device: &DeviceId, owner: &AccountId, units: u128) {
		// On chains to try things on as well: of tiny plots those are ordered whose few bytes are offered.
		let proven = <ResourceProofs as ProvenSpace>::bytes(device);
		StorageMarket::plot_proven(device, owner, units, proven);
	}
}

/// Bytes that customers have in slots which are held and audited, and these and those of all plots. A device gives
/// plots up for slots: what it keeps for customers is proven as well, in another way.
pub(super) fn usage() -> (u128, u128) {
	let used = InUse::<Runtime>::get();
	(used, used.saturating_add(ResourceProofs::proven_in_plots()))
}

/// Whether a deal is kept as a payment wants it. `args` are a [`DealProven`] and nothing else.
pub(super) fn is_deal_proven(args: &[u8]) -> bool {
	DealProven::decode_all(&mut &args[..])
		.is_ok_and(|asked| Deals::<Runtime>::get(asked.deal).is_some_and(|deal| asked.holds(&deal, Poca::tick())))
}
