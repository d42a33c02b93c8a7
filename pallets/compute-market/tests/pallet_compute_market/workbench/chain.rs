//! A chain of nothing but the compute market, with a clock that a test turns.

use crate::customer;
use compute_market_primitives::{
	Assurance, Balance, EngineId, Hash, Input, JobId, Price, Program, Source, Spec, Terms, Tick, Times, UnitAt,
	WorkOffer,
};
use core::cell::RefCell;
use device_primitives::{DeviceId, Endpoint, Host, Transport};
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::Inspect, ConstU128, ConstU64, Contains, Hooks},
	weights::Weight,
	BoundedVec, PalletId,
};
use pallet_compute_market::{
	Agreed, AutoMine, Call, Deposits, Event, Job, Jobs, LastJob, Member, Pools, ProvenCompute, Results, Rules, Stage,
	Units, Worker, Workers,
};
use pallet_testkit::configs;
use pallet_traits::{Beacon, DeviceHook, DeviceInfo, Devices, Earnings, MarketClock, WorkKind};
use poca_primitives::{Randomness, Slot};
use sp_core::{sr25519, Pair};
use sp_runtime::{
	transaction_validity::{TransactionSource, TransactionValidityError},
	DispatchResult, Perbill,
};
use std::collections::{BTreeMap, BTreeSet};

pub type AccountId = u64;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		ComputeMarket: pallet_compute_market,
		Customer: customer,
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
	type ExistentialDeposit = ConstU128<1>;
}

/// What everybody has.
pub const RICH: Balance = 1_000_000_000_000;
/// Ticks of a turn.
pub const TURN: u32 = 2;
/// Whose jobs there are.
pub const USER: AccountId = 200;
/// Who gets what is lost and pays for nothing.
pub const TREASURY: AccountId = 201;
/// Who pays for what the chain orders.
pub const CHAIN: AccountId = 202;
/// Somebody else.
pub const ANYBODY: AccountId = 203;
/// What a worker asks for a Gfuel.
pub const ASK: Price = Price(800);
/// What the user pays at most.
pub const MAX: Price = Price(1_000);
/// Fuel of a unit at most: a Gfuel.
pub const LIMIT: u64 = 1_000_000_000;
/// What a worker puts in as stake.
pub const STAKE: Balance = 50_000_000;
/// The least that is at stake in a job.
pub const LEAST: Balance = 1_000;

parameter_types! {
	pub const Id: PalletId = PalletId(*b"sc/compu");
	pub const Treasury: AccountId = TREASURY;
	/// The markets' clock.
	pub static Now: Tick = 1;
	pub static MarketTerms: Terms = terms();
	pub static MarketRules: Rules = rules();
	pub const Tip: Perbill = Perbill::from_percent(1);
	pub const Groups: bool = false;
	pub const IdleWeight: Weight = Weight::MAX;
	pub const Tau: u32 = 1_000;
	pub const StateDeposits: Deposits = Deposits {
		worker: 1_000,
		job: 10_000,
		unit: 100,
	};
	/// Who pays for what the chain orders, if somebody does.
	pub static Payer: Option<AccountId> = None;
}

/// Those of most tests: short times, nothing is run again.
pub fn terms() -> Terms {
	Terms {
		times: Times {
			pooling: 20,
			slowness: 3,
			slack: 6,
			reveal: 4,
			appeal: 30,
			kept: 60,
			notice: 28,
		},
		recheck: Perbill::zero(),
		audit: Perbill::zero(),
		least_ask: Price(1),
		..Terms::real()
	}
}

pub fn rules() -> Rules {
	Rules {
		era: 10,
		copy: 4,
		least_stake: LEAST,
		probe: 50,
		least_job: 0,
		ticket: 100,
		..Rules::real()
	}
}

/// The clock as a test has turned it.
pub struct Ticks;

impl MarketClock for Ticks {
	fn tick() -> Tick {
		Now::get()
	}
}

impl Beacon for Ticks {
	fn slot() -> Slot {
		u64::from(Now::get()).into()
	}

	fn parent_slot() -> Slot {
		u64::from(Now::get().saturating_sub(1)).into()
	}

