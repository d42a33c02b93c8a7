//! The presets.

use crate::chain::state_of;
use smartchain_runtime::{
	constants::{currency::MAX_SUPPLY, time::SLOT_DURATION},
	genesis::{self, director, testnet_seed},
	AccountId, Balances, BftFinality, Poca, Runtime, System,
};
use sp_core::{ed25519, sr25519, Pair};
use sp_genesis_builder::runtime_decl_for_genesis_builder::GenesisBuilderV1;
use sp_keyring::Sr25519Keyring as Key;

/// What a preset must look like.
fn check(preset: &str, seeds: &[String], sudo: Option<AccountId>) {
	state_of(preset, serde_json::json!({})).execute_with(|| {
		let keys: Vec<_> = seeds.iter().map(|seed| director(seed)).collect();
		let schedule = Poca::schedule();
		assert_eq!(
			schedule.directors,
			keys.iter().map(|(_, keys)| keys.poca.clone()).collect::<Vec<_>>()
		);
		assert_eq!(schedule.slot_duration.as_millis(), SLOT_DURATION);
		assert_eq!(
			(schedule.turn_length, schedule.era_length, schedule.era),
			(12, 1_200, 0)
		);
		let set = BftFinality::voter_set();
		assert_eq!(set.set_id, 0);
		assert_eq!(
			set.voters,
			keys.iter().map(|(_, keys)| keys.pbft.clone()).collect::<Vec<_>>()
		);
		assert_eq!(pallet_sudo::Key::<Runtime>::get(), sudo);
		for (index, (account, _)) in (0u16..).zip(&keys) {
			assert_eq!(Poca::account_of(index).as_ref(), Some(account));
			assert!(
				Balances::free_balance(account) > 0,
				"fees of its blocks need an account to go to"
			);
		}

		let total = Balances::total_issuance();
		assert!(total > 0 && total <= MAX_SUPPLY, "genesis comes out of the cap");
		let held: u128 = frame_system::Account::<Runtime>::iter_values()
			.map(|a| a.data.free + a.data.reserved)
			.sum();
		assert_eq!(total, held);
		assert_eq!(System::block_number(), 0);
	});
}

fn seeds(names: &[&str]) -> Vec<String> {
	names.iter().map(|name| format!("//{name}")).collect()
}

#[test]
fn dev_is_alice_alone_with_sudo() {
	check(genesis::DEV, &seeds(&["Alice"]), Some(Key::Alice.to_account_id()));
}

#[test]
fn local_has_four_directors_and_no_sudo() {
	check(genesis::LOCAL, &seeds(&["Alice", "Bob", "Charlie", "Dave"]), None);
}

#[test]
fn testnet_has_twenty_one_directors_and_no_sudo() {
	let seeds: Vec<_> = (1..=21).map(testnet_seed).collect();
	assert_eq!(
		(seeds[0].as_str(), seeds[20].as_str()),
		("//Director//1", "//Director//21")
	);
	check(genesis::TESTNET, &seeds, None);
}

#[test]
fn presets_are_listed_and_others_do_not_exist() {
	assert_eq!(Runtime::preset_names(), ["dev", "local", "testnet"]);
	for name in Runtime::preset_names() {
		assert!(Runtime::get_preset(&Some(name)).is_some());
	}
	assert_eq!(Runtime::get_preset(&Some("mainnet".into())), None);
}

#[test]
fn keys_are_those_that_the_node_derives_from_the_same_seed() {
	let (account, keys) = director("//Alice");
	assert_eq!(account, Key::Alice.to_account_id());
	let author = sr25519::Pair::from_string("//Alice", None).expect("a seed").public();
	let voter = ed25519::Pair::from_string("//Alice", None).expect("a seed").public();
	assert_eq!((keys.poca, keys.pbft), (author.into(), voter.into()));
}

#[test]
fn the_slot_duration_can_be_patched() {
	state_of(genesis::LOCAL, serde_json::json!({ "poca": { "slotDuration": 2_000 } })).execute_with(|| {
		assert_eq!(Poca::schedule().slot_duration.as_millis(), 2_000);
	});
}

#[test]
#[should_panic(expected = "slot duration of 100 ms")]
fn slots_too_short_for_a_network_are_refused() {
	state_of(genesis::LOCAL, serde_json::json!({ "poca": { "slotDuration": 100 } }));
}
