//! What a hostile peer says.

use crate::{rng::Rng, rpc::Header};
use bft_finality_primitives::{Certificate, Phase, SignedVote, Target, Vote, VoterIndex, VoterSignature};
use codec::{Compact, DecodeAll, Encode};
use sp_core::H256;
use sp_runtime::OpaqueExtrinsic;
use std::{
	collections::{BTreeMap, VecDeque},
	time::UNIX_EPOCH,
};

/// How many true votes and blocks are remembered.
const REMEMBERED: usize = 64;
/// Milliseconds of a slot.
const SLOT_MS: u128 = 500;
/// The first byte of a message and of a request: its version.
const VERSION: u8 = 1;
/// The second byte of a message.
const VOTE: u8 = 0;
const CERTIFICATE: u8 = 1;
/// Of so many true certificates one is false.
const FALSE_ONE_IN: u64 = 200;

/// A kind of harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attack {
	/// Votes for invented blocks, with signatures that nobody made.
	InventedVotes,
	/// True votes of before, over and over.
	OldVotes,
	/// All certificates that can be put together from true votes, and now and then one whose signatures are permuted.
	Certificates,
	/// True headers with bodies of other blocks.
	ForeignBodies,
	/// Headers whose parent nobody has.
	Orphans,
	/// Bytes that mean nothing, on every protocol.
	Rubbish,
	/// Requests for certificates of any set and height.
	Requests,
	/// Nothing: it does not even read.
	ReadNothing,
}

impl Attack {
	/// All of them.
	pub const ALL: [Self; 8] = [
		Self::InventedVotes,
		Self::OldVotes,
		Self::Certificates,
		Self::ForeignBodies,
		Self::Orphans,
		Self::Rubbish,
		Self::Requests,
		Self::ReadNothing,
	];
}

/// One thing to say.
pub enum Word {
	/// On the protocol of votes.
	Vote(Vec<u8>),
	/// On the protocol of blocks.
	Block(Vec<u8>),
	/// As a request for certificates.
	Request(Vec<u8>),
}

/// A block as it is pushed.
type Pushed = (Header, Vec<OpaqueExtrinsic>);

/// What a node has told.
pub struct Heard {
	voters: usize,
	votes: VecDeque<SignedVote>,
	blocks: VecDeque<Pushed>,
}

impl Heard {
	/// Nothing yet, of a set of so many voters.
	pub fn new(voters: usize) -> Self {
		Self {
			voters,
			votes: VecDeque::new(),
			blocks: VecDeque::new(),
		}
	}

	/// Takes in a message of the protocol of votes.
	pub fn vote(&mut self, bytes: &[u8]) {
		let Some(mut rest) = bytes.strip_prefix(&[VERSION, VOTE]) else {
			return;
		};
		if let Ok(vote) = SignedVote::decode_all(&mut rest) {
			remember(&mut self.votes, vote);
		}
	}

	/// Takes in a pushed block.
	pub fn block(&mut self, bytes: &[u8]) {
		let Some(mut rest) = bytes.strip_prefix(&[VERSION]) else {
			return;
		};
		if let Ok(block) = Pushed::decode_all(&mut rest) {
			remember(&mut self.blocks, block);
		}
	}

	/// Something to say; `None` if too little was heard for it.
	pub fn word(&self, attack: Attack, random: &mut Rng) -> Option<Word> {
		Some(match attack {
			Attack::InventedVotes => Word::Vote(self.invented_vote(random)),
			Attack::OldVotes => Word::Vote((VERSION, VOTE, any(&self.votes, random)?).encode()),
			Attack::Certificates => Word::Vote((VERSION, CERTIFICATE, self.certificate(random)?).encode()),
			Attack::ForeignBodies => {
				let ((header, own), (_, body)) = (any(&self.blocks, random)?, any(&self.blocks, random)?);
				// A body of one more than its own is none of another block's, either.
				let body = if own == body {
					[&body[..], &body[..]].concat()
				} else {
					body.clone()
				};
				Word::Block((VERSION, header, body).encode())
			}
			Attack::Orphans => {
				let (mut header, body) = any(&self.blocks, random)?.clone();
				header.parent_hash = hash(random);
				header.number += 1;
				Word::Block((VERSION, header, body).encode())
			}
			Attack::Rubbish => {
				let length = 1 + random.below(2_000) as usize;
				let mut bytes = random.bytes(length);
				// Half of it is of the right version, and promises a great many of what follows.
				if random.below(2) == 0 {
					bytes.splice(..0, (VERSION, CERTIFICATE, Compact(u32::MAX)).encode());
				}
				match random.below(8) {
					0 => Word::Request(bytes),
					1..=4 => Word::Vote(bytes),
					_ => Word::Block(bytes),
				}
			}
			Attack::Requests => Word::Request((VERSION, random.below(4), random.below(1 << 32) as u32).encode()),
			Attack::ReadNothing => return None,
		})
	}

