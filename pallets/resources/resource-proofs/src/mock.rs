//! A chain of nothing but lotteries, with devices that a test registers and turns that it begins.

use crate as pallet_resource_proofs;
use crate::{Balance, Claimed, HoldReason, ParameterValues, ProofBytes, Round, SpaceScheme};
use codec::{Decode, Encode};
use device_primitives::{DeviceId, Endpoint};
use frame_support::{
	derive_impl, ord_parameter_types, parameter_types,
	storage::unhashed,
	traits::{
		fungible::{hold::Inspect as _, Inspect},
		tokens::imbalance::ResolveTo,
		ConstU128, ConstU32, ConstU8, Hooks,
	},
	weights::Weight,
};
use frame_system::EnsureSignedBy;
use pallet_testkit::{configs, Eras};
use pallet_traits::{
	Bandwidth, Beacon, CompetenceHook, Computed, DeviceHook, DeviceInfo, Devices, PlotHook, Qualification, Stored,
};
use poca_primitives::{Randomness, Slot};
use proof_lottery_primitives::{LotteryPair, Pulse, Resource, SegmentDraw, SegmentWin, Threshold};
use proof_of_compute_primitives::Kernel;
use proof_of_space_primitives::{pos2::Pos2Proof, Hash, Plot, SpaceProof, SpaceProofError};
use sp_core::{crypto::VrfSecret, sr25519, Pair};
use sp_io::hashing::blake2_256;
use sp_runtime::transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction};

pub use pallet_testkit::AccountId;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Proofs: pallet_resource_proofs,
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
}

pub const SPACE_DEPOSIT: Balance = 100;
pub const COMPUTE_DEPOSIT: Balance = 1_000;
pub const UPTIME_DEPOSIT: Balance = 10;
pub const LINK_DEPOSIT: Balance = 1;
/// What each rich account has.
pub const RICH: Balance = 1_000_000_000;
/// The account whose word is the admin's.
pub const ADMIN: AccountId = 1_000;
/// Slashed deposits go to this account.
pub const TREASURY: AccountId = 2_000;
/// Slots of a turn.
pub const TURN: u64 = 12;
/// The slot of the first block.
pub const START: u64 = 1_200;

ord_parameter_types! {
	pub const Admin: AccountId = ADMIN;
}

parameter_types! {
	pub const Treasury: AccountId = TREASURY;
	pub DefaultParameters: ParameterValues = ParameterValues::test();
}

impl pallet_resource_proofs::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Devices = Registry;
	type Beacon = Turns;
	type EraClock = Eras;
	type Pos2 = AnyPlot;
	type Bandwidth = Line;
	type Stored = Shelf;
	type Computed = Desk;
	type Qualification = Tiers;
	type CompetenceHook = Tiers;
	type PlotHook = Earned;
	type EraLength = ConstU32<120>;
	type AdminOrigin = EnsureSignedBy<Admin, AccountId>;
	type DefaultParameters = DefaultParameters;
	type OnSlash = ResolveTo<Treasury, Balances>;
	type SpaceDeposit = ConstU128<SPACE_DEPOSIT>;
	type ComputeDeposit = ConstU128<COMPUTE_DEPOSIT>;
	type UptimeDeposit = ConstU128<UPTIME_DEPOSIT>;
	type LinkDeposit = ConstU128<LINK_DEPOSIT>;
	type MaxSpaceWins = ConstU32<8>;
	type MaxPulses = ConstU32<8>;
	type MaxAnnouncements = ConstU32<64>;
	type MaxVerified = ConstU32<4>;
	type MaxWaiting = ConstU32<100>;
	type MaxLinked = ConstU32<4>;
	type MaxStrength = ConstU8<4>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Registry;
}

/// Slots and accumulators as a test wants them. The accumulator follows from the turn.
pub struct Turns;

const SLOT: &[u8] = b":mock:slot";
const PARENT: &[u8] = b":mock:parent";
const TURN_LENGTH: &[u8] = b":mock:turn";

/// What the accumulator is in a turn.
pub fn accumulator(turn: u64) -> Randomness {
	blake2_256(&("accumulator", turn).encode())
}

impl Beacon for Turns {
	fn slot() -> Slot {
		unhashed::get_or_default::<u64>(SLOT).into()
	}

	fn parent_slot() -> Slot {
		unhashed::get_or_default::<u64>(PARENT).into()
	}

	fn accumulator() -> Randomness {
		accumulator(*Self::slot() / TURN)
	}

	fn turn_length() -> u32 {
		unhashed::get(TURN_LENGTH).unwrap_or(TURN as u32)
	}
}

