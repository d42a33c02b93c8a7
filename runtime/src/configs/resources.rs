//! Machines, and what they prove.

use crate::{
	configs::{
		governance::{Admins, RootOrDirectors, ToTreasury},
		money::{AutoMine, Served},
	},
	constants::currency::{deposit, UNITS},
	weights, AccountId, Balance, Balances, Candidates, ComputeMarket, DeviceRegistry, Poca, ResourceProofs, Runtime,
	RuntimeHoldReason, StorageMarket,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU8, Get},
};
use pallet_resource_proofs::ParameterValues;
use pallet_traits::CompetenceHook;
use proof_of_space_primitives::pos2::Pos2Proof;

parameter_types! {
	/// What is held for a device: one item of 1 KiB at most.
	pub const DeviceDeposit: Balance = deposit(1, 1_024);
	/// What a device's key costs: what is kept of it is kept for good.
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
	type Slots = Poca;
	type AdminOrigin = RootOrDirectors;
	type DeviceHook = (ResourceProofs, (StorageMarket, ComputeMarket));
	type OnKeyPrice = ToTreasury;
	type DeviceDeposit = DeviceDeposit;
	type KeyPrice = KeyPrice;
	type VendorDeposit = VendorDeposit;
	type VendorKeyDeposit = VendorKeyDeposit;
	type ModelDeposit = ModelDeposit;
	type MaxVendorKeys = ConstU8<64>;
	type WeightInfo = weights::pallet_device_registry::Measured<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benches::Machines;
}

parameter_types! {
	/// What is held for a device in the lottery of space: its entry, its finds of a round, and as much again for the
	/// wins that a device which has nothing takes from others.
	pub const SpaceDeposit: Balance = deposit(2, 800);
	/// What is held for a device in the lottery of compute. Its bytes are the least of it: what it announces is run by
	/// every node before it is known to be true, and this is what a lie costs, with the device's other deposits.
	pub const ComputeDeposit: Balance = deposit(2, 300) + 2 * UNITS;
	/// What is held for a device in the lottery of uptime: its part of an entry.
	pub const UptimeDeposit: Balance = deposit(1, 100);
	/// What is held for a link: its part of the device's entry, and the sums of the candidate, if it is the first.
	pub const LinkDeposit: Balance = deposit(1, 350);
	/// The parameters of lotteries until genesis or the directors set others.
	pub ProofParameters: ParameterValues = ParameterValues::real();
}

/// Slots of an era of this chain.
pub struct SlotsOfEra;

impl Get<u32> for SlotsOfEra {
	fn get() -> u32 {
		pallet_poca::EraLength::<Runtime>::get()
	}
}

impl pallet_resource_proofs::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Devices = DeviceRegistry;
	type Beacon = Poca;
	type EraClock = Poca;
	type Pos2 = Pos2Proof;
	// As probes of slots have shown it.
	type Bandwidth = StorageMarket;
	type Stored = StorageMarket;
	type Computed = Served;
	// Nobody proves a tier yet: what is linked openly counts.
	type Qualification = ();
	type CompetenceHook = RefreshCandidate;
	type PlotHook = AutoMine;
	type EraLength = SlotsOfEra;
	type AdminOrigin = Admins;
	type DefaultParameters = ProofParameters;
	type OnSlash = ToTreasury;
	type SpaceDeposit = SpaceDeposit;
	type ComputeDeposit = ComputeDeposit;
	type UptimeDeposit = UptimeDeposit;
	type LinkDeposit = LinkDeposit;
	type MaxSpaceWins = ConstU32<48>;
	type MaxPulses = ConstU32<24>;
	type MaxAnnouncements = ConstU32<64>;
	type MaxVerified = ConstU32<4>;
	type MaxWaiting = ConstU32<32_768>;
	type MaxLinked = ConstU32<65_536>;
	// Some three and a half times the AES rounds of the lowest strength, for only those of the first table double with
	// each one more; charged as four times.
	type MaxStrength = ConstU8<5>;
	type WeightInfo = weights::pallet_resource_proofs::Measured<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benches::Machines;
}

/// Brings a candidate's place in the list up to date when its competence has changed. A device may count for an account
/// that is no candidate; then nothing happens.
pub struct RefreshCandidate;

impl CompetenceHook<AccountId> for RefreshCandidate {
	fn competence_changed(who: &AccountId) {
		Candidates::refresh(who);
	}
}
