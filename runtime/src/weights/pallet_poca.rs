//! The weights of `pallet_poca`, measured: `scripts/weights` writes this file.
//!
//! 2026-11-21, AMD EPYC; 20 steps, 10 repetitions, frame-omni-bencher.

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
	// Storage: `Poca::StandbyTurn` (r:1 w:1)
	// Proof: `Poca::StandbyTurn` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Poca::GenesisSlot` (r:1 w:0)
	// Proof: `Poca::GenesisSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Poca::CurrentSlot` (r:1 w:1)
	// Proof: `Poca::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Poca::AccumulatedRandomness` (r:1 w:1)
	// Proof: `Poca::AccumulatedRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	// Storage: `Poca::Records` (r:1 w:1)
	// Proof: `Poca::Records` (`max_values`: Some(1), `max_size`: Some(1190), added: 1685, mode: `MaxEncodedLen`)
	// Storage: `Poca::TurnAttended` (r:1 w:1)
	// Proof: `Poca::TurnAttended` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Absences` (r:1 w:0)
	// Proof: `Candidates::Absences` (`max_values`: Some(1), `max_size`: Some(13862), added: 14357, mode: `MaxEncodedLen`)
	// Storage: `Candidates::ErasWithPoints` (r:1 w:0)
	// Proof: `Candidates::ErasWithPoints` (`max_values`: Some(1), `max_size`: Some(578), added: 1073, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Points` (r:1 w:1)
	// Proof: `Candidates::Points` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	// Storage: `Candidates::TotalPoints` (r:1 w:1)
	// Proof: `Candidates::TotalPoints` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Parameters` (r:1 w:0)
	// Proof: `Candidates::Parameters` (`max_values`: Some(1), `max_size`: Some(80), added: 575, mode: `MaxEncodedLen`)
	// `d` is from 1 to 99.
	fn on_initialize(d: u32, ) -> Weight {
		// At least 44_856 ns.
		Weight::from_parts(61_042_300, 0)
			// Standard error: 28_682.
			.saturating_add(Weight::from_parts(2_875_774, 0).saturating_mul(d.into()))
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	// Storage: `Poca::Era` (r:1 w:1)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::EraLength` (r:1 w:0)
	// Proof: `Poca::EraLength` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::GenesisSlot` (r:1 w:0)
	// Proof: `Poca::GenesisSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Poca::NextRandomness` (r:1 w:1)
	// Proof: `Poca::NextRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	// Storage: `Poca::AccumulatedRandomness` (r:1 w:0)
	// Proof: `Poca::AccumulatedRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	// Storage: `Poca::CurrentRandomness` (r:0 w:1)
	// Proof: `Poca::CurrentRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	fn enter_era() -> Weight {
		// At least 13_290 ns.
		Weight::from_parts(15_583_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `Poca::Directors` (r:1 w:1)
	// Proof: `Poca::Directors` (`max_values`: Some(1), `max_size`: Some(6338), added: 6833, mode: `MaxEncodedLen`)
	// Storage: `Poca::StandbySigners` (r:1 w:1)
	// Proof: `Poca::StandbySigners` (`max_values`: Some(1), `max_size`: Some(6437), added: 6932, mode: `MaxEncodedLen`)
	// Storage: `Session::NextKeys` (r:198 w:0)
	// Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::Authors` (r:198 w:198)
	// Proof: `Equivocation::Authors` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	// Storage: `Poca::Records` (r:1 w:1)
	// Proof: `Poca::Records` (`max_values`: Some(1), `max_size`: Some(1190), added: 1685, mode: `MaxEncodedLen`)
	// Storage: `Poca::TurnAttended` (r:0 w:1)
	// Proof: `Poca::TurnAttended` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	// `d` is from 1 to 99.
	fn renew_keys(d: u32, ) -> Weight {
		// At least 39_238 ns.
		Weight::from_parts(41_692_000, 0)
			// Standard error: 192_436.
			.saturating_add(Weight::from_parts(24_897_098, 0).saturating_mul(d.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(d.into())))
			.saturating_add(T::DbWeight::get().writes(4))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(d.into())))
	}
}
