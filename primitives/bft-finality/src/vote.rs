//! What a voter signs.

use crate::{SetId, VoterId, VoterIndex, VoterSignature};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;

/// Keeps votes apart from anything else that the same key might sign.
const DOMAIN: &[u8; 22] = b"SmartChain BFT vote v1";

/// The two phases in which a block is voted on.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Phase {
	/// First phase: this block, on this chain.
	#[codec(index = 0)]
	Prevote,
	/// Second phase: its prevotes are a quorum, and the voter is locked on it.
	#[codec(index = 1)]
	Commit,
}

/// The block that a vote names.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct BlockRef {
	/// The slot it was authored in.
	pub slot: u64,
	/// Its height.
	pub number: u32,
	/// Its hash.
	pub hash: H256,
}

/// A vote without its signature.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Vote {
	/// The set in which the voter votes.
	pub set_id: SetId,
	/// First or second phase.
	pub phase: Phase,
	/// Cast under the 51% rule; such votes count only towards a pending change of voters.
	pub relaxed: bool,
	/// The block.
	pub target: BlockRef,
	/// The block that ends the set, if `target` lies beyond it. A set has no say beyond its end, so that such a vote is
	/// for the end and counts for nothing else; and whoever sees a certificate knows what it makes final without a look
	/// at any header.
	pub end: Option<BlockRef>,
}

impl Vote {
	/// What a quorum of such Commits makes final, with its ancestors.
	pub fn decides(&self) -> BlockRef {
		self.end.unwrap_or(self.target)
	}

	/// Whether the end, if there is one, lies below the target. No other vote is one.
	pub fn is_sound(&self) -> bool {
		self.end
			.is_none_or(|end| end.slot < self.target.slot && end.number < self.target.number)
	}

	/// The bytes that are signed.
	pub fn payload(&self, genesis: &H256) -> Vec<u8> {
		(DOMAIN, genesis, self).encode()
	}
}

/// A vote with its signature.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SignedVote {
	/// The vote.
	pub vote: Vote,
	/// The place of its caster in the set.
	pub voter: VoterIndex,
	/// Its signature over [`Vote::payload`].
	pub signature: VoterSignature,
}

impl SignedVote {
	/// Whether `voter` signed this vote on the chain of `genesis`.
	pub fn verify(&self, genesis: &H256, voter: &VoterId) -> bool {
		voter.verify(&self.vote.payload(genesis), &self.signature)
	}
}
