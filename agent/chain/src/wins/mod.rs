//! Wins: how they are sent, and what becomes of them.

mod refusal;

pub use refusal::Refusal;

use crate::types::{BlockNumber, Hash, Slot};
use device_primitives::DeviceId;
use proof_lottery_primitives::{LotterySignature, Pulse, Resource, SegmentWin};

/// What a device won. The runtime makes the transaction, which nobody signs and nobody pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Win {
	/// A round of space.
	Space {
		/// The device.
		device: DeviceId,
		/// The round.
		round: u64,
		/// Which of its groups.
		group: u32,
		/// The proof, `16 k` bytes, of the group's plot 0.
		proof: Vec<u8>,
	},
	/// A segment of a window of compute.
	Compute {
		/// What is announced.
		win: SegmentWin,
		/// That of the device's lottery key under it.
		signature: LotterySignature,
	},
	/// A round of uptime.
	Uptime(
		/// The output of the device's lottery key.
		Pulse,
	),
}

impl Win {
	/// In which lottery.
	pub fn resource(&self) -> Resource {
		match self {
			Self::Space { .. } => Resource::Space,
			Self::Compute { .. } => Resource::Compute,
			Self::Uptime(_) => Resource::Uptime,
		}
	}
}

/// What the node said to a win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submitted {
	/// It waits for a block.
	Accepted(
		/// To find it again.
		Receipt,
	),
	/// It waits already, is in a block, or was refused so short a while ago that the node does not look at it again: it
	/// was sent before. Only a block that has it shows that it is won.
	Already(
		/// To find it again.
		Receipt,
	),
	/// It is not taken.
	Refused(
		/// Why.
		Refusal,
	),
}

/// A win that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
	/// The hash of its transaction.
	pub transaction: Hash,
	/// The best block when it was sent.
	pub sent_at: BlockNumber,
}

/// What became of a win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// It is in a block of the best chain, and counts there.
	InBlock {
		/// Its height.
		number: BlockNumber,
		/// Its hash.
		hash: Hash,
		/// Its slot.
		slot: Slot,
	},
	/// It is in a block, and does not count: the runtime refused it there.
	Failed {
		/// The block's height.
		number: BlockNumber,
		/// The pallet's error, and what it means.
		why: String,
	},
	/// It is in no block up to a slot.
	NotUntil {
		/// The slot of the last block that was looked into.
		slot: Slot,
	},
}
