use super::{
	accounts::{account_at, held_at, Account, Held},
	keys::{item, place_of, under, ForkError},
	*,
};
use crate::chain_spec::native_state;
use codec::{Decode, Encode};
use serde_json::json;
use smartchain_runtime::{
	genesis::{director, preset, quick_network, standby_seed, testnet_seed, DIRECTOR_ENDOWMENT},
	Balance, BftFinality, Candidates, ComputeMarket, DeviceRegistry, Equivocation, Motions, PaymentChannels, Poca,
	Relay, ResourceProofs, StciIssuance, StorageMarket,
};
use sp_crypto_hashing::twox_64;
use sp_state_machine::BasicExternalities;

/// Not Wasm, but nothing here runs it.
const CODE: &[u8] = &[0, 1, 2];

fn form(name: &str) -> Value {
	preset(name).expect("a preset")
}

fn chain(form: Value) -> StorageMap {
	native_state(form, CODE).expect("a genesis").top
}

/// What the runtime would make of so many directors: native code makes the same.
fn directors(count: usize) -> StorageMap {
	chain(of_directors(form(PRESET), count, false).expect("has as many"))
}

fn forked(mut chain: StorageMap, count: usize) -> (StorageMap, Forked) {
	let forked = state::fork(&mut chain, &directors(count)).expect("forks");
	(chain, forked)
}

fn place(seed: &str) -> Vec<u8> {
	place_of(director(seed).0.as_ref())
}

fn account(state: &StorageMap, seed: &str) -> Account {
	account_at(state, &place(seed)).expect("decodes").expect("is there")
}

fn value<T: Decode>(state: &StorageMap, pallet: &str, name: &str) -> T {
	let value = state.get(&item(pallet, name)).expect("is there");
	T::decode(&mut &value[..]).expect("decodes")
}

fn issued(state: &StorageMap) -> Balance {
	value(state, "Balances", "TotalIssuance")
}

/// All invariants of the chain's own pallets, and that all money is somebody's.
fn check(state: &StorageMap) {
	let mut owned: Balance = 0;
	for (place, _) in under(state, &item("System", "Account")) {
		let account = account_at(state, &place).expect("decodes").expect("is there");
		let held = held_at(state, &place).expect("decodes");
		let sum: Balance = held.iter().map(|(_, amount)| amount).sum();
		assert!(
			sum <= account.reserved,
			"more is held than reserved: {account:?}, {held:?}"
		);
		assert!(
			account.reserved == 0 || account.consumers > 0,
			"nobody needs {account:?}"
		);
		owned += account.free + account.reserved;
	}
	assert_eq!(owned, issued(state), "all there is is somebody's");
	let storage = Storage {
		top: state.clone(),
		children_default: Default::default(),
	};
	BasicExternalities::new(storage).execute_with(|| {
		for (pallet, check) in [
			("poca", Poca::do_try_state()),
			("bft-finality", BftFinality::do_try_state()),
			("candidates", Candidates::do_try_state()),
			("equivocation", Equivocation::do_try_state()),
			("motions", Motions::do_try_state()),
			("device-registry", DeviceRegistry::do_try_state()),
			("resource-proofs", ResourceProofs::do_try_state()),
			("stci-issuance", StciIssuance::do_try_state()),
			("payment-channels", PaymentChannels::do_try_state()),
			("relay", Relay::do_try_state()),
			("storage-market", StorageMarket::do_try_state()),
			("compute-market", ComputeMarket::do_try_state()),
		] {
			assert!(check.is_ok(), "{pallet}: {check:?}");
		}
	});
}

#[test]
fn a_fork_of_a_chain_of_others_is_sound_and_its_directors_have_what_they_need() {
	for count in [1, 4] {
		let chain = chain(form("testnet"));
		let before = issued(&chain);
		let (state, forked) = forked(chain, count);
		check(&state);
		assert_eq!((forked.number, forked.directors), (0, count as u32));
		assert_eq!(forked.values, state.len());
		assert_eq!(issued(&state), before + forked.created);
		for name in &DIRECTORS[..count] {
			let seed = format!("//{}{}", name[..1].to_uppercase(), &name[1..]);
			let (has, model) = (account(&state, &seed), account(&directors(count), &seed));
			assert_eq!((has.free, has.reserved), (model.free, model.reserved), "{seed}");
			assert_eq!((has.consumers, has.providers), (2, 1), "its bond and its keys: {has:?}");
		}
		// Whoever was in office has all it had to itself.
		for seed in [testnet_seed(1), standby_seed(21)] {
			let old = account(&state, &seed);
			assert_eq!(
				(old.free, old.reserved, old.consumers),
				(DIRECTOR_ENDOWMENT, 0, 0),
				"{seed}"
			);
			assert_eq!(held_at(&state, &place(&seed)), Ok(Held::new()));
		}
	}
}

