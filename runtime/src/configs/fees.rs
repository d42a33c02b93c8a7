//! Money: balances, and what transactions cost.

use crate::{
	constants::currency::{EXISTENTIAL_DEPOSIT, MICRO, MILLI},
	weights, AccountId, Authorship, Balance, Balances, Runtime, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason,
	System,
};
use frame_support::{
	parameter_types,
	traits::{
		fungible::{Balanced, Credit},
		ConstU32, ConstU8, OnUnbalanced, VariantCountOf,
	},
	weights::{constants::ExtrinsicBaseWeight, ConstantMultiplier, Weight, WeightToFee},
};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{FixedPointNumber, Perquintill};

parameter_types! {
	/// The least that an account must hold to exist, in planck.
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	/// The fee for a byte of a transaction, in planck.
	pub const TransactionByteFee: Balance = MICRO;
	/// Half full blocks leave fees as they are.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(50);
	/// How fast fees follow fullness. A day is 172,800 blocks: when all of them are full, fees rise 2.4-fold in it.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(1, 100_000);
	/// A quiet chain does not become cheap to flood.
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_integer(1);
	/// A full chain does not become unusable.
	pub MaximumMultiplier: Multiplier = Multiplier::saturating_from_integer(1_000);
}

impl pallet_balances::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
	type Balance = Balance;
	// Dust is no longer in existence.
	type DustRemoval = ();
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
	type ReserveIdentifier = [u8; 8];
	type FreezeIdentifier = RuntimeFreezeReason;
	// Locks and named reserves are the old ways; holds and freezes replace them.
	type MaxLocks = ConstU32<0>;
	type MaxReserves = ConstU32<0>;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type DoneSlashHandler = ();
}

/// The fee for execution: a tenth of a thousandth of an STCI for the time of an empty extrinsic, in proportion. Proof size costs
/// nothing, since blocks carry no proofs.
pub struct WeightFee;

impl WeightToFee for WeightFee {
	type Balance = Balance;

	fn weight_to_fee(weight: &Weight) -> Balance {
		let base = Balance::from(ExtrinsicBaseWeight::get().ref_time().max(1));
		// 64 bits times 10^8 fit 128 bits.
		Balance::from(weight.ref_time()).saturating_mul(MILLI / 10) / base
	}
}

/// Fees and tips go to the block's author. Where there is none, or its account does not exist and the fee would not bring it
/// into existence, they cease to exist.
pub struct FeesToAuthor;

impl OnUnbalanced<Credit<AccountId, Balances>> for FeesToAuthor {
	fn on_nonzero_unbalanced(fees: Credit<AccountId, Balances>) {
		if let Some(author) = Authorship::author() {
			// What cannot be paid out comes back and is dropped, which takes it out of issuance.
			drop(Balances::resolve(&author, fees));
		}
	}
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, FeesToAuthor>;
	type WeightToFee = WeightFee;
	type LengthToFee = ConstantMultiplier<Balance, TransactionByteFee>;
	type FeeMultiplierUpdate =
		TargetedFeeAdjustment<Runtime, TargetBlockFullness, AdjustmentVariable, MinimumMultiplier, MaximumMultiplier>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = weights::ChargeFees;
}
