//! Who fits a job.

use crate::{Balance, EngineId};
use market_primitives::Price;

/// What a worker offers, as far as it matters for a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer<Owner, Group> {
	/// Who has the device.
	pub owner: Owner,
	/// Its network group; none where groups do not matter.
	pub group: Option<Group>,
	/// What it asks for a Gfuel.
	pub ask: Price,
	/// Pages of memory that a unit may have there.
	pub memory_pages: u32,
	/// What of its stake is in no job, in planck.
	pub free_stake: Balance,
	/// Whether it has the engine.
	pub engine: bool,
	/// Whether it may compute units alone.
	pub alone: bool,
	/// Whether it takes what the chain itself orders.
	pub for_chain: bool,
}

/// What a job asks of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wants {
	/// The engine; none if any does.
	pub engine: Option<EngineId>,
	/// The most that is paid for a Gfuel; none if the chain orders it, or it pays a fee.
	pub max_price: Option<Price>,
	/// Pages of memory.
	pub memory_pages: u32,
	/// The stake, in planck.
	pub stake: Balance,
	/// Whether units are computed by one worker alone.
	pub alone: bool,
	/// Whether the chain orders it.
	pub for_chain: bool,
}

/// Why a ticket was passed over, if it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// It was not.
	Fits,
	/// It does not have the engine, the memory, the record, or does not work for the chain.
	Unable,
	/// It asks for too much.
	TooDear,
	/// Too little of its stake is free.
	NoStake,
	/// Its owner is in the pool already, or may not be.
	SameOwner,
	/// A device of its network is in the pool.
	SameNetwork,
}

impl Verdict {
	/// Whether it met the terms, whoever else is there.
	pub const fn met(self) -> bool {
		matches!(self, Self::Fits | Self::SameOwner | Self::SameNetwork)
	}
}

impl Wants {
	/// What is to be said of an offer where owner or network is `present`.
	pub fn judge<Owner, Group>(
		&self,
		offer: &Offer<Owner, Group>,
		owner_present: bool,
		network_present: bool,
	) -> Verdict {
		let engine = self.engine.is_none() || offer.engine;
		let able = engine && offer.memory_pages >= self.memory_pages;
		if !able || (self.alone && !offer.alone) || (self.for_chain && !offer.for_chain) {
			return Verdict::Unable;
		}
		if self.max_price.is_some_and(|most| offer.ask > most) {
			return Verdict::TooDear;
		}
		if offer.free_stake < self.stake {
			return Verdict::NoStake;
		}
		if owner_present {
			return Verdict::SameOwner;
		}
		if network_present {
			return Verdict::SameNetwork;
		}
		Verdict::Fits
	}
}
