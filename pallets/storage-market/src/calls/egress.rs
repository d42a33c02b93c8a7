//! What is paid for what devices give out: by vouchers of the deal's owner, each over the whole sum, out of what was
//! put in for each slot.

use crate::{Config, Deals, Error, Event, FormerTab, FormerTabs, Offers, Pallet, Tills};
use device_primitives::DeviceId;
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use market_primitives::Tab;
use pallet_traits::MarketClock;
use sp_runtime::{traits::Verify, Perbill};
use storage_market_primitives::{Balance, DealId, SlotAt, SlotId, Stage, Tick, Voucher};

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
		// A planck of anybody's would end that it is read for nothing.
		let deal = Self::deal_of(who, id)?;
		ensure!(!matches!(deal.stage, Stage::Ended { .. }), Error::<T>::NotActive);
		Self::put_in(who, amount)?;
		Self::change_tab(SlotId::new(id, slot), |tab| Ok(tab.top_up(amount)?))?;
		Self::deposit_event(Event::EgressToppedUp(id, slot, amount));
		Ok(())
	}

	/// Another device has the slot: it begins with nothing, and what is left is for it. If the one before has left, it
	/// may redeem what it was promised for a while, and what is left is its successor's after that. If it was lost,
	/// what it had not redeemed is lost as well.
	///
	/// A device that comes back goes on where it left: or it would be paid by the same vouchers again.
	pub(crate) fn renew_tab(at: SlotId, comes: DeviceId, left: Option<DeviceId>) {
		// Whoever left before that has had its time, as good as.
		Self::settle_former(at, Tick::MAX);
		let former = FormerTabs::<T>::get(at.deal, at.slot).filter(|former| former.device == comes);
		let paid = former.map_or(0, |former| former.tab.paid());
		let until = T::Clock::tick().saturating_add(T::Terms::get().times.to_redeem());
		let leaver = left.and_then(|device| Some((device, Offers::<T>::get(device)?.owner)));
		// There is a tab for each slot.
		let _ = Self::change_tab(at, |tab| {
			match leaver {
				Some((device, owner)) if tab.left() > 0 || tab.paid() > 0 => {
					let tab = core::mem::replace(tab, Tab::resumed(paid, 0));
					let former = FormerTab {
						device,
						owner,
						tab,
						until,
					};
					FormerTabs::<T>::insert(at.deal, at.slot, former);
				}
				_ => *tab = Tab::resumed(paid, tab.end()),
			}
			Ok(())
		});
	}

	/// What a device that has left has not redeemed in time is for its successor. What it was paid stays known.
	fn settle_former(at: SlotId, now: Tick) {
		let former = FormerTabs::<T>::get(at.deal, at.slot);
		let Some(mut former) = former.filter(|former| now > former.until && former.tab.left() > 0) else {
			return;
		};
		let left = former.tab.end();
		// The sum of both was put in once.
		if Self::change_tab(at, |tab| Ok(tab.top_up(left)?)).is_ok() {
			FormerTabs::<T>::insert(at.deal, at.slot, former);
		}
	}

	/// What a voucher pays now, to whom, and how well that serves.
	fn redeemed(voucher: &Voucher<DeviceId>, holds: bool) -> Result<(T::AccountId, Perbill, Balance), Error<T>> {
		let (at, now) = (voucher.at, T::Clock::tick());
		Self::settle_former(at, now);
		if holds {
			let (payee, score) = Self::payee(&voucher.device).ok_or(Error::<T>::NoOffer)?;
			let pay = Self::change_tab(at, |tab| Ok(tab.redeem(voucher.total)?))?;
			return Ok((payee, score, pay));
		}
		let former = FormerTabs::<T>::get(at.deal, at.slot);
		let former = former.filter(|former| former.device == voucher.device && now <= former.until);
		let mut former = former.ok_or(Error::<T>::NotHeld)?;
		let pay = former.tab.redeem(voucher.total).map_err(Error::<T>::from)?;
		let payee = former.owner.clone();
		FormerTabs::<T>::insert(at.deal, at.slot, former);
		let score = Self::payee(&voucher.device).map_or(Perbill::zero(), |(_, score)| score);
		Ok((payee, score, pay))
	}

	/// Ends the tabs of those that have left slots of a deal. Returns what was left for them.
	pub(crate) fn end_former_tabs(id: DealId, slots: SlotAt) -> Balance {
		let formers = (0..slots).filter_map(|slot| FormerTabs::<T>::take(id, slot));
		formers.fold(0, |sum, former| sum.saturating_add(former.tab.left()))
	}

	pub(crate) fn do_redeem(voucher: &Voucher<DeviceId>, signature: &T::Signature) -> DispatchResult {
		let SlotId { deal: id, slot } = voucher.at;
		let deal = Deals::<T>::get(id).ok_or(Error::<T>::UnknownDeal)?;
		let held = deal.slot(slot).map_err(Error::<T>::from)?.holding.as_ref();
		let holds = held.is_some_and(|holding| holding.device == voucher.device);
		let payload = voucher.payload(&Self::genesis());
		ensure!(signature.verify(&payload[..], &deal.owner), Error::<T>::BadSignature);
		let (payee, score, pay) = Self::redeemed(voucher, holds)?;
		Self::pay_split(&payee, T::EgressShares::get().split(pay, score));
		Self::deposit_event(Event::Redeemed(id, slot, voucher.device, pay));
		Ok(())
	}
}