	fn accumulator() -> Randomness {
		let turn = Now::get() / TURN;
		let salt = SALT.with_borrow(|salt| *salt);
		sp_io::hashing::blake2_256(&[turn.to_le_bytes(), salt.to_le_bytes()].concat())
	}

	fn turn_length() -> u32 {
		TURN
	}
}

thread_local! {
	static SALT: RefCell<u32> = const { RefCell::new(0) };
	static OFF: RefCell<BTreeSet<DeviceId>> = const { RefCell::new(BTreeSet::new()) };
	static RATES: RefCell<BTreeMap<DeviceId, u32>> = const { RefCell::new(BTreeMap::new()) };
	static WORK: RefCell<Vec<(AccountId, u128, u128)>> = const { RefCell::new(Vec::new()) };
}

/// Has the beacon say something else.
pub fn salt(salt: u32) {
	SALT.set(salt);
}

/// A device has proven so much: Mfuel a tick.
pub fn proves(number: u8, rate: u32) {
	RATES.with_borrow_mut(|rates| rates.insert(device(number), rate));
}

/// Every device is its account's: that with its number.
pub struct Machines;

impl Devices<AccountId> for Machines {
	fn device(device: &DeviceId) -> Option<DeviceInfo<AccountId>> {
		Some(DeviceInfo {
			owner: device.0[0].into(),
			lottery: key(device.0[0]).public(),
			lottery_since: 0,
			active: !OFF.with_borrow(|off| off.contains(device)),
			registered: 0,
			number: device.0[0].into(),
		})
	}

	fn endpoints(_: &DeviceId) -> Vec<Endpoint> {
		Vec::new()
	}

	fn is_attested(_: &DeviceId) -> bool {
		false
	}
}

impl ProvenCompute for Machines {
	fn rate(device: &DeviceId) -> u32 {
		RATES.with_borrow(|rates| rates.get(device).copied().unwrap_or(1_000))
	}
}

/// Remembers what it is told.
pub struct Told;

impl Earnings<AccountId> for Told {
	fn plots_proven(_: &AccountId, _: u128) {}

	fn work_done(provider: &AccountId, kind: WorkKind, units: u128, paid: u128) {
		assert_eq!(kind, WorkKind::Compute);
		WORK.with_borrow_mut(|work| work.push((*provider, units, paid)));
	}

	fn bytes_carried(_: &AccountId, _: u128) {}

	fn probe_answered(_: &DeviceId) {}
}

impl AutoMine<AccountId> for Told {
	fn payer(cost: Balance) -> Option<AccountId> {
		Payer::get().filter(|payer| free(*payer) > cost)
	}
}

/// There are two.
pub struct EnginesThereAre;

impl Contains<EngineId> for EnginesThereAre {
	fn contains(engine: &EngineId) -> bool {
		(1..=2).contains(engine)
	}
}

impl pallet_compute_market::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type PalletId = Id;
	type Treasury = Treasury;
	type Clock = Ticks;
	type Beacon = Ticks;
	type SlotMillis = ConstU64<500>;
	type Devices = Machines;
	type Compute = Machines;
	type Earnings = Told;
	type AutoMine = Told;
	type OnJobDone = Customer;
	type Engines = EnginesThereAre;
	type Terms = MarketTerms;
	type Rules = MarketRules;
	type Tau = Tau;
	type Deposits = StateDeposits;
	type Tip = Tip;
	type Groups = Groups;
	type IdleWeight = IdleWeight;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Machines;
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_compute_market::BenchmarkHelper<AccountId> for Machines {
	fn set_tick(tick: Tick) {
		Now::set(tick);
	}

	fn machine(number: u32, _: sr25519::Public) -> (DeviceId, AccountId) {
		(device(number as u8), number.into())
	}

	fn engine() -> EngineId {
		1
	}

	fn automine() {
		Payer::set(Some(CHAIN));
	}
}

impl customer::Config for Test {
	type Jobs = ComputeMarket;
}