/// A runtime with turns of so many slots takes over.
pub fn upgrade_to_turns_of(slots: u32) {
	unhashed::put(TURN_LENGTH, &slots);
	<Proofs as Hooks<u64>>::on_runtime_upgrade();
}

pub fn slot() -> u64 {
	*Turns::slot()
}

/// A block in this slot begins: its hooks have run.
pub fn block(slot: u64) {
	unhashed::put(PARENT, &*Turns::slot());
	unhashed::put(SLOT, &slot);
	let number = System::block_number() + 1;
	// Of all blocks the hash of genesis alone is asked for.
	let parent = if number == 1 {
		System::block_hash(0)
	} else {
		Default::default()
	};
	System::reset_events();
	System::initialize(&number, &parent, &Default::default());
	Proofs::on_initialize(number);
}

/// The first blocks of turns alone, up to the turn of this slot, and a block in this slot.
pub fn turns_to(last: u64) {
	while (slot() / TURN + 1) * TURN <= last {
		idle();
		block((slot() / TURN + 1) * TURN);
	}
	if slot() < last {
		block(last);
	}
}

/// What a block does with time to spare.
pub fn idle() -> Weight {
	Proofs::on_idle(System::block_number(), Weight::MAX)
}

/// The registry, as far as this pallet asks it.
pub struct Registry;

#[derive(Encode, Decode)]
struct Registered {
	owner: AccountId,
	lottery: sr25519::Public,
	/// The slot in which that was enrolled.
	since: u64,
	active: bool,
}

fn place(device: &DeviceId) -> Vec<u8> {
	(b":mock:device", device).encode()
}