#[test]
fn directors_that_were_in_office_before_keep_what_they_have() {
	let before = chain(form("local"));
	let (state, forked) = forked(before.clone(), 4);
	check(&state);
	assert_eq!(forked.created, 0);
	let holds = item("Balances", "Holds");
	assert_eq!(under(&state, &holds), under(&before, &holds));
	for seed in ["//Alice", "//Dave", "//Eve"] {
		let (was, is) = (account(&before, seed), account(&state, seed));
		assert_eq!((was.free, was.reserved), (is.free, is.reserved), "{seed}");
	}
}

#[test]
fn a_fork_of_a_fork_is_the_same() {
	for count in [1, 3] {
		let (once, _) = forked(chain(quick_network(7, 3).expect("a form")), count);
		let (twice, again) = forked(once.clone(), count);
		assert_eq!((once, 0), (twice, again.created));
	}
}

/// Forger of money forks a chain on which eras have been closed, so that it does not count genesis anew: what its four
/// directors are given has to count against the cap, and not as burned. What the chain owes stays owed.
#[test]
fn forger_of_directors_money_has_it_counted_on_a_chain_with_closed_eras() {
	const POT: Balance = 100 * UNITS;
	let mut chain = chain(form("testnet"));
	let before = issued(&chain);
	let era = 0u32.encode();
	let of_era = |name: &str| [item("StciIssuance", name), twox_64(&era).to_vec(), era.clone()].concat();
	let signing = |amount: Balance| [amount, 0, 0, 0, 0, 0, 0];
	let closing = (POT, 0u32, 0u128, POT, signing(POT));
	let ledger = (closing, signing(10), [0u128; 3], before);
	let merits = [of_era("Merits"), place(&testnet_seed(1))].concat();
	for (key, value) in [
		(of_era("Ledgers"), ledger.encode()),
		(merits.clone(), signing(10).encode()),
		(item("StciIssuance", "SupplyOf"), (before, 0u128, POT).encode()),
		(item("StciIssuance", "OpenEra"), (1u32, before, [0u128; 2]).encode()),
		(item("StciIssuance", "Expiry"), (0u32, 0u32).encode()),
	] {
		chain.insert(key, value);
	}
	let (state, forked) = forked(chain, 4);
	check(&state);
	assert!(forked.created > 0);
	let all = before + forked.created;
	assert_eq!(value::<[Balance; 3]>(&state, "StciIssuance", "SupplyOf"), [all, 0, POT]);
	assert_eq!(value::<(u32, Balance)>(&state, "StciIssuance", "OpenEra"), (1, all));
	assert_eq!(issued(&state), all);
	assert!(state.contains_key(&merits), "it can still be claimed");
}

#[test]
fn slots_and_eras_go_on_and_heights_begin_anew() {
	let mut chain = chain(form("dev"));
	let height_of_slot = [item("Poca", "RecentSlots"), b"somewhere".to_vec()].concat();
	for (key, value) in [
		(item("System", "Number"), 81_234u32.encode()),
		(item("System", "Digest"), vec![7]),
		(item("Poca", "Era"), 700u32.encode()),
		(item("Poca", "CurrentSlot"), 84_000u64.encode()),
		(item("Poca", "GenesisSlot"), 1u64.encode()),
		(item("Poca", "TurnHolder"), (3u64, 2u16).encode()),
		(item("BftFinality", "CurrentSetId"), 9u64.encode()),
		(height_of_slot.clone(), vec![1]),
		(b":test:other".to_vec(), vec![5]),
	] {
		chain.insert(key, value);
	}
	let (state, forked) = forked(chain, 2);
	assert_eq!(forked.number, 81_234);
	assert_eq!(value::<u32>(&state, "Poca", "Era"), 700);
	assert_eq!(value::<u64>(&state, "Poca", "CurrentSlot"), 84_000);
	assert_eq!(value::<u32>(&state, "Poca", "EraLength"), 120, "those of dev");
	assert_eq!(value::<u64>(&state, "BftFinality", "CurrentSetId"), 0);
	for key in [
		item("System", "Number"),
		item("System", "Digest"),
		item("Poca", "TurnHolder"),
		item("Sudo", "Key"),
		height_of_slot,
	] {
		assert!(!state.contains_key(&key), "{key:?}");
	}
	assert_eq!(state.get(&b":test:other"[..]), Some(&vec![5]));
	assert_eq!(state.get(well_known_keys::CODE), Some(&CODE.to_vec()));
}

