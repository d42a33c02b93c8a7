//! What a hostile peer says on the node's own protocols.

use super::{
	attack::{Attack, Protocol},
	keys::Keys,
	shapes::{hash, Pushed},
	stock, Orders,
};
use crate::rng::Rng;
use bft_finality_primitives::{BlockRef, Certificate, Phase, SetId, SignedVote, Vote, VoterIndex, VoterSignature};
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
const CLOCK: u8 = 2;
/// The first byte of a question for a receipt, and of a receipt. The same eight follow both.
const ASK: u8 = 254;
const RECEIPT: u8 = 255;
/// A body that the largest message still holds.
const LARGE: usize = 5 * 1024 * 1024;
/// Of so many true certificates one is false.
const FALSE_ONE_IN: u64 = 200;
/// Of so many questions for a receipt one is a receipt that nobody asked for.
const RECEIPT_ONE_IN: u64 = 1000;

/// One thing to say, and where.
pub struct Word {
	/// The protocol.
	pub protocol: Protocol,
	/// What is said.
	pub bytes: Vec<u8>,
}

/// The receipt that a node asks for, if these bytes do.
pub fn receipt(asked: &[u8]) -> Option<Vec<u8>> {
	let token = asked.strip_prefix(&[ASK])?;
	(token.len() == 8).then(|| [&[RECEIPT][..], token].concat())
}

/// What a node has told.
pub struct Heard {
	genesis: H256,
	voters: usize,
	/// A transaction whose signature is replaced.
	transaction: Vec<u8>,
	keys: Option<Keys>,
	votes: VecDeque<SignedVote>,
	blocks: VecDeque<Pushed>,
}

