//! STCI that an account has and may not spend yet.

use crate::{constants::currency::UNITS, Balance, Balances, Runtime, RuntimeEvent, System};
use frame_support::{parameter_types, traits::WithdrawReasons};
use sp_runtime::traits::ConvertInto;

/// How many schedules an account can have at a time: what is released in steps has one for each. It is the SDK's
/// figure, which its weights were measured up to.
pub const MAX_SCHEDULES: u32 = 28;

parameter_types! {
	/// The least that a vested transfer locks, in planck. Whoever sends such transfers takes up its receiver's
	/// schedules: to fill them all costs 280 STCI, which are the receiver's then.
	pub const MinVestedTransfer: Balance = 10 * UNITS;
	/// What may be withdrawn of locked STCI: nothing, for no reason, fees among them. Balances looks at no reasons.
	pub UnvestedWithdrawals: WithdrawReasons = WithdrawReasons::empty();
}

impl pallet_vesting::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type BlockNumberToBalance = ConvertInto;
	type MinVestedTransfer = MinVestedTransfer;
	type WeightInfo = pallet_vesting::weights::SubstrateWeight<Runtime>;
	type UnvestedFundsAllowedWithdrawReasons = UnvestedWithdrawals;
	type BlockNumberProvider = System;
	const MAX_VESTING_SCHEDULES: u32 = MAX_SCHEDULES;
}
