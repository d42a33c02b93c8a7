//! Money of deals: on hold at one account, and paid out of that. It is nobody's while a deal has it, so that it counts
//! for no vote and backs nothing else.

use crate::{Config, Error, Event, HoldReason, Offers, Pallet, Pool, Unpaid};
use device_primitives::DeviceId;
use frame_support::{
	defensive_assert,
	dispatch::DispatchResult,
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{
			hold::{Inspect, Mutate, Unbalanced as _},
			Unbalanced as _,
		},
		tokens::{Fortitude, Precision, Preservation, Restriction},
		Get,
	},
};
use market_primitives::Split;
use sp_runtime::{traits::AccountIdConversion, DispatchError, Perbill, TokenError};
use storage_market_primitives::Balance;

impl<T: Config> Pallet<T> {
	/// The account at which money of deals is on hold. Nobody has a key of it.
	pub fn pot() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// Puts money of an account on hold in the pot, however little. The account keeps what it takes to exist.
	pub(crate) fn put_in(who: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		let (pot, reason) = (Self::pot(), HoldReason::Deal.into());
		// It exists by this pallet's word, whatever is on it.
		if frame_system::Pallet::<T>::providers(&pot) == 0 {
			frame_system::Pallet::<T>::inc_providers(&pot);
		}
		// Collateral of a small slot is less than an account has to have. The currency's own transfer looks at what is
		// free at the pot, which is nothing, and not at what is on hold there: it would take no such amount.
		ensure!(T::Currency::hold_available(&reason, &pot), TokenError::CannotCreateHold);
		let (exact, keep, force) = (Precision::Exact, Preservation::Preserve, Fortitude::Polite);
		let moved = T::Currency::decrease_balance(who, amount, exact, keep, force)?;
		T::Currency::increase_balance_on_hold(&reason, &pot, moved, exact)?;
		T::Currency::done_transfer_and_hold(&reason, who, &pot, moved);
		Ok(())
	}

	fn take_out(payee: &T::AccountId, amount: Balance) -> DispatchResult {
		let (pot, reason) = (Self::pot(), HoldReason::Deal.into());
		let (mode, force) = (Restriction::Free, Fortitude::Force);
		T::Currency::transfer_on_hold(&reason, &pot, payee, amount, Precision::Exact, mode, force)?;
		Ok(())
	}

	/// Pays an account, or notes what it can not be paid.
	pub(crate) fn pay_out(payee: &T::AccountId, amount: Balance) {
		if amount == 0 {
			return;
		}
		let pay = || Self::take_out(payee, amount);
		let paid = match with_storage_layer::<(), DispatchError, _>(pay) {
			// So deep in layers there is none left: a transfer writes nothing before it has looked.
			Err(DispatchError::Transactional(_)) => pay().is_ok(),
			paid => paid.is_ok(),
		};
		if !paid {
			Unpaid::<T>::mutate(payee, |unpaid| *unpaid = unpaid.saturating_add(amount));
			Self::deposit_event(Event::NotPaid(payee.clone(), amount));
		}
	}

	/// Money of deals ceases to exist.
	pub(crate) fn burn(amount: Balance) {
		if amount == 0 {
			return;
		}
		let (pot, reason) = (Self::pot(), HoldReason::Deal.into());
		let burned = T::Currency::burn_held(&reason, &pot, amount, Precision::Exact, Fortitude::Force);
		defensive_assert!(burned.is_ok(), "what a deal has put in is there");
	}

	/// Who is paid for a device, and how well that serves. An offer stays as long as its device has a slot.
	pub(crate) fn payee(device: &DeviceId) -> Option<(T::AccountId, Perbill)> {
		Offers::<T>::get(device).map(|offer| (offer.owner, offer.score))
	}

	/// Pays a device's owner what is split of its pay, burns and puts into the pool the rest.
	pub(crate) fn pay_split(payee: &T::AccountId, split: Split) {
		Self::pay_out(payee, split.provider);
		Self::burn(split.burned);
		Pool::<T>::mutate(|pool| *pool = pool.saturating_add(split.pool));
	}

	/// Pays a device what it has earned and what of its collateral is free.
	pub(crate) fn pay_device(device: &DeviceId, pay: Balance, collateral: Balance) {
		let Some((owner, score)) = Self::payee(device) else {
			defensive_assert!(false, "who has a slot has an offer");
			return;
		};
		Self::pay_split(&owner, T::Terms::get().shares.split(pay, score));
		Self::pay_out(&owner, collateral);
	}

	/// Pays a repairer out of the pool, as far as there is something.
	pub(crate) fn pay_of_pool(payee: &T::AccountId, amount: Balance) {
		let paid = Pool::<T>::mutate(|pool| {
			let paid = amount.min(*pool);
			*pool = pool.saturating_sub(paid);
			paid
		});
		Self::pay_out(payee, paid);
	}

	pub(crate) fn do_pay(payee: &T::AccountId) -> DispatchResult {
		let amount = Unpaid::<T>::take(payee);
		ensure!(amount > 0, Error::<T>::Nothing);
		Self::take_out(payee, amount)?;
		Self::deposit_event(Event::PaidLater(payee.clone(), amount));
		Ok(())
	}
}