impl Heard {
	/// Nothing yet.
	pub fn new(orders: &Orders) -> Self {
		Self {
			genesis: orders.genesis,
			voters: orders.voters,
			transaction: orders.transaction.clone(),
			keys: orders.voter.as_deref().and_then(Keys::of),
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
			if let Some(keys) = &mut self.keys {
				keys.learn(&self.genesis, &vote);
			}
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
		let block = any(&self.blocks, random);
		let bytes = match attack {
			Attack::InventedVotes => self.invented_vote(0, random),
			Attack::VotesOfOtherSets => self.invented_vote(1 + random.below(4), random),
			Attack::InventedClocks => self.invented_clock(random),
			Attack::OldVotes => (VERSION, VOTE, any(&self.votes, random)?).encode(),
			Attack::Certificates => (VERSION, CERTIFICATE, self.certificate(random)?).encode(),
			Attack::ForeignBodies => self.foreign_body(random)?,
			Attack::LargeBodies => {
				let junk = OpaqueExtrinsic::from_blob(vec![random.below(256) as u8; LARGE]);
				(VERSION, &block?.0, vec![junk]).encode()
			}
			Attack::Orphans => {
				let (mut header, body) = block?.clone();
				header.parent_hash = hash(random);
				header.number += 1;
				(VERSION, header, body).encode()
			}
			Attack::Rubbish => return Some(rubbish(random)),
			Attack::CertificateRequests => (VERSION, random.below(4), random.below(1 << 32) as u32).encode(),
			Attack::Announcements => stock::announcement(&block?.0, random),
			Attack::Transactions => stock::transactions(&self.transaction, random)?,
			Attack::BlockRequests => stock::block_request(block.map_or(1, |(header, _)| header.number), random),
			Attack::StateRequests => stock::state_request(self.block_or_genesis(random), random),
			Attack::WarpRequests => self.block_or_genesis(random).encode(),
			Attack::LightRequests => stock::light_request(self.block_or_genesis(random), random),
			Attack::Discovery => {
				let length = 1 + random.below(60_000) as usize;
				random.bytes(32).into_iter().cycle().take(length).collect()
			}
			Attack::ConflictingVotes => {
				let heard = self.votes.back()?.vote;
				let vote = Vote {
					target: BlockRef {
						hash: hash(random),
						..heard.target
					},
					..heard
				};
				self.signed(vote)?
			}
			Attack::DistinctVotes => self.signed(invented(0, slot_now() + random.below(3), random))?,
			Attack::Siblings => {
				let (header, body) = self.keys.as_ref()?.sibling(&self.genesis, block?, random)?;
				(VERSION, header, body).encode()
			}
			Attack::OwnClocks => {
				let slot = (slot_now() + random.below(9)).saturating_sub(4);
				let reading = self.keys.as_ref()?.clock(&self.genesis, slot)?;
				[&[VERSION, CLOCK][..], &reading].concat()
			}
			Attack::Receipts => {
				let kind = if random.below(RECEIPT_ONE_IN) == 0 {
					RECEIPT
				} else {
					ASK
				};
				(kind, random.next_u64()).encode()
			}
			Attack::ReadNothing => return None,
		};
		let protocol = attack.protocol()?;
		Some(Word { protocol, bytes })
	}

	fn signed(&self, vote: Vote) -> Option<Vec<u8>> {
		let signed = self.keys.as_ref()?.vote(&self.genesis, vote)?;
		Some((VERSION, VOTE, signed).encode())
	}

	/// A block whose state a node may have.
	fn block_or_genesis(&self, random: &mut Rng) -> H256 {
		any(&self.blocks, random).map_or(self.genesis, |(header, _)| header.hash())
	}

	fn foreign_body(&self, random: &mut Rng) -> Option<Vec<u8>> {
		let ((header, own), (_, body)) = (any(&self.blocks, random)?, any(&self.blocks, random)?);
		// A body of one more than its own is none of another block's, either.
		let body = if own == body {
			[&body[..], &body[..]].concat()
		} else {
			body.clone()
		};
		Some((VERSION, header, body).encode())
	}

	fn invented_clock(&self, random: &mut Rng) -> Vec<u8> {
		let voter = random.below(self.voters as u64) as VoterIndex;
		(VERSION, CLOCK, 0u64, voter, slot_now(), hash(random), hash(random)).encode()
	}

	fn invented_vote(&self, set_id: SetId, random: &mut Rng) -> Vec<u8> {
		let voter = random.below(self.voters as u64) as VoterIndex;
		let vote = invented(set_id, slot_now(), random);
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

/// The slot that it is by this machine's clock.
fn slot_now() -> u64 {
	UNIX_EPOCH.elapsed().map_or(0, |now| now.as_millis() / SLOT_MS) as u64
}

/// A vote for a block that nobody made.
fn invented(set_id: SetId, slot: u64, random: &mut Rng) -> Vote {
	let phase = if random.below(2) == 0 {
		Phase::Prevote
	} else {
		Phase::Commit
	};
	let target = BlockRef {
		slot,
		number: random.below(1_000) as u32,
		hash: hash(random),
	};
	Vote {
		set_id,
		phase,
		relaxed: false,
		target,
		end: None,
	}
}

/// Bytes that mean nothing, on any protocol.
fn rubbish(random: &mut Rng) -> Word {
	let length = 1 + random.below(2_000) as usize;
	let mut bytes = random.bytes(length);
	// Half of it is of the right version, and promises a great many of what follows.
	if random.below(2) == 0 {
		bytes.splice(..0, (VERSION, CERTIFICATE, Compact(u32::MAX)).encode());
	}
	let protocols = [&Protocol::SAID[..], &Protocol::ASKED[..]].concat();
	let protocol = protocols[random.below(protocols.len() as u64) as usize];
	Word { protocol, bytes }
}

/// Several hear the same: it is remembered once.
fn remember<T: PartialEq>(kept: &mut VecDeque<T>, new: T) {
	if kept.contains(&new) {
		return;
	}
	if kept.len() == REMEMBERED {
		kept.pop_front();
	}
	kept.push_back(new);
}

fn any<'a, T>(kept: &'a VecDeque<T>, random: &mut Rng) -> Option<&'a T> {
	let count = u64::try_from(kept.len()).ok().filter(|count| *count > 0)?;
	kept.get(random.below(count) as usize)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::rpc::Header;
	use bft_finality_primitives::{VoterPair, VoterSet};
	use poca_primitives::{seal_item, seal_payload, AuthorityPair};
	use sp_core::Pair;
	use sp_runtime::{traits::Header as _, Digest};

	fn heard(voter: Option<&str>) -> Heard {
		Heard::new(&Orders {
			voters: 4,
			voter: voter.map(Into::into),
			..Orders::default()
		})
	}

	#[test]
	fn certificates_are_put_together_from_what_was_heard() {
		let pairs: Vec<_> = (1..=4u8).map(|seed| VoterPair::from_seed(&[seed; 32])).collect();
		let genesis = H256::zero();
		let vote = Vote {
			set_id: 0,
			phase: Phase::Commit,
			relaxed: false,
			target: BlockRef {
				slot: 9,
				number: 3,
				hash: H256::repeat_byte(3),
			},
			end: None,
		};
		let mut heard = heard(None);
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

	/// A vote and a block of the holder of these keys.
	fn told(heard: &mut Heard, seed: &str) {
		let votes = VoterPair::from_string(seed, None).expect("a well-formed seed");
		let vote = invented(0, slot_now(), &mut Rng::new(1));
		let signature = votes.sign(&vote.payload(&heard.genesis));
		heard.vote(
			&(
				VERSION,
				VOTE,
				SignedVote {
					vote,
					voter: 3,
					signature,
				},
			)
				.encode(),
		);
		let seals = AuthorityPair::from_string(seed, None).expect("a well-formed seed");
		let (state, parent) = (H256::repeat_byte(1), H256::repeat_byte(2));
		let mut header = Header::new(7, H256::zero(), state, parent, Digest::default());
		let seal = seals.sign(&seal_payload(&heard.genesis, &header.hash()));
		header.digest.push(seal_item(&seal));
		heard.block(&(VERSION, header, Vec::<OpaqueExtrinsic>::new()).encode());
	}

	#[test]
	fn every_attack_finds_words_in_a_vote_and_a_block() {
		let mut random = Rng::new(1);
		let (seed, others) = ("//Dave", "//Bob");
		let mut heard = heard(Some(seed));
		// A certificate takes a quorum of one voter's votes.
		heard.voters = 1;
		heard.transaction = [&[0x19, 0x02][..], &[7; 134]].concat();
		told(&mut heard, others);
		for attack in Attack::WITH_KEYS {
			assert!(
				heard.word(attack, &mut random).is_none(),
				"{attack:?} with another's words"
			);
		}
		told(&mut heard, seed);
		for attack in Attack::WITHOUT_KEYS.into_iter().chain(Attack::WITH_KEYS) {
			let said = (0..64).find_map(|_| heard.word(attack, &mut random));
			assert_eq!(said.is_some(), attack != Attack::ReadNothing, "{attack:?}");
		}
	}

	#[test]
	fn nothing_is_said_before_something_was_heard() {
		let (heard, mut random) = (heard(None), Rng::new(1));
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
			Some(Word {
				protocol: Protocol::Votes,
				..
			})
		));
	}
}
