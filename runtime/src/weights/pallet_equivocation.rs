//! The weights of `pallet_equivocation`, measured: `scripts/weights` writes this file.
//!
//! 2026-11-28, AMD EPYC; 20 steps, 10 repetitions, frame-omni-bencher.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls and hooks of `pallet_equivocation` cost.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_equivocation::WeightInfo for Measured<T> {
	// Storage: `Equivocation::SetTimes` (r:1 w:0)
	// Proof: `Equivocation::SetTimes` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::VoterUses` (r:1 w:0)
	// Proof: `Equivocation::VoterUses` (`max_values`: None, `max_size`: Some(833), added: 3308, mode: `MaxEncodedLen`)
	// Storage: `Poca::EraLength` (r:1 w:0)
	// Proof: `Poca::EraLength` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::EraStarts` (r:10 w:0)
	// Proof: `Poca::EraStarts` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::Offences` (r:1 w:1)
	// Proof: `Equivocation::Offences` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Candidates` (r:1 w:1)
	// Proof: `Candidates::Candidates` (`max_values`: None, `max_size`: Some(74), added: 2549, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetOffenders` (r:1 w:1)
	// Proof: `Equivocation::SetOffenders` (`max_values`: None, `max_size`: Some(3186), added: 5661, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Sanctions` (r:1 w:1)
	// Proof: `Candidates::Sanctions` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Parameters` (r:1 w:0)
	// Proof: `Candidates::Parameters` (`max_values`: Some(1), `max_size`: Some(92), added: 587, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:1 w:1)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `Poca::StandbySigners` (r:1 w:0)
	// Proof: `Poca::StandbySigners` (`max_values`: Some(1), `max_size`: Some(6437), added: 6932, mode: `MaxEncodedLen`)
	// Storage: `Poca::Directors` (r:1 w:0)
	// Proof: `Poca::Directors` (`max_values`: Some(1), `max_size`: Some(6338), added: 6833, mode: `MaxEncodedLen`)
	fn report_vote_equivocation() -> Weight {
		// At least 157_454 ns.
		Weight::from_parts(193_968_000, 0)
			.saturating_add(T::DbWeight::get().reads(23))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	// Storage: `Equivocation::SetTimes` (r:1 w:0)
	// Proof: `Equivocation::SetTimes` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::VoterUses` (r:1 w:0)
	// Proof: `Equivocation::VoterUses` (`max_values`: None, `max_size`: Some(833), added: 3308, mode: `MaxEncodedLen`)
	// Storage: `Poca::EraLength` (r:1 w:0)
	// Proof: `Poca::EraLength` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::EraStarts` (r:10 w:0)
	// Proof: `Poca::EraStarts` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::Offences` (r:1 w:0)
	// Proof: `Equivocation::Offences` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Candidates` (r:1 w:0)
	// Proof: `Candidates::Candidates` (`max_values`: None, `max_size`: Some(74), added: 2549, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn authorize_report_vote_equivocation() -> Weight {
		// At least 181_880 ns.
		Weight::from_parts(201_790_000, 0)
			.saturating_add(T::DbWeight::get().reads(17))
	}
	// Storage: `Poca::EraLength` (r:1 w:0)
	// Proof: `Poca::EraLength` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::EraStarts` (r:10 w:0)
	// Proof: `Poca::EraStarts` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::AuthorUses` (r:1 w:0)
	// Proof: `Equivocation::AuthorUses` (`max_values`: None, `max_size`: Some(833), added: 3308, mode: `MaxEncodedLen`)
	// Storage: `Poca::CurrentSlot` (r:1 w:0)
	// Proof: `Poca::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::Offences` (r:1 w:1)
	// Proof: `Equivocation::Offences` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Candidates` (r:1 w:1)
	// Proof: `Candidates::Candidates` (`max_values`: None, `max_size`: Some(74), added: 2549, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Sanctions` (r:1 w:1)
	// Proof: `Candidates::Sanctions` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Parameters` (r:1 w:0)
	// Proof: `Candidates::Parameters` (`max_values`: Some(1), `max_size`: Some(92), added: 587, mode: `MaxEncodedLen`)
	// Storage: `Balances::Holds` (r:1 w:1)
	// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:1 w:1)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `Poca::StandbySigners` (r:1 w:0)
	// Proof: `Poca::StandbySigners` (`max_values`: Some(1), `max_size`: Some(6437), added: 6932, mode: `MaxEncodedLen`)
	// Storage: `Poca::Directors` (r:1 w:0)
	// Proof: `Poca::Directors` (`max_values`: Some(1), `max_size`: Some(6338), added: 6833, mode: `MaxEncodedLen`)
	// `b` is from 0 to 146432.
	fn report_block_equivocation(b: u32, ) -> Weight {
		// At least 180_659 ns.
		Weight::from_parts(241_017_791, 0)
			// Standard error: 61.
			.saturating_add(Weight::from_parts(240, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(22))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	// Storage: `Poca::EraLength` (r:1 w:0)
	// Proof: `Poca::EraLength` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::EraStarts` (r:10 w:0)
	// Proof: `Poca::EraStarts` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::AuthorUses` (r:1 w:0)
	// Proof: `Equivocation::AuthorUses` (`max_values`: None, `max_size`: Some(833), added: 3308, mode: `MaxEncodedLen`)
	// Storage: `Poca::CurrentSlot` (r:1 w:0)
	// Proof: `Poca::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::Offences` (r:1 w:0)
	// Proof: `Equivocation::Offences` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
	// Storage: `Candidates::Candidates` (r:1 w:0)
	// Proof: `Candidates::Candidates` (`max_values`: None, `max_size`: Some(74), added: 2549, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// `b` is from 0 to 146432.
	fn authorize_report_block_equivocation(b: u32, ) -> Weight {
		// At least 200_037 ns.
		Weight::from_parts(206_267_000, 0)
			// Standard error: 31.
			.saturating_add(Weight::from_parts(2_628, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(17))
	}
	// Storage: `Equivocation::Authors` (r:1 w:1)
	// Proof: `Equivocation::Authors` (`max_values`: Some(1), `max_size`: Some(12674), added: 13169, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::AuthorUses` (r:394 w:394)
	// Proof: `Equivocation::AuthorUses` (`max_values`: None, `max_size`: Some(833), added: 3308, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::EndedAuthors` (r:0 w:197)
	// Proof: `Equivocation::EndedAuthors` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	// `d` is from 1 to 198.
	fn authors_changed(d: u32, ) -> Weight {
		// At least 19_008 ns.
		Weight::from_parts(19_199_000, 0)
			// Standard error: 29_136.
			.saturating_add(Weight::from_parts(12_878_354, 0).saturating_mul(d.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(d.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(d.into())))
	}
	// Storage: `Equivocation::SetVoters` (r:1 w:2)
	// Proof: `Equivocation::SetVoters` (`max_values`: None, `max_size`: Some(6354), added: 8829, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::VoterUses` (r:198 w:198)
	// Proof: `Equivocation::VoterUses` (`max_values`: None, `max_size`: Some(833), added: 3308, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetTimes` (r:1 w:2)
	// Proof: `Equivocation::SetTimes` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::EndedVoters` (r:0 w:99)
	// Proof: `Equivocation::EndedVoters` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::NextSet` (r:0 w:1)
	// Proof: `Equivocation::NextSet` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// `v` is from 1 to 99.
	fn voters_named(v: u32, ) -> Weight {
		// At least 27_821 ns.
		Weight::from_parts(28_392_000, 0)
			// Standard error: 29_763.
			.saturating_add(Weight::from_parts(12_440_709, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(5))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(v.into())))
	}
	// Storage: `Equivocation::OldestEra` (r:1 w:0)
	// Proof: `Equivocation::OldestEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Poca::Era` (r:1 w:0)
	// Proof: `Poca::Era` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::OldestSet` (r:1 w:0)
	// Proof: `Equivocation::OldestSet` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetTimes` (r:1 w:0)
	// Proof: `Equivocation::SetTimes` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	fn prune_nothing() -> Weight {
		// At least 8_031 ns.
		Weight::from_parts(8_523_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
	}
	// Storage: `Equivocation::EndedAuthors` (r:9 w:8)
	// Proof: `Equivocation::EndedAuthors` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::AuthorUses` (r:8 w:8)
	// Proof: `Equivocation::AuthorUses` (`max_values`: None, `max_size`: Some(833), added: 3308, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::OldestEra` (r:0 w:1)
	// Proof: `Equivocation::OldestEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// `a` is from 0 to 8.
	fn prune_authors(a: u32, ) -> Weight {
		// At least 3_886 ns.
		Weight::from_parts(5_626_571, 0)
			// Standard error: 6_534.
			.saturating_add(Weight::from_parts(8_117_714, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(a.into())))
	}
	// Storage: `Equivocation::Offences` (r:9 w:8)
	// Proof: `Equivocation::Offences` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
	// `o` is from 0 to 8.
	fn prune_offences(o: u32, ) -> Weight {
		// At least 3_435 ns.
		Weight::from_parts(5_018_000, 0)
			// Standard error: 3_858.
			.saturating_add(Weight::from_parts(3_187_953, 0).saturating_mul(o.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(o.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(o.into())))
	}
	// Storage: `Equivocation::EndedVoters` (r:9 w:8)
	// Proof: `Equivocation::EndedVoters` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::VoterUses` (r:8 w:8)
	// Proof: `Equivocation::VoterUses` (`max_values`: None, `max_size`: Some(833), added: 3308, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::OldestSet` (r:0 w:1)
	// Proof: `Equivocation::OldestSet` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetTimes` (r:0 w:1)
	// Proof: `Equivocation::SetTimes` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	// Storage: `Equivocation::SetOffenders` (r:0 w:1)
	// Proof: `Equivocation::SetOffenders` (`max_values`: None, `max_size`: Some(3186), added: 5661, mode: `MaxEncodedLen`)
	// `v` is from 0 to 8.
	fn prune_voters(v: u32, ) -> Weight {
		// At least 6_240 ns.
		Weight::from_parts(8_048_714, 0)
			// Standard error: 7_403.
			.saturating_add(Weight::from_parts(8_017_571, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(3))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(v.into())))
	}
}
