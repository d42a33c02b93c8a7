//! A chain whose eras are what the test says, and whose offices are held by whom it says.

use crate::{self as pallet_equivocation, uses, Error, Event};
use bft_finality_primitives::{Phase, SetId, VoteEquivocation, VoterId, VoterPair};
use frame_support::{
	derive_impl,
	dispatch::{DispatchClass, GetDispatchInfo},
	parameter_types,
	traits::{ConstU32, Get, OnInitialize},
	weights::Weight,
	BoundedVec,
};
use pallet_traits::{AuthorHistory, EraClock, EraOfSlot, VoterHistory};
use poca_primitives::{AuthorityId, AuthorityPair, BlockEquivocation, Randomness, Slot};
use smartchain_testkit::{seal, unsealed, vote};
use sp_core::{Pair, H256};
use sp_runtime::{
	generic::DigestItem,
	transaction_validity::{TransactionSource, TransactionValidityError},
};

pub use pallet_testkit::{validity, AccountId, Told, TELLING as PUNISHMENT};

pub type Block = frame_system::mocking::MockBlockU32<Test>;
pub type Header = <Block as sp_runtime::traits::Block>::Header;
pub type Recorder = pallet_testkit::Recorder<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Equivocation: pallet_equivocation,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
}

/// Slots of an era.
pub const ERA: u64 = 100;
/// Eras for which offences can be reported here.
pub const HISTORY: u32 = 28;

parameter_types! {
	/// The first slot of the period of each era that began.
	pub static EraStarts: Vec<u64> = vec![0];
	/// Of how many eras besides the current one the slots are known.
	pub static Memory: usize = HISTORY as usize + 2;
	/// The slot of the current block.
	pub static Now: u64 = 0;
}

pub struct Clock;

impl EraClock for Clock {
	fn current_era() -> u32 {
		u32::try_from(EraStarts::get().len()).expect("few eras") - 1
	}

	fn era_randomness() -> Randomness {
		Randomness::default()
	}
}

impl EraOfSlot for Clock {
	fn era_of_slot(slot: Slot) -> Option<u32> {
		let starts = EraStarts::get();
		let era = starts.partition_point(|start| *start <= *slot).checked_sub(1)?;
		let is_known = *slot < starts[era] + ERA && era + Memory::get() + 1 >= starts.len();
		is_known.then(|| u32::try_from(era).expect("few eras"))
	}
}

/// The slot of the current block.
pub struct CurrentSlot;