/// Runs `test`, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	let storage = pallet_testkit::genesis::<Test>(&[&pallet_balances::GenesisConfig::<Test> {
		balances: (1..=203).map(|who| (who, RICH)).collect(),
		..Default::default()
	}]);
	let mut externalities = sp_io::TestExternalities::from(storage);
	externalities.execute_with(|| System::set_block_number(1));
	Now::set(1);
	MarketTerms::set(terms());
	MarketRules::set(rules());
	Payer::set(None);
	SALT.set(0);
	OFF.set(BTreeSet::new());
	RATES.set(BTreeMap::new());
	WORK.set(Vec::new());
	crate::workers::forget();
	pallet_testkit::run(externalities, test, ComputeMarket::do_try_state);
}

pub fn check() {
	ComputeMarket::do_try_state().expect("invariants hold");
}

pub fn origin(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn free(who: AccountId) -> Balance {
	Balances::balance(&who)
}

/// All that there is: what accounts have free and on hold.
pub fn all() -> Balance {
	Balances::total_issuance()
}

/// What was told of work: who, how much, for what.
pub fn work() -> Vec<(AccountId, u128, u128)> {
	WORK.with_borrow(Clone::clone)
}

/// The device of the account with this number.
pub fn device(number: u8) -> DeviceId {
	DeviceId([number; 32])
}

/// The lottery key of a device.
pub fn key(number: u8) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[number; 32])
}

/// The genesis that everything signed names.
pub fn genesis() -> Hash {
	ComputeMarket::genesis()
}

/// A device is suspended, or active again, and the registry tells so.
pub fn suspend(number: u8, off: bool) {
	OFF.with_borrow_mut(|all| {
		if off {
			all.insert(device(number));
		} else {
			all.remove(&device(number));
		}
	});
	<ComputeMarket as DeviceHook<AccountId>>::device_active(&device(number), !off);
}

pub fn offer(slots: u16) -> WorkOffer {
	WorkOffer {
		ask: ASK,
		engines: BoundedVec::truncate_from(vec![1]),
		slots,
		memory_pages: 100,
	}
}

/// These devices compute, two units at a time, and have much at stake.
pub fn set_workers(numbers: impl IntoIterator<Item = u8>) {
	for number in numbers {
		let (who, device) = (origin(number.into()), device(number));
		ComputeMarket::set_worker(who.clone(), device, Some(offer(2))).expect("its own");
		ComputeMarket::add_stake(who, device, STAKE).expect("rich");
	}
	// Tickets count from the turn after the next one on.
	blocks(3 * TURN);
}

/// These compute so many units at a time, and ask for as much as the user pays at most.
pub fn set_dear(numbers: impl IntoIterator<Item = u8>, slots: u16) {
	for number in numbers {
		let (who, device) = (origin(number.into()), device(number));
		let dear = WorkOffer {
			ask: MAX,
			..offer(slots)
		};
		ComputeMarket::set_worker(who.clone(), device, Some(dear)).expect("its own");
		ComputeMarket::add_stake(who, device, STAKE).expect("rich");
	}
	blocks(3 * TURN);
}

/// A device has room for so many units, as if others were of another job.
pub fn set_slots(number: u8, slots: u16) {
	Workers::<Test>::mutate(device(number), |worker| {
		let worker = worker.as_mut().expect("set");
		worker.offer.slots = slots;
	});
}

/// So much lies in a job: what is too much goes into the pool, and somebody puts in what is missing.
pub fn set_escrow(id: JobId, amount: Balance) {
	use pallet_compute_market::Pool;
	let missing = amount.saturating_sub(job(id).escrow.amount());
	if missing > 0 {
		ComputeMarket::top_up(origin(ANYBODY), id, missing).expect("rich");
	}
	Jobs::<Test>::mutate(id, |job| {
		let escrow = &mut job.as_mut().expect("there").escrow;
		let taken = escrow.take_up_to(escrow.amount().saturating_sub(amount));
		Pool::<Test>::mutate(|pool| *pool += taken);
	});
	check();
}

/// So many units of a Gfuel at most.
pub fn spec(units: u32) -> Spec {
	Spec {
		engine: 1,
		program: Program {
			root: [7; 32],
			length: 1_000,
		},
		input: Input::Number,
		source: Source::Client(BoundedVec::truncate_from(vec![Endpoint {
			transport: Transport::Tcp,
			host: Host::V4([10, 0, 0, 1]),
			port: 9_000,
		}])),
		units,
		fuel_limit: LIMIT,
		memory_pages: 10,
	}
}

