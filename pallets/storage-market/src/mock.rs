//! A chain of nothing but the storage market, with a clock that a test turns, devices that hold or lie, and openings
//! that are a byte.

use crate::{self as pallet_storage_market, Deals, Event, Opening, Place};
use core::cell::RefCell;
use device_primitives::{DeviceId, Endpoint};
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::Inspect, ConstU128, ConstU32, Hooks},
	weights::Weight,
	BoundedVec, PalletId,
};
use pallet_testkit::configs;
use pallet_traits::{Beacon, DeviceInfo, Devices, Earnings, MarketClock, ProvenSpace, WorkKind};
use poca_primitives::{Randomness, Slot};
use sp_core::sr25519;
use sp_runtime::{DispatchResult, Perbill};
use std::collections::BTreeSet;
use storage_market_primitives::{
	Balance, DealId, Geometry, Hash, Openings, Order, Price, SlotAt, Stage, Terms, Tick, Times,
};

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
	/// Each slot is challenged every 17 ticks or so.
	pub const Audits: u32 = 10_000;
	pub const LeastScore: Perbill = Perbill::zero();
	pub const Groups: bool = false;
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
			lottery: sr25519::Public::from_raw(device.0),
			lottery_since: 0,
			active: true,
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
		128 << 30
	}
}

thread_local! {
	static WORK: RefCell<Vec<(AccountId, u128, u128)>> = const { RefCell::new(Vec::new()) };
	static DEAD: RefCell<BTreeSet<DeviceId>> = const { RefCell::new(BTreeSet::new()) };
}

/// Remembers what it is told.
pub struct Told;

impl Earnings<AccountId> for Told {
	fn plots_proven(_: &AccountId, _: u128) {}

	fn work_done(provider: &AccountId, kind: WorkKind, units: u128, paid: u128) {
		assert_eq!(kind, WorkKind::Storage);
		WORK.with_borrow_mut(|work| work.push((*provider, units, paid)));
	}

	fn bytes_carried(_: &AccountId, _: u128) {}

	fn probe_answered(_: &DeviceId) {}
}

/// A chunk is sound if it is the first byte of its root.
pub struct FirstByte;

impl Openings for FirstByte {
	fn check(root: &Hash, slot_len: u64, index: u64, chunk: &[u8], path: &[Hash]) -> bool {
		index < slot_len / 1_024 && chunk == [root[0]] && path.is_empty()
	}
}

impl pallet_storage_market::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type PalletId = Id;
	type Clock = Ticks;
	type Beacon = Ticks;
	type Devices = Machines;
	type Space = Machines;
	type Earnings = Told;
	type Openings = FirstByte;
	type Terms = MarketTerms;
	type LeastScore = LeastScore;
	type AuditsPerDay = Audits;
	type AnswerTicks = ConstU32<ANSWER>;
	type Groups = Groups;
	type WeightInfo = ();
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
	WORK.set(Vec::new());
	DEAD.set(BTreeSet::new());
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

/// So many devices offer space, each at the same ask.
pub fn offers(devices: u8) {
	for number in 1..=devices {
		let (space, who) = (1 << 40, origin(number.into()));
		StorageMarket::set_offer(who, device(number), Price(1 << 24), space, space).expect("its own");
	}
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

/// The root of a slot.
pub fn root(slot: SlotAt) -> Hash {
	[slot as u8 + 1; 32]
}

/// What shows a chunk of a slot with this root.
pub fn openings(root: &Hash) -> [Opening; 2] {
	let one = Opening {
		chunk: BoundedVec::truncate_from(vec![root[0]]),
		path: BoundedVec::new(),
	};
	[one.clone(), one]
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
	for (slot, device) in drawn(id).into_iter().filter(|(_, device)| !is_dead(device)) {
		let confirmed = confirm(id, slot, device);
		assert!(
			confirmed.is_ok(),
			"{device:?} can not confirm slot {slot}: {confirmed:?}"
		);
	}
}

pub fn confirm(id: DealId, slot: SlotAt, device: DeviceId) -> DispatchResult {
	let root = root(slot);
	StorageMarket::confirm(origin(device.0[0].into()), id, slot, root, openings(&root))
}

/// The challenges that were issued in this tick.
pub fn challenged() -> Vec<Place> {
	let batch = crate::Challenges::<Test>::get(Now::get() + ANSWER);
	batch.map_or(Vec::new(), |batch| {
		batch.challenges.iter().map(|challenge| challenge.place).collect()
	})
}

fn answer_all() {
	let until = Now::get() + ANSWER;
	for (index, place) in (0..).zip(challenged()) {
		if !is_dead(&place.device) {
			let who = origin(place.device.0[0].into());
			StorageMarket::answer(who, until, index, openings(&root(place.slot))).expect("it holds the slot");
		}
	}
}

/// A deal of the owner that has begun.
pub fn active(enough: u8, slots: u8, eras: u32) -> DealId {
	StorageMarket::open_deal(origin(OWNER), order(enough, slots, eras)).expect("paid");
	let id = crate::LastDeal::<Test>::get();
	for _ in 0..40 {
		if !matches!(stage(id), Stage::Uploading { .. }) {
			block();
		}
	}
	let roots = (0..u32::from(slots)).map(root).collect();
	StorageMarket::commit_roots(origin(OWNER), id, BoundedVec::truncate_from(roots)).expect("its owner");
	block();
	assert_eq!(stage(id), Stage::Active);
	id
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
