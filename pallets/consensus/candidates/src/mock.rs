//! A chain of nothing but candidates: seats, eras and keys are written down as the pallets that keep them would.

use crate as pallet_candidates;
use crate::ParameterValues;
use codec::{Decode, Encode};
use frame_election_provider_support::SortedListProvider;
use frame_support::{
	derive_impl, ord_parameter_types, parameter_types,
	storage::unhashed,
	traits::{fungible::Inspect, tokens::imbalance::ResolveTo, ConstU32, ConstU64},
};
use frame_system::{EnsureRoot, EnsureSignedBy};
use pallet_testkit::configs;
use pallet_traits::{
	AttendanceHook, Competence, EraClock, EraHook, KeyOf, OffenceKind, Punish, Seats, SeatsError, VotersInForce,
};
use poca_primitives::{AuthorityId, AuthorityPair, Heartbeat};
use sp_core::{Pair, H256};
use sp_runtime::{
	transaction_validity::{TransactionSource, TransactionValidityError},
	BuildStorage, Perbill, Storage, TryRuntimeError,
};
use std::collections::{BTreeMap, BTreeSet};

pub use pallet_testkit::{AccountId, Eras};

pub type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		List: pallet_bags_list,
		Nodes: pallet_candidates,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<u128>;
	type BlockHashCount = ConstU64<256>;
}

#[derive_impl(configs::Money as pallet_balances::DefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

parameter_types! {
	pub static BagThresholds: &'static [u64] = &crate::rank::BAG_THRESHOLDS;
}

impl pallet_bags_list::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
	type ScoreProvider = Nodes;
	type BagThresholds = BagThresholds;
	type MaxAutoRebagPerBlock = ();
	type Score = u64;
}

/// Directors are kept in storage, so that a call that fails leaves them as they were.
pub struct Offices;

const DIRECTORS: &[u8] = b"directors";
const STANDBYS: &[u8] = b"standbys";
const REFUSING: &[u8] = b"refusing";
const KEYLESS: &[u8] = b"keyless";
const COMPETENCE: &[u8] = b"competence";
const SEATED: &[u8] = b"seated";
const VOTING: &[u8] = b"voting";

fn stored<D: Decode + Default>(key: &[u8]) -> D {
	unhashed::get_or_default(key)
}

impl Offices {
	fn check(directors: &[AccountId]) -> Result<(), SeatsError> {
		if stored::<bool>(REFUSING) {
			return Err(SeatsError::BadCount);
		}
		let unique: BTreeSet<_> = directors.iter().collect();
		assert_eq!(unique.len(), directors.len(), "nobody is seated twice");
		if directors.is_empty() || directors.len() > MAX_DIRECTORS {
			return Err(SeatsError::BadCount);
		}
		if directors.iter().all(|director| Self::key_of(director).is_some()) {
			Ok(())
		} else {
			Err(SeatsError::NoKeys)
		}
	}

	/// Directors that no election chose.
	pub fn put(directors: &[AccountId]) {
		Self::write(directors, Vec::new());
	}

	fn write(directors: &[AccountId], mut standbys: Vec<Option<AccountId>>) {
		standbys.resize(directors.len(), None);
		unhashed::put(DIRECTORS, &directors.to_vec());
		unhashed::put(STANDBYS, &standbys);
	}

	/// In an era in which nothing was seated, those without keys are out of office, and their seats with them.
	fn renew_keys() {
		let (directors, standbys): (Vec<_>, Vec<_>) = Self::directors()
			.into_iter()
			.zip(Self::standbys())
			.filter(|(director, _)| Self::key_of(director).is_some())
			.map(|(director, standby)| (director, standby.filter(|standby| Self::key_of(standby).is_some())))
			.unzip();
		if !directors.is_empty() {
			Self::write(&directors, standbys);
		}
	}

	/// The directors that a chain starts with, as the session pallet would have them.
	pub fn at_genesis(storage: &mut Storage, directors: &[AccountId]) {
		storage.top.insert(DIRECTORS.to_vec(), directors.to_vec().encode());
		let standbys: Vec<Option<AccountId>> = vec![None; directors.len()];
		storage.top.insert(STANDBYS.to_vec(), standbys.encode());
	}

