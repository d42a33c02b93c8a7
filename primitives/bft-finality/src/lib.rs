#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod certificate;
mod change;
mod equivocation;
mod light;
mod vote;

pub use certificate::{Certificate, CertificateError, MAX_VOTERS};
pub use change::{scheduled_change, ChangeError, ConsensusLog};
pub use equivocation::{Cast, VoteEquivocation, VoteEquivocationError};
pub use light::{LightClient, LightError};
pub use vote::{BlockRef, Phase, SignedVote, Vote};

use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use sp_runtime::{ConsensusEngineId, KeyTypeId};

/// The engine id of justifications.
pub const BFT_ENGINE_ID: ConsensusEngineId = *b"PBFT";

/// The key type of the keys that vote.
pub const KEY_TYPE: KeyTypeId = KeyTypeId(*b"pbft");

/// The ed25519 keys that vote.
pub mod app {
	use sp_application_crypto::{app_crypto, ed25519};
	app_crypto!(ed25519, crate::KEY_TYPE);
}

/// The public key of a voter.
pub type VoterId = app::Public;
/// The signature under a vote.
pub type VoterSignature = app::Signature;
/// The key pair of a voter.
#[cfg(feature = "std")]
pub type VoterPair = app::Pair;

/// Which voter set; it only grows.
pub type SetId = u64;
/// A voter's place in its set.
pub type VoterIndex = u16;

/// A voter set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct VoterSet {
	/// Its id.
	pub set_id: SetId,
	/// Its voters, in the order that bitmaps use.
	pub voters: Vec<VoterId>,
	/// How many relaxed votes end this set, if more than half of its voters and fewer than a quorum are named. Any
	/// other number switches the 51% rule off: read it by [`VoterSet::relaxed_quorum`].
	pub relaxed_quorum: VoterIndex,
}

impl VoterSet {
	/// How many voters finalize: `n - floor(n / 3)`.
	pub fn quorum(&self) -> usize {
		quorum(self.voters.len())
	}

	/// How many relaxed votes make a certificate; `None` if the 51% rule is off, and no number of them does.
	pub fn relaxed_quorum(&self) -> Option<usize> {
		let named = usize::from(self.relaxed_quorum);
		let more_than_half = named > self.voters.len() / 2;
		(more_than_half && named < self.quorum()).then_some(named)
	}

	/// The place of a key in the set.
	pub fn index_of(&self, voter: &VoterId) -> Option<VoterIndex> {
		self.voters
			.iter()
			.position(|v| v == voter)
			.and_then(|i| VoterIndex::try_from(i).ok())
	}
}

/// How many of `voters` make a quorum: `n - floor(n / 3)` (21: 14, 7: 5, 4: 3), so that two quorums share an honest
/// voter while fewer than a third are Byzantine.
pub const fn quorum(voters: usize) -> usize {
	voters.saturating_sub(voters / 3)
}

/// The margin over half of the voters that a chain starts with, unless its genesis says otherwise.
pub const DEFAULT_RELAXED_MARGIN: u32 = 2;

/// How many of `voters` make a relaxed quorum: `floor(n / 2) + margin`, and never more than a quorum, at which the 51%
/// rule is off. Without a margin it is off too. A margin of 0 counts as 1: with half of the voters two sides of a
/// partition could both change the set.
///
/// While the rule is in force a set of n bears `2r - n - 1` Byzantine voters, and `n - r` that are gone.
pub const fn relaxed_quorum(voters: usize, margin: Option<u32>) -> usize {
	let quorum = quorum(voters);
	let Some(margin) = margin else { return quorum };
	let margin = if margin == 0 { 1 } else { margin as usize };
	let relaxed = (voters / 2).saturating_add(margin);
	if relaxed < quorum {
		relaxed
	} else {
		quorum
	}
}
