//! The seven pots of an era, and values for each.

use crate::Balance;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What a part of an era's issuance is for.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Pot {
	/// Blocks and votes on record; merits are points.
	#[codec(index = 0)]
	Signing,
	/// AutoMine: proven plots; merits are units.
	#[codec(index = 1)]
	Plots,
	/// Storage that customers paid for; merits are units.
	#[codec(index = 2)]
	Storage,
	/// Compute that customers paid for; merits are units.
	#[codec(index = 3)]
	Compute,
	/// Bytes carried; merits are units.
	#[codec(index = 4)]
	Bandwidth,
	/// Probes answered; merits are answers.
	#[codec(index = 5)]
	Discovery,
	/// The treasury's; it has no merits.
	#[codec(index = 6)]
	Treasury,
}

impl Pot {
	/// All of them, in the order of their numbers.
	pub const ALL: [Self; 7] = [
		Self::Signing,
		Self::Plots,
		Self::Storage,
		Self::Compute,
		Self::Bandwidth,
		Self::Discovery,
		Self::Treasury,
	];
}

/// A value for each pot.
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
pub struct PerPot<V> {
	/// That of [`Pot::Signing`].
	pub signing: V,
	/// That of [`Pot::Plots`].
	pub plots: V,
	/// That of [`Pot::Storage`].
	pub storage: V,
	/// That of [`Pot::Compute`].
	pub compute: V,
	/// That of [`Pot::Bandwidth`].
	pub bandwidth: V,
	/// That of [`Pot::Discovery`].
	pub discovery: V,
	/// That of [`Pot::Treasury`].
	pub treasury: V,
}

/// Planck in each pot.
pub type Pots = PerPot<Balance>;

/// What somebody did in an era for each pot, in the pot's own measure; 0 for the treasury.
pub type Merits = PerPot<u128>;

impl<V> PerPot<V> {
	/// The value of each pot by its name.
	pub fn from_fn(mut value: impl FnMut(Pot) -> V) -> Self {
		Self {
			signing: value(Pot::Signing),
			plots: value(Pot::Plots),
			storage: value(Pot::Storage),
			compute: value(Pot::Compute),
			bandwidth: value(Pot::Bandwidth),
			discovery: value(Pot::Discovery),
			treasury: value(Pot::Treasury),
		}
	}

	/// The value of one, to be changed.
	pub fn get_mut(&mut self, pot: Pot) -> &mut V {
		match pot {
			Pot::Signing => &mut self.signing,
			Pot::Plots => &mut self.plots,
			Pot::Storage => &mut self.storage,
			Pot::Compute => &mut self.compute,
			Pot::Bandwidth => &mut self.bandwidth,
			Pot::Discovery => &mut self.discovery,
			Pot::Treasury => &mut self.treasury,
		}
	}
}

impl<V: Copy> PerPot<V> {
	/// The value of one.
	pub fn get(&self, pot: Pot) -> V {
		match pot {
			Pot::Signing => self.signing,
			Pot::Plots => self.plots,
			Pot::Storage => self.storage,
			Pot::Compute => self.compute,
			Pot::Bandwidth => self.bandwidth,
			Pot::Discovery => self.discovery,
			Pot::Treasury => self.treasury,
		}
	}

	/// Each value turned into another.
	pub fn map<W>(self, mut turn: impl FnMut(V) -> W) -> PerPot<W> {
		PerPot::from_fn(|pot| turn(self.get(pot)))
	}

	/// The values of two, side by side.
	pub fn zip<W: Copy>(self, other: PerPot<W>) -> PerPot<(V, W)> {
		PerPot::from_fn(|pot| (self.get(pot), other.get(pot)))
	}
}

impl PerPot<u128> {
	/// All together, or the most there is.
	pub fn sum(&self) -> u128 {
		Pot::ALL
			.into_iter()
			.fold(0, |sum: u128, pot| sum.saturating_add(self.get(pot)))
	}

	/// Each added to that of another, or the most there is.
	#[must_use]
	pub fn plus(self, other: Self) -> Self {
		self.zip(other).map(|(one, two)| one.saturating_add(two))
	}
}
