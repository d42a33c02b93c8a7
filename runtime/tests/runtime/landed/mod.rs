//! The runtimes that landed before go over to this one: from the state that they made, without a chain that starts
//! anew.
//!
//! `dev-N.json` is the state of the `dev` chain of version N, without its code, as its own node wrote it. Whoever lands
//! a runtime with a higher `spec_version` adds that of the release before:
//!
//! ```text
//! smartchain export-chain-spec --chain dev --raw \
//!   | python3 -c 'import json, sys
//! top = json.load(sys.stdin)["genesis"]["raw"]["top"]
//! top.pop("0x3a636f6465")
//! json.dump(top, sys.stdout, indent=0, sort_keys=True)' >runtime/tests/runtime/landed/dev-N.json
//! ```

use crate::chain::Chain;
use channel_primitives::{Accept, ChannelKey, Context, Payload, PerSide, Side, Terms, NO_CHANNEL, STCI};
use device_primitives::{DeviceId, Endpoint, Host, Transport};
use frame_support::{
	migrations::SteppedMigration,
	storage::{storage_prefix, unhashed},
	traits::{fungible::hold::Inspect, Get, GetStorageVersion, OnRuntimeUpgrade},
	weights::WeightMeter,
};
use smartchain_runtime::{
	configs::{MaxMigrationWeight, TreasuryAccount},
	constants::currency::{EXISTENTIAL_DEPOSIT, UNITS},
	limits::RuntimeBlockWeights,
	migrations::{Migrations, RemovePoints},
	*,
};
use sp_core::{bytes::from_hex, ed25519, storage::Storage, Pair};
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{MultiSignature, Perbill};
use std::collections::BTreeMap;
use storage_market_primitives::{Deal, Geometry, Kind, Order, Price, Profile};

/// The versions that landed.
const LANDED: [u32; 6] = [1, 2, 3, 4, 5, 6];
/// The last one of them without issuance and treasury.
const WITHOUT_ISSUANCE: u32 = 1;

/// The state that a runtime before made.
fn landed(version: u32) -> TestExternalities {
	let file = format!("{}/runtime/landed/dev-{version}.json", env!("CARGO_MANIFEST_DIR"));
	let text =
		std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}; see the head of this test"));
	let hex: BTreeMap<String, String> = serde_json::from_str(&text).expect("the file is a map of hex");
	let bytes = |hex: &str| from_hex(hex).expect("the file is hex");
	let top = hex.iter().map(|(key, value)| (bytes(key), bytes(value))).collect();
	TestExternalities::new(Storage {
		top,
		children_default: Default::default(),
	})
}

/// The versions in state and in code of pallets that have one.
macro_rules! versions {
	($($pallet:ident),*) => {
		[$((
			stringify!($pallet),
			$pallet::on_chain_storage_version(),
			$pallet::in_code_storage_version(),
		)),*]
	};
}

#[test]
fn the_state_of_each_runtime_before_is_migrated_and_sound() {
	for version in LANDED {
		is_migrated_and_sound(version);
	}
	let last = LANDED.last().copied();
	assert_eq!(
		last,
		VERSION.spec_version.checked_sub(1),
		"add the state of the runtime before"
	);
}

fn is_migrated_and_sound(version: u32) {
	landed(version).execute_with(|| {
		let before = frame_system::LastRuntimeUpgrade::<Runtime>::get().expect("genesis notes its version");
		assert_eq!(
			before.spec_version.0, version,
			"the file is of another version than its name says"
		);
		let weight = Executive::execute_on_runtime_upgrade();
		assert!(
			weight.all_lte(RuntimeBlockWeights::get().max_block.saturating_div(2)),
			"the first block has to hold it beside its own work: {weight:?}"
		);
		let versions = versions!(
			Balances,
			BftFinality,
			Candidates,
			ComputeMarket,
			DeviceRegistry,
			Equivocation,
			Motions,
			MultiBlockMigrations,
			PaymentChannels,
			Poca,
			Relay,
			ResourceProofs,
			StciIssuance,
			StorageMarket,
			Upgrades
		);
		for (pallet, in_state, in_code) in versions {
			assert_eq!(
				in_state, in_code,
				"{pallet}, from {version}: a migration is missing from runtime/src/migrations.rs"
			);
		}
		for (pallet, state) in [
			("BftFinality", BftFinality::do_try_state()),
			("Candidates", Candidates::do_try_state()),
			("ComputeMarket", ComputeMarket::do_try_state()),
			("DeviceRegistry", DeviceRegistry::do_try_state()),
			("Equivocation", Equivocation::do_try_state()),
			("Mandates", Mandates::do_try_state()),
			("Motions", Motions::do_try_state()),
			("PaymentChannels", PaymentChannels::do_try_state()),
			("Poca", Poca::do_try_state()),
			("Relay", Relay::do_try_state()),
			("ResourceProofs", ResourceProofs::do_try_state()),
			("StciIssuance", StciIssuance::do_try_state()),
			("StorageMarket", StorageMarket::do_try_state()),
			("Upgrades", Upgrades::do_try_state()),
		] {
			assert_eq!(state, Ok(()), "{pallet}, from {version}");
		}
	});
}