	/// Whether changes are refused.
	pub fn set_refusing(refusing: bool) {
		unhashed::put(REFUSING, &refusing);
	}
}

impl Seats<AccountId> for Offices {
	fn directors() -> Vec<AccountId> {
		stored(DIRECTORS)
	}

	fn standbys() -> Vec<Option<AccountId>> {
		stored(STANDBYS)
	}

	fn seat(directors: Vec<AccountId>, standbys: Vec<AccountId>) -> Result<(), SeatsError> {
		Self::check(&directors)?;
		assert!(standbys.len() <= directors.len(), "each standby has a seat");
		assert!(
			standbys.iter().all(|standby| !directors.contains(standby)),
			"nobody has two offices"
		);
		Self::write(&directors, standbys.into_iter().map(Some).collect());
		unhashed::put(SEATED, &true);
		Ok(())
	}

	fn replace(director: &AccountId, by: &AccountId) -> Result<(), SeatsError> {
		let mut directors = Self::directors();
		if directors.contains(by) {
			return Err(SeatsError::AlreadySeated);
		}
		let seat = directors.iter_mut().find(|seat| *seat == director);
		*seat.ok_or(SeatsError::NotSeated)? = *by;
		Self::check(&directors)?;
		unhashed::put(DIRECTORS, &directors);
		Self::dismiss_standby(by);
		Ok(())
	}

	fn dismiss_standby(standby: &AccountId) {
		let mut standbys = Self::standbys();
		for place in standbys.iter_mut() {
			place.take_if(|stands_by| stands_by == standby);
		}
		unhashed::put(STANDBYS, &standbys);
	}
}

/// All accounts have keys but those that were said to have none.
impl KeyOf<AccountId, AuthorityId> for Offices {
	fn key_of(who: &AccountId) -> Option<AuthorityId> {
		let keyless = stored::<BTreeSet<AccountId>>(KEYLESS).contains(who);
		(!keyless).then(|| pair(*who).public())
	}
}

pub fn set_keys(who: AccountId, has: bool) {
	let mut keyless: BTreeSet<AccountId> = stored(KEYLESS);
	if has {
		keyless.remove(&who);
	} else {
		keyless.insert(who);
	}
	unhashed::put(KEYLESS, &keyless);
}

impl Competence<AccountId> for Offices {
	fn of(who: &AccountId) -> u128 {
		Asked::mutate(|asked| *asked += 1);
		stored::<BTreeMap<AccountId, u128>>(COMPETENCE)
			.get(who)
			.copied()
			.unwrap_or(0)
	}

	fn total() -> u128 {
		stored::<BTreeMap<AccountId, u128>>(COMPETENCE)
			.values()
			.fold(0, |sum, competence| sum.saturating_add(*competence))
	}
}

impl VotersInForce<AccountId> for Offices {
	fn in_force() -> Vec<AccountId> {
		stored::<BTreeSet<AccountId>>(VOTING).into_iter().collect()
	}
}

/// Whether an account belongs to a set of voters that is still in force.
pub fn set_voting(who: AccountId, votes: bool) {
	let mut voting: BTreeSet<AccountId> = stored(VOTING);
	if votes {
		voting.insert(who);
	} else {
		voting.remove(&who);
	}
	unhashed::put(VOTING, &voting);
}

pub fn set_competence(who: AccountId, competence: u128) {
	let mut all: BTreeMap<AccountId, u128> = stored(COMPETENCE);
	all.insert(who, competence);
	unhashed::put(COMPETENCE, &all);
	Nodes::refresh(&who);
}

parameter_types! {
	/// How many times competence was asked for: once for each node that an election looks at.
	pub static Asked: usize = 0;
}

/// What is slashed goes to this account.
pub const TREASURY: AccountId = 999_999;

