//! The base: system, time, and root in the `dev` preset.

use crate::{
	configs::parameters::Filter, constants::time::MIN_SLOT_DURATION, limits, weights, AccountId, Balance, Block,
	BlockNumber, Hash, MultiBlockMigrations, Nonce, PalletInfo, Poca, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeOrigin, RuntimeTask, Upgrades, VERSION,
};
use frame_support::{derive_impl, parameter_types, traits::ConstU32};
use sp_runtime::traits::AccountIdLookup;
use sp_version::RuntimeVersion;

parameter_types! {
	/// How many blocks back the chain remembers hashes: as many as a transaction may stay valid for (34 minutes of
	/// blocks), and as far back as a node keeps state that is not final.
	pub const BlockHashCount: BlockNumber = 4_096;
	/// The version of the runtime.
	pub const Version: RuntimeVersion = VERSION;
	/// The prefix of addresses: Substrate's general one.
	pub const SS58Prefix: u8 = 42;
	/// The fewest milliseconds between the timestamps of two blocks: half of the shortest slot, so that a block which
	/// is late in its slot does not push its child out of the next one. Wallets take twice this number for the time
	/// between blocks, and polkadot.js divides by it.
	pub const MinimumPeriod: u64 = MIN_SLOT_DURATION / 2;
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type BaseCallFilter = Filter;
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = AccountIdLookup<AccountId, ()>;
	type Nonce = Nonce;
	type Hash = Hash;
	type BlockHashCount = BlockHashCount;
	type BlockWeights = limits::RuntimeBlockWeights;
	type BlockLength = limits::RuntimeBlockLength;
	type DbWeight = limits::DbWeight;
	type Version = Version;
	type AccountData = pallet_balances::AccountData<Balance>;
	type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
	type ExtensionsWeightInfo = weights::SystemExtensions;
	type SS58Prefix = SS58Prefix;
	type SingleBlockMigrations = crate::migrations::Migrations;
	type MaxConsumers = ConstU32<64>;
	type OnSetCode = Upgrades;
	type MultiBlockMigrator = MultiBlockMigrations;
}

impl pallet_timestamp::Config for Runtime {
	type Moment = u64;
	type OnTimestampSet = Poca;
	type MinimumPeriod = MinimumPeriod;
	type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

impl pallet_sudo::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}
