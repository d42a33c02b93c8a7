//! Transactions without an account: what devices show of what they hold, and of each other. They pay no fee and have a
//! part of each block for themselves; so each counts only if the chain has asked for it, once, and what it shows is
//! looked at before it is carried out.

use crate::{Answered, Config, Error, Pallet};
use codec::Encode;
use device_primitives::DeviceId;
use frame_support::{
	pallet_prelude::TransactionValidityWithRefund, storage::with_transaction_unchecked, weights::Weight,
};
use pallet_traits::{Beacon, MarketClock};
use sp_core::sr25519;
use sp_runtime::{
	transaction_validity::{
		InvalidTransaction, TransactionLongevity, TransactionPriority, TransactionValidityError, UnknownTransaction,
		ValidTransaction,
	},
	TransactionOutcome,
};
use storage_market_primitives::{DealId, ProbeReport, SlotAt, Tick, MAX_CHALLENGES};
use storage_proof_primitives::{Answer, Confirmation};

/// Of the pool's word that a transaction may be valid later.
pub const AHEAD: u8 = 1;

/// They go before what is paid for: they are few, and worth nothing after a deadline. The one that is nearest to its
/// own goes first.
const PRIORITY: TransactionPriority = TransactionPriority::MAX / 16;

impl<T> From<Error<T>> for TransactionValidityError {
	fn from(error: Error<T>) -> Self {
		match error {
			// The pool bans what is invalid. This may be valid in a moment: with the next block, or on another fork.
			Error::UnknownDeal
			| Error::NotOffered
			| Error::RootMismatch
			| Error::NotChallenged
			| Error::NotAProber
			| Error::TooEarly => UnknownTransaction::Custom(AHEAD).into(),
			Error::TooLate => InvalidTransaction::Stale.into(),
			Error::BadPath | Error::BadSignature | Error::WrongTarget => InvalidTransaction::BadProof.into(),
			_ => InvalidTransaction::Call.into(),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The pool keeps one with each tag at a time.
	fn valid(kind: &'static str, tag: impl Encode, ticks: Tick) -> TransactionValidityWithRefund {
		ValidTransaction::with_tag_prefix(kind)
			.priority(PRIORITY.saturating_sub(TransactionPriority::from(ticks)))
			// One that counts in this block alone is kept for it.
			.longevity(TransactionLongevity::from(ticks).max(1))
			.and_provides(tag)
			.propagate(true)
			.build()
			.map(|valid| (valid, Weight::zero()))
	}

	pub(crate) fn authorize_confirmation(
		deal: DealId,
		slot: SlotAt,
		shown: &Confirmation,
		signature: &sr25519::Signature,
	) -> TransactionValidityWithRefund {
		let (_, owner, confirmed) = Self::check_confirmation(deal, slot, shown, signature)?;
		// The rest of it cannot fail.
		let put_in = || TransactionOutcome::Rollback(Self::put_in(&owner, confirmed.collateral));
		with_transaction_unchecked(put_in).map_err(|_| InvalidTransaction::Payment)?;
		Self::valid("StorageConfirmations", (deal, slot), T::Beacon::turn_length())
	}

	pub(crate) fn authorize_answer(until: Tick, index: u32, answer: &Answer) -> TransactionValidityWithRefund {
		// Whoever has kept its answers back has a block for no more than a tick asks for; the rest waits in the pool.
		if Self::answered() >= MAX_CHALLENGES {
			return Err(InvalidTransaction::ExhaustsResources.into());
		}
		Self::check_answer(until, index, answer)?;
		let left = until.saturating_sub(T::Clock::tick());
		Self::valid("StorageAnswers", (until, index), left)
	}

	/// How many answers the current block has.
	fn answered() -> u32 {
		let (block, answered) = Answered::<T>::get();
		if block == frame_system::Pallet::<T>::block_number() {
			answered
		} else {
			0
		}
	}

	/// The block has one more.
	pub(crate) fn count_answer() {
		let answered = Self::answered().saturating_add(1);
		Answered::<T>::put((frame_system::Pallet::<T>::block_number(), answered));
	}

	pub(crate) fn authorize_probe(report: &ProbeReport<DeviceId>) -> TransactionValidityWithRefund {
		let ends = Self::check_report(report)?.ends;
		let left = ends.saturating_sub(T::Clock::tick());
		Self::valid("StorageProbes", (report.era, report.prober, report.errand), left)
	}
}
