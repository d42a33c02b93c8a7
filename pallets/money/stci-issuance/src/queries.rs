//! What is asked from outside of blocks.

use crate::{claims::worth, Balance, Config, Ledgers, Merits, OpenEra, Pallet, SupplyOf};
use alloc::vec::Vec;
use issuance_primitives::PerPot;
use sp_runtime::Perbill;

/// How many eras an answer about claims names at most.
pub const MAX_CLAIMABLE: usize = 1_024;

/// How many eras are looked through for it: as many as can be kept, a year of eras of ten minutes.
pub const MAX_SEARCHED: usize = 52_560;

impl<T: Config> Pallet<T> {
	pub(crate) fn claimable_of(account: &T::AccountId) -> Vec<(u32, PerPot<Balance>)> {
		let open = OpenEra::<T>::get().era;
		(Self::claimable_from(open)..open)
			.take(MAX_SEARCHED)
			.filter_map(|era| {
				let merits = Merits::<T>::try_get(era, account).ok()?;
				let ledger = Ledgers::<T>::get(era).filter(|ledger| ledger.expired == 0)?;
				let amounts = worth(&ledger, &merits);
				// Nobody can claim nothing, and it would take the places of what can be.
				(amounts.sum() > 0).then_some((era, amounts))
			})
			.take(MAX_CLAIMABLE)
			.collect()
	}

	pub(crate) fn open_era_now() -> (u32, Balance, Perbill) {
		let era = OpenEra::<T>::get().era;
		(era, Self::ceiling(era, &SupplyOf::<T>::get()), Self::usage_now())
	}
}
