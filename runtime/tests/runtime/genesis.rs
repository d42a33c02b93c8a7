//! The presets.

use crate::chain::{config, state_of};
use pallet_traits::{EraClock, Seats};
use smartchain_runtime::{
	constants::{
		currency::{BOND, MAX_SUPPLY, UNITS},
		time::SLOT_DURATION,
	},
	genesis::{self, director, standby_seed, testnet_seed, Values},
	AccountId, Balances, BftFinality, Poca, Runtime, System,
};
use sp_core::{ed25519, sr25519, Pair};
use sp_genesis_builder::runtime_decl_for_genesis_builder::GenesisBuilderV1;
use sp_keyring::Sr25519Keyring as Key;

/// What a preset must look like.
fn check(preset: &str, values: Values, seeds: &[String], sudo: Option<AccountId>) {
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
			(12, values.era_length(), 0)
		);
		assert_eq!(pallet_resource_proofs::Parameters::<Runtime>::get(), values.proofs());
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
	check(
		genesis::DEV,
		Values::Test,
		&seeds(&["Alice"]),
		Some(Key::Alice.to_account_id()),
	);
}

#[test]
fn local_has_four_directors_and_no_sudo() {
	let seeds = seeds(&["Alice", "Bob", "Charlie", "Dave"]);
	check(genesis::LOCAL, Values::Real, &seeds, None);
}

