#![doc = include_str!("../README.md")]

use bft_finality_primitives::{
	BlockRef, Cast, Certificate, Phase, SetId, SignedVote, Vote, VoteEquivocation, VoterId, VoterIndex, VoterPair,
};
use poca_primitives::{
	pre_digest_item, seal_item, seal_payload, AuthorIndex, AuthorityId, AuthorityPair, BlockEquivocation, FinalizedRef,
	PreDigest, Schedule, Slot, SlotDuration, VRF_VERSION,
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

/// The schedule of these directors in era 0, as this chain has it: turns of twelve slots of half a second. Their seats
/// have no standby signers.
pub fn schedule(directors: Vec<AuthorityId>) -> Schedule {
	Schedule {
		slot_duration: SlotDuration::from_millis(500),
		turn_length: 12,
		missed_slots: 2,
		standby_line: 3,
		vrf_version: VRF_VERSION,
		era_length: 1_200,
		era: 0,
		directors,
		standby_signers: Vec::new(),
		randomness: [0; 32],
		turn_holder: None,
	}
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

/// A header by author 0 in this slot, without a seal; genesis has no author either.
pub fn header(number: u32, parent: H256, slot: u64, genesis: H256) -> Header {
	let mut header = unsealed(number, parent, H256::zero(), &pre_digest(slot, 0, genesis));
	if number == 0 {
		header.digest = Digest::default();
	}
	header
}

/// The header sealed by this key on the chain of `genesis`. Seals are randomized: each call makes another.
pub fn seal(mut header: Header, pair: &AuthorityPair, genesis: &H256) -> Header {
	let seal = pair.sign(&seal_payload(genesis, &header.hash()));
	header.digest_mut().push(seal_item(&seal));
	header
}

/// Block 1 by author 0 with the key `number`, in this slot, sealed; `block` tells siblings apart.
pub fn sealed(number: u8, slot: u64, block: u8, genesis: H256) -> Header {
	sealed_by(&author(number), slot, block, genesis)
}

/// The same with this key.
fn sealed_by(pair: &AuthorityPair, slot: u64, block: u8, genesis: H256) -> Header {
	let header = unsealed(1, genesis, H256::repeat_byte(block), &pre_digest(slot, 0, genesis));
	seal(header, pair, &genesis)
}

/// Two blocks that one author sealed in a slot.
pub fn two_blocks(pair: &AuthorityPair, slot: u64, genesis: H256) -> BlockEquivocation<Header> {
	BlockEquivocation {
		author: pair.public(),
		first: sealed_by(pair, slot, 1, genesis),
		second: sealed_by(pair, slot, 2, genesis),
	}
}

/// A vote for a block of this slot and height; `block` tells siblings apart.
pub fn vote(set_id: SetId, phase: Phase, slot: u64, number: u32, block: u8) -> Vote {
	let hash = H256::repeat_byte(block);
	vote_for(set_id, phase, BlockRef { slot, number, hash })
}

/// A vote for this block.
pub fn vote_for(set_id: SetId, phase: Phase, block: BlockRef) -> Vote {
	Vote {
		set_id,
		phase,
		relaxed: false,
		target: block,
		end: None,
	}
}

/// The vote signed with the key `key` by the voter of this place.
pub fn signed(vote: Vote, index: VoterIndex, key: u8, genesis: &H256) -> SignedVote {
	signed_by(vote, index, &voter(key), genesis)
}

/// The same with this key.
pub fn signed_by(vote: Vote, index: VoterIndex, pair: &VoterPair, genesis: &H256) -> SignedVote {
	SignedVote {
		vote,
		voter: index,
		signature: pair.sign(&vote.payload(genesis)),
	}
}

/// The same as half of a proof.
pub fn cast(vote: Vote, key: u8, genesis: &H256) -> Cast {
	cast_by(vote, &voter(key), genesis)
}

fn cast_by(vote: Vote, pair: &VoterPair, genesis: &H256) -> Cast {
	Cast {
		vote,
		signature: pair.sign(&vote.payload(genesis)),
	}
}

/// Two votes of set 0 that one voter cast in a phase and slot.
pub fn two_votes(pair: &VoterPair, phase: Phase, slot: u64, genesis: &H256) -> VoteEquivocation {
	let cast = |block| cast_by(vote(0, phase, slot, 1, block), pair, genesis);
	VoteEquivocation {
		voter: pair.public(),
		first: cast(1),
		second: cast(2),
	}
}

/// A certificate of `voters`, signed by the first `signers`; the voter of place `i` has the key `i + 1`.
pub fn certificate(vote: Vote, voters: usize, signers: u8, genesis: &H256) -> Certificate {
	let pairs = (0..signers).map(|place| (place.into(), voter(place.saturating_add(1))));
	certificate_by(vote, voters, pairs, genesis)
}

/// A certificate of `voters`, signed by those of these places with these keys.
pub fn certificate_by(
	vote: Vote,
	voters: usize,
	pairs: impl IntoIterator<Item = (VoterIndex, VoterPair)>,
	genesis: &H256,
) -> Certificate {
	let payload = vote.payload(genesis);
	let signatures = pairs.into_iter().map(|(place, pair)| (place, pair.sign(&payload)));
	Certificate::new(vote, voters, signatures.collect())
}
