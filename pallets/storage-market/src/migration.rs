//! How the pallet goes on with what an earlier version of it has kept.

use crate::{Config, Deals, MeanPrice, Pallet};
use alloc::vec::Vec;
use core::marker::PhantomData;
use frame_support::{
	traits::{Get, OnRuntimeUpgrade, StorageVersion},
	weights::Weight,
};
use pallet_traits::MarketClock;
#[cfg(feature = "try-runtime")]
use sp_runtime::TryRuntimeError;
use storage_market_primitives::{middle_ask, PaidAsks, Stage};

/// Deals that are looked at, at most: in the order in which storage has them, which nobody chooses.
pub const MAX_LEARNED: u32 = 256;

/// What it takes to read a deal of 32 slots besides, and to sort what it pays.
const EACH: u64 = 50_000_000;

/// Learns what is paid of deals that there are: the ask at which or below which half of the bytes are kept whose work
/// counts. Where nothing is kept nothing is learned. From version 1 to 2, once.
pub struct LearnWhatIsPaid<T>(PhantomData<T>);

impl<T: Config> OnRuntimeUpgrade for LearnWhatIsPaid<T> {
	fn on_runtime_upgrade() -> Weight {
		if StorageVersion::get::<Pallet<T>>() >= 2 {
			return T::DbWeight::get().reads(1);
		}
		let (mut kept, mut looked) = (Vec::new(), 0_u64);
		for deal in Deals::<T>::iter_values().take(usize::try_from(MAX_LEARNED).unwrap_or(0)) {
			looked = looked.saturating_add(1);
			if !matches!(deal.stage, Stage::Active) {
				continue;
			}
			let bytes = deal.geometry().slot_len();
			let holdings = deal.slots.iter().filter_map(|slot| slot.holding.as_ref());
			let counts = holdings.filter(|holding| holding.counts && holding.usable());
			kept.extend(counts.map(|holding| (holding.ask, bytes)));
		}
		if let Some(ask) = middle_ask(kept) {
			MeanPrice::<T>::put(PaidAsks::begin(ask, T::Clock::tick(), T::Terms::get().era));
		}
		StorageVersion::new(2).put::<Pallet<T>>();
		Weight::from_parts(EACH.saturating_mul(looked), 0)
			// The version, the clock, the length of an era, and where the deals end.
			.saturating_add(T::DbWeight::get().reads_writes(looked.saturating_add(5), 2))
	}

	#[cfg(feature = "try-runtime")]
	fn post_upgrade(_: Vec<u8>) -> Result<(), TryRuntimeError> {
		Pallet::<T>::do_try_state()
	}
}
