//! What a deal costs before it is opened.

use crate::{DealError, Geometry, Terms};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use market_primitives::{part_up, Balance, MarketError, Penalties, Price, Rent, Tick};
use scale_info::TypeInfo;

/// The longest time that a deal lasts, extensions included, in eras: five years.
pub const MAX_ERAS: u32 = 5 * 365 * 144;

/// The most repairs that a collateral may be.
pub const MAX_FACTOR: u8 = 10;

/// What an owner orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Order {
	/// How much, and on how many slots.
	pub geometry: Geometry,
	/// The most that is paid for a GiB and era.
	pub max_ask: Price,
	/// For how many eras: 1 to [`MAX_ERAS`].
	pub eras: u32,
	/// How many repairs a device's collateral is: 1 to [`MAX_FACTOR`].
	pub factor: u8,
}

/// What an order comes to, in planck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Quote {
	/// For the escrow: all slots for all of the time at the highest ask.
	pub pay: Balance,
	/// For the reserve.
	pub reserve: Balance,
	/// What a repair of one slot is worth.
	pub repair: Balance,
	/// What each device leaves for its slot.
	pub collateral: Balance,
}

impl Order {
	/// Whether it can be one.
	///
	/// # Errors
	/// [`DealError::BadGeometry`] or [`DealError::BadOrder`].
	pub fn check(&self) -> Result<(), DealError> {
		self.geometry.check()?;
		if (1..=MAX_ERAS).contains(&self.eras) && (1..=MAX_FACTOR).contains(&self.factor) {
			return Ok(());
		}
		Err(DealError::BadOrder)
	}

	/// What so many eras of all slots cost at the highest ask, in planck.
	///
	/// # Errors
	/// If it is more than a balance holds, or the era has no tick.
	pub fn pay_for(&self, eras: u32, era: Tick) -> Result<Balance, DealError> {
		let rent = Rent {
			price: self.max_ask,
			bytes: self.geometry.slot_len(),
			era,
		};
		let slot = rent.hold(eras.saturating_mul(era))?;
		let all = slot.checked_mul(Balance::from(self.geometry.slots));
		Ok(all.ok_or(MarketError::TooMuch)?)
	}
}

impl Quote {
	/// That of an order.
	///
	/// # Errors
	/// If there can be no such order, or it costs more than a balance holds.
	pub fn of(order: &Order, terms: &Terms) -> Result<Self, DealError> {
		order.check()?;
		let pay = order.pay_for(order.eras, terms.era)?;
		let repair = terms.repair(&order.geometry)?;
		let all = repair.checked_mul(Balance::from(order.geometry.slots));
		let reserve = part_up(all.ok_or(MarketError::TooMuch)?, terms.reserve);
		pay.checked_add(reserve).ok_or(MarketError::TooMuch)?;
		Ok(Self {
			pay,
			reserve,
			repair,
			collateral: Penalties::collateral(repair, order.factor)?,
		})
	}

	/// What the owner puts in, in planck.
	pub fn total(&self) -> Balance {
		self.pay.saturating_add(self.reserve)
	}
}
