//! The two kinds of numbers with a fraction that are kept, both whole numbers underneath.

use codec::{CompactAs, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Fractional bits of [`Credit`].
pub const CREDIT_BITS: u32 = 32;

/// Fractional bits of [`Wins`].
pub const WINS_BITS: u32 = 16;

/// Units (plots, segments a window, one for uptime) with 32 fractional bits, so that a single win of a lottery with
/// 65,535 wins in tau still has 16 significant bits. At most 2^32 units: sixteen times the largest claim.
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
	CompactAs,
	TypeInfo,
)]
pub struct Credit(
	/// Units times 2^32.
	pub u64,
);

impl Credit {
	/// Nothing.
	pub const ZERO: Self = Self(0);
	/// One unit.
	pub const ONE: Self = Self(1 << CREDIT_BITS);
	/// As much as there can be.
	pub const MAX: Self = Self(u64::MAX);

	/// So many units.
	pub const fn of(units: u32) -> Self {
		Self((units as u64) << CREDIT_BITS)
	}

	/// Whole units, rounded down.
	pub const fn units(self) -> u32 {
		(self.0 >> CREDIT_BITS) as u32
	}

	/// The sum, or [`Credit::MAX`]: a device that reached it would have won sixteen times what its claim allows it to
	/// expect, and more would not change its place.
	pub const fn plus(self, other: Self) -> Self {
		Self(self.0.saturating_add(other.0))
	}
}

/// Wins with 16 fractional bits: how many are expected in tau, or how many decayed ones there are. At most 65,535.
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
	CompactAs,
	TypeInfo,
)]
pub struct Wins(
	/// Wins times 2^16.
	pub u32,
);

impl Wins {
	/// None.
	pub const ZERO: Self = Self(0);
	/// One win.
	pub const ONE: Self = Self(1 << WINS_BITS);

	/// So many wins.
	pub const fn of(wins: u16) -> Self {
		Self((wins as u32) << WINS_BITS)
	}

	/// The sum, or the most there can be. Where fewer than 65,535 are expected in tau, as [`crate::Lottery::check`]
	/// demands, that is never reached.
	pub const fn plus(self, other: Self) -> Self {
		Self(self.0.saturating_add(other.0))
	}

	/// Half of it.
	pub const fn half(self) -> Self {
		Self(self.0 / 2)
	}
}
