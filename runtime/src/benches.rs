//! Which pallets can be benchmarked.

use crate::*;
use alloc::{string::String, vec::Vec};
use frame_benchmarking::{baseline::Pallet as BaselineBench, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};
use frame_system_benchmarking::{extensions::Pallet as SystemExtensionsBench, Pallet as SystemBench};
use poca_primitives::{AuthorityId, AuthoritySignature};
use sp_runtime::RuntimeAppPublic;
use sp_storage::TrackedStorageKey;

frame_benchmarking::define_benchmarks!(
	[frame_benchmarking, BaselineBench::<Runtime>]
	[frame_system, SystemBench::<Runtime>]
	[frame_system_extensions, SystemExtensionsBench::<Runtime>]
	[pallet_bags_list, CandidateList]
	[pallet_balances, Balances]
	[pallet_bft_finality, BftFinality]
	[pallet_candidates, Candidates]
	[pallet_equivocation, Equivocation]
	[pallet_multisig, Multisig]
	[pallet_poca, Poca]
	[pallet_proxy, Proxy]
	[pallet_sudo, Sudo]
	[pallet_timestamp, Timestamp]
	[pallet_transaction_payment, TransactionPayment]
	[pallet_utility, Utility]
);

impl frame_benchmarking::baseline::Config for Runtime {}
impl frame_system_benchmarking::Config for Runtime {}
impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

/// Which benchmarks there are, and which storage they may touch.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	let mut list = Vec::<BenchmarkList>::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

/// Runs a benchmark.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	let whitelist: Vec<TrackedStorageKey> = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::<BenchmarkBatch>::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}

/// What benchmarks of candidates need to be set up.
pub struct Candidacy;

impl pallet_candidates::BenchmarkHelper<AccountId> for Candidacy {
	fn give_keys(who: &AccountId) {
		let seed: [u8; 32] = *who.as_ref();
		let keys = SessionKeys {
			poca: sp_core::sr25519::Public::from_raw(seed).into(),
			pbft: sp_core::ed25519::Public::from_raw(seed).into(),
		};
		pallet_session::NextKeys::<Runtime>::insert(who, keys);
	}

	fn sign(who: &AccountId, payload: &[u8]) -> AuthoritySignature {
		Self::give_keys(who);
		let key = AuthorityId::generate_pair(None);
		pallet_session::NextKeys::<Runtime>::mutate(who, |keys| {
			if let Some(keys) = keys {
				keys.poca = key.clone();
			}
		});
		key.sign(&payload).expect("the keystore has the key")
	}

	fn set_era(era: u32) {
		pallet_poca::Era::<Runtime>::put(era);
	}
}
