//! Which pallets can be benchmarked.

use crate::{
	configs::{EraMemory, MaxDirectors, SlotMemory},
	*,
};
use alloc::{string::String, vec::Vec};
use bft_finality_primitives::VoterId;
use codec::{Compact, Decode, Encode};
use device_primitives::{
	DeviceId, DeviceKey, Endpoint, Endpoints, Host, HostName, Transport, MAX_ENDPOINTS, MAX_HOST_NAME,
};
use frame_benchmarking::{baseline::Pallet as BaselineBench, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_election_provider_support::SortedListProvider;
use frame_support::{
	storage::storage_prefix,
	traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys},
	Blake2_128Concat, BoundedVec, StorageHasher,
};
use frame_system_benchmarking::{extensions::Pallet as SystemExtensionsBench, Pallet as SystemBench};
use pallet_candidates::{election::rank::BAG_THRESHOLDS, BenchmarkHelper as _, Candidate};
use pallet_resource_proofs::{
	CandidateSums, KindTotal, ParameterValues, Parts, PlotKind, SpaceScheme, Totals, MAX_KINDS,
};
use pallet_traits::{Beacon, Seats as _};
use poca_primitives::{AuthorityId, AuthoritySignature, Slot};
use proof_lottery_primitives::{Claim, Credit, Kept, Resource, Total};
use sp_runtime::{traits::Hash as _, RuntimeAppPublic};
use sp_storage::TrackedStorageKey;

frame_benchmarking::define_benchmarks!(
	[frame_benchmarking, BaselineBench::<Runtime>]
	[frame_system, SystemBench::<Runtime>]
	[frame_system_extensions, SystemExtensionsBench::<Runtime>]
	[pallet_bags_list, CandidateList]
	[pallet_balances, Balances]
	[pallet_bft_finality, BftFinality]
	[pallet_bounties, Bounties]
	[pallet_candidates, Candidates]
	[pallet_compute_market, ComputeMarket]
	[pallet_conviction_voting, ConvictionVoting]
	[pallet_device_registry, DeviceRegistry]
	[pallet_equivocation, Equivocation]
	[pallet_mandates, Mandates]
	[pallet_migrations, MultiBlockMigrations]
	[pallet_motions, Motions]
	[pallet_multisig, Multisig]
	[pallet_parameters, Parameters]
	[pallet_payment_channels, PaymentChannels]
	[pallet_poca, Poca]
	[pallet_preimage, Preimage]
	[pallet_proxy, Proxy]
	[pallet_referenda, Referenda]
	[pallet_relay, Relay]
	[pallet_resource_proofs, ResourceProofs]
	[pallet_scheduler, Scheduler]
	[pallet_stci_issuance, StciIssuance]
	[pallet_storage_market, StorageMarket]
	[pallet_sudo, Sudo]
	[pallet_timestamp, Timestamp]
	[pallet_transaction_payment, TransactionPayment]
	[pallet_treasury, Treasury]
	[pallet_upgrades, Upgrades]
	[pallet_utility, Utility]
	[pallet_vesting, Vesting]
);

impl frame_benchmarking::baseline::Config for Runtime {}

impl frame_system_benchmarking::Config for Runtime {
	// The code waits.
	fn verify_set_code() {
		let hash = <Runtime as frame_system::Config>::Hashing::hash(&Self::prepare_set_code_data());
		assert!(pallet_upgrades::Pending::<Runtime>::get().is_some_and(|pending| pending.hash == hash));
	}
}

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

impl Candidacy {
	/// Devices are linked with the account: what they add up to takes as long to find as any, and is nothing beside
	/// what all have, so that backing decides here who stands where.
	fn link_devices(who: &AccountId) {
		let lottery = ParameterValues::real().lottery(Resource::Space, <Poca as Beacon>::turn_length());
		let total = |credit| {
			let mut total = Total::default();
			total.exchange(&lottery, 0, Credit::ZERO, 0, credit);
			total
		};
		let (little, much) = (total(Credit(1)), total(Credit::MAX));
		let parts = Parts {
			space: little,
			compute: little,
			bandwidth: little,
		};
		let sums = CandidateSums {
			devices: 1,
			counting: parts,
			coming: parts,
			..Default::default()
		};
		pallet_resource_proofs::Candidates::<Runtime>::insert(who, sums);
		let kind = PlotKind {
			scheme: SpaceScheme::Pos2,
			k: 28,
		};
		let kinds = alloc::vec![KindTotal { kind, plots: much }; MAX_KINDS as usize];
		pallet_resource_proofs::Sums::<Runtime>::put(Totals {
			space: BoundedVec::truncate_from(kinds),
			compute: much,
			uptime: much,
		});
		// Half of tau: a factor of many bits.
		pallet_poca::CurrentSlot::<Runtime>::put(Slot::from(1_234_567));
	}
}

