//! The weights of `pallet_payment_channels`, estimated by what neighbours were measured to take: `scripts/weights`
//! writes this file. The hash of genesis and the markets' clock are read in every block, and no cost of a call.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls of `pallet_payment_channels` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_payment_channels::WeightInfo for Measured<T> {
	// Storage: `PaymentChannels::LastId` (r:1 w:1)
	// Storage: `PaymentChannels::Channels` (r:0 w:1)
	// Storage: `Mandates::Scale` (r:1 w:0)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Storage: `System::Account` (r:2 w:2)
	fn open() -> Weight {
		Weight::from_parts(225_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Storage: `System::Account` (r:2 w:2)
	fn deposit() -> Weight {
		Weight::from_parts(75_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Storage: `System::Account` (r:2 w:2)
	fn withdraw() -> Weight {
		Weight::from_parts(250_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Storage: `System::Account` (r:3 w:3)
	fn close_together() -> Weight {
		Weight::from_parts(305_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	// Storage: `PaymentChannels::Channels`, `Cases` (r:1 w:1 each)
	// Storage: `Balances::Holds`, `TotalIssuance` (r:1 w:1 each)
	// Storage: `System::Account` (r:3 w:3)
	fn close_disputed_together() -> Weight {
		Weight::from_parts(345_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	// Storage: `PaymentChannels::Cases` (r:0 w:1)
	// Storage: `Mandates::Scale` (r:1 w:0)
	// `l` is from 0 to 64, `r` from 0 to 4.
	fn close(l: u32, r: u32, ) -> Weight {
		Weight::from_parts(175_000_000, 0)
			.saturating_add(Weight::from_parts(800_000, 0).saturating_mul(l.into()))
			.saturating_add(Weight::from_parts(62_000_000, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:0)
	// Storage: `PaymentChannels::Cases` (r:1 w:1)
	fn update() -> Weight {
		Weight::from_parts(160_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:0)
	// Storage: `PaymentChannels::Cases` (r:1 w:1)
	fn resync() -> Weight {
		Weight::from_parts(160_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `PaymentChannels::Channels`, `Cases` (r:1 w:1 each)
	// Storage: `Balances::Holds`, `TotalIssuance` (r:1 w:1 each)
	// Storage: `System::Account` (r:4 w:4)
	// Storage: `PaymentChannels::Reveals` (r:128 w:0)
	// `l` is from 0 to 128.
	fn prove_fraud(l: u32, ) -> Weight {
		Weight::from_parts(380_000_000, 0)
			.saturating_add(Weight::from_parts(4_500_000, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(l.into())))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	// Storage: `PaymentChannels::Channels`, `Cases` (r:1 w:1 each)
	// Storage: `PaymentChannels::Aftermaths` (r:0 w:1)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Storage: `System::Account` (r:5 w:5)
	// Storage: `Parameters::Parameters` (r:1 w:0)
	fn settle() -> Weight {
		Weight::from_parts(315_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:0)
	// Storage: `PaymentChannels::Aftermaths` (r:1 w:1)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Storage: `System::Account` (r:3 w:3)
	// Storage: `PaymentChannels::Reveals` (r:64 w:0)
	// `l` is from 0 to 64.
	fn unlock(l: u32, ) -> Weight {
		Weight::from_parts(185_000_000, 0)
			.saturating_add(Weight::from_parts(6_500_000, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(l.into())))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	// Storage: `PaymentChannels::Channels`, `Aftermaths` (r:1 w:1 each)
	// Storage: `Mandates::Scale` (r:1 w:0)
	// Storage: `Balances::Holds`, `TotalIssuance` (r:1 w:1 each)
	// Storage: `System::Account` (r:2 w:2)
	fn clear() -> Weight {
		Weight::from_parts(115_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	fn rekey() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `PaymentChannels::Reveals` (r:1 w:1)
	// Storage: `Balances::Holds`, `System::Account` (r:1 w:1 each)
	// `h` is from 9 to 4096.
	fn resolve_chain(h: u32, ) -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(Weight::from_parts(1_500_000, 0).saturating_mul(h.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `PaymentChannels::Reveals` (r:1 w:1)
	// Storage: `Balances::Holds`, `System::Account` (r:1 w:1 each)
	// `s` is from 0 to 3.
	fn resolve_signed(s: u32, ) -> Weight {
		Weight::from_parts(95_000_000, 0)
			.saturating_add(Weight::from_parts(64_000_000, 0).saturating_mul(s.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `PaymentChannels::Reveals` (r:1 w:1)
	// Storage: `Balances::Holds`, `System::Account` (r:1 w:1 each)
	// Storage: `DeviceRegistry::Devices`, `Models`, `Vendors`, `VendorKeys` (r:6 w:0 each)
	// `p` is from 0 to 6.
	fn resolve_asked(p: u32, ) -> Weight {
		Weight::from_parts(95_000_000, 0)
			.saturating_add(Weight::from_parts(26_000_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `PaymentChannels::Reveals` (r:1 w:1)
	// Storage: `Balances::Holds`, `System::Account` (r:1 w:1 each)
	fn purge_reveal() -> Weight {
		Weight::from_parts(65_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `PaymentChannels::Unpaid` (r:1 w:1)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Storage: `System::Account` (r:2 w:2)
	fn pay() -> Weight {
		Weight::from_parts(95_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `PaymentChannels::Towers` (r:1 w:1)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Storage: `System::Account` (r:2 w:2)
	fn register_tower() -> Weight {
		Weight::from_parts(70_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `PaymentChannels::Towers` (r:1 w:1)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Storage: `System::Account` (r:2 w:2)
	fn leave_tower() -> Weight {
		Weight::from_parts(70_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:0)
	// Storage: `PaymentChannels::Aftermaths`, `Towers` (r:1 w:1 each)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Storage: `System::Account` (r:2 w:2)
	fn claim_tower_failure() -> Weight {
		Weight::from_parts(250_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	// Storage: `PaymentChannels::Endpoints` (r:1 w:1)
	// Storage: `Balances::Holds`, `System::Account` (r:1 w:1 each)
	fn announce() -> Weight {
		Weight::from_parts(120_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `PaymentChannels::LookedAt` (r:1 w:1)
	// Storage: `PaymentChannels::Aftermaths`, `Reveals` (r:9 w:0 each)
	// `c` and `r` are from 0 to 8. Finding the next one counts as a read.
	fn look(c: u32, r: u32, ) -> Weight {
		Weight::from_parts(18_000_000, 0)
			.saturating_add(Weight::from_parts(9_000_000, 0).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(7_000_000, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(r.into())))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
