//! Why money does not move.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// Why money does not move. Nothing has changed where one is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum MarketError {
	/// There is less than is asked for.
	#[codec(index = 0)]
	TooLittle,
	/// More than a balance holds.
	#[codec(index = 1)]
	TooMuch,
	/// A total that is no more than what was paid.
	#[codec(index = 2)]
	NothingNew,
	/// A total above what the tab is good for.
	#[codec(index = 3)]
	AboveLimit,
	/// The shares are more than 100 % together.
	#[codec(index = 4)]
	MoreThanAll,
	/// An era without a tick.
	#[codec(index = 5)]
	NoEra,
}

impl fmt::Display for MarketError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::TooLittle => "there is less than is asked for: put in more, or ask for less",
			Self::TooMuch => "this is more than a balance holds: lower the price, the size or the time",
			Self::NothingNew => "a total has to be more than the last one that was paid",
			Self::AboveLimit => "the total is above what the tab is good for: top it up first",
			Self::MoreThanAll => "the shares are more than 100 % together: lower one",
			Self::NoEra => "an era has at least one tick",
		})
	}
}

impl core::error::Error for MarketError {}
