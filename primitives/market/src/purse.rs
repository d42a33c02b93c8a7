//! Money that lies somewhere, and moves whole.

use crate::{Balance, MarketError};
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Planck that lie somewhere: an escrow, a reserve, what somebody has earned. What leaves one is given to whoever
/// took it, or is in another one: no method makes a planck, and none loses one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Purse(#[codec(compact)] Balance);

// Not derived: what is derived leaves out that a compact number may take a byte more than the number.
impl MaxEncodedLen for Purse {
	fn max_encoded_len() -> usize {
		Compact::<Balance>::max_encoded_len()
	}
}

impl Purse {
	/// One without a planck.
	pub const fn empty() -> Self {
		Self(0)
	}

	/// One with what was just taken from elsewhere, in planck.
	pub const fn holding(amount: Balance) -> Self {
		Self(amount)
	}

	/// What is in it, in planck.
	pub const fn amount(&self) -> Balance {
		self.0
	}

	/// Whether nothing is in it.
	pub const fn is_empty(&self) -> bool {
		self.0 == 0
	}

	/// Puts in what was taken from elsewhere.
	///
	/// # Errors
	/// [`MarketError::TooMuch`]: it does not fit, and nothing was put in.
	pub fn put_in(&mut self, amount: Balance) -> Result<(), MarketError> {
		self.0 = self.0.checked_add(amount).ok_or(MarketError::TooMuch)?;
		Ok(())
	}

	/// Takes out an amount, whole or not at all.
	///
	/// # Errors
	/// [`MarketError::TooLittle`]: so much is not there.
	pub fn take_out(&mut self, amount: Balance) -> Result<Balance, MarketError> {
		self.0 = self.0.checked_sub(amount).ok_or(MarketError::TooLittle)?;
		Ok(amount)
	}

	/// Takes out an amount, or what there is if that is less. Returns what was taken.
	#[must_use = "what was taken out has to go somewhere"]
	pub fn take_up_to(&mut self, amount: Balance) -> Balance {
		let taken = amount.min(self.0);
		self.0 = self.0.saturating_sub(taken);
		taken
	}

	/// Takes out all.
	#[must_use = "what was taken out has to go somewhere"]
	pub fn take_all(&mut self) -> Balance {
		self.take_up_to(Balance::MAX)
	}

	/// Pours an amount into another one, whole or not at all.
	///
	/// # Errors
	/// [`MarketError::TooLittle`] if so much is not there, [`MarketError::TooMuch`] if it does not fit.
	pub fn pour(&mut self, into: &mut Self, amount: Balance) -> Result<(), MarketError> {
		let left = self.0.checked_sub(amount).ok_or(MarketError::TooLittle)?;
		into.put_in(amount)?;
		self.0 = left;
		Ok(())
	}

	/// Pours an amount into another one, or what there is and fits. Returns what went over.
	pub fn pour_up_to(&mut self, into: &mut Self, amount: Balance) -> Balance {
		let room = Balance::MAX.saturating_sub(into.0);
		let moved = amount.min(self.0).min(room);
		self.0 = self.0.saturating_sub(moved);
		into.0 = into.0.saturating_add(moved);
		moved
	}
}
