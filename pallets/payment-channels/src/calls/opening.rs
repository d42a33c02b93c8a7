//! Channels while both sides agree: opened, filled, emptied, with new keys, and closed together.

use crate::{pallet::ChannelOf, Cases, Channels, Config, Error, Event, HoldReason, LastId, Pallet, Phase, Signatures};
use channel_primitives::{
	Accept, Balance, ChannelId, ChannelKey, CloseTogether, Context, Payload, PerSide, Rekey, Side, Stake, Terms, Tick,
	Withdraw, NO_CHANNEL, STCI,
};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_open(
		who: T::AccountId,
		partner: T::AccountId,
		terms: Terms,
		amount: Balance,
		expiry: Tick,
		signature: &T::Signature,
	) -> DispatchResult {
		let side = Side::of(&who, &partner).ok_or(Error::<T>::SelfChannel)?;
		ensure!(
			(T::MinWindow::get()..=T::MaxWindow::get()).contains(&terms.window),
			Error::<T>::BadWindow
		);
		let PerSide { low, high } = terms.keys;
		ensure!(Self::is_sound(&low) && Self::is_sound(&high), Error::<T>::BadKey);
		ensure!(low != high, Error::<T>::SameKey);
		ensure!(Self::now() <= expiry, Error::<T>::Expired);
		let accept = Accept {
			terms,
			opener: who.clone().into(),
			expiry,
		};
		let context = Context {
			genesis: Self::genesis(),
			channel: NO_CHANNEL,
			asset: STCI,
			side: side.partner(),
		};
		ensure!(
			Self::is_by_account(&partner, &accept.payload(&context), signature),
			Error::<T>::BadAccept
		);
		// Both in one, and paid back in one: a closing together writes less.
		let deposit = T::ChannelDeposit::get();
		let in_all = amount.checked_add(deposit).ok_or(Error::<T>::Overflow)?;
		Self::put_in(HoldReason::Stake, &who, in_all)?;
		let stake = Stake::default();
		let channel = ChannelOf::<T> {
			accounts: PerSide::from_fn(|of| if of == side { who.clone() } else { partner.clone() }),
			keys: terms.keys,
			asset: STCI,
			stake: stake.with_deposit(side, amount).ok_or(Error::<T>::Overflow)?,
			window: terms.window,
			opener: side,
			deposit,
			phase: Phase::Open,
			rekeyed: false,
		};
		let id = LastId::<T>::get().checked_add(1).ok_or(Error::<T>::Overflow)?;
		LastId::<T>::put(id);
		let accounts = channel.accounts.clone();
		Channels::<T>::insert(id, channel);
		Self::deposit_event(Event::Opened(id, accounts, side, terms, amount));
		Ok(())
	}

	pub(crate) fn do_deposit(who: &T::AccountId, id: ChannelId, amount: Balance) -> DispatchResult {
		let mut channel = Self::open_one(id)?;
		let side = channel.side_of(who).ok_or(Error::<T>::NotASide)?;
		ensure!(amount > 0, Error::<T>::Nothing);
		channel.stake = channel.stake.with_deposit(side, amount).ok_or(Error::<T>::Overflow)?;
		Self::put_in(HoldReason::Stake, who, amount)?;
		Channels::<T>::insert(id, channel);
		Self::deposit_event(Event::Deposited(id, side, amount));
		Ok(())
	}

	pub(crate) fn do_withdraw(
		id: ChannelId,
		side: Side,
		total: Balance,
		expiry: Tick,
		signatures: &Signatures,
	) -> DispatchResult {
		let mut channel = Self::open_one(id)?;
		ensure!(Self::now() <= expiry, Error::<T>::Expired);
		let before = *channel.stake.withdrawn.get(side);
		ensure!(total > before, Error::<T>::NotMonotone);
		channel.stake = channel.stake.with_withdrawal(side, total).ok_or(Error::<T>::Exceeds)?;
		Self::ensure_by_both(id, &channel, Withdraw { side, total, expiry }, signatures)?;
		let amount = total.saturating_sub(before);
		Self::pay_out(channel.accounts.get(side), amount);
		Channels::<T>::insert(id, channel);
		Self::deposit_event(Event::Withdrawn(id, side, amount));
		Ok(())
	}

	pub(crate) fn do_rekey(
		id: ChannelId,
		side: Side,
		key: ChannelKey,
		signatures: &Signatures,
	) -> Result<(), Error<T>> {
		let mut channel = Self::open_one(id)?;
		ensure!(Self::is_sound(&key), Error::BadKey);
		ensure!(channel.keys.low != key && channel.keys.high != key, Error::SameKey);
		Self::ensure_by_both(id, &channel, Rekey { side, key }, signatures)?;
		*channel.keys.get_mut(side) = key;
		channel.rekeyed = true;
		Channels::<T>::insert(id, channel);
		Self::deposit_event(Event::Rekeyed(id, side, key));
		Ok(())
	}

	/// Returns whether the channel was open until then: one that is disputed takes more.
	pub(crate) fn do_close_together(
		id: ChannelId,
		pay: PerSide<Balance>,
		expiry: Tick,
		signatures: &Signatures,
	) -> Result<bool, DispatchError> {
		let channel = Self::known(id)?;
		ensure!(channel.phase != Phase::Settled, Error::<T>::NotOpen);
		ensure!(Self::now() <= expiry, Error::<T>::Expired);
		ensure!(
			pay.low.checked_add(pay.high) == Some(channel.stake.total()),
			Error::<T>::NotConserved
		);
		Self::ensure_by_both(id, &channel, CloseTogether { pay, expiry }, signatures)?;
		let was_open = channel.phase == Phase::Open;
		let free = if was_open {
			0
		} else {
			Cases::<T>::take(id).map_or(0, |case| case.free)
		};
		Self::end(id, &channel, &pay, &PerSide::default(), free);
		Self::deposit_event(Event::ClosedTogether(id, pay));
		Ok(was_open)
	}
}
