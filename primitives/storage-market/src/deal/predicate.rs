//! What a payment may wait for: that a deal is kept.

use crate::{Deal, DealId, Stage, Tick, Why};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// That a deal is proven: so many of its slots can be relied on, at this tick or later. Who lets a payment wait for it
/// names how many: all of them, or as many as suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct DealProven {
	/// The deal.
	pub deal: DealId,
	/// Not before this tick.
	pub from: Tick,
	/// How many slots are usable at least; never fewer than suffice, whatever is said here.
	pub usable: u8,
}

impl DealProven {
	/// Whether it holds at a tick of the deal that it names. Of one that has run to its end it holds if that was not
	/// too early; of one that was lost, given up or ended early it does not.
	pub fn holds<Account, Device: Clone + PartialEq>(&self, deal: &Deal<Account, Device>, now: Tick) -> bool {
		let reached = match deal.stage {
			Stage::Active => now.min(deal.ends) >= self.from,
			Stage::Ended { why: Why::Expired, .. } => deal.ends >= self.from,
			_ => false,
		};
		let least = u32::from(self.usable.max(deal.geometry().enough));
		reached && deal.usable() >= least
	}
}
