//! The first vendors.

use crate::{mock::*, *};
use device_primitives::DeviceKey;
use pallet_traits::Devices as _;

fn vendor_of_genesis() -> GenesisVendor<AccountId> {
	GenesisVendor {
		account: vendor(),
		name: "Sensors & Sons".into(),
		keys: vec![vendor_keys(0).public(), vendor_keys(1).public()],
		models: vec!["Weather 3".into()],
	}
}

fn with(vendor: GenesisVendor<AccountId>) -> crate::GenesisConfig<Test> {
	crate::GenesisConfig { vendors: vec![vendor] }
}

#[test]
fn vendors_of_genesis_attest() {
	genesis_with(with(vendor_of_genesis())).execute_with(|| {
		check();
		let machine = attested(0, &account(1), 1);
		assert!(Registry::is_attested(&machine.id()));
		assert_eq!(
			held_of_vendor(&vendor()),
			VENDOR_DEPOSIT + 2 * VENDOR_KEY_DEPOSIT + MODEL_DEPOSIT
		);
		check();
	});
}

#[test]
fn vendors_of_genesis_have_a_json_form() {
	let text = serde_json::to_string(&with(vendor_of_genesis())).expect("serializes");
	let config: crate::GenesisConfig<Test> = serde_json::from_str(&text).expect(&text);
	assert_eq!(config.vendors, [vendor_of_genesis()]);
	let wrong = text.replace("models", "modells");
	assert!(serde_json::from_str::<crate::GenesisConfig<Test>>(&wrong).is_err());
}

#[test]
#[should_panic(expected = "cannot be a vendor of genesis: Module")]
fn no_account_is_a_vendor_of_genesis_twice() {
	let mut config = with(vendor_of_genesis());
	config.vendors.push(vendor_of_genesis());
	genesis_with(config);
}

#[test]
#[should_panic(expected = "cannot be a key of genesis vendor")]
fn keys_of_genesis_are_keys() {
	let mut vendor = vendor_of_genesis();
	vendor.keys[0] = DeviceKey::Sr25519(Default::default());
	genesis_with(with(vendor));
}

#[test]
#[should_panic(expected = "cannot be a model of genesis vendor")]
fn models_of_genesis_have_names() {
	let mut vendor = vendor_of_genesis();
	vendor.models[0].clear();
	genesis_with(with(vendor));
}

#[test]
#[should_panic(expected = "is too long")]
fn names_of_genesis_are_short_enough() {
	let mut vendor = vendor_of_genesis();
	vendor.name = "x".repeat(65);
	genesis_with(with(vendor));
}
