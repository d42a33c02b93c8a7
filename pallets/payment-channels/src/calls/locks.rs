//! Conditions that are met, and locks that are split.

use crate::{Aftermaths, Config, Error, Event, Pallet, Phase, Revealed, Reveals, WeightInfo};
use channel_primitives::{
	ChannelId, ChannelKey, ChannelSignature, Condition, ConditionError, Facts, Hash, Locks, PendingError, PredicateId,
	Reveal, Side, Tick, Witness,
};
use core::marker::PhantomData;
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use pallet_traits::Predicates;

impl<T> From<ConditionError> for Error<T> {
	fn from(error: ConditionError) -> Self {
		match error {
			ConditionError::TooLong
			| ConditionError::TooDeep
			| ConditionError::Malformed
			| ConditionError::ChainWithin
			| ConditionError::Steps => Self::BadCondition,
			ConditionError::WrongWitness => Self::WrongWitness,
			ConditionError::NotMet => Self::NotMet,
		}
	}
}

impl<T> From<PendingError> for Error<T> {
	fn from(error: PendingError) -> Self {
		match error {
			PendingError::WrongList => Self::BadLocks,
			PendingError::Undecided { .. } => Self::Undecided,
		}
	}
}

/// What conditions see of this chain.
struct ChainFacts<T>(PhantomData<T>);

impl<T: Config> Facts for ChainFacts<T> {
	fn genesis(&self) -> Hash {
		Pallet::<T>::genesis()
	}

	fn tick(&self) -> Tick {
		Pallet::<T>::now()
	}

	fn signed(&self, key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
		Pallet::<T>::is_sound(key) && Pallet::<T>::verify(key, payload, signature)
	}

	fn holds(&self, predicate: PredicateId, args: &[u8]) -> bool {
		T::Predicates::holds(predicate, args)
	}
}

impl<T: Config> Pallet<T> {
	/// What is known of a condition.
	pub(crate) fn revealed(condition: &Hash) -> Option<Reveal> {
		Reveals::<T>::get(condition).map(|revealed| revealed.reveal)
	}

	pub(crate) fn do_resolve(who: T::AccountId, condition: &Condition, witness: Witness) -> DispatchResult {
		let hash = condition.hash();
		ensure!(!Reveals::<T>::contains_key(hash), Error::<T>::AlreadyMet);
		let reveal = condition
			.met(&witness, &ChainFacts::<T>(PhantomData))
			.map_err(Error::<T>::from)?;
		let deposit = T::RevealDeposit::get();
		Self::hold_deposit(&who, deposit)?;
		let revealed = Revealed {
			reveal,
			by: who,
			deposit,
		};
		Reveals::<T>::insert(hash, revealed);
		Self::deposit_event(Event::Met(hash, reveal, witness));
		Ok(())
	}

	pub(crate) fn do_unlock(
		sender: Option<&T::AccountId>,
		id: ChannelId,
		side: Side,
		locks: Option<&Locks>,
	) -> Result<(), Error<T>> {
		let channel = Self::known(id)?;
		ensure!(channel.phase == Phase::Settled, Error::NotSettled);
		let mut aftermath = Aftermaths::<T>::get(id).ok_or(Error::NotSettled)?;
		let pending = aftermath.pending.get_mut(side).take().ok_or(Error::NothingPending)?;
		let reveal = |condition: &Hash| Self::revealed(condition);
		let unlocked = match locks {
			Some(locks) => pending.unlock(locks, Self::now(), &reveal),
			None => pending.give_back(Self::now()),
		}?;
		Self::pay_out(channel.accounts.get(side), unlocked.payer);
		Self::pay_out(channel.accounts.get(side.partner()), unlocked.payee);
		aftermath.free = aftermath.free.saturating_add(sender.is_none().into());
		Aftermaths::<T>::insert(id, aftermath);
		let weight = T::WeightInfo::unlock(locks.map_or(0, Self::count));
		Self::note_surcharge(sender, id, weight, &(id, side, locks));
		Self::deposit_event(Event::Unlocked(id, side, unlocked));
		Ok(())
	}
}
