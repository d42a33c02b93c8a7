//! Why a task was missed, in words that a person can act on.

use crate::types::{TaskKey, Tick};
use core::fmt;

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
	/// Nobody gave program or input.
	NoInput,
	/// It did not end in time.
	Slow,
	/// The machine was needed for something else.
	Busy,
	/// The disk failed, or has no room.
	Disk,
	/// This machine cannot run units as they have to be run.
	Unable,
	/// The answer could not be made durable, and was not sent.
	NotKept,
	/// What was answered is not known any more, so that it cannot be revealed.
	Lost,
	/// The node was not reached while it mattered.
	NodeLost,
	/// It was sent, and came into no block in time.
	NotIncluded,
	/// The chain refused it.
	Refused,
	/// There was no time left when it was seen.
	Late,
}

/// The names of all reasons, for a metric's label.
pub const REASONS: [&str; 11] = [
	"no-input",
	"slow",
	"busy",
	"disk",
	"unable",
	"not-kept",
	"lost",
	"node-lost",
	"not-included",
	"refused",
	"late",
];

impl Why {
	/// Its place in [`REASONS`].
	pub const fn index(self) -> usize {
		match self {
			Self::NoInput => 0,
			Self::Slow => 1,
			Self::Busy => 2,
			Self::Disk => 3,
			Self::Unable => 4,
			Self::NotKept => 5,
			Self::Lost => 6,
			Self::NodeLost => 7,
			Self::NotIncluded => 8,
			Self::Refused => 9,
			Self::Late => 10,
		}
	}
}

impl fmt::Display for Why {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::NoInput => {
				"nobody gave program or input; see whether this machine's way out works: if it does, its owner is away"
			}
			Self::Slow => "it took longer than this machine has proven that it needs; offer fewer slots",
			Self::Busy => "the machine was needed for something else; offer fewer slots, or set work.when to always",
			Self::Disk => "the disk failed, or has no room; look at the disk of work.folder",
			Self::Unable => "this machine cannot confine units; `smart-agent doctor` says what is missing",
			Self::NotKept => "the answer could not be written to the journal; see to the disk of the data folder",
			Self::Lost => "what was answered is not in the journal; look at the disk of the data folder",
			Self::NodeLost => "the node was not reached; see whether it runs, or name a second one",
			Self::NotIncluded => "it was sent and came into no block; see whether the node has peers and is in sync",
			Self::Refused => "the chain refused it; look at this program's log",
			Self::Late => "it was seen too late; see whether the node is in sync and this program runs all the time",
		})
	}
}

/// A task that was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
	/// Which.
	pub key: TaskKey,
	/// The tick at which its time was over.
	pub until: Tick,
	/// Whether it was a reveal: that costs a part of the stake, as a wrong result does.
	pub reveal: bool,
	/// Why.
	pub why: Why,
}
