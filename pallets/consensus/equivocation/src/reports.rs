//! What a report amounts to.

use crate::{
	Authors, Config, Error, Event, Kind, LastOffence, Offence, OldestSet, Pallet, SetEras, SetVoters, LONGEVITY,
};
use bft_finality_primitives::{Phase, VoteEquivocation};
use frame_support::{dispatch::DispatchClass, ensure, pallet_prelude::TransactionValidityWithRefund, weights::Weight};
use frame_system::pallet_prelude::{BlockNumberFor, HeaderFor};
use pallet_traits::{EraClock, EraOfSlot, Punish};
use poca_primitives::BlockEquivocation;
use sp_runtime::{
	traits::Zero,
	transaction_validity::{InvalidTransaction, TransactionPriority, TransactionValidityError, ValidTransaction},
};

impl<T> From<Error<T>> for TransactionValidityError {
	fn from(error: Error<T>) -> Self {
		match error {
			Error::BadProof => InvalidTransaction::BadProof,
			Error::NotInOffice => InvalidTransaction::BadSigner,
			Error::InFuture => InvalidTransaction::Future,
			Error::TooOld | Error::AlreadyReported => InvalidTransaction::Stale,
			Error::__Ignore(..) => InvalidTransaction::Call,
		}
		.into()
	}
}

impl<T: Config> Pallet<T> {
	/// Who is to be punished for these votes, if their signatures are true.
	///
	/// # Errors
	/// `NotInOffice`, `InFuture`, `TooOld`, `AlreadyReported`.
	pub fn offence_of_votes(proof: &VoteEquivocation) -> Result<Offence<T::AccountId>, Error<T>> {
		let set_id = proof.set_id();
		let Some(in_force) = SetEras::<T>::get(set_id) else {
			return Err(if set_id < OldestSet::<T>::get() {
				Error::TooOld
			} else {
				Error::NotInOffice
			});
		};
		ensure!(!in_force.ended.is_some_and(Self::is_forgotten), Error::TooOld);
		let (offender, _) = SetVoters::<T>::get(set_id)
			.into_iter()
			.flatten()
			.find(|(_, key)| *key == proof.voter)
			.ok_or(Error::NotInOffice)?;
		let slot = proof.slot();
		// At least the first bound and at most the second, which are in order.
		let era = Self::past_era_of(slot)?
			.max(in_force.began)
			.min(in_force.ended.unwrap_or(u32::MAX));
		let kind = match proof.phase() {
			Phase::Prevote => Kind::Prevote,
			Phase::Commit => Kind::Commit,
		};
		Self::unreported(Offence {
			offender,
			kind,
			slot,
			era,
		})
	}

	/// Who is to be punished for these blocks, if their seals are true.
	///
	/// # Errors
	/// `BadProof` where the headers have no slot; `NotInOffice`, `InFuture`, `TooOld`, `AlreadyReported`.
	pub fn offence_of_blocks(proof: &BlockEquivocation<HeaderFor<T>>) -> Result<Offence<T::AccountId>, Error<T>> {
		let slot = *proof.slot().map_err(|_| Error::BadProof)?;
		let era = Self::past_era_of(slot)?;
		ensure!(!Self::is_forgotten(era), Error::TooOld);
		let offender = Authors::<T>::get(era, &proof.author).ok_or(Error::NotInOffice)?;
		Self::unreported(Offence {
			offender,
			kind: Kind::Block,
			slot,
			era,
		})
	}

	fn past_era_of(slot: u64) -> Result<u32, Error<T>> {
		let era = T::EraClock::era_of_slot(slot.into());
		ensure!(era <= T::EraClock::current_era(), Error::InFuture);
		Ok(era)
	}

	fn unreported(offence: Offence<T::AccountId>) -> Result<Offence<T::AccountId>, Error<T>> {
		let last = LastOffence::<T>::get(&offence.offender);
		ensure!(last.is_none_or(|last| last < offence.era), Error::AlreadyReported);
		Ok(offence)
	}

	pub(crate) fn authorize_votes(proof: &VoteEquivocation) -> TransactionValidityWithRefund {
		// What costs little comes first.
		let offence = Self::offence_of_votes(proof)?;
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		proof.verify(&genesis).map_err(|_| Error::<T>::BadProof)?;
		Ok(valid(&offence))
	}

	pub(crate) fn authorize_blocks(proof: &BlockEquivocation<HeaderFor<T>>) -> TransactionValidityWithRefund {
		let offence = Self::offence_of_blocks(proof)?;
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		proof.verify(&genesis).map_err(|_| Error::<T>::BadProof)?;
		Ok(valid(&offence))
	}

	/// Writes down a proven offence and has it punished.
	pub(crate) fn note(offence: Offence<T::AccountId>) {
		let Offence {
			offender,
			kind,
			slot,
			era,
		} = offence;
		LastOffence::<T>::insert(&offender, era);
		let punishment = T::Punish::offended(&offender, era);
		frame_system::Pallet::<T>::register_extra_weight_unchecked(punishment, DispatchClass::Operational);
		Self::deposit_event(Event::EquivocationReported {
			offender,
			kind,
			slot,
			era,
		});
	}
}

/// The pool keeps one report of an offender and an era.
fn valid<AccountId: codec::Encode>(offence: &Offence<AccountId>) -> (ValidTransaction, Weight) {
	let validity = ValidTransaction {
		priority: TransactionPriority::MAX,
		requires: alloc::vec::Vec::new(),
		provides: alloc::vec![codec::Encode::encode(&("Equivocation", &offence.offender, offence.era))],
		longevity: LONGEVITY,
		propagate: true,
	};
	(validity, Weight::zero())
}
