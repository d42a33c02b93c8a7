//! Devices: what other pallets ask of the registry, and what it tells them.

use alloc::vec::Vec;
use device_primitives::{DeviceId, Endpoint};
use sp_core::sr25519;

/// What the registry says of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo<AccountId> {
	/// Who owns it.
	pub owner: AccountId,
	/// The key by which it takes part in lotteries. No other device has it, or ever will. It changes with the owner, if
	/// the device's own key is another.
	pub lottery: sr25519::Public,
	/// The slot of the block in which that was enrolled, or `u64::MAX` if that block's slot was not known. It counts
	/// like a claim that was made then, from the slot on that `claim_from` of the lottery says: a key could be made
	/// until it wins, if it counted in a round whose challenge is known.
	pub lottery_since: u64,
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
	/// Whether a device may change hands now. It is asked before that. Who answers no has something to judge still for
	/// which the owner answers that the device has, and answers yes again within a bounded time.
	fn may_be_transferred(_device: &DeviceId) -> bool {
		true
	}

	/// A device is gone for good: its owner retired it, or it was revoked.
	fn device_gone(device: &DeviceId, owner: &AccountId);

	/// A device has another owner, and maybe another lottery key. Whatever the one before agreed to for it is over.
	fn device_transferred(device: &DeviceId, from: &AccountId, to: &AccountId);

	/// A device was suspended, or is active again.
	fn device_active(device: &DeviceId, active: bool);
}

/// One after the other; it changes hands if nobody says no.
impl<AccountId, A: DeviceHook<AccountId>, B: DeviceHook<AccountId>> DeviceHook<AccountId> for (A, B) {
	fn may_be_transferred(device: &DeviceId) -> bool {
		A::may_be_transferred(device) && B::may_be_transferred(device)
	}

	fn device_gone(device: &DeviceId, owner: &AccountId) {
		A::device_gone(device, owner);
		B::device_gone(device, owner);
	}

	fn device_transferred(device: &DeviceId, from: &AccountId, to: &AccountId) {
		A::device_transferred(device, from, to);
		B::device_transferred(device, from, to);
	}

	fn device_active(device: &DeviceId, active: bool) {
		A::device_active(device, active);
		B::device_active(device, active);
	}
}

impl<AccountId> DeviceHook<AccountId> for () {
	fn device_gone(_: &DeviceId, _: &AccountId) {}

	fn device_transferred(_: &DeviceId, _: &AccountId, _: &AccountId) {}

	fn device_active(_: &DeviceId, _: bool) {}
}
