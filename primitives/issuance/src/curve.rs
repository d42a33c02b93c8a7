//! What a unit of paid work earns.

use crate::{
	exact::{mul_div, parts, WHOLE},
	Balance, TermsError, STCI,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::Perbill;

/// The demand rate by usage: `low` up to one point, from there in straight lines to `middle` and to `high`.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Curve {
	/// Planck that a unit earns while usage is low.
	pub low: Balance,
	/// Planck that a unit earns at `middle_at`.
	pub middle: Balance,
	/// Planck that a unit earns if everything is used.
	pub high: Balance,
	/// The usage below which it is low, and AutoMine buys.
	pub low_below: Perbill,
	/// The usage at which a unit earns `middle`.
	pub middle_at: Perbill,
}

impl Curve {
	/// 0.2 STCI up to 30 %, 0.06 at 50 %, 0.04 at 100 %.
	pub const fn real() -> Self {
		Self {
			low: STCI / 5,
			middle: STCI * 6 / 100,
			high: STCI * 4 / 100,
			low_below: Perbill::from_percent(30),
			middle_at: Perbill::from_percent(50),
		}
	}

	/// Planck that a unit earns at this usage. It never rises with usage, and has no jump.
	pub fn rate(&self, usage: Perbill) -> Balance {
		let (at, falls, bends) = (parts(usage), parts(self.low_below), parts(self.middle_at));
		if at <= falls {
			self.low
		} else if at < bends {
			on_line(self.low, self.middle, at - falls, bends - falls)
		} else if at < WHOLE {
			on_line(self.middle, self.high, at - bends, WHOLE - bends)
		} else {
			self.high
		}
	}

	/// Whether rates fall and its points are in order.
	///
	/// # Errors
	/// [`TermsError::RateRises`], [`TermsError::PointsOutOfOrder`].
	pub fn check(&self) -> Result<(), TermsError> {
		if self.low < self.middle || self.middle < self.high {
			return Err(TermsError::RateRises);
		}
		if self.low_below >= self.middle_at || self.middle_at >= Perbill::one() {
			return Err(TermsError::PointsOutOfOrder);
		}
		Ok(())
	}
}

/// Where a straight line from one rate down to another is, after a part of its way.
fn on_line(from: Balance, to: Balance, passed: u128, length: u128) -> Balance {
	from.saturating_sub(mul_div(from.saturating_sub(to), passed, length))
}
