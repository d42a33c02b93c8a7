//! How the pallet begins on a chain that runs already.

use crate::{Config, Pallet, SupplyOf};
use core::marker::PhantomData;
use frame_support::{
	traits::{Get, OnRuntimeUpgrade},
	weights::Weight,
};
use pallet_traits::EraClock;
#[cfg(feature = "try-runtime")]
use sp_runtime::TryRuntimeError;

/// Begins to issue in the current era, with the real schedule: all STCI that there is counts as genesis. Does nothing
/// on a chain that has begun.
pub struct Begin<T>(PhantomData<T>);

impl<T: Config> OnRuntimeUpgrade for Begin<T> {
	fn on_runtime_upgrade() -> Weight {
		if SupplyOf::<T>::exists() {
			return T::DbWeight::get().reads(1);
		}
		Pallet::<T>::begin(T::EraClock::current_era());
		T::DbWeight::get().reads_writes(4, 3)
	}

	#[cfg(feature = "try-runtime")]
	fn post_upgrade(_: alloc::vec::Vec<u8>) -> Result<(), TryRuntimeError> {
		Pallet::<T>::do_try_state()
	}
}
