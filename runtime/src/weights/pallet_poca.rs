//! The weights of `pallet_poca`: estimated from those measured on 2026-11-21, until `scripts/weights` has written this
//! file anew.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_poca` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_poca::WeightInfo for Measured<T> {
	fn on_initialize(d: u32) -> Weight {
		Weight::from_parts(75_000_000, 0)
			.saturating_add(Weight::from_parts(3_000_000, 0).saturating_mul(d.into()))
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn enter_era() -> Weight {
		Weight::from_parts(25_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(6))
	}
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
