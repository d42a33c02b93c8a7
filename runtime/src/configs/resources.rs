//! Machines, and what they prove.

use crate::{
	configs::governance::RootOrDirectors,
	constants::currency::{deposit, UNITS},
	weights, Balance, Balances, Poca, Runtime, RuntimeHoldReason,
};
use frame_support::{parameter_types, traits::ConstU8};

parameter_types! {
	/// What is held for a device: one item of 1 KiB at most.
	pub const DeviceDeposit: Balance = deposit(1, 1_024);
	/// What a key costs: the 49 bytes that are kept of it for good.
	pub const KeyPrice: Balance = deposit(0, 64);
	/// What is held for a vendor, for good: not every name is worth it.
	pub const VendorDeposit: Balance = 10 * UNITS;
	/// What is held for each key of a vendor: the key and its tombstone, for good.
	pub const VendorKeyDeposit: Balance = deposit(2, 200);
	/// What is held for a model, for good.
	pub const ModelDeposit: Balance = deposit(1, 200);
}

impl pallet_device_registry::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type EraClock = Poca;
	type AdminOrigin = RootOrDirectors;
	// Nothing counts devices yet.
	type DeviceHook = ();
	// There is no treasury yet: what is paid for keys is burned.
	type OnKeyPrice = ();
	type DeviceDeposit = DeviceDeposit;
	type KeyPrice = KeyPrice;
	type VendorDeposit = VendorDeposit;
	type VendorKeyDeposit = VendorKeyDeposit;
	type ModelDeposit = ModelDeposit;
	type MaxVendorKeys = ConstU8<64>;
	type WeightInfo = weights::pallet_device_registry::Measured<Runtime>;
}
