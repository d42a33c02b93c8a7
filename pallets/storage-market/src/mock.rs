//! A chain of nothing but the storage market, with a clock that a test turns, devices that hold or lie, and slots of
//! real bytes.

use crate::{self as pallet_storage_market, Call, Deals, Deposits, Event, KeyBox, Place};
use core::cell::RefCell;
use device_primitives::{DeviceId, Endpoint};
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::Inspect, ConstU128, Hooks},
	weights::Weight,
	BoundedVec, PalletId,
};
use market_primitives::Shares;
use pallet_testkit::configs;
use pallet_traits::{Beacon, DeviceHook, DeviceInfo, Devices, Earnings, MarketClock, ProvenSpace, WorkKind};
use poca_primitives::{Randomness, Slot};
use sp_core::{sr25519, Pair};
use sp_runtime::{
	testing::{TestSignature, UintAuthorityId},
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
	DispatchResult, Perbill,
};
use std::collections::{BTreeMap, BTreeSet};
use storage_market_primitives::{
	Acceptance, Audits, Balance, DealId, Geometry, Hash, Moment, Order, PaidAsks, Price, SlotAt, SlotId, Stage, Terms,
	Tick, Times,
};
use storage_proof_primitives::{open, Answer, Confirmation, Contents, Opening, Streamed};

pub type AccountId = u64;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		StorageMarket: pallet_storage_market,
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
/// Slots of a turn.
pub const TURN: u32 = 2;
/// Ticks in which a challenge can be answered.
pub const ANSWER: Tick = 10;
/// Whose deals there are.
pub const OWNER: AccountId = 100;

parameter_types! {
	pub const Id: PalletId = PalletId(*b"sc/stora");
	/// The markets' clock.
	pub static Now: Tick = 1;
	/// Bytes of plots that each device has proven.
	pub static Proven: u64 = 128 << 30;
	/// Each slot is asked once in an era.
	pub const MarketAudits: Audits = Audits {
		period: 40,
		window: ANSWER,
		bytes: 52_428,
	};
	pub static LeastScore: Perbill = Perbill::zero();
	pub const TermsMet: Perbill = Perbill::from_percent(50);
	pub const DearBeyond: Perbill = Perbill::from_percent(95);
	pub const Groups: bool = false;
	pub const Tip: Perbill = Perbill::from_percent(1);
	pub const Egress: Shares = Shares::of_storage();
	pub const StateDeposits: Deposits = Deposits {
		offer: 1_000,
		deal: 10_000,
		slot: 100,
		key_box: 500,
	};
	/// An era of 40 ticks, and times that fit to it.
	pub const MarketTerms: Terms = Terms {
		era: 40,
		times: Times {
			placing: 40,
			upload: 60,
			upload_per_mib: 0,
			grace: 50,
			patience: [20, 40, 80, 160],
		},
		egress: Price(1 << 24),
		..Terms::real()
	};
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
		sp_io::hashing::blake2_256(&turn.to_le_bytes())
	}

	fn turn_length() -> u32 {
		TURN
	}
}

/// Every device is its account's: that with its number.
pub struct Machines;

