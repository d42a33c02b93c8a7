//! What must hold between blocks.

use crate::{claims::worth, Balance, Config, Expiry, Ledgers, Merits, OpenEra, Pallet, Schedule, SupplyOf, Totals};
use alloc::collections::BTreeMap;
use frame_support::ensure;
use issuance_primitives::Pot;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks what must hold between blocks. Reads everything: not for a block.
	///
	/// # Errors
	/// Names the first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let (supply, open, progress) = (SupplyOf::<T>::get(), OpenEra::<T>::get(), Expiry::<T>::get());
		let issued = supply.created.saturating_add(supply.committed);
		ensure!(
			issued == 0 || supply.genesis.saturating_add(issued) <= Schedule::<T>::get().cap,
			"there is never more than the cap"
		);
		ensure!(
			progress.swept <= progress.expired && progress.expired <= open.era,
			"eras expire one after the other, and are swept then"
		);
		ensure!(open.created <= supply.created, "what was created stays created");
		Self::check_eras(open.era, progress.swept, progress.expired)
	}

	fn check_eras(open: u32, swept: u32, expired: u32) -> Result<(), TryRuntimeError> {
		let mut merits = BTreeMap::<u32, issuance_primitives::Merits>::new();
		let mut owed = BTreeMap::<u32, Balance>::new();
		for (era, _, merit) in Merits::<T>::iter() {
			ensure!(swept <= era && era <= open, "merits are of eras that are not swept");
			let sum = merits.entry(era).or_default();
			*sum = sum.plus(merit);
			if let Some(ledger) = Ledgers::<T>::get(era).filter(|ledger| ledger.expired == 0) {
				let sum = owed.entry(era).or_default();
				*sum = sum.saturating_add(worth(&ledger, &merit).sum());
			}
		}
		let of_open = merits.get(&open).copied().unwrap_or_default();
		ensure!(of_open == Totals::<T>::get(), "the total is that of all");
		let (mut committed, mut created): (Balance, Balance) = (0, 0);
		for (era, ledger) in Ledgers::<T>::iter() {
			ensure!(swept <= era && era < open, "ledgers are of closed eras");
			ensure!(
				era >= expired || ledger.committed() == 0,
				"nothing is committed to an era that has expired"
			);
			ensure!(
				era < expired || ledger.expired == 0,
				"an era that has not expired has lost nothing"
			);
			let closing = &ledger.closing;
			ensure!(
				closing.pots.sum() <= closing.gross && closing.gross <= closing.ceiling,
				"an era allots what it earned at most, and that is what it might"
			);
			ensure!(
				ledger.created.saturating_add(ledger.expired) <= ledger.closing.pots.sum(),
				"no more is created of an era than it allotted"
			);
			let left = merits.get(&era).copied().unwrap_or_default();
			ensure!(
				Pot::ALL.into_iter().all(|pot| left.get(pot) <= ledger.totals.get(pot)),
				"merits are part of the total"
			);
			ensure!(
				owed.get(&era).copied().unwrap_or(0) <= ledger.committed(),
				"whoever has not claimed can still be paid"
			);
			committed = committed.saturating_add(ledger.committed());
			created = created.saturating_add(ledger.created);
		}
		let supply = SupplyOf::<T>::get();
		ensure!(
			committed == supply.committed,
			"what is committed is what nobody has claimed"
		);
		// Of eras that are swept nobody knows any more what was created of them.
		ensure!(created <= supply.created, "what eras were paid was created");
		Ok(())
	}
}
