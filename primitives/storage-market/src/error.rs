//! Why nothing happens to a deal.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use market_primitives::MarketError;
use scale_info::TypeInfo;

/// Why nothing happens to a deal. Where one is returned the deal is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum DealError {
	/// No such geometry.
	BadGeometry,
	/// No such time, or no such multiple for a collateral.
	BadOrder,
	/// The device asks for more than the owner pays.
	PriceAboveMax,
	/// The device has a slot of this deal.
	AlreadyHere,
	/// The slot waits for no draw.
	NotWanted,
	/// The slot was not offered to this device.
	NotOffered,
	/// The owner has not committed the roots.
	NoRoots,
	/// The roots are committed already.
	HasRoots,
	/// There have to be as many roots as slots.
	WrongLength,
	/// Two slots would have one root: one copy would do for both.
	RootTwice,
	/// The time for it is over.
	TooLate,
	/// It is not yet time.
	TooEarly,
	/// Each deal has as many redraws as slots.
	TooManyRedraws,
	/// The deal is in another stage.
	NotActive,
	/// There is no such slot.
	NoSuchSlot,
	/// The device does not hold this slot.
	NotHeld,
	/// The device has patience left.
	NotOverdue,
	/// The money does not move.
	Money(MarketError),
}

impl From<MarketError> for DealError {
	fn from(error: MarketError) -> Self {
		Self::Money(error)
	}
}

impl fmt::Display for DealError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::BadGeometry => "a deal has 1 to 32 slots, of which 1 to all suffice, of at most 64 GiB each",
			Self::BadOrder => "a deal lasts at least an era and at most five years, its collateral is 1 to 10 repairs",
			Self::PriceAboveMax => "the device asks for more than the deal's owner pays",
			Self::AlreadyHere => "the device has a slot of this deal: draw another one",
			Self::NotWanted => "the slot waits for no draw",
			Self::NotOffered => "the slot was not offered to this device",
			Self::NoRoots => "the owner has not committed the roots: wait for them",
			Self::HasRoots => "the roots are committed, and stay",
			Self::WrongLength => "commit one root for each slot",
			Self::RootTwice => "two slots have the same root: encrypt the volume, so that no two slots are the same",
			Self::TooLate => "the time for it is over",
			Self::TooEarly => "it is too early: wait until the deal's time for it is over",
			Self::TooManyRedraws => "a deal has as many redraws as slots, and all were used",
			Self::NotActive => "the deal is in another stage",
			Self::NoSuchSlot => "the deal has no such slot",
			Self::NotHeld => "the device does not hold this slot",
			Self::NotOverdue => "the device may still answer: wait until its patience is over",
			Self::Money(error) => return fmt::Display::fmt(error, f),
		})
	}
}

impl core::error::Error for DealError {}
