//! What nodes tell each other of finality: the messages, and which of them are worth passing on.

use crate::LOG_TARGET;
use bft_finality_primitives::{Certificate, CertificateError, Phase, SetId, SignedVote, VoterSet};
use codec::{Decode, DecodeAll, Encode};
use schnellru::{ByLength, LruMap};
use sp_core::H256;
use sp_runtime::traits::{BlakeTwo256, Hash};

/// The largest message: a certificate of the largest voter set, and some room.
pub(crate) const MAX_MESSAGE_BYTES: u64 = 512 * 1024;
/// The largest request.
pub(crate) const MAX_REQUEST_BYTES: u64 = 1024;
/// How many messages are remembered as seen.
const REMEMBERED: u32 = 16 * 1024;
/// How many slots ahead of the clock a vote may be.
const MAX_SLOTS_AHEAD: u64 = 2;

/// A message, by version. What a later version adds, this one fails to decode and drops.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Message {
	/// Version 1.
	#[codec(index = 1)]
	V1(MessageV1),
}

/// A message of version 1.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum MessageV1 {
	/// A vote.
	#[codec(index = 0)]
	Vote(SignedVote),
	/// A certificate of either phase.
	#[codec(index = 1)]
	Certificate(Certificate),
}

/// A request for certificates, by version.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Request {
	/// To a node of the same voter set: the newest certificates, and that of the first justified block at or above a height. To
	/// one of an earlier set: the certificates of the changes that it lacks, the earliest first.
	#[codec(index = 1)]
	V1 {
		/// The asking node's voter set.
		set_id: SetId,
		/// The height from which on it lacks finality.
		from: u32,
	},
}

/// The answer, by version.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Response {
	/// At most [`MAX_CERTIFICATES`] certificates.
	#[codec(index = 1)]
	V1(Vec<Certificate>),
}

/// No honest answer has more certificates. Of the largest voter set they take half a megabyte.
pub(crate) const MAX_CERTIFICATES: usize = 8;

impl Message {
	/// The bytes on the wire.
	pub fn vote(vote: SignedVote) -> Vec<u8> {
		Self::V1(MessageV1::Vote(vote)).encode()
	}

	/// The bytes on the wire.
	pub fn certificate(certificate: Certificate) -> Vec<u8> {
		Self::V1(MessageV1::Certificate(certificate)).encode()
	}
}

/// Why a message is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drop {
	/// Seen before.
	Known,
	/// Does not decode.
	Undecodable,
	/// Of another set.
	OtherSet(SetId),
	/// Of a slot that is final or that lies ahead.
	OutOfWindow,
	/// Not a vote of this set's voters, or a certificate that proves nothing.
	False,
}

impl Drop {
	/// For the metrics.
	pub fn label(self) -> &'static str {
		match self {
			Drop::Known => "known",
			Drop::Undecodable => "undecodable",
			Drop::OtherSet(_) => "other set",
			Drop::OutOfWindow => "out of window",
			Drop::False => "false",
		}
	}
}

/// What is final and what time it is, as far as it decides which messages matter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
	/// The slot of the highest final block.
	pub finalized: u64,
	/// The clock's.
	pub now: u64,
}

/// Decides which messages are new, true and of use.
pub(crate) struct Filter {
	genesis: H256,
	set: VoterSet,
	seen: LruMap<H256, ()>,
}

impl Filter {
	pub fn new(genesis: H256, set: VoterSet) -> Self {
		Self {
			genesis,
			set,
			seen: LruMap::new(ByLength::new(REMEMBERED)),
		}
	}

	/// The set that messages are judged by.
	pub fn set(&self) -> &VoterSet {
		&self.set
	}

	/// Notes a message of one's own, so that it is known when it comes back.
	pub fn note(&mut self, bytes: &[u8]) {
		self.seen.insert(BlakeTwo256::hash(bytes), ());
	}

	/// Judges the bytes of a message. Cheap checks come first; a signature is looked at once.
	pub fn accept(&mut self, bytes: &[u8], window: Window) -> Result<MessageV1, Drop> {
		let id = BlakeTwo256::hash(bytes);
		if self.seen.get(&id).is_some() {
			return Err(Drop::Known);
		}
		let Ok(Message::V1(message)) = Message::decode_all(&mut &bytes[..]) else {
			return Err(Drop::Undecodable);
		};
		match &message {
			MessageV1::Vote(vote) => self.check_vote(vote, window)?,
			MessageV1::Certificate(certificate) => self.check_certificate(certificate, window)?,
		}
		self.seen.insert(id, ());
		Ok(message)
	}

	fn check_vote(&self, vote: &SignedVote, window: Window) -> Result<(), Drop> {
		let slot = vote.vote.target.slot;
		let ahead = slot > window.now.saturating_add(MAX_SLOTS_AHEAD);
		if vote.vote.set_id != self.set.set_id {
			return Err(Drop::OtherSet(vote.vote.set_id));
		}
		if slot <= window.finalized || ahead || vote.vote.relaxed {
			return Err(Drop::OutOfWindow);
		}
		if !vote.vote.is_sound() {
			return Err(Drop::False);
		}
		if self.is_true(vote) {
			Ok(())
		} else {
			Err(Drop::False)
		}
	}

	fn is_true(&self, vote: &SignedVote) -> bool {
		self.set
			.voters
			.get(usize::from(vote.voter))
			.is_some_and(|voter| vote.verify(&self.genesis, voter))
	}

