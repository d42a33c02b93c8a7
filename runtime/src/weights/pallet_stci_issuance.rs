//! The weights of `pallet_stci_issuance`, measured: `scripts/weights` writes this file.
//!
//! 2026-11-29, AMD EPYC; 20 steps, 10 repetitions, frame-omni-bencher.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_stci_issuance` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_stci_issuance::WeightInfo for Measured<T> {
	// Storage: `StciIssuance::OpenEra` (r:1 w:1)
	// Proof: `StciIssuance::OpenEra` (`max_values`: Some(1), `max_size`: Some(52), added: 547, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::Totals` (r:1 w:1)
	// Proof: `StciIssuance::Totals` (`max_values`: Some(1), `max_size`: Some(112), added: 607, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::Demanded` (r:1 w:1)
	// Proof: `StciIssuance::Demanded` (`max_values`: Some(1), `max_size`: Some(80), added: 575, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::SupplyOf` (r:1 w:1)
	// Proof: `StciIssuance::SupplyOf` (`max_values`: Some(1), `max_size`: Some(48), added: 543, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::Schedule` (r:1 w:0)
	// Proof: `StciIssuance::Schedule` (`max_values`: Some(1), `max_size`: Some(36), added: 531, mode: `MaxEncodedLen`)
	// Storage: `Parameters::Parameters` (r:11 w:0)
	// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:1 w:1)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::Expiry` (r:1 w:1)
	// Proof: `StciIssuance::Expiry` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::Ledgers` (r:1 w:2)
	// Proof: `StciIssuance::Ledgers` (`max_values`: None, `max_size`: Some(352), added: 2827, mode: `MaxEncodedLen`)
	fn era_started() -> Weight {
		// At least 46_279 ns.
		Weight::from_parts(48_822_000, 0)
			.saturating_add(T::DbWeight::get().reads(19))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	// Storage: `StciIssuance::OpenEra` (r:1 w:0)
	// Proof: `StciIssuance::OpenEra` (`max_values`: Some(1), `max_size`: Some(52), added: 547, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::Merits` (r:1 w:1)
	// Proof: `StciIssuance::Merits` (`max_values`: None, `max_size`: Some(172), added: 2647, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::Totals` (r:1 w:1)
	// Proof: `StciIssuance::Totals` (`max_values`: Some(1), `max_size`: Some(112), added: 607, mode: `MaxEncodedLen`)
	fn authored() -> Weight {
		// At least 5_288 ns.
		Weight::from_parts(5_688_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	// Storage: `StciIssuance::OpenEra` (r:1 w:0)
	// Proof: `StciIssuance::OpenEra` (`max_values`: Some(1), `max_size`: Some(52), added: 547, mode: `MaxEncodedLen`)
	// Storage: `Parameters::Parameters` (r:1 w:0)
	// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::Ledgers` (r:16 w:16)
	// Proof: `StciIssuance::Ledgers` (`max_values`: None, `max_size`: Some(352), added: 2827, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::Merits` (r:16 w:16)
	// Proof: `StciIssuance::Merits` (`max_values`: None, `max_size`: Some(172), added: 2647, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:1 w:1)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::SupplyOf` (r:1 w:1)
	// Proof: `StciIssuance::SupplyOf` (`max_values`: Some(1), `max_size`: Some(48), added: 543, mode: `MaxEncodedLen`)
	// `n` is from 1 to 16.
	fn claim(n: u32, ) -> Weight {
		// At least 35_293 ns.
		Weight::from_parts(26_406_625, 0)
			// Standard error: 5_643.
			.saturating_add(Weight::from_parts(11_527_567, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(n.into())))
	}
	// Storage: `StciIssuance::Expiry` (r:1 w:1)
	// Proof: `StciIssuance::Expiry` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::OpenEra` (r:1 w:0)
	// Proof: `StciIssuance::OpenEra` (`max_values`: Some(1), `max_size`: Some(52), added: 547, mode: `MaxEncodedLen`)
	// Storage: `Parameters::Parameters` (r:1 w:0)
	// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::Ledgers` (r:1 w:1)
	// Proof: `StciIssuance::Ledgers` (`max_values`: None, `max_size`: Some(352), added: 2827, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::SupplyOf` (r:1 w:1)
	// Proof: `StciIssuance::SupplyOf` (`max_values`: Some(1), `max_size`: Some(48), added: 543, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::Merits` (r:96 w:96)
	// Proof: `StciIssuance::Merits` (`max_values`: None, `max_size`: Some(172), added: 2647, mode: `MaxEncodedLen`)
	// `n` is from 0 to 96.
	fn sweep(n: u32, ) -> Weight {
		// At least 14_201 ns.
		Weight::from_parts(14_303_714, 0)
			// Standard error: 568.
			.saturating_add(Weight::from_parts(658_640, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(3))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
	}
}
