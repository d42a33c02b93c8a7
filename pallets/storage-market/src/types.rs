//! What is stored, and what comes in calls.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use device_primitives::{DeviceId, NetworkGroup};
use frame_support::{traits::ConstU32, BoundedVec};
use market_primitives::Tab;
use scale_info::TypeInfo;
use sp_runtime::Perbill;
use storage_market_primitives::{
	Balance, DealId, Hash, Moment, Price, Randomness, SlotAt, SlotId, Tick, MAX_CHALLENGES, MAX_SLOTS,
};

/// Slots that one claim names at most.
pub const MAX_CLAIMS: u32 = 32;

/// Tickets of a device at most.
pub const MAX_TICKETS: u32 = 32;

/// Bytes, free and proven, for which a device has a ticket.
pub const TICKET_BYTES: u64 = 64 << 30;

/// Strained deals that are looked at in a tick at most.
pub const MAX_VISITS: u32 = 4;

/// Wishes to be asked at a tick at most.
pub const MAX_WISHES: u32 = 16;

/// Bytes of a key box at most.
pub const MAX_BOX: u32 = 128;

/// Key boxes of a deal at most.
pub const MAX_BOXES: u32 = 64;

/// Probers of an era at most.
pub const MAX_PROBERS: u32 = 32;

/// Slots of a device that is evacuated which are looked at in a block at most.
pub const MAX_MOVES: u32 = 16;

/// What a device offers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Offering<AccountId> {
	/// Who offers it, pays collateral and is paid.
	pub owner: AccountId,
	/// The network that its agent is in.
	pub group: Option<NetworkGroup>,
	/// Planck for a GiB and era.
	pub ask: Price,
	/// Planck for a GiB that it gives out.
	pub egress: Price,
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
	/// Whether it probes others, if it is drawn.
	pub probes: bool,
	/// Whether it is in the queue of those whose slots are moved.
	pub evacuated: bool,
	/// Its place among the devices that can be probed.
	pub listed: u32,
	/// What its owner has on hold for it, in planck.
	pub deposit: Balance,
}

impl<AccountId> Offering<AccountId> {
	/// Bytes of the largest slot that it can take now.
	pub fn room(&self) -> u64 {
		self.capacity.saturating_sub(self.used).min(self.max_slot)
	}

	/// Bytes that it offers to customers: what is free, and no more than as many of the largest slot that it takes as
	/// it can have tickets. Whoever takes no slot that anybody has offers nothing.
	pub fn offered(&self) -> u64 {
		let free = self.capacity.saturating_sub(self.used);
		free.min(self.max_slot.saturating_mul(MAX_TICKETS.into()))
	}
}

/// A slot that is held, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Place {
	/// The deal.
	pub deal: DealId,
	/// The slot.
	pub slot: SlotAt,
	/// Who holds it.
	pub device: DeviceId,
}

impl Place {
	/// Which slot.
	pub const fn at(&self) -> SlotId {
		SlotId::new(self.deal, self.slot)
	}
}

/// A slot that is audited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Audited {
	/// Which slot, and of whom.
	pub place: Place,
	/// When it was asked last; none if it was not yet.
	pub asked: Option<Tick>,
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

/// Challenges, in the order in which they were issued.
pub type Challenged = BoundedVec<Challenge, ConstU32<MAX_CHALLENGES>>;

/// The challenges of a tick.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Batch {
	/// The tick, and what chunks are drawn from.
	pub moment: Moment,
	/// The challenges.
	pub challenges: Challenged,
}

/// The roots of all slots of a deal.
pub type Roots = BoundedVec<Hash, ConstU32<MAX_SLOTS>>;

/// Slots whose pay is claimed.
pub type Claims = BoundedVec<(DealId, SlotAt), ConstU32<MAX_CLAIMS>>;

/// Slots that are to be asked.
pub type Wishes = BoundedVec<SlotId, ConstU32<MAX_WISHES>>;

