//! A new runtime, without sudo: holders or, until these decide, two thirds of the directors authorize it, anybody
//! applies it, and it waits for a minute until it is in force.

use crate::{
	chain::Chain,
	governance::{
		holders::{byte_fee, decide, quick},
		motions::{aye, carry, propose},
	},
};
use codec::{Decode, Encode};
use smartchain_runtime::{
	configs::parameters,
	constants::{fees::BYTE_FEE, time::UPGRADE_DELAY},
	genesis, Mandates, OriginCaller, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, Scheduler, System,
	UncheckedExtrinsic, Upgrades, VERSION,
};
use smartchain_runtime_apis::runtime_decl_for_upgrades_api::UpgradesApiV1;
use sp_core::{
	storage::well_known_keys::CODE,
	traits::{Externalities, ReadRuntimeVersion, ReadRuntimeVersionExt},
	H256,
};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	DispatchError,
};
use sp_version::RuntimeVersion;

/// Reads "runtimes" that are a version and nothing else.
struct Versions;

impl ReadRuntimeVersion for Versions {
	fn read_runtime_version(&self, code: &[u8], _: &mut dyn Externalities) -> Result<Vec<u8>, String> {
		let version = RuntimeVersion::decode(&mut &code[..]).map_err(|error| error.to_string())?;
		Ok(version.encode())
	}
}

fn code(spec_version: u32) -> Vec<u8> {
	RuntimeVersion {
		spec_version,
		..VERSION
	}
	.encode()
}

fn hash_of(code: &[u8]) -> H256 {
	sp_io::hashing::blake2_256(code).into()
}

fn authorize(code: &[u8]) -> RuntimeCall {
	frame_system::Call::authorize_upgrade {
		code_hash: hash_of(code),
	}
	.into()
}

/// What anybody sends, signed by nobody.
fn apply(code: Vec<u8>) -> UncheckedExtrinsic {
	UncheckedExtrinsic::new_bare(frame_system::Call::apply_authorized_upgrade { code }.into())
}

fn local() -> Chain {
	let mut chain = Chain::of(genesis::LOCAL);
	chain.read_versions(|| ReadRuntimeVersionExt::new(Versions));
	chain
}

fn code_in(chain: &mut Chain) -> Option<Vec<u8>> {
	chain.query(|| sp_io::storage::get(CODE).map(|code| code.to_vec()))
}

const REFUSED: TransactionValidityError = TransactionValidityError::Invalid(InvalidTransaction::Call);

#[test]
fn directors_authorize_and_anybody_applies_the_next_runtime() {
	let mut chain = local();
	let next = code(VERSION.spec_version + 1);
	assert_eq!(chain.grow(|| vec![apply(next.clone())]), [Err(REFUSED)], "not yet");
	assert_eq!(carry(&mut chain, 0, authorize(&next)), Ok(()));
	let other = code(VERSION.spec_version + 2);
	assert_eq!(chain.grow(|| vec![apply(other)]), [Err(REFUSED)], "not another one");
	let before = code_in(&mut chain);
	chain.grow_well(|| vec![apply(next.clone())]);
	let waits = chain.query(Runtime::pending_code);
	let applied = chain.query(System::block_number);
	assert_eq!(waits, Some((hash_of(&next), applied + UPGRADE_DELAY)), "nodes see it");
	assert_eq!(chain.query(|| Runtime::code_of(hash_of(&next))), Some(next.clone()));
	assert_eq!(chain.grow(|| vec![apply(next.clone())]), [Err(REFUSED)], "not twice");
	for _ in 2..UPGRADE_DELAY {
		chain.grow_well(Vec::new);
	}
	assert_eq!(code_in(&mut chain), before, "not before its time");
	chain.grow_well(Vec::new);
	assert_eq!(code_in(&mut chain), Some(next.clone()));
	chain.query(|| {
		let hash = hash_of(&next);
		assert_eq!(System::block_number(), applied + UPGRADE_DELAY);
		assert!(!pallet_upgrades::Pending::<Runtime>::exists() && Upgrades::code_of(&hash).is_none());
		let updated = System::events().into_iter().any(
			|record| matches!(record.event, RuntimeEvent::System(frame_system::Event::CodeUpdated { hash: h }) if h == hash),
		);
		assert!(updated);
		assert!(System::authorized_upgrade().is_none());
	});
	chain.grow_well(Vec::new);
}

