//! Towers that answer for sides with a bond, and where nodes that forward payments are reached.

use crate::{
	Aftermaths, Announced, Config, Endpoint, Endpoints, Error, Event, HoldReason, Paid, Pallet, Phase, Tower, Towers,
	MAX_TOWERS,
};
use channel_primitives::{Balance, ChannelId, ChannelKey, Half, Receipt, Signed};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register_tower(who: T::AccountId, key: ChannelKey, bond: Balance) -> DispatchResult {
		ensure!(!Towers::<T>::contains_key(&who), Error::<T>::AlreadyTower);
		ensure!(Self::is_sound(&key), Error::<T>::BadKey);
		ensure!(bond >= T::MinBond::get(), Error::<T>::BondTooSmall);
		Self::put_in(HoldReason::Bond, &who, bond)?;
		let tower = Tower {
			key,
			bond,
			leaves: None,
		};
		Towers::<T>::insert(&who, tower);
		Self::deposit_event(Event::TowerRegistered(who, key, bond));
		Ok(())
	}

	pub(crate) fn do_leave_tower(who: T::AccountId) -> DispatchResult {
		let mut tower = Towers::<T>::get(&who).ok_or(Error::<T>::NotTower)?;
		match tower.leaves {
			None => {
				let until = Self::now().saturating_add(T::UnbondTicks::get());
				tower.leaves = Some(until);
				Towers::<T>::insert(&who, tower);
				Self::deposit_event(Event::TowerLeaves(who, until));
			}
			Some(until) => {
				ensure!(Self::now() > until, Error::<T>::TooEarly);
				if tower.bond > 0 {
					Self::take_out(HoldReason::Bond, &who, tower.bond)?;
				}
				Towers::<T>::remove(&who);
				Self::deposit_event(Event::TowerLeft(who, tower.bond));
			}
		}
		Ok(())
	}

	pub(crate) fn do_claim_tower_failure(
		id: ChannelId,
		account: T::AccountId,
		receipt: &Signed<Receipt>,
		half: &Signed<Half>,
	) -> DispatchResult {
		let channel = Self::known(id)?;
		ensure!(channel.phase == Phase::Settled, Error::<T>::NotSettled);
		let mut aftermath = Aftermaths::<T>::get(id).ok_or(Error::<T>::NotSettled)?;
		let mut tower = Towers::<T>::get(&account).ok_or(Error::<T>::NotTower)?;
		let Receipt {
			side,
			nonce,
			until,
			cover,
		} = receipt.body;
		let payer = side.partner();
		ensure!(half.body.nonce == nonce, Error::<T>::OtherHalf);
		ensure!(aftermath.at <= until, Error::<T>::ReceiptOver);
		// Who closes brings its partner's half itself: two in league would else take the bond.
		ensure!(aftermath.closer != side, Error::<T>::NoLoss);
		// A tower answers for halves below its own, and not for what both sides have signed since.
		ensure!(*aftermath.let_in.get(payer) < nonce, Error::<T>::NoLoss);
		// What was lost could not be let in, whoever tried; nor by a word, or a half, under a key that was changed.
		ensure!(!channel.rekeyed, Error::<T>::Superseded);
		ensure!(!aftermath.resyncs.get(payer).lost(nonce), Error::<T>::Superseded);
		let of_side = aftermath.paid.iter().filter(|paid| paid.side == side);
		ensure!(
			of_side.clone().count() < MAX_TOWERS && of_side.clone().all(|paid| paid.tower != account),
			Error::<T>::AlreadyPaid
		);
		let context = channel.context(Self::genesis(), id, side);
		ensure!(
			receipt.is_by(&tower.key, &context, Self::verify),
			Error::<T>::BadSignature
		);
		Self::ensure_by(id, &channel, payer, half)?;
		let lost = half
			.body
			.transferred
			.saturating_sub(*aftermath.transferred.get(payer))
			.min(channel.stake.total());
		let due = lost.min(cover).min(tower.bond);
		ensure!(due > 0, Error::<T>::NoLoss);
		Self::take_out(HoldReason::Bond, channel.accounts.get(side), due)?;
		tower.bond = tower.bond.saturating_sub(due);
		let paid = Paid {
			side,
			tower: account.clone(),
		};
		aftermath.paid.try_push(paid).map_err(|_| Error::<T>::AlreadyPaid)?;
		Aftermaths::<T>::insert(id, aftermath);
		Towers::<T>::insert(&account, tower);
		Self::deposit_event(Event::TowerPaid(account, id, side, due));
		Ok(())
	}

	pub(crate) fn do_announce(who: T::AccountId, endpoint: Option<Endpoint>) -> DispatchResult {
		let before = Endpoints::<T>::take(&who);
		ensure!(before.is_some() || endpoint.is_some(), Error::<T>::NoEndpoint);
		if let Some(Announced { deposit, .. }) = before {
			Self::release_deposit(&who, deposit);
		}
		if let Some(endpoint) = endpoint.clone() {
			let deposit = T::EndpointDeposit::get();
			Self::hold_deposit(&who, deposit)?;
			Endpoints::<T>::insert(&who, Announced { endpoint, deposit });
		}
		Self::deposit_event(Event::EndpointSet(who, endpoint));
		Ok(())
	}
}
