//! What calls and hooks do, by theme.

mod checks;
mod claims;
mod deadlines;
mod dispatch;
mod free;
mod jobs;
mod pools;
mod recent;
mod settle;
mod work;
mod workers;

#[cfg(feature = "runtime-benchmarks")]
pub(crate) use work::JobOf;

pub use checks::RECHECK_PAYS;
pub use claims::MAX_CLEARED;
pub use deadlines::{MAX_CALLBACKS, MAX_LATE};
pub use dispatch::{COVERED, MAX_VISITS};
pub use free::{AHEAD, MAX_FREE, MESSAGE};
pub use jobs::MAX_LIVE;
pub use pools::{LOOKS, MAX_LOOKS, SMALL_POOL};
pub use recent::{KEPT_RECENT, MAX_BEFORE_CHAIN, MAX_DRAWS};
pub use settle::MAX_SETTLED;
pub use workers::Begin;

use crate::{Config, Error, Pallet, UnitError};
use compute_market_primitives::{Hash, JobError};
use frame_system::pallet_prelude::BlockNumberFor;
use market_primitives::MarketError;
use sp_runtime::traits::Zero;

impl<T> From<MarketError> for Error<T> {
	fn from(_: MarketError) -> Self {
		Self::TooMuch
	}
}

impl<T> From<JobError> for Error<T> {
	fn from(error: JobError) -> Self {
		match error {
			JobError::NoSuchEngine => Self::NoSuchEngine,
			JobError::ProgramTooLarge => Self::ProgramTooLarge,
			JobError::TooManyUnits => Self::TooManyUnits,
			JobError::BadLimits => Self::BadLimits,
			JobError::BadInput => Self::BadInput,
			JobError::BadSource => Self::BadSource,
			JobError::BadOffer => Self::BadOffer,
			JobError::EscrowTooSmall | JobError::PriceAboveMax | JobError::DepositTooSmall => Self::EscrowTooSmall,
			JobError::StakeTooSmall => Self::StakeTooSmall,
			JobError::NotAssigned => Self::NotAssigned,
			JobError::TooLate => Self::TooLate,
			JobError::TooEarly => Self::TooEarly,
			JobError::BadOutcome => Self::BadOutcome,
			JobError::CommitmentMismatch => Self::CommitmentMismatch,
			JobError::AlreadyRevealed => Self::AlreadyRevealed,
			JobError::NotDisputable => Self::NotDisputable,
			JobError::QueueFull => Self::QueueFull,
			JobError::Money(_) => Self::TooMuch,
		}
	}
}

impl<T> From<UnitError> for Error<T> {
	fn from(error: UnitError) -> Self {
		match error {
			UnitError::NotAssigned | UnitError::Full => Self::NotAssigned,
			UnitError::TooLate => Self::TooLate,
			UnitError::TooEarly => Self::TooEarly,
			UnitError::AlreadyRevealed => Self::AlreadyRevealed,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The genesis that everything signed names.
	pub fn genesis() -> Hash {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		Hash::try_from(hash.as_ref()).unwrap_or_default()
	}
}