impl pallet_candidates::BenchmarkHelper<AccountId> for Candidacy {
	fn give_keys(who: &AccountId) {
		Self::link_devices(who);
		let seed: [u8; 32] = *who.as_ref();
		let keys = SessionKeys {
			poca: sp_core::sr25519::Public::from_raw(seed).into(),
			pbft: sp_core::ed25519::Public::from_raw(seed).into(),
		};
		pallet_session::NextKeys::<Runtime>::insert(who, keys);
	}

	fn take_keys(who: &AccountId) {
		pallet_session::NextKeys::<Runtime>::remove(who);
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

	fn put_in_force(accounts: Vec<AccountId>) {
		let sets = accounts.chunks(MaxDirectors::get() as usize);
		let mut set_id = pallet_equivocation::NextSet::<Runtime>::get() + 1_000;
		for set in sets {
			let voters = set.iter().map(|account| {
				let seed: [u8; 32] = *account.as_ref();
				(account.clone(), VoterId::from(sp_core::ed25519::Public::from_raw(seed)))
			});
			let voters = BoundedVec::<_, MaxDirectors>::truncate_from(voters.collect());
			pallet_equivocation::SetVoters::<Runtime>::insert(set_id, voters);
			set_id += 1;
		}
		pallet_equivocation::NextSet::<Runtime>::put(set_id);
	}
}

/// Sets the time for benchmarks, and who has something to lose.
pub struct Clock;

impl pallet_bft_finality::BenchmarkHelper for Clock {
	fn note_slot(number: u32, slot: Slot) {
		pallet_poca::RecentSlots::<Runtime>::insert(number % SlotMemory::get(), (number, slot));
	}
}

impl pallet_equivocation::BenchmarkHelper<AccountId> for Clock {
	fn begin_era() -> Slot {
		let length = u64::from(pallet_poca::EraLength::<Runtime>::get());
		let eras = EraMemory::get();
		for era in 0..eras {
			pallet_poca::EraStarts::<Runtime>::insert(era, Slot::from(u64::from(era) * length));
		}
		let era = eras - 1;
		let slot = Slot::from(u64::from(era) * length);
		pallet_poca::Era::<Runtime>::put(era);
		pallet_poca::CurrentSlot::<Runtime>::put(slot);
		slot
	}

