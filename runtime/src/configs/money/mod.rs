//! What STCI is issued for, and channels, deals and jobs in which it is paid.

mod checks;
mod compute;
mod storage;

pub use checks::{Checks, ChecksAccount};
pub use compute::{Rates, Served};
pub use storage::AutoMine;

use crate::{
	configs::{
		fees::FeeNow,
		governance::{Scaled, TreasuryAccount},
		parameters::{
			issuance::{ExpiryEras, IssuanceTerms},
			recovery_fine,
		},
	},
	constants::{
		currency::{deposit, MILLI, UNITS},
		time::{DAYS, HOURS},
	},
	weights, Balance, Balances, BlockNumber, DeviceRegistry, Poca, Runtime, RuntimeHoldReason, Signature,
};
use channel_primitives::{Tick, DEAL_PROVEN, DEVICE_ATTESTED, TASK_ACCEPTED};
use codec::DecodeAll;
use device_primitives::DeviceId;
use frame_support::{
	parameter_types,
	traits::{ConstU32, Get},
	PalletId,
};
use pallet_traits::{Devices, Predicates, UsageOfMarkets};
use sp_runtime::{traits::Verify, Perbill};

/// How much of what is proven customers use. AutoMine buys plots and has no deals, and what it has run again is no
/// customer's: none of its orders counts here.
pub struct Usage;

impl UsageOfMarkets for Usage {
	fn storage() -> (u128, u128) {
		storage::usage()
	}

	fn compute() -> (u128, u128) {
		compute::usage()
	}
}

parameter_types! {
	/// What a block is worth,
	pub const BlockPoints: u32 = 1;
	/// and a vote on record. There are 60 blocks to one of a voter's votes on record: with 21 directors authoring and
	/// voting earn about as much.
	pub const VotePoints: u32 = 3;
}

impl pallet_stci_issuance::Config for Runtime {
	type Currency = Balances;
	type EraClock = Poca;
	type Devices = DeviceRegistry;
	type Usage = Usage;
	type Terms = IssuanceTerms;
	type ExpiryEras = ExpiryEras;
	type TreasuryAccount = TreasuryAccount;
	type BlockPoints = BlockPoints;
	type VotePoints = VotePoints;
	type MaxEras = ConstU32<16>;
	// A hundred thousand earners of an era are swept within 1,042 of its blocks.
	type MaxSwept = ConstU32<96>;
	type WeightInfo = weights::pallet_stci_issuance::Measured<Runtime>;
}

parameter_types! {
	/// What the account derives from at which money of channels and bonds of towers are on hold.
	pub const ChannelsPot: PalletId = PalletId(*b"sc/chnls");
	/// The shortest window of a channel, before it is scaled: an hour.
	pub const ShortestWindow: BlockNumber = HOURS;
	/// The longest, on every chain.
	pub const LongestWindow: Tick = 60 * DAYS;
	/// The window of a recovery at least, before it is scaled.
	pub const RecoveryWindow: BlockNumber = 14 * DAYS;
	/// For how long a settled channel is kept, so that towers can be made to pay, before it is scaled.
	pub const TowerTicks: BlockNumber = 7 * DAYS;
	/// For how long a bond stays held: the longest window, a week to claim it, and three days.
	pub const UnbondTicks: Tick = 70 * DAYS;
	/// For how long a reveal is kept: whoever has shown it has thirty days to close, in the longest window, and thirty
	/// more to split the locks.
	pub const RevealTicks: Tick = 120 * DAYS;
	/// The least bond of a tower.
	pub const MinBond: Balance = 10 * UNITS;
	/// What is deposited for a channel: its entry, and that of its close or settlement.
	pub const ChannelDeposit: Balance = deposit(2, 900);
	/// What a transaction of channels without an account costs at least: what several ordinary ones do while blocks are
	/// half empty, for such a one is looked at twice. It costs what fees are, if that is more.
	pub const AnswerFee: Balance = 2 * MILLI;
	/// What is held for a reveal.
	pub const RevealDeposit: Balance = deposit(1, 100);
	/// What is held for an endpoint.
	pub const EndpointDeposit: Balance = deposit(1, 230);
}

/// What a recovery costs whose claim was too low, of all that is in the channel, as holders have set it.
pub struct RecoveryFine;

impl Get<Perbill> for RecoveryFine {
	fn get() -> Perbill {
		recovery_fine()
	}
}

impl pallet_payment_channels::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Signature = Signature;
	type Signer = <Signature as Verify>::Signer;
	type PalletId = ChannelsPot;
	type Clock = Poca;
	type Predicates = Facts;
	type Fine = RecoveryFine;
	type MinWindow = Scaled<ShortestWindow>;
	type MaxWindow = LongestWindow;
	type RecoveryWindow = Scaled<RecoveryWindow>;
	type RevealTicks = RevealTicks;
	type TowerTicks = Scaled<TowerTicks>;
	type UnbondTicks = UnbondTicks;
	type MinBond = MinBond;
	type ChannelDeposit = ChannelDeposit;
	type AnswerFee = AnswerFee;
	type FeeNow = FeeNow;
	type RevealDeposit = RevealDeposit;
	type EndpointDeposit = EndpointDeposit;
	type WeightInfo = weights::pallet_payment_channels::Measured<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benches::Machines;
}

/// What conditions of payments may ask of this chain.
pub struct Facts;

impl Predicates for Facts {
	fn holds(predicate: u16, args: &[u8]) -> bool {
		match predicate {
			DEVICE_ATTESTED => DeviceId::decode_all(&mut &args[..]).is_ok_and(|id| DeviceRegistry::is_attested(&id)),
			DEAL_PROVEN => storage::is_deal_proven(args),
			TASK_ACCEPTED => compute::is_task_accepted(args),
			_ => false,
		}
	}
}
