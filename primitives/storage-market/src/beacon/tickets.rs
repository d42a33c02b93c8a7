//! Which device gets a slot: the beacon draws tickets until one fits.

use super::Draw;
use market_primitives::Price;
use sp_arithmetic::Perbill;

/// What a device offers, as far as it matters for a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer<Owner, Group> {
	/// Who has the device.
	pub owner: Owner,
	/// Its network group; none where groups do not matter.
	pub group: Option<Group>,
	/// What it asks for a GiB and era.
	pub ask: Price,
	/// Bytes that are free, for the largest slot that it takes.
	pub room: u64,
	/// How well it serves.
	pub score: Perbill,
}

/// What a deal asks of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wants {
	/// The most that is paid for a GiB and era.
	pub max_ask: Price,
	/// Bytes of a slot.
	pub bytes: u64,
	/// The least score.
	pub score: Perbill,
}

/// Why a ticket was passed over, if it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// It was not.
	Fits,
	/// It asks for too much.
	TooDear,
	/// It has no room.
	NoRoom,
	/// It does not serve well enough.
	LowScore,
	/// Its owner has a slot of this deal.
	SameOwner,
	/// A device of its network has one.
	SameNetwork,
}

impl Verdict {
	/// Whether it met the terms, whoever else is there.
	pub const fn met(self) -> bool {
		matches!(self, Self::Fits | Self::SameOwner | Self::SameNetwork)
	}
}

impl Wants {
	/// What is to be said of an offer where these have slots of the deal.
	pub fn judge<Owner: PartialEq, Group: PartialEq>(
		&self,
		offer: &Offer<Owner, Group>,
		present: &[(Owner, Option<Group>)],
	) -> Verdict {
		if offer.ask > self.max_ask {
			return Verdict::TooDear;
		}
		if offer.room < self.bytes {
			return Verdict::NoRoom;
		}
		if offer.score < self.score {
			return Verdict::LowScore;
		}
		if present.iter().any(|(owner, _)| *owner == offer.owner) {
			return Verdict::SameOwner;
		}
		let near = |group: &Option<Group>| group.is_some() && *group == offer.group;
		if present.iter().any(|(_, group)| near(group)) {
			return Verdict::SameNetwork;
		}
		Verdict::Fits
	}
}

/// How a draw has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome<Device> {
	/// The device; none if no ticket that was looked at fitted.
	pub device: Option<Device>,
	/// How many tickets were looked at.
	pub looked: u32,
	/// How many of them met the terms.
	pub met: u32,
}

impl<Device> Outcome<Device> {
	/// Whether at least such a share of what was looked at met the terms: else they were such that few could, and work
	/// by it counts for nothing.
	pub fn fair(&self, share: Perbill) -> bool {
		let (met, looked) = (u64::from(self.met), u64::from(self.looked));
		met.saturating_mul(1_000_000_000) >= looked.saturating_mul(share.deconstruct().into())
	}
}

/// Draws tickets below `tickets` until one fits, `tries` at most. `look` tells whose a ticket is; one that is nobody's
/// says nothing about the terms, and counts as a try alone.
pub fn draw<Device, Owner: PartialEq, Group: PartialEq>(
	numbers: &Draw,
	tickets: u32,
	tries: u32,
	wants: &Wants,
	present: &[(Owner, Option<Group>)],
	mut look: impl FnMut(u32) -> Option<(Device, Offer<Owner, Group>)>,
) -> Outcome<Device> {
	let mut outcome = Outcome {
		device: None,
		looked: 0,
		met: 0,
	};
	if tickets == 0 {
		return outcome;
	}
	for number in 0..tries {
		let ticket = numbers.below_u32(number, tickets);
		let Some((device, offer)) = look(ticket) else {
			continue;
		};
		outcome.looked = outcome.looked.saturating_add(1);
		let verdict = wants.judge(&offer, present);
		outcome.met = outcome.met.saturating_add(u32::from(verdict.met()));
		if verdict == Verdict::Fits {
			outcome.device = Some(device);
			break;
		}
	}
	outcome
}