impl Devices<AccountId> for Registry {
	fn device(device: &DeviceId) -> Option<DeviceInfo<AccountId>> {
		let Registered {
			owner,
			lottery,
			since,
			active,
		} = unhashed::get(&place(device))?;
		Some(DeviceInfo {
			owner,
			lottery,
			lottery_since: since,
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

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for Registry {
	fn register(device: &DeviceId, owner: &AccountId, lottery: sr25519::Public) {
		put(device, *owner, lottery, 0, true);
	}

	fn candidate() -> AccountId {
		5
	}

	fn set_slot(parent: u64, slot: u64) {
		unhashed::put(PARENT, &parent);
		unhashed::put(SLOT, &slot);
	}
}

fn put(device: &DeviceId, owner: AccountId, lottery: sr25519::Public, since: u64, active: bool) {
	let registered = Registered {
		owner,
		lottery,
		since,
		active,
	};
	unhashed::put(&place(device), &registered);
}

impl Registry {
	/// A device of whatever id, with a key that costs nothing to make.
	pub fn put_active(device: &DeviceId, owner: AccountId) {
		put(device, owner, sr25519::Public::from_raw(device.0), slot(), true);
	}
}

/// Device `n`. Its number is its seed.
pub fn id(n: u32) -> DeviceId {
	let mut id = [0xd7; 32];
	id[..4].copy_from_slice(&n.to_le_bytes());
	DeviceId(id)
}

pub fn pair(n: u32) -> LotteryPair {
	LotteryPair::from_seed(&id(n).0)
}

pub fn register(n: u32, owner: AccountId) {
	put(&id(n), owner, pair(n).public().into(), slot(), true);
}

/// The device has had its lottery key since this slot, as far as the registry knows.
pub fn set_key_since(n: u32, since: u64) {
	let info = Registry::device(&id(n)).expect("registered");
	put(&id(n), info.owner, info.lottery, since, info.active);
}

/// The same, with a key that costs nothing to make: for devices that sign nothing.
pub fn register_mute(n: u32, owner: AccountId) {
	Registry::put_active(&id(n), owner);
}

pub fn set_active(n: u32, active: bool) {
	let info = Registry::device(&id(n)).expect("registered");
	put(&id(n), info.owner, info.lottery, info.lottery_since, active);
	Proofs::device_active(&id(n), active);
}

pub fn retire(n: u32) {
	let info = Registry::device(&id(n)).expect("registered");
	unhashed::kill(&place(&id(n)));
	Proofs::device_gone(&id(n), &info.owner);
}

/// Whether the registry lets the device change hands; if so, it does.
pub fn transfer(n: u32, to: AccountId) -> bool {
	if !Proofs::may_be_transferred(&id(n)) {
		return false;
	}
	let info = Registry::device(&id(n)).expect("registered");
	put(&id(n), to, info.lottery, info.lottery_since, info.active);
	Proofs::device_transferred(&id(n), &info.owner, &to);
	true
}

/// Bandwidth that a test gives to devices.
pub struct Line;

impl Bandwidth for Line {
	fn of(device: &DeviceId) -> u64 {
		unhashed::get_or_default(&(b":mock:line", device).encode())
	}

	fn total() -> u128 {
		unhashed::get_or_default(b":mock:lines")
	}
}

pub fn set_bandwidth(n: u32, own: u64, all: u128) {
	unhashed::put(&(b":mock:line", id(n)).encode(), &own);
	unhashed::put(b":mock:lines", &all);
}

/// What a test has devices keep.
pub struct Shelf;

impl Stored for Shelf {
	fn of(device: &DeviceId) -> u64 {
		unhashed::get_or_default(&(b":mock:shelf", device).encode())
	}

	fn total() -> u128 {
		unhashed::get_or_default(b":mock:shelves")
	}
}

pub fn set_stored(n: u32, own: u64, all: u128) {
	unhashed::put(&(b":mock:shelf", id(n)).encode(), &own);
	unhashed::put(b":mock:shelves", &all);
}

/// What a test has devices compute.
pub struct Desk;

impl Computed for Desk {
	fn of(device: &DeviceId) -> u64 {
		unhashed::get_or_default(&(b":mock:desk", device).encode())
	}

	fn total() -> u128 {
		unhashed::get_or_default(b":mock:desks")
	}
}

pub fn set_computed(n: u32, own: u64, all: u128) {
	unhashed::put(&(b":mock:desk", id(n)).encode(), &own);
	unhashed::put(b":mock:desks", &all);
}

/// Tiers that a test gives to candidates; and what is told is written down.
pub struct Tiers;

impl Qualification<AccountId> for Tiers {
	fn tier(candidate: &AccountId) -> u64 {
		unhashed::get_or_default(&(b":mock:tier", candidate).encode())
	}

	fn credit_changes(_: &DeviceId, _: impl FnOnce() -> u64) {}
}

impl CompetenceHook<AccountId> for Tiers {
	fn competence_changed(who: &AccountId) {
		let mut told: Vec<AccountId> = unhashed::get_or_default(b":mock:told");
		told.push(*who);
		unhashed::put(b":mock:told", &told);
	}
}

/// What owners of plots were told to have earned is written down.
pub struct Earned;

impl PlotHook<AccountId> for Earned {
	fn plot_proven(_: &DeviceId, owner: &AccountId, units: u128) {
		let place = (b":mock:earned", owner).encode();
		let sum: u128 = unhashed::get_or_default(&place);
		unhashed::put(&place, &sum.saturating_add(units));
	}
}

/// What an owner has earned by plots.
pub fn earned(owner: AccountId) -> u128 {
	unhashed::get_or_default(&(b":mock:earned", owner).encode())
}

pub fn set_tier(candidate: AccountId, tier: u64) {
	unhashed::put(&(b":mock:tier", candidate).encode(), &tier);
}

/// Which candidates somebody was told of, since this was asked last.
pub fn told() -> Vec<AccountId> {
	unhashed::take(b":mock:told").unwrap_or_default()
}

/// Plots of Chia's; or, if a test says so, such as find their only chain in every challenge, whatever the proof says.
pub enum AnyPlot {
	Pos2(Box<Pos2Proof>),
	Simulated(Hash),
}

pub fn simulate_plots() {
	unhashed::put(b":mock:simulated", &true);
}

/// The quality of what a simulated plot finds.
pub fn simulated_quality(plot: &Plot, challenge: &Hash) -> Hash {
	blake2_256(&[*challenge, plot.group].concat())
}

impl SpaceProof for AnyPlot {
	fn read(plot: &Plot, challenge: &Hash, proof: &[u8]) -> Result<Self, SpaceProofError> {
		if unhashed::get_or_default(b":mock:simulated") {
			return Ok(Self::Simulated(simulated_quality(plot, challenge)));
		}
		Pos2Proof::read(plot, challenge, proof).map(|proof| Self::Pos2(Box::new(proof)))
	}

	fn quality(&self) -> Hash {
		match self {
			Self::Pos2(proof) => proof.quality(),
			Self::Simulated(quality) => *quality,
		}
	}

	fn verify(&self) -> Result<(), SpaceProofError> {
		match self {
			Self::Pos2(proof) => proof.verify(),
			Self::Simulated(_) => Ok(()),
		}
	}
}

pub fn genesis() -> sp_io::TestExternalities {
	let storage = pallet_testkit::genesis::<Test>(&[
		&pallet_balances::GenesisConfig::<Test> {
			balances: (1..10).map(|number| (number, RICH)).collect(),
			..Default::default()
		},
		&crate::GenesisConfig::<Test>::default(),
	]);
	let mut externalities = sp_io::TestExternalities::from(storage);
	#[cfg(feature = "runtime-benchmarks")]
	externalities.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	externalities.execute_with(|| {
		Eras::set(10);
		block(START);
	});
	externalities
}

/// Runs `test` on a chain whose first block is in slot [`START`], and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	pallet_testkit::run(genesis(), test, Proofs::do_try_state);
}

pub fn check() {
	Proofs::do_try_state().expect("invariants hold");
}

pub fn origin(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Lottery.into(), &who)
}

pub fn free(who: AccountId) -> Balance {
	Balances::balance(&who)
}

pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}

pub fn space(groups: u32) -> Claimed {
	Claimed::Space {
		scheme: SpaceScheme::Pos2,
		k: 18,
		strength: 2,
		groups,
	}
}

/// Device `n` of account 1 claims.
pub fn declare(n: u32, claim: Claimed) {
	Proofs::declare(origin(1), id(n), claim).expect("is declared");
}

/// A device of account 1 in the lottery of this claim.
pub fn device(n: u32, claim: Claimed) {
	register(n, 1);
	declare(n, claim);
}

/// The latest round.
pub fn round(resource: Resource) -> Round<u64> {
	Proofs::latest_round(resource).expect("one was opened")
}

pub fn space_win(n: u32, round: u64, group: u32, proof: Vec<u8>) -> RuntimeCall {
	crate::Call::win_space {
		device: id(n),
		round,
		group,
		proof: ProofBytes::truncate_from(proof),
	}
	.into()
}

/// A win of a simulated plot in the latest round.
pub fn simulated_win(n: u32, group: u32) -> RuntimeCall {
	space_win(n, round(Resource::Space).number, group, vec![0; 288])
}

/// The pulse of device `n` in the latest round, by a key of whatever number.
pub fn pulse_by(n: u32, key: u32) -> Pulse {
	let round = round(Resource::Uptime);
	let pair: sr25519::Pair = pair(key).into();
	Pulse::new(id(n).0, round.number, &pair.vrf_sign(&Pulse::input(&round.challenge)))
}

pub fn pulse_call(pulse: Pulse) -> RuntimeCall {
	crate::Call::pulse { pulse }.into()
}

pub fn pulse(n: u32) -> RuntimeCall {
	pulse_call(pulse_by(n, n))
}

/// From which slot on a claim of compute counts that is made now.
pub fn counts_from() -> u64 {
	ParameterValues::test().claim_from(Resource::Compute, slot(), TURN as u32)
}

/// What segments of a device are run over in the latest window; of one that claims nothing what wins in any case.
fn draw(n: u32) -> SegmentDraw<Kernel> {
	let window = Proofs::latest_window().expect("one was opened");
	let compute = crate::Entries::<Test>::get(id(n)).and_then(|entry| entry.compute);
	compute
		.and_then(|compute| Proofs::draw(&window, &compute.kept))
		.unwrap_or(SegmentDraw {
			kernel: window.kernel,
			challenge: window.round.challenge,
			threshold: Threshold::ALWAYS,
		})
}

/// An announcement in the latest window, signed by a key of whatever number.
pub fn announcement_by(n: u32, segment: u32, key: u32) -> RuntimeCall {
	announcement_over(&draw(n), n, segment, key)
}

/// The same, signed over whatever draw.
pub fn announcement_over(draw: &SegmentDraw<Kernel>, n: u32, segment: u32, key: u32) -> RuntimeCall {
	let win = SegmentWin {
		device: id(n).0,
		window: round(Resource::Compute).number,
		segment,
	};
	let signature = pair(key).sign(&win.payload(&System::block_hash(0), draw));
	crate::Call::win_compute { win, signature }.into()
}

pub fn announcement(n: u32, segment: u32) -> RuntimeCall {
	announcement_by(n, segment, n)
}

/// What the pool says.
pub fn validity(call: &RuntimeCall) -> Result<ValidTransaction, TransactionValidityError> {
	pallet_testkit::validity(call, TransactionSource::External)
}

/// What a block does with it.
pub fn apply(call: RuntimeCall) -> Result<(), TransactionValidityError> {
	pallet_testkit::apply(call, TransactionSource::InBlock)
}

/// What a call that authorizes itself is refused with, by the pallet's own word.
pub fn refusal(error: crate::Error<Test>) -> Result<(), TransactionValidityError> {
	Err(error.into())
}
