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
	/// Finding the keys of `d` directors and of as many standby signers, and seating them with those.
	fn renew_keys(d: u32) -> Weight;
}

/// By hand; see the head of this file.
pub struct HandDerived<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for HandDerived<T> {
	fn on_initialize(d: u32) -> Weight {
		// 25 us: decoding the digest, three hashes of 64 bytes, encoding the fixed items. Per director 5 us: decoding it and its standby
		// signer twice (the entries, the keys in the schedule), ten integer divisions, encoding its record and one event.
		// Reads: Directors, StandbySigners, Records, SlotDuration, EraLength, CurrentSlot, GenesisSlot, Era, the three randomnesses, TurnAttended, StandbyTurn.
		// Writes: Records, CurrentSlot, GenesisSlot, Era, the three randomnesses, TurnAttended, StandbyTurn.
		Weight::from_parts(25_000u64.saturating_mul(WEIGHT_REF_TIME_PER_NANOS), 0)
			.saturating_add(
				Weight::from_parts(5_000u64.saturating_mul(WEIGHT_REF_TIME_PER_NANOS), 0).saturating_mul(u64::from(d)),
			)
			.saturating_add(T::DbWeight::get().reads_writes(13, 9))
	}

	fn renew_keys(d: u32) -> Weight {
		// Per seat 6 us and two reads: for director and standby signer, keys are found and decoded, entries and records are decoded
		// and encoded, and sorted among the others. Reads: Directors, StandbySigners, Records. Writes: the same, and TurnAttended.
		Weight::from_parts(6_000u64.saturating_mul(WEIGHT_REF_TIME_PER_NANOS), 0)
			.saturating_mul(u64::from(d))
			.saturating_add(T::DbWeight::get().reads_writes(u64::from(d).saturating_mul(2).saturating_add(3), 4))
	}
}

/// For tests.
impl WeightInfo for () {
	fn renew_keys(_: u32) -> Weight {
		Weight::zero()
	}

	fn on_initialize(_: u32) -> Weight {
		Weight::zero()
	}
}
