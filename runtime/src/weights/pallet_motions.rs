//! The weights of `pallet_motions`, measured: `scripts/weights` writes this file.
//!
//! 2026-11-28, AMD EPYC; 20 steps, 10 repetitions, frame-omni-bencher.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_motions` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_motions::WeightInfo for Measured<T> {
	// Storage: `Poca::Directors` (r:1 w:0)
	// Proof: `Poca::Directors` (`max_values`: Some(1), `max_size`: Some(6338), added: 6833, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Candidates` (r:99 w:0)
	// Proof: `Candidates::Candidates` (`max_values`: None, `max_size`: Some(74), added: 2549, mode: `MaxEncodedLen`)
	// Storage: `Motions::OpenBy` (r:1 w:1)
	// Proof: `Motions::OpenBy` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Motions::CounterForMotions` (r:1 w:1)
	// Proof: `Motions::CounterForMotions` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Motions::NextMotion` (r:1 w:1)
	// Proof: `Motions::NextMotion` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Motions::Motions` (r:1 w:1)
	// Proof: `Motions::Motions` (`max_values`: None, `max_size`: Some(6393), added: 8868, mode: `MaxEncodedLen`)
	// Storage: `Motions::Calls` (r:0 w:1)
	// Proof: `Motions::Calls` (`max_values`: None, `max_size`: Some(1038), added: 3513, mode: `MaxEncodedLen`)
	// `m` is from 2 to 99.
	// `b` is from 6 to 1024.
	fn propose(m: u32, _b: u32, ) -> Weight {
		// At least 37_496 ns.
		Weight::from_parts(43_872_745, 0)
			// Standard error: 32_932.
			.saturating_add(Weight::from_parts(3_897_332, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(m.into())))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	// Storage: `Poca::Directors` (r:1 w:0)
	// Proof: `Poca::Directors` (`max_values`: Some(1), `max_size`: Some(6338), added: 6833, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Candidates` (r:99 w:0)
	// Proof: `Candidates::Candidates` (`max_values`: None, `max_size`: Some(74), added: 2549, mode: `MaxEncodedLen`)
	// Storage: `Motions::Motions` (r:1 w:1)
	// Proof: `Motions::Motions` (`max_values`: None, `max_size`: Some(6393), added: 8868, mode: `MaxEncodedLen`)
	// `m` is from 2 to 99.
	fn vote(m: u32, ) -> Weight {
		// At least 24_707 ns.
		Weight::from_parts(16_321_137, 0)
			// Standard error: 16_402.
			.saturating_add(Weight::from_parts(3_834_070, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(m.into())))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `Poca::Directors` (r:1 w:0)
	// Proof: `Poca::Directors` (`max_values`: Some(1), `max_size`: Some(6338), added: 6833, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Candidates` (r:1 w:0)
	// Proof: `Candidates::Candidates` (`max_values`: None, `max_size`: Some(74), added: 2549, mode: `MaxEncodedLen`)
	// Storage: `Motions::Motions` (r:1 w:1)
	// Proof: `Motions::Motions` (`max_values`: None, `max_size`: Some(6393), added: 8868, mode: `MaxEncodedLen`)
	// Storage: `Motions::Calls` (r:1 w:1)
	// Proof: `Motions::Calls` (`max_values`: None, `max_size`: Some(1038), added: 3513, mode: `MaxEncodedLen`)
	// Storage: `Motions::CounterForMotions` (r:1 w:1)
	// Proof: `Motions::CounterForMotions` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Motions::OpenBy` (r:1 w:1)
	// Proof: `Motions::OpenBy` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// `b` is from 6 to 1024.
	fn carry(b: u32, ) -> Weight {
		// At least 35_002 ns.
		Weight::from_parts(37_881_072, 0)
			// Standard error: 55.
			.saturating_add(Weight::from_parts(1_225, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `Poca::Directors` (r:1 w:0)
	// Proof: `Poca::Directors` (`max_values`: Some(1), `max_size`: Some(6338), added: 6833, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Candidates` (r:99 w:0)
	// Proof: `Candidates::Candidates` (`max_values`: None, `max_size`: Some(74), added: 2549, mode: `MaxEncodedLen`)
	// Storage: `Motions::Motions` (r:1 w:1)
	// Proof: `Motions::Motions` (`max_values`: None, `max_size`: Some(6393), added: 8868, mode: `MaxEncodedLen`)
	// Storage: `Motions::CounterForMotions` (r:1 w:1)
	// Proof: `Motions::CounterForMotions` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Motions::OpenBy` (r:1 w:1)
	// Proof: `Motions::OpenBy` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Motions::Calls` (r:0 w:1)
	// Proof: `Motions::Calls` (`max_values`: None, `max_size`: Some(1038), added: 3513, mode: `MaxEncodedLen`)
	// `m` is from 2 to 99.
	fn close(m: u32, ) -> Weight {
		// At least 31_076 ns.
		Weight::from_parts(21_685_471, 0)
			// Standard error: 20_029.
			.saturating_add(Weight::from_parts(3_933_636, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(m.into())))
			.saturating_add(T::DbWeight::get().writes(4))
	}
}
