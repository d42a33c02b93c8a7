//! A chain of nothing but issuance, with eras that begin when a test says so.

use crate::{self as pallet_stci_issuance, Balance, Expiry, Ledgers, Merits, OpenEra, Supply, SupplyOf};
use codec::Encode;
use device_primitives::{DeviceId, Endpoint};
use frame_support::{
	derive_impl, parameter_types,
	storage::unhashed,
	traits::{fungible::Inspect, ConstU32},
	BoundedVec,
};
use issuance_primitives::{EraLedger, Terms, UNIT};
use pallet_testkit::{configs, Eras};
use pallet_traits::{AttendanceHook, DeviceInfo, Devices, Earnings, EraHook, UsageOfMarkets, VoteHook};
use sp_core::sr25519;
use sp_runtime::DispatchResult;

pub use pallet_testkit::AccountId;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Issuance: pallet_stci_issuance,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(configs::Money as pallet_balances::DefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type ExistentialDeposit = ExistentialDeposit;
}

parameter_types! {
	/// The least that an account holds.
	pub static ExistentialDeposit: Balance = 1;
	/// The governed parameters.
	pub static Governed: Terms = Terms::real();
	/// For how many eras an era can be claimed.
	pub static ExpiryEras: u32 = 10;
	/// Bytes in deals and proven.
	pub static Stored: (u128, u128) = (0, 0);
	/// Work paid for and proven.
	pub static Computed: (u128, u128) = (0, 0);
	pub const Treasury: AccountId = TREASURY;
}

/// One STCI.
pub const STCI: Balance = issuance_primitives::STCI;
/// The account of the treasury.
pub const TREASURY: AccountId = 999_999;
/// What there is at genesis, all of it account 1's.
pub const GENESIS: Balance = 1_000_000 * STCI;
/// How many eras a claim may name here.
pub const MAX_ERAS: u32 = 16;
/// How many merits a block sweeps here.
pub const MAX_SWEPT: u32 = 50;

/// Markets as a test wants them.
pub struct Markets;

impl UsageOfMarkets for Markets {
	fn storage() -> (u128, u128) {
		Stored::get()
	}

	fn compute() -> (u128, u128) {
		Computed::get()
	}
}

/// Devices whose owners a test names.
pub struct Registry;

impl Devices<AccountId> for Registry {
	fn device(device: &DeviceId) -> Option<DeviceInfo<AccountId>> {
		let (owner, active): (AccountId, bool) = unhashed::get(&(b":mock:device", device).encode())?;
		Some(DeviceInfo {
			owner,
			lottery: sr25519::Public::from_raw(device.0),
			lottery_since: 0,
			active,
			registered: 0,
			number: 0,
		})
	}

	fn endpoints(_: &DeviceId) -> Vec<Endpoint> {
		Vec::new()
	}

	fn is_attested(_: &DeviceId) -> bool {
		false
	}
}

impl pallet_stci_issuance::Config for Test {
	type Currency = Balances;
	type EraClock = Eras;
	type Devices = Registry;
	type Usage = Markets;
	type Terms = Governed;
	type ExpiryEras = ExpiryEras;
	type TreasuryAccount = Treasury;
	type BlockPoints = ConstU32<1>;
	type VotePoints = ConstU32<3>;
	type MaxEras = ConstU32<MAX_ERAS>;
	type MaxSwept = ConstU32<MAX_SWEPT>;
	type WeightInfo = ();
}

pub fn genesis() -> sp_io::TestExternalities {
	genesis_with(GENESIS, crate::GenesisConfig::default())
}

/// A chain that begins with so much, and with this schedule.
pub fn genesis_with(money: Balance, schedule: crate::GenesisConfig<Test>) -> sp_io::TestExternalities {
	let storage = pallet_testkit::genesis::<Test>(&[
		&pallet_balances::GenesisConfig::<Test> {
			balances: vec![(1, money)],
			..Default::default()
		},
		&schedule,
	]);
	let mut externalities = sp_io::TestExternalities::from(storage);
	externalities.execute_with(|| System::set_block_number(2));
	externalities
}

/// Runs `test` in era 0, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	pallet_testkit::run(genesis(), test, Issuance::do_try_state);
}

/// The invariants, and that no STCI came from anywhere else.
pub fn check() {
	Issuance::do_try_state().expect("invariants hold");
	let Supply { genesis, created, .. } = supply();
	assert!(
		Balances::total_issuance() <= genesis + created,
		"all there is was created"
	);
}

/// The next era begins. Returns the ledger of the one that ends.
pub fn next_era() -> EraLedger {
	let era = OpenEra::<Test>::get().era;
	Eras::set(era + 1);
	System::reset_events();
	<Issuance as EraHook>::era_started(era + 1, &Eras::randomness(era + 1));
	ledger(era)
}

pub fn ledger(era: u32) -> EraLedger {
	Ledgers::<Test>::get(era).expect("it is closed, and not swept")
}

pub fn supply() -> Supply {
	SupplyOf::<Test>::get()
}

/// The eras below the first are swept, those below the second have expired.
pub fn progress() -> (u32, u32) {
	let progress = Expiry::<Test>::get();
	(progress.swept, progress.expired)
}

pub fn author(who: AccountId) {
	<Issuance as AttendanceHook<AccountId>>::authored(&who);
}

pub fn vote(who: AccountId) {
	<Issuance as VoteHook<AccountId>>::vote_recorded(&who);
}

/// So many GiB are proven for an era.
pub fn prove(who: AccountId, gib: u128) {
	<Issuance as Earnings<AccountId>>::plots_proven(&who, gib * UNIT);
}

pub fn register(device: DeviceId, owner: AccountId, active: bool) {
	unhashed::put(&(b":mock:device", device).encode(), &(owner, active));
}

/// What an account earned in the open era.
pub fn merits(who: AccountId) -> issuance_primitives::Merits {
	Merits::<Test>::get(OpenEra::<Test>::get().era, who)
}

/// Anybody claims for an account.
pub fn claim_by(sender: AccountId, who: AccountId, eras: &[u32]) -> DispatchResult {
	let eras = BoundedVec::try_from(eras.to_vec()).expect("no more than a claim may name");
	Issuance::claim(RuntimeOrigin::signed(sender), who, eras)
}

pub fn claim(who: AccountId, eras: &[u32]) -> DispatchResult {
	claim_by(who, who, eras)
}

pub fn free(who: AccountId) -> Balance {
	Balances::balance(&who)
}

pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}
