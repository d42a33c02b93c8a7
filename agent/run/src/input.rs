//! What the edge of the machine is told, by those who ask, work and write.

use super::jobs::Done;
use proof_lottery_primitives::{DeviceProofs, OpenRound};
use smart_agent_chain::{AccountId, Device, Head, KeyUse, LinkState, Receipt};
use smart_agent_store::Listed;
use smartchain_provider::{Key, Outcome};

/// What happens.
pub(super) enum Input {
	/// The chain tells something.
	Chain(News),
	/// A job is done.
	Done(Done),
	/// News of an answer.
	Sent(Sent),
	/// The journal tells something.
	Written(Written),
	/// The store was listed, or could not be; and whether it grows.
	Listed(Result<Vec<Listed>, String>, bool),
}

/// What the chain tells.
pub(super) enum News {
	/// The best block, the rounds that are open there, and the blocks that are of the best chain no more.
	Head {
		head: Head,
		rounds: Vec<OpenRound>,
		abandoned: Vec<[u8; 32]>,
	},
	/// The best block is of a slot that lies far ahead, and these blocks are of the best chain no more.
	Future(Vec<[u8; 32]>),
	/// What it knows of the device, in a slot.
	Device {
		at: u64,
		proofs: Option<Box<DeviceProofs<AccountId>>>,
	},
	/// What is registered; of a device that is not, what its key was used for.
	Registered(Option<Box<Device>>, Option<KeyUse>),
	/// A block is final.
	Final(u32),
	/// A node is reached, or not.
	Link(LinkState),
	/// A question had no answer.
	Silent(String),
	/// Nothing comes any more.
	Ended,
}

/// News of an answer; with a receipt and the block if one has it.
pub(super) struct Sent {
	pub key: Key,
	pub outcome: Outcome,
	pub block: Option<(u32, [u8; 32], Receipt)>,
	/// In words, for the log.
	pub why: Option<String>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Written {
	/// Whether this answer is durable, or nobody knows.
	Kept {
		/// Which.
		key: Key,
		/// Whether it is.
		durable: bool,
	},
	/// It should be written anew, with all that is remembered.
	Due,
	/// It was.
	Anew(
		/// What went wrong, if it did.
		Option<String>,
	),
}
