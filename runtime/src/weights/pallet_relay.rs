//! The weights of `pallet_relay`, measured: `scripts/weights` writes this file.
//!
//! 2026-11-29, AMD EPYC; 20 steps, 10 repetitions, frame-omni-bencher.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_relay` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_relay::WeightInfo for Measured<T> {
	// Storage: `Relay::Nonces` (r:1 w:1)
	// Proof: `Relay::Nonces` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:3 w:3)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// `l` is from 8 to 16384.
	fn relay(l: u32, ) -> Weight {
		// At least 138_746 ns.
		Weight::from_parts(145_496_176, 0)
			// Standard error: 14.
			.saturating_add(Weight::from_parts(6_384, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `Relay::Nonces` (r:1 w:1)
	// Proof: `Relay::Nonces` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:2 w:2)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn revoke() -> Weight {
		// At least 34_481 ns.
		Weight::from_parts(36_214_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
}
