//! A chain of nothing but the session's directors.

use crate as pallet_poca;
use core::ops::Range;
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU32, ConstU64, OnFinalize, OnInitialize},
	weights::Weight,
};
use pallet_testkit::{configs, KeysOfSession};
use pallet_traits::{EraHook, Pace, Seats};
use poca_primitives::{AuthorIndex, AuthorityId, PreDigest, Randomness, Schedule, Slot};
use sp_core::{
	crypto::{ByteArray, VrfSecret},
	sr25519, Pair, H256,
};
use sp_runtime::{generic::Digest, impl_opaque_keys, traits::OpaqueKeys};

pub use pallet_testkit::{digest, AccountId, Told};

pub type Block = frame_system::mocking::MockBlockU32<Test>;
pub type Recorder = pallet_testkit::Recorder<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Poca: pallet_poca,
		Authorship: pallet_authorship,
		Session: pallet_session,
		Balances: pallet_balances,
		Price: price,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(configs::Money as pallet_balances::DefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

impl pallet_timestamp::Config for Test {
	type Moment = u64;
	type OnTimestampSet = Poca;
	type MinimumPeriod = ConstU64<0>;
	type WeightInfo = ();
}

impl pallet_authorship::Config for Test {
	type FindAuthor = pallet_poca::AuthorAccount<Test>;
	type EventHandler = ();
}

impl_opaque_keys! {
	pub struct Keys {
		pub poca: Poca,
	}
}

/// Looks whether a block was full while it is finalized, after all other pallets, as what sets the price of fees does.
#[frame_support::pallet]
pub mod price {
	use frame_support::traits::Hooks;
	use frame_system::pallet_prelude::BlockNumberFor;
	use pallet_traits::BlockFull;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		type Full: BlockFull;
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_finalize(_: BlockNumberFor<T>) {
			super::FullSeen::set(T::Full::is_full());
		}
	}
}

impl price::Config for Test {
	type Full = Poca;
}

parameter_types! {
	/// The author that `pallet_authorship` found in the last block.
	pub static Found: Option<AccountId> = None;
	/// Whether the last block was full, as the last pallet saw it while the block was finalized.
	pub static FullSeen: bool = false;
	/// Whether the markets' clock stands,
	pub static Stands: bool = false;
	/// or is slow.
	pub static Slow: bool = false;
	/// Slots of a turn, which a new runtime may change.
	pub static TurnLength: u32 = TURN as u32;
	/// Who is to be seated when an era starts.
	pub static Elected: Option<(Vec<AccountId>, Vec<AccountId>)> = None;
}

/// The pace that a test has set.
pub struct Walks;

impl Pace for Walks {
	fn stands() -> bool {
		Stands::get()
	}

	fn is_slow() -> bool {
		Slow::get()
	}
}

/// Seats whoever is elected as soon as an era starts.
pub struct Elections;

impl EraHook for Elections {
	fn era_started(era: u32, order: &Randomness) -> Weight {
		assert_eq!(era, crate::Era::<Test>::get());
		if let Some((directors, standbys)) = Elected::take() {
			assert_eq!(<Poca as Seats<AccountId>>::seat(directors, standbys), Ok(()));
		}
		Recorder::era_started(era, order)
	}
}

#[derive_impl(configs::Sessions as configs::SessionDefaults)]
impl pallet_session::Config for Test {
	type Keys = Keys;
	type SessionHandler = <Keys as OpaqueKeys>::KeyTypeIdProviders;
	type Currency = Balances;
}

/// Eras of ten turns, so that tests cross them in few blocks.
pub const TURN: u64 = 12;
pub const ERA: u64 = 120;
pub const SLOT_MS: u64 = 500;
pub const ERA_MEMORY: u32 = 5;
pub const SLOT_MEMORY: u32 = 6;

impl pallet_poca::Config for Test {
	type TurnLength = TurnLength;
	type MissedSlots = ConstU32<2>;
	type StandbyLine = ConstU32<3>;
	type EraMemory = ConstU32<ERA_MEMORY>;
	type SlotMemory = ConstU32<SLOT_MEMORY>;
	type DefaultEraLength = ConstU32<120>;
	type DefaultSlotDuration = ConstU64<SLOT_MS>;
	type MinSlotDuration = ConstU64<100>;
	type MaxDirectors = ConstU32<7>;
	type Keys = KeysOfSession<Test>;
	type Voters = Recorder;
	type Eras = Elections;
	type Attendance = Recorder;
	type History = Recorder;
	type Pace = Walks;
	type WeightInfo = ();
}