/// A share of a fee would not bring it into existence, and was burned.
#[test]
fn the_treasury_exists_from_the_upgrade_on_and_what_it_has_counts_as_genesis() {
	landed(WITHOUT_ISSUANCE).execute_with(|| {
		let (account, before) = (TreasuryAccount::get(), Balances::total_issuance());
		assert_eq!(
			Balances::free_balance(&account),
			0,
			"the runtime before has no treasury"
		);
		let supply = pallet_stci_issuance::SupplyOf::<Runtime>::get;
		for time in ["once", "and not twice"] {
			Migrations::on_runtime_upgrade();
			assert_eq!(Balances::free_balance(&account), EXISTENTIAL_DEPOSIT, "{time}");
			assert_eq!(Balances::total_issuance(), before + EXISTENTIAL_DEPOSIT, "{time}");
			assert_eq!(supply().genesis, before + EXISTENTIAL_DEPOSIT, "{time}");
		}
		assert_eq!((supply().created, supply().committed), (0, 0));
	});
}

/// Payment channels are new in this runtime, and need no migration: their pot comes into existence with the first
/// channel, and parameters are what the code says until holders decide otherwise.
#[test]
fn a_channel_is_opened_in_the_state_of_a_runtime_without_channels() {
	let pair = |seed| ed25519::Pair::from_seed(&[seed; 32]);
	let partner = pair(77);
	let (alice, other) = (Key::Alice.to_account_id(), AccountId::new(partner.public().0));
	let keys = PerSide {
		low: ChannelKey(pair(1).public().0),
		high: ChannelKey(pair(2).public().0),
	};
	landed(2).execute_with(|| {
		Executive::execute_on_runtime_upgrade();
		let pot = PaymentChannels::pot();
		assert!(!System::account_exists(&pot), "the runtime before has no channels");
		let fine: Perbill = <Runtime as pallet_payment_channels::Config>::Fine::get();
		assert_eq!(fine, Perbill::from_percent(1));
		let window: u32 = <Runtime as pallet_payment_channels::Config>::MinWindow::get();
		let (terms, expiry) = (Terms { keys, window }, PaymentChannels::tick());
		let accept = Accept {
			terms,
			opener: alice.clone().into(),
			expiry,
		};
		let context = Context {
			genesis: System::block_hash(0).0,
			channel: NO_CHANNEL,
			asset: STCI,
			side: Side::of(&other, &alice).expect("they are two"),
		};
		let signature = MultiSignature::Ed25519(partner.sign(&accept.payload(&context)));
		let origin = RuntimeOrigin::signed(alice);
		assert_eq!(
			PaymentChannels::open(origin, other, terms, UNITS, expiry, signature),
			Ok(())
		);
		assert!(System::account_exists(&pot));
		assert_eq!(PaymentChannels::do_try_state(), Ok(()));
	});
}

