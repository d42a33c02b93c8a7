//! Work that customers pay for, and how much of what is proven it uses.

use crate::{
	exact::{mul_div, worth, WHOLE},
	Balance, UNIT,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::Perbill;

/// How much of one resource customers use, and how much is proven: bytes, or Gfuel an era.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
#[serde(rename_all = "camelCase")]
pub struct Use {
	/// What customers have in use. AutoMine's own orders do not count.
	pub used: u128,
	/// What is proven, in the same measure.
	pub proven: u128,
}

impl Use {
	/// The share in use, rounded down, at most 1; 0 if nothing is proven.
	pub fn share(&self) -> Perbill {
		let parts = mul_div(self.used.min(self.proven), WHOLE, self.proven);
		Perbill::from_parts(u32::try_from(parts).unwrap_or(u32::MAX))
	}
}

/// Usage, of 1: the larger share of the two resources.
pub fn usage(storage: Use, compute: Use) -> Perbill {
	storage.share().max(compute.share())
}

/// Work of one kind that customers paid for and the beacon placed.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
#[serde(rename_all = "camelCase")]
pub struct Work {
	/// Units, with 32 fractional bits.
	pub units: u128,
	/// What was paid for them, in planck.
	pub paid: Balance,
}

impl Work {
	/// What counts of one deal's work in an era: the units that its own price pays for at `rate`, which is that of the
	/// last closed era, and of the price no more than these earn by it.
	///
	/// Summed, such work earns no deal more than was paid for it, whatever the era's own rate will be, and whatever
	/// others pay. Summed as it is, a deal for nothing would earn what the high price of another one leaves room for.
	pub const fn counted(units: u128, paid: Balance, rate: Balance) -> Self {
		let paid_for = if rate == 0 { units } else { mul_div(paid, UNIT, rate) };
		let units = if units < paid_for { units } else { paid_for };
		Self {
			units,
			paid: worth(units, rate),
		}
	}

	/// Planck that it earns at a rate before the ceiling is looked at: never more than was paid.
	pub fn earns(&self, rate: Balance) -> Balance {
		worth(self.units, rate).min(self.paid)
	}

	/// Both together, or the most there is.
	#[must_use]
	pub const fn plus(self, other: Self) -> Self {
		Self {
			units: self.units.saturating_add(other.units),
			paid: self.paid.saturating_add(other.paid),
		}
	}
}

/// What an era's issuance is asked for.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
#[serde(rename_all = "camelCase")]
pub struct Demand {
	/// Storage that customers paid for.
	pub storage: Work,
	/// Compute that customers paid for.
	pub compute: Work,
	/// Units proven in plots, with 32 fractional bits: what AutoMine may buy.
	pub plots: u128,
}
