//! Who gets what of a payment.

use crate::{exact::parts, part_down, part_up, Balance, MarketError};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;

/// How a payment is split. What these leave over goes to the market's pool: for repairs, or for re-checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Shares {
	/// To whoever did the work, however well.
	pub work: Perbill,
	/// To the same by its score: all of it for a score of 1.
	pub quality: Perbill,
	/// Burned: who is customer and provider at once loses it.
	pub burned: Perbill,
}

/// A payment that is split, in planck: all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
	/// For whoever did the work.
	pub provider: Balance,
	/// To be burned.
	pub burned: Balance,
	/// For the market's pool.
	pub pool: Balance,
}

impl Shares {
	/// Those of storage: 90 %, 5 % by the score, 3 % burned, so that 2 to 7 % are left for repairs.
	pub const fn of_storage() -> Self {
		Self {
			work: Perbill::from_percent(90),
			quality: Perbill::from_percent(5),
			burned: Perbill::from_percent(3),
		}
	}

	/// Those of compute: 95 %, 3 % burned, 2 % for re-checks.
	pub const fn of_compute() -> Self {
		Self {
			work: Perbill::from_percent(95),
			quality: Perbill::from_percent(0),
			burned: Perbill::from_percent(3),
		}
	}

	/// Whether they give away no more than there is. [`Self::split`] conserves under any others, too.
	///
	/// # Errors
	/// [`MarketError::MoreThanAll`].
	pub fn check(&self) -> Result<(), MarketError> {
		let all = [self.work, self.quality, self.burned];
		if all.into_iter().map(parts).sum::<u128>() > crate::exact::WHOLE {
			return Err(MarketError::MoreThanAll);
		}
		Ok(())
	}

	/// Splits an amount in planck whose provider has this score. What is burned is rounded up, what the provider gets
	/// down: so whoever has its pay in many small parts burns no less and gets no more.
	pub fn split(&self, amount: Balance, score: Perbill) -> Split {
		let burned = part_up(amount, self.burned);
		let left = amount.saturating_sub(burned);
		let by_score = part_down(part_down(amount, self.quality), score);
		let provider = part_down(amount, self.work).saturating_add(by_score).min(left);
		Split {
			provider,
			burned,
			pool: left.saturating_sub(provider),
		}
	}
}

/// How much of a pay is due at once; the rest waits until its work has been handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Instalments {
	/// The share that is due at once.
	pub at_once: Perbill,
}

impl Instalments {
	/// 80 % at once.
	pub const fn of_compute() -> Self {
		Self {
			at_once: Perbill::from_percent(80),
		}
	}

	/// What of a pay is due at once, rounded down, and what waits: all of it together, in planck.
	pub fn split(&self, pay: Balance) -> (Balance, Balance) {
		let now = part_down(pay, self.at_once);
		(now, pay.saturating_sub(now))
	}
}