/// The storage market is new in this runtime, and needs no migration either: its pot comes into existence with the
/// first deal, the first tick finds nothing to do, and terms are what the code says until holders decide otherwise.
#[test]
fn a_deal_is_opened_in_the_state_of_a_runtime_without_a_storage_market() {
	landed(4).execute_with(|| {
		Executive::execute_on_runtime_upgrade();
		let pot = StorageMarket::pot();
		assert!(!System::account_exists(&pot), "the runtime before has no deals");
		let order = Order {
			geometry: Geometry::of(Profile::Standard, 1 << 20),
			max_ask: Price(1_000_000),
			eras: 10,
			factor: 2,
		};
		let quote = StorageMarket::quote(&order).expect("a sound order");
		let origin = RuntimeOrigin::signed(Key::Alice.to_account_id());
		assert_eq!(StorageMarket::open_deal(origin, order, false, UNITS, None), Ok(()));
		let held = Balances::balance_on_hold(&pallet_storage_market::HoldReason::Deal.into(), &pot);
		assert!(held >= quote.total() + 8 * UNITS, "with a deposit");
		let deal = StorageMarket::deal(1).expect("it is there");
		assert_eq!(deal.deal.order, order);
		<StorageMarket as frame_support::traits::Hooks<BlockNumber>>::on_initialize(1);
		assert_eq!(StorageMarket::do_try_state(), Ok(()));
	});
}

/// What version 5 kept of deals says what was paid: here a deal that was kept before the upgrade. A chain without deals
/// has nothing to learn, and what is governed says what is dear.
#[test]
fn an_upgrade_learns_what_deals_of_version_5_pay() {
	type Market = pallet_storage_market::Pallet<Runtime>;
	type Mean = pallet_storage_market::MeanPrice<Runtime>;
	landed(5).execute_with(|| {
		assert_eq!(Market::on_chain_storage_version(), 1, "it has the form of version 5");
		Executive::execute_on_runtime_upgrade();
		assert_eq!(Market::on_chain_storage_version(), 2);
		assert_eq!(Mean::get(), None, "the dev chain begins without deals");
		let month = <Runtime as pallet_storage_market::Config>::Terms::get().egress.0 / 4_320;
		assert_eq!(Market::dear_beyond(), Price(month + month * 95 / 100));
	});
	landed(5).execute_with(|| {
		let ask = Price(123_456);
		pallet_storage_market::Deals::<Runtime>::insert(1, kept_deal(ask));
		for time in ["once", "and not twice"] {
			Migrations::on_runtime_upgrade();
			let paid = Mean::get().expect("a deal is kept");
			assert_eq!(paid.mean, ask, "{time}");
			pallet_storage_market::Deals::<Runtime>::remove(1);
		}
	});
}

/// The compute market is new in this runtime: it has its first tick and turn with the upgrade, so that deadlines are
/// looked at from there on and not from tick 0, its pot comes into existence with the first job, and terms are what the
/// code says until holders decide otherwise.
#[test]
fn a_job_is_submitted_in_the_state_of_a_runtime_without_a_compute_market() {
	use pallet_compute_market::{Beacons, DueNext};
	landed(6).execute_with(|| {
		assert!(!DueNext::<Runtime>::exists(), "the runtime before has no jobs");
		let tick = 1_234_567;
		pallet_poca::Clock::<Runtime>::put(pallet_poca::rules::clock::Ticks { tick, waited: 0 });
		Executive::execute_on_runtime_upgrade();
		assert_eq!((DueNext::<Runtime>::get(), Beacons::<Runtime>::get().turn), (tick, 1));
		assert_eq!(ComputeMarket::on_chain_storage_version(), 1);
		let pot = ComputeMarket::pot();
		assert!(!System::account_exists(&pot), "nobody has ordered anything");
		let endpoint = Endpoint {
			transport: Transport::Tcp,
			host: Host::V4([10, 0, 0, 1]),
			port: 9_000,
		};
		let endpoints = vec![endpoint].try_into().expect("one");
		let spec = compute_market_primitives::Spec {
			engine: 1,
			program: compute_market_primitives::Program {
				root: [7; 32],
				length: 1_000,
			},
			input: compute_market_primitives::Input::Number,
			source: compute_market_primitives::Source::Client(endpoints),
			units: 64,
			fuel_limit: 2_000_000_000,
			memory_pages: 16,
		};
		let (price, assurance) = (Price(20_000_000_000), compute_market_primitives::Assurance::Quorum);
		let quote = ComputeMarket::quote_job(&spec, price, assurance).expect("a sound job");
		let origin = RuntimeOrigin::signed(Key::Alice.to_account_id());
		assert_eq!(
			ComputeMarket::submit_job(origin, spec.clone(), price, assurance),
			Ok(())
		);
		let held = Balances::balance_on_hold(&pallet_compute_market::HoldReason::Work.into(), &pot);
		assert!(held > quote.escrow, "with a deposit");
		assert_eq!(ComputeMarket::job(1).expect("it is there").spec, spec);
		<ComputeMarket as frame_support::traits::Hooks<BlockNumber>>::on_initialize(1);
		assert_eq!(ComputeMarket::do_try_state(), Ok(()));
		// And not twice.
		pallet_poca::Clock::<Runtime>::put(pallet_poca::rules::clock::Ticks {
			tick: tick + 9,
			waited: 0,
		});
		Migrations::on_runtime_upgrade();
		assert_eq!(DueNext::<Runtime>::get(), tick);
	});
}

