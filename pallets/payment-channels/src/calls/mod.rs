//! What calls do, by theme.

mod clearing;
mod closing;
mod locks;
mod opening;
mod towers;

use crate::{
	pallet::{CaseOf, ChannelOf},
	Answer, Cases, Channels, Config, Error, Pallet, Phase, WeightInfo, Words, AHEAD,
};
use channel_primitives::{ChannelId, Condition, DisputeError, Half, Locks, Resync, Side, Signed, Submit, Tick};
use codec::Encode;
use frame_support::{
	dispatch::DispatchClass, ensure, pallet_prelude::TransactionValidityWithRefund,
	storage::with_transaction_unchecked, weights::Weight,
};
use frame_system::{ensure_authorized, ensure_signed, pallet_prelude::OriginFor};
use pallet_traits::MarketClock;
use sp_runtime::{
	transaction_validity::{
		InvalidTransaction, TransactionLongevity, TransactionPriority, TransactionValidityError, UnknownTransaction,
		ValidTransaction,
	},
	DispatchError, TransactionOutcome,
};

/// Answers to a close go before what is paid for: they are few, and worth nothing after a deadline.
const PRIORITY: TransactionPriority = TransactionPriority::MAX / 16;

/// The kind of transactions that let halves in, or show words about lost data: all weigh about the same.
const ANSWERS: &str = "ChannelAnswers";

/// The kind of the others, which weigh more.
const ENDS: &str = "ChannelEnds";

/// For how many blocks the pool keeps one.
const LONGEVITY: TransactionLongevity = 600;

impl<T> From<DisputeError> for Error<T> {
	fn from(error: DisputeError) -> Self {
		match error {
			DisputeError::BadLocks => Self::BadLocks,
			DisputeError::OverCapacity => Self::OverCapacity,
			DisputeError::TooLate => Self::TooLate,
			DisputeError::TooEarly => Self::TooEarly,
			DisputeError::Stale => Self::Stale,
			DisputeError::Superseded => Self::Superseded,
			DisputeError::NotAFraud => Self::NotAFraud,
			DisputeError::TooManyResyncs => Self::TooManyResyncs,
		}
	}
}

