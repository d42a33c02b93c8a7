//! The weights of `pallet_equivocation`, measured: `scripts/weights` writes this file.
//!
//! 2026-11-21, AMD EPYC; 20 steps, 10 repetitions, frame-omni-bencher.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_equivocation` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_equivocation::WeightInfo for Measured<T> {
	// Storage: `Equivocation::SetEras` (r:1 w:0)
	// Proof: `Equivocation::SetEras` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetVoters` (r:1 w:0)
	// Proof: `Equivocation::SetVoters` (`max_values`: None, `max_size`: Some(6354), added: 8829, mode: `MaxEncodedLen`)
	// Storage: `Poca::EraLength` (r:1 w:0)
	// Proof: `Poca::EraLength` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::GenesisSlot` (r:1 w:0)
	// Proof: `Poca::GenesisSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::LastOffence` (r:1 w:1)
	// Proof: `Equivocation::LastOffence` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Sanctions` (r:1 w:1)
	// Proof: `Candidates::Sanctions` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Parameters` (r:1 w:0)
	// Proof: `Candidates::Parameters` (`max_values`: Some(1), `max_size`: Some(80), added: 575, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Candidates` (r:1 w:0)
	// Proof: `Candidates::Candidates` (`max_values`: None, `max_size`: Some(74), added: 2549, mode: `MaxEncodedLen`)
	fn report_vote_equivocation() -> Weight {
		// At least 52_868 ns.
		Weight::from_parts(71_996_000, 0)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	// Storage: `Equivocation::SetEras` (r:1 w:0)
	// Proof: `Equivocation::SetEras` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetVoters` (r:1 w:0)
	// Proof: `Equivocation::SetVoters` (`max_values`: None, `max_size`: Some(6354), added: 8829, mode: `MaxEncodedLen`)
	// Storage: `Poca::EraLength` (r:1 w:0)
	// Proof: `Poca::EraLength` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::GenesisSlot` (r:1 w:0)
	// Proof: `Poca::GenesisSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::LastOffence` (r:1 w:0)
	// Proof: `Equivocation::LastOffence` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn authorize_report_vote_equivocation() -> Weight {
		// At least 103_583 ns.
		Weight::from_parts(108_541_000, 0)
			.saturating_add(T::DbWeight::get().reads(7))
	}
	// Storage: `Poca::EraLength` (r:1 w:0)
	// Proof: `Poca::EraLength` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::GenesisSlot` (r:1 w:0)
	// Proof: `Poca::GenesisSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::Authors` (r:1 w:0)
	// Proof: `Equivocation::Authors` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::LastOffence` (r:1 w:1)
	// Proof: `Equivocation::LastOffence` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Sanctions` (r:1 w:1)
	// Proof: `Candidates::Sanctions` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Parameters` (r:1 w:0)
	// Proof: `Candidates::Parameters` (`max_values`: Some(1), `max_size`: Some(80), added: 575, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Candidates` (r:1 w:0)
	// Proof: `Candidates::Candidates` (`max_values`: None, `max_size`: Some(74), added: 2549, mode: `MaxEncodedLen`)
	// `b` is from 0 to 65536.
	fn report_block_equivocation(b: u32, ) -> Weight {
		// At least 50_745 ns.
		Weight::from_parts(56_944_198, 0)
			// Standard error: 10.
			.saturating_add(Weight::from_parts(259, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	// Storage: `Poca::EraLength` (r:1 w:0)
	// Proof: `Poca::EraLength` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::GenesisSlot` (r:1 w:0)
	// Proof: `Poca::GenesisSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::Authors` (r:1 w:0)
	// Proof: `Equivocation::Authors` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::LastOffence` (r:1 w:0)
	// Proof: `Equivocation::LastOffence` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// `b` is from 0 to 65536.
	fn authorize_report_block_equivocation(b: u32, ) -> Weight {
		// At least 113_679 ns.
		Weight::from_parts(120_644_708, 0)
			// Standard error: 53.
			.saturating_add(Weight::from_parts(1_780, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(6))
	}
	// Storage: `Equivocation::Authors` (r:99 w:99)
	// Proof: `Equivocation::Authors` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	// `d` is from 1 to 99.
	fn may_author(d: u32, ) -> Weight {
		// At least 7_592 ns.
		Weight::from_parts(7_852_000, 0)
			// Standard error: 14_885.
			.saturating_add(Weight::from_parts(5_272_949, 0).saturating_mul(d.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(d.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(d.into())))
	}
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetVoters` (r:0 w:1)
	// Proof: `Equivocation::SetVoters` (`max_values`: None, `max_size`: Some(6354), added: 8829, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetEras` (r:0 w:1)
	// Proof: `Equivocation::SetEras` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	// `v` is from 1 to 99.
	fn voters_named(v: u32, ) -> Weight {
		// At least 7_111 ns.
		Weight::from_parts(7_568_931, 0)
			// Standard error: 76.
			.saturating_add(Weight::from_parts(11_206, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	// Storage: `Equivocation::SetEras` (r:1 w:1)
	// Proof: `Equivocation::SetEras` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn set_began() -> Weight {
		// At least 8_402 ns.
		Weight::from_parts(8_903_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `Equivocation::OldestEra` (r:1 w:0)
	// Proof: `Equivocation::OldestEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::OldestSet` (r:1 w:0)
	// Proof: `Equivocation::OldestSet` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetEras` (r:1 w:0)
	// Proof: `Equivocation::SetEras` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	fn prune_nothing() -> Weight {
		// At least 8_573 ns.
		Weight::from_parts(9_143_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
	}
	// Storage: `Equivocation::Authors` (r:9 w:8)
	// Proof: `Equivocation::Authors` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::OldestEra` (r:0 w:1)
	// Proof: `Equivocation::OldestEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// `a` is from 0 to 8.
	fn prune_authors(a: u32, ) -> Weight {
		// At least 5_008 ns.
		Weight::from_parts(7_161_000, 0)
			// Standard error: 6_379.
			.saturating_add(Weight::from_parts(4_727_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(a.into())))
	}
	// Storage: `Equivocation::OldestSet` (r:0 w:1)
	// Proof: `Equivocation::OldestSet` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetVoters` (r:0 w:1)
	// Proof: `Equivocation::SetVoters` (`max_values`: None, `max_size`: Some(6354), added: 8829, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetEras` (r:0 w:1)
	// Proof: `Equivocation::SetEras` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	fn prune_set() -> Weight {
		// At least 3_435 ns.
		Weight::from_parts(3_755_000, 0)
			.saturating_add(T::DbWeight::get().writes(3))
	}
}
