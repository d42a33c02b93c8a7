//! The words of the protocol: blocks, votes, certificates, voter sets.

use std::{collections::BTreeMap, fmt::Debug, hash::Hash as StdHash};

/// What the core needs of a block hash.
pub trait BlockHash: Copy + Eq + Ord + StdHash + Debug {}
impl<T: Copy + Eq + Ord + StdHash + Debug> BlockHash for T {}

/// A slot number: unix time in milliseconds over the slot duration.
pub type Slot = u64;
/// A voter's place in its set.
pub type VoterIndex = u16;
/// Which voter set; it only grows.
pub type SetId = u64;

/// A block, by what votes name of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockRef<H> {
	/// The slot it was authored in.
	pub slot: Slot,
	/// Its height.
	pub number: u64,
	/// Its hash.
	pub hash: H,
}

/// A block as it is handed to the core, after its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<H> {
	/// The block itself.
	pub block: BlockRef<H>,
	/// Its parent's hash.
	pub parent: H,
	/// Whether the director of the slot signed it (and not its standby).
	pub primary: bool,
	/// Whether it changes the voters: the voter set ends with it, and what descends from it is for the next one.
	pub ends_set: bool,
}

/// The two phases in which a block is voted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
	/// First phase: "this block, on this chain".
	Prevote,
	/// Second phase: "its prevotes are a quorum; I am locked on it".
	Commit,
}

/// What a voter signs (beside the domain and the genesis, which the edge adds).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Vote<H> {
	/// The set in which the voter votes.
	pub set_id: SetId,
	/// First or second phase.
	pub phase: Phase,
	/// Cast under the 51% rule: it counts for the end of the set alone, with other votes of this kind.
	pub relaxed: bool,
	/// The block.
	pub block: BlockRef<H>,
	/// The block that ends the set, if `block` lies beyond it: it is what such a vote is for, and all that it counts
	/// for.
	pub end: Option<BlockRef<H>>,
}

impl<H: Copy> Vote<H> {
	/// What such votes are for: the end of the set that they name, else their block.
	pub fn decides(&self) -> BlockRef<H> {
		self.end.unwrap_or(self.block)
	}
}

/// A vote with its signature, which the edge has verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedVote<H, S> {
	/// The vote.
	pub vote: Vote<H>,
	/// Who cast it.
	pub voter: VoterIndex,
	/// Its signature, opaque to the core.
	pub signature: S,
}

/// At least a quorum of signatures under one vote; a relaxed quorum if the vote is relaxed. The edge has verified
/// each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate<H, S> {
	/// The vote that all of them signed.
	pub vote: Vote<H>,
	/// Signatures by voter.
	pub signatures: BTreeMap<VoterIndex, S>,
}

/// The durable part of a voter: written before a vote that it covers leaves the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoterState<H> {
	/// The last block prevoted.
	pub last_prevote: BlockRef<H>,
	/// The highest slot of an own prevote that is not on `last_prevote`'s chain ("ob"); 0 if there is none.
	pub other_branch_slot: Slot,
	/// The block of the last Commit.
	pub lock: BlockRef<H>,
}

impl<H: BlockHash> VoterState<H> {
	/// The state of a voter in a set that starts at this block.
	pub fn fresh(start: BlockRef<H>) -> Self {
		Self {
			last_prevote: start,
			other_branch_slot: 0,
			lock: start,
		}
	}

	/// The state of a voter whose file is new or reset: what it signed before, in slots up to the horizon, nobody
	/// remembers.
	pub fn forgetful(start: BlockRef<H>, horizon: Slot) -> Self {
		Self::fresh(start).forgetting(horizon)
	}

	/// The same state if anything may have been signed up to the horizon. The last prevote is taken for one of a
	/// block that is not known, in the slot of the horizon: such a block extends nothing, nothing extends it, and
	/// nothing at or below it is voted on again.
	#[must_use]
	pub fn forgetting(self, horizon: Slot) -> Self {
		let slot = self.last_prevote.slot.max(horizon);
		Self {
			last_prevote: BlockRef {
				slot,
				..self.last_prevote
			},
			other_branch_slot: self.other_branch_slot.max(horizon),
			..self
		}
	}
}

/// How many of `voters` make a quorum: `n - floor(n / 3)`, so that two quorums share an honest voter while fewer than a
/// third are Byzantine.
pub const fn quorum(voters: usize) -> usize {
	voters - voters / 3
}

/// `named` as the relaxed quorum of this number of voters. It has to be more than half of them, so that two relaxed
/// quorums share a voter, and fewer than a quorum, else it is of no use: with any other number the 51% rule is off.
pub(crate) fn relaxed_quorum(voters: usize, named: Option<VoterIndex>) -> Option<usize> {
	named
		.map(usize::from)
		.filter(|named| *named > voters / 2 && *named < quorum(voters))
}