pub const MAX_DIRECTORS: usize = 25;
pub const UNBONDING: u32 = 40;
pub const BACKING: u32 = 28;
/// The account whose word is that of two thirds of the directors: this chain has no motions.
pub const MOTIONS: AccountId = 888_888;

ord_parameter_types! {
	pub const Motions: AccountId = MOTIONS;
}

parameter_types! {
	pub const Treasury: AccountId = TREASURY;
	pub DefaultParameters: ParameterValues = parameters();
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for Offices {
	fn give_keys(who: &AccountId) {
		set_keys(*who, true);
	}

	fn take_keys(who: &AccountId) {
		set_keys(*who, false);
	}

	fn sign(who: &AccountId, payload: &[u8]) -> poca_primitives::AuthoritySignature {
		pair(*who).sign(payload)
	}

	fn put_in_force(accounts: Vec<AccountId>) {
		unhashed::put(VOTING, &accounts.into_iter().collect::<BTreeSet<_>>());
	}

	fn set_era(era: u32) {
		Eras::set(era);
	}
}

impl pallet_candidates::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type List = List;
	type Seats = Offices;
	type Keys = Offices;
	type Competence = Offices;
	type EraClock = Eras;
	type VotersInForce = Offices;
	type AdminOrigin = EnsureRoot<AccountId>;
	type DirectorsOrigin = EnsureSignedBy<Motions, AccountId>;
	type DefaultParameters = DefaultParameters;
	type OnSlash = ResolveTo<Treasury, Balances>;
	type MaxDirectors = ConstU32<{ MAX_DIRECTORS as u32 }>;
	type MaxStandbyComputeNodes = ConstU32<25>;
	type MaxRead = ConstU32<75>;
	type UnbondingEras = ConstU32<UNBONDING>;
	type BackingEras = ConstU32<BACKING>;
	type MaxBacked = ConstU32<4>;
	type MaxUnlocking = ConstU32<4>;
	type MaxAbsences = ConstU32<25>;
	type HeartbeatWindow = ConstU64<20>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Offices;
}

pub const BOND: u128 = 1_000;

/// Seven seats, four of them at least.
pub fn parameters() -> ParameterValues {
	ParameterValues {
		seats: 7,
		min_directors: 4,
		standby_signers: 7,
		standby_compute_nodes: 3,
		min_bond: BOND,
		min_backing: 10,
		min_total_backing: 1_000,
		competence_weight: Perbill::from_percent(70),
		max_terms: 100,
		able_from: Perbill::one(),
		isolate_after: 2,
		removal_eras: 5,
		bar_eras: 20,
		first_slash: Perbill::from_percent(10),
	}
}

/// Accounts 1 to 200 have this much; 1 to 10 are admitted candidates, of which the higher ones have more backing.
pub const RICH: u128 = 1_000_000;

pub fn genesis() -> sp_io::TestExternalities {
	let mut storage = pallet_testkit::genesis::<Test>(&[&pallet_balances::GenesisConfig::<Test> {
		balances: (1..=200).map(|account| (account, RICH)).collect(),
		..Default::default()
	}]);
	Offices::at_genesis(&mut storage, &(1..=7).collect::<Vec<_>>());
	pallet_candidates::GenesisConfig::<Test> {
		parameters: parameters(),
		candidates: (1..=10).map(|account| (account, BOND)).collect(),
		backing: (1..=10)
			.map(|account| (100 + account, account, 100 * u128::from(account)))
			.collect(),
	}
	.assimilate_storage(&mut storage)
	.expect("builds");
	let mut externalities = sp_io::TestExternalities::from(storage);
	externalities.execute_with(|| {
		System::set_block_number(1);
	});
	externalities
}

/// Runs `test` on a chain of seven directors of ten admitted candidates, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	pallet_testkit::run(genesis(), test, try_state);
}

fn try_state() -> Result<(), TryRuntimeError> {
	let listed: Vec<_> = <List as SortedListProvider<AccountId>>::iter().collect();
	let unique: BTreeSet<_> = listed.iter().collect();
	assert_eq!(unique.len(), listed.len(), "the list names nobody twice");
	assert_eq!(listed.len(), <List as SortedListProvider<AccountId>>::count() as usize);
	Nodes::do_try_state()
}

