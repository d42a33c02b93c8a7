//! A chain whose headers say what they like about finality.

use crate as pallet_bft_finality;
use bft_finality_primitives::{scheduled_change, SetId, VoterId, VoterSet};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU128, ConstU32, OnInitialize},
	weights::Weight,
};
use pallet_traits::{KeyOf, SlotOfBlock, VoteHook, VoterHistory};
use poca_primitives::{pre_digest_item, FinalizedRef, PreDigest, Slot};
use sp_core::{crypto::ByteArray, H256};
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
	pub type BftFinality = pallet_bft_finality;
	#[runtime::pallet_index(2)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(3)]
	pub type Balances = pallet_balances;
}

/// How many hashes the chain remembers here.
pub const REMEMBERED: u32 = 10;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type BlockHashCount = ConstU32<REMEMBERED>;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = u128;
	type ExistentialDeposit = ConstU128<1>;
}

impl_opaque_keys! {
	pub struct Keys {
		pub pbft: BftFinality,
	}
}

/// Sessions do not end; the session pallet holds the keys.
pub struct NeverEnds;

impl pallet_session::ShouldEndSession<u32> for NeverEnds {
	fn should_end_session(_: u32) -> bool {
		false
	}
}

/// The keys of the session pallet.
pub struct SessionKeysOf;

impl KeyOf<AccountId, VoterId> for SessionKeysOf {
	fn key_of(account: &AccountId) -> Option<VoterId> {
		Session::load_keys(account).map(|keys| keys.pbft)
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

/// What the history was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
	Named(SetId, Vec<(AccountId, VoterId)>),
	Began(SetId),
}

parameter_types! {
	pub static History: Vec<Told> = Vec::new();
	/// Whose votes went on record.
	pub static OnRecord: Vec<AccountId> = Vec::new();
}

/// Writes down what it is told.
pub struct Historian;

impl VoterHistory<AccountId> for Historian {
	fn voters_named(set_id: SetId, voters: &[(AccountId, VoterId)]) -> Weight {
		History::mutate(|told| told.push(Told::Named(set_id, voters.to_vec())));
		Weight::zero()
	}

	fn set_began(set_id: SetId) -> Weight {
		History::mutate(|told| told.push(Told::Began(set_id)));
		Weight::zero()
	}
}

/// Writes down whose votes go on record.
pub struct Registrar;

impl VoteHook<AccountId> for Registrar {
	fn vote_recorded(voter: &AccountId) {
		OnRecord::mutate(|on_record| on_record.push(*voter));
	}
}

/// Knows the slots of the last blocks of a period; here a block's number is its slot.
pub struct Slots;

impl SlotOfBlock for Slots {
	fn slot_of_block(number: u32) -> Option<Slot> {
		let now = System::block_number();
		let is_known = number > 0 && number <= now && number + PERIOD >= now;
		is_known.then(|| u64::from(number).into())
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper for Slots {
	fn note_slot(number: u32, slot: Slot) {
		assert_eq!(Self::slot_of_block(number), Some(slot), "a block's number is its slot");
	}
}

/// Blocks of a period here.
pub const PERIOD: u32 = 4;

impl pallet_bft_finality::Config for Test {
	type MaxVoters = ConstU32<7>;
	type Keys = SessionKeysOf;
	type History = Historian;
	type OnVote = Registrar;
	type Slots = Slots;
	type VotePeriod = ConstU32<PERIOD>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Slots;
	type WeightInfo = ();
}

pub fn key(account: AccountId) -> VoterId {
	let mut bytes = [0u8; 32];
	bytes[..8].copy_from_slice(&account.to_le_bytes());
	VoterId::from_slice(&bytes).expect("32 bytes")
}

pub fn genesis(voters: u64) -> sp_io::TestExternalities {
	genesis_with(voters, Default::default())
}

pub fn genesis_with(voters: u64, finality: crate::GenesisConfig<Test>) -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("builds");
	pallet_session::GenesisConfig::<Test> {
		keys: (0..voters).map(|a| (a, a, Keys { pbft: key(a) })).collect(),
		non_authority_keys: (voters..20).map(|a| (a, a, Keys { pbft: key(a) })).collect(),
	}
	.assimilate_storage(&mut storage)
	.expect("builds");
	finality.assimilate_storage(&mut storage).expect("builds");
	storage.into()
}

/// Runs `test` on a chain of so many voters with this genesis, and checks the invariants after it.
pub fn with_genesis(voters: u64, finality: crate::GenesisConfig<Test>, test: impl FnOnce()) {
	genesis_with(voters, finality).execute_with(|| {
		test();
		BftFinality::do_try_state().expect("invariants hold");
	});
}

/// Runs `test` on a chain of so many voters and checks the invariants after it.
pub fn with_voters(voters: u64, test: impl FnOnce()) {
	with_genesis(voters, Default::default(), test);
}

thread_local! {
	static CHANGE: std::cell::Cell<Option<VoterSet>> = const { std::cell::Cell::new(None) };
}

/// The hash of block `number` of this chain.
pub fn hash(number: u32) -> H256 {
	H256::from_low_u64_be(1_000 + u64::from(number))
}

/// A reference to block `number` of this chain.
pub fn ancestor(number: u32) -> FinalizedRef<H256> {
	FinalizedRef {
		number,
		hash: hash(number),
	}
}

/// Initializes the next block with a header that holds `finalized` final, as far as the system pallet does.
pub fn initialize(finalized: FinalizedRef<H256>) -> u32 {
	let number = System::block_number() + 1;
	let header = PreDigest {
		slot: u64::from(number).into(),
		author: 0,
		full: false,
		vrf: None,
		finalized,
	};
	System::initialize(
		&number,
		&hash(number - 1),
		&Digest {
			logs: vec![pre_digest_item(&header)],
		},
	);
	number
}

/// Executes a block whose header holds `finalized` final.
pub fn execute(finalized: FinalizedRef<H256>) {
	let number = initialize(finalized);
	System::reset_events();
	AllPalletsWithSystem::on_initialize(number);
	let header = System::finalize();
	CHANGE.set(scheduled_change(&header).expect("a sound header"));
}

/// The change that the last block's header scheduled.
pub fn change() -> Option<VoterSet> {
	CHANGE.take()
}
