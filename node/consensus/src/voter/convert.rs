//! Between the words of the core and those on the wire.

use bft_finality_primitives::{BlockRef, Certificate, Phase, SignedVote, Vote, VoterSignature};
use smartchain_bft as bft;
use sp_core::H256;

pub(crate) fn to_ref(target: BlockRef) -> bft::BlockRef<H256> {
	bft::BlockRef {
		slot: target.slot,
		number: target.number.into(),
		hash: target.hash,
	}
}

pub(crate) fn to_target(block: bft::BlockRef<H256>) -> BlockRef {
	// Heights come from headers, whose numbers are 32 bits wide.
	BlockRef {
		slot: block.slot,
		number: u32::try_from(block.number).unwrap_or(u32::MAX),
		hash: block.hash,
	}
}

pub(crate) fn to_core_vote(vote: &SignedVote) -> bft::SignedVote<H256, VoterSignature> {
	bft::SignedVote {
		vote: to_core(&vote.vote),
		voter: vote.voter,
		signature: vote.signature.clone(),
	}
}

pub(crate) fn to_vote(vote: &bft::SignedVote<H256, VoterSignature>) -> SignedVote {
	SignedVote {
		vote: to_primitive_vote(&vote.vote),
		voter: vote.voter,
		signature: vote.signature.clone(),
	}
}

pub(crate) fn to_core(vote: &Vote) -> bft::Vote<H256> {
	let phase = match vote.phase {
		Phase::Prevote => bft::Phase::Prevote,
		Phase::Commit => bft::Phase::Commit,
	};
	bft::Vote {
		set_id: vote.set_id,
		phase,
		relaxed: vote.relaxed,
		block: to_ref(vote.target),
		end: vote.end.map(to_ref),
	}
}

pub(crate) fn to_primitive_vote(vote: &bft::Vote<H256>) -> Vote {
	let phase = match vote.phase {
		bft::Phase::Prevote => Phase::Prevote,
		bft::Phase::Commit => Phase::Commit,
	};
	Vote {
		set_id: vote.set_id,
		phase,
		relaxed: vote.relaxed,
		target: to_target(vote.block),
		end: vote.end.map(to_target),
	}
}

pub(crate) fn to_core_certificate(certificate: &Certificate) -> bft::Certificate<H256, VoterSignature> {
	bft::Certificate {
		vote: to_core(&certificate.vote),
		signatures: certificate.signatures_by_voter(),
	}
}

/// A certificate of a set of this many voters.
pub(crate) fn to_certificate(certificate: &bft::Certificate<H256, VoterSignature>, voters: usize) -> Certificate {
	Certificate::new(
		to_primitive_vote(&certificate.vote),
		voters,
		certificate.signatures.clone(),
	)
}