#[test]
fn holders_authorize_by_referendum_and_anybody_applies_the_next_runtime() {
	let mut chain = quick();
	chain.read_versions(|| ReadRuntimeVersionExt::new(Versions));
	let next = code(VERSION.spec_version + 1);
	let root = OriginCaller::system(frame_system::RawOrigin::Root);
	decide(&mut chain, root, authorize(&next));
	assert!(chain.query(Mandates::holders_decide), "and directors do not any more");
	chain.grow_well(|| vec![apply(next.clone())]);
	let before = code_in(&mut chain);
	for _ in 1..UPGRADE_DELAY {
		chain.grow_well(Vec::new);
	}
	assert_eq!(code_in(&mut chain), before, "not before its time");
	chain.grow_well(Vec::new);
	assert_eq!(code_in(&mut chain), Some(next));
}

#[test]
fn a_runtime_that_is_no_successor_is_rejected_though_it_was_authorized() {
	let mut chain = local();
	let before = code_in(&mut chain);
	let same = code(VERSION.spec_version);
	assert_eq!(carry(&mut chain, 0, authorize(&same)), Ok(()));
	chain.grow_well(|| vec![apply(same)]);
	assert_eq!(code_in(&mut chain), before);
	assert_eq!(chain.query(Runtime::pending_code), None, "and nothing waits");
	chain.query(|| {
		let rejected = System::events().into_iter().any(|record| {
			matches!(
				record.event,
				RuntimeEvent::System(frame_system::Event::RejectedInvalidAuthorizedUpgrade { .. })
			)
		});
		assert!(rejected);
	});
}

/// Haste has had something approved for the block in which a migration of several blocks hangs: it would be done in a
/// state that is half old and half new.
#[test]
fn haste_has_nothing_done_while_a_migration_hangs() {
	let mut chain = quick();
	chain.grow_well(Vec::new);
	chain.prepare(|| {
		let (due, call) = (System::block_number() + 2, Box::new(byte_fee(2 * BYTE_FEE)));
		Scheduler::schedule(RuntimeOrigin::root(), due, None, 0, call).expect("there is room");
		pallet_migrations::Cursor::<Runtime>::put(pallet_migrations::MigrationCursor::Stuck);
	});
	for _ in 0..5 {
		chain.grow_well(Vec::new);
		assert_eq!(chain.query(parameters::byte_fee), BYTE_FEE);
	}
	chain.prepare(pallet_migrations::Cursor::<Runtime>::kill);
	chain.grow_well(Vec::new);
	assert_eq!(chain.query(parameters::byte_fee), 2 * BYTE_FEE, "it is not lost");
}

#[test]
fn less_than_two_thirds_authorize_nothing() {
	let mut chain = local();
	let next = code(VERSION.spec_version + 1);
	let call = authorize(&next);
	chain.grow_well(|| vec![propose(Key::Alice, 0, call), aye(Key::Bob, 0, 0)]);
	chain.query(|| assert!(System::authorized_upgrade().is_none()));
	assert_eq!(chain.grow(|| vec![apply(next)]), [Err(REFUSED)]);
}

#[test]
fn within_a_batch_directors_authorize_nothing() {
	let mut chain = local();
	let next = code(VERSION.spec_version + 1);
	let batch = pallet_utility::Call::batch_all {
		calls: vec![authorize(&next)],
	};
	assert_eq!(carry(&mut chain, 0, batch), Err(DispatchError::BadOrigin));
}
