//! What is stored, and what comes in calls.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use device_primitives::{DeviceId, NetworkGroup};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::Perbill;
use storage_market_primitives::{DealId, Hash, Price, SlotAt, Tick, CHUNK, MAX_SLOTS};

/// Challenges of a tick at most.
pub const MAX_CHALLENGES: u32 = 64;

/// Slots that one claim names at most.
pub const MAX_CLAIMS: u32 = 32;

/// Tickets of a device at most.
pub const MAX_TICKETS: u32 = 32;

/// Bytes, free and proven, for which a device has a ticket.
pub const TICKET_BYTES: u64 = 64 << 30;

/// Strained deals that are looked at in a tick at most.
pub const MAX_VISITS: u32 = 4;

/// Hashes of an opening's path at most: 64 GiB in chunks of 1 KiB.
pub const MAX_PATH: u32 = 26;

/// What a device offers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Offering<AccountId> {
	/// Who offers it, pays collateral and is paid.
	pub owner: AccountId,
	/// The network that its agent is in.
	pub group: Option<NetworkGroup>,
	/// Planck for a GiB and era.
	pub ask: Price,
	/// Bytes that it offers.
	pub capacity: u64,
	/// Bytes of slots that it holds or was drawn for.
	pub used: u64,
	/// Bytes of slots that it holds, is no suspect of, and got by the beacon: what counts.
	pub kept: u64,
	/// The largest slot that it takes, in bytes.
	pub max_slot: u64,
	/// How well it serves.
	pub score: Perbill,
	/// How many tickets it has: none if it takes no new slots.
	pub tickets: u32,
}

impl<AccountId> Offering<AccountId> {
	/// Bytes of the largest slot that it can take now.
	pub fn room(&self) -> u64 {
		self.capacity.saturating_sub(self.used).min(self.max_slot)
	}
}

/// A slot that is held in an active deal, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Place {
	/// The deal.
	pub deal: DealId,
	/// The slot.
	pub slot: SlotAt,
	/// Who holds it.
	pub device: DeviceId,
}

/// A slot that waits for a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Waiting {
	/// The deal.
	pub deal: DealId,
	/// The slot.
	pub slot: SlotAt,
	/// The tick from which on the beacon may draw: nobody knew it when the slot began to wait.
	pub from: Tick,
}

/// A challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Challenge {
	/// Which slot, and of whom.
	pub place: Place,
	/// Whether it was answered.
	pub answered: bool,
}

/// The challenges of a tick.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Batch {
	/// The tick.
	pub issued: Tick,
	/// What chunks are drawn from.
	pub randomness: Hash,
	/// The challenges.
	pub challenges: BoundedVec<Challenge, ConstU32<MAX_CHALLENGES>>,
}

/// A chunk, and the hashes by which it is a part of what a root stands for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Opening {
	/// The chunk.
	pub chunk: BoundedVec<u8, ConstU32<{ CHUNK as u32 }>>,
	/// The hashes.
	pub path: BoundedVec<Hash, ConstU32<MAX_PATH>>,
}

/// The roots of all slots of a deal.
pub type Roots = BoundedVec<Hash, ConstU32<MAX_SLOTS>>;

/// Slots whose pay is claimed.
pub type Claims = BoundedVec<(DealId, SlotAt), ConstU32<MAX_CLAIMS>>;
