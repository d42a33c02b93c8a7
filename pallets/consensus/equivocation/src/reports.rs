//! What a report amounts to.

use crate::{
	encoded_bytes, uses, AuthorUses, Config, Error, Event, Kind, Offence, Offences, OldestSet, Pallet, SetOffenders,
	SetTimes, VoterUses, AHEAD, LOG_TARGET, LONGEVITY, MAX_PROOF_BYTES,
};
use bft_finality_primitives::{Phase, VoteEquivocation};
use codec::Encode;
use frame_support::{
	dispatch::DispatchClass, ensure, pallet_prelude::TransactionValidityWithRefund, traits::Get, weights::Weight,
};
use frame_system::pallet_prelude::{BlockNumberFor, HeaderFor};
use pallet_traits::{EraClock, EraOfSlot, Punish};
use poca_primitives::BlockEquivocation;
use sp_runtime::{
	traits::Zero,
	transaction_validity::{
		InvalidTransaction, TransactionPriority, TransactionValidityError, UnknownTransaction, ValidTransaction,
	},
};

impl<T> From<Error<T>> for TransactionValidityError {
	fn from(error: Error<T>) -> Self {
		match error {
			Error::BadProof | Error::TooLong => InvalidTransaction::BadProof.into(),
			Error::NotInOffice => InvalidTransaction::BadSigner.into(),
			// The pool bans what is invalid. This may be valid in a moment: a block that this state does not know yet
			// may tell.
			Error::Ahead => UnknownTransaction::Custom(AHEAD).into(),
			Error::TooOld | Error::AlreadyReported | Error::NothingToLose => InvalidTransaction::Stale.into(),
			Error::__Ignore(..) => InvalidTransaction::Call.into(),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The account to be punished for these votes, if their signatures are true.
	///
	/// # Errors
	/// `NotInOffice`, `Ahead`, `TooOld`, `AlreadyReported`, `NothingToLose`.
	pub fn offence_of_votes(proof: &VoteEquivocation) -> Result<Offence<T::AccountId>, Error<T>> {
		let set_id = proof.set_id();
		let Some(times) = SetTimes::<T>::get(set_id) else {
			let is_forgotten = set_id < OldestSet::<T>::get();
			return Err(if is_forgotten { Error::TooOld } else { Error::Ahead });
		};
		ensure!(!times.ended.is_some_and(Self::is_forgotten), Error::TooOld);
		let offender = uses::holder(&VoterUses::<T>::get(&proof.voter), set_id).ok_or(Error::NotInOffice)?;
		let slot = proof.slot();
		let of_slot = match (Self::past_era_of(slot), times.ended) {
			// Whatever slot it names, it counts for no later era. When that slot is there the set may be forgotten.
			(Err(_), Some(ended)) => Some(ended),
			(of_slot, _) => of_slot?,
		};
		// At least the first bound and at most the second, which are in order. What no era is known of counts for the
		// first.
		let era = of_slot
			.unwrap_or(times.began)
			.max(times.began)
			.min(times.ended.unwrap_or(u32::MAX));
		let era = if Self::is_forgotten(era) { times.began } else { era };
		let kind = match proof.phase() {
			Phase::Prevote => Kind::Prevote,
			Phase::Commit => Kind::Commit,
		};
		Self::unreported(Offence {
			offender,
			kind,
			set_id: Some(set_id),
			slot,
			era,
		})
	}

	/// The account to be punished for these blocks, if their seals are true.
	///
	/// # Errors
	/// `BadProof` if the headers have no slot; `NotInOffice`, `Ahead`, `TooOld`, `AlreadyReported`, `NothingToLose`.
	pub fn offence_of_blocks(proof: &BlockEquivocation<HeaderFor<T>>) -> Result<Offence<T::AccountId>, Error<T>> {
		let slot = *proof.slot().map_err(|_| Error::BadProof)?;
		let era = Self::past_era_of(slot)?.ok_or(Error::TooOld)?;
		ensure!(!Self::is_forgotten(era), Error::TooOld);
		let offender = uses::holder(&AuthorUses::<T>::get(&proof.author), slot);
		// A block that this state does not know may have given the key an office.
		let nobody = if slot > Self::now() {
			Error::Ahead
		} else {
			Error::NotInOffice
		};
		Self::unreported(Offence {
			offender: offender.ok_or(nobody)?,
			kind: Kind::Block,
			set_id: None,
			slot,
			era,
		})
	}

	fn now() -> u64 {
		T::CurrentSlot::get().into()
	}

	/// The era of a slot that is not in an era to come; none if it is not remembered, or passed without a block.
	fn past_era_of(slot: u64) -> Result<Option<u32>, Error<T>> {
		match T::EraClock::era_of_slot(slot.into()) {
			Some(era) if era > T::EraClock::current_era() => Err(Error::Ahead),
			None if slot > Self::now() => Err(Error::Ahead),
			era => Ok(era),
		}
	}

	fn unreported(offence: Offence<T::AccountId>) -> Result<Offence<T::AccountId>, Error<T>> {
		let Offence {
			offender, kind, era, ..
		} = &offence;
		let known = if Self::is_forgotten(*era) {
			// Votes of a set that is still known. Which of them were reported by era is forgotten, so they count once.
			offence
				.set_id
				.is_none_or(|set_id| SetOffenders::<T>::get(set_id).contains(offender))
		} else {
			Offences::<T>::contains_key(era, (offender, kind.offence()))
		};
		ensure!(!known, Error::AlreadyReported);
		ensure!(T::Punish::can_lose(offender), Error::NothingToLose);
		Ok(offence)
	}

	pub(crate) fn authorize_votes(proof: &VoteEquivocation) -> TransactionValidityWithRefund {
		// What costs little comes first.
		ensure_short::<T>(proof)?;
		let offence = Self::offence_of_votes(proof)?;
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		proof.verify(&genesis).map_err(|_| Error::<T>::BadProof)?;
		Ok(valid(&offence))
	}

	pub(crate) fn authorize_blocks(proof: &BlockEquivocation<HeaderFor<T>>) -> TransactionValidityWithRefund {
		ensure_short::<T>(proof)?;
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
			set_id,
			slot,
			era,
		} = offence;
		if !Self::is_forgotten(era) {
			Offences::<T>::insert(era, (&offender, kind.offence()), ());
		}
		if let Some(set_id) = set_id {
			SetOffenders::<T>::mutate(set_id, |offenders| {
				let is_new = !offenders.contains(&offender);
				if is_new && offenders.try_push(offender.clone()).is_err() {
					log::error!(target: LOG_TARGET, "Voter set {set_id} has more offenders than MaxVoters: raise it");
				}
			});
		}
		let punishment = T::Punish::offended(&offender, kind.offence(), era);
		frame_system::Pallet::<T>::register_extra_weight_unchecked(punishment, DispatchClass::Operational);
		Self::deposit_event(Event::EquivocationReported {
			offender,
			kind,
			slot,
			era,
		});
	}
}

/// Nobody pays for a report, so none is longer than a true one can be.
fn ensure_short<T>(proof: &impl Encode) -> Result<(), Error<T>> {
	ensure!(encoded_bytes(proof) <= MAX_PROOF_BYTES, Error::TooLong);
	Ok(())
}

/// The pool keeps one report of an offender, a kind and an era.
fn valid<AccountId: Encode>(offence: &Offence<AccountId>) -> (ValidTransaction, Weight) {
	let Offence {
		offender, kind, era, ..
	} = offence;
	let validity = ValidTransaction {
		priority: TransactionPriority::MAX,
		requires: alloc::vec::Vec::new(),
		provides: alloc::vec![("Equivocation", offender, kind.offence(), era).encode()],
		longevity: LONGEVITY,
		propagate: true,
	};
	(validity, Weight::zero())
}
