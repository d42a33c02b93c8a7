//! The weights of `pallet_motions`: estimated, until `scripts/weights` has written this file.
//!
//! Each member is an entry of the candidates that is read, and compared with those that voted; a call is hashed,
//! decoded and copied.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_motions` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_motions::WeightInfo for Measured<T> {
	fn propose(m: u32, b: u32) -> Weight {
		Weight::from_parts(80_000_000, 0)
			.saturating_add(Weight::from_parts(8_000_000, 0).saturating_mul(m.into()))
			.saturating_add(Weight::from_parts(20_000, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(m.into()))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn vote(m: u32) -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(Weight::from_parts(8_000_000, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads(m.into()))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn carry(b: u32) -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(Weight::from_parts(40_000, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn close(m: u32) -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(Weight::from_parts(8_000_000, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads(m.into()))
			.saturating_add(T::DbWeight::get().writes(4))
	}
}
