//! The two sides of a channel.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::cmp::Ordering;
use scale_info::TypeInfo;

/// One side of a channel.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Side {
	/// Side 0: that of the lower account.
	#[codec(index = 0)]
	Low,
	/// Side 1: that of the higher account.
	#[codec(index = 1)]
	High,
}

impl Side {
	/// Both, in the order of their numbers.
	pub const ALL: [Self; 2] = [Self::Low, Self::High];

	/// The other one.
	pub const fn partner(self) -> Self {
		match self {
			Self::Low => Self::High,
			Self::High => Self::Low,
		}
	}

	/// On which side `own` is in a channel with `other`; none if they are the same.
	pub fn of<AccountId: Ord>(own: &AccountId, other: &AccountId) -> Option<Self> {
		match own.cmp(other) {
			Ordering::Less => Some(Self::Low),
			Ordering::Equal => None,
			Ordering::Greater => Some(Self::High),
		}
	}
}

/// A value for each side.
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
pub struct PerSide<V> {
	/// That of [`Side::Low`].
	pub low: V,
	/// That of [`Side::High`].
	pub high: V,
}

impl<V> PerSide<V> {
	/// The value of each side by its name.
	pub fn from_fn(mut value: impl FnMut(Side) -> V) -> Self {
		Self {
			low: value(Side::Low),
			high: value(Side::High),
		}
	}

	/// The value of one side.
	pub const fn get(&self, side: Side) -> &V {
		match side {
			Side::Low => &self.low,
			Side::High => &self.high,
		}
	}

	/// The value of one side, to be changed.
	pub fn get_mut(&mut self, side: Side) -> &mut V {
		match side {
			Side::Low => &mut self.low,
			Side::High => &mut self.high,
		}
	}

	/// The same with the sides exchanged.
	#[must_use]
	pub fn swapped(self) -> Self {
		Self {
			low: self.high,
			high: self.low,
		}
	}
}
