//! A slot of a deal, and who has it.

use crate::{Hash, Price, Tick};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use market_primitives::Purse;
use scale_info::TypeInfo;

/// After so many draws in a row that came to nothing a slot waits for the next era, and has one draw in each then.
pub const STALLED: u8 = 8;

/// A device that was drawn for a slot and has not shown yet that it holds it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Drawn<Device> {
	/// The device.
	pub device: Device,
	/// What it asks for a GiB and era.
	pub ask: Price,
	/// The last tick at which it can confirm. While the deal is uploaded, the deal's own time counts.
	pub until: Tick,
	/// Whether its work counts for issuance and competence.
	pub counts: bool,
}

/// A device that holds a slot.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Holding<Device> {
	/// The device.
	pub device: Device,
	/// What it is paid for a GiB and era.
	pub ask: Price,
	/// From which tick on it is paid.
	pub since: Tick,
	/// Up to which tick it has been paid, or has lost its pay by a miss.
	pub proven_to: Tick,
	/// Since which tick it is a suspect: it has missed a challenge and proven nothing since.
	pub suspect: Option<Tick>,
	/// How many challenges it has missed, up to 255.
	pub misses: u8,
	/// Whether it leaves as soon as another device has the slot.
	pub leaving: bool,
	/// Whether its work counts for issuance and competence.
	pub counts: bool,
	/// What it has earned and not claimed.
	pub accrued: Purse,
}

impl<Device> Holding<Device> {
	/// That of a device which has just confirmed.
	pub(crate) fn begin(drawn: Drawn<Device>, now: Tick) -> Self {
		Self {
			device: drawn.device,
			ask: drawn.ask,
			since: now,
			proven_to: now,
			suspect: None,
			misses: 0,
			leaving: false,
			counts: drawn.counts,
			accrued: Purse::empty(),
		}
	}

	/// Whether what it holds can be relied on.
	pub const fn usable(&self) -> bool {
		self.suspect.is_none()
	}
}

/// A slot: who holds it, and who was drawn for it. With neither it waits for a draw; with both, one leaves and the
/// other is to follow.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct DealSlot<Device> {
	/// The BLAKE3 root of its bytes; zeros until the owner has committed it.
	pub root: Hash,
	/// Who holds it.
	pub holding: Option<Holding<Device>>,
	/// Who was drawn.
	pub drawn: Option<Drawn<Device>>,
	/// Counts draws, so that each has another seed.
	pub attempt: u16,
	/// Draws in a row that came to nothing.
	pub failures: u8,
}

impl<Device> DealSlot<Device> {
	/// One that waits for its first draw.
	pub(crate) const fn waiting() -> Self {
		Self {
			root: [0; 32],
			holding: None,
			drawn: None,
			attempt: 0,
			failures: 0,
		}
	}

	/// Whether a draw is wanted: nobody was drawn, and nobody holds it or who does is leaving.
	pub fn wants_draw(&self) -> bool {
		self.drawn.is_none() && self.holding.as_ref().is_none_or(|holding| holding.leaving)
	}

	/// Whether it has had so many failures that it waits for the next era.
	pub fn stalled(&self) -> bool {
		self.failures >= STALLED
	}

	/// A draw came to nothing: the next one has another seed.
	pub(crate) fn fail(&mut self) {
		self.drawn = None;
		self.attempt = self.attempt.saturating_add(1);
		self.failures = self.failures.saturating_add(1);
	}
}
