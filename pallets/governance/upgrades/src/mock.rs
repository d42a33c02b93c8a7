//! A chain whose runtimes are a version and nothing else.

use crate::{self as pallet_upgrades, WeightInfo};
use codec::{Decode, Encode};
use frame_support::{
	derive_impl,
	migrations::MultiStepMigrator,
	parameter_types,
	traits::{ConstU32, OnInitialize},
	weights::Weight,
};
use frame_system::EnsureRoot;
use sp_core::{
	storage::well_known_keys::CODE,
	traits::{Externalities, ReadRuntimeVersion, ReadRuntimeVersionExt},
};
use sp_version::RuntimeVersion;

pub use pallet_testkit::AccountId;

pub type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Upgrades: pallet_upgrades,
	}
);

/// How long code may be here.
pub const MOST: u32 = 4_096;

parameter_types! {
	/// For how many blocks code waits.
	pub static Delay: u32 = 120;
	/// Whether migrations run.
	pub static Migrating: bool = false;
}

/// What the chain's own runtime says of itself.
pub struct Version;

impl frame_support::traits::Get<RuntimeVersion> for Version {
	fn get() -> RuntimeVersion {
		RuntimeVersion {
			spec_name: "test".into(),
			spec_version: 1,
			..Default::default()
		}
	}
}

/// Migrations that run when the test says so.
pub struct Migrations;

impl MultiStepMigrator for Migrations {
	fn ongoing() -> bool {
		Migrating::get()
	}

	fn step() -> Weight {
		Weight::zero()
	}
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type Version = Version;
	type OnSetCode = Upgrades;
	type MultiBlockMigrator = Migrations;
}

/// Weights that tell what was charged for.
pub struct Weights;

impl WeightInfo for Weights {
	fn wait() -> Weight {
		Weight::from_parts(1, 0)
	}
	fn put_in_force(b: u32) -> Weight {
		Weight::from_parts(1_000_000 + u64::from(b), 0)
	}
	fn cancel() -> Weight {
		Weight::from_parts(2, 0)
	}
}

impl pallet_upgrades::Config for Test {
	type CancelOrigin = EnsureRoot<AccountId>;
	type Delay = Delay;
	type MaxCodeBytes = ConstU32<MOST>;
	type WeightInfo = Weights;
}

/// Reads "runtimes" that are a version and nothing else.
struct Versions;

impl ReadRuntimeVersion for Versions {
	fn read_runtime_version(&self, code: &[u8], _: &mut dyn Externalities) -> Result<Vec<u8>, String> {
		let version = RuntimeVersion::decode(&mut &code[..]).map_err(|error| error.to_string())?;
		Ok(version.encode())
	}
}

/// A runtime of this version.
pub fn code(spec_version: u32) -> Vec<u8> {
	RuntimeVersion {
		spec_version,
		..<Version as frame_support::traits::Get<RuntimeVersion>>::get()
	}
	.encode()
}

/// Storage of a chain that has not begun. Its code is of version 1.
pub fn genesis() -> sp_io::TestExternalities {
	let mut chain = sp_io::TestExternalities::from(pallet_testkit::genesis::<Test>(&[]));
	chain.register_extension(ReadRuntimeVersionExt::new(Versions));
	chain.execute_with(|| sp_io::storage::set(CODE, &code(1)));
	chain
}

/// Runs a test in the first block, and looks at the state after it.
pub fn run(test: impl FnOnce()) {
	let test = || {
		block(1);
		test();
	};
	pallet_testkit::run(genesis(), test, Upgrades::do_try_state);
}

/// Begins a block, whatever the last one was. Gives back what its start weighs.
pub fn block(number: u32) -> Weight {
	System::set_block_number(number - 1);
	System::reset_events();
	System::initialize(&number, &Default::default(), &Default::default());
	Upgrades::on_initialize(number)
}

/// The code that the next block runs.
pub fn in_force() -> Vec<u8> {
	sp_io::storage::get(CODE).expect("a chain has code").to_vec()
}

/// The events of the pallet in this block.
pub fn events() -> Vec<pallet_upgrades::Event<Test>> {
	System::read_events_for_pallet::<pallet_upgrades::Event<Test>>()
}

/// Sets code as root, through system and its checks.
pub fn set(code: Vec<u8>) -> Result<(), sp_runtime::DispatchError> {
	let outcome = System::set_code(RuntimeOrigin::root(), code);
	outcome.map(|_| ()).map_err(|failure| failure.error)
}
