#![doc = include_str!("../README.md")]

use bft_finality_primitives::{
	Cast, Certificate, Phase, SetId, SignedVote, Target, Vote, VoterId, VoterIndex, VoterPair,
};
use poca_primitives::{
	pre_digest_item, seal_item, seal_payload, AuthorIndex, AuthorityPair, FinalizedRef, PreDigest, Slot,
};
use sp_core::{Pair, H256};
use sp_runtime::{
	generic::{self, Digest},
	traits::{BlakeTwo256, Header as _},
};

/// The header of a block.
pub type Header = generic::Header<u32, BlakeTwo256>;

/// The authoring key of this number.
pub fn author(number: u8) -> AuthorityPair {
	AuthorityPair::from_seed(&[number; 32])
}

/// The voting key of this number.
pub fn voter(number: u8) -> VoterPair {
	VoterPair::from_seed(&[number; 32])
}

/// The public half of [`voter`].
pub fn voter_id(number: u8) -> VoterId {
	voter(number).public()
}

/// A pre-digest without a VRF output, whose author holds genesis final.
pub fn pre_digest(slot: impl Into<Slot>, author: AuthorIndex, genesis: H256) -> PreDigest<H256> {
	PreDigest {
		slot: slot.into(),
		author,
		full: false,
		vrf: None,
		finalized: FinalizedRef {
			number: 0,
			hash: genesis,
		},
	}
}

/// A header with this pre-digest and no seal; what makes it another than its siblings is its state root.
pub fn unsealed(number: u32, parent: H256, state_root: H256, pre_digest: &PreDigest<H256>) -> Header {
	let digest = Digest {
		logs: vec![pre_digest_item(pre_digest)],
	};
	Header::new(number, H256::zero(), state_root, parent, digest)
}

/// The header sealed by this key on the chain of `genesis`. Seals are randomized: each call makes another.
pub fn seal(mut header: Header, pair: &AuthorityPair, genesis: &H256) -> Header {
	let seal = pair.sign(&seal_payload(genesis, &header.hash()));
	header.digest_mut().push(seal_item(&seal));
	header
}

/// Block 1 by author 0 with the key `number`, in this slot, sealed; `block` tells siblings apart.
pub fn sealed(number: u8, slot: u64, block: u8, genesis: H256) -> Header {
	let header = unsealed(1, genesis, H256::repeat_byte(block), &pre_digest(slot, 0, genesis));
	seal(header, &author(number), &genesis)
}

/// A vote for a block of this slot and height; `block` tells siblings apart.
pub fn vote(set_id: SetId, phase: Phase, slot: u64, number: u32, block: u8) -> Vote {
	Vote {
		set_id,
		phase,
		relaxed: false,
		target: Target {
			slot,
			number,
			hash: H256::repeat_byte(block),
		},
		end: None,
	}
}

/// The vote signed with the key `key` by the voter of this place.
pub fn signed(vote: Vote, index: VoterIndex, key: u8, genesis: &H256) -> SignedVote {
	SignedVote {
		vote,
		voter: index,
		signature: voter(key).sign(&vote.payload(genesis)),
	}
}

/// The same as half of a proof.
pub fn cast(vote: Vote, key: u8, genesis: &H256) -> Cast {
	Cast {
		vote,
		signature: voter(key).sign(&vote.payload(genesis)),
	}
}

/// A certificate of `voters`, signed by the first `signers`; the voter of place `i` has the key `i + 1`.
pub fn certificate(vote: Vote, voters: usize, signers: u8, genesis: &H256) -> Certificate {
	let signatures = (0..signers)
		.map(|place| {
			(
				place.into(),
				voter(place.saturating_add(1)).sign(&vote.payload(genesis)),
			)
		})
		.collect();
	Certificate::new(vote, voters, signatures)
}
