//! What `offer`, `slots` and `scrub` take.

use super::Signing;
use clap::{Args, Subcommand, ValueEnum};
use std::{fmt, str::FromStr};

/// Of `offer`.
#[derive(Clone, Debug, Subcommand)]
pub enum OfferCommand {
	/// Offer space, or change what is asked for it; deals that there are keep their price
	Set(OfferSet),
	/// What this machine offers, by the chain's word
	Show,
	/// Take no new slots. What is held stays, and is paid, until its deals end
	Withdraw(Signing),
	/// Look how fast other devices give out what they hold, in eras for which this one is drawn, or do not. It has to
	/// offer space itself
	#[command(after_help = "Examples:\n  smart-agent offer probes on")]
	Probes {
		/// Whether it does
		switch: Switch,
		/// How it is unlocked.
		#[command(flatten)]
		signing: Signing,
	},
}

/// Whether something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
	/// It is
	On,
	/// It is not
	Off,
}

/// Of `offer set`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart-agent offer set --space 500GiB --ask 0.9/TiB-month
  smart-agent offer set --space 2TiB --ask 0.8/TiB-month --egress 0.5/TiB --max-slot 16GiB

What is asked is in STCI, for a GiB or TiB and an era, an hour of 6 eras, a day of 144, a month of 30 days or a year of
365: on a real chain these are those of the calendar, on chains that are tried out eras are short. Space counts for
draws as far as plots prove it: for each 64 GiB, or a part of them, that are free and proven the device has a ticket.
A first offer has a deposit held, which `smart-agent wallet quote` tells, until it is withdrawn and no slot is left. A
slot takes collateral from the owner's account when it is confirmed: one to ten times what its repair costs.")]
pub struct OfferSet {
	/// How much, such as 500GiB
	#[arg(long, value_name = "BYTES")]
	pub space: String,
	/// What is asked for it, such as 0.9/TiB-month
	#[arg(long, value_name = "PRICE")]
	pub ask: String,
	/// What readers pay where somebody has put something in for that, such as 1/TiB
	#[arg(long, value_name = "PRICE", default_value = "1/TiB")]
	pub egress: String,
	/// The largest slot that is taken, 64GiB at most
	#[arg(long, value_name = "BYTES", default_value = "64GiB")]
	pub max_slot: String,
	/// How it is unlocked.
	#[command(flatten)]
	pub signing: Signing,
}

/// A slot, as it is written: `17/3` is slot 3 of deal 17.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SlotName {
	/// The deal.
	pub deal: u64,
	/// The slot.
	pub slot: u8,
}

impl FromStr for SlotName {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let wrong = || format!("`{text}` is no slot: write the deal and its slot, as 17/3");
		let (deal, slot) = text.split_once('/').ok_or_else(wrong)?;
		Ok(Self {
			deal: deal.parse().map_err(|_| wrong())?,
			slot: slot.parse().map_err(|_| wrong())?,
		})
	}
}

impl fmt::Display for SlotName {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}/{}", self.deal, self.slot)
	}
}

/// Of `slots`.
#[derive(Clone, Debug, Subcommand)]
pub enum SlotsCommand {
	/// Leave a slot: it is held and paid until another device has it, which costs a part of its collateral
	#[command(after_help = "Examples:\n  smart-agent slots leave 17/3    slot 3 of deal 17")]
	Leave {
		/// Which, as 17/3
		slot: SlotName,
		/// How it is unlocked.
		#[command(flatten)]
		signing: Signing,
	},
	/// Have the chain ask for a slot two turns later; of use for one that has missed a challenge and is sound again
	#[command(after_help = "Examples:\n  smart-agent slots prove 17/3    slot 3 of deal 17")]
	Prove {
		/// Which, as 17/3
		slot: SlotName,
		/// How it is unlocked.
		#[command(flatten)]
		signing: Signing,
	},
	/// Have the chain pay what slots have earned, 32 in each transaction
	Claim(Signing),
	/// Have the chain pay what readers have promised by vouchers
	Redeem(Signing),
}

/// Of `scrub`.
#[derive(Clone, Debug, Args)]
pub struct SlotsWhich {
	/// Which, as 17/3; all of them if none is named
	pub slots: Vec<SlotName>,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn slots_are_written_as_they_are_shown() {
		let slot: SlotName = "17/3".parse().unwrap();
		assert_eq!((slot.deal, slot.slot, slot.to_string().as_str()), (17, 3, "17/3"));
		for wrong in ["", "17", "17/", "/3", "17/256", "17-3", "17/3/1", "-1/3"] {
			assert!(wrong.parse::<SlotName>().is_err(), "{wrong}");
		}
	}
}
