//! The weights of `pallet_device_registry`, estimated: `scripts/weights` writes this file with measured ones.

#![cfg_attr(rustfmt, rustfmt_skip)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls of `pallet_device_registry` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_device_registry::WeightInfo for Measured<T> {
	fn register_vendor() -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn add_vendor_key() -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn rotate_vendor_key() -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn revoke_vendor_key() -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn revoke_vendor() -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn register_model() -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn register(p: u32) -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(Weight::from_parts(2_000_000_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn attest(p: u32) -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(Weight::from_parts(2_000_000_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn set_endpoints() -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn suspend() -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn resume() -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn retire() -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn revoke() -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn offer_transfer() -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn withdraw_offer() -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
	fn accept_transfer(p: u32) -> Weight {
		Weight::from_parts(2_000_000_000, 0)
			.saturating_add(Weight::from_parts(2_000_000_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads_writes(12, 12))
	}
}