impl<T> From<Error<T>> for TransactionValidityError {
	fn from(error: Error<T>) -> Self {
		match error {
			// The pool bans what is invalid. This may be valid in a moment: with the next block, or on another fork.
			Error::UnknownChannel | Error::NotClosing | Error::NotSettled | Error::TooEarly | Error::Undecided => {
				UnknownTransaction::Custom(AHEAD).into()
			}
			Error::Stale | Error::TooLate | Error::NothingPending => InvalidTransaction::Stale.into(),
			// Not for want of room in the block: an author would pass over all others of the kind.
			Error::NoFreeAnswer => InvalidTransaction::Payment.into(),
			Error::BadSignature
			| Error::NoSubmit
			| Error::OtherHalf
			| Error::BadLocks
			| Error::NotAFraud
			| Error::Superseded => InvalidTransaction::BadProof.into(),
			_ => InvalidTransaction::Call.into(),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The tick of the markets' clock.
	pub(crate) fn now() -> Tick {
		T::Clock::tick()
	}

	/// The account that sends a call; none if the call authorizes itself.
	///
	/// # Errors
	/// If it is neither.
	pub(crate) fn sender(origin: OriginFor<T>) -> Result<Option<T::AccountId>, DispatchError> {
		if let Ok(who) = ensure_signed(origin.clone()) {
			return Ok(Some(who));
		}
		ensure_authorized(origin)?;
		Ok(None)
	}

	/// A transaction without an account counts if the call would do what it says, and `tag` is what it does: the pool
	/// keeps one of each at a time, for two in league could sign any number that each would count alone. An author for
	/// whose block one of a kind is too large passes over the others of that kind.
	fn authorize(
		kind: &'static str,
		tag: impl Encode,
		act: impl FnOnce() -> Result<(), Error<T>>,
	) -> TransactionValidityWithRefund {
		with_transaction_unchecked(|| TransactionOutcome::Rollback(act()))?;
		ValidTransaction::with_tag_prefix(kind)
			.priority(PRIORITY)
			.longevity(LONGEVITY)
			.and_provides(tag)
			.propagate(true)
			.build()
			.map(|valid| (valid, Weight::zero()))
	}

	pub(crate) fn authorize_update(
		id: ChannelId,
		side: Side,
		half: &Signed<Half>,
		submit: &Signed<Submit>,
	) -> TransactionValidityWithRefund {
		Self::authorize(ANSWERS, ("half", id, side), || {
			Self::do_update(None, id, side, half, submit)
		})
	}

	pub(crate) fn authorize_resync(
		id: ChannelId,
		side: Side,
		word: &Signed<Resync>,
		submit: &Option<Signed<Submit>>,
	) -> TransactionValidityWithRefund {
		Self::authorize(ANSWERS, ("word", id, side), || {
			Self::do_resync(None, id, side, word, submit.as_ref())
		})
	}

	pub(crate) fn authorize_proof(
		id: ChannelId,
		half: &Signed<Half>,
		half_locks: &Option<Locks>,
		claim_locks: &Option<Locks>,
		submit: &Option<Signed<Submit>>,
	) -> TransactionValidityWithRefund {
		Self::authorize(ENDS, ("prove", id), || {
			let lists = [half_locks.as_ref(), claim_locks.as_ref()];
			Self::do_prove(None, id, half, lists, submit.as_ref())
		})
	}

	pub(crate) fn authorize_settling(id: ChannelId) -> TransactionValidityWithRefund {
		Self::authorize(ENDS, ("settle", id), || Self::do_settle(None, id))
	}

	pub(crate) fn authorize_unlocking(
		id: ChannelId,
		side: Side,
		locks: &Option<Locks>,
	) -> TransactionValidityWithRefund {
		Self::authorize(ENDS, ("unlock", id, side), || {
			Self::do_unlock(None, id, side, locks.as_ref())
		})
	}

	/// What an account sends in place of a transaction without one.
	pub(crate) fn do_answer(who: &T::AccountId, id: ChannelId, answer: &Answer) -> Result<(), Error<T>> {
		let sender = Some(who);
		match answer {
			Answer::Update { side, half, submit } => Self::do_update(sender, id, *side, half, submit),
			Answer::Resync { side, word, submit } => Self::do_resync(sender, id, *side, word, submit.as_ref()),
			Answer::ProveFraud {
				half,
				half_locks,
				claim_locks,
				submit,
			} => {
				let lists = [half_locks.as_ref(), claim_locks.as_ref()];
				Self::do_prove(sender, id, half, lists, submit.as_ref())
			}
			Answer::Settle => Self::do_settle(sender, id),
			Answer::Unlock { side, locks } => Self::do_unlock(sender, id, *side, locks.as_ref()),
		}
	}

	/// A channel that is not gone.
	///
	/// # Errors
	/// `UnknownChannel`.
	fn known(id: ChannelId) -> Result<ChannelOf<T>, Error<T>> {
		Channels::<T>::get(id).ok_or(Error::UnknownChannel)
	}

	/// A channel that is open.
	///
	/// # Errors
	/// `UnknownChannel`, `NotOpen`.
	fn open_one(id: ChannelId) -> Result<ChannelOf<T>, Error<T>> {
		let channel = Self::known(id)?;
		ensure!(channel.phase == Phase::Open, Error::NotOpen);
		Ok(channel)
	}

	/// A channel that one side closes.
	///
	/// # Errors
	/// `UnknownChannel`, `NotClosing`.
	fn closing_one(id: ChannelId) -> Result<(ChannelOf<T>, CaseOf<T>), Error<T>> {
		let channel = Self::known(id)?;
		ensure!(channel.phase == Phase::Closing, Error::NotClosing);
		let case = Cases::<T>::get(id).ok_or(Error::NotClosing)?;
		Ok((channel, case))
	}

	/// How many locks a list has.
	pub(crate) fn count(locks: &Locks) -> u32 {
		u32::try_from(locks.as_slice().len()).unwrap_or(u32::MAX)
	}

	/// How many words of lost data there are.
	pub(crate) fn count_words(words: &Words) -> u32 {
		u32::try_from(words.len()).unwrap_or(u32::MAX)
	}

	/// What it costs to look at a proof with these lists.
	pub(crate) fn weight_of_proof(half_locks: &Option<Locks>, claim_locks: &Option<Locks>) -> Weight {
		let count = |locks: &Option<Locks>| locks.as_ref().map_or(0, Self::count);
		T::WeightInfo::prove_fraud(count(half_locks).saturating_add(count(claim_locks)))
	}

	/// What it costs to split what was kept for these locks.
	pub(crate) fn weight_of_split(locks: &Option<Locks>) -> Weight {
		T::WeightInfo::unlock(locks.as_ref().map_or(0, Self::count))
	}

	/// What an answer costs that an account sends.
	pub(crate) fn weight_of_answer(answer: &Answer) -> Weight {
		match answer {
			Answer::Update { .. } => T::WeightInfo::update(),
			Answer::Resync { .. } => T::WeightInfo::resync(),
			Answer::ProveFraud {
				half_locks,
				claim_locks,
				..
			} => Self::weight_of_proof(half_locks, claim_locks),
			Answer::Settle => T::WeightInfo::settle(),
			Answer::Unlock { locks, .. } => Self::weight_of_split(locks),
		}
	}

	/// Without a word of the side for it, a word about lost data can come from that side's account alone: then it has
	/// no part in what is kept free for what no account sends.
	pub(crate) fn class_of_word(submit: &Option<Signed<Submit>>) -> DispatchClass {
		if submit.is_some() {
			DispatchClass::Operational
		} else {
			DispatchClass::Normal
		}
	}

	/// What it costs to look at a condition. It may be none: then it takes no more.
	pub(crate) fn weight_of_condition(condition: &Condition) -> Weight {
		let cost = condition.cost();
		let leaves = channel_primitives::MAX_LEAVES;
		if cost.hashes > leaves {
			return T::WeightInfo::resolve_chain(cost.hashes.min(channel_primitives::MAX_STEPS.into()));
		}
		let signed = T::WeightInfo::resolve_signed(cost.signatures.min(leaves));
		if cost.predicates == 0 {
			return signed;
		}
		signed.saturating_add(T::WeightInfo::resolve_asked(cost.predicates.min(leaves)))
	}
}