/// A volume's key, wrapped for an account: what is in it this chain does not know.
pub type KeyBox = BoundedVec<u8, ConstU32<MAX_BOX>>;

/// A key box, and what the deal's owner has put in for it, in planck.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Kept {
	/// The box.
	pub key_box: KeyBox,
	/// Its deposit.
	pub deposit: Balance,
}

/// What is put in for state, in planck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Deposits {
	/// For an offer.
	pub offer: Balance,
	/// For a deal,
	pub deal: Balance,
	/// and for each of its slots.
	pub slot: Balance,
	/// For a key box.
	pub key_box: Balance,
}

impl Deposits {
	/// For a deal of so many slots.
	pub fn of_deal(&self, slots: u8) -> Balance {
		self.deal.saturating_add(self.slot.saturating_mul(slots.into()))
	}
}

/// What lies in the pot for a deal besides its pay, reserve and collateral.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Till {
	/// The deposit for the deal, in planck.
	pub deposit: Balance,
	/// How many key boxes there are,
	pub boxes: u32,
	/// and what is deposited for all of them, in planck.
	pub of_boxes: Balance,
	/// What each slot's device may still be paid for giving it out.
	pub tabs: BoundedVec<Tab, ConstU32<MAX_SLOTS>>,
}

impl Till {
	/// All that lies in it, in planck.
	pub fn holds(&self) -> Balance {
		let state = self.deposit.saturating_add(self.of_boxes);
		self.tabs.iter().fold(state, |sum, tab| sum.saturating_add(tab.left()))
	}
}

/// The tab of the device that was the last to leave a slot: it redeems what it was promised before.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct FormerTab<AccountId> {
	/// The device.
	pub device: DeviceId,
	/// Who is paid for it.
	pub owner: AccountId,
	/// What it may still be paid, of which its successor has nothing as long; and what it was paid.
	pub tab: Tab,
	/// The last tick at which it redeems.
	pub until: Tick,
}

/// A device whose slots are moved to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Evacuation {
	/// The device.
	pub device: DeviceId,
	/// The last of its deals that was looked at.
	pub looked_at: Option<DealId>,
}

/// A device that probes others in an era.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Prober<AccountId> {
	/// The device.
	pub device: DeviceId,
	/// Its owner, of whose devices no other one probes.
	pub owner: AccountId,
	/// Its network, likewise.
	pub group: Option<NetworkGroup>,
	/// Which of its errands it has reported: a bit for each.
	pub reported: u8,
}

/// Those who probe in an era.
pub type ProbersOf<AccountId> = BoundedVec<Prober<AccountId>, ConstU32<MAX_PROBERS>>;

/// Probes of an era.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Probing<AccountId> {
	/// Which era of the probes: a receipt names it.
	pub era: u32,
	/// The first tick that is of the next one.
	pub ends: Tick,
	/// What VRFs are evaluated over. Nobody knew it before the probers were drawn.
	pub challenge: Randomness,
	/// How many devices there were to be probed.
	pub devices: u32,
	/// Who probes.
	pub probers: ProbersOf<AccountId>,
	/// Who will in the next era, as far as they are drawn.
	pub next: ProbersOf<AccountId>,
}

impl<AccountId> Default for Probing<AccountId> {
	fn default() -> Self {
		Self {
			era: 0,
			ends: 0,
			challenge: [0; 32],
			devices: 0,
			probers: BoundedVec::new(),
			next: BoundedVec::new(),
		}
	}
}

/// What the devices behind one uplink have shown together: they share it.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Uplink {
	/// How many devices with a score there are.
	pub devices: u32,
	/// The sum of their scores, in parts of 2^32.
	pub sum: u64,
}

impl Uplink {
	/// What it counts for: as much as one device that serves as these do on average.
	pub fn credit(&self) -> u64 {
		self.sum.checked_div(self.devices.into()).unwrap_or(0)
	}
}
