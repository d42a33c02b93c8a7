//! Money of channels: on hold at one account, and paid out of that.
//!
//! It does not stay at the accounts of the sides. What is locked at an account (by votes, or until it is released) may
//! be on hold as well; whoever could pay it out through a channel would spend it, or vote with it twice. So it has to
//! be free when it is put in, and is nobody's until it is paid out.
//!
//! A payment never fails: what can not be paid stays where it is, and belongs to its payee.

use crate::{
	pallet::ChannelOf, Channels, Config, Error, Event, HoldReason, Pallet, Reward, Surcharges, Unpaid, MOST_FREE,
};
use channel_primitives::{Balance, ChannelId, PerSide, Side};
use codec::Encode;
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
	weights::Weight,
};
use sp_runtime::{
	traits::{AccountIdConversion, Convert},
	DispatchError,
};

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
		if !Self::try_pay(payee, amount) {
			Unpaid::<T>::mutate(payee, |unpaid| *unpaid = unpaid.saturating_add(amount));
			Self::deposit_event(Event::NotPaid(payee.clone(), amount));
		}
	}

	/// Pays an account out of the money of channels, and says whether that went.
	///
	/// Layers of storage lie in each other so deep at most. Whoever laid a settlement so deep in batches that none is
	/// left would keep what it has promised. It is paid without one then: a transfer writes nothing before it has
	/// looked.
	fn try_pay(payee: &T::AccountId, amount: Balance) -> bool {
		let pay = || Self::take_out(HoldReason::Stake, payee, amount);
		match with_storage_layer::<(), DispatchError, _>(pay) {
			Err(DispatchError::Transactional(_)) => pay().is_ok(),
			paid => paid.is_ok(),
		}
	}

	/// Pays both sides, and out of that whoever has answered for them. `back` is what the opener gets back of its
	/// deposit, in planck: no reward is paid out of that.
	pub(crate) fn pay_both(
		channel: &ChannelOf<T>,
		paid: &PerSide<Balance>,
		rewards: &PerSide<Option<Reward<T::AccountId>>>,
		back: Balance,
	) {
		for side in Side::ALL {
			let due = *paid.get(side);
			let rewarded = rewards.get(side).as_ref().map_or(0, |of| Self::pay_reward(of, due));
			let back = if side == channel.opener { back } else { 0 };
			let rest = due.saturating_sub(rewarded);
			Self::pay_out(channel.accounts.get(side), rest.saturating_add(back));
		}
	}

	/// Pays a reward out of what is due to who has promised it, and says how much it was. What can not be paid stays
	/// with that side: nothing is kept for accounts that anybody can name.
	fn pay_reward(reward: &Reward<T::AccountId>, due: Balance) -> Balance {
		let amount = reward.amount.min(due);
		if amount > 0 && Self::try_pay(&reward.to, amount) {
			amount
		} else {
			0
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

	/// Notes what a transaction without an account costs above [`Config::AnswerFee`], if `sender` is none: what one
	/// with an account would pay at present that weighs `weight` and brings `what`. Its time counts twice, for it is
	/// looked at before it is carried out.
	///
	/// It stands beside the case, and not in it: whoever watches a channel with a program older than this reads cases
	/// as they have always been.
	pub(crate) fn note_surcharge(sender: Option<&T::AccountId>, id: ChannelId, weight: Weight, what: &impl Encode) {
		if sender.is_some() {
			return;
		}
		let bytes = u32::try_from(what.encoded_size()).unwrap_or(u32::MAX);
		let fee = T::FeeNow::convert((weight.saturating_mul(2), bytes));
		let above = fee.saturating_sub(T::AnswerFee::get());
		Surcharges::<T>::mutate(id, |sum| *sum = sum.saturating_add(above));
	}

	/// What transactions of a channel without an account have cost in all, in planck: no more than its deposit, for no
	/// answer is refused because that is used up.
	fn cost_of(id: ChannelId, channel: &ChannelOf<T>, free: u8) -> Balance {
		if free == 0 {
			return 0;
		}
		let least = T::AnswerFee::get().saturating_mul(free.into());
		least.saturating_add(Surcharges::<T>::take(id)).min(channel.deposit)
	}

	/// Forgets a channel, and pays each side what is left to be paid; its opener gets the deposit back, less what
	/// the transactions without a fee have cost; there were so many.
	pub(crate) fn end(
		id: ChannelId,
		channel: &ChannelOf<T>,
		paid: &PerSide<Balance>,
		rewards: &PerSide<Option<Reward<T::AccountId>>>,
		free: u8,
	) {
		Channels::<T>::remove(id);
		let cost = Self::cost_of(id, channel, free);
		Self::burn(cost);
		Self::pay_both(channel, paid, rewards, channel.deposit.saturating_sub(cost));
	}

	/// Money of channels ceases to exist: what nobody has paid for and everybody had to carry out.
	fn burn(amount: Balance) {
		if amount == 0 {
			return;
		}
		let (pot, reason) = (Self::pot(), HoldReason::Stake.into());
		let burned = T::Currency::burn_held(&reason, &pot, amount, Precision::Exact, Fortitude::Force);
		defensive_assert!(burned.is_ok(), "what a channel has put in is there");
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
		let free = T::AnswerFee::get().saturating_mul(MOST_FREE.into());
		let prices = [
			("ChannelDeposit", T::ChannelDeposit::get().saturating_sub(free)),
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
