//! What nodes tell each other of finality: the messages, and which of them are worth passing on.

use crate::chain::types::LOG_TARGET;
use bft_finality_primitives::{Certificate, CertificateError, Phase, SetId, SignedVote, Target, VoterSet};
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
	/// Cast under the 51% rule, in a set without it or for what is not known to end the set.
	Relaxed,
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
			Drop::Relaxed => "relaxed",
			Drop::False => "false",
		}
	}
}

/// What is known of a block that is said to end the voter set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
	/// It is not known here, or final already.
	Unknown,
	/// It ends the set.
	Yes,
	/// It does not.
	No,
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
	/// `end_of_set` says what is known of the block that a relaxed vote or certificate decides.
	pub fn accept(
		&mut self,
		bytes: &[u8],
		window: Window,
		end_of_set: impl Fn(&Target) -> End,
	) -> Result<MessageV1, Drop> {
		let id = BlakeTwo256::hash(bytes);
		if self.seen.get(&id).is_some() {
			return Err(Drop::Known);
		}
		let Ok(Message::V1(message)) = Message::decode_all(&mut &bytes[..]) else {
			return Err(Drop::Undecodable);
		};
		match &message {
			MessageV1::Vote(vote) => self.check_vote(vote, window, end_of_set)?,
			MessageV1::Certificate(certificate) => self.check_certificate(certificate, window, end_of_set)?,
		}
		self.seen.insert(id, ());
		Ok(message)
	}

	fn check_vote(&self, vote: &SignedVote, window: Window, end_of_set: impl Fn(&Target) -> End) -> Result<(), Drop> {
		let slot = vote.vote.target.slot;
		let ahead = slot > window.now.saturating_add(MAX_SLOTS_AHEAD);
		if vote.vote.set_id != self.set.set_id {
			return Err(Drop::OtherSet(vote.vote.set_id));
		}
		if slot <= window.finalized || ahead {
			return Err(Drop::OutOfWindow);
		}
		if !vote.vote.is_sound() {
			return Err(Drop::False);
		}
		// A relaxed vote is kept and passed on where the end that it decides is here and waits to become final. Until it is here the
		// vote is not missed: it is sent again each second. Where its sender is ahead or behind it is no offence.
		if vote.vote.relaxed && !(self.has_rule() && end_of_set(&vote.vote.decides()) == End::Yes) {
			return Err(Drop::Relaxed);
		}
		if self.is_true(vote) {
			Ok(())
		} else {
			Err(Drop::False)
		}
	}

	fn has_rule(&self) -> bool {
		self.set.relaxed_quorum().is_some()
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

	/// Whether a certificate is true and says something new. One of relaxed votes is taken as well where the end that it decides is
	/// not here yet: it is how a node that is behind learns what it lacks. The core uses it only once it has seen that end, and keeps no
	/// more than one that waits for it.
	pub fn check_certificate(
		&self,
		certificate: &Certificate,
		window: Window,
		end_of_set: impl Fn(&Target) -> End,
	) -> Result<(), Drop> {
		if certificate.vote.set_id != self.set.set_id {
			return Err(Drop::OtherSet(certificate.vote.set_id));
		}
		if certificate.vote.target.slot <= window.finalized {
			return Err(Drop::OutOfWindow);
		}
		certificate
			.verify_deciding(&self.genesis, &self.set, |decided| end_of_set(decided) != End::No)
			.map_err(|error| match error {
				CertificateError::OtherSet { named, .. } => Drop::OtherSet(named),
				CertificateError::Relaxed => Drop::Relaxed,
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
		"vote set={} phase={}{} slot={} number={} hash={:?} voter={} from={from}",
		vote.vote.set_id,
		match vote.vote.phase {
			Phase::Prevote => "prevote",
			Phase::Commit => "commit",
		},
		if vote.vote.relaxed { " relaxed=true" } else { "" },
		vote.vote.target.slot,
		vote.vote.target.number,
		vote.vote.target.hash,
		vote.voter,
	);
}

#[cfg(test)]
mod tests {
	use super::*;
	use bft_finality_primitives::{Vote, VoterPair};
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

	fn unknown(_: &Target) -> End {
		End::Unknown
	}

	/// A set of five, whose relaxed quorum is three, and relaxed votes of its voters beyond the end.
	fn under_the_rule(relaxed_quorum: u16) -> (Filter, impl Fn(u16) -> SignedVote) {
		let pairs: Vec<VoterPair> = (1..=5u8).map(|i| VoterPair::from_seed(&[i; 32])).collect();
		let set = VoterSet {
			set_id: 3,
			voters: pairs.iter().map(|pair| pair.public()).collect(),
			relaxed_quorum,
		};
		let end = Target {
			slot: 103,
			number: 8,
			hash: H256::repeat_byte(7),
		};
		let signed = move |voter: u16| {
			let vote = Vote {
				phase: Phase::Commit,
				relaxed: true,
				end: Some(end),
				..vote(105, 0).vote
			};
			SignedVote {
				signature: pairs[usize::from(voter)].sign(&vote.payload(&GENESIS)),
				voter,
				vote,
			}
		};
		(Filter::new(GENESIS, set), signed)
	}

	#[test]
	fn relaxed_votes_are_taken_where_what_they_decide_is_known_to_end_the_set() {
		let (mut filter, signed) = under_the_rule(3);
		let bytes = Message::vote(signed(1));
		for end in [End::Unknown, End::No] {
			assert_eq!(filter.accept(&bytes, WINDOW, |_| end), Err(Drop::Relaxed));
		}
		let decides = |block: &Target| if block.slot == 103 { End::Yes } else { End::No };
		assert!(
			filter.accept(&bytes, WINDOW, decides).is_ok(),
			"not lost by having come too early"
		);
		let mut forged = signed(1);
		forged.voter = 2;
		assert_eq!(filter.accept(&Message::vote(forged), WINDOW, decides), Err(Drop::False));
		for off in [0, 2, 4, 5] {
			let (mut filter, signed) = under_the_rule(off);
			let refused = filter.accept(&Message::vote(signed(1)), WINDOW, decides);
			assert_eq!(refused, Err(Drop::Relaxed), "{off} of five");
		}
	}

	#[test]
	fn relaxed_certificates_are_taken_unless_what_they_decide_ends_no_set() {
		let (filter, signed) = under_the_rule(3);
		let of = |voters: std::ops::Range<u16>| {
			let signatures = voters.map(|voter| (voter, signed(voter).signature)).collect();
			Certificate::new(signed(0).vote, 5, signatures)
		};
		let check = |certificate: &Certificate, end| filter.check_certificate(certificate, WINDOW, |_| end);
		assert_eq!(check(&of(1..4), End::Yes), Ok(()));
		assert_eq!(check(&of(1..4), End::Unknown), Ok(()));
		assert_eq!(check(&of(1..4), End::No), Err(Drop::Relaxed));
		assert_eq!(check(&of(1..3), End::Yes), Err(Drop::False));
		let (off, _) = under_the_rule(4);
		assert_eq!(
			off.check_certificate(&of(0..5), WINDOW, |_| End::Yes),
			Err(Drop::Relaxed)
		);
	}

	#[test]
	fn a_true_vote_is_taken_once() {
		let mut filter = filter();
		let bytes = Message::vote(vote(105, 2));
		assert_eq!(
			filter.accept(&bytes, WINDOW, unknown),
			Ok(MessageV1::Vote(vote(105, 2)))
		);
		assert_eq!(filter.accept(&bytes, WINDOW, unknown), Err(Drop::Known));
	}

	#[test]
	fn stale_early_foreign_and_false_votes_are_dropped() {
		let mut filter = filter();
		let mut drop = |vote: SignedVote| filter.accept(&Message::vote(vote), WINDOW, unknown);
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
		assert_eq!(filter.accept(&Message::vote(forged), WINDOW, unknown), Err(Drop::False));
		assert!(filter.accept(&Message::vote(vote(105, 1)), WINDOW, unknown).is_ok());
	}

	proptest! {
		#[test]
		fn damaged_bytes_are_never_taken(at in any::<prop::sample::Index>(), flip in 1u8..) {
			let mut bytes = Message::vote(vote(105, 0));
			let at = at.index(bytes.len());
			bytes[at] ^= flip;
			prop_assert!(filter().accept(&bytes, WINDOW, unknown).is_err());
		}

		#[test]
		fn random_bytes_are_never_taken(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
			prop_assert!(filter().accept(&bytes, WINDOW, unknown).is_err());
			let _ = Request::decode_all(&mut &bytes[..]);
			let _ = Response::decode_all(&mut &bytes[..]);
		}
	}
}