pub fn submits(units: u32, assurance: Assurance) -> DispatchResult {
	ComputeMarket::submit_job(origin(USER), spec(units), MAX, assurance)
}

/// A job of the user of so many units.
pub fn submit(units: u32, assurance: Assurance) -> JobId {
	submits(units, assurance).expect("paid");
	LastJob::<Test>::get()
}

pub fn job(id: JobId) -> Job<AccountId> {
	Jobs::<Test>::get(id).expect("there")
}

pub fn is_done(id: JobId) -> bool {
	Jobs::<Test>::get(id).is_none_or(|job| matches!(job.stage, Stage::Done(_)))
}

/// Blocks until a job is done. Returns how many.
pub fn until_done(id: JobId) -> u32 {
	let begun = Now::get();
	for _ in 0..2_000 {
		if is_done(id) {
			return Now::get() - begun;
		}
		block();
	}
	panic!("job {id} is not done: {:?}", job(id));
}

/// A block, in which every device does what it is for.
pub fn block() {
	begin_block();
	crate::workers::act();
	end_block();
}

/// A block in which nobody does anything.
pub fn empty_block() {
	begin_block();
	end_block();
}

pub fn begin_block() {
	Now::set(Now::get() + 1);
	let number = System::block_number() + 1;
	System::set_block_number(number);
	ComputeMarket::on_initialize(number);
}

pub fn end_block() {
	idle(Weight::from_parts(1_000_000, 0));
	check();
}

/// What is done with what a block leaves over: no more than that.
pub fn idle(left: Weight) -> Weight {
	let used = ComputeMarket::on_idle(System::block_number(), left);
	assert!(used.all_lte(left), "no hook takes more than there is");
	used
}

pub fn blocks(count: u32) {
	(0..count).for_each(|_| block());
}

/// A transaction without an account, as a block treats it: first it is looked at, then it has to succeed.
pub fn apply(call: Call<Test>) -> Result<(), TransactionValidityError> {
	pallet_testkit::apply(RuntimeCall::from(call), TransactionSource::External)
}

/// What the pool says of what may be valid later.
pub fn ahead() -> TransactionValidityError {
	sp_runtime::transaction_validity::UnknownTransaction::Custom(pallet_compute_market::AHEAD).into()
}

pub fn events() -> Vec<Event<Test>> {
	System::read_events_for_pallet::<Event<Test>>()
}

pub fn count(of: impl Fn(&Event<Test>) -> bool) -> usize {
	events().iter().filter(|event| of(event)).count()
}

/// Who has a unit, by their numbers.
pub fn holders(id: JobId, unit: UnitAt) -> Vec<u8> {
	let pool = Pools::<Test>::get(id);
	let unit = Units::<Test>::get(id, unit).expect("out");
	let number = |member: u8| pool[usize::from(member)].work.device.0[0];
	unit.replicas.iter().map(|replica| number(replica.member)).collect()
}

/// Who answers for a result.
pub fn answerable(id: JobId, unit: UnitAt) -> Vec<u8> {
	let (pool, by) = (Pools::<Test>::get(id), agreed(id, unit).by);
	let members = (0..64).zip(&pool).filter(|(place, _)| by >> place & 1 == 1);
	members.map(|(_, member)| member.work.device.0[0]).collect()
}

pub fn agreed(id: JobId, unit: UnitAt) -> Agreed {
	Results::<Test>::get(id, unit).expect("accepted")
}

/// Blocks in which nobody does anything, until the first unit of a job is out.
pub fn until_out(id: JobId) {
	for _ in 0..40 {
		if Units::<Test>::contains_key(id, 0) {
			return;
		}
		empty_block();
	}
	panic!("job {id} has no unit out: {:?}", job(id));
}

/// A worker.
pub fn worker(number: u8) -> Worker<AccountId> {
	Workers::<Test>::get(device(number)).expect("set")
}

/// A member of a job's pool.
pub fn member(id: JobId, number: u8) -> Member<AccountId> {
	let pool = Pools::<Test>::get(id);
	let member = pool.iter().find(|member| member.work.device == device(number));
	member.expect("in the pool").clone()
}
