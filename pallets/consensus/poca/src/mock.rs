//! A chain of nothing but the session's directors.

use crate as pallet_poca;
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU128, ConstU32, ConstU64, OnFinalize, OnInitialize},
	weights::Weight,
};
use pallet_traits::{AttendanceHook, AuthorHistory, EraHook, KeyOf, SeatVoters, Seats};
use poca_primitives::{pre_digest_item, AuthorIndex, AuthorityId, FinalizedRef, PreDigest, Randomness, Schedule, Slot};
use sp_core::{
	crypto::{ByteArray, VrfSecret},
	sr25519, Pair, H256,
};
use sp_runtime::{
	generic::Digest,
	impl_opaque_keys,
	traits::{ConvertInto, OpaqueKeys},
	BuildStorage,
};

pub type Block = frame_system::mocking::MockBlockU32<Test>;
pub type AccountId = u64;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(2)]
	pub type Poca = pallet_poca;
	#[runtime::pallet_index(3)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(4)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(5)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(6)]
	pub type Price = price;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = u128;
	type ExistentialDeposit = ConstU128<1>;
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
	/// Who was told to vote last.
	pub static Voters: Option<Vec<AccountId>> = None;
	/// Who may author from after which slot on, each time it was told.
	pub static Authors: Vec<(u64, Vec<(AccountId, AuthorityId)>)> = Vec::new();
	/// What the pallet told of the last block, in its order.
	pub static Told: Vec<Tale> = Vec::new();
	/// How often voters were told in the last block.
	pub static VotersTold: u32 = 0;
	/// What the order of turns of the last era is drawn from.
	pub static Order: Option<Randomness> = None;
	/// The author that `pallet_authorship` found in the last block.
	pub static Found: Option<AccountId> = None;
	/// Whether the last block was full, as the last pallet saw it while the block was finalized.
	pub static FullSeen: bool = false;
	/// Who is to be seated when an era starts.
	pub static Elected: Option<(Vec<AccountId>, Vec<AccountId>)> = None;
}

/// What others are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tale {
	Authored(AccountId),
	Missed(Vec<(AccountId, u32)>),
	EraStarted(u32),
}

fn tell(tale: Tale) -> Weight {
	Told::mutate(|told| told.push(tale));
	Weight::zero()
}

/// Sessions do not end; the session pallet holds the keys.
pub struct NeverEnds;

impl pallet_session::ShouldEndSession<u32> for NeverEnds {
	fn should_end_session(_: u32) -> bool {
		false
	}
}

/// The keys of the session pallet, and what becomes of the voters.
pub struct Offices;

impl KeyOf<AccountId, AuthorityId> for Offices {
	fn key_of(account: &AccountId) -> Option<AuthorityId> {
		Session::load_keys(account).map(|keys| keys.poca)
	}
}

impl SeatVoters<AccountId> for Offices {
	fn seat_voters(accounts: &[AccountId]) -> Weight {
		Voters::set(Some(accounts.to_vec()));
		VotersTold::mutate(|times| *times += 1);
		Weight::zero()
	}
}

impl AuthorHistory<AccountId> for Offices {
	fn authors_changed(slot: Slot, authors: &[(AccountId, AuthorityId)]) -> Weight {
		Authors::mutate(|told| told.push((*slot, authors.to_vec())));
		Weight::zero()
	}
}

impl AttendanceHook<AccountId> for Offices {
	fn turns_missed(missed: &[(AccountId, u32)]) -> Weight {
		tell(Tale::Missed(missed.to_vec()))
	}

	fn authored(author: &AccountId) -> Weight {
		tell(Tale::Authored(*author))
	}
}

impl EraHook for Offices {
	fn era_started(era: u32, order: &Randomness) -> Weight {
		assert_eq!(era, crate::Era::<Test>::get());
		Order::set(Some(*order));
		if let Some((directors, standbys)) = Elected::take() {
			assert_eq!(<Poca as Seats<AccountId>>::seat(directors, standbys), Ok(()));
		}
		tell(Tale::EraStarted(era))
	}
}

impl pallet_session::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = NeverEnds;
	type NextSessionRotation = ();
	type SessionManager = ();
	type SessionHandler = <Keys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = Keys;
	type DisablingStrategy = ();
	type WeightInfo = ();
	type Currency = Balances;
	type KeyDeposit = ConstU128<0>;
}

/// Eras of ten turns, so that tests cross them in few blocks.
pub const TURN: u64 = 12;
pub const ERA: u64 = 120;
pub const SLOT_MS: u64 = 500;
pub const ERA_MEMORY: u32 = 5;
pub const SLOT_MEMORY: u32 = 6;

impl pallet_poca::Config for Test {
	type TurnLength = ConstU32<12>;
	type MissedSlots = ConstU32<2>;
	type StandbyLine = ConstU32<3>;
	type EraMemory = ConstU32<ERA_MEMORY>;
	type SlotMemory = ConstU32<SLOT_MEMORY>;
	type DefaultEraLength = ConstU32<120>;
	type DefaultSlotDuration = ConstU64<SLOT_MS>;
	type MinSlotDuration = ConstU64<100>;
	type MaxDirectors = ConstU32<7>;
	type Keys = Offices;
	type Voters = Offices;
	type Eras = Offices;
	type Attendance = Offices;
	type History = Offices;
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
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("builds");
	config.assimilate_storage(&mut storage).expect("builds");
	pallet_session::GenesisConfig::<Test> {
		keys: (0..directors)
			.map(account)
			.map(|a| (a, a, Keys { poca: key(a) }))
			.collect(),
		// Candidates for sessions to come.
		non_authority_keys: (directors..20)
			.map(account)
			.map(|a| (a, a, Keys { poca: key(a) }))
			.collect(),
	}
	.assimilate_storage(&mut storage)
	.expect("builds");
	storage.into()
}

/// Runs `test` on a chain of so many directors and checks the invariants after it.
pub fn with_directors(directors: u64, test: impl FnOnce()) {
	genesis(directors, Default::default()).execute_with(|| {
		Voters::set(None);
		Authors::take();
		Told::set(Vec::new());
		Elected::set(None);
		VotersTold::set(0);
		Order::set(None);
		test();
		Poca::do_try_state().expect("invariants hold");
	});
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
		slot,
		author,
		full: false,
		vrf,
		finalized: FinalizedRef {
			number: 0,
			hash: H256::zero(),
		},
	}
}

/// Executes a block with this header and the timestamp of the middle of its slot.
pub fn execute(header: PreDigest<H256>) {
	execute_digest(
		Digest {
			logs: vec![pre_digest_item(&header)],
		},
		*header.slot * SLOT_MS + SLOT_MS / 2,
	);
}

/// Executes a block with this digest and timestamp.
pub fn execute_digest(digest: Digest, timestamp: u64) {
	let number = System::block_number() + 1;
	Told::set(Vec::new());
	VotersTold::set(0);
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
