//! Money: balances, what transactions cost, and who may pay for which.
//!
//! # What a transaction costs
//! A fixed fee for being one, a fee for its time and a fee for its bytes. Time and bytes are multiplied by what
//! [`crate::multiplier`] makes of the fullness of blocks, of all classes: so neither bytes nor operational calls are a
//! way to fill blocks at a price that stays.
//!
//! # Where calls are refused that no signature helps
//! `BaseCallFilter` acts when a call is dispatched: a signed call that it stops has taken its room in the block by
//! then. What charges fees sees signer and call in validation, and once more in the block, before anything is charged.
//! So [`Fees`] refuses there what [`crate::signers::may_send`] does not let pass, and transactions carry what they
//! carried before: one more transaction extension would be in every wallet's way.

use crate::{
	configs::{consensus::fullness, governance::ToTreasury, parameters},
	constants::{
		currency::EXISTENTIAL_DEPOSIT,
		fees::{ADJUSTMENT, MAX_MULTIPLIER, MIN_MULTIPLIER, TARGET_FULLNESS},
	},
	multiplier, signers, weights, AccountId, Authorship, Balance, Balances, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeFreezeReason, RuntimeHoldReason, System, TransactionPayment,
};
use frame_support::{
	dispatch::{DispatchInfo, PostDispatchInfo},
	parameter_types,
	traits::{
		fungible::{Balanced, Credit},
		ConstU32, ConstU8, Imbalance, OnUnbalanced, VariantCountOf,
	},
	weights::{constants::ExtrinsicBaseWeight, Weight, WeightToFee},
};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, MultiplierUpdate, OnChargeTransaction, TxCreditHold};
use sp_runtime::{
	traits::Convert,
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	FixedPointNumber, Perquintill,
};

parameter_types! {
	/// The least that an account must hold to exist, in planck.
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
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
	// Two pallets of the SDK still lock instead of freezing, each under one name: vesting and conviction voting. All
	// others hold, freeze or reserve, and nobody names a reserve.
	type MaxLocks = ConstU32<2>;
	type MaxReserves = ConstU32<0>;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type DoneSlashHandler = ();
}

/// The fee for execution: [`parameters::base_fee`] for the time of an empty extrinsic, in proportion. Proof size costs
/// nothing, since blocks carry no proofs. The multiplier comes on top where fees are computed.
pub struct WeightFee;

impl WeightToFee for WeightFee {
	type Balance = Balance;

	fn weight_to_fee(weight: &Weight) -> Balance {
		let base = Balance::from(ExtrinsicBaseWeight::get().ref_time().max(1));
		// 64 bits times 10^10 fit 128 bits.
		Balance::from(weight.ref_time()).saturating_mul(parameters::base_fee()) / base
	}
}

/// The fee for bytes: [`parameters::byte_fee`] each, times the multiplier. Where fees are computed that is applied to
/// time alone.
pub struct LengthFee;

impl WeightToFee for LengthFee {
	type Balance = Balance;

	fn weight_to_fee(length: &Weight) -> Balance {
		let bytes = Balance::from(length.ref_time());
		TransactionPayment::next_fee_multiplier().saturating_mul_int(bytes.saturating_mul(parameters::byte_fee()))
	}
}

/// What a transaction without tip costs now, by its time and bytes: for what is paid for in another way.
pub struct FeeNow;

impl Convert<(Weight, u32), Balance> for FeeNow {
	fn convert((weight, bytes): (Weight, u32)) -> Balance {
		let time = TransactionPayment::next_fee_multiplier().saturating_mul_int(WeightFee::weight_to_fee(&weight));
		let length = LengthFee::weight_to_fee(&Weight::from_parts(bytes.into(), 0));
		WeightFee::weight_to_fee(&ExtrinsicBaseWeight::get())
			.saturating_add(time)
			.saturating_add(length)
	}
}

/// Moves the multiplier by how full blocks are, of all classes and by time and bytes.
pub struct ByFullness;

