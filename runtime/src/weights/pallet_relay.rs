//! The weights of `pallet_relay`, estimated by what neighbours were measured to take: `scripts/weights` writes this
//! file. The hash of genesis is read in every block, and no cost of a call.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls of `pallet_relay` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_relay::WeightInfo for Measured<T> {
	// Storage: `Relay::Nonces` (r:1 w:1)
	// Storage: `System::Account` (r:3 w:3)
	// `l` is from 8 to 16384.
	fn relay(l: u32, ) -> Weight {
		Weight::from_parts(260_000_000, 0)
			.saturating_add(Weight::from_parts(3_500, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `Relay::Nonces` (r:1 w:1)
	// Storage: `System::Account` (r:2 w:2)
	fn revoke() -> Weight {
		Weight::from_parts(65_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
}
