//! A chain whose directors are whom a motion would speak for, and money is none.

use crate::{self as pallet_mandates, Ensure, Origin};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU32, Contains},
};
use frame_system::{EnsureRoot, EnsureSignedBy};
use sp_runtime::BuildStorage;

pub use pallet_testkit::AccountId;

pub type Block = frame_system::mocking::MockBlockU32<Test>;

/// Who speaks for the directors.
pub const DIRECTORS: AccountId = 1;
/// For how many blocks they vouch.
pub const TERM: u32 = 10;
/// Within how many blocks a steward reports.
pub const PERIOD: u32 = 100;
/// How many calls may be vouched for.
pub const MOST_SPONSORED: u32 = 3;
/// How many reports are kept.
pub const MOST_REPORTS: u32 = 4;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Mandates: pallet_mandates,
		Utility: pallet_utility,
	}
);

parameter_types! {
	pub const AsEmergency: Origin = Origin::Emergency;
	pub const AsBigSpender: Origin = Origin::BigSpender;
}

/// One account, as a list of those that may sign.
pub struct OnlyDirectors;

impl frame_support::traits::SortedMembers<AccountId> for OnlyDirectors {
	fn sorted_members() -> Vec<AccountId> {
		vec![DIRECTORS]
	}
}

/// What may be done in an emergency here.
pub struct Emergencies;

impl Contains<RuntimeCall> for Emergencies {
	fn contains(call: &RuntimeCall) -> bool {
		matches!(
			call,
			RuntimeCall::System(
				frame_system::Call::authorize_upgrade { .. } | frame_system::Call::set_heap_pages { .. }
			) | RuntimeCall::Utility(pallet_utility::Call::batch_all { .. })
		)
	}
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
}

impl pallet_utility::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = ();
}

impl pallet_mandates::Config for Test {
	type RuntimeCall = RuntimeCall;
	type SponsorOrigin = EnsureSignedBy<OnlyDirectors, AccountId>;
	type EmergencyOrigin = Ensure<AsEmergency>;
	type AppointOrigin = frame_support::traits::EitherOf<EnsureRoot<AccountId>, Ensure<AsBigSpender>>;
	type EmergencyCalls = Emergencies;
	type MaxSponsored = ConstU32<MOST_SPONSORED>;
	type SponsorTerm = ConstU32<TERM>;
	type ReportPeriod = ConstU32<PERIOD>;
	type MaxReports = ConstU32<MOST_REPORTS>;
	type WeightInfo = ();
}

/// Storage of a chain that has not begun, with this pallet's own part.
pub fn genesis_with(config: pallet_mandates::GenesisConfig<Test>) -> sp_io::TestExternalities {
	pallet_testkit::genesis::<Test>(&[&config as &dyn BuildStorage]).into()
}

/// Runs a test in the first block, and looks at the state after it.
pub fn run(test: impl FnOnce()) {
	run_with(Default::default(), test);
}

/// As [`run`], with this pallet's own part of genesis.
pub fn run_with(config: pallet_mandates::GenesisConfig<Test>, test: impl FnOnce()) {
	let test = || {
		System::set_block_number(1);
		test();
	};
	pallet_testkit::run(genesis_with(config), test, Mandates::do_try_state);
}

/// The events of the pallet in this block.
pub fn events() -> Vec<pallet_mandates::Event<Test>> {
	System::read_events_for_pallet::<pallet_mandates::Event<Test>>()
}
