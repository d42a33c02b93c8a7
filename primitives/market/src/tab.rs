//! Vouchers that say the whole sum each time.

use crate::{Balance, MarketError};
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What one customer may spend at one provider, and what of it was paid. A voucher names the sum of all so far, so that
/// none counts twice, and a lost one is made good by the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Tab {
	#[codec(compact)]
	limit: Balance,
	#[codec(compact)]
	paid: Balance,
}

// Not derived: what is derived leaves out that a compact number may take a byte more than the number.
impl MaxEncodedLen for Tab {
	fn max_encoded_len() -> usize {
		Compact::<Balance>::max_encoded_len().saturating_mul(2)
	}
}

impl Tab {
	/// A tab that is good for so many planck, which are held for it alone.
	pub const fn new(limit: Balance) -> Self {
		Self { limit, paid: 0 }
	}

	/// One that goes on where another one was left: so much was paid, and so much is held for what comes. What was paid
	/// is not paid again.
	pub const fn resumed(paid: Balance, left: Balance) -> Self {
		Self {
			limit: paid.saturating_add(left),
			paid,
		}
	}

	/// What was paid so far, in planck.
	pub const fn paid(&self) -> Balance {
		self.paid
	}

	/// What is still held for it, in planck: never more than its limit.
	pub const fn left(&self) -> Balance {
		self.limit.saturating_sub(self.paid)
	}

	/// Holds more.
	///
	/// # Errors
	/// [`MarketError::TooMuch`].
	pub fn top_up(&mut self, amount: Balance) -> Result<(), MarketError> {
		self.limit = self.limit.checked_add(amount).ok_or(MarketError::TooMuch)?;
		Ok(())
	}

	/// What a voucher over this total pays now, in planck: what it says beyond the last one that was paid.
	///
	/// # Errors
	/// [`MarketError::NothingNew`] or [`MarketError::AboveLimit`].
	pub fn redeem(&mut self, total: Balance) -> Result<Balance, MarketError> {
		if total > self.limit {
			return Err(MarketError::AboveLimit);
		}
		let pay = total.checked_sub(self.paid).filter(|pay| *pay > 0);
		let pay = pay.ok_or(MarketError::NothingNew)?;
		self.paid = total;
		Ok(pay)
	}

	/// Ends it: what is still held, in planck, and from now on no more.
	#[must_use = "what was held has to go somewhere"]
	pub fn end(&mut self) -> Balance {
		let left = self.left();
		self.limit = self.paid;
		left
	}
}
