//! What the registry is told of devices with slots, and what others are told of what devices keep.

use crate::{Config, InUse, Offers, Pallet};
use device_primitives::DeviceId;
use pallet_traits::{DeviceHook, Stored};

/// Whoever has a slot has left collateral for it, and is paid for it: that is its owner's. What becomes of the device
/// besides shows in [`Config::Devices`], which draws ask.
impl<T: Config> DeviceHook<T::AccountId> for Pallet<T> {
	fn may_be_transferred(device: &DeviceId) -> bool {
		Offers::<T>::get(device).is_none_or(|offer| offer.used == 0)
	}

	fn device_gone(_: &DeviceId, _: &T::AccountId) {}

	fn device_transferred(_: &DeviceId, _: &T::AccountId, _: &T::AccountId) {}

	fn device_active(_: &DeviceId, _: bool) {}
}

/// A GiB has 2^30 bytes, and 2^32 of what counts.
impl<T: Config> Stored for Pallet<T> {
	fn of(device: &DeviceId) -> u64 {
		Offers::<T>::get(device).map_or(0, |offer| offer.kept.saturating_mul(4))
	}

	fn total() -> u128 {
		InUse::<T>::get().saturating_mul(4)
	}
}