impl Devices<AccountId> for Machines {
	fn device(device: &DeviceId) -> Option<DeviceInfo<AccountId>> {
		Some(DeviceInfo {
			owner: device.0[0].into(),
			lottery: key(device.0[0]).public(),
			lottery_since: 0,
			active: !is_off(device),
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

impl ProvenSpace for Machines {
	fn bytes(_: &DeviceId) -> u64 {
		Proven::get()
	}
}

thread_local! {
	static WORK: RefCell<Vec<(AccountId, u128, u128)>> = const { RefCell::new(Vec::new()) };
	static DEAD: RefCell<BTreeSet<DeviceId>> = const { RefCell::new(BTreeSet::new()) };
	static OFF: RefCell<BTreeSet<DeviceId>> = const { RefCell::new(BTreeSet::new()) };
	static PLOTS: RefCell<Vec<(AccountId, u128)>> = const { RefCell::new(Vec::new()) };
	static SLOTS: RefCell<BTreeMap<SlotAt, (Vec<u8>, Contents)>> = const { RefCell::new(BTreeMap::new()) };
}

/// Remembers what it is told.
pub struct Told;

impl Earnings<AccountId> for Told {
	fn plots_proven(owner: &AccountId, units: u128) {
		PLOTS.with_borrow_mut(|plots| plots.push((*owner, units)));
	}

	fn work_done(provider: &AccountId, kind: WorkKind, units: u128, paid: u128) {
		assert_eq!(kind, WorkKind::Storage);
		WORK.with_borrow_mut(|work| work.push((*provider, units, paid)));
	}

	fn bytes_carried(_: &AccountId, _: u128) {}

	fn probe_answered(_: &DeviceId) {}
}

impl pallet_storage_market::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Signature = TestSignature;
	type Signer = UintAuthorityId;
	type PalletId = Id;
	type Clock = Ticks;
	type Beacon = Ticks;
	type Devices = Machines;
	type Space = Machines;
	type Earnings = Told;
	type Terms = MarketTerms;
	type Audits = MarketAudits;
	type EgressShares = Egress;
	type Deposits = StateDeposits;
	type Tip = Tip;
	type LeastScore = LeastScore;
	type TermsMet = TermsMet;
	type DearBeyond = DearBeyond;
	type Groups = Groups;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Machines;
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId, TestSignature> for Machines {
	fn wallet(payload: &dyn Fn(&AccountId) -> Vec<u8>) -> (AccountId, TestSignature) {
		(OWNER, TestSignature(OWNER, payload(&OWNER)))
	}

	fn set_tick(tick: Tick) {
		Now::set(tick);
	}

	fn machine(number: u32, _: sr25519::Public) -> (DeviceId, AccountId) {
		(device(number as u8), number.into())
	}
}

/// Runs `test`, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	let storage = pallet_testkit::genesis::<Test>(&[&pallet_balances::GenesisConfig::<Test> {
		balances: (1..=100).map(|who| (who, RICH)).collect(),
		..Default::default()
	}]);
	let mut externalities = sp_io::TestExternalities::from(storage);
	externalities.execute_with(|| System::set_block_number(1));
	Now::set(1);
	Proven::set(128 << 30);
	LeastScore::set(Perbill::zero());
	WORK.set(Vec::new());
	DEAD.set(BTreeSet::new());
	OFF.set(BTreeSet::new());
	PLOTS.set(Vec::new());
	pallet_testkit::run(externalities, test, StorageMarket::do_try_state);
}

pub fn check() {
	StorageMarket::do_try_state().expect("invariants hold");
}

pub fn origin(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn free(who: AccountId) -> Balance {
	Balances::balance(&who)
}

pub fn work() -> Vec<(AccountId, u128, u128)> {
	WORK.with_borrow(Clone::clone)
}

/// The device of the account with this number.
pub fn device(number: u8) -> DeviceId {
	DeviceId([number; 32])
}

/// A device answers no more.
pub fn kill(number: u8) {
	DEAD.with_borrow_mut(|dead| dead.insert(device(number)));
}

fn is_dead(device: &DeviceId) -> bool {
	DEAD.with_borrow(|dead| dead.contains(device))
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
	<StorageMarket as DeviceHook<AccountId>>::device_active(&device(number), !off);
}

/// A device is suspended, and nobody is told.
pub fn turn_off(number: u8) {
	OFF.with_borrow_mut(|all| all.insert(device(number)));
}

fn is_off(device: &DeviceId) -> bool {
	OFF.with_borrow(|off| off.contains(device))
}

/// What owners were told of their plots.
pub fn plots() -> Vec<(AccountId, u128)> {
	PLOTS.with_borrow(Clone::clone)
}

/// The lottery key of a device.
pub fn key(number: u8) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[number; 32])
}

/// The genesis that everything signed names.
pub fn genesis() -> Hash {
	StorageMarket::genesis()
}

