//! Backing: STCI that holders lock on candidates.

use crate::{
	pallet::BackerOf, Backers, BackingOn, Balance, Config, Error, Event, HoldReason, Pallet, Parameters, TotalBacking,
};
use frame_support::{
	ensure,
	traits::{fungible::hold::Mutate, tokens::Precision, Get},
};
use pallet_traits::EraClock;
use sp_runtime::{traits::Zero, DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_back(who: &T::AccountId, candidate: &T::AccountId, amount: Balance) -> DispatchResult {
		Self::standing(candidate)?;
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		let mut backer = Backers::<T>::get(who).unwrap_or_default();
		let locked = match backer.backing.iter_mut().find(|(on, _)| on == candidate) {
			Some((_, locked)) => {
				*locked = locked.checked_add(amount).ok_or(Error::<T>::Overflow)?;
				*locked
			}
			None => {
				backer
					.backing
					.try_push((candidate.clone(), amount))
					.map_err(|_| Error::<T>::TooManyBacked)?;
				amount
			}
		};
		ensure!(locked >= Parameters::<T>::get().min_backing, Error::<T>::BackingTooLow);
		T::Currency::hold(&HoldReason::Backing.into(), who, amount)?;
		Backers::<T>::insert(who, backer);
		Self::change_backing(candidate, |backing| backing.checked_add(amount), true)?;
		Self::deposit_event(Event::Backed {
			backer: who.clone(),
			candidate: candidate.clone(),
			amount,
		});
		Ok(())
	}

	pub(crate) fn do_unback(who: &T::AccountId, candidate: &T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		let mut backer = Backers::<T>::get(who).ok_or(Error::<T>::NotEnoughBacking)?;
		let (_, locked) = backer
			.backing
			.iter_mut()
			.find(|(on, _)| on == candidate)
			.ok_or(Error::<T>::NotEnoughBacking)?;
		*locked = locked.checked_sub(amount).ok_or(Error::<T>::NotEnoughBacking)?;
		ensure!(
			locked.is_zero() || *locked >= Parameters::<T>::get().min_backing,
			Error::<T>::BackingTooLow
		);
		backer.backing.retain(|(_, locked)| !locked.is_zero());

		let due = T::EraClock::current_era().saturating_add(T::BackingEras::get());
		match backer.unlocking.iter_mut().find(|(era, _)| *era == due) {
			Some((_, chunk)) => *chunk = chunk.checked_add(amount).ok_or(Error::<T>::Overflow)?,
			None => backer
				.unlocking
				.try_push((due, amount))
				.map_err(|_| Error::<T>::TooManyChunks)?,
		}
		Backers::<T>::insert(who, backer);
		let stands = Self::standing(candidate).is_ok();
		Self::change_backing(candidate, |backing| backing.checked_sub(amount), stands)?;
		Self::deposit_event(Event::Unbacked {
			backer: who.clone(),
			candidate: candidate.clone(),
			amount,
			due,
		});
		Ok(())
	}

	pub(crate) fn do_unlock(who: &T::AccountId) -> DispatchResult {
		let mut backer: BackerOf<T> = Backers::<T>::get(who).ok_or(Error::<T>::NothingDue)?;
		let era = T::EraClock::current_era();
		let mut amount: Balance = 0;
		for (due, chunk) in backer.unlocking.iter() {
			if *due <= era {
				amount = amount.checked_add(*chunk).ok_or(Error::<T>::Overflow)?;
			}
		}
		ensure!(!amount.is_zero(), Error::<T>::NothingDue);
		backer.unlocking.retain(|(due, _)| *due > era);
		T::Currency::release(&HoldReason::Backing.into(), who, amount, Precision::Exact)?;
		if backer.backing.is_empty() && backer.unlocking.is_empty() {
			Backers::<T>::remove(who);
		} else {
			Backers::<T>::insert(who, backer);
		}
		Self::deposit_event(Event::Unlocked {
			backer: who.clone(),
			amount,
		});
		Ok(())
	}

	/// Changes the backing of an account; if that stands, the total and its place in the list besides.
	fn change_backing(
		candidate: &T::AccountId,
		change: impl Fn(Balance) -> Option<Balance>,
		stands: bool,
	) -> DispatchResult {
		let backing = change(BackingOn::<T>::get(candidate)).ok_or(Error::<T>::Overflow)?;
		if backing.is_zero() {
			BackingOn::<T>::remove(candidate);
		} else {
			BackingOn::<T>::insert(candidate, backing);
		}
		if stands {
			let total = change(TotalBacking::<T>::get()).ok_or(Error::<T>::Overflow)?;
			TotalBacking::<T>::put(total);
			Self::refresh(candidate);
		}
		Ok(())
	}
}
