//! Money of channels: on hold at one account, and paid out of that.
//!
//! It does not stay at the accounts of the sides. What is locked at an account (by votes, or until it is released) may
//! be on hold as well; whoever could pay it out through a channel would spend it, or vote with it twice. So it has to
//! be free when it is put in, and is nobody's until it is paid out.
//!
//! A payment never fails: what can not be paid stays where it is, and belongs to its payee.

use crate::{pallet::ChannelOf, Channels, Config, Error, Event, HoldReason, Pallet, Reward, Unpaid};
use channel_primitives::{Balance, ChannelId, PerSide, Side};
use frame_support::{
	defensive_assert,
	dispatch::DispatchResult,
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{hold::Mutate, Inspect},
		tokens::{Fortitude, Precision, Preservation, Restriction},
		Get,
	},
};
use sp_runtime::{traits::AccountIdConversion, DispatchError};

impl<T: Config> Pallet<T> {
	/// The account at which money of channels and bonds of towers are on hold. Nobody has a key of it.
	pub fn pot() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// Puts money of an account on hold in the pot. The account keeps what it takes to exist.
	///
	/// # Errors
	/// The currency's: also if it is less than the existential deposit, or locked.
	pub(crate) fn put_in(reason: HoldReason, who: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		let (pot, reason) = (Self::pot(), reason.into());
		// It exists by this pallet's word, whatever is on it.
		if frame_system::Pallet::<T>::providers(&pot) == 0 {
			frame_system::Pallet::<T>::inc_providers(&pot);
		}
		let (keep, force) = (Preservation::Preserve, Fortitude::Polite);
		T::Currency::transfer_and_hold(&reason, who, &pot, amount, Precision::Exact, keep, force)?;
		Ok(())
	}

	/// Pays an account out of the pot.
	///
	/// # Errors
	/// The currency's, if the account does not exist and this would not bring it into existence.
	pub(crate) fn take_out(reason: HoldReason, payee: &T::AccountId, amount: Balance) -> DispatchResult {
		let (pot, reason) = (Self::pot(), reason.into());
		let (mode, force) = (Restriction::Free, Fortitude::Force);
		T::Currency::transfer_on_hold(&reason, &pot, payee, amount, Precision::Exact, mode, force)?;
		Ok(())
	}

	/// Pays an account out of the money of channels, or notes what it can not be paid.
	pub(crate) fn pay_out(payee: &T::AccountId, amount: Balance) {
		if amount == 0 {
			return;
		}
		let paid = with_storage_layer::<(), DispatchError, _>(|| Self::take_out(HoldReason::Stake, payee, amount));
		if paid.is_err() {
			Unpaid::<T>::mutate(payee, |unpaid| *unpaid = unpaid.saturating_add(amount));
			Self::deposit_event(Event::NotPaid(payee.clone(), amount));
		}
	}

	/// Pays both sides, and out of that whoever has answered for them.
	pub(crate) fn pay_both(
		channel: &ChannelOf<T>,
		paid: &PerSide<Balance>,
		rewards: &PerSide<Option<Reward<T::AccountId>>>,
	) {
		for side in Side::ALL {
			let due = *paid.get(side);
			let reward = rewards.get(side).as_ref();
			let rewarded = reward.map_or(0, |reward| reward.amount.min(due));
			if let Some(reward) = reward {
				Self::pay_out(&reward.to, rewarded);
			}
			Self::pay_out(channel.accounts.get(side), due.saturating_sub(rewarded));
		}
	}

	/// Holds a deposit for state.
	///
	/// # Errors
	/// The currency's.
	pub(crate) fn hold_deposit(who: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::hold(&HoldReason::Deposit.into(), who, amount)
	}

	/// Releases a deposit for state. It is no less than an account has to hold, so that there is always room for it.
	pub(crate) fn release_deposit(who: &T::AccountId, amount: Balance) {
		let released = T::Currency::release(&HoldReason::Deposit.into(), who, amount, Precision::Exact);
		defensive_assert!(released.is_ok(), "what is held is there, and finds room");
	}

	/// Forgets a channel whose money is paid out, and releases what was held of its opener for it.
	pub(crate) fn forget(id: ChannelId, channel: &ChannelOf<T>) {
		Channels::<T>::remove(id);
		Self::release_deposit(channel.accounts.get(channel.opener), channel.deposit);
	}

	pub(crate) fn do_pay(payee: &T::AccountId) -> DispatchResult {
		let amount = Unpaid::<T>::take(payee);
		ensure!(amount > 0, Error::<T>::Nothing);
		Self::take_out(HoldReason::Stake, payee, amount)?;
		Self::deposit_event(Event::PaidLater(payee.clone(), amount));
		Ok(())
	}

	/// Looks at what the runtime has set.
	pub(crate) fn check_constants() {
		assert!(
			T::MinWindow::get() > 0 && T::MinWindow::get() <= T::MaxWindow::get(),
			"there is a window that may be"
		);
		assert!(
			T::RecoveryWindow::get() <= T::MaxWindow::get(),
			"a recovery's window is none of the longest"
		);
		let kept = u64::from(T::RevealTicks::get());
		let needed = u64::from(T::MaxWindow::get()).saturating_add(u64::from(channel_primitives::DAY) * 30);
		assert!(
			kept >= needed,
			"a reveal is kept until the locks that it counts for are split"
		);
		assert!(
			T::UnbondTicks::get() >= T::MaxWindow::get().saturating_add(T::TowerTicks::get()),
			"a bond is held until what it covers is settled and shown"
		);
		let least = T::Currency::minimum_balance();
		let prices = [
			("ChannelDeposit", T::ChannelDeposit::get()),
			("RevealDeposit", T::RevealDeposit::get()),
			("EndpointDeposit", T::EndpointDeposit::get()),
			("MinBond", T::MinBond::get()),
		];
		for (name, price) in prices {
			assert!(
				price >= least && price > 0,
				"state is not free, and its price can be released: {name}"
			);
		}
	}
}
