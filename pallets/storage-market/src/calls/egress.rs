//! What is paid for what devices give out: by vouchers of the deal's owner, each over the whole sum, out of what was
//! put in for each slot.

use crate::{Config, Deals, Error, Event, Pallet, Tills};
use device_primitives::DeviceId;
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use market_primitives::Tab;
use sp_runtime::traits::Verify;
use storage_market_primitives::{Balance, DealId, SlotAt, SlotId, Stage, Voucher};

impl<T: Config> Pallet<T> {
	/// Changes the tab of a slot.
	fn change_tab<R>(at: SlotId, change: impl FnOnce(&mut Tab) -> Result<R, Error<T>>) -> Result<R, Error<T>> {
		Tills::<T>::try_mutate(at.deal, |till| -> Result<R, Error<T>> {
			let till = till.as_mut().ok_or(Error::<T>::UnknownDeal)?;
			let index = usize::try_from(at.slot).map_err(|_| Error::<T>::NoSuchSlot)?;
			change(till.tabs.get_mut(index).ok_or(Error::<T>::NoSuchSlot)?)
		})
	}

	pub(crate) fn do_top_up(who: &T::AccountId, id: DealId, slot: SlotAt, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::Nothing);
		let deal = Deals::<T>::get(id).ok_or(Error::<T>::UnknownDeal)?;
		ensure!(!matches!(deal.stage, Stage::Ended { .. }), Error::<T>::NotActive);
		Self::put_in(who, amount)?;
		Self::change_tab(SlotId::new(id, slot), |tab| Ok(tab.top_up(amount)?))?;
		Self::deposit_event(Event::EgressToppedUp(id, slot, amount));
		Ok(())
	}

	/// Another device has the slot: it begins with nothing, and what is left is for it. What the one before had not
	/// redeemed it has lost.
	pub(crate) fn renew_tab(at: SlotId) {
		// There is a tab for each slot.
		let _ = Self::change_tab(at, |tab| {
			*tab = Tab::new(tab.end());
			Ok(())
		});
	}

	pub(crate) fn do_redeem(voucher: &Voucher<DeviceId>, signature: &T::Signature) -> DispatchResult {
		let SlotId { deal: id, slot } = voucher.at;
		let deal = Deals::<T>::get(id).ok_or(Error::<T>::UnknownDeal)?;
		let held = deal.slot(slot).map_err(Error::<T>::from)?.holding.as_ref();
		ensure!(
			held.is_some_and(|holding| holding.device == voucher.device),
			Error::<T>::NotHeld
		);
		let (payee, score) = Self::payee(&voucher.device).ok_or(Error::<T>::NoOffer)?;
		let payload = voucher.payload(&Self::genesis());
		ensure!(signature.verify(&payload[..], &deal.owner), Error::<T>::BadSignature);
		let pay = Self::change_tab(voucher.at, |tab| Ok(tab.redeem(voucher.total)?))?;
		Self::pay_split(&payee, T::EgressShares::get().split(pay, score));
		Self::deposit_event(Event::Redeemed(id, slot, voucher.device, pay));
		Ok(())
	}
}