impl Convert<Multiplier, Multiplier> for ByFullness {
	fn convert(previous: Multiplier) -> Multiplier {
		multiplier::next(previous, fullness())
	}
}

impl MultiplierUpdate for ByFullness {
	fn min() -> Multiplier {
		MIN_MULTIPLIER
	}

	fn max() -> Multiplier {
		MAX_MULTIPLIER
	}

	fn target() -> Perquintill {
		TARGET_FULLNESS
	}

	fn variability() -> Multiplier {
		ADJUSTMENT
	}
}

/// Of a fee the author of the block gets its share, another ceases to exist, and the rest goes to the treasury. Tips
/// are all the author's. What would reach no author is the treasury's as well: if there is none, or if its account does
/// not exist and this would not bring it into existence.
pub struct SplitFees;

impl OnUnbalanced<Credit<AccountId, Balances>> for SplitFees {
	// The fee comes first, then the tip.
	fn on_unbalanceds(mut parts: impl Iterator<Item = Credit<AccountId, Balances>>) {
		let Some(fee) = parts.next() else { return };
		let whole = fee.peek();
		// Neither share is above a half.
		let (share, rest) = fee.split(parameters::author_share() * whole);
		let (burned, rest) = rest.split(parameters::burned_share() * whole);
		// To be dropped is to be taken out of issuance.
		drop(burned);
		let due = parts.fold(share, Imbalance::merge);
		let unpaid = match Authorship::author() {
			Some(author) => Balances::resolve(&author, due).err(),
			None => Some(due),
		};
		let rest = unpaid.into_iter().fold(rest, Imbalance::merge);
		ToTreasury::on_unbalanced(rest);
	}

	fn on_nonzero_unbalanced(fee: Credit<AccountId, Balances>) {
		Self::on_unbalanceds(core::iter::once(fee));
	}
}

type Adapter = FungibleAdapter<Balances, SplitFees>;

/// Charges fees in STCI, from those that may send what they send.
pub struct Fees;

impl TxCreditHold<Runtime> for Fees {
	type Credit = <Adapter as TxCreditHold<Runtime>>::Credit;
}

impl OnChargeTransaction<Runtime> for Fees {
	type Balance = Balance;
	type LiquidityInfo = <Adapter as OnChargeTransaction<Runtime>>::LiquidityInfo;

	fn can_withdraw_fee(
		who: &AccountId,
		call: &RuntimeCall,
		info: &DispatchInfo,
		fee: Balance,
		tip: Balance,
	) -> Result<(), TransactionValidityError> {
		if !signers::may_send(who, call, info.class) {
			return Err(InvalidTransaction::Call.into());
		}
		<Adapter as OnChargeTransaction<Runtime>>::can_withdraw_fee(who, call, info, fee, tip)
	}

	fn withdraw_fee(
		who: &AccountId,
		call: &RuntimeCall,
		info: &DispatchInfo,
		fee: Balance,
		tip: Balance,
	) -> Result<Self::LiquidityInfo, TransactionValidityError> {
		<Adapter as OnChargeTransaction<Runtime>>::withdraw_fee(who, call, info, fee, tip)
	}

	fn correct_and_deposit_fee(
		who: &AccountId,
		info: &DispatchInfo,
		post_info: &PostDispatchInfo,
		fee: Balance,
		tip: Balance,
		paid: Self::LiquidityInfo,
	) -> Result<(), TransactionValidityError> {
		<Adapter as OnChargeTransaction<Runtime>>::correct_and_deposit_fee(who, info, post_info, fee, tip, paid)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn endow_account(who: &AccountId, amount: Balance) {
		<Adapter as OnChargeTransaction<Runtime>>::endow_account(who, amount)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn minimum_balance() -> Balance {
		<Adapter as OnChargeTransaction<Runtime>>::minimum_balance()
	}
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = Fees;
	type WeightToFee = WeightFee;
	type LengthToFee = LengthFee;
	type FeeMultiplierUpdate = ByFullness;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = weights::ChargeFees;
}
