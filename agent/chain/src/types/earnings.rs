//! What an account has earned.

use super::Balance;
use crate::heads::Head;

/// Planck by pot: signing, plots, storage, compute, bandwidth, discovery, treasury.
pub type EarnedByPot = [Balance; 7];

/// What an account can claim, as of a final block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimable {
	/// The block.
	pub at: Head,
	/// The era that runs in it.
	pub era: u32,
	/// For how many eras something can be claimed; none if the runtime does not say it.
	pub expiry: Option<u32>,
	/// Eras with what they bring.
	pub eras: Vec<(u32, EarnedByPot)>,
}

/// How the chain closed an era.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClosedEra {
	/// What might be created in it at most, in planck.
	pub ceiling: Balance,
	/// How much of what is proven customers used, in parts of 10^9.
	pub usage: u32,
	/// What a unit of work could earn, in planck.
	pub rate: Balance,
	/// What was created for all pots together, in planck.
	pub gross: Balance,
	/// The pots, in planck.
	pub pots: EarnedByPot,
	/// What all plots of all owners brought in it: GiB-eras with 32 fractional bits.
	pub units: u128,
}
