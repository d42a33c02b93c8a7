//! The weights of `pallet_candidates`: estimated from those measured on 2026-11-21, until `scripts/weights` has written
//! this file anew.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_candidates` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_candidates::WeightInfo for Measured<T> {
	fn register() -> Weight {
		// At least 151_745 ns.
		Weight::from_parts(173_417_000, 0)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn bond_more() -> Weight {
		Weight::from_parts(85_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn leave() -> Weight {
		Weight::from_parts(180_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().writes(10))
	}
	fn resume() -> Weight {
		Weight::from_parts(180_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(16))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn withdraw_bond() -> Weight {
		Weight::from_parts(180_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn back() -> Weight {
		// At least 176_031 ns.
		Weight::from_parts(206_827_000, 0)
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(10))
	}
	fn unback() -> Weight {
		// At least 82_212 ns.
		Weight::from_parts(108_851_000, 0)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn unlock() -> Weight {
		// At least 69_373 ns.
		Weight::from_parts(75_031_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn admit() -> Weight {
		Weight::from_parts(140_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn eliminate() -> Weight {
		Weight::from_parts(1_100_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(330))
			.saturating_add(T::DbWeight::get().writes(20))
	}
	// `l` is from 0 to 99.
	fn report_latencies(l: u32, ) -> Weight {
		Weight::from_parts(160_000_000, 0)
			.saturating_add(Weight::from_parts(300_000, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn heartbeat() -> Weight {
		// At least 62_332 ns.
		Weight::from_parts(76_063_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn authorize_heartbeat() -> Weight {
		// At least 98_536 ns.
		Weight::from_parts(106_278_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
	}
	fn set_parameters() -> Weight {
		// At least 5_999 ns.
		Weight::from_parts(6_870_000, 0)
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// `n` is from 0 to 400.
	fn era_started(n: u32, ) -> Weight {
		Weight::from_parts(28_000_000_000, 0)
			.saturating_add(Weight::from_parts(1_279_190, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3600))
			.saturating_add(T::DbWeight::get().reads((5_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1900))
	}
	fn turns_missed(n: u32) -> Weight {
		Weight::from_parts(400_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(330))
			.saturating_add(T::DbWeight::get().writes(12))
			.saturating_add(Weight::from_parts(500_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads((14_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes((12_u64).saturating_mul(n.into())))
	}
	fn authored() -> Weight {
		// At least 55_903 ns.
		Weight::from_parts(63_614_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn offended() -> Weight {
		Weight::from_parts(1_100_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(330))
			.saturating_add(T::DbWeight::get().writes(21))
	}
}