/// Sets the key of an account, or takes it back.
pub fn set_key(account: AccountId, key: Option<AuthorityId>) {
	match key {
		Some(poca) => pallet_session::NextKeys::<Test>::insert(account, Keys { poca }),
		None => pallet_session::NextKeys::<Test>::remove(account),
	}
}

/// The key pair of the director of an account.
pub fn pair(account: AccountId) -> sr25519::Pair {
	let mut seed = [0u8; 32];
	seed[..8].copy_from_slice(&account.to_le_bytes());
	sr25519::Pair::from_seed(&seed)
}

pub fn key(account: AccountId) -> AuthorityId {
	AuthorityId::from_slice(&pair(account).public().0).expect("32 bytes")
}

/// The account of the director at `index` of a genesis without changes.
pub const fn account(index: u64) -> AccountId {
	100 + index
}

pub fn genesis(directors: u64, config: pallet_poca::GenesisConfig<Test>) -> sp_io::TestExternalities {
	let keys = |range: Range<u64>| {
		let keys = range.map(account).map(|a| (a, a, Keys { poca: key(a) }));
		keys.collect()
	};
	pallet_testkit::genesis::<Test>(&[
		&config,
		&pallet_session::GenesisConfig::<Test> {
			keys: keys(0..directors),
			// Candidates for sessions to come.
			non_authority_keys: keys(directors..20),
		},
	])
	.into()
}

/// Runs `test` on a chain of so many directors and checks the invariants after it.
pub fn with_directors(directors: u64, test: impl FnOnce()) {
	TurnLength::set(TURN as u32);
	let test = || {
		Elected::set(None);
		Recorder::take();
		test();
	};
	pallet_testkit::run(genesis(directors, Default::default()), test, Poca::do_try_state);
}

/// The schedule for the next block's author.
pub fn schedule() -> Schedule {
	Poca::schedule()
}

fn parent_slot() -> Option<Slot> {
	pallet_poca::GenesisSlot::<Test>::get().map(|_| pallet_poca::CurrentSlot::<Test>::get())
}

/// The header that `author` makes for `slot` on the current block, with a VRF output where one belongs.
pub fn header(author: AuthorIndex, slot: u64) -> PreDigest<H256> {
	let schedule = schedule();
	let slot = Slot::from(slot);
	let starts = parent_slot().is_none_or(|parent| schedule.starts_turn(parent, slot));
	let vrf = starts.then(|| {
		let account = crate::Pallet::<Test>::account_of(author).unwrap_or_default();
		pair(account).vrf_sign(&schedule.vrf_input(slot).expect("a known rule"))
	});
	PreDigest {
		vrf,
		..smartchain_testkit::pre_digest(slot, author, H256::zero())
	}
}

/// Executes a block with this header and the timestamp of the middle of its slot.
pub fn execute(header: PreDigest<H256>) {
	execute_digest(digest(&header), *header.slot * SLOT_MS + SLOT_MS / 2);
}

/// Executes a block with this digest and timestamp.
pub fn execute_digest(digest: Digest, timestamp: u64) {
	let number = System::block_number() + 1;
	System::reset_events();
	System::initialize(&number, &H256::repeat_byte(number as u8), &digest);
	AllPalletsWithSystem::on_initialize(number);
	Timestamp::set(RuntimeOrigin::none(), timestamp).expect("an inherent");
	Found::set(Authorship::author());
	AllPalletsWithSystem::on_finalize(number);
}

/// The director of a slot authors it.
pub fn author(slot: u64) {
	let director = schedule().director(slot.into()).expect("has directors");
	execute(header(director, slot));
}

/// The first of the line of standbys of a slot's turn authors it.
pub fn author_as_standby(slot: u64) {
	author_as_nth(0, slot);
}

/// One of the line of standbys of a slot's turn authors it.
pub fn author_as_nth(nth: usize, slot: u64) {
	let standby = schedule().standbys(slot.into())[nth];
	execute(header(standby, slot));
}

/// What was told of attendance and eras in the current block.
pub fn told() -> Vec<Told<AccountId>> {
	let mut told = Recorder::in_block();
	told.retain(|told| matches!(told, Told::Authored(_) | Told::Missed(_) | Told::EraStarted(..)));
	told
}

/// Who was told to vote last.
pub fn voters() -> Option<Vec<AccountId>> {
	Recorder::only(Told::voters).pop()
}

/// This pallet's events of the last block.
pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}

/// Missed slots and authored blocks of each director.
pub fn tallies() -> Vec<(u32, u32)> {
	crate::Tallies::<Test>::get()
		.iter()
		.map(|tally| (tally.missed_slots, tally.authored_blocks))
		.collect()
}
