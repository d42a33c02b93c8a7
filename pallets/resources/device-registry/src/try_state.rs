//! What must hold between blocks.

use crate::{
	Config, Devices, HoldReason, KeyUse, Models, NextModel, NextNumber, Pallet, Revocations, UsedKeys, Vendors, *,
};
use alloc::collections::{BTreeMap, BTreeSet};
use codec::Encode;
use device_primitives::{
	is_name,
	status_list::{self, CHUNK_BITS},
	DeviceKey,
};
use frame_support::{ensure, traits::fungible::hold::Inspect};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks what must hold between blocks. Reads everything: not for a block.
	///
	/// # Errors
	/// Names the first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_vendors()?;
		Self::check_models()?;
		Self::check_devices()?;
		Self::check_keys()?;
		Self::check_revocations()
	}

	fn check_vendors() -> Result<(), TryRuntimeError> {
		let mut keys = 0usize;
		for (account, vendor) in Vendors::<T>::iter() {
			let held = T::Currency::balance_on_hold(&HoldReason::Vendor.into(), &account);
			ensure!(held == vendor.deposit, "what is held of a vendor is its deposit");
			ensure!(is_name(&vendor.name), "each vendor has a name");
			for index in 0..vendor.keys {
				let key = VendorKeys::<T>::get(&account, index).ok_or("a vendor has all its keys")?;
				ensure!(
					UsedKeys::<T>::get(key.key.hash()) == Some(KeyUse::Vendor),
					"keys of vendors are in use as such"
				);
				keys = keys.saturating_add(1);
			}
		}
		ensure!(VendorKeys::<T>::iter_keys().count() == keys, "all keys are of a vendor");
		Ok(())
	}

	fn check_models() -> Result<(), TryRuntimeError> {
		let mut count = 0;
		for (number, model) in Models::<T>::iter() {
			ensure!(number < NextModel::<T>::get(), "models are numbered in order");
			ensure!(Vendors::<T>::contains_key(&model.vendor), "each model has a vendor");
			ensure!(is_name(&model.name), "each model has a name");
			count += 1;
		}
		ensure!(count == NextModel::<T>::get(), "no model vanishes");
		Ok(())
	}

	fn check_devices() -> Result<(), TryRuntimeError> {
		let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
		let mut numbers = BTreeSet::new();
		let mut lotteries = BTreeSet::new();
		for (id, device) in Devices::<T>::iter() {
			ensure!(id == device.key.device_id(), "a device's id is that of its key");
			ensure!(
				UsedKeys::<T>::get(id.key_hash()) == Some(KeyUse::Device),
				"a device's key is in use as such"
			);
			let lottery = device.lottery().ok_or("each device has a lottery key")?;
			ensure!(lotteries.insert(lottery), "no two devices have one lottery key");
			let own = device.key == DeviceKey::Sr25519(lottery);
			ensure!(
				own == device.enrolled.is_none(),
				"a key that is its own is not enrolled"
			);
			ensure!(
				own || UsedKeys::<T>::get(DeviceKey::Sr25519(lottery).hash()) == Some(KeyUse::Lottery),
				"an enrolled key is in use as such"
			);
			ensure!(
				device.number < NextNumber::<T>::get() && numbers.insert(device.number),
				"each device has its number"
			);
			ensure!(
				device.offered_to.as_ref() != Some(&device.owner),
				"nothing is offered to its owner"
			);
			ensure!(
				device.endpoints.iter().all(|endpoint| endpoint.is_sound()),
				"endpoints can be reached"
			);
			ensure!(
				!device.suspended.vendor || device.attested.is_some(),
				"a vendor suspends what it attested"
			);
			if let Some(attested) = device.attested {
				let model = Models::<T>::get(attested.model).ok_or("attested models are there")?;
				ensure!(
					VendorKeys::<T>::contains_key(&model.vendor, attested.key),
					"keys that attested are there"
				);
			}
			ensure!(
				device.encoded_size() <= MAX_DEVICE_BYTES as usize,
				"a device is as small as its deposit pays for"
			);
			let sum = deposits.entry(device.owner).or_default();
			*sum = sum.saturating_add(device.deposit);
		}
		for account in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&HoldReason::Device.into(), &account);
			let deposit = deposits.remove(&account).unwrap_or_default();
			ensure!(
				held == deposit,
				"what is held of an account are the deposits of its devices"
			);
		}
		ensure!(deposits.is_empty(), "owners are accounts that exist");
		Ok(())
	}

	fn check_keys() -> Result<(), TryRuntimeError> {
		let (mut live, mut ever) = (0u32, 0u64);
		for (_, used_as) in UsedKeys::<T>::iter() {
			live = live.saturating_add(u32::from(used_as == KeyUse::Device));
			let device = matches!(used_as, KeyUse::Device | KeyUse::Retired | KeyUse::Revoked);
			ever = ever.saturating_add(u64::from(device));
		}
		ensure!(
			live == Devices::<T>::count(),
			"keys of devices are in use while these are registered"
		);
		ensure!(ever == NextNumber::<T>::get(), "no key of a device is forgotten");
		Ok(())
	}

	fn check_revocations() -> Result<(), TryRuntimeError> {
		let live: BTreeSet<_> = Devices::<T>::iter_values().map(|device| device.number).collect();
		let mut set = 0usize;
		for (chunk, bits) in Revocations::<T>::iter() {
			for place in (0..CHUNK_BITS).filter(|place| status_list::is_set(&bits, *place)) {
				let number = chunk.saturating_mul(CHUNK_BITS).saturating_add(place);
				ensure!(
					number < NextNumber::<T>::get() && !live.contains(&number),
					"bits are of devices that were revoked"
				);
				set = set.saturating_add(1);
			}
		}
		let revoked = UsedKeys::<T>::iter_values()
			.filter(|used_as| *used_as == KeyUse::Revoked)
			.count();
		ensure!(set == revoked, "each device that was revoked has its bit");
		Ok(())
	}
}
