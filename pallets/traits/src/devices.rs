//! Devices: what other pallets ask of the registry, and what it tells them.

use alloc::vec::Vec;
use device_primitives::{DeviceId, Endpoint};
use sp_core::sr25519;

/// What the registry says of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo<AccountId> {
	/// Who owns it.
	pub owner: AccountId,
	/// The key by which it takes part in lotteries. No other device has it, and it never changes.
	pub lottery: sr25519::Public,
	/// Whether nobody has suspended it.
	pub active: bool,
	/// The era in which it was registered.
	pub registered: u32,
	/// How many devices were registered before it. No two have the same.
	pub number: u64,
}

/// The devices that there are: implemented by the pallet that registers them, the only one that keeps them.
pub trait Devices<AccountId> {
	/// A device that is registered; none if it was never, or is retired or revoked. Reads one value of less than 1 KiB.
	fn device(device: &DeviceId) -> Option<DeviceInfo<AccountId>>;

	/// How its agent is reached; nothing if it is not registered. Reads the same value.
	fn endpoints(device: &DeviceId) -> Vec<Endpoint>;

	/// Whether a vendor's attestation of it stands. Reads that value and three smaller ones.
	fn is_attested(device: &DeviceId) -> bool;
}

/// Told of what becomes of devices. It is told after the change shows in [`Devices`]; once for each change, and of one
/// device at a time. What this costs is part of what the calls cost that change it, so it has to be bounded.
pub trait DeviceHook<AccountId> {
	/// A device is gone for good: its owner retired it, or it was revoked.
	fn device_gone(device: &DeviceId, owner: &AccountId);

	/// A device has another owner. Whatever the one before agreed to for it is over.
	fn device_transferred(device: &DeviceId, from: &AccountId, to: &AccountId);

	/// A device was suspended, or is active again.
	fn device_active(device: &DeviceId, active: bool);
}

impl<AccountId> DeviceHook<AccountId> for () {
	fn device_gone(_: &DeviceId, _: &AccountId) {}

	fn device_transferred(_: &DeviceId, _: &AccountId, _: &AccountId) {}

	fn device_active(_: &DeviceId, _: bool) {}
}
