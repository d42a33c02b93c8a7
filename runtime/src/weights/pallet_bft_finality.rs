//! The weights of `pallet_bft_finality`, measured: `scripts/weights` writes this file.
//!
//! 2026-11-29, AMD EPYC; 20 steps, 10 repetitions, frame-omni-bencher.
//! Each figure is the larger one of that day and of 2026-11-28.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_bft_finality` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_bft_finality::WeightInfo for Measured<T> {
	// Storage: `BftFinality::Finalized` (r:1 w:1)
	// Proof: `BftFinality::Finalized` (`max_values`: Some(1), `max_size`: Some(36), added: 531, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::ChangedAt` (r:1 w:0)
	// Proof: `BftFinality::ChangedAt` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::WantedVoters` (r:1 w:1)
	// Proof: `BftFinality::WantedVoters` (`max_values`: Some(1), `max_size`: Some(6338), added: 6833, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::VoterAccounts` (r:1 w:0)
	// Proof: `BftFinality::VoterAccounts` (`max_values`: Some(1), `max_size`: Some(3170), added: 3665, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::Voters` (r:1 w:0)
	// Proof: `BftFinality::Voters` (`max_values`: Some(1), `max_size`: Some(3170), added: 3665, mode: `MaxEncodedLen`)
	fn on_initialize() -> Weight {
		// At least 10_746 ns.
		Weight::from_parts(14_932_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	// Storage: `BftFinality::ChangedAt` (r:1 w:1)
	// Proof: `BftFinality::ChangedAt` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::WantedVoters` (r:1 w:1)
	// Proof: `BftFinality::WantedVoters` (`max_values`: Some(1), `max_size`: Some(6338), added: 6833, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::VoterAccounts` (r:1 w:1)
	// Proof: `BftFinality::VoterAccounts` (`max_values`: Some(1), `max_size`: Some(3170), added: 3665, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::Voters` (r:1 w:1)
	// Proof: `BftFinality::Voters` (`max_values`: Some(1), `max_size`: Some(3170), added: 3665, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::CurrentSetId` (r:1 w:1)
	// Proof: `BftFinality::CurrentSetId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::RelaxedMargin` (r:1 w:0)
	// Proof: `BftFinality::RelaxedMargin` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetVoters` (r:1 w:1)
	// Proof: `Equivocation::SetVoters` (`max_values`: None, `max_size`: Some(6354), added: 8829, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::VoterUses` (r:100 w:100)
	// Proof: `Equivocation::VoterUses` (`max_values`: None, `max_size`: Some(833), added: 3308, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetTimes` (r:0 w:1)
	// Proof: `Equivocation::SetTimes` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::EndedVoters` (r:0 w:1)
	// Proof: `Equivocation::EndedVoters` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::NextSet` (r:0 w:1)
	// Proof: `Equivocation::NextSet` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::RelaxedQuorum` (r:0 w:1)
	// Proof: `BftFinality::RelaxedQuorum` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	// `v` is from 1 to 99.
	fn change_voters(v: u32, ) -> Weight {
		// At least 27_240 ns.
		Weight::from_parts(36_095_461, 0)
			// Standard error: 1_549.
			.saturating_add(Weight::from_parts(2_897_350, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(11))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(v.into())))
	}
	// Storage: `Session::NextKeys` (r:99 w:0)
	// Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
	// Storage: `BftFinality::WantedVoters` (r:0 w:1)
	// Proof: `BftFinality::WantedVoters` (`max_values`: Some(1), `max_size`: Some(6338), added: 6833, mode: `MaxEncodedLen`)
	// `v` is from 1 to 99.
	fn seat_voters(v: u32, ) -> Weight {
		// At least 5_438 ns.
		Weight::from_parts(7_198_516, 0)
			// Standard error: 683.
			.saturating_add(Weight::from_parts(1_806_628, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `BftFinality::CurrentSetId` (r:1 w:0)
	// Proof: `BftFinality::CurrentSetId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::RecordedVotes` (r:1 w:1)
	// Proof: `BftFinality::RecordedVotes` (`max_values`: Some(1), `max_size`: Some(113), added: 608, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Poca::RecentSlots` (r:1 w:0)
	// Proof: `Poca::RecentSlots` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::VoterAccounts` (r:1 w:0)
	// Proof: `BftFinality::VoterAccounts` (`max_values`: Some(1), `max_size`: Some(3170), added: 3665, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::OldestSet` (r:1 w:0)
	// Proof: `Equivocation::OldestSet` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::NextSet` (r:1 w:0)
	// Proof: `Equivocation::NextSet` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetVoters` (r:4 w:3)
	// Proof: `Equivocation::SetVoters` (`max_values`: None, `max_size`: Some(6354), added: 8829, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetTimes` (r:3 w:3)
	// Proof: `Equivocation::SetTimes` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::OpenEra` (r:1 w:0)
	// Proof: `StciIssuance::OpenEra` (`max_values`: Some(1), `max_size`: Some(52), added: 547, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::Merits` (r:1 w:1)
	// Proof: `StciIssuance::Merits` (`max_values`: None, `max_size`: Some(172), added: 2647, mode: `MaxEncodedLen`)
	// Storage: `StciIssuance::Totals` (r:1 w:1)
	// Proof: `StciIssuance::Totals` (`max_values`: Some(1), `max_size`: Some(112), added: 607, mode: `MaxEncodedLen`)
	fn record_vote() -> Weight {
		// At least 64_245 ns.
		Weight::from_parts(105_366_000, 0)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	// Storage: `BftFinality::CurrentSetId` (r:1 w:0)
	// Proof: `BftFinality::CurrentSetId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::RecordedVotes` (r:1 w:0)
	// Proof: `BftFinality::RecordedVotes` (`max_values`: Some(1), `max_size`: Some(113), added: 608, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:2 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Poca::RecentSlots` (r:1 w:0)
	// Proof: `Poca::RecentSlots` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::Voters` (r:1 w:0)
	// Proof: `BftFinality::Voters` (`max_values`: Some(1), `max_size`: Some(3170), added: 3665, mode: `MaxEncodedLen`)
	fn authorize_record_vote() -> Weight {
		// At least 49_613 ns.
		Weight::from_parts(73_079_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
	}
}
