//! The weights of `pallet_storage_market`: estimates by hand, by what calls read, write and hash. `scripts/weights` writes
//! this file anew, measured.
//!
//! That offers are compared with what is paid on average was added in the same way. Answers note what they are paid with
//! in one value, which a block reads and writes once, however many there are: the tick is charged for that.
//!
//! Terms of deals are read with each tick and lie in memory; they count for nothing here.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_storage_market` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_storage_market::WeightInfo for Measured<T> {
	fn set_offer() -> Weight {
		Weight::from_parts(652_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(74))
			.saturating_add(T::DbWeight::get().writes(132))
	}
	fn withdraw_offer() -> Weight {
		Weight::from_parts(692_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(80))
			.saturating_add(T::DbWeight::get().writes(142))
	}
	// `n` is from 1 to 32.
	fn open_deal(n: u32, ) -> Weight {
		Weight::from_parts(95_000_000, 0)
			.saturating_add(Weight::from_parts(3_200_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(24))
			.saturating_add(T::DbWeight::get().writes(8))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
	}
	fn commit_roots() -> Weight {
		Weight::from_parts(48_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn redraw() -> Weight {
		Weight::from_parts(62_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn confirm() -> Weight {
		Weight::from_parts(310_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(26))
			.saturating_add(T::DbWeight::get().writes(26))
	}
	fn check_confirmation() -> Weight {
		Weight::from_parts(190_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
	}
	fn answer() -> Weight {
		Weight::from_parts(98_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	fn check_answer() -> Weight {
		Weight::from_parts(58_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
	}
	// `s` is from 1 to 32.
	fn claim(s: u32, ) -> Weight {
		Weight::from_parts(12_000_000, 0)
			.saturating_add(Weight::from_parts(78_000_000, 0).saturating_mul(s.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(s.into())))
			.saturating_add(T::DbWeight::get().writes(4))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(s.into())))
	}
	fn leave_slot() -> Weight {
		Weight::from_parts(66_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn extend() -> Weight {
		Weight::from_parts(78_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn end_deal() -> Weight {
		Weight::from_parts(420_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(166))
			.saturating_add(T::DbWeight::get().writes(169))
	}
	fn tend() -> Weight {
		Weight::from_parts(2_900_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(200))
			.saturating_add(T::DbWeight::get().writes(232))
	}
	fn close() -> Weight {
		Weight::from_parts(3_200_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(105))
			.saturating_add(T::DbWeight::get().writes(205))
	}
	fn pay() -> Weight {
		Weight::from_parts(52_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn prove_now() -> Weight {
		Weight::from_parts(44_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn grant() -> Weight {
		Weight::from_parts(66_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn revoke() -> Weight {
		Weight::from_parts(64_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn top_up_egress() -> Weight {
		Weight::from_parts(58_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn redeem() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn offer_probes() -> Weight {
		Weight::from_parts(20_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn report_probe() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn check_report() -> Weight {
		Weight::from_parts(310_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(7))
	}
	fn choose() -> Weight {
		Weight::from_parts(72_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn move_slot() -> Weight {
		Weight::from_parts(74_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	// `m` is from 0 to 64.
	// `c` is from 0 to 21.
	fn turn(m: u32, c: u32, ) -> Weight {
		Weight::from_parts(63_000_000, 0)
			.saturating_add(Weight::from_parts(58_000_000, 0).saturating_mul(m.into()))
			.saturating_add(Weight::from_parts(21_000_000, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().reads((5_u64).saturating_mul(m.into())))
			.saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes(11))
			.saturating_add(T::DbWeight::get().writes((8_u64).saturating_mul(m.into())))
			.saturating_add(T::DbWeight::get().writes((5_u64).saturating_mul(c.into())))
	}
	fn place() -> Weight {
		Weight::from_parts(190_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(88))
			.saturating_add(T::DbWeight::get().writes(6))
	}
}
