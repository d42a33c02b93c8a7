//! What must not change by accident: others have it built in.

use crate::chain::state_of;
use frame_support::traits::{IntegrityTest, PalletInfoAccess, PalletsInfoAccess};
use smartchain_runtime::{
	constants::{
		currency::{deposit, DECIMALS, EXISTENTIAL_DEPOSIT, MAX_SUPPLY, MICRO, MILLI, UNITS},
		time::{
			BACKING_ERAS, DAYS, ERA_LENGTH, HOURS, MINUTES, MOTION_TERM, OFFENCE_ERAS, SLOT_DURATION, TEST_ERA_LENGTH,
			UNBONDING_ERAS,
		},
	},
	*,
};
use sp_runtime::traits::TransactionExtension;

#[test]
fn transaction_extensions_keep_their_order() {
	let identifiers: Vec<_> = <TxExtension as TransactionExtension<RuntimeCall>>::metadata()
		.into_iter()
		.map(|m| m.identifier)
		.collect();
	assert_eq!(
		identifiers,
		[
			"AuthorizeCall",
			"CheckNonZeroSender",
			"CheckSpecVersion",
			"CheckTxVersion",
			"CheckGenesis",
			"CheckMortality",
			"CheckNonce",
			"CheckWeight",
			"ChargeTransactionPayment",
			"CheckMetadataHash",
			"WeightReclaim",
		]
	);
}

#[test]
fn metadata_comes_in_the_versions_that_wallets_read() {
	// V16 carries the values of constants, which must be had without a state's help or with genesis.
	state_of(genesis::DEV, serde_json::json!({})).execute_with(|| {
		let versions = Runtime::metadata_versions();
		for version in [14, 15, 16] {
			assert!(versions.contains(&version), "V{version}");
			assert!(Runtime::metadata_at_version(version).is_some(), "V{version}");
		}
	});
}

#[test]
fn wallets_find_the_time_between_blocks() {
	let period: u64 = <Runtime as pallet_timestamp::Config>::MinimumPeriod::get();
	assert_eq!(
		2 * period,
		SLOT_DURATION,
		"polkadot.js divides by it to see how long a transaction stays valid"
	);
}

/// The place of each pallet: the first byte of each of its calls, in every transaction that anybody has prepared.
const PLACES: [(usize, &str); 34] = [
	(0, "System"),
	(1, "Timestamp"),
	(2, "Poca"),
	(3, "BftFinality"),
	(4, "Authorship"),
	(5, "Session"),
	(6, "MultiBlockMigrations"),
	(7, "Upgrades"),
	(8, "Equivocation"),
	(10, "Balances"),
	(11, "TransactionPayment"),
	(12, "StciIssuance"),
	(13, "Treasury"),
	(14, "Bounties"),
	(18, "CandidateList"),
	(19, "Candidates"),
	(20, "Utility"),
	(21, "Multisig"),
	(22, "Proxy"),
	(23, "Vesting"),
	(30, "Motions"),
	(31, "Referenda"),
	(32, "ConvictionVoting"),
	(33, "Mandates"),
	(34, "Parameters"),
	(35, "Preimage"),
	(36, "Scheduler"),
	(40, "DeviceRegistry"),
	(41, "ResourceProofs"),
	(50, "PaymentChannels"),
	(51, "Relay"),
	(52, "StorageMarket"),
	(53, "ComputeMarket"),
	(99, "Sudo"),
];

#[test]
fn pallets_keep_their_places() {
	let mut places: Vec<_> = AllPalletsWithSystem::infos()
		.into_iter()
		.map(|pallet| (pallet.index, pallet.name))
		.collect();
	places.sort_unstable();
	assert_eq!(
		places, PLACES,
		"a new pallet takes a place that is free, and no other moves"
	);
}

#[test]
fn hooks_run_in_the_order_that_pallets_rely_on() {
	// Who authored is looked up before anybody changes directors, and the price of fees is set after everybody has told
	// of the block.
	assert!(Poca::index() < BftFinality::index() && BftFinality::index() < Equivocation::index());
	assert!(Poca::index() < TransactionPayment::index());
	assert!(Poca::index() < StciIssuance::index(), "it is told of eras and blocks");
	// Genesis finds directors, keys and money.
	assert!([Poca::index(), Session::index(), Balances::index()]
		.into_iter()
		.all(|index| index < Candidates::index()));
	// Rounds are drawn from the accumulator as it is after the block's own output, and by the devices that there are.
	assert!(Poca::index() < ResourceProofs::index() && DeviceRegistry::index() < ResourceProofs::index());
	// And so are challenges of slots.
	assert!(Poca::index() < StorageMarket::index() && Poca::index() < ComputeMarket::index());
	assert!(
		Candidates::index() < Vesting::index(),
		"genesis locks what bonds leave free"
	);
	assert!(
		Balances::index() < Treasury::index(),
		"genesis gives it what it takes to exist"
	);
	// What is inside of a range stays there.
	assert!([StciIssuance::index(), Treasury::index(), Bounties::index()]
		.into_iter()
		.all(|index| (12..=17).contains(&index) && Balances::index() < index));
	assert!([Motions::index(), Referenda::index(), ConvictionVoting::index()]
		.into_iter()
		.chain([Mandates::index(), Parameters::index()])
		.chain([Preimage::index(), Scheduler::index()])
		.all(|index| (30..=39).contains(&index)));
	assert!([DeviceRegistry::index(), ResourceProofs::index()]
		.into_iter()
		.all(|index| (40..=49).contains(&index)));
	assert!([PaymentChannels::index(), Relay::index(), StorageMarket::index()]
		.into_iter()
		.chain([ComputeMarket::index()])
		.all(|index| (50..=59).contains(&index)));
}

#[test]
fn the_version_names_the_chain() {
	assert_eq!(&VERSION.spec_name[..], "smartchain");
	assert_eq!((VERSION.transaction_version, VERSION.system_version), (1, 1));
}

#[test]
fn money_and_time_are_consistent() {
	assert_eq!(UNITS, 10u128.pow(u32::from(DECIMALS)));
	assert_eq!((UNITS, MILLI), (1_000 * MILLI, 1_000 * MICRO));
	assert_eq!(MAX_SUPPLY, 210_000_000_000_000_000_000);
	assert!(EXISTENTIAL_DEPOSIT > 0 && EXISTENTIAL_DEPOSIT < UNITS);
	assert_eq!(deposit(1, 1), 101 * MILLI);
	assert_eq!(u64::from(MINUTES) * SLOT_DURATION, 60_000);
	assert_eq!((HOURS, DAYS), (60 * MINUTES, 24 * HOURS));
	assert_eq!((ERA_LENGTH, TEST_ERA_LENGTH), (10 * MINUTES, MINUTES));
	// A week to report, a day more until bonds are out.
	assert_eq!(
		(OFFENCE_ERAS * ERA_LENGTH, UNBONDING_ERAS * ERA_LENGTH),
		(7 * DAYS, 8 * DAYS)
	);
	assert_eq!((BACKING_ERAS, MOTION_TERM), (28, 7 * DAYS));
}

#[test]
fn pallets_find_their_parameters_sound() {
	state_of(genesis::DEV, serde_json::json!({})).execute_with(AllPalletsWithSystem::integrity_test);
}
