//! Why a challenge was missed or a slot not confirmed, in words that a person can act on.

use crate::{
	events::Refusal,
	types::{SlotKey, Tick},
};
use core::fmt;

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
	/// The slot is not on this machine.
	NotHere,
	/// The slot has rotten where it was asked, and was not mended in time.
	Rotten,
	/// The disk could not be read in time.
	Disk,
	/// The answer could not be made durable, and was not sent.
	NotKept,
	/// The node was not reached while it mattered.
	NodeLost,
	/// It was sent, and came into no block in time.
	NotIncluded,
	/// The chain refused it.
	Refused(
		/// For this.
		Refusal,
	),
	/// There was no time left when it was seen.
	Late,
	/// The disk has no room for the slot.
	NoRoom,
	/// The owner did not upload all of it in time.
	NotUploaded,
	/// What was uploaded has not the root that the owner has committed.
	OtherRoot,
	/// The other slots of the deal did not suffice to build it.
	NotRepaired,
}

/// The names of all reasons, for a metric's label.
pub const REASONS: [&str; 12] = [
	"not-here",
	"rotten",
	"disk",
	"not-kept",
	"node-lost",
	"not-included",
	"refused",
	"late",
	"no-room",
	"not-uploaded",
	"other-root",
	"not-repaired",
];

impl Why {
	/// Its place in [`REASONS`].
	pub const fn index(self) -> usize {
		match self {
			Self::NotHere => 0,
			Self::Rotten => 1,
			Self::Disk => 2,
			Self::NotKept => 3,
			Self::NodeLost => 4,
			Self::NotIncluded => 5,
			Self::Refused(_) => 6,
			Self::Late => 7,
			Self::NoRoom => 8,
			Self::NotUploaded => 9,
			Self::OtherRoot => 10,
			Self::NotRepaired => 11,
		}
	}
}

impl fmt::Display for Why {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::NotHere => {
				"the slot is not on this machine; it is built anew if others of its deal give what they hold"
			}
			Self::Rotten => {
				"the disk has lost what was asked for; look at the disk: the rest is built anew from others"
			}
			Self::Disk => "the disk did not give it in time; look at the disk and at what else works there",
			Self::NotKept => "the answer could not be written to the journal; see to the disk of the data folder",
			Self::NodeLost => "the node was not reached; see whether it runs, or name a second one",
			Self::NotIncluded => "it was sent and came into no block; see whether the node has peers and is in sync",
			Self::Refused(Refusal::Payment) => "the owner's account lacks collateral; send STCI there",
			Self::Refused(Refusal::NotEntitled) => "the device may not do that now; `smart-agent device show` says why",
			Self::Refused(_) => "the chain refused it; look at this program's log",
			Self::Late => "it was seen too late; see whether the node is in sync and this program runs all the time",
			Self::NoRoom => "the disk has no room for what is offered; free some, or offer less",
			Self::NotUploaded => "its owner did not send all of it in time; see whether this machine is reached",
			Self::OtherRoot => "its owner sent something else than it has committed; there is nothing to be done",
			Self::NotRepaired => {
				"too few other slots of its deal could be fetched; see whether this machine's way out works"
			}
		})
	}
}

/// A challenge that was not answered, or a slot that was not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
	/// Which slot.
	pub key: SlotKey,
	/// The tick at which its time was over.
	pub until: Tick,
	/// Whether it was a challenge: what was earned since the last proof is lost, and the slot is a suspect.
	pub challenge: bool,
	/// Why.
	pub why: Why,
}
