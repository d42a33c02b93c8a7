//! The storage market: what it asks of the rest of the chain, and what the rest asks of it.

use crate::{
	configs::parameters::storage::{AnswerTicks, Audits, Groups, LeastScore, PriceShare, StorageTerms},
	weights, AccountId, Balances, DeviceRegistry, Poca, ResourceProofs, Runtime, RuntimeHoldReason, StciIssuance,
};
use codec::DecodeAll;
use device_primitives::DeviceId;
use frame_support::{parameter_types, traits::Get, PalletId};
use pallet_storage_market::{Deals, InUse};
use pallet_traits::{Earnings, MarketClock, UsageOfMarkets, WorkKind};
use storage_market_primitives::{DealProven, Hash, Openings};
use storage_proof_primitives::{Contents, Opening};

parameter_types! {
	/// What the account derives from at which money of deals is on hold.
	pub const StoragePot: PalletId = PalletId(*b"sc/stora");
}

impl pallet_storage_market::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type PalletId = StoragePot;
	type Clock = Poca;
	type Beacon = Poca;
	type Devices = DeviceRegistry;
	type Space = ResourceProofs;
	type Earnings = Counted;
	type Openings = Blake3;
	type Terms = StorageTerms;
	type LeastScore = LeastScore;
	type AuditsPerDay = Audits;
	type AnswerTicks = AnswerTicks;
	type Groups = Groups;
	type WeightInfo = weights::pallet_storage_market::Measured<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benches::Machines;
}

/// Tells issuance of work, with a part of its price: for a unit no more than that part is ever issued.
pub struct Counted;

impl Earnings<AccountId> for Counted {
	fn plots_proven(owner: &AccountId, units: u128) {
		StciIssuance::plots_proven(owner, units);
	}

	fn work_done(provider: &AccountId, kind: WorkKind, units: u128, paid: u128) {
		StciIssuance::work_done(provider, kind, units, PriceShare::get() * paid);
	}

	fn bytes_carried(provider: &AccountId, units: u128) {
		StciIssuance::bytes_carried(provider, units);
	}

	fn probe_answered(device: &DeviceId) {
		StciIssuance::probe_answered(device);
	}
}

/// Openings by the one code that clients and agents have as well.
pub struct Blake3;

impl Openings for Blake3 {
	fn check(root: &Hash, slot_len: u64, index: u64, chunk: &[u8], path: &[Hash]) -> bool {
		let contents = Contents {
			root: *root,
			bytes: slot_len,
		};
		let Ok(index) = u32::try_from(index) else {
			return false;
		};
		Opening::of(chunk.to_vec(), path.to_vec()).is_ok_and(|opening| opening.verify(&contents, index).is_ok())
	}
}

/// How much of what is proven customers use: by bytes that they have in slots which are held and audited, of these and
/// of all plots. A device gives plots up for slots: what it keeps for customers is proven as well, in another way.
/// AutoMine buys plots and has no deals, so that none of its orders counts here.
pub struct Usage;

impl UsageOfMarkets for Usage {
	fn storage() -> (u128, u128) {
		let used = InUse::<Runtime>::get();
		(used, used.saturating_add(ResourceProofs::proven_in_plots()))
	}

	fn compute() -> (u128, u128) {
		(0, 0)
	}
}

/// Whether a deal is kept as a payment wants it. `args` are a [`DealProven`] and nothing else.
pub(super) fn is_deal_proven(args: &[u8]) -> bool {
	DealProven::decode_all(&mut &args[..])
		.is_ok_and(|asked| Deals::<Runtime>::get(asked.deal).is_some_and(|deal| asked.holds(&deal, Poca::tick())))
}
