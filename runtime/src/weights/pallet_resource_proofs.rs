//! The weights of `pallet_resource_proofs`, estimated: `scripts/weights` writes this file with measured ones.

#![cfg_attr(rustfmt, rustfmt_skip)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_resource_proofs` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_resource_proofs::WeightInfo for Measured<T> {
	fn on_initialize() -> Weight {
		Weight::from_parts(20_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
	}
	fn open_round() -> Weight {
		Weight::from_parts(40_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(4, 3))
	}
	fn on_idle() -> Weight {
		Weight::from_parts(10_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
	}
	fn declare() -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(9, 7))
	}
	fn withdraw() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(26, 20))
	}
	fn win_space() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(28, 18))
	}
	fn authorize_win_space() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(8))
	}
	fn verify_space(n: u32) -> Weight {
		Weight::from_parts(10_000_000, 0)
			.saturating_add(Weight::from_parts(90_000_000, 0).saturating_mul(n.into()))
	}
	fn win_compute() -> Weight {
		Weight::from_parts(70_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(7, 5))
	}
	fn authorize_win_compute() -> Weight {
		Weight::from_parts(120_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(8))
	}
	fn verify_segment() -> Weight {
		Weight::from_parts(1_600_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(30, 22))
	}
	fn pulse() -> Weight {
		Weight::from_parts(120_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(26, 17))
	}
	fn authorize_pulse() -> Weight {
		Weight::from_parts(450_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(8))
	}
	fn offer_link() -> Weight {
		Weight::from_parts(80_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(4, 3))
	}
	fn accept_link() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(24, 18))
	}
	fn unlink() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(25, 19))
	}
	fn refresh() -> Weight {
		Weight::from_parts(120_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(24, 17))
	}
	fn set_parameters() -> Weight {
		Weight::from_parts(30_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}
}
