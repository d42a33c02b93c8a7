//! The weights of this pallet.
//!
//! Derived by hand, not measured: the numbers below are an upper estimate of the work, in terms of the storage items touched,
//! until a benchmark run on reference hardware replaces them.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::WEIGHT_REF_TIME_PER_NANOS, Weight},
};

/// What this pallet's hooks cost.
pub trait WeightInfo {
	/// A block whose header holds a remembered block final, and that changes no voters.
	fn on_initialize() -> Weight;
	/// What a change to `v` voters costs besides.
	fn change_voters(v: u32) -> Weight;
	/// A vote goes on record, once it is authorized.
	fn record_vote() -> Weight;
	/// Checking that vote, its signature among others.
	fn authorize_record_vote() -> Weight;
	/// Finding the keys of `v` accounts, and wanting them to vote.
	fn seat_voters(v: u32) -> Weight;
}

/// By hand; see the head of this file.
pub struct HandDerived<T>(PhantomData<T>);

fn nanos(nanos: u64) -> Weight {
	Weight::from_parts(nanos.saturating_mul(WEIGHT_REF_TIME_PER_NANOS), 0)
}

impl<T: frame_system::Config> WeightInfo for HandDerived<T> {
	fn on_initialize() -> Weight {
		// 15 us: decoding the digest and two items of 40 bytes. Reads: Finalized, one block hash, ChangedAt, WantedVoters, CurrentSetId.
		// Writes: Finalized.
		nanos(15_000).saturating_add(T::DbWeight::get().reads_writes(5, 1))
	}

	fn change_voters(v: u32) -> Weight {
		// 10 us: an event and the fixed items. Per voter 2 us: key and account are decoded twice, looked for among all others, and encoded into
		// storage and the header.
		// Reads: Voters, VoterAccounts, CurrentSetId, RelaxedMargin. Writes: WantedVoters, Voters, VoterAccounts, CurrentSetId, ChangedAt,
		// RelaxedQuorum.
		nanos(10_000)
			.saturating_add(nanos(2_000).saturating_mul(u64::from(v)))
			.saturating_add(T::DbWeight::get().reads_writes(4, 6))
	}

	fn record_vote() -> Weight {
		nanos(40_000).saturating_add(T::DbWeight::get().reads_writes(7, 3))
	}

	fn authorize_record_vote() -> Weight {
		nanos(100_000).saturating_add(T::DbWeight::get().reads(5))
	}

	fn seat_voters(v: u32) -> Weight {
		// Per account 1 us and a read: its keys are found, decoded, sorted and encoded. Writes: WantedVoters.
		nanos(1_000)
			.saturating_mul(u64::from(v))
			.saturating_add(T::DbWeight::get().reads_writes(u64::from(v), 1))
	}
}

/// For tests.
impl WeightInfo for () {
	fn on_initialize() -> Weight {
		Weight::zero()
	}
	fn change_voters(_: u32) -> Weight {
		Weight::zero()
	}
	fn record_vote() -> Weight {
		Weight::zero()
	}
	fn authorize_record_vote() -> Weight {
		Weight::zero()
	}
	fn seat_voters(_: u32) -> Weight {
		Weight::zero()
	}
}