impl Get<Slot> for CurrentSlot {
	fn get() -> Slot {
		Now::get().into()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for CurrentSlot {
	fn begin_era() -> Slot {
		EraStarts::mutate(|starts| starts.push(10 * ERA));
		Now::set(10 * ERA);
		Now::get().into()
	}

	fn bond(_: &AccountId) {}
}

impl pallet_equivocation::Config for Test {
	type EraClock = Clock;
	type CurrentSlot = CurrentSlot;
	type Punish = Recorder;
	type MaxAuthors = ConstU32<30>;
	type MaxVoters = ConstU32<7>;
	type HistoryEras = ConstU32<HISTORY>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = CurrentSlot;
	type WeightInfo = ();
}

/// Storage of a chain that has not begun.
pub fn genesis() -> sp_io::TestExternalities {
	let mut state = sp_io::TestExternalities::from(pallet_testkit::genesis::<Test>(&[]));
	#[cfg(feature = "runtime-benchmarks")]
	state.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	state.execute_with(|| frame_system::BlockHash::<Test>::insert(0, GENESIS));
	state
}

/// The hash of genesis here.
pub const GENESIS: H256 = H256::repeat_byte(9);

/// Runs `test` in the first block, slot 0, of a chain whose directors and voters are 0, 1 and 2, and checks the
/// invariants after it.
pub fn run(test: impl FnOnce()) {
	let test = || {
		EraStarts::set(vec![0]);
		Now::set(0);
		// So that they may author in slot 0 as well.
		for account in [0, 1, 2] {
			crate::AuthorUses::<Test>::mutate(author_pair(account).public(), |uses| uses::open(uses, &account, 0));
		}
		crate::Authors::<Test>::put(BoundedVec::truncate_from(
			[0, 1, 2]
				.map(|account| (account, author_pair(account).public()))
				.to_vec(),
		));
		name(0, &[0, 1, 2]);
		System::set_block_number(1);
		test();
	};
	pallet_testkit::run(genesis(), test, Equivocation::do_try_state);
}

pub fn author_pair(account: AccountId) -> AuthorityPair {
	smartchain_testkit::author(account as u8)
}

pub fn voter_pair(account: AccountId) -> VoterPair {
	smartchain_testkit::voter(account as u8)
}

/// From the next slot on these accounts author, with keys of their own.
pub fn seat(accounts: &[AccountId]) {
	let authors: Vec<(AccountId, AuthorityId)> = accounts.iter().map(|a| (*a, author_pair(*a).public())).collect();
	Equivocation::authors_changed(Now::get().into(), &authors);
}

/// From the next slot on these accounts author, each with the key of the other account.
pub fn seat_with(pairs: &[(AccountId, AccountId)]) {
	let authors: Vec<_> = pairs
		.iter()
		.map(|(account, key)| (*account, author_pair(*key).public()))
		.collect();
	Equivocation::authors_changed(Now::get().into(), &authors);
}

/// The current block names these accounts as voters, with keys of their own.
pub fn name(set_id: SetId, accounts: &[AccountId]) {
	let voters: Vec<(AccountId, VoterId)> = accounts.iter().map(|a| (*a, voter_pair(*a).public())).collect();
	Equivocation::voters_named(set_id, &voters);
}

/// The current era.
pub fn current_era() -> u32 {
	Clock::current_era()
}

/// A block in this slot, which begins an era if it lies in a period that has none.
pub fn slot(slot: u64) -> Weight {
	assert!(slot >= Now::get(), "slots do not go back");
	Now::set(slot);
	let start = slot - slot % ERA;
	EraStarts::mutate(|starts| {
		if starts.last().is_none_or(|last| *last < start) {
			starts.push(start);
		}
	});
	block()
}

/// A block in the first slot of each period up to this era, which is the number of its period as long as none was left
/// out.
pub fn era(era: u32) {
	while current_era() < era {
		slot((Now::get() / ERA + 1) * ERA);
	}
}

/// Another block in the same slot: as good as any for what is not about slots.
pub fn block() -> Weight {
	System::set_block_number(System::block_number() + 1);
	let weight = Equivocation::on_initialize(System::block_number());
	Equivocation::do_try_state().expect("invariants hold");
	weight
}

/// Two votes of an account.
pub fn votes(account: AccountId, set_id: SetId, phase: Phase, slot: u64) -> VoteEquivocation {
	let cast = |block| smartchain_testkit::cast(vote(set_id, phase, slot, 3, block), account as u8, &GENESIS);
	VoteEquivocation {
		voter: voter_pair(account).public(),
		first: cast(1),
		second: cast(2),
	}
}

/// A header, sealed.
pub fn header(account: AccountId, slot: u64, block: u8) -> Header {
	long_header(account, slot, block, 0)
}

/// A header with so many bytes that say nothing, sealed.
pub fn long_header(account: AccountId, slot: u64, block: u8, bytes: usize) -> Header {
	let pre_digest = smartchain_testkit::pre_digest(slot, 0, GENESIS);
	let mut header = unsealed(3, H256::zero(), H256::repeat_byte(block), &pre_digest);
	header.digest.push(DigestItem::Other(vec![0; bytes]));
	seal(header, &author_pair(account), &GENESIS)
}

/// Two blocks of an account.
pub fn blocks(account: AccountId, slot: u64) -> BlockEquivocation<Header> {
	BlockEquivocation {
		author: author_pair(account).public(),
		first: header(account, slot, 1),
		second: header(account, slot, 2),
	}
}

pub fn call_of_votes(proof: VoteEquivocation) -> RuntimeCall {
	crate::Call::<Test>::report_vote_equivocation { proof: Box::new(proof) }.into()
}

pub fn call_of_blocks(proof: BlockEquivocation<Header>) -> RuntimeCall {
	crate::Call::<Test>::report_block_equivocation { proof: Box::new(proof) }.into()
}

/// As a block applies it.
pub fn apply(call: RuntimeCall) -> Result<(), TransactionValidityError> {
	assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
	pallet_testkit::apply(call, TransactionSource::InBlock)
}

pub fn report_votes(proof: VoteEquivocation) -> Result<(), TransactionValidityError> {
	apply(call_of_votes(proof))
}

pub fn report_blocks(proof: BlockEquivocation<Header>) -> Result<(), TransactionValidityError> {
	apply(call_of_blocks(proof))
}

pub fn refused(error: Error<Test>) -> Result<(), TransactionValidityError> {
	Err(error.into())
}

pub fn events() -> Vec<Event<Test>> {
	System::read_events_for_pallet::<Event<Test>>()
}