/// So many devices offer space, each at the same ask.
pub fn offers(devices: u8) {
	for number in 1..=devices {
		let (space, who) = (1 << 40, origin(number.into()));
		StorageMarket::set_offer(who, device(number), Price(1 << 24), Price(1 << 30), space, space).expect("its own");
	}
}

/// What devices have been paid so far.
pub fn paid(mean: Price) {
	crate::MeanPrice::<Test>::put(PaidAsks::begin(mean, Now::get(), 40));
}

/// An order of 16 KiB a slot.
pub fn order(enough: u8, slots: u8, eras: u32) -> Order {
	Order {
		geometry: Geometry {
			enough,
			slots,
			volume_len: 1,
		},
		max_ask: Price(1 << 24),
		eras,
		factor: 2,
	}
}

/// The bytes of a slot of every deal here, and what they are.
pub fn held(slot: SlotAt) -> (Vec<u8>, Contents) {
	SLOTS.with_borrow_mut(|slots| {
		let make = || {
			let data: Vec<u8> = (0..16_384_u32).map(|i| (i % 251 + slot) as u8).collect();
			let mut streamed = Streamed::new(16_384, &[]).expect("short");
			streamed.push(&data, &mut Vec::new()).expect("as said");
			let (contents, _) = streamed.finish(&mut Vec::new()).expect("whole");
			(data, contents)
		};
		slots.entry(slot).or_insert_with(make).clone()
	})
}

/// The root of a slot.
pub fn root(slot: SlotAt) -> Hash {
	held(slot).1.root
}

/// Chunk `index` of a slot, opened. A slot here is one group: there is nothing in its outboard.
pub fn opened(slot: SlotAt, index: u32) -> Opening {
	let (data, contents) = held(slot);
	let nothing: &[u8] = &[];
	open(&contents, index, &mut &data[..], &mut &nothing[..]).expect("it is there")
}

/// What answers a challenge of a slot at a moment.
pub fn answer_of(moment: &Moment, place: &Place) -> Answer {
	let (_, contents) = held(place.slot);
	let asked = moment.asked(place.at(), contents.shape().expect("short"));
	asked.map(|index| opened(place.slot, index))
}

/// A block, in which every device that lives confirms and answers what it can.
pub fn block() {
	Now::set(Now::get() + 1);
	let number = System::block_number() + 1;
	System::set_block_number(number);
	StorageMarket::on_initialize(number);
	answer_all();
	for id in 1..=crate::LastDeal::<Test>::get() {
		confirm_all(id);
	}
	StorageMarket::on_idle(number, Weight::MAX);
	check();
}

pub fn blocks(count: u32) {
	(0..count).for_each(|_| block());
}

/// Who was drawn for slots of a deal that has its roots.
pub fn drawn(id: DealId) -> Vec<(SlotAt, DeviceId)> {
	let Some(deal) = Deals::<Test>::get(id) else {
		return Vec::new();
	};
	let slots = (0..).zip(deal.slots.iter());
	let drawn = slots.filter_map(|(at, slot)| slot.drawn.as_ref().map(|drawn| (at, drawn.device)));
	drawn.collect()
}

fn confirm_all(id: DealId) {
	if !Deals::<Test>::get(id).is_some_and(|deal| deal.rooted) {
		return;
	}
	for (slot, device) in drawn(id)
		.into_iter()
		.filter(|(_, device)| !is_dead(device) && !is_off(device))
	{
		let confirmed = confirm(id, slot, device);
		// One that was off for a while may be late.
		let late = Err(InvalidTransaction::Stale.into());
		assert!(
			confirmed.is_ok() || confirmed == late,
			"{device:?} can not confirm slot {slot}: {confirmed:?}"
		);
	}
}

