//! The chain's first vendors.

use crate::{Config, GenesisConfig, Pallet};
use alloc::{string::String, vec::Vec};
use device_primitives::{DeviceKey, Name};

/// A vendor that a chain starts with. Nobody proves that it has its keys: the specification of a chain is trusted.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisVendor<AccountId> {
	/// Its account.
	pub account: AccountId,
	/// How it calls itself.
	pub name: String,
	/// Its keys; all of them attest.
	pub keys: Vec<DeviceKey>,
	/// Its models by name; they are numbered over all vendors in this order.
	pub models: Vec<String>,
}

impl<T: Config> GenesisConfig<T> {
	/// Genesis is no block: a chain that could not run as it was configured must not start, so it panics.
	pub(crate) fn build_or_panic(&self) {
		for vendor in &self.vendors {
			let account = &vendor.account;
			if let Err(error) = Pallet::<T>::insert_vendor(account, name(&vendor.name)) {
				panic!("{account:?} cannot be a vendor of genesis: {error:?}");
			}
			for key in &vendor.keys {
				if let Err(error) = Pallet::<T>::insert_vendor_key(account, *key) {
					panic!("{key:?} cannot be a key of genesis vendor {account:?}: {error:?}");
				}
			}
			for model in &vendor.models {
				if let Err(error) = Pallet::<T>::do_register_model(account, name(model)) {
					panic!("{model:?} cannot be a model of genesis vendor {account:?}: {error:?}");
				}
			}
		}
	}
}

fn name(text: &str) -> Name {
	match text.as_bytes().to_vec().try_into() {
		Ok(name) => name,
		Err(_) => panic!("the name {text:?} in genesis is too long"),
	}
}
