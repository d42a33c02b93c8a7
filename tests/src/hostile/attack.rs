//! The kinds of harm, and where each of them is done.

use serde::{Deserialize, Serialize};

/// A protocol that a node takes words on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
	/// Announcements of blocks; opening it makes a peer.
	Announces,
	/// Votes, certificates and clocks.
	Votes,
	/// Pushed blocks.
	Blocks,
	/// Transactions.
	Transactions,
	/// Requests for certificates.
	Certificates,
	/// Requests for blocks.
	Sync,
	/// Requests for state.
	State,
	/// Requests for proofs of all changes of voters.
	Warp,
	/// Requests of light clients, for calls and for storage. No node answers them.
	Light,
	/// The table of all nodes.
	Discovery,
}

impl Protocol {
	/// Those on which something is said, without an answer.
	pub const SAID: [Self; 4] = [Self::Announces, Self::Votes, Self::Blocks, Self::Transactions];
	/// Those on which something is asked.
	pub const ASKED: [Self; 5] = [Self::Certificates, Self::Sync, Self::State, Self::Warp, Self::Light];

	/// What its name on the wire ends with.
	pub const fn suffix(self) -> &'static str {
		match self {
			Self::Announces => "/block-announces/1",
			Self::Votes => "/poca/votes/2",
			Self::Blocks => "/poca/blocks/2",
			Self::Transactions => "/transactions/1",
			Self::Certificates => "/poca/certificates/1",
			Self::Sync => "/sync/2",
			Self::State => "/state/2",
			Self::Warp => "/sync/warp",
			Self::Light => "/light/2",
			Self::Discovery => "/kad",
		}
	}
}

/// A kind of harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Attack {
	/// Votes for invented blocks, with signatures that nobody made.
	InventedVotes,
	/// True votes of before, over and over.
	OldVotes,
	/// Votes of voter sets that are not there.
	VotesOfOtherSets,
	/// Readings of clocks, with signatures that nobody made.
	InventedClocks,
	/// All certificates that can be put together from true votes, and now and then one whose signatures are permuted.
	Certificates,
	/// True headers with bodies of other blocks.
	ForeignBodies,
	/// True headers with bodies as large as a message may be.
	LargeBodies,
	/// Headers whose parent nobody has.
	Orphans,
	/// Announcements of invented blocks.
	Announcements,
	/// Transactions whose signatures nobody made.
	Transactions,
	/// Bytes that mean nothing, on every protocol.
	Rubbish,
	/// Requests for certificates of any set and height.
	CertificateRequests,
	/// Requests for as many blocks as an answer holds, from any height.
	BlockRequests,
	/// Requests for the whole state, from any key on.
	StateRequests,
	/// Requests for proofs of all changes, from any block on.
	WarpRequests,
	/// Calls into the runtime, and reads of its code, with proofs.
	LightRequests,
	/// Look-ups of nodes, and records to keep.
	Discovery,
	/// Questions for receipts of what it was sent, and receipts that nobody asked for.
	Receipts,
	/// Nothing: it does not even read.
	ReadNothing,
	/// Two and more votes of a voter in each slot and phase.
	ConflictingVotes,
	/// Votes of a voter for invented blocks in all slots that are looked at.
	DistinctVotes,
	/// Any number of blocks that an author seals for each of its slots.
	Siblings,
	/// True readings of a voter's clock, one for each slot that is looked at.
	OwnClocks,
}

impl Attack {
	/// What anybody can do.
	pub const WITHOUT_KEYS: [Self; 19] = [
		Self::InventedVotes,
		Self::OldVotes,
		Self::VotesOfOtherSets,
		Self::InventedClocks,
		Self::Certificates,
		Self::ForeignBodies,
		Self::LargeBodies,
		Self::Orphans,
		Self::Announcements,
		Self::Transactions,
		Self::Rubbish,
		Self::CertificateRequests,
		Self::BlockRequests,
		Self::StateRequests,
		Self::WarpRequests,
		Self::LightRequests,
		Self::Discovery,
		Self::Receipts,
		Self::ReadNothing,
	];
	/// What takes a voter's keys.
	pub const WITH_KEYS: [Self; 4] = [
		Self::ConflictingVotes,
		Self::DistinctVotes,
		Self::Siblings,
		Self::OwnClocks,
	];

	/// The kind of this name; none if there is none.
	pub fn of(name: &str) -> Option<Self> {
		let all = Self::WITHOUT_KEYS.into_iter().chain(Self::WITH_KEYS);
		all.into_iter().find(|attack| format!("{attack:?}") == name)
	}

	/// Where it is done; none if on several or no protocols.
	pub const fn protocol(self) -> Option<Protocol> {
		Some(match self {
			Self::InventedVotes
			| Self::OldVotes
			| Self::VotesOfOtherSets
			| Self::InventedClocks
			| Self::Certificates
			| Self::Receipts
			| Self::ConflictingVotes
			| Self::DistinctVotes
			| Self::OwnClocks => Protocol::Votes,
			Self::ForeignBodies | Self::LargeBodies | Self::Orphans | Self::Siblings => Protocol::Blocks,
			Self::Announcements => Protocol::Announces,
			Self::Transactions => Protocol::Transactions,
			Self::CertificateRequests => Protocol::Certificates,
			Self::BlockRequests => Protocol::Sync,
			Self::StateRequests => Protocol::State,
			Self::WarpRequests => Protocol::Warp,
			Self::LightRequests => Protocol::Light,
			Self::Discovery => Protocol::Discovery,
			Self::Rubbish | Self::ReadNothing => return None,
		})
	}

	/// As what a node's metrics count the messages that it drops of these: the protocol, and any of the reasons. None
	/// if the node does not count them itself.
	pub const fn dropped_as(self) -> Option<(&'static str, &'static [&'static str])> {
		Some(match self {
			Self::InventedVotes | Self::InventedClocks => ("votes", &["false"]),
			Self::OldVotes => ("votes", &["out_of_window", "flood"]),
			Self::VotesOfOtherSets => ("votes", &["other_set"]),
			Self::Certificates => ("votes", &["known", "too_many", "unwanted"]),
			Self::ForeignBodies | Self::LargeBodies => ("blocks", &["other_body", "flood"]),
			Self::Orphans => ("blocks", &["bad_orphan", "too_many_orphans"]),
			Self::Rubbish => ("votes", &["undecodable"]),
			Self::Receipts => ("votes", &["questions"]),
			Self::CertificateRequests => ("certificates", &["flood"]),
			Self::Transactions => ("transactions", &["over_budget"]),
			Self::BlockRequests => ("block_requests", &["too_many"]),
			Self::StateRequests => ("state_requests", &["too_many"]),
			Self::WarpRequests => ("warp_requests", &["too_many"]),
			Self::ConflictingVotes | Self::DistinctVotes => ("votes", &["third_vote"]),
			// The first of a slot are taken, as anybody's proof against the author.
			Self::Siblings => ("blocks", &["sibling", "flood"]),
			_ => return None,
		})
	}
}
