//! The weights of `pallet_poca`, measured: `scripts/weights` writes this file.
//!
//! 2026-11-29, AMD EPYC; 20 steps, 10 repetitions, frame-omni-bencher.
//! Each figure is the larger one of that day and of 2026-11-28.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_poca` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_poca::WeightInfo for Measured<T> {
	// Storage: `Poca::Directors` (r:1 w:0)
	// Proof: `Poca::Directors` (`max_values`: Some(1), `max_size`: Some(6338), added: 6833, mode: `MaxEncodedLen`)
	// Storage: `Poca::StandbySigners` (r:1 w:0)
	// Proof: `Poca::StandbySigners` (`max_values`: Some(1), `max_size`: Some(6437), added: 6932, mode: `MaxEncodedLen`)
	// Storage: `Poca::SlotDuration` (r:1 w:0)
	// Proof: `Poca::SlotDuration` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Poca::EraLength` (r:1 w:0)
	// Proof: `Poca::EraLength` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::CurrentRandomness` (r:1 w:0)
	// Proof: `Poca::CurrentRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	// Storage: `Poca::TurnHolder` (r:1 w:1)
	// Proof: `Poca::TurnHolder` (`max_values`: Some(1), `max_size`: Some(10), added: 505, mode: `MaxEncodedLen`)
	// Storage: `Poca::GenesisSlot` (r:1 w:0)
	// Proof: `Poca::GenesisSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Poca::CurrentSlot` (r:1 w:1)
	// Proof: `Poca::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Poca::AccumulatedRandomness` (r:1 w:1)
	// Proof: `Poca::AccumulatedRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	// Storage: `Poca::Tallies` (r:1 w:1)
	// Proof: `Poca::Tallies` (`max_values`: Some(1), `max_size`: Some(1190), added: 1685, mode: `MaxEncodedLen`)
	// Storage: `Poca::TurnAttended` (r:1 w:1)
	// Proof: `Poca::TurnAttended` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	// Storage: `Poca::Author` (r:0 w:1)
	// Proof: `Poca::Author` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	// Storage: `Poca::Full` (r:0 w:1)
	// Proof: `Poca::Full` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	// Storage: `Poca::RecentSlots` (r:0 w:1)
	// Proof: `Poca::RecentSlots` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
	// `d` is from 1 to 99.
	fn on_initialize(d: u32, ) -> Weight {
		// At least 24_166 ns.
		Weight::from_parts(31_557_350, 0)
			// Standard error: 494.
			.saturating_add(Weight::from_parts(1_629_253, 0).saturating_mul(d.into()))
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	// Storage: `Poca::EraLength` (r:1 w:0)
	// Proof: `Poca::EraLength` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:1)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::AccumulatedRandomness` (r:1 w:0)
	// Proof: `Poca::AccumulatedRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	// Storage: `Poca::NextRandomness` (r:1 w:1)
	// Proof: `Poca::NextRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	// Storage: `Poca::EraStarts` (r:0 w:2)
	// Proof: `Poca::EraStarts` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	// Storage: `Poca::CurrentRandomness` (r:0 w:1)
	// Proof: `Poca::CurrentRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	fn enter_era() -> Weight {
		// At least 11_777 ns.
		Weight::from_parts(15_153_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	// Storage: `Poca::Clock` (r:1 w:1)
	// Proof: `Poca::Clock` (`max_values`: Some(1), `max_size`: Some(5), added: 500, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::Finalized` (r:1 w:0)
	// Proof: `BftFinality::Finalized` (`max_values`: Some(1), `max_size`: Some(36), added: 531, mode: `MaxEncodedLen`)
	// Storage: `MultiBlockMigrations::Cursor` (r:1 w:0)
	// Proof: `MultiBlockMigrations::Cursor` (`max_values`: Some(1), `max_size`: Some(65550), added: 66045, mode: `MaxEncodedLen`)
	// Storage: `Poca::Full` (r:1 w:0)
	// Proof: `Poca::Full` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	fn tick() -> Weight {
		// At least 6_930 ns.
		Weight::from_parts(9_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `Poca::Directors` (r:1 w:1)
	// Proof: `Poca::Directors` (`max_values`: Some(1), `max_size`: Some(6338), added: 6833, mode: `MaxEncodedLen`)
	// Storage: `Poca::StandbySigners` (r:1 w:1)
	// Proof: `Poca::StandbySigners` (`max_values`: Some(1), `max_size`: Some(6437), added: 6932, mode: `MaxEncodedLen`)
	// Storage: `Session::NextKeys` (r:198 w:0)
	// Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
	// Storage: `Poca::CurrentSlot` (r:1 w:0)
	// Proof: `Poca::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Poca::Tallies` (r:1 w:1)
	// Proof: `Poca::Tallies` (`max_values`: Some(1), `max_size`: Some(1190), added: 1685, mode: `MaxEncodedLen`)
	// Storage: `Poca::TurnHolder` (r:0 w:1)
	// Proof: `Poca::TurnHolder` (`max_values`: Some(1), `max_size`: Some(10), added: 505, mode: `MaxEncodedLen`)
	// Storage: `Poca::TurnAttended` (r:0 w:1)
	// Proof: `Poca::TurnAttended` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	// `d` is from 1 to 99.
	fn renew_keys(d: u32, ) -> Weight {
		// At least 16_114 ns.
		Weight::from_parts(17_725_305, 0)
			// Standard error: 2_114.
			.saturating_add(Weight::from_parts(5_083_623, 0).saturating_mul(d.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(d.into())))
			.saturating_add(T::DbWeight::get().writes(5))
	}
}
