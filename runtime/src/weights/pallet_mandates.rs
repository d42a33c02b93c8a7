//! The weights of `pallet_mandates`, estimated: `scripts/weights` writes this file when it measures them.

#![cfg_attr(rustfmt, rustfmt_skip)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls of `pallet_mandates` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_mandates::WeightInfo for Measured<T> {
	// Storage: `Mandates::Sponsored` (r:1 w:1), `Mandates::Scale` (r:1 w:0)
	fn sponsor() -> Weight {
		Weight::from_parts(20_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `Mandates::Sponsored` (r:1 w:1)
	fn act() -> Weight {
		Weight::from_parts(25_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `Mandates::Steward` (r:0 w:1), `Mandates::Scale` (r:1 w:0), `Parameters::Parameters` (r:1 w:0)
	fn appoint() -> Weight {
		Weight::from_parts(18_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `Mandates::Steward` (r:1 w:1), `Mandates::NextReport` (r:1 w:1), `Mandates::Reports` (r:0 w:2),
	// `Mandates::Scale` (r:1 w:0), `Parameters::Parameters` (r:1 w:0)
	fn report() -> Weight {
		Weight::from_parts(32_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
}
