//! What STCI is issued for.

use crate::{
	configs::{
		governance::TreasuryAccount,
		parameters::issuance::{ExpiryEras, IssuanceTerms},
	},
	weights, Balances, DeviceRegistry, Poca, Runtime,
};
use frame_support::{parameter_types, traits::ConstU32};

parameter_types! {
	/// What a block is worth,
	pub const BlockPoints: u32 = 1;
	/// and a vote on record. There are 60 blocks to one of a voter's votes on record: with 21 directors authoring and
	/// voting earn about as much.
	pub const VotePoints: u32 = 3;
}

impl pallet_stci_issuance::Config for Runtime {
	type Currency = Balances;
	type EraClock = Poca;
	type Devices = DeviceRegistry;
	// There are no markets yet: nothing is in use, and plots alone are bought.
	type Usage = ();
	type Terms = IssuanceTerms;
	type ExpiryEras = ExpiryEras;
	type TreasuryAccount = TreasuryAccount;
	type BlockPoints = BlockPoints;
	type VotePoints = VotePoints;
	type MaxEras = ConstU32<16>;
	// A hundred thousand earners of an era are swept within 1,042 of its blocks.
	type MaxSwept = ConstU32<96>;
	type WeightInfo = weights::pallet_stci_issuance::Measured<Runtime>;
}
