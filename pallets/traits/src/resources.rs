//! What devices prove besides what lotteries show, and who is told of it.

use device_primitives::DeviceId;

/// How much bandwidth devices have shown, for the pallet that adds up competence.
///
/// What is measured decays by the same tau as credits of lotteries do, so that a running sum of it is right without a
/// sweep.
pub trait Bandwidth {
	/// That of one device, in 2^-32 of whatever its unit is. Reads one small value.
	fn of(device: &DeviceId) -> u64;

	/// That of all, in the same unit. Reads one small value.
	fn total() -> u128;
}

/// What devices keep for customers, for the pallet that adds up competence: it took the place of plots, and is proven
/// by audits. Only what the beacon placed counts, and only while no audit was missed.
pub trait Stored {
	/// GiB with 32 fractional bits that a device keeps. Reads one small value.
	fn of(device: &DeviceId) -> u64;

	/// Those that all keep. Reads one small value.
	fn total() -> u128;
}

/// What devices compute for customers, for the pallet that adds up competence: what was accepted of pools that the
/// beacon drew. It decays by the same tau as credits of lotteries do, so that a running sum of it is right without a
/// sweep.
pub trait Computed {
	/// That of one device, in 2^-32 of whatever its unit is. Reads one small value.
	fn of(device: &DeviceId) -> u64;

	/// That of all, in the same unit. Reads one small value.
	fn total() -> u128;
}

/// Tiers that are proven without telling by which devices.
pub trait Qualification<AccountId> {
	/// The competence that a candidate has proven so, of 2^48; 0 if none. It counts if it is more than what is linked
	/// openly. Reads one small value.
	fn tier(candidate: &AccountId) -> u64;

	/// A device's competence changes in this block: what it was before, of 2^48, if that is asked. Told before it does,
	/// of each change.
	fn credit_changes(device: &DeviceId, before: impl FnOnce() -> u64);
}

/// Told of competences, for the pallet that keeps candidates sorted. What this costs is part of what the calls cost
/// that change them, so it has to be bounded.
pub trait CompetenceHook<AccountId> {
	/// That of this account has changed: by a link that was made or ended, or by wins, of which it is told once an era.
	fn competence_changed(who: &AccountId);
}

/// No device has shown any.
impl Bandwidth for () {
	fn of(_: &DeviceId) -> u64 {
		0
	}

	fn total() -> u128 {
		0
	}
}

/// Nobody keeps anything.
impl Stored for () {
	fn of(_: &DeviceId) -> u64 {
		0
	}

	fn total() -> u128 {
		0
	}
}

/// Nobody computes anything.
impl Computed for () {
	fn of(_: &DeviceId) -> u64 {
		0
	}

	fn total() -> u128 {
		0
	}
}

/// Nobody has proven a tier.
impl<AccountId> Qualification<AccountId> for () {
	fn tier(_: &AccountId) -> u64 {
		0
	}

	fn credit_changes(_: &DeviceId, _: impl FnOnce() -> u64) {}
}

impl<AccountId> CompetenceHook<AccountId> for () {
	fn competence_changed(_: &AccountId) {}
}
