//! Prices, and what they come to over time.

use crate::{
	exact::{down, up},
	Balance, MarketError, Tick,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Bytes of a GiB.
pub const GIB: u128 = 1 << 30;

/// Fuel of a Gfuel.
pub const GFUEL: u128 = 1_000_000_000;

/// Planck for a unit: a GiB kept for an era, a GiB carried, a Gfuel computed.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Price(#[codec(compact)] pub Balance);

impl Price {
	/// What so many bytes cost at this price a GiB, in planck, rounded up.
	///
	/// # Errors
	/// [`MarketError::TooMuch`].
	pub fn of_bytes(self, bytes: u64) -> Result<Balance, MarketError> {
		up(self.0, u128::from(bytes), GIB).ok_or(MarketError::TooMuch)
	}

	/// What so much fuel earns at this price a Gfuel, in planck, rounded down.
	///
	/// # Errors
	/// [`MarketError::TooMuch`].
	pub fn of_fuel(self, fuel: u64) -> Result<Balance, MarketError> {
		down(self.0, u128::from(fuel), GFUEL).ok_or(MarketError::TooMuch)
	}

	/// What has to be held so that so much fuel can be paid, in however many parts it comes: rounded up.
	///
	/// # Errors
	/// [`MarketError::TooMuch`].
	pub fn hold_for_fuel(self, fuel: u64) -> Result<Balance, MarketError> {
		up(self.0, u128::from(fuel), GFUEL).ok_or(MarketError::TooMuch)
	}
}

/// Counts what bytes that are kept earn, tick by tick. It shows what has come together since tick 0, rounded down, and
/// a stretch of time earns the difference of its ends: so whoever is paid often gets as much as whoever is paid once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rent {
	/// Planck for a GiB and era.
	pub price: Price,
	/// How many bytes are kept.
	pub bytes: u64,
	/// Ticks of an era, at least 1.
	pub era: Tick,
}

impl Rent {
	/// What it shows at a tick, in planck.
	///
	/// # Errors
	/// [`MarketError::TooMuch`], or [`MarketError::NoEra`].
	pub fn at(&self, tick: Tick) -> Result<Balance, MarketError> {
		down(self.price.0, self.byte_ticks(tick), self.divisor()?).ok_or(MarketError::TooMuch)
	}

	/// What a stretch of time earns, in planck: nothing if it ends before it begins.
	///
	/// # Errors
	/// Those of [`Self::at`].
	pub fn between(&self, from: Tick, to: Tick) -> Result<Balance, MarketError> {
		let (from, to) = (self.at(from)?, self.at(to)?);
		Ok(to.saturating_sub(from))
	}

	/// What has to be held for so many ticks: whenever they begin, and into however many stretches they fall, they earn
	/// no more. At a lower price they do not either.
	///
	/// # Errors
	/// Those of [`Self::at`].
	pub fn hold(&self, ticks: Tick) -> Result<Balance, MarketError> {
		up(self.price.0, self.byte_ticks(ticks), self.divisor()?).ok_or(MarketError::TooMuch)
	}

	/// Below 2^96.
	fn byte_ticks(&self, ticks: Tick) -> u128 {
		u128::from(self.bytes).saturating_mul(u128::from(ticks))
	}

	fn divisor(&self) -> Result<u128, MarketError> {
		if self.era == 0 {
			return Err(MarketError::NoEra);
		}
		Ok(GIB.saturating_mul(u128::from(self.era)))
	}
}

/// Units of work, with the 32 fractional bits of issuance, that bytes kept for so many ticks are; rounded down.
///
/// # Errors
/// [`MarketError::NoEra`].
pub fn storage_units(bytes: u64, ticks: Tick, era: Tick) -> Result<u128, MarketError> {
	// A GiB is 2^30 bytes and a unit 2^32: four for each byte and era. The product is below 2^98.
	let quarters = u128::from(bytes).saturating_mul(u128::from(ticks)).saturating_mul(4);
	quarters.checked_div(u128::from(era)).ok_or(MarketError::NoEra)
}
