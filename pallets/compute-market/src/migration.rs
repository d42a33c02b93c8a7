//! How the market begins on a chain that has run without it.

use crate::{Config, DueNext, Pallet};
#[cfg(feature = "try-runtime")]
use alloc::vec::Vec;
use core::marker::PhantomData;
use frame_support::{
	traits::{Get, OnRuntimeUpgrade, StorageVersion},
	weights::Weight,
};
#[cfg(feature = "try-runtime")]
use sp_runtime::TryRuntimeError;

/// The storage that [`Begin`] leaves.
const VERSION: u16 = 1;

/// Notes the tick from which on deadlines are looked at, and the first turn of the beacon: jobs can be submitted in the
/// block of the upgrade already. From nothing to version 1, once.
pub struct Begin<T>(PhantomData<T>);

impl<T: Config> OnRuntimeUpgrade for Begin<T> {
	fn on_runtime_upgrade() -> Weight {
		// A pallet that is new has its version before any migration runs: what it has not is its first tick.
		if DueNext::<T>::exists() {
			return T::DbWeight::get().reads(1);
		}
		Pallet::<T>::follow_beacon();
		StorageVersion::new(VERSION).put::<Pallet<T>>();
		// The tick, twice; the clock, the accumulator, the turns before, tickets and those that can be drawn.
		T::DbWeight::get().reads_writes(7, 4)
	}

	#[cfg(feature = "try-runtime")]
	fn post_upgrade(_: Vec<u8>) -> Result<(), TryRuntimeError> {
		frame_support::ensure!(DueNext::<T>::exists(), "the market has its first tick");
		Pallet::<T>::do_try_state()
	}
}
