//! The weights of `pallet_payment_channels`, measured: `scripts/weights` writes this file.
//!
//! 2026-11-29, AMD EPYC; 20 steps, 10 repetitions, frame-omni-bencher. What answers without an account cost besides
//! their least fee (`Surcharges`, and three reads of what fees are) was added by hand.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_payment_channels` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_payment_channels::WeightInfo for Measured<T> {
	// Storage: `Mandates::Scale` (r:1 w:0)
	// Proof: `Mandates::Scale` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:2 w:2)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::LastId` (r:1 w:1)
	// Proof: `PaymentChannels::LastId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Channels` (r:0 w:1)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	fn open() -> Weight {
		// At least 112_717 ns.
		Weight::from_parts(118_106_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:2 w:2)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn deposit() -> Weight {
		// At least 41_893 ns.
		Weight::from_parts(44_336_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:2 w:2)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn withdraw() -> Weight {
		// At least 116_173 ns.
		Weight::from_parts(121_020_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:3 w:3)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn close_together() -> Weight {
		// At least 145_757 ns.
		Weight::from_parts(152_407_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Cases` (r:1 w:1)
	// Proof: `PaymentChannels::Cases` (`max_values`: None, `max_size`: Some(564), added: 3039, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:3 w:3)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn close_disputed_together() -> Weight {
		// At least 163_734 ns.
		Weight::from_parts(170_654_000, 0)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Cases` (r:0 w:1)
	// Proof: `PaymentChannels::Cases` (`max_values`: None, `max_size`: Some(564), added: 3039, mode: `MaxEncodedLen`)
	// `l` is from 0 to 64.
	// `r` is from 0 to 4.
	fn close(l: u32, r: u32, ) -> Weight {
		// At least 113_129 ns.
		Weight::from_parts(94_700_000, 0)
			// Standard error: 12_507.
			.saturating_add(Weight::from_parts(359_200, 0).saturating_mul(l.into()))
			// Standard error: 182_822.
			.saturating_add(Weight::from_parts(36_277_302, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:0)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Cases` (r:1 w:1)
	// Proof: `PaymentChannels::Cases` (`max_values`: None, `max_size`: Some(564), added: 3039, mode: `MaxEncodedLen`)
	fn update() -> Weight {
		// At least 86_309 ns.
		Weight::from_parts(91_036_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:0)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Cases` (r:1 w:1)
	// Proof: `PaymentChannels::Cases` (`max_values`: None, `max_size`: Some(564), added: 3039, mode: `MaxEncodedLen`)
	fn resync() -> Weight {
		// At least 85_327 ns.
		Weight::from_parts(88_371_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Cases` (r:1 w:1)
	// Proof: `PaymentChannels::Cases` (`max_values`: None, `max_size`: Some(564), added: 3039, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Reveals` (r:64 w:0)
	// Proof: `PaymentChannels::Reveals` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:4 w:4)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	// `l` is from 0 to 128.
	fn prove_fraud(l: u32, ) -> Weight {
		// At least 202_822 ns.
		Weight::from_parts(192_985_850, 0)
			// Standard error: 20_812.
			.saturating_add(Weight::from_parts(1_067_337, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Cases` (r:1 w:1)
	// Proof: `PaymentChannels::Cases` (`max_values`: None, `max_size`: Some(564), added: 3039, mode: `MaxEncodedLen`)
	// Storage: `Parameters::Parameters` (r:1 w:0)
	// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:5 w:5)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Aftermaths` (r:0 w:1)
	// Proof: `PaymentChannels::Aftermaths` (`max_values`: None, `max_size`: Some(611), added: 3086, mode: `MaxEncodedLen`)
	fn settle() -> Weight {
		// At least 140_860 ns.
		Weight::from_parts(145_977_000, 0)
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(10))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:0)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Aftermaths` (r:1 w:1)
	// Proof: `PaymentChannels::Aftermaths` (`max_values`: None, `max_size`: Some(611), added: 3086, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Reveals` (r:64 w:0)
	// Proof: `PaymentChannels::Reveals` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:3 w:3)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// `l` is from 0 to 64.
	fn unlock(l: u32, ) -> Weight {
		// At least 46_579 ns.
		Weight::from_parts(81_915_666, 0)
			// Standard error: 16_694.
			.saturating_add(Weight::from_parts(2_697_086, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(l.into())))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Aftermaths` (r:1 w:1)
	// Proof: `PaymentChannels::Aftermaths` (`max_values`: None, `max_size`: Some(611), added: 3086, mode: `MaxEncodedLen`)
	// Storage: `Mandates::Scale` (r:1 w:0)
	// Proof: `Mandates::Scale` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:2 w:2)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn clear() -> Weight {
		// At least 62_804 ns.
		Weight::from_parts(65_468_000, 0)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:1)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	fn rekey() -> Weight {
		// At least 78_067 ns.
		Weight::from_parts(81_491_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `PaymentChannels::Reveals` (r:1 w:1)
	// Proof: `PaymentChannels::Reveals` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:1 w:1)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	// `h` is from 9 to 4096.
	fn resolve_chain(h: u32, ) -> Weight {
		// At least 88_572 ns.
		Weight::from_parts(81_853_288, 0)
			// Standard error: 893.
			.saturating_add(Weight::from_parts(736_028, 0).saturating_mul(h.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `PaymentChannels::Reveals` (r:1 w:1)
	// Proof: `PaymentChannels::Reveals` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:1 w:1)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	// `s` is from 0 to 3.
	fn resolve_signed(s: u32, ) -> Weight {
		// At least 49_444 ns.
		Weight::from_parts(52_273_000, 0)
			// Standard error: 89_803.
			.saturating_add(Weight::from_parts(36_758_212, 0).saturating_mul(s.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `PaymentChannels::Reveals` (r:1 w:1)
	// Proof: `PaymentChannels::Reveals` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	// Storage: `DeviceRegistry::Devices` (r:6 w:0)
	// Proof: `DeviceRegistry::Devices` (`max_values`: None, `max_size`: Some(497), added: 2972, mode: `MaxEncodedLen`)
	// Storage: `DeviceRegistry::Models` (r:6 w:0)
	// Proof: `DeviceRegistry::Models` (`max_values`: None, `max_size`: Some(110), added: 2585, mode: `MaxEncodedLen`)
	// Storage: `DeviceRegistry::Vendors` (r:6 w:0)
	// Proof: `DeviceRegistry::Vendors` (`max_values`: None, `max_size`: Some(136), added: 2611, mode: `MaxEncodedLen`)
	// Storage: `DeviceRegistry::VendorKeys` (r:6 w:0)
	// Proof: `DeviceRegistry::VendorKeys` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:1 w:1)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	// `p` is from 0 to 6.
	fn resolve_asked(p: u32, ) -> Weight {
		// At least 50_225 ns.
		Weight::from_parts(53_940_000, 0)
			// Standard error: 13_472.
			.saturating_add(Weight::from_parts(10_873_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `PaymentChannels::Reveals` (r:1 w:1)
	// Proof: `PaymentChannels::Reveals` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:1 w:1)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn purge_reveal() -> Weight {
		// At least 34_892 ns.
		Weight::from_parts(36_724_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `PaymentChannels::Unpaid` (r:1 w:1)
	// Proof: `PaymentChannels::Unpaid` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:2 w:2)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn pay() -> Weight {
		// At least 40_460 ns.
		Weight::from_parts(42_313_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `PaymentChannels::Towers` (r:1 w:1)
	// Proof: `PaymentChannels::Towers` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:2 w:2)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn register_tower() -> Weight {
		// At least 43_034 ns.
		Weight::from_parts(45_507_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `PaymentChannels::Towers` (r:1 w:1)
	// Proof: `PaymentChannels::Towers` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:2 w:2)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn leave_tower() -> Weight {
		// At least 41_131 ns.
		Weight::from_parts(43_165_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	// Storage: `PaymentChannels::Channels` (r:1 w:0)
	// Proof: `PaymentChannels::Channels` (`max_values`: None, `max_size`: Some(235), added: 2710, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Aftermaths` (r:1 w:1)
	// Proof: `PaymentChannels::Aftermaths` (`max_values`: None, `max_size`: Some(611), added: 3086, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Towers` (r:1 w:1)
	// Proof: `PaymentChannels::Towers` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:2 w:2)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn claim_tower_failure() -> Weight {
		// At least 120_039 ns.
		Weight::from_parts(125_918_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	// Storage: `PaymentChannels::Endpoints` (r:1 w:1)
	// Proof: `PaymentChannels::Endpoints` (`max_values`: None, `max_size`: Some(226), added: 2701, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:1 w:1)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
	fn announce() -> Weight {
		// At least 64_717 ns.
		Weight::from_parts(67_641_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `PaymentChannels::LookedAt` (r:1 w:1)
	// Proof: `PaymentChannels::LookedAt` (`max_values`: Some(1), `max_size`: Some(42), added: 537, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Aftermaths` (r:9 w:0)
	// Proof: `PaymentChannels::Aftermaths` (`max_values`: None, `max_size`: Some(611), added: 3086, mode: `MaxEncodedLen`)
	// Storage: `Mandates::Scale` (r:1 w:0)
	// Proof: `Mandates::Scale` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `PaymentChannels::Reveals` (r:9 w:0)
	// Proof: `PaymentChannels::Reveals` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	// `c` is from 0 to 8.
	// `r` is from 0 to 8.
	fn look(c: u32, r: u32, ) -> Weight {
		// At least 25_798 ns.
		Weight::from_parts(8_724_866, 0)
			// Standard error: 6_074.
			.saturating_add(Weight::from_parts(3_910_931, 0).saturating_mul(c.into()))
			// Standard error: 6_074.
			.saturating_add(Weight::from_parts(2_582_795, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(r.into())))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
