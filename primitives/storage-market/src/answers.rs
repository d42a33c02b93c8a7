//! What the chain answers to whoever asks it about the market, outside of blocks.

use crate::{Balance, Deal, DealId, Hash, Price, SlotAt, Tick};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;
use storage_proof_primitives::ASKED;

/// Entries that an answer has at most: ask again for what follows.
pub const MAX_ANSWERS: u32 = 256;

/// Deals that are looked through for one answer at most.
pub const MAX_LOOKED_THROUGH: u32 = 4_096;

/// A device, and where it is reached.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Reach<Device, Endpoint> {
	/// The device.
	pub device: Device,
	/// How its agent is reached; none if it has told nothing, or is gone.
	pub endpoints: Vec<Endpoint>,
}

/// What a device offers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct OfferState<Account, Device, Endpoint> {
	/// The device, and where it is reached.
	pub reach: Reach<Device, Endpoint>,
	/// Who offers it, and is paid.
	pub owner: Account,
	/// Planck for a GiB and era.
	pub ask: Price,
	/// Planck for a GiB that it gives out.
	pub egress: Price,
	/// Bytes that it offers.
	pub capacity: u64,
	/// Bytes of slots that it holds or was drawn for.
	pub used: u64,
	/// The largest slot that it takes, in bytes.
	pub max_slot: u64,
	/// How well it serves.
	pub score: Perbill,
	/// How many tickets it has: none if it takes no new slots.
	pub tickets: u32,
}

/// A deal, and where its devices are reached.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DealState<Account, Device, Endpoint> {
	/// The deal, its slots in it.
	pub deal: Deal<Account, Device>,
	/// The devices that hold a slot or were drawn for one, each once.
	pub devices: Vec<Reach<Device, Endpoint>>,
}

/// Deals of an account.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DealsOf {
	/// Their numbers, rising.
	pub deals: Vec<DealId>,
	/// The last deal that was looked at: ask for what follows it, until this is that of the newest one.
	pub looked_to: DealId,
	/// The newest deal that there is.
	pub newest: DealId,
}

/// How a device stands to a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum Standing {
	/// It was drawn, and confirms by two openings.
	#[codec(index = 0)]
	Drawn {
		/// The last tick at which it can.
		until: Tick,
		/// Which draw of the slot it was: what the device signs names it.
		attempt: u16,
		/// The chunk that is to be opened besides the last one, if that is sent in the next block: another one once the
		/// beacon has changed, though what was drawn before counts for a turn.
		chunk: u32,
	},
	/// It holds the slot.
	#[codec(index = 1)]
	Held {
		/// Up to which tick it has been paid, or has lost its pay.
		proven_to: Tick,
		/// Since which tick it is a suspect.
		suspect: Option<Tick>,
		/// Whether it leaves as soon as another device has the slot.
		leaving: bool,
		/// What it has earned and not claimed, in planck.
		accrued: Balance,
	},
}

/// A slot that a device holds or was drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SlotOfDevice {
	/// The deal.
	pub deal: DealId,
	/// The slot.
	pub slot: SlotAt,
	/// Bytes of the slot.
	pub bytes: u64,
	/// Its root; none while the owner has not committed it.
	pub root: Option<Hash>,
	/// The tick at which what is paid for ends; 0 before the deal is active.
	pub ends: Tick,
	/// How the device stands to it.
	pub standing: Standing,
}

/// A challenge that a device can still answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct OpenChallenge {
	/// The last tick at which an answer counts.
	pub until: Tick,
	/// Its number among those of this tick.
	pub index: u32,
	/// The tick at which it was issued.
	pub issued: Tick,
	/// The deal.
	pub deal: DealId,
	/// The slot.
	pub slot: SlotAt,
	/// Bytes of the slot.
	pub bytes: u64,
	/// Its root.
	pub root: Hash,
	/// The chunks that are to be opened, in this order.
	pub chunks: [u32; ASKED],
}

/// What a device has earned for a slot and not claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Claimable {
	/// The deal.
	pub deal: DealId,
	/// The slot.
	pub slot: SlotAt,
	/// All that it has earned, in planck, before it is split.
	pub earned: Balance,
	/// What of it the device's owner gets by its score, in planck.
	pub pays: Balance,
}