	fn bond(who: &AccountId) {
		// What it costs to end a candidacy is measured elsewhere.
		let candidate = pallet_candidates::Candidate {
			bond: crate::constants::currency::BOND,
			admitted: false,
			terms: 0,
			withdrawable: Some(0),
		};
		pallet_candidates::Candidates::<Runtime>::insert(who, candidate);
	}
}

/// What benchmarks of motions need to be set up.
pub struct Directors;

impl pallet_motions::BenchmarkHelper<AccountId> for Directors {
	fn make_members(accounts: Vec<AccountId>) {
		for account in &accounts {
			let candidate = pallet_candidates::Candidate {
				bond: crate::constants::currency::BOND,
				admitted: true,
				terms: 0,
				withdrawable: None,
			};
			pallet_candidates::Candidates::<Runtime>::insert(account, candidate);
			Candidacy::give_keys(account);
		}
		Poca::seat(accounts, Vec::new()).expect("they have keys");
	}
}

/// What benchmarks of proofs need to be set up.
pub struct Machines;

impl Machines {
	/// A candidate in the list at a place of its own, which has no competence yet.
	fn list(who: &AccountId, score: u64) {
		let candidate = Candidate {
			bond: crate::constants::currency::BOND,
			admitted: true,
			terms: 0,
			withdrawable: None,
		};
		pallet_candidates::Candidates::<Runtime>::insert(who, candidate);
		CandidateList::on_insert(who.clone(), score).expect("it is not in the list");
	}
}

impl pallet_device_registry::BenchmarkHelper<AccountId> for Machines {
	fn engage(device: &DeviceId, owner: &AccountId) {
		// Not that of the genesis, in which a candidate's score was told already.
		pallet_poca::Era::<Runtime>::put(2);
		pallet_resource_proofs::engage::<Runtime>(device, owner);
		Self::prove_space(device, owner);
		pallet_storage_market::engage::<Runtime>(device, owner);
		Self::prove_compute(device, owner);
		pallet_compute_market::engage::<Runtime>(device, owner);
	}
}

impl pallet_resource_proofs::BenchmarkHelper<AccountId> for Machines {
	/// The chain has ordered its plots, and its next win fulfils that.
	fn register(device: &DeviceId, owner: &AccountId, lottery: sp_core::sr25519::Public) {
		Self::enlist(device, owner, lottery);
		let none = storage_market_primitives::Price(0);
		let offer = pallet_storage_market::Offering {
			owner: owner.clone(),
			group: None,
			ask: none,
			egress: none,
			capacity: 1,
			used: 0,
			kept: 0,
			max_slot: 1,
			score: sp_runtime::Perbill::one(),
			tickets: 0,
			probes: false,
			evacuated: false,
			listed: 0,
			deposit: 0,
		};
		pallet_storage_market::Offers::<Runtime>::insert(device, offer);
		let order = storage_market_primitives::PlotOrder {
			due: 0,
			until: u32::MAX,
			units: 1 << 32,
		};
		pallet_storage_market::Plots::<Runtime>::insert(device, order);
	}

	/// It has neighbours in a bag that it leaves when it is found to have no score at all.
	fn candidate() -> AccountId {
		let highest = BAG_THRESHOLDS.iter().rev().nth(1).copied().unwrap_or_default();
		let accounts = [1u8, 2, 3].map(|byte| AccountId::new([byte; 32]));
		for account in &accounts {
			Self::list(account, highest);
		}
		let [_, between, _] = accounts;
		between
	}

	fn set_slot(parent: u64, slot: u64) {
		// What measures turns block 0 into 1 once all is set up: the parent would be the block itself then.
		let number = System::block_number().max(1);
		System::set_block_number(number);
		for (number, slot) in [(number.saturating_sub(1), parent), (number, slot)] {
			<Clock as pallet_bft_finality::BenchmarkHelper>::note_slot(number, Slot::from(slot));
		}
		pallet_poca::CurrentSlot::<Runtime>::put(Slot::from(slot));
	}
}

impl pallet_payment_channels::BenchmarkHelper<AccountId, Signature> for Machines {
	fn wallet(payload: &dyn Fn(&AccountId) -> Vec<u8>) -> (AccountId, Signature) {
		pallet_payment_channels::wallet(payload)
	}

	fn set_tick(tick: u32) {
		pallet_poca::Clock::<Runtime>::put(pallet_poca::rules::clock::Ticks { tick, waited: 0 });
		// Both are read in every block: what a block has surely touched is no cost of a call.
		let clock = pallet_poca::Clock::<Runtime>::hashed_key().to_vec();
		for key in [clock, frame_system::BlockHash::<Runtime>::hashed_key_for(0_u32)] {
			frame_benchmarking::benchmarking::add_to_whitelist(key.into());
		}
	}

