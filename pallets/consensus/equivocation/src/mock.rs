//! A chain whose eras are what the test says, and whose offices are held by whom it says.

use crate::{self as pallet_equivocation, Error, Event};
use bft_finality_primitives::{Cast, Phase, SetId, Target, Vote, VoteEquivocation, VoterId, VoterPair};
use frame_support::{
	derive_impl,
	dispatch::GetDispatchInfo,
	parameter_types,
	traits::{Authorize, ConstU32, OnInitialize},
	weights::Weight,
};
use pallet_traits::VoterHistory;
use pallet_traits::{AuthorHistory, EraClock, EraOfSlot, Punish};
use poca_primitives::{
	pre_digest_item, seal_payload, AuthorityId, AuthorityPair, BlockEquivocation, FinalizedRef, PreDigest, Randomness,
	Slot, POCA_ENGINE_ID,
};
use sp_core::{Pair, H256};
use sp_runtime::{
	generic::{Digest, DigestItem},
	traits::{Dispatchable, Header as _},
	transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
	BuildStorage,
};

pub type Block = frame_system::mocking::MockBlockU32<Test>;
pub type Header = <Block as sp_runtime::traits::Block>::Header;
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
	pub type Equivocation = pallet_equivocation;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
}

/// Slots of an era.
pub const ERA: u64 = 100;
/// Eras for which offences can be reported here.
pub const HISTORY: u32 = 28;

parameter_types! {
	/// The current era.
	pub static CurrentEra: u32 = 0;
	/// Who was punished for which era.
	pub static Punished: Vec<(AccountId, u32)> = Vec::new();
}

pub struct Clock;

impl EraClock for Clock {
	fn current_era() -> u32 {
		CurrentEra::get()
	}

	fn era_randomness() -> Randomness {
		Randomness::default()
	}
}

impl EraOfSlot for Clock {
	fn era_of_slot(slot: Slot) -> u32 {
		u32::try_from(*slot / ERA).unwrap_or(u32::MAX)
	}
}

/// What a punishment weighs here.
pub const PUNISHMENT: Weight = Weight::from_parts(7, 7);

pub struct Police;

impl Punish<AccountId> for Police {
	fn offended(who: &AccountId, era: u32) -> Weight {
		Punished::mutate(|punished| punished.push((*who, era)));
		PUNISHMENT
	}
}

impl pallet_equivocation::Config for Test {
	type EraClock = Clock;
	type Punish = Police;
	type MaxVoters = ConstU32<7>;
	type HistoryEras = ConstU32<HISTORY>;
	type WeightInfo = ();
}

/// Storage of a chain that has not begun.
pub fn genesis() -> sp_io::TestExternalities {
	let storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("builds");
	let mut state = sp_io::TestExternalities::from(storage);
	#[cfg(feature = "runtime-benchmarks")]
	state.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	state.execute_with(|| frame_system::BlockHash::<Test>::insert(0, GENESIS));
	state
}

/// The hash of genesis here.
pub const GENESIS: H256 = H256::repeat_byte(9);

/// Runs `test` on a chain in its first era whose directors and voters are 0, 1 and 2, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	genesis().execute_with(|| {
		CurrentEra::set(0);
		Punished::take();
		seat(0, &[0, 1, 2]);
		name(0, &[0, 1, 2]);
		System::set_block_number(1);
		test();
		Equivocation::do_try_state().expect("invariants hold");
	});
}

pub fn author_pair(account: AccountId) -> AuthorityPair {
	AuthorityPair::from_seed(&[account as u8; 32])
}

pub fn voter_pair(account: AccountId) -> VoterPair {
	VoterPair::from_seed(&[account as u8; 32])
}

/// These accounts author with keys of their own in an era.
pub fn seat(era: u32, accounts: &[AccountId]) {
	let authors: Vec<(AccountId, AuthorityId)> = accounts.iter().map(|a| (*a, author_pair(*a).public())).collect();
	Equivocation::may_author(era, &authors);
}

/// The current block names these accounts as voters, with keys of their own.
pub fn name(set_id: SetId, accounts: &[AccountId]) {
	let voters: Vec<(AccountId, VoterId)> = accounts.iter().map(|a| (*a, voter_pair(*a).public())).collect();
	Equivocation::voters_named(set_id, &voters);
}

/// It is this era now, with a block for each one on the way, in each of which the same directors are seated.
pub fn era(era: u32) {
	for next in CurrentEra::get() + 1..=era {
		CurrentEra::set(next);
		seat(next, &[0, 1, 2]);
		block();
	}
}

/// Another block.
pub fn block() -> Weight {
	System::set_block_number(System::block_number() + 1);
	let weight = Equivocation::on_initialize(System::block_number());
	Equivocation::do_try_state().expect("invariants hold");
	weight
}

fn vote(set_id: SetId, phase: Phase, slot: u64, block: u8) -> Vote {
	Vote {
		set_id,
		phase,
		relaxed: false,
		target: Target {
			slot,
			number: 3,
			hash: H256::repeat_byte(block),
		},
		end: None,
	}
}

/// Two votes of an account.
pub fn votes(account: AccountId, set_id: SetId, phase: Phase, slot: u64) -> VoteEquivocation {
	let pair = voter_pair(account);
	let cast = |block| {
		let vote = vote(set_id, phase, slot, block);
		Cast {
			vote,
			signature: pair.sign(&vote.payload(&GENESIS)),
		}
	};
	VoteEquivocation {
		voter: pair.public(),
		first: cast(1),
		second: cast(2),
	}
}

/// A header, sealed.
pub fn header(account: AccountId, slot: u64, block: u8) -> Header {
	let pre_digest = PreDigest {
		slot: slot.into(),
		author: 0,
		vrf: None,
		finalized: FinalizedRef {
			number: 0,
			hash: GENESIS,
		},
	};
	let digest = Digest {
		logs: vec![pre_digest_item(&pre_digest)],
	};
	let mut header = Header::new(
		3,
		Default::default(),
		H256::repeat_byte(block),
		Default::default(),
		digest,
	);
	let seal = author_pair(account).sign(&seal_payload(&GENESIS, &header.hash()));
	header
		.digest
		.push(DigestItem::Seal(POCA_ENGINE_ID, AsRef::<[u8]>::as_ref(&seal).to_vec()));
	header
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

/// What the pool says of a call.
pub fn validity(call: &RuntimeCall, source: TransactionSource) -> Result<ValidTransaction, TransactionValidityError> {
	call.authorize(source)
		.expect("it can be authorized")
		.map(|(validity, _)| validity)
}

/// As a block applies it: authorized first, dispatched then.
pub fn apply(call: RuntimeCall) -> Result<(), TransactionValidityError> {
	assert!(call.get_dispatch_info().class == frame_support::dispatch::DispatchClass::Operational);
	validity(&call, TransactionSource::InBlock)?;
	call.dispatch(frame_system::RawOrigin::Authorized.into())
		.expect("what was authorized succeeds");
	Ok(())
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

/// What is left of authors, by era.
pub fn known_authors() -> usize {
	crate::Authors::<Test>::iter_keys().count()
}
