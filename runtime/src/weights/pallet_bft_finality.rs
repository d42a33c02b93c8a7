//! The weights of `pallet_bft_finality`: estimated from those measured on 2026-11-21, until `scripts/weights` has
//! written this file anew.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_bft_finality` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_bft_finality::WeightInfo for Measured<T> {
	fn on_initialize() -> Weight {
		// At least 18_157 ns.
		Weight::from_parts(19_329_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	// `v` is from 1 to 99.
	fn change_voters(v: u32, ) -> Weight {
		// At least 28_372 ns.
		Weight::from_parts(32_282_769, 0)
			// Standard error: 2_905.
			.saturating_add(Weight::from_parts(109_253, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	// `v` is from 1 to 99.
	fn seat_voters(v: u32, ) -> Weight {
		// At least 9_093 ns.
		Weight::from_parts(8_588_500, 0)
			// Standard error: 3_292.
			.saturating_add(Weight::from_parts(2_269_979, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn record_vote() -> Weight {
		Weight::from_parts(90_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(20))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn authorize_record_vote() -> Weight {
		// At least 60_239 ns.
		Weight::from_parts(64_336_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
	}
}
