//! The weights of `pallet_equivocation`: estimated from those measured on 2026-11-21, until `scripts/weights` has
//! written this file anew.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_equivocation` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_equivocation::WeightInfo for Measured<T> {
	fn report_vote_equivocation() -> Weight {
		Weight::from_parts(90_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(20))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn authorize_report_vote_equivocation() -> Weight {
		Weight::from_parts(120_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(20))
	}
	fn report_block_equivocation(b: u32) -> Weight {
		Weight::from_parts(75_000_000, 0)
			.saturating_add(Weight::from_parts(259, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn authorize_report_block_equivocation(b: u32) -> Weight {
		Weight::from_parts(130_000_000, 0)
			.saturating_add(Weight::from_parts(1_780, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(18))
	}
	fn authors_changed(d: u32) -> Weight {
		Weight::from_parts(20_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(Weight::from_parts(14_000_000, 0).saturating_mul(d.into()))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(d.into())))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(d.into())))
	}
	fn voters_named(v: u32) -> Weight {
		Weight::from_parts(40_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
			.saturating_add(Weight::from_parts(14_000_000, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(v.into())))
	}
	fn prune_nothing() -> Weight {
		Weight::from_parts(12_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
	}
	fn prune_authors(a: u32) -> Weight {
		Weight::from_parts(10_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(Weight::from_parts(12_000_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(a.into())))
	}
	fn prune_offences(o: u32) -> Weight {
		Weight::from_parts(10_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(Weight::from_parts(8_000_000, 0).saturating_mul(o.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(o.into())))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(o.into())))
	}
	fn prune_voters(v: u32) -> Weight {
		Weight::from_parts(15_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
			.saturating_add(Weight::from_parts(12_000_000, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(v.into())))
	}
}
