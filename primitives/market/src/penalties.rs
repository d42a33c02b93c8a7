//! What it costs to end something early, and what is given back.

use crate::{part_down, part_up, Balance, MarketError, Purse};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;

/// What governance takes of an escrow that is ended early, and how much of a repair's price a collateral is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Penalties {
	/// The part of an escrow that burns if it is given up before any work: else draws are repeated until they please.
	pub given_up: Perbill,
	/// The part of what is left of an escrow that goes to those who work for it, if it is ended early.
	pub ended_early: Perbill,
}

/// An escrow that was given up before any work, in planck: all that was in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenUp {
	/// To be burned.
	pub burned: Balance,
	/// Back to the customer.
	pub back: Balance,
}

/// What those who worked for an escrow get in the end, in planck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Farewell {
	/// For each of them.
	pub each: Balance,
	/// For all of them together.
	pub all: Balance,
}

impl Penalties {
	/// 3 % and 5 %.
	pub const fn real() -> Self {
		Self {
			given_up: Perbill::from_percent(3),
			ended_early: Perbill::from_percent(5),
		}
	}

	/// Empties an escrow that is given up. What burns is rounded up.
	pub fn give_up(&self, escrow: &mut Purse) -> GivenUp {
		let all = escrow.take_all();
		let burned = part_up(all, self.given_up);
		GivenUp {
			burned,
			back: all.saturating_sub(burned),
		}
	}

	/// What each of so many gets out of what is left of an escrow that is ended early, rounded down. Nothing is taken.
	pub fn farewell(&self, escrow: &Purse, workers: u32) -> Farewell {
		let workers = Balance::from(workers);
		let each = part_down(escrow.amount(), self.ended_early)
			.checked_div(workers)
			.unwrap_or(0);
		Farewell {
			each,
			// No more than the part that was divided.
			all: each.saturating_mul(workers),
		}
	}

	/// A collateral of so many times what a loss costs, in planck.
	///
	/// # Errors
	/// [`MarketError::TooMuch`].
	pub fn collateral(loss: Balance, factor: u8) -> Result<Balance, MarketError> {
		loss.checked_mul(Balance::from(factor)).ok_or(MarketError::TooMuch)
	}
}