/// What a device signs and shows to confirm a slot.
pub fn confirmation(id: DealId, slot: SlotAt, device: DeviceId) -> Call<Test> {
	let attempt = Deals::<Test>::get(id).expect("there").slots[slot as usize].attempt;
	let (at, (_, contents)) = (SlotId::new(id, slot), held(slot));
	let acceptance = Acceptance {
		device,
		at,
		attempt,
		root: contents.root,
	};
	let (randomness, _) = crate::Beacons::<Test>::get();
	let random = Moment { tick: 0, randomness }.first(at, attempt.into(), contents.shape().expect("short"));
	Call::confirm {
		deal: id,
		slot,
		confirmation: Confirmation {
			last: opened(slot, 15),
			random: opened(slot, random),
		},
		signature: key(device.0[0]).sign(&acceptance.payload(&genesis())),
	}
}

/// A transaction without an account, as a block treats it: first it is looked at, then it has to succeed.
pub fn apply(call: Call<Test>) -> Result<(), TransactionValidityError> {
	pallet_testkit::apply(RuntimeCall::from(call), TransactionSource::External)
}

pub fn confirm(id: DealId, slot: SlotAt, device: DeviceId) -> Result<(), TransactionValidityError> {
	apply(confirmation(id, slot, device))
}

/// What the pool says of what may be valid later.
pub fn ahead() -> TransactionValidityError {
	sp_runtime::transaction_validity::UnknownTransaction::Custom(crate::AHEAD).into()
}

/// The moment of the challenges that were issued in this tick.
pub fn moment() -> Option<Moment> {
	crate::Challenges::<Test>::get(Now::get() + ANSWER).map(|batch| batch.moment)
}

/// The challenges that were issued in this tick.
pub fn challenged() -> Vec<Place> {
	let batch = crate::Challenges::<Test>::get(Now::get() + ANSWER);
	batch.map_or(Vec::new(), |batch| {
		batch.challenges.iter().map(|challenge| challenge.place).collect()
	})
}

fn answer_all() {
	let (until, Some(moment)) = (Now::get() + ANSWER, moment()) else {
		return;
	};
	for (index, place) in (0..).zip(challenged()) {
		if !is_dead(&place.device) {
			let answer = answer_of(&moment, &place);
			let answered = apply(Call::answer { until, index, answer });
			// Of a deal that is over the time for it may be over too.
			let over = matches!(stage(place.deal), Stage::Ended { .. });
			assert!(answered.is_ok() || over, "it holds the slot: {answered:?}");
		}
	}
}

/// A deal that is opened as most here are.
pub fn opens(order: Order) -> DispatchResult {
	StorageMarket::open_deal(origin(OWNER), order, false, 0, None)
}

/// A box with something in it.
pub fn key_box(byte: u8) -> KeyBox {
	BoundedVec::truncate_from(vec![byte; 81])
}

/// A deal of the owner that has begun.
pub fn active(enough: u8, slots: u8, eras: u32) -> DealId {
	opens(order(enough, slots, eras)).expect("paid");
	let id = crate::LastDeal::<Test>::get();
	for _ in 0..40 {
		if !matches!(stage(id), Stage::Uploading { .. }) {
			block();
		}
	}
	commit(id, slots);
	block();
	assert_eq!(stage(id), Stage::Active);
	id
}

/// The owner commits the roots of a deal of so many slots.
pub fn commit(id: DealId, slots: u8) {
	let roots = (0..u32::from(slots)).map(root).collect();
	StorageMarket::commit_roots(origin(OWNER), id, BoundedVec::truncate_from(roots)).expect("its owner");
}

pub fn stage(id: DealId) -> Stage {
	Deals::<Test>::get(id).expect("there").stage
}

/// Who holds the slots of a deal.
pub fn holders(id: DealId) -> Vec<Option<u8>> {
	let deal = Deals::<Test>::get(id).expect("there");
	let holders = deal
		.slots
		.iter()
		.map(|slot| slot.holding.as_ref().map(|holding| holding.device.0[0]));
	holders.collect()
}

pub fn happened(event: &Event<Test>) -> bool {
	System::read_events_for_pallet::<Event<Test>>().contains(event)
}
