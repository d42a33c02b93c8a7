//! The weights of this pallet.
//!
//! Derived by hand, not measured: the numbers below are an upper estimate of the work, in terms of the storage items touched, of
//! signatures and of hashing, until a benchmark run on reference hardware replaces them.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::WEIGHT_REF_TIME_PER_NANOS, Weight},
};

/// What calls and hooks cost.
pub trait WeightInfo {
	/// A report of votes, once it is authorized; without the punishment.
	fn report_vote_equivocation() -> Weight;
	/// Checking the proof of it.
	fn authorize_report_vote_equivocation() -> Weight;
	/// A report of blocks with a proof of `b` bytes, once it is authorized; without the punishment.
	fn report_block_equivocation(b: u32) -> Weight;
	/// Checking the proof of it.
	fn authorize_report_block_equivocation(b: u32) -> Weight;
	/// Remembering `d` directors.
	fn may_author(d: u32) -> Weight;
	/// Remembering a set of `v` voters.
	fn voters_named(v: u32) -> Weight;
	/// Remembering when a set ended.
	fn set_began() -> Weight;
	/// A block in which there is nothing to forget.
	fn prune_nothing() -> Weight;
	/// Forgetting `a` authors.
	fn prune_authors(a: u32) -> Weight;
	/// Forgetting a set.
	fn prune_set() -> Weight;
}

/// By hand; see the head of this file.
pub struct HandDerived<T>(PhantomData<T>);

fn nanos(nanos: u64) -> Weight {
	Weight::from_parts(nanos.saturating_mul(WEIGHT_REF_TIME_PER_NANOS), 0)
}

impl<T: frame_system::Config> WeightInfo for HandDerived<T> {
	fn report_vote_equivocation() -> Weight {
		// 40 us: up to 99 voters are decoded once more, and an event. What is read lies in memory, as authorizing read it. Writes:
		// LastOffence.
		nanos(40_000).saturating_add(T::DbWeight::get().writes(1))
	}

	fn authorize_report_vote_equivocation() -> Weight {
		// 180 us: two ed25519 signatures of 60 us each, and up to 99 voters are decoded. Reads: SetEras, OldestSet, SetVoters, the
		// slot of genesis, the length of an era, the era, LastOffence, the hash of genesis.
		nanos(180_000).saturating_add(T::DbWeight::get().reads(8))
	}

	fn report_block_equivocation(b: u32) -> Weight {
		// 20 us: an event; and the first header is decoded as far as its slot. Writes: LastOffence.
		nanos(20_000)
			.saturating_add(nanos(4).saturating_mul(u64::from(b)))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn authorize_report_block_equivocation(b: u32) -> Weight {
		// 180 us: two sr25519 signatures of 70 us each. Per byte 10 ns: headers are copied, encoded and hashed. Reads: the slot of
		// genesis, the length of an era, the era, Authors, LastOffence.
		nanos(180_000)
			.saturating_add(nanos(10).saturating_mul(u64::from(b)))
			.saturating_add(T::DbWeight::get().reads(5))
	}

	fn may_author(d: u32) -> Weight {
		// Per director 3 us, a read and a write.
		nanos(3_000)
			.saturating_mul(u64::from(d))
			.saturating_add(T::DbWeight::get().reads_writes(u64::from(d), u64::from(d)))
	}

	fn voters_named(v: u32) -> Weight {
		// 5 us; per voter 500 ns: it is copied and encoded. Reads: the era. Writes: SetVoters, SetEras.
		nanos(5_000)
			.saturating_add(nanos(500).saturating_mul(u64::from(v)))
			.saturating_add(T::DbWeight::get().reads_writes(1, 2))
	}

	fn set_began() -> Weight {
		// 3 us. Reads: SetEras, the era. Writes: SetEras.
		nanos(3_000).saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	fn prune_nothing() -> Weight {
		// 4 us. Reads: OldestEra, the era, OldestSet, SetEras.
		nanos(4_000).saturating_add(T::DbWeight::get().reads(4))
	}

	fn prune_authors(a: u32) -> Weight {
		// 3 us, and as much for each author. Reads: two for each, to find it and to look, and one that finds no more. Writes: each, and
		// OldestEra.
		let a = u64::from(a);
		nanos(3_000)
			.saturating_mul(a.saturating_add(1))
			.saturating_add(T::DbWeight::get().reads_writes(a.saturating_mul(2).saturating_add(1), a.saturating_add(1)))
	}

	fn prune_set() -> Weight {
		// 3 us. Writes: SetEras, SetVoters, OldestSet.
		nanos(3_000).saturating_add(T::DbWeight::get().writes(3))
	}
}

/// For tests.
impl WeightInfo for () {
	fn report_vote_equivocation() -> Weight {
		Weight::zero()
	}
	fn authorize_report_vote_equivocation() -> Weight {
		Weight::zero()
	}
	fn report_block_equivocation(_: u32) -> Weight {
		Weight::zero()
	}
	fn authorize_report_block_equivocation(_: u32) -> Weight {
		Weight::zero()
	}
	fn may_author(_: u32) -> Weight {
		Weight::zero()
	}
	fn voters_named(_: u32) -> Weight {
		Weight::zero()
	}
	fn set_began() -> Weight {
		Weight::zero()
	}
	fn prune_nothing() -> Weight {
		Weight::zero()
	}
	fn prune_authors(_: u32) -> Weight {
		Weight::zero()
	}
	fn prune_set() -> Weight {
		Weight::zero()
	}
}
