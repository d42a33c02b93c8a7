//! Claims: what was earned is created when somebody asks for it.

use crate::{Balance, Config, Error, Event, Ledgers, Merits, OpenEra, Pallet, SupplyOf};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{dispatch::DispatchResult, ensure, traits::fungible::Mutate};
use issuance_primitives::{payout, EraLedger, PerPot};

/// What an account gets of an era.
struct Due {
	era: u32,
	ledger: EraLedger,
	amounts: PerPot<Balance>,
}

/// What merits in a closed era are worth, by pot. Nobody has merits of the treasury's.
pub(crate) fn worth(ledger: &EraLedger, merits: &issuance_primitives::Merits) -> PerPot<Balance> {
	payout(&ledger.closing.pots, merits, &ledger.totals)
}

impl<T: Config> Pallet<T> {
	/// What an account gets of an era that is closed and has not expired.
	fn due(account: &T::AccountId, era: u32, open: u32) -> Result<Due, Error<T>> {
		ensure!(era < open, Error::EraOpen);
		ensure!(era >= Self::claimable_from(open), Error::EraExpired);
		let ledger = Ledgers::<T>::get(era).ok_or(Error::EraExpired)?;
		// It had, and is being swept, when that took less eras.
		ensure!(ledger.expired == 0, Error::EraExpired);
		let merits = Merits::<T>::try_get(era, account).map_err(|()| Error::NothingEarned)?;
		Ok(Due {
			era,
			amounts: worth(&ledger, &merits),
			ledger,
		})
	}

	pub(crate) fn do_claim(account: &T::AccountId, eras: &[u32]) -> DispatchResult {
		ensure!(!eras.is_empty(), Error::<T>::NoEras);
		let named: BTreeSet<_> = eras.iter().collect();
		ensure!(named.len() == eras.len(), Error::<T>::EraTwice);
		let open = OpenEra::<T>::get().era;
		let dues = eras
			.iter()
			.map(|era| Self::due(account, *era, open))
			.collect::<Result<Vec<_>, Error<T>>>()?;
		let total = dues
			.iter()
			.fold(0, |sum: Balance, due| sum.saturating_add(due.amounts.sum()));
		ensure!(total > 0, Error::<T>::NothingEarned);
		// First of all: if it fails nothing has changed.
		T::Currency::mint_into(account, total)?;
		SupplyOf::<T>::mutate(|supply| {
			supply.committed = supply.committed.saturating_sub(total);
			supply.created = supply.created.saturating_add(total);
		});
		for Due {
			era,
			mut ledger,
			amounts,
		} in dues
		{
			ledger.created = ledger.created.saturating_add(amounts.sum());
			Ledgers::<T>::insert(era, ledger);
			Merits::<T>::remove(era, account);
			Self::deposit_event(Event::Claimed {
				account: account.clone(),
				era,
				amounts,
			});
		}
		Ok(())
	}
}
