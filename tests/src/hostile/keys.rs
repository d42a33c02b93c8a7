//! What a voter's keys can be made to sign.

use super::shapes::{hash, Pushed};
use crate::rng::Rng;
use bft_finality_primitives::{SetId, SignedVote, Vote, VoterIndex, VoterPair};
use codec::Encode;
use poca_primitives::{seal_item, seal_of, seal_payload, AuthorityPair};
use sp_core::{Pair, H256};

/// Keeps readings of clocks apart from anything else that the same key might sign.
const CLOCK_DOMAIN: &[u8; 22] = b"SmartChain BFT time v1";

/// The session keys of a voter, and its place.
pub struct Keys {
	votes: VoterPair,
	seals: AuthorityPair,
	place: Option<(SetId, VoterIndex)>,
}

impl Keys {
	/// Those that derive from a seed; none if it is malformed.
	pub fn of(seed: &str) -> Option<Self> {
		Some(Self {
			votes: VoterPair::from_string(seed, None).ok()?,
			seals: AuthorityPair::from_string(seed, None).ok()?,
			place: None,
		})
	}

	/// Learns its place from a vote that it signed.
	pub fn learn(&mut self, genesis: &H256, vote: &SignedVote) {
		let place = (vote.vote.set_id, vote.voter);
		if self.place != Some(place) && vote.verify(genesis, &self.votes.public()) {
			self.place = Some(place);
		}
	}

	/// A vote with its signature, once the place is known.
	pub fn vote(&self, genesis: &H256, vote: Vote) -> Option<SignedVote> {
		let (set_id, voter) = self.place?;
		let vote = Vote { set_id, ..vote };
		Some(SignedVote {
			signature: self.votes.sign(&vote.payload(genesis)),
			vote,
			voter,
		})
	}

	/// A reading of its clock, once the place is known.
	pub fn clock(&self, genesis: &H256, slot: u64) -> Option<Vec<u8>> {
		let (set_id, voter) = self.place?;
		let signature = self.votes.sign(&(CLOCK_DOMAIN, genesis, set_id, slot).encode());
		Some((set_id, voter, slot, signature).encode())
	}

	/// A block beside one that it sealed, with another state; none beside another's.
	pub fn sibling(&self, genesis: &H256, (header, body): &Pushed, random: &mut Rng) -> Option<Pushed> {
		let seal = seal_of(header).ok()?;
		let mut header = header.clone();
		header.digest.pop();
		if !AuthorityPair::verify(&seal, seal_payload(genesis, &header.hash()), &self.seals.public()) {
			return None;
		}
		header.state_root = hash(random);
		let seal = self.seals.sign(&seal_payload(genesis, &header.hash()));
		header.digest.push(seal_item(&seal));
		Some((header, body.clone()))
	}
}
