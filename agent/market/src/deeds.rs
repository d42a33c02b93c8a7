//! What the device does on the chain. Each deed is durable before it is sent, and sent as it is until it is in a block.

use crate::types::{Asked, Balance, Hash, SlotKey, Tick, Voucher};
use codec::{Decode, Encode};

/// Bytes of the longest body: two openings of the longest slot have 3,720.
pub const MAX_DEED: usize = 6 << 10;

/// A chunk, and the hashes from it up to the root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Shown {
	/// The chunk.
	pub chunk: Vec<u8>,
	/// The hashes beside its way.
	pub path: Vec<Hash>,
}

/// Which deed it is. Of each there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum DeedKey {
	/// The answer to a challenge.
	#[codec(index = 1)]
	Answer {
		/// The last tick at which it counts.
		until: Tick,
		/// The challenge's number among those of that tick.
		index: u32,
		/// The slot.
		key: SlotKey,
		/// The chunks that were asked for: another branch of the chain may ask for others.
		chunks: [u32; 2],
	},
	/// The device has a slot that it was drawn for.
	#[codec(index = 2)]
	Confirm {
		/// The slot.
		key: SlotKey,
		/// Which draw of it it was.
		attempt: u16,
		/// The last tick at which it counts.
		until: Tick,
		/// The chunks that are shown.
		chunks: [u32; 2],
	},
	/// The device wants to be asked soon.
	#[codec(index = 3)]
	ProveNow {
		/// The slot.
		key: SlotKey,
		/// When it began to want that.
		at: Tick,
	},
	/// Pay of some slots.
	#[codec(index = 4)]
	Claim {
		/// When it was due.
		at: Tick,
	},
	/// What vouchers of a slot come to.
	#[codec(index = 5)]
	Redeem {
		/// The slot.
		key: SlotKey,
		/// The sum, in planck.
		total: Balance,
	},
}

impl DeedKey {
	/// That of the answer to a challenge.
	pub fn answer(asked: &Asked) -> Self {
		Self::Answer {
			until: asked.until,
			index: asked.index,
			key: asked.key,
			chunks: asked.chunks,
		}
	}

	/// Whether the owner's account signs it and pays for it. What is shown speaks for all others.
	pub fn is_signed(&self) -> bool {
		!matches!(self, Self::Answer { .. } | Self::Confirm { .. })
	}

	/// The slot that it is about, if it is about one.
	pub fn slot(&self) -> Option<SlotKey> {
		match self {
			Self::Answer { key, .. }
			| Self::Confirm { key, .. }
			| Self::ProveNow { key, .. }
			| Self::Redeem { key, .. } => Some(*key),
			Self::Claim { .. } => None,
		}
	}
}

/// What is sent besides.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Body {
	/// Nothing.
	#[codec(index = 0)]
	Nothing,
	/// The two chunks, and what root they are of.
	#[codec(index = 1)]
	Shown(
		/// The root.
		Hash,
		/// The chunks.
		[Shown; 2],
	),
	/// Slots.
	#[codec(index = 2)]
	Slots(
		/// Which.
		Vec<SlotKey>,
	),
	/// A voucher.
	#[codec(index = 3)]
	Voucher(
		/// It.
		Voucher,
	),
}

/// Something that the device does on the chain.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Deed {
	/// What it is.
	pub key: DeedKey,
	/// The last tick at which it is of use.
	pub until: Tick,
	/// What is sent besides.
	pub body: Body,
}
