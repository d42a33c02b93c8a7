//! The weights of `pallet_mandates`, measured: `scripts/weights` writes this file.
//!
//! 2026-11-29, AMD EPYC; 20 steps, 10 repetitions, frame-omni-bencher.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_mandates` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_mandates::WeightInfo for Measured<T> {
	// Storage: `Mandates::Scale` (r:1 w:0)
	// Proof: `Mandates::Scale` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Mandates::Sponsored` (r:1 w:1)
	// Proof: `Mandates::Sponsored` (`max_values`: Some(1), `max_size`: Some(577), added: 1072, mode: `MaxEncodedLen`)
	fn sponsor() -> Weight {
		// At least 9_334 ns.
		Weight::from_parts(9_935_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `Mandates::Sponsored` (r:1 w:1)
	// Proof: `Mandates::Sponsored` (`max_values`: Some(1), `max_size`: Some(577), added: 1072, mode: `MaxEncodedLen`)
	// Storage: `System::AuthorizedUpgrade` (r:0 w:1)
	// Proof: `System::AuthorizedUpgrade` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	fn act() -> Weight {
		// At least 13_360 ns.
		Weight::from_parts(14_231_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	// Storage: `Parameters::Parameters` (r:1 w:0)
	// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	// Storage: `Mandates::Scale` (r:1 w:0)
	// Proof: `Mandates::Scale` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Mandates::Steward` (r:0 w:1)
	// Proof: `Mandates::Steward` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	fn appoint() -> Weight {
		// At least 7_371 ns.
		Weight::from_parts(7_892_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `Mandates::Steward` (r:1 w:1)
	// Proof: `Mandates::Steward` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	// Storage: `Mandates::NextReport` (r:1 w:1)
	// Proof: `Mandates::NextReport` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Parameters::Parameters` (r:1 w:0)
	// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	// Storage: `Mandates::Scale` (r:1 w:0)
	// Proof: `Mandates::Scale` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Mandates::Reports` (r:0 w:2)
	// Proof: `Mandates::Reports` (`max_values`: None, `max_size`: Some(342), added: 2817, mode: `MaxEncodedLen`)
	fn report() -> Weight {
		// At least 14_321 ns.
		Weight::from_parts(15_653_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
}
