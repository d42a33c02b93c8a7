//! Votes on record: each voter shows, once a period, that it votes.
//!
//! A voter signs and sends its votes whether or not anybody pays for them, but the chain does not see them. So each
//! shows one Commit of its own in every period of [`Config::VotePeriod`] blocks, for a block of that period, and
//! whoever hands out points is told ([`Config::OnVote`]). Each shows its own: certificates hold the first quorum of
//! signatures, and those far away would never be among them.
//!
//! What it proves: the holder of the key was there in that period, knew the chain and signed for it. Not that its vote
//! came in time for the certificate. But the vote names the block's own slot, and is no relaxed one: so it is the vote
//! that the voter cast, for another one of that slot would be an equivocation.

use crate::{
	Config, CurrentSetId, Error, Event, Pallet, RecordOfPeriod, RecordedVotes, VoterAccounts, Voters, AHEAD, LOG_TARGET,
};
use bft_finality_primitives::{quorum, Phase, SignedVote};
use codec::Encode;
use frame_support::{ensure, pallet_prelude::TransactionValidityWithRefund, traits::Get, weights::Weight, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_traits::{SlotOfBlock, VoteHook, VoterHistory};
use sp_runtime::{
	traits::{One, Saturating, UniqueSaturatedInto, Zero},
	transaction_validity::{
		InvalidTransaction, TransactionPriority, TransactionValidityError, UnknownTransaction, ValidTransaction,
	},
	DispatchResult,
};

impl<T> From<Error<T>> for TransactionValidityError {
	fn from(error: Error<T>) -> Self {
		match error {
			Error::NotACommit | Error::OtherSlot | Error::BadSignature => InvalidTransaction::BadProof.into(),
			Error::NotAVoter => InvalidTransaction::BadSigner.into(),
			// The pool bans what is invalid. This may be valid in a moment: with the next block, or on another fork.
			Error::Ahead | Error::UnknownBlock => UnknownTransaction::Custom(AHEAD).into(),
			Error::OtherSet | Error::OtherPeriod | Error::AlreadyRecorded => InvalidTransaction::Stale.into(),
			Error::__Ignore(..) => InvalidTransaction::Call.into(),
		}
	}
}

/// How many of `voters` there must be so that one of them is honest, as long as fewer than a third are not.
const fn more_than_a_third(voters: usize) -> usize {
	voters.saturating_sub(quorum(voters)).saturating_add(1)
}

impl<T: Config> Pallet<T> {
	/// In which period a block lies.
	fn period_of(number: BlockNumberFor<T>) -> u32 {
		let number: u32 = number.unique_saturated_into();
		// `integrity_test` sees to it that a period is at least a block.
		number.checked_div(T::VotePeriod::get()).unwrap_or(0)
	}

	/// The record of the period of block `now`: empty, if nobody of the set in force has shown a vote in it.
	fn record_at(now: BlockNumberFor<T>) -> RecordOfPeriod<T::MaxVoters> {
		let (set_id, period) = (CurrentSetId::<T>::get(), Self::period_of(now));
		RecordedVotes::<T>::get()
			.filter(|record| record.set_id == set_id && record.period == period)
			.unwrap_or_else(|| RecordOfPeriod {
				set_id,
				period,
				voted: BoundedVec::truncate_from(alloc::vec![false; Voters::<T>::decode_len().unwrap_or(0)]),
			})
	}

	/// Whether a vote may go on record in block `now`, all but its signature.
	fn check_vote(signed: &SignedVote, now: BlockNumberFor<T>) -> Result<(), Error<T>> {
		let vote = &signed.vote;
		let is_ordinary = vote.phase == Phase::Commit && vote.end.is_none() && !vote.relaxed;
		ensure!(is_ordinary, Error::NotACommit);
		let record = Self::record_at(now);
		let number = BlockNumberFor::<T>::from(vote.target.number);
		// Those that are a block behind see the first votes of a set, and of a period, before the block that begins it.
		ensure!(vote.set_id <= record.set_id && number < now, Error::Ahead);
		ensure!(vote.set_id == record.set_id, Error::OtherSet);
		ensure!(Self::period_of(number) == record.period, Error::OtherPeriod);
		let voted = record.voted.get(usize::from(signed.voter)).ok_or(Error::NotAVoter)?;
		ensure!(!voted, Error::AlreadyRecorded);
		ensure!(
			frame_system::Pallet::<T>::block_hash(number) == vote.target.hash,
			Error::UnknownBlock
		);
		let slot = T::Slots::slot_of_block(vote.target.number).ok_or(Error::UnknownBlock)?;
		ensure!(*slot == vote.target.slot, Error::OtherSlot);
		Ok(())
	}

	/// Whether a vote would go on record in the block after the current one, as far as can be told without its
	/// signature.
	pub fn would_record(signed: &SignedVote) -> bool {
		let next = frame_system::Pallet::<T>::block_number().saturating_add(One::one());
		Self::check_vote(signed, next).is_ok()
	}

	/// Whether a vote goes on record, for the pool and the block.
	pub(crate) fn authorize_vote(signed: &SignedVote) -> TransactionValidityWithRefund {
		let now = frame_system::Pallet::<T>::block_number();
		// What costs little comes first.
		Self::check_vote(signed, now)?;
		let voters = Voters::<T>::get();
		let key = voters.get(usize::from(signed.voter)).ok_or(Error::<T>::NotAVoter)?;
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		ensure!(signed.verify(&genesis, key), Error::<T>::BadSignature);
		let period = Self::period_of(now);
		let left = T::VotePeriod::get().saturating_sub(
			UniqueSaturatedInto::<u32>::unique_saturated_into(now)
				.checked_rem(T::VotePeriod::get())
				.unwrap_or(0),
		);
		let validity = ValidTransaction {
			// Each counts, there is one of each voter in a period, and all of them together fill no block.
			priority: TransactionPriority::MAX / 4,
			requires: alloc::vec::Vec::new(),
			provides: alloc::vec![("RecordVote", signed.vote.set_id, period, signed.voter).encode()],
			longevity: left.into(),
			propagate: true,
		};
		Ok((validity, Weight::zero()))
	}

	/// Puts a vote on record whose signature has been verified.
	pub(crate) fn do_record_vote(signed: &SignedVote) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		Self::check_vote(signed, now)?;
		let place = usize::from(signed.voter);
		let account = VoterAccounts::<T>::get()
			.get(place)
			.cloned()
			.ok_or(Error::<T>::NotAVoter)?;
		let mut record = Self::record_at(now);
		match record.voted.get_mut(place) {
			Some(voted) => *voted = true,
			None => {
				log::error!(target: LOG_TARGET, "No room for the vote of voter {place}: the record is too short")
			}
		}
		let period = record.period;
		// Told by the vote that makes them so many, and not by those after it.
		let shown = record.voted.iter().filter(|voted| **voted).count();
		let votes = shown == more_than_a_third(record.voted.len());
		let set_id = record.set_id;
		RecordedVotes::<T>::put(record);
		if votes {
			T::History::set_votes(set_id);
		}
		T::OnVote::vote_recorded(&account);
		Self::deposit_event(Event::VoteRecorded { voter: account, period });
		Ok(())
	}
}
