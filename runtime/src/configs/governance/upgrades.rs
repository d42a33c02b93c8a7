//! How a new runtime comes into force, and what it migrates over several blocks.

use crate::{
	constants::time::UPGRADE_DELAY, limits::MAX_BLOCK_BYTES, weights, AccountId, BlockNumber, Runtime, RuntimeEvent,
};
use frame_support::{
	migrations::FreezeChainOnFailedMigration,
	parameter_types,
	traits::ConstU32,
	weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use frame_system::EnsureRoot;

parameter_types! {
	/// For how many blocks a new runtime waits until it is in force.
	pub UpgradeDelay: BlockNumber = UPGRADE_DELAY;
	/// What the steps of migrations may take of a block: less than half, so that a slow machine keeps up although it
	/// has just begun with a runtime.
	pub MaxMigrationWeight: Weight = Weight::from_parts(200 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);
}

impl pallet_upgrades::Config for Runtime {
	// Holders and directors need no call for it: whoever may set code can replace what waits.
	type CancelOrigin = EnsureRoot<AccountId>;
	type Delay = UpgradeDelay;
	type MaxCodeBytes = ConstU32<MAX_BLOCK_BYTES>;
	type WeightInfo = weights::pallet_upgrades::Measured<Runtime>;
}

impl pallet_migrations::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	#[cfg(not(feature = "runtime-benchmarks"))]
	type Migrations = crate::migrations::OfSeveralBlocks;
	#[cfg(feature = "runtime-benchmarks")]
	type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
	// What the SDK's own migrations reckon with.
	type CursorMaxLen = ConstU32<65_536>;
	type IdentifierMaxLen = ConstU32<256>;
	type MigrationStatusHandler = ();
	// A state that is half of the old form and half of the new is shown to no transaction. Blocks and finality go on;
	// what leads out of it stands in docs/upgrade.md.
	type FailedMigrationHandler = FreezeChainOnFailedMigration;
	type MaxServiceWeight = MaxMigrationWeight;
	type WeightInfo = pallet_migrations::weights::SubstrateWeight<Runtime>;
}
