//! A chain whose headers say what they like about finality.

use crate as pallet_bft_finality;
use bft_finality_primitives::{scheduled_change, VoterId, VoterSet};
use core::ops::Range;
use frame_support::{
	derive_impl,
	traits::{ConstU32, OnInitialize},
};
use pallet_testkit::{configs, digest, KeysOfSession};
use pallet_traits::SlotOfBlock;
use poca_primitives::{FinalizedRef, PreDigest, Slot};
use sp_core::{crypto::ByteArray, H256};
use sp_runtime::{impl_opaque_keys, traits::OpaqueKeys};

pub use pallet_testkit::{AccountId, Told};

pub type Block = frame_system::mocking::MockBlockU32<Test>;
pub type Recorder = pallet_testkit::Recorder<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		BftFinality: pallet_bft_finality,
		Session: pallet_session,
		Balances: pallet_balances,
	}
);

/// How many hashes the chain remembers here.
pub const REMEMBERED: u32 = 10;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type BlockHashCount = ConstU32<REMEMBERED>;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(configs::Money as pallet_balances::DefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

impl_opaque_keys! {
	pub struct Keys {
		pub pbft: BftFinality,
	}
}

#[derive_impl(configs::Sessions as configs::SessionDefaults)]
impl pallet_session::Config for Test {
	type Keys = Keys;
	type SessionHandler = <Keys as OpaqueKeys>::KeyTypeIdProviders;
	type Currency = Balances;
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
	type Keys = KeysOfSession<Test>;
	type History = Recorder;
	type OnVote = Recorder;
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
	let keys = |range: Range<u64>| range.map(|a| (a, a, Keys { pbft: key(a) })).collect();
	let storage = pallet_testkit::genesis::<Test>(&[
		&pallet_session::GenesisConfig::<Test> {
			keys: keys(0..voters),
			non_authority_keys: keys(voters..20),
		},
		&finality,
	]);
	#[cfg_attr(not(feature = "runtime-benchmarks"), allow(unused_mut))]
	let mut state = sp_io::TestExternalities::from(storage);
	#[cfg(feature = "runtime-benchmarks")]
	state.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	state
}

/// Runs `test` on a chain of so many voters with this genesis, and checks the invariants after it.
pub fn with_genesis(voters: u64, finality: crate::GenesisConfig<Test>, test: impl FnOnce()) {
	pallet_testkit::run(genesis_with(voters, finality), test, BftFinality::do_try_state);
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
		finalized,
		..smartchain_testkit::pre_digest(u64::from(number), 0, hash(0))
	};
	System::initialize(&number, &hash(number - 1), &digest(&header));
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