#[test]
fn testnet_has_twenty_one_directors_and_no_sudo() {
	let seeds: Vec<_> = (1..=21).map(testnet_seed).collect();
	state_of(genesis::TESTNET, serde_json::json!({})).execute_with(|| {
		let standbys: Vec<_> = (1..=21).map(|number| Some(director(&standby_seed(number)).0)).collect();
		let mut seated = Poca::standbys();
		seated.sort();
		let mut expected = standbys.clone();
		expected.sort();
		assert_eq!(seated, expected, "one for each seat");
		for standby in standbys.into_iter().flatten() {
			assert!(Balances::free_balance(standby) > 0);
		}
		assert_ne!(Poca::era_randomness(), [0; 32]);
	});
	assert_eq!(
		(seeds[0].as_str(), seeds[20].as_str()),
		("//Director//1", "//Director//21")
	);
	check(genesis::TESTNET, Values::Real, &seeds, None);
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

/// What building genesis says.
fn outcome(preset: &str, change: serde_json::Value) -> Result<(), String> {
	let mut state = sp_io::TestExternalities::new_empty();
	state.execute_with(|| Runtime::build_state(config(preset, change)))
}

#[test]
fn more_than_there_may_ever_be_is_refused() {
	// As one number of JSON: they do not end at 2^64 here.
	let rich = |amount: u128| {
		let balances = [
			(AccountId::new([1; 32]), amount),
			(Key::Alice.to_account_id(), 10 * BOND),
		];
		serde_json::json!({ "balances": { "balances": balances } })
	};
	assert_eq!(outcome(genesis::DEV, rich(MAX_SUPPLY - 10_000_000 * UNITS)), Ok(()));
	let error = outcome(genesis::DEV, rich(MAX_SUPPLY)).expect_err("Alice has some as well");
	assert!(
		error.contains("more than the 210000000000000000000 there may ever be"),
		"{error}"
	);
}

/// Together they are as much as a number holds, and one.
#[test]
fn amounts_whose_sum_no_number_holds_are_refused() {
	let half = 1u128 << 127;
	let balances = [
		(AccountId::new([1; 32]), half),
		(AccountId::new([2; 32]), half),
		(Key::Alice.to_account_id(), 10 * BOND),
	];
	let error = outcome(
		genesis::DEV,
		serde_json::json!({ "balances": { "balances": balances } }),
	);
	let error = error.expect_err("their sum is little, if it is reckoned as numbers are");
	assert!(error.contains("there may ever be"), "{error}");
}

/// The accounts that pallet-balances derives itself, of which it says nothing in its total.
#[test]
fn derived_accounts_count_as_all_others_do() {
	let change = |count: u32, amount: u128| serde_json::json!({ "balances": { "devAccounts": [count, amount, null] } });
	let issued = |change| state_of(genesis::DEV, change).execute_with(Balances::total_issuance);
	let without = issued(serde_json::json!({}));
	assert_eq!(issued(change(3, 1_000 * UNITS)), without + 3_000 * UNITS);
	let error = outcome(genesis::DEV, change(3, MAX_SUPPLY / 3)).expect_err("others have some as well");
	assert!(error.contains("there may ever be"), "{error}");
}

#[test]
fn a_chain_with_keys_of_its_own_needs_randomness() {
	let (account, keys) = director("//Somebody");
	let change = |randomness: [u8; 32]| {
		serde_json::json!({
			"balances": { "balances": [(&account, 10 * BOND as u64)] },
			"session": { "keys": [(&account, &account, &keys)] },
			"candidates": { "candidates": [(&account, BOND as u64)] },
			"poca": { "randomness": randomness },
		})
	};
	let error = outcome(genesis::DEV, change([0; 32])).expect_err("its keys are its own");
	assert!(error.contains("set poca.randomness"), "{error}");
	assert_eq!(outcome(genesis::DEV, change([1; 32])), Ok(()));
}

#[test]
fn networks_for_tests_go_without() {
	for make in [genesis::local_network, genesis::quick_network] {
		let patch = make(5, 3).expect("it is possible");
		assert_eq!(outcome(genesis::LOCAL, patch), Ok(()));
		assert!(make(0, 0).is_none() && make(4, 5).is_none() && make(100, 0).is_none());
	}
}

#[test]
fn the_largest_networks_start_and_leave_something_to_issue() {
	for make in [genesis::local_network, genesis::quick_network] {
		let patch = make(99, 99).expect("it is possible");
		assert_eq!(outcome(genesis::LOCAL, patch.clone()), Ok(()));
		state_of(genesis::LOCAL, patch).execute_with(|| assert!(Balances::total_issuance() < MAX_SUPPLY / 2));
	}
}

/// A quick network is a local one with test values and a faucet, and nothing else.
#[test]
fn quick_networks_differ_from_local_ones_in_their_values_alone() {
	let quick = genesis::quick_network(4, 2).expect("it is possible");
	let mut local = genesis::local_network(4, 2).expect("it is possible");
	assert_ne!(quick, local);
	for values in [Values::Real, Values::Test] {
		let formed = values.formed().expect("numbers have a form");
		let from = if values == Values::Real { &local } else { &quick };
		for (path, value) in &formed {
			assert_eq!(from.pointer(path), Some(value), "{path} of {}", values.name());
		}
		for (path, value) in formed {
			*local.pointer_mut(path).expect("it is there") = value;
		}
	}
	let balances = |genesis: &serde_json::Value| genesis["balances"]["balances"].as_array().expect("a list").clone();
	let (more, fewer) = (balances(&quick), balances(&local));
	let given: Vec<_> = more.iter().filter(|balance| !fewer.contains(balance)).collect();
	let faucet = serde_json::json!(director(genesis::FAUCET).0);
	assert_eq!((given.len(), &given[0][0]), (1, &faucet));
	local["balances"] = quick["balances"].clone();
	assert_eq!(quick, local);
}

/// The two columns of the table, number by number: pages and agents name them.
#[test]
fn values_are_what_pages_say() {
	let (real, test) = (Values::Real.proofs(), Values::Test.proofs());
	assert_eq!((Values::Real.era_length(), Values::Test.era_length()), (1_200, 120));
	assert_eq!(
		(real.tau, test.tau),
		(14 * 172_800, 1_200),
		"two weeks, and ten minutes"
	);
	let space = |values: &pallet_resource_proofs::ParameterValues| {
		let space = values.space;
		(space.min_k, space.max_k, space.round, space.answer, space.filter_bits)
	};
	assert_eq!((space(&real), space(&test)), ((26, 28, 120, 24, 4), (18, 28, 12, 6, 0)));
	let compute = |values: &pallet_resource_proofs::ParameterValues| (values.compute.odds, values.compute.window);
	assert_eq!(
		(compute(&real), compute(&test)),
		((600, 60), (10, 12)),
		"once an hour, and a minute"
	);
	assert_eq!((real.uptime.round, test.uptime.round), (60, 12));
}
