//! The weights of `pallet_upgrades`, estimated: `scripts/weights` writes this file.
//!
//! By what a byte of code takes: it is read, copied and hashed once, and written once.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_upgrades` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_upgrades::WeightInfo for Measured<T> {
	// Storage: `Upgrades::Pending` (r:1 w:0)
	// Proof: `Upgrades::Pending` (`max_values`: Some(1), `max_size`: Some(36), added: 531, mode: `MaxEncodedLen`)
	// Storage: `MultiBlockMigrations::Cursor` (r:1 w:0)
	// Proof: `MultiBlockMigrations::Cursor` (`max_values`: Some(1), `max_size`: Some(65550), added: 66045, mode: `MaxEncodedLen`)
	fn wait() -> Weight {
		// At least 6_000 ns.
		Weight::from_parts(7_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
	}
	// Storage: `Upgrades::Code` (r:1 w:1)
	// Storage: `Upgrades::Pending` (r:0 w:1)
	// Storage: `System::Digest` (r:1 w:1)
	// Storage: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	// `b` is from 1 to 5242880.
	fn put_in_force(b: u32, ) -> Weight {
		// At least 40_000 ns.
		Weight::from_parts(60_000_000, 0)
			.saturating_add(Weight::from_parts(6_000, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `Upgrades::Pending` (r:1 w:1)
	// Proof: `Upgrades::Pending` (`max_values`: Some(1), `max_size`: Some(36), added: 531, mode: `MaxEncodedLen`)
	// Storage: `Upgrades::Code` (r:0 w:1)
	fn cancel() -> Weight {
		// At least 15_000 ns.
		Weight::from_parts(18_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(2))
	}
}
