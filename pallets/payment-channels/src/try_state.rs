//! What must hold between blocks.

use crate::{
	pallet::ChannelOf, Aftermaths, Cases, Channels, Config, Endpoints, HoldReason, LastId, LookedAt, Pallet, Phase,
	Reveals, Surcharges, Towers, Unpaid, MAX_FREE, MOST_FREE,
};
use alloc::collections::BTreeMap;
use channel_primitives::{Balance, ChannelId, Side};
use frame_support::{ensure, traits::fungible::hold::Inspect};
use sp_runtime::TryRuntimeError;

/// What should be held of accounts, in planck.
struct Books<T: Config>(BTreeMap<T::AccountId, Balance>);

impl<T: Config> Books<T> {
	fn new() -> Self {
		Self(BTreeMap::new())
	}

	fn add(&mut self, who: &T::AccountId, amount: Balance) {
		let sum = self.0.entry(who.clone()).or_default();
		*sum = sum.saturating_add(amount);
	}

	/// Of every account, also of those that the books do not name.
	fn agree(&self, reason: HoldReason, what: &'static str) -> Result<(), TryRuntimeError> {
		let reason = reason.into();
		for who in frame_system::Account::<T>::iter_keys() {
			let due = self.0.get(&who).copied().unwrap_or(0);
			ensure!(T::Currency::balance_on_hold(&reason, &who) == due, what);
		}
		for (who, due) in &self.0 {
			ensure!(T::Currency::balance_on_hold(&reason, who) == *due, what);
		}
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	/// Checks what must hold between blocks. Reads everything: not for a block.
	///
	/// # Errors
	/// Names the first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let (mut stakes, mut deposits, mut bonds) = (Books::<T>::new(), Books::<T>::new(), Books::<T>::new());
		let pot = Self::pot();
		for (id, channel) in Channels::<T>::iter() {
			let money = Self::check_channel(id, &channel)?;
			stakes.add(&pot, money.saturating_add(channel.deposit));
		}
		for (id, case) in Cases::<T>::iter() {
			let channel = Channels::<T>::get(id).ok_or("what closes is a channel")?;
			ensure!(channel.phase == Phase::Closing, "what is disputed is closing");
			ensure!(case.free <= MOST_FREE, "what nobody pays for has an end");
			for side in Side::ALL {
				ensure!(
					*case.free_used.get(side) <= MAX_FREE,
					"a side has few answers for nothing"
				);
				let newest = case.dispute.halves.get(side).map_or(0, |half| half.nonce);
				ensure!(newest <= *case.let_in.get(side), "what counts was let in");
			}
		}
		for id in Aftermaths::<T>::iter_keys() {
			let channel = Channels::<T>::get(id).ok_or("what is settled is a channel")?;
			ensure!(channel.phase == Phase::Settled, "what has an aftermath is settled");
		}
		for id in Surcharges::<T>::iter_keys() {
			let of_case = Cases::<T>::get(id).map(|case| case.free);
			let free = of_case.or_else(|| Aftermaths::<T>::get(id).map(|aftermath| aftermath.free));
			ensure!(
				free.is_some_and(|free| free > 0),
				"what is noted beside the fee is of answers"
			);
		}
		ensure!(
			LookedAt::<T>::get().channel.is_none_or(|id| id <= LastId::<T>::get()),
			"what was looked at is a channel that there was"
		);
		for amount in Unpaid::<T>::iter_values() {
			ensure!(amount > 0, "what is not paid is something");
			stakes.add(&pot, amount);
		}
		for revealed in Reveals::<T>::iter_values() {
			deposits.add(&revealed.by, revealed.deposit);
		}
		for (who, announced) in Endpoints::<T>::iter() {
			deposits.add(&who, announced.deposit);
		}
		for tower in Towers::<T>::iter_values() {
			ensure!(Self::is_sound(&tower.key), "nobody else signs receipts of a tower");
			bonds.add(&pot, tower.bond);
		}
		stakes.agree(HoldReason::Stake, "what the pot holds is the money of channels")?;
		deposits.agree(HoldReason::Deposit, "what is held for state is its deposits")?;
		bonds.agree(HoldReason::Bond, "what the pot holds of towers is their bonds")
	}

	/// Returns what the pot should hold for the channel, in planck.
	fn check_channel(id: ChannelId, channel: &ChannelOf<T>) -> Result<Balance, TryRuntimeError> {
		ensure!(id > 0 && id <= LastId::<T>::get(), "numbers count from 1");
		ensure!(
			channel.accounts.low < channel.accounts.high,
			"the lower account is the first"
		);
		ensure!(channel.keys.low != channel.keys.high, "each side has a key of its own");
		ensure!(
			Self::is_sound(&channel.keys.low) && Self::is_sound(&channel.keys.high),
			"nobody else can sign under a key"
		);
		ensure!(channel.stake.is_sound(), "no more was taken out than put in");
		Ok(match channel.phase {
			Phase::Open => channel.stake.total(),
			Phase::Closing => {
				ensure!(Cases::<T>::contains_key(id), "what closes has a dispute");
				channel.stake.total()
			}
			Phase::Settled => {
				let aftermath = Aftermaths::<T>::get(id).ok_or("what is settled has an aftermath")?;
				ensure!(aftermath.free <= MOST_FREE, "what nobody pays for has an end");
				let pending = aftermath.pending;
				let [low, high] = [pending.low, pending.high].map(|of| of.map_or(0, |pending| pending.reserved));
				low.saturating_add(high)
			}
		})
	}
}
