//! What things cost: this chain's own pallets as measured (`scripts/weights` writes those files), and transaction
//! extensions.
//!
//! # Extensions
//! The times are the SDK's (stable2609, its reference machine). The SDK charges every extension's database accesses as
//! if it ran alone. Here they are charged where they can reach the database: what an extrinsic, or the block, has
//! surely touched before lies in memory until the block ends.

#![warn(missing_docs)]

pub mod pallet_bft_finality;
pub mod pallet_candidates;
pub mod pallet_compute_market;
pub mod pallet_device_registry;
pub mod pallet_equivocation;
pub mod pallet_mandates;
pub mod pallet_motions;
pub mod pallet_payment_channels;
pub mod pallet_poca;
pub mod pallet_relay;
pub mod pallet_resource_proofs;
pub mod pallet_stci_issuance;
pub mod pallet_storage_market;
pub mod pallet_upgrades;

use crate::limits::DbWeight;
use frame_support::weights::Weight;

/// The weights of frame-system's extensions.
pub struct SystemExtensions;

/// The SDK's time in picoseconds.
const fn time(picoseconds: u64) -> Weight {
	Weight::from_parts(picoseconds, 0)
}

impl frame_system::ExtensionsWeightInfo for SystemExtensions {
	// The hash of genesis: read once in a block, whatever the number of extrinsics.
	fn check_genesis() -> Weight {
		time(3_577_000)
	}

	// The hash of some recent block: up to `BlockHashCount` different ones.
	fn check_mortality_mortal_transaction() -> Weight {
		time(6_703_000).saturating_add(DbWeight::get().reads(1))
	}

	// The hash of genesis, as in `check_genesis`.
	fn check_mortality_immortal_transaction() -> Weight {
		time(6_605_000)
	}

	fn check_non_zero_sender() -> Weight {
		time(570_000)
	}

	// The sender's account, for the first time.
	fn check_nonce() -> Weight {
		time(7_261_000).saturating_add(DbWeight::get().reads_writes(1, 1))
	}

	fn check_spec_version() -> Weight {
		time(430_000)
	}

	fn check_tx_version() -> Weight {
		time(455_000)
	}

	fn check_weight() -> Weight {
		time(3_006_000)
	}

	// The weight of the block, which never reaches the database: it is removed when the block ends.
	fn weight_reclaim() -> Weight {
		time(4_747_000)
	}
}

/// The weight of paying fees.
pub struct ChargeFees;

impl pallet_transaction_payment::WeightInfo for ChargeFees {
	// The sender's account, which the check of its nonce has read and written, and the author's, which is written once
	// in a block.
	fn charge_transaction_payment() -> Weight {
		time(35_979_000)
	}
}

/// The weight of setting a governed parameter. The SDK keeps its own to itself.
pub struct ChangeParameter;

impl pallet_parameters::WeightInfo for ChangeParameter {
	// The parameter, and whether holders decide.
	fn set_parameter() -> Weight {
		time(12_000_000).saturating_add(DbWeight::get().reads_writes(2, 1))
	}
}