	/// The vote in these bytes, where there is one and a voter of the set signed it, however old it is.
	pub fn true_vote(&self, bytes: &[u8]) -> Option<SignedVote> {
		match Message::decode_all(&mut &bytes[..]) {
			Ok(Message::V1(MessageV1::Vote(vote))) if self.is_true(&vote) => Some(vote),
			_ => None,
		}
	}

	/// Whether a certificate is true and says something new.
	pub fn check_certificate(&self, certificate: &Certificate, window: Window) -> Result<(), Drop> {
		if certificate.vote.set_id != self.set.set_id {
			return Err(Drop::OtherSet(certificate.vote.set_id));
		}
		if certificate.vote.target.slot <= window.finalized {
			return Err(Drop::OutOfWindow);
		}
		certificate
			.verify(&self.genesis, &self.set)
			.map_err(|error| match error {
				CertificateError::OtherSet { named, .. } => Drop::OtherSet(named),
				CertificateError::Relaxed => Drop::OutOfWindow,
				error => {
					log::debug!(target: LOG_TARGET, "a certificate on {:?} proves nothing: {error}", certificate.vote.target);
					Drop::False
				}
			})
	}
}

/// Where votes on the wire are logged, at level trace.
pub(crate) const VOTES_TARGET: &str = "votes";

/// One machine-readable line for each vote on the wire, for those who watch it.
pub(crate) fn trace_vote(vote: &SignedVote, from: &dyn std::fmt::Display) {
	log::trace!(
		target: VOTES_TARGET,
		"vote set={} phase={} slot={} number={} hash={:?} voter={} from={from}",
		vote.vote.set_id,
		match vote.vote.phase {
			Phase::Prevote => "prevote",
			Phase::Commit => "commit",
		},
		vote.vote.target.slot,
		vote.vote.target.number,
		vote.vote.target.hash,
		vote.voter,
	);
}

#[cfg(test)]
mod tests {
	use super::*;
	use bft_finality_primitives::{Target, Vote, VoterPair};
	use proptest::prelude::*;
	use sp_core::Pair;

	const GENESIS: H256 = H256::repeat_byte(1);

	fn pairs() -> Vec<VoterPair> {
		(1..=4u8).map(|i| VoterPair::from_seed(&[i; 32])).collect()
	}

	fn filter() -> Filter {
		Filter::new(
			GENESIS,
			VoterSet {
				set_id: 3,
				voters: pairs().iter().map(|p| p.public()).collect(),
				relaxed_quorum: 0,
			},
		)
	}

	fn vote(slot: u64, voter: u16) -> SignedVote {
		let target = Target {
			slot,
			number: 9,
			hash: H256::repeat_byte(8),
		};
		let vote = Vote {
			set_id: 3,
			phase: Phase::Prevote,
			relaxed: false,
			target,
			end: None,
		};
		SignedVote {
			signature: pairs()[usize::from(voter)].sign(&vote.payload(&GENESIS)),
			voter,
			vote,
		}
	}

	const WINDOW: Window = Window {
		finalized: 100,
		now: 110,
	};

	#[test]
	fn a_true_vote_is_taken_once() {
		let mut filter = filter();
		let bytes = Message::vote(vote(105, 2));
		assert_eq!(filter.accept(&bytes, WINDOW), Ok(MessageV1::Vote(vote(105, 2))));
		assert_eq!(filter.accept(&bytes, WINDOW), Err(Drop::Known));
	}

	#[test]
	fn stale_early_foreign_and_false_votes_are_dropped() {
		let mut filter = filter();
		let mut drop = |vote: SignedVote| filter.accept(&Message::vote(vote), WINDOW);
		assert_eq!(drop(vote(100, 0)), Err(Drop::OutOfWindow));
		assert_eq!(drop(vote(113, 0)), Err(Drop::OutOfWindow));
		let mut of_other_set = vote(105, 0);
		of_other_set.vote.set_id = 4;
		assert_eq!(drop(of_other_set), Err(Drop::OtherSet(4)));
		let mut end_above = vote(105, 0);
		end_above.vote.end = Some(end_above.vote.target);
		end_above.signature = pairs()[0].sign(&end_above.vote.payload(&GENESIS));
		assert_eq!(drop(end_above), Err(Drop::False));
		let mut forged = vote(105, 0);
		forged.voter = 1;
		assert_eq!(drop(forged), Err(Drop::False));
		let mut stranger = vote(105, 0);
		stranger.voter = 77;
		assert_eq!(drop(stranger), Err(Drop::False));
	}

	#[test]
	fn a_false_message_does_not_hide_a_true_one() {
		let mut filter = filter();
		let mut forged = vote(105, 0);
		forged.voter = 1;
		assert_eq!(filter.accept(&Message::vote(forged), WINDOW), Err(Drop::False));
		assert!(filter.accept(&Message::vote(vote(105, 1)), WINDOW).is_ok());
	}

	proptest! {
		#[test]
		fn damaged_bytes_are_never_taken(at in any::<prop::sample::Index>(), flip in 1u8..) {
			let mut bytes = Message::vote(vote(105, 0));
			let at = at.index(bytes.len());
			bytes[at] ^= flip;
			prop_assert!(filter().accept(&bytes, WINDOW).is_err());
		}

		#[test]
		fn random_bytes_are_never_taken(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
			prop_assert!(filter().accept(&bytes, WINDOW).is_err());
			let _ = Request::decode_all(&mut &bytes[..]);
			let _ = Response::decode_all(&mut &bytes[..]);
		}
	}
}
