//! Votes of holders: STCI locked on candidates.

use crate::{Balance, Config, Error, Event, HoldReason, Pallet, Parameters, TotalVotes, VoterOf, Voters, VotesOn};
use frame_support::{
	ensure,
	traits::{fungible::hold::Mutate, tokens::Precision, Get},
};
use pallet_traits::EraClock;
use sp_runtime::{traits::Zero, DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_vote(who: &T::AccountId, candidate: &T::AccountId, amount: Balance) -> DispatchResult {
		Self::standing(candidate)?;
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		let mut voter = Voters::<T>::get(who).unwrap_or_default();
		let locked = match voter.votes.iter_mut().find(|(on, _)| on == candidate) {
			Some((_, locked)) => {
				*locked = locked.checked_add(amount).ok_or(Error::<T>::Overflow)?;
				*locked
			}
			None => {
				voter
					.votes
					.try_push((candidate.clone(), amount))
					.map_err(|_| Error::<T>::TooManyVotes)?;
				amount
			}
		};
		ensure!(locked >= Parameters::<T>::get().min_vote, Error::<T>::VoteTooLow);
		T::Currency::hold(&HoldReason::Votes.into(), who, amount)?;
		Voters::<T>::insert(who, voter);
		Self::change_votes(candidate, |votes| votes.checked_add(amount), true)?;
		Self::deposit_event(Event::Voted {
			voter: who.clone(),
			candidate: candidate.clone(),
			amount,
		});
		Ok(())
	}

	pub(crate) fn do_unvote(who: &T::AccountId, candidate: &T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		let mut voter = Voters::<T>::get(who).ok_or(Error::<T>::NotEnoughVotes)?;
		let (_, locked) = voter
			.votes
			.iter_mut()
			.find(|(on, _)| on == candidate)
			.ok_or(Error::<T>::NotEnoughVotes)?;
		*locked = locked.checked_sub(amount).ok_or(Error::<T>::NotEnoughVotes)?;
		ensure!(
			locked.is_zero() || *locked >= Parameters::<T>::get().min_vote,
			Error::<T>::VoteTooLow
		);
		voter.votes.retain(|(_, locked)| !locked.is_zero());

		let due = T::EraClock::current_era().saturating_add(T::UnbondingEras::get());
		match voter.unlocking.iter_mut().find(|(era, _)| *era == due) {
			Some((_, chunk)) => *chunk = chunk.checked_add(amount).ok_or(Error::<T>::Overflow)?,
			None => voter
				.unlocking
				.try_push((due, amount))
				.map_err(|_| Error::<T>::TooManyChunks)?,
		}
		Voters::<T>::insert(who, voter);
		let stands = Self::standing(candidate).is_ok();
		Self::change_votes(candidate, |votes| votes.checked_sub(amount), stands)?;
		Self::deposit_event(Event::Unvoted {
			voter: who.clone(),
			candidate: candidate.clone(),
			amount,
			due,
		});
		Ok(())
	}

	pub(crate) fn do_unlock(who: &T::AccountId) -> DispatchResult {
		let mut voter: VoterOf<T> = Voters::<T>::get(who).ok_or(Error::<T>::NothingDue)?;
		let era = T::EraClock::current_era();
		let mut amount: Balance = 0;
		for (due, chunk) in voter.unlocking.iter() {
			if *due <= era {
				amount = amount.checked_add(*chunk).ok_or(Error::<T>::Overflow)?;
			}
		}
		ensure!(!amount.is_zero(), Error::<T>::NothingDue);
		voter.unlocking.retain(|(due, _)| *due > era);
		T::Currency::release(&HoldReason::Votes.into(), who, amount, Precision::Exact)?;
		if voter.votes.is_empty() && voter.unlocking.is_empty() {
			Voters::<T>::remove(who);
		} else {
			Voters::<T>::insert(who, voter);
		}
		Self::deposit_event(Event::Unlocked {
			voter: who.clone(),
			amount,
		});
		Ok(())
	}

	/// Changes the votes on an account, and the total and its place in the list where it stands.
	fn change_votes(
		candidate: &T::AccountId,
		change: impl Fn(Balance) -> Option<Balance>,
		stands: bool,
	) -> DispatchResult {
		let votes = change(VotesOn::<T>::get(candidate)).ok_or(Error::<T>::Overflow)?;
		if votes.is_zero() {
			VotesOn::<T>::remove(candidate);
		} else {
			VotesOn::<T>::insert(candidate, votes);
		}
		if stands {
			let total = change(TotalVotes::<T>::get()).ok_or(Error::<T>::Overflow)?;
			TotalVotes::<T>::put(total);
			Self::refresh(candidate);
		}
		Ok(())
	}
}
