//! An era as the owner fared in it.

use codec::{Decode, Encode};

/// What is earned from, by name, in the order of [`Amounts`].
pub const POTS: [&str; 7] = [
	"signing",
	"plots",
	"storage",
	"compute",
	"bandwidth",
	"discovery",
	"treasury",
];

/// Planck by pot, in the order of [`POTS`].
pub type Amounts = [u128; POTS.len()];

/// The place of plots among [`POTS`].
pub(crate) const PLOTS: usize = 1;

/// All pots together, in planck; the most there is if it is more.
pub fn sum(amounts: &Amounts) -> u128 {
	amounts.iter().fold(0, |sum, amount| sum.saturating_add(*amount))
}

/// How the chain closed an era.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Closed {
	/// What might be created in it at most, in planck.
	pub ceiling: u128,
	/// How much of what is proven customers used, in parts of 10^9.
	pub usage: u32,
	/// What a unit of work could earn, in planck.
	pub rate: u128,
	/// What was created for all pots together, in planck.
	pub gross: u128,
	/// The pot of plots, in planck.
	pub plots: u128,
	/// What all plots of all owners brought in it: GiB-eras with 32 fractional bits.
	pub units: u128,
}

/// What this machine saw of an era itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Seen {
	/// Wins of space that are in blocks.
	pub won: u32,
	/// How many were to be expected, in thousandths.
	pub expected: u64,
	/// Rounds of space that were missed or refused.
	pub missed: u32,
	/// Whether the device was suspended at some time of it, or not registered.
	pub suspended: bool,
	/// Of how much of the time its uptime counts, in thousandths; none if it is not known.
	pub uptime: Option<u16>,
}

impl Seen {
	/// Takes up what was seen later in the same era.
	pub fn join(&mut self, later: &Self) {
		self.won = self.won.saturating_add(later.won);
		self.expected = self.expected.saturating_add(later.expected);
		self.missed = self.missed.saturating_add(later.missed);
		self.suspended |= later.suspended;
		self.uptime = later.uptime.or(self.uptime);
	}
}

/// How far an era is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum State {
	/// It is not over.
	#[default]
	#[codec(index = 0)]
	Running,
	/// It brought nothing.
	#[codec(index = 1)]
	Nothing,
	/// What it brought can be claimed.
	#[codec(index = 2)]
	Claimable,
	/// It was claimed, by whomever: that pays the account in any case.
	#[codec(index = 3)]
	Claimed,
	/// It could be claimed, and nobody did in time.
	#[codec(index = 4)]
	Expired,
	/// Nothing can be claimed, and nobody looked when it was closed: it brought nothing, or was claimed already.
	#[codec(index = 5)]
	Unknown,
}

/// An era.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct EraRecord {
	/// Its number.
	pub era: u32,
	/// When it was first seen to be over, in Unix time; 0 as long as it is not.
	pub at: u64,
	/// How the chain closed it; none as long as that is not known.
	pub closed: Option<Closed>,
	/// What the account earned in it, by pot, in planck.
	pub earned: Amounts,
	/// What this machine saw of it; none if no agent ran.
	pub seen: Option<Seen>,
	/// How far it is.
	pub state: State,
}

impl EraRecord {
	/// What the account earned in it, in planck.
	pub fn total(&self) -> u128 {
		sum(&self.earned)
	}
}

/// A claim that may be on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Flight {
	/// Its eras.
	pub eras: Vec<u32>,
	/// After this final block it can be in none any more.
	pub until: u32,
	/// When it was sent, in Unix time.
	pub at: u64,
}
