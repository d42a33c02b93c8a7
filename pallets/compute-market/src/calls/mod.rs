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

pub use claims::MAX_CLEARED;
pub use deadlines::{MAX_CALLBACKS, MAX_LATE};
pub use dispatch::{MAX_PICKS, MAX_VISITS};
pub use free::{AHEAD, MAX_FREE};
pub use pools::{LOOKS, MAX_LOOKS, PROBERS, RECHECKERS, SMALL_POOL};
pub use recent::MAX_DRAWS;
pub use settle::MAX_SETTLED;

use crate::{Config, Error, Pallet};
use compute_market_primitives::{ComputeError, Hash, UnitError};
use frame_system::pallet_prelude::BlockNumberFor;
use market_primitives::MarketError;
use sp_runtime::traits::Zero;

impl<T> From<MarketError> for Error<T> {
	fn from(_: MarketError) -> Self {
		Self::TooMuch
	}
}

impl<T> From<ComputeError> for Error<T> {
	fn from(error: ComputeError) -> Self {
		match error {
			ComputeError::BadProgram => Self::ProgramTooLarge,
			ComputeError::BadUnits => Self::TooManyUnits,
			ComputeError::BadLimits => Self::BadLimits,
			ComputeError::TooMuch | ComputeError::Money(_) => Self::TooMuch,
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
