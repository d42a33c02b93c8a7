//! Money of channels: held at the accounts of both sides, and paid out of that.
//!
//! What a side is paid comes first out of what is held of itself, then out of what is held of its partner. A payment
//! never fails: what can not be paid stays on hold where it is, and belongs to its payee.

use crate::{pallet::ChannelOf, Channels, Config, Error, Event, HoldReason, Pallet, Reward, Unpaid};
use channel_primitives::{Balance, ChannelId, PerSide, Side};
use frame_support::{
	defensive_assert,
	dispatch::DispatchResult,
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{hold::Mutate, Inspect},
		tokens::{Fortitude, Precision, Restriction},
		Get,
	},
};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Holds money of an account for a channel.
	///
	/// # Errors
	/// The currency's.
	pub(crate) fn hold_stake(who: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		T::Currency::hold(&HoldReason::Stake.into(), who, amount)
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

	/// Pays an account for a side, out of a channel's money. Takes no more than there is.
	pub(crate) fn pay_from(channel: &mut ChannelOf<T>, side: Side, payee: &T::AccountId, amount: Balance) {
		let mut due = amount;
		for source in [side, side.partner()] {
			let held = channel.held.get_mut(source);
			let part = due.min(*held);
			*held = held.saturating_sub(part);
			due = due.saturating_sub(part);
			Self::pay_held(channel.accounts.get(source), payee, part);
		}
	}

	/// Pays a side out of a channel's money.
	pub(crate) fn pay_side(channel: &mut ChannelOf<T>, side: Side, amount: Balance) {
		let payee = channel.accounts.get(side).clone();
		Self::pay_from(channel, side, &payee, amount);
	}

	/// Pays both sides, and out of that whoever has answered for them.
	pub(crate) fn pay_both(
		channel: &mut ChannelOf<T>,
		paid: &PerSide<Balance>,
		rewards: &PerSide<Option<Reward<T::AccountId>>>,
	) {
		for side in Side::ALL {
			let due = *paid.get(side);
			let reward = rewards.get(side).as_ref();
			let rewarded = reward.map_or(0, |reward| reward.amount.min(due));
			if let Some(reward) = reward {
				Self::pay_from(channel, side, &reward.to, rewarded);
			}
			Self::pay_side(channel, side, due.saturating_sub(rewarded));
		}
	}

	/// Forgets a channel whose money is paid out, and releases what was held of its opener for it.
	pub(crate) fn forget(id: ChannelId, channel: &ChannelOf<T>) {
		Channels::<T>::remove(id);
		Self::release_deposit(channel.accounts.get(channel.opener), channel.deposit);
	}

	pub(crate) fn do_pay(payer: &T::AccountId, payee: &T::AccountId) -> DispatchResult {
		let amount = Unpaid::<T>::take(payer, payee);
		ensure!(amount > 0, Error::<T>::Nothing);
		Self::move_held(HoldReason::Stake, payer, payee, amount)?;
		Self::deposit_event(Event::PaidLater(payer.clone(), payee.clone(), amount));
		Ok(())
	}

	/// Moves what is held of one account to what another, or itself, can spend.
	///
	/// # Errors
	/// The currency's, if the account does not exist and this would not bring it into existence.
	pub(crate) fn move_held(
		reason: HoldReason,
		payer: &T::AccountId,
		payee: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		let reason = reason.into();
		if payer == payee {
			T::Currency::release(&reason, payer, amount, Precision::Exact)?;
		} else {
			// It is not the payer's money: what else the payer may not spend does not stand in its way.
			let (mode, force) = (Restriction::Free, Fortitude::Force);
			T::Currency::transfer_on_hold(&reason, payer, payee, amount, Precision::Exact, mode, force)?;
		}
		Ok(())
	}

	fn pay_held(payer: &T::AccountId, payee: &T::AccountId, amount: Balance) {
		if amount == 0 {
			return;
		}
		let paid: DispatchResult =
			with_storage_layer::<(), DispatchError, _>(|| Self::move_held(HoldReason::Stake, payer, payee, amount));
		if paid.is_err() {
			Unpaid::<T>::mutate(payer, payee, |unpaid| *unpaid = unpaid.saturating_add(amount));
			Self::deposit_event(Event::NotPaid(payer.clone(), payee.clone(), amount));
		}
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
