//! Money of the market: on hold at one account, and paid out of that. It is nobody's while a job or a stake has it, so
//! that it counts for no vote and backs nothing else.

use crate::{Config, Error, Event, HoldReason, Pallet, Pool, Unpaid};
use compute_market_primitives::Balance;
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
use sp_runtime::{traits::AccountIdConversion, DispatchError, TokenError};

impl<T: Config> Pallet<T> {
	/// The account at which money of the market is on hold. Nobody has a key of it.
	pub fn pot() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// Puts money of an account on hold in the pot, however little. The account keeps what it takes to exist.
	pub(crate) fn put_in(who: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		let (pot, reason) = (Self::pot(), HoldReason::Work.into());
		// It exists by this pallet's word, whatever is on it.
		if frame_system::Pallet::<T>::providers(&pot) == 0 {
			frame_system::Pallet::<T>::inc_providers(&pot);
		}
		// The currency's own transfer looks at what is free at the pot, which is nothing, and not at what is on hold
		// there: it would take no small amount.
		ensure!(T::Currency::hold_available(&reason, &pot), TokenError::CannotCreateHold);
		let (exact, keep, force) = (Precision::Exact, Preservation::Preserve, Fortitude::Polite);
		let moved = T::Currency::decrease_balance(who, amount, exact, keep, force)?;
		T::Currency::increase_balance_on_hold(&reason, &pot, moved, exact)?;
		T::Currency::done_transfer_and_hold(&reason, who, &pot, moved);
		Ok(())
	}

	fn take_out(payee: &T::AccountId, amount: Balance) -> DispatchResult {
		let (pot, reason) = (Self::pot(), HoldReason::Work.into());
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

	/// Money of the market ceases to exist.
	pub(crate) fn burn(amount: Balance) {
		if amount == 0 {
			return;
		}
		let (pot, reason) = (Self::pot(), HoldReason::Work.into());
		let burned = T::Currency::burn_held(&reason, &pot, amount, Precision::Exact, Fortitude::Force);
		defensive_assert!(burned.is_ok(), "what was put in is there");
	}

	/// More is there for what no job pays.
	pub(crate) fn put_into_pool(amount: Balance) {
		Pool::<T>::mutate(|pool| *pool = pool.saturating_add(amount));
	}

	/// Takes so much out of the pool, or nothing if it has less. Returns whether it had it.
	pub(crate) fn take_of_pool(amount: Balance) -> bool {
		Pool::<T>::mutate(|pool| match pool.checked_sub(amount) {
			Some(left) => {
				*pool = left;
				true
			}
			None => false,
		})
	}

	pub(crate) fn do_pay(payee: &T::AccountId) -> DispatchResult {
		let amount = Unpaid::<T>::take(payee);
		ensure!(amount > 0, Error::<T>::Nothing);
		Self::take_out(payee, amount)?;
		Self::deposit_event(Event::PaidLater(payee.clone(), amount));
		Ok(())
	}
}
