//! The weights of `pallet_bft_finality`, measured: `scripts/weights` writes this file.
//!
//! 2026-11-21, AMD EPYC; 20 steps, 10 repetitions, frame-omni-bencher.

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
		// At least 18_157 ns.
		Weight::from_parts(19_329_000, 0)
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
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetVoters` (r:0 w:1)
	// Proof: `Equivocation::SetVoters` (`max_values`: None, `max_size`: Some(6354), added: 8829, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetEras` (r:0 w:1)
	// Proof: `Equivocation::SetEras` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::RelaxedQuorum` (r:0 w:1)
	// Proof: `BftFinality::RelaxedQuorum` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	// `v` is from 1 to 99.
	fn change_voters(v: u32, ) -> Weight {
		// At least 28_372 ns.
		Weight::from_parts(32_282_769, 0)
			// Standard error: 2_905.
			.saturating_add(Weight::from_parts(109_253, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	// Storage: `Session::NextKeys` (r:99 w:0)
	// Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
	// Storage: `BftFinality::WantedVoters` (r:0 w:1)
	// Proof: `BftFinality::WantedVoters` (`max_values`: Some(1), `max_size`: Some(6338), added: 6833, mode: `MaxEncodedLen`)
	// `v` is from 1 to 99.
	fn seat_voters(v: u32, ) -> Weight {
		// At least 9_093 ns.
		Weight::from_parts(8_588_500, 0)
			// Standard error: 3_292.
			.saturating_add(Weight::from_parts(2_269_979, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	// Storage: `BftFinality::CurrentSetId` (r:1 w:0)
	// Proof: `BftFinality::CurrentSetId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::RecordedVotes` (r:1 w:1)
	// Proof: `BftFinality::RecordedVotes` (`max_values`: Some(1), `max_size`: Some(113), added: 608, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::VoterAccounts` (r:1 w:0)
	// Proof: `BftFinality::VoterAccounts` (`max_values`: Some(1), `max_size`: Some(3170), added: 3665, mode: `MaxEncodedLen`)
	// Storage: `Candidates::ErasWithPoints` (r:1 w:0)
	// Proof: `Candidates::ErasWithPoints` (`max_values`: Some(1), `max_size`: Some(578), added: 1073, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Points` (r:1 w:1)
	// Proof: `Candidates::Points` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	// Storage: `Candidates::TotalPoints` (r:1 w:1)
	// Proof: `Candidates::TotalPoints` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	fn record_vote() -> Weight {
		// At least 33_960 ns.
		Weight::from_parts(43_785_000, 0)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// Storage: `BftFinality::CurrentSetId` (r:1 w:0)
	// Proof: `BftFinality::CurrentSetId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::RecordedVotes` (r:1 w:0)
	// Proof: `BftFinality::RecordedVotes` (`max_values`: Some(1), `max_size`: Some(113), added: 608, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:2 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `BftFinality::Voters` (r:1 w:0)
	// Proof: `BftFinality::Voters` (`max_values`: Some(1), `max_size`: Some(3170), added: 3665, mode: `MaxEncodedLen`)
	fn authorize_record_vote() -> Weight {
		// At least 60_239 ns.
		Weight::from_parts(64_336_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
	}
}