	/// Whether a device is attested, with a vendor of its own.
	fn predicate(number: u32) -> (u16, Vec<u8>) {
		let byte = u8::try_from(number).unwrap_or_default();
		let (id, vendor) = (DeviceId([byte; 32]), AccountId::new([byte; 32]));
		<Self as pallet_resource_proofs::BenchmarkHelper<AccountId>>::register(
			&id,
			&vendor,
			sp_core::sr25519::Public::from_raw([byte; 32]),
		);
		let attested = pallet_device_registry::Attested {
			model: number,
			key: 0,
			since: 0,
		};
		pallet_device_registry::Devices::<Runtime>::mutate(id, |device| {
			if let Some(device) = device {
				device.attested = Some(attested);
			}
		});
		let name = device_primitives::Name::truncate_from(alloc::vec![b'x'; 32]);
		pallet_device_registry::Models::<Runtime>::insert(
			number,
			pallet_device_registry::Model {
				vendor: vendor.clone(),
				name: name.clone(),
			},
		);
		let of_vendor = pallet_device_registry::Vendor {
			name,
			keys: 1,
			deposit: 0,
			void_from: None,
		};
		pallet_device_registry::Vendors::<Runtime>::insert(&vendor, of_vendor);
		let key = pallet_device_registry::VendorKey {
			key: DeviceKey::Ed25519(sp_core::ed25519::Public::from_raw([byte; 32])),
			status: pallet_device_registry::KeyStatus::Valid,
		};
		pallet_device_registry::VendorKeys::<Runtime>::insert(&vendor, 0, key);
		(channel_primitives::DEVICE_ATTESTED, id.0.to_vec())
	}
}

/// The group of what holders govern of storage, and how many there are in it.
const STORAGE_GROUP: u8 = 4;
const STORAGE_PARAMETERS: u8 = 21;

/// The same of computing.
const COMPUTE_GROUP: u8 = 5;
const COMPUTE_PARAMETERS: u8 = 25;

impl Machines {
	/// Registers a device that takes as much of the state as one can.
	fn enlist(device: &DeviceId, owner: &AccountId, lottery: sp_core::sr25519::Public) {
		let endpoint = Endpoint {
			transport: Transport::Https,
			host: Host::Name(HostName::truncate_from(alloc::vec![b'a'; MAX_HOST_NAME as usize])),
			port: 443,
		};
		let registered = pallet_device_registry::Device {
			number: 0,
			key: DeviceKey::Ed25519(sp_core::ed25519::Public::from_raw(device.0)),
			enrolled: Some(lottery),
			lottery_since: 0,
			owner: owner.clone(),
			deposit: 0,
			registered: 0,
			transfers: 0,
			suspended: Default::default(),
			attested: None,
			offered_to: Some(owner.clone()),
			endpoints: Endpoints::truncate_from(alloc::vec![endpoint; MAX_ENDPOINTS as usize]),
		};
		pallet_device_registry::Devices::<Runtime>::insert(device, registered);
		// Not that of the genesis, in which a candidate's score was told already.
		pallet_poca::Era::<Runtime>::put(2);
	}

	/// What is kept of a device in a lottery that has shown as much as one can.
	fn proven() -> Kept {
		let (none, slot) = (Compact(0u32), *pallet_poca::CurrentSlot::<Runtime>::get());
		let credit = Compact(Credit::of(u32::MAX).0);
		let estimator = (
			none,
			None::<Claim>,
			Compact(0u64),
			Compact(slot),
			credit,
			none,
			none,
			none,
		);
		// As an estimator is encoded.
		Kept::decode(&mut &(1u8, estimator).encode()[..]).expect("it is one")
	}

	/// A device has proven so much space that it has all tickets of the storage market that one can have.
	fn prove_space(device: &DeviceId, owner: &AccountId) {
		let kept = Self::proven();
		let mut entry = pallet_resource_proofs::Entries::<Runtime>::get(device)
			.unwrap_or_else(|| pallet_resource_proofs::Entry::new(owner.clone()));
		let kind = PlotKind {
			scheme: SpaceScheme::Pos2,
			k: 28,
		};
		entry.space = Some(pallet_resource_proofs::SpaceEntry {
			kind,
			strength: 2,
			deposit: entry.space.as_ref().map_or(0, |space| space.deposit),
			kept,
			round: 0,
			found: BoundedVec::new(),
		});
		pallet_resource_proofs::Entries::<Runtime>::insert(device, entry);
	}
}

impl pallet_storage_market::BenchmarkHelper<AccountId, Signature> for Machines {
	fn wallet(payload: &dyn Fn(&AccountId) -> Vec<u8>) -> (AccountId, Signature) {
		pallet_storage_market::wallet(payload)
	}