pub fn check() {
	try_state().expect("invariants hold");
}

pub fn origin(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// The next era begins; what is due to happen in the first block of it happens.
pub fn next_era() -> Vec<AccountId> {
	era(Eras::current_era() + 1)
}

/// An era begins, whichever it was before. Returns its directors, by account.
pub fn era(era: u32) -> Vec<AccountId> {
	Eras::set(era);
	unhashed::kill(SEATED);
	System::set_block_number(System::block_number() + 100);
	System::reset_events();
	<Nodes as EraHook>::era_started(era, &Eras::randomness(era));
	if !stored::<bool>(SEATED) {
		Offices::renew_keys();
	}
	check();
	directors()
}

/// The next era begins and the one after it: what the first of them elects is in office. Returns its directors, by
/// account.
pub fn next_elected() -> Vec<AccountId> {
	next_era();
	next_era()
}

/// Eras pass until the best of genesis have the seats: in era 3, 4 to 10.
pub fn settle() {
	next_elected();
	assert_eq!(next_era(), [4, 5, 6, 7, 8, 9, 10]);
}

/// Those elected for the next era, by account.
pub fn elected() -> Vec<AccountId> {
	crate::Elected::<Test>::get().map_or_else(Vec::new, |elected| elected.directors.into_inner())
}

/// The directors by account.
pub fn directors() -> Vec<AccountId> {
	let mut directors = Offices::directors();
	directors.sort();
	directors
}

/// A director missed two turns in a row.
pub fn miss(director: AccountId) {
	<Nodes as AttendanceHook<AccountId>>::turns_missed(&[(director, 2)]);
	check();
}

pub fn author(author: AccountId) {
	<Nodes as AttendanceHook<AccountId>>::authored(&author);
}

std::thread_local! {
	static PAIRS: std::cell::RefCell<BTreeMap<AccountId, AuthorityPair>> = Default::default();
}

/// The authoring key of an account; made once, for that takes a while.
pub fn pair(who: AccountId) -> AuthorityPair {
	PAIRS.with_borrow_mut(|pairs| {
		let make = || AuthorityPair::from_seed(&sp_io::hashing::blake2_256(&who.encode()));
		pairs.entry(who).or_insert_with(make).clone()
	})
}

/// A heartbeat of an isolated node, which names the block before this one.
pub fn heartbeat(node: AccountId) -> Heartbeat<AccountId, u64, H256> {
	let number = System::block_number() - 1;
	let hash = H256::repeat_byte(7);
	frame_system::BlockHash::<Test>::insert(number, hash);
	Heartbeat { node, number, hash }
}

/// A node sends a heartbeat, and the pool and the block look at it.
pub fn send(heartbeat: Heartbeat<AccountId, u64, H256>, signer: AccountId) -> Result<(), TransactionValidityError> {
	let signature = pair(signer).sign(&heartbeat.payload());
	let call = crate::Call::<Test>::heartbeat { heartbeat, signature };
	pallet_testkit::apply(RuntimeCall::from(call), TransactionSource::External)
}

/// An isolated node sends a heartbeat.
pub fn beat(node: AccountId) -> Result<(), TransactionValidityError> {
	send(heartbeat(node), node)
}

/// It is proven that an account equivocated.
pub fn offend(who: AccountId, kind: OffenceKind, era: u32) {
	<Nodes as Punish<AccountId>>::offended(&who, kind, era);
	check();
}

/// Lets a new node stand, admitted, with so much backing.
pub fn admitted(account: AccountId, backing: u128) {
	Nodes::register(origin(account), BOND).expect("registers");
	if backing > 0 {
		Nodes::back(origin(account), account, backing).expect("backs");
	}
	Nodes::admit(origin(MOTIONS), account).expect("is admitted");
}

/// This pallet's events since the last era began.
pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}

pub fn free(who: AccountId) -> u128 {
	Balances::balance(&who)
}
