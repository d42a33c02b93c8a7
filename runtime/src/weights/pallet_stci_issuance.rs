//! The weights of `pallet_stci_issuance`, estimated by what neighbours were measured to take: `scripts/weights` writes
//! this file.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_stci_issuance` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_stci_issuance::WeightInfo for Measured<T> {
	// Storage: `StciIssuance::OpenEra`, `Totals`, `Demanded`, `SupplyOf`, `Expiry` (r:1 w:1 each)
	// Storage: `StciIssuance::Schedule` (r:1 w:0)
	// Storage: `StciIssuance::Ledgers` (r:1 w:2)
	// Storage: `System::Account` (r:1 w:1)
	// Storage: `Parameters::Parameters` (r:11 w:0)
	fn era_started() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(19))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	// Storage: `StciIssuance::OpenEra` (r:1 w:0)
	// Storage: `StciIssuance::Merits` (r:1 w:1)
	// Storage: `StciIssuance::Totals` (r:1 w:1)
	fn authored() -> Weight {
		Weight::from_parts(18_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	// Storage: `StciIssuance::OpenEra` (r:1 w:0)
	// Storage: `StciIssuance::SupplyOf` (r:1 w:1)
	// Storage: `System::Account` (r:1 w:1)
	// Storage: `Parameters::Parameters` (r:1 w:0)
	// Storage: `StciIssuance::Ledgers` (r:16 w:16)
	// Storage: `StciIssuance::Merits` (r:16 w:16)
	// `n` is from 1 to 16.
	fn claim(n: u32, ) -> Weight {
		Weight::from_parts(40_000_000, 0)
			.saturating_add(Weight::from_parts(22_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(n.into())))
	}
	// Storage: `StciIssuance::Expiry` (r:1 w:1)
	// Storage: `StciIssuance::OpenEra` (r:1 w:0)
	// Storage: `StciIssuance::Ledgers`, `SupplyOf` (r:1 w:1 each)
	// Storage: `Parameters::Parameters` (r:1 w:0)
	// Storage: `StciIssuance::Merits` (r:96 w:96)
	// `n` is from 0 to 96.
	fn sweep(n: u32, ) -> Weight {
		Weight::from_parts(25_000_000, 0)
			.saturating_add(Weight::from_parts(2_500_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(3))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
	}
}
