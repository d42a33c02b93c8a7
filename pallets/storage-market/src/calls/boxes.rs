//! Keys of deals, wrapped for accounts. What lies in a box this chain does not know: it is in the open, and whoever has
//! the account's seed phrase opens it.

use crate::{pallet::DealOf, Config, Deals, Error, Event, Kept, KeyBox, KeyBoxes, Pallet, Till, Tills, MAX_BOXES};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use storage_market_primitives::{DealId, Stage};

impl<T: Config> Pallet<T> {
	/// A deal of this account.
	///
	/// # Errors
	/// `UnknownDeal`, `NotActive` if it is another's.
	pub(crate) fn deal_of(owner: &T::AccountId, id: DealId) -> Result<DealOf<T>, Error<T>> {
		let deal = Deals::<T>::get(id).ok_or(Error::<T>::UnknownDeal)?;
		ensure!(deal.owner == *owner, Error::<T>::NotActive);
		Ok(deal)
	}

	pub(crate) fn do_grant(owner: &T::AccountId, id: DealId, who: T::AccountId, key_box: KeyBox) -> DispatchResult {
		let deal = Self::deal_of(owner, id)?;
		ensure!(!matches!(deal.stage, Stage::Ended { .. }), Error::<T>::NotActive);
		let deposit = match KeyBoxes::<T>::get(id, &who) {
			Some(before) => before.deposit,
			None => {
				let deposit = T::Deposits::get().key_box;
				Self::put_in(owner, deposit)?;
				Tills::<T>::try_mutate(id, |till| -> Result<(), Error<T>> {
					till.as_mut().ok_or(Error::<T>::UnknownDeal)?.add_box(deposit)
				})?;
				deposit
			}
		};
		KeyBoxes::<T>::insert(id, &who, Kept { key_box, deposit });
		Self::deposit_event(Event::Granted(id, who));
		Ok(())
	}

	pub(crate) fn do_revoke(owner: &T::AccountId, id: DealId, who: &T::AccountId) -> DispatchResult {
		Self::deal_of(owner, id)?;
		// Without it the seed phrase would not restore the volume.
		ensure!(who != owner, Error::<T>::OwnBox);
		let kept = KeyBoxes::<T>::take(id, who).ok_or(Error::<T>::NoBox)?;
		Tills::<T>::mutate(id, |till| {
			if let Some(till) = till {
				till.boxes = till.boxes.saturating_sub(1);
				till.of_boxes = till.of_boxes.saturating_sub(kept.deposit);
			}
		});
		Self::pay_out(owner, kept.deposit);
		Self::deposit_event(Event::Revoked(id, who.clone()));
		Ok(())
	}
}

impl Till {
	/// One box more.
	///
	/// # Errors
	/// `TooManyBoxes`.
	pub(crate) fn add_box<T>(&mut self, deposit: storage_market_primitives::Balance) -> Result<(), Error<T>> {
		if self.boxes >= MAX_BOXES {
			return Err(Error::TooManyBoxes);
		}
		self.boxes = self.boxes.saturating_add(1);
		self.of_boxes = self.of_boxes.saturating_add(deposit);
		Ok(())
	}
}
