//! The weights of this pallet.
//!
//! Derived by hand, not measured: the numbers below are an upper estimate of the work, in terms of the storage items touched
//! and of hashing, until a benchmark run on reference hardware replaces them.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::WEIGHT_REF_TIME_PER_NANOS, Weight},
};

/// What this pallet's hooks cost.
pub trait WeightInfo {
	/// A block with `d` directors that changes the era, starts a turn, and in which every director has missed turns.
	fn on_initialize(d: u32) -> Weight;
	/// Finding the keys of `d` accounts, and making them directors in place of as many others.
	fn seat(d: u32) -> Weight;
}

/// By hand; see the head of this file.
pub struct HandDerived<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for HandDerived<T> {
	fn on_initialize(d: u32) -> Weight {
		// 25 us: decoding the digest, three hashes of 64 bytes, encoding the fixed items. Per director 3 us: decoding it twice
		// (its entry, its key in the schedule), ten integer divisions, encoding its record and one event.
		// Reads: Directors, Records, SlotDuration, EraLength, CurrentSlot, GenesisSlot, Era, the three randomnesses, TurnAttended, StandbyTurn.
		// Writes: Records, CurrentSlot, GenesisSlot, Era, the three randomnesses, TurnAttended, StandbyTurn.
		Weight::from_parts(25_000u64.saturating_mul(WEIGHT_REF_TIME_PER_NANOS), 0)
			.saturating_add(
				Weight::from_parts(3_000u64.saturating_mul(WEIGHT_REF_TIME_PER_NANOS), 0).saturating_mul(u64::from(d)),
			)
			.saturating_add(T::DbWeight::get().reads_writes(12, 9))
	}

	fn seat(d: u32) -> Weight {
		// Per account 3 us and a read: its keys are found and decoded, it is sorted twice among the others, its entry and its record
		// are decoded and encoded. Reads: Directors, Records. Writes: Directors, Records, TurnAttended.
		Weight::from_parts(3_000u64.saturating_mul(WEIGHT_REF_TIME_PER_NANOS), 0)
			.saturating_mul(u64::from(d))
			.saturating_add(T::DbWeight::get().reads_writes(u64::from(d).saturating_add(2), 3))
	}
}

/// For tests.
impl WeightInfo for () {
	fn seat(_: u32) -> Weight {
		Weight::zero()
	}
	fn on_initialize(_: u32) -> Weight {
		Weight::zero()
	}
}