/// A deal of one slot that is kept, and counts.
fn kept_deal(ask: Price) -> Deal<AccountId, DeviceId> {
	let terms = <Runtime as pallet_storage_market::Config>::Terms::get();
	let (owner, device) = (Key::Alice.to_account_id(), DeviceId([7; 32]));
	let order = Order {
		geometry: Geometry::of(Profile::Single, 1 << 20),
		max_ask: ask,
		eras: 10,
		factor: 1,
	};
	let (mut deal, _) = Deal::open(owner, Kind::Beacon, order, 1, &terms).expect("a sound order");
	deal.place(0, device, ask, true, 1, &terms).expect("it is wanted");
	deal.commit_roots(&[[1; 32]]).expect("it is uploaded");
	let confirmed = deal.confirm(0, &device, 2, &terms).expect("it was drawn");
	assert!(confirmed.activated);
	deal
}

#[test]
fn blocks_go_on_from_the_state_of_each_runtime_before() {
	blocks_go_on(|| landed(1));
	blocks_go_on(|| landed(2));
	blocks_go_on(|| landed(3));
	blocks_go_on(|| landed(4));
	blocks_go_on(|| landed(5));
	blocks_go_on(|| landed(6));
}

fn blocks_go_on(landed: fn() -> TestExternalities) {
	let mut chain = Chain::on(landed);
	// The first runs the migrations; an era begins after some of them.
	for _ in 0..10 {
		chain.grow_well(Vec::new);
	}
	chain.query(|| {
		let last = frame_system::LastRuntimeUpgrade::<Runtime>::get().map(|last| last.spec_version.0);
		assert_eq!(last, Some(VERSION.spec_version));
		assert!(!pallet_migrations::Cursor::<Runtime>::exists(), "no migration hangs");
	});
}

/// As many steps as there are five hundreds, each of a block; what is left is the state of a chain that had none.
#[test]
fn the_points_that_candidates_had_go_in_steps_and_nothing_else_goes() {
	let [points, totals, eras] =
		["Points", "TotalPoints", "ErasWithPoints"].map(|item| storage_prefix(b"Candidates", item.as_bytes()));
	let mut without = landed(WITHOUT_ISSUANCE);
	without.execute_with(|| unhashed::kill(&eras));
	without.commit_all().expect("commits");
	let mut state = landed(WITHOUT_ISSUANCE);
	state.execute_with(|| {
		for number in 0..1_250u32 {
			unhashed::put(&[&points[..], &number.to_be_bytes()].concat(), &number);
		}
		unhashed::put(&[&totals[..], &[7u8]].concat(), &7u32);
		unhashed::put(&eras, &vec![7u32]);
	});
	// What was written to the state itself, and not to what lies above it, is what limits count.
	state.commit_all().expect("commits");
	assert_ne!(state.backend.root(), without.backend.root());
	let mut steps = 0;
	loop {
		let mut meter = WeightMeter::with_limit(MaxMigrationWeight::get());
		let cursor = state.execute_with(|| RemovePoints::step(None, &mut meter));
		state.commit_all().expect("commits");
		steps += 1;
		if cursor.expect("a block has room for a step").is_none() {
			break;
		}
		assert!(steps < 10, "it ends");
	}
	assert_eq!(steps, 3);
	assert_eq!(state.backend.root(), without.backend.root());
}