	fn set_tick(tick: u32) {
		<Self as pallet_payment_channels::BenchmarkHelper<AccountId, Signature>>::set_tick(tick);
		// Terms and audits are read with each tick, and what a block earns with each block: what a block has surely
		// touched is no cost of a call.
		Self::whitelist_parameters(STORAGE_GROUP, STORAGE_PARAMETERS);
		let keys = [
			pallet_mandates::Scale::<Runtime>::hashed_key().to_vec(),
			pallet_poca::EraLength::<Runtime>::hashed_key().to_vec(),
			pallet_stci_issuance::OpenEra::<Runtime>::hashed_key().to_vec(),
			pallet_stci_issuance::Totals::<Runtime>::hashed_key().to_vec(),
		];
		for key in keys {
			frame_benchmarking::benchmarking::add_to_whitelist(key.into());
		}
	}

	fn machine(number: u32, lottery: sp_core::sr25519::Public) -> (DeviceId, AccountId) {
		let mut seed = [0xd0; 32];
		seed[..4].copy_from_slice(&number.to_le_bytes());
		let (device, owner) = (DeviceId(seed), AccountId::new(seed));
		Self::enlist(&device, &owner, lottery);
		Self::prove_space(&device, &owner);
		(device, owner)
	}
}

impl Machines {
	/// What is governed in a group, and was surely read in the block before, is no cost of a call.
	fn whitelist_parameters(group: u8, count: u8) {
		for number in 0..count {
			let place = Blake2_128Concat::hash(&[group, number]);
			let key = [&storage_prefix(b"Parameters", b"Parameters")[..], &place].concat();
			frame_benchmarking::benchmarking::add_to_whitelist(key.into());
		}
	}

	/// A device has proven so much speed that it has all tickets of the compute market that one can have.
	fn prove_compute(device: &DeviceId, owner: &AccountId) {
		let kept = Self::proven();
		let mut entry = pallet_resource_proofs::Entries::<Runtime>::get(device)
			.unwrap_or_else(|| pallet_resource_proofs::Entry::new(owner.clone()));
		entry.compute = Some(pallet_resource_proofs::ComputeEntry {
			deposit: entry.compute.as_ref().map_or(0, |compute| compute.deposit),
			kept,
			window: 0,
			announced: BoundedVec::new(),
			pending: 0,
		});
		pallet_resource_proofs::Entries::<Runtime>::insert(device, entry);
	}
}

impl pallet_compute_market::BenchmarkHelper<AccountId> for Machines {
	fn set_tick(tick: u32) {
		<Self as pallet_storage_market::BenchmarkHelper<AccountId, Signature>>::set_tick(tick);
		// Terms and rules are read with each step.
		Self::whitelist_parameters(COMPUTE_GROUP, COMPUTE_PARAMETERS);
		let proofs = pallet_resource_proofs::Parameters::<Runtime>::hashed_key().to_vec();
		frame_benchmarking::benchmarking::add_to_whitelist(proofs.into());
		pallet_poca::AccumulatedRandomness::<Runtime>::put([0xac; 32]);
	}

	fn machine(number: u32, lottery: sp_core::sr25519::Public) -> (DeviceId, AccountId) {
		let (device, owner) =
			<Self as pallet_storage_market::BenchmarkHelper<AccountId, Signature>>::machine(number, lottery);
		Self::prove_compute(&device, &owner);
		(device, owner)
	}

	fn engine() -> u32 {
		1
	}

	fn automine() {
		use frame_support::traits::fungible::Mutate;
		use pallet_compute_market::AutoMine;
		type Buys = <Runtime as pallet_compute_market::Config>::AutoMine;
		let account = Buys::payer(0).expect("nothing is used yet");
		let much = crate::constants::compute::MOST_FOR_CHECKS;
		<Balances as Mutate<AccountId>>::mint_into(&account, much).expect("there is room for it");
	}
}

impl pallet_relay::BenchmarkHelper<AccountId, Signature> for Machines {
	fn wallet(payload: &dyn Fn(&AccountId) -> Vec<u8>) -> (AccountId, Signature) {
		// It is read in every block: what a block has surely touched is no cost of a call.
		let genesis = frame_system::BlockHash::<Runtime>::hashed_key_for(0_u32);
		frame_benchmarking::benchmarking::add_to_whitelist(genesis.into());
		pallet_relay::wallet(payload)
	}
}