	fn invented_vote(&self, random: &mut Rng) -> Vec<u8> {
		let now = UNIX_EPOCH.elapsed().map_or(0, |now| now.as_millis() / SLOT_MS) as u64;
		let vote = Vote {
			set_id: 0,
			phase: if random.below(2) == 0 {
				Phase::Prevote
			} else {
				Phase::Commit
			},
			relaxed: false,
			target: Target {
				slot: now,
				number: random.below(1_000) as u32,
				hash: hash(random),
			},
			end: None,
		};
		let voter = random.below(self.voters as u64) as VoterIndex;
		// A signature is its 64 bytes.
		(VERSION, VOTE, vote, voter, hash(random), hash(random)).encode()
	}

	/// A quorum of the votes for one block, any of those that there are.
	fn certificate(&self, random: &mut Rng) -> Option<Certificate> {
		let vote = any(&self.votes, random)?.vote;
		let mut signatures: BTreeMap<VoterIndex, VoterSignature> = self
			.votes
			.iter()
			.filter(|signed| signed.vote == vote)
			.map(|signed| (signed.voter, signed.signature.clone()))
			.collect();
		let quorum = self.voters - self.voters / 3;
		while signatures.len() > quorum {
			let any = random.below(self.voters as u64) as VoterIndex;
			signatures.remove(&any);
		}
		let is_quorum = signatures.len() == quorum;
		let mut certificate = Certificate::new(vote, self.voters, signatures);
		if random.below(FALSE_ONE_IN) == 0 {
			certificate.signatures.reverse();
		}
		is_quorum.then_some(certificate)
	}
}

fn remember<T>(kept: &mut VecDeque<T>, new: T) {
	if kept.len() == REMEMBERED {
		kept.pop_front();
	}
	kept.push_back(new);
}

fn any<'a, T>(kept: &'a VecDeque<T>, random: &mut Rng) -> Option<&'a T> {
	let count = u64::try_from(kept.len()).ok().filter(|count| *count > 0)?;
	kept.get(random.below(count) as usize)
}

fn hash(random: &mut Rng) -> H256 {
	H256::from_slice(&random.bytes(32))
}

#[cfg(test)]
mod tests {
	use super::*;
	use bft_finality_primitives::{VoterPair, VoterSet};
	use sp_core::Pair;

	#[test]
	fn certificates_are_put_together_from_what_was_heard() {
		let pairs: Vec<_> = (1..=4u8).map(|seed| VoterPair::from_seed(&[seed; 32])).collect();
		let genesis = H256::zero();
		let vote = Vote {
			set_id: 0,
			phase: Phase::Commit,
			relaxed: false,
			target: Target {
				slot: 9,
				number: 3,
				hash: H256::repeat_byte(3),
			},
			end: None,
		};
		let mut heard = Heard::new(4);
		for (voter, pair) in pairs.iter().enumerate() {
			let signed = SignedVote {
				vote,
				voter: voter as VoterIndex,
				signature: pair.sign(&vote.payload(&genesis)),
			};
			heard.vote(&(VERSION, VOTE, signed).encode());
		}
		let set = VoterSet {
			set_id: 0,
			voters: pairs.iter().map(Pair::public).collect(),
			relaxed_quorum: 0,
		};
		let mut random = Rng::new(1);
		let mut different = std::collections::BTreeSet::new();
		let mut sound = 0;
		// Enough that some are false.
		let rounds = 8 * FALSE_ONE_IN;
		for _ in 0..rounds {
			let certificate = heard.certificate(&mut random).expect("all votes were heard");
			sound += u64::from(certificate.verify(&genesis, &set).is_ok());
			different.insert(certificate.encode());
		}
		assert!(
			different.len() >= 4 && sound > rounds / 2 && sound < rounds,
			"{} {sound}",
			different.len()
		);
	}

	#[test]
	fn nothing_is_said_before_something_was_heard() {
		let (heard, mut random) = (Heard::new(4), Rng::new(1));
		for attack in [
			Attack::OldVotes,
			Attack::Certificates,
			Attack::ForeignBodies,
			Attack::Orphans,
		] {
			assert!(heard.word(attack, &mut random).is_none(), "{attack:?}");
		}
		assert!(matches!(
			heard.word(Attack::InventedVotes, &mut random),
			Some(Word::Vote(_))
		));
	}
}
