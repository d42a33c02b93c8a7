//! What calls and hooks do, by theme.

mod audits;
mod boxes;
mod deals;
mod devices;
mod egress;
mod free;
mod offers;
mod placing;
mod plots;
mod prices;
mod probes;

pub use free::AHEAD;
pub use placing::{MAX_AGAIN, MAX_DRAWS, MAX_LOOKS, MAX_QUEUE, MAX_RETRIES, TRIES};

use crate::{Config, Error, Pallet};
use frame_system::pallet_prelude::BlockNumberFor;
use market_primitives::MarketError;
use sp_runtime::traits::Zero;
use storage_market_primitives::{DealError, Hash};

impl<T> From<MarketError> for Error<T> {
	fn from(error: MarketError) -> Self {
		match error {
			MarketError::NothingNew => Self::NothingNew,
			MarketError::AboveLimit => Self::AboveLimit,
			_ => Self::TooMuch,
		}
	}
}

impl<T> From<DealError> for Error<T> {
	fn from(error: DealError) -> Self {
		match error {
			DealError::BadGeometry => Self::BadGeometry,
			DealError::BadOrder => Self::BadOrder,
			DealError::PriceAboveMax => Self::PriceAboveMax,
			DealError::AlreadyHere => Self::AlreadyHere,
			DealError::NotWanted => Self::NotWanted,
			DealError::NotOffered => Self::NotOffered,
			DealError::NoRoots => Self::RootMismatch,
			DealError::HasRoots => Self::HasRoots,
			DealError::WrongLength => Self::WrongLength,
			DealError::RootTwice => Self::RootTwice,
			DealError::TooLate => Self::TooLate,
			DealError::TooEarly | DealError::NotOverdue => Self::TooEarly,
			DealError::TooManyRedraws => Self::TooManyRedraws,
			DealError::NotActive => Self::NotActive,
			DealError::NoSuchSlot => Self::NoSuchSlot,
			DealError::NotHeld => Self::NotHeld,
			DealError::Money(error) => error.into(),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The genesis that everything signed names.
	pub(crate) fn genesis() -> Hash {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		Hash::try_from(hash.as_ref()).unwrap_or_default()
	}
}
