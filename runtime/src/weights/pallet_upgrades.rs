//! The weights of `pallet_upgrades`, measured: `scripts/weights` writes this file.
//!
//! 2026-11-29, AMD EPYC; 20 steps, 10 repetitions, frame-omni-bencher.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_upgrades` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_upgrades::WeightInfo for Measured<T> {
	// Storage: `Upgrades::Pending` (r:1 w:0)
	// Proof: `Upgrades::Pending` (`max_values`: Some(1), `max_size`: Some(36), added: 531, mode: `MaxEncodedLen`)
	fn wait() -> Weight {
		// At least 2_414 ns.
		Weight::from_parts(2_664_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
	}
	// Storage: `Upgrades::Pending` (r:1 w:1)
	// Proof: `Upgrades::Pending` (`max_values`: Some(1), `max_size`: Some(36), added: 531, mode: `MaxEncodedLen`)
	// Storage: `MultiBlockMigrations::Cursor` (r:1 w:0)
	// Proof: `MultiBlockMigrations::Cursor` (`max_values`: Some(1), `max_size`: Some(65550), added: 66045, mode: `MaxEncodedLen`)
	// Storage: `Upgrades::Code` (r:1 w:1)
	// Proof: `Upgrades::Code` (`max_values`: Some(1), `max_size`: Some(5242884), added: 5243379, mode: `MaxEncodedLen`)
	// Storage: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	// Proof: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	// `b` is from 1 to 5242880.
	fn put_in_force(b: u32, ) -> Weight {
		// At least 8_192 ns.
		Weight::from_parts(8_202_000, 0)
			// Standard error: 32.
			.saturating_add(Weight::from_parts(2_836, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `Upgrades::Pending` (r:1 w:1)
	// Proof: `Upgrades::Pending` (`max_values`: Some(1), `max_size`: Some(36), added: 531, mode: `MaxEncodedLen`)
	// Storage: `Upgrades::Code` (r:0 w:1)
	// Proof: `Upgrades::Code` (`max_values`: Some(1), `max_size`: Some(5242884), added: 5243379, mode: `MaxEncodedLen`)
	fn cancel() -> Weight {
		// At least 29_994 ns.
		Weight::from_parts(36_084_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(2))
	}
}