#[test]
fn what_is_held_for_other_reasons_stays_and_backers_have_theirs_back() {
	const OTHER: [u8; 2] = [40, 0];
	const BACKING: [u8; 2] = [19, 1];
	let mut chain = chain(form("testnet"));
	let (both, backer) = (place_of(&[1; 32]), place_of(&[2; 32]));
	let key = |pallet, name, place: &[u8]| [&item(pallet, name)[..], place].concat();
	let rich = Account {
		consumers: 1,
		providers: 1,
		free: 1_000 * UNITS,
		reserved: 12,
		..Account::default()
	};
	for (place, held) in [(&both, vec![(OTHER, 5), (BACKING, 7)]), (&backer, vec![(BACKING, 12)])] {
		let held: Held = held;
		chain.insert(key("System", "Account", place), rich.encode());
		chain.insert(key("Balances", "Holds", place), held.encode());
	}
	let (state, _) = forked(chain, 1);
	let of = |place: &[u8]| account_at(&state, place).expect("decodes").expect("is there");
	assert_eq!(held_at(&state, &both), Ok(vec![(OTHER, 5)]));
	assert_eq!(
		of(&both),
		Account {
			free: rich.free + 7,
			reserved: 5,
			..rich.clone()
		}
	);
	assert!(!state.contains_key(&key("Balances", "Holds", &backer)));
	assert_eq!(
		of(&backer),
		Account {
			free: rich.free + 12,
			reserved: 0,
			consumers: 0,
			..rich
		}
	);
}

#[test]
fn what_cannot_be_forked_is_refused_with_cause_and_remedy() {
	let refused = |mut chain: StorageMap| state::fork(&mut chain, &directors(1)).expect_err("is refused");
	assert!(refused(StorageMap::new()).to_string().contains("export-state"));

	let mut due = chain(form("local"));
	due.insert(item("System", "LastRuntimeUpgrade"), vec![4]);
	assert_eq!(refused(due), ForkError::UpgradeDue);

	let mut other = chain(form("local"));
	other.insert([&item("System", "Account")[..], &place("//Alice")].concat(), vec![1]);
	let error = refused(other);
	assert_eq!(error, ForkError::Form("System.Account"));
	assert!(error.to_string().contains("release"), "{error}");
}

#[test]
fn a_form_has_as_many_directors_as_asked_for_and_root_if_asked_for() {
	let root = |sudo| {
		let form = of_directors(form(PRESET), 2, sudo).expect("has two");
		assert_eq!(form["session"]["keys"].as_array().map(Vec::len), Some(2));
		form["sudo"]["key"].clone()
	};
	assert_eq!(root(false), Value::Null);
	assert_eq!(root(true), form("dev")["sudo"]["key"], "//Alice");
	for wrong in [form(PRESET), json!({}), Value::Null] {
		assert!(of_directors(wrong, 5, true).is_err());
	}
}

#[test]
fn the_specification_is_of_another_chain_and_has_its_state() {
	let of = chain_spec::load_to_export("testnet");
	let Ok(of) = of else {
		// Built without the runtime.
		return;
	};
	let (state, forked) = forked(chain(form("testnet")), 1);
	let storage = Storage {
		top: state.clone(),
		children_default: Default::default(),
	};
	let spec = specification(&*of, &forked, storage);
	assert_eq!(ChainSpec::id(&spec), "smartchain_testnet_fork_0");
	assert_ne!(ChainSpec::protocol_id(&spec), of.protocol_id());
	assert_eq!(ChainSpec::properties(&spec), of.properties());
	assert!(ChainSpec::boot_nodes(&spec).is_empty());
	assert_eq!(
		spec.as_storage_builder().build_storage().map(|storage| storage.top),
		Ok(state)
	);
}
