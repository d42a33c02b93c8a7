//! What nodes tell each other of finality: the messages, and which of them are worth passing on.

use crate::net::limits::{Buckets, Rate, REMEMBERED_KEYS};
use bft_finality_primitives::{
	BlockRef, Certificate, CertificateError, Phase, SetId, SignedVote, Vote, VoterIndex, VoterSet, VoterSignature,
};
use codec::{Decode, DecodeAll, Encode};
use sc_network::PeerId;
use schnellru::{ByLength, LruMap};
use smartchain_bft::Want;
use smartchain_chain::{clock_guard::AGREEING_SLOTS, LOG_TARGET};
use smartchain_signing::clock_payload;
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;
use sp_runtime::traits::{BlakeTwo256, Hash};
use std::time::Instant;

/// The largest message: a certificate of the largest voter set, and some room.
pub(crate) const MAX_MESSAGE_BYTES: u64 = 512 * 1024;
/// The largest request.
pub(crate) const MAX_REQUEST_BYTES: u64 = 1024;
/// How many messages are remembered as seen.
const REMEMBERED: u32 = 16 * 1024;
/// How many slots ahead of the clock a vote or a certificate may be.
const MAX_SLOTS_AHEAD: u64 = 2;
/// How many votes of one voter are passed on: four a second are usual, eight under the 51% rule, and those of a few
/// slots at once after a pause. A dishonest voter has any number of slots to vote in, and each node passes on to all
/// others.
const PASSED_ON: Rate = Rate {
	a_second: 16,
	burst: 64,
};
/// How many certificates of one peer are verified: four a second are made, and what is sent to a node that is behind
/// comes at once. Of the signatures of one block any number of true certificates can be put together.
const VERIFIED: Rate = Rate { a_second: 8, burst: 16 };

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
	/// What a voter's clock shows.
	#[codec(index = 2)]
	Clock(ClockReading),
}

/// What a voter's clock shows, said by one that doubts it: a quorum that agrees is believed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ClockReading {
	/// The voter set.
	pub set_id: SetId,
	/// The voter's place in it.
	pub voter: VoterIndex,
	/// The slot that its clock is in.
	pub slot: u64,
	/// Its signature over that.
	pub signature: VoterSignature,
}

/// A request for certificates, by version.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Request {
	/// To a node of the same voter set: the newest certificates, and that of the first justified block at or above a
	/// height. To one of an earlier set: the certificates of the changes that it lacks, the earliest first.
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
	pub fn clock(reading: ClockReading) -> Vec<u8> {
		Self::V1(MessageV1::Clock(reading)).encode()
	}

	/// The bytes on the wire.
	pub fn certificate(certificate: Certificate) -> Vec<u8> {
		Self::V1(MessageV1::Certificate(certificate)).encode()
	}
}

/// Why a message is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
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
	/// A voter's third vote in a slot and phase, or one of a slot for which there is no room.
	ThirdVote,
	/// One more certificate than a peer may have verified.
	TooMany,
	/// A certificate that the core has no use for.
	Unwanted,
	/// Not a vote of this set's voters, or a certificate that proves nothing.
	False,
}

impl Refused {
	/// For the metrics.
	pub fn label(self) -> &'static str {
		match self {
			Refused::Known => "known",
			Refused::Undecodable => "undecodable",
			Refused::OtherSet(_) => "other_set",
			Refused::OutOfWindow => "out_of_window",
			Refused::Relaxed => "relaxed",
			Refused::ThirdVote => "third_vote",
			Refused::TooMany => "too_many",
			Refused::Unwanted => "unwanted",
			Refused::False => "false",
		}
	}

	/// Whether it counts towards the limit of whoever sent it. What is known comes from everybody.
	pub fn counts(self) -> bool {
		self != Refused::Known
	}
}

/// A message that is new, true and of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
	/// A vote.
	Vote {
		/// The vote.
		vote: SignedVote,
		/// Whether others are to have it from here.
		pass_on: bool,
	},
	/// A certificate. They are not passed on: everybody makes them from votes.
	Certificate(Certificate),
	/// What another voter's clock shows.
	Clock {
		/// The reading.
		reading: ClockReading,
		/// Whether others are to have it from here.
		pass_on: bool,
	},
}

/// What is known of a block that is said to end the voter set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KnownEnd {
	/// It is not known here, or final already.
	Unknown,
	/// It ends the set.
	Yes,
	/// It does not.
	No,
}

/// What is known here, as far as it decides whether a message is worth the look at its signatures.
pub(crate) trait Known {
	/// What is known of a block that relaxed votes decide.
	fn end_of_set(&self, decided: &BlockRef) -> KnownEnd;
	/// Whether a vote is news.
	fn wants_vote(&self, vote: &SignedVote) -> Want;
	/// Whether a quorum of votes like this one came through here.
	fn has_quorum(&self, vote: &Vote) -> bool;
	/// Whether a certificate is news.
	///
	/// # Errors
	/// Why it is not.
	fn wants_certificate(&self, certificate: &Certificate) -> Result<(), Refused>;
}

/// What is final and what time it is, as far as it decides which messages matter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
	/// The slot of the highest final block.
	pub finalized: u64,
	/// The clock's.
	pub now: u64,
}

impl Window {
	fn holds(&self, slot: u64) -> bool {
		slot > self.finalized && slot <= self.now.saturating_add(MAX_SLOTS_AHEAD)
	}
}

/// Decides which messages are new, true and of use. Cheap checks come first; signatures are looked at last, and once.
pub(crate) struct Filter {
	genesis: H256,
	set: VoterSet,
	seen: LruMap<H256, ()>,
	/// What each voter may have passed on.
	passed_on: Buckets<VoterIndex>,
	/// What each peer may have verified.
	verified: Buckets<PeerId>,
	/// The slot of each voter's last reading of its clock: one a slot is news.
	read: LruMap<VoterIndex, u64>,
}

impl Filter {
	pub fn new(genesis: H256, set: VoterSet) -> Self {
		Self {
			genesis,
			set,
			seen: LruMap::new(ByLength::new(REMEMBERED)),
			passed_on: Buckets::new(PASSED_ON),
			verified: Buckets::new(VERIFIED),
			read: LruMap::new(ByLength::new(REMEMBERED_KEYS)),
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

	/// Judges the bytes of a message of a peer.
	pub fn accept(
		&mut self,
		bytes: &[u8],
		from: PeerId,
		window: Window,
		known: &impl Known,
		now: Instant,
	) -> Result<Accepted, Refused> {
		let id = BlakeTwo256::hash(bytes);
		if self.seen.get(&id).is_some() {
			return Err(Refused::Known);
		}
		let Ok(Message::V1(message)) = Message::decode_all(&mut &bytes[..]) else {
			return Err(Refused::Undecodable);
		};
		let accepted = match message {
			MessageV1::Vote(vote) => {
				self.check_vote(&vote, window, known)?;
				// Votes beyond a quorum make nothing that others lack: this node has passed on a quorum of them.
				let pass_on = !known.has_quorum(&vote.vote) && self.passed_on.take(vote.voter, now);
				Accepted::Vote { vote, pass_on }
			}
			MessageV1::Certificate(certificate) => {
				self.check_news(&certificate, window, known)?;
				if !self.verified.take(from, now) {
					return Err(Refused::TooMany);
				}
				self.verify(&certificate, known)?;
				Accepted::Certificate(certificate)
			}
			MessageV1::Clock(reading) => {
				self.check_clock(&reading, window)?;
				let pass_on = self.passed_on.take(reading.voter, now);
				Accepted::Clock { reading, pass_on }
			}
		};
		self.seen.insert(id, ());
		Ok(accepted)
	}

	fn check_vote(&self, vote: &SignedVote, window: Window, known: &impl Known) -> Result<(), Refused> {
		if vote.vote.set_id != self.set.set_id {
			return Err(Refused::OtherSet(vote.vote.set_id));
		}
		if !window.holds(vote.vote.target.slot) {
			return Err(Refused::OutOfWindow);
		}
		if !vote.vote.is_sound() || usize::from(vote.voter) >= self.set.voters.len() {
			return Err(Refused::False);
		}
		// A relaxed vote is kept and passed on if the end that it decides is here and waits to become final. Until it
		// is here the vote is not missed: it is sent again each second. That its sender is ahead or behind is no
		// offence.
		if vote.vote.relaxed && !(self.has_rule() && known.end_of_set(&vote.vote.decides()) == KnownEnd::Yes) {
			return Err(Refused::Relaxed);
		}
		match known.wants_vote(vote) {
			Want::New | Want::Proof => (),
			Want::Known => return Err(Refused::Known),
			Want::Full => return Err(Refused::ThirdVote),
		}
		if self.is_true(vote) {
			Ok(())
		} else {
			Err(Refused::False)
		}
	}

	/// A reading that does not agree with this node's clock is of no use to it; others get it from others.
	fn check_clock(&mut self, reading: &ClockReading, window: Window) -> Result<(), Refused> {
		if reading.set_id != self.set.set_id {
			return Err(Refused::OtherSet(reading.set_id));
		}
		if reading.slot.abs_diff(window.now) > AGREEING_SLOTS {
			return Err(Refused::OutOfWindow);
		}
		// Of one reading a key can make any number of signatures. A clock that went back is heard as soon as the old
		// one is far away.
		let last = self.read.get(&reading.voter).copied();
		if last.is_some_and(|last| reading.slot <= last && last <= window.now.saturating_add(AGREEING_SLOTS)) {
			return Err(Refused::Known);
		}
		let payload = clock_payload(&self.genesis, reading.set_id, reading.slot);
		let voter = self.set.voters.get(usize::from(reading.voter));
		if voter.is_some_and(|voter| voter.verify(&payload, &reading.signature)) {
			self.read.insert(reading.voter, reading.slot);
			Ok(())
		} else {
			Err(Refused::False)
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

	/// The vote in these bytes, if there is one and a voter of the set signed it, however old it is.
	pub fn true_vote(&self, bytes: &[u8]) -> Option<SignedVote> {
		match Message::decode_all(&mut &bytes[..]) {
			Ok(Message::V1(MessageV1::Vote(vote))) if self.is_true(&vote) => Some(vote),
			_ => None,
		}
	}

	/// Whether a certificate that this node asked for, or that came with a block, is true and says something new. One
	/// of relaxed votes is taken as well if the end that it decides is not here yet: it is how a node that is behind
	/// learns what it lacks. The core uses it only once it has seen that end, and keeps no more than one that waits for
	/// it.
	pub fn check_certificate(
		&self,
		certificate: &Certificate,
		window: Window,
		known: &impl Known,
	) -> Result<(), Refused> {
		self.check_news(certificate, window, known)?;
		self.verify(certificate, known)
	}

	/// What can be said of a certificate without a look at its signatures.
	fn check_news(&self, certificate: &Certificate, window: Window, known: &impl Known) -> Result<(), Refused> {
		if certificate.vote.set_id != self.set.set_id {
			return Err(Refused::OtherSet(certificate.vote.set_id));
		}
		if !window.holds(certificate.vote.target.slot) {
			return Err(Refused::OutOfWindow);
		}
		known.wants_certificate(certificate)
	}

	fn verify(&self, certificate: &Certificate, known: &impl Known) -> Result<(), Refused> {
		certificate
			.verify_deciding(&self.genesis, &self.set, |decided| {
				known.end_of_set(decided) != KnownEnd::No
			})
			.map_err(|error| match error {
				CertificateError::OtherSet { named, .. } => Refused::OtherSet(named),
				CertificateError::Relaxed => Refused::Relaxed,
				error => {
					let block = certificate.vote.target;
					log::debug!(target: LOG_TARGET, "A certificate on {block:?} proves nothing: {error}");
					Refused::False
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
	use bft_finality_primitives::VoterPair;
	use proptest::prelude::*;
	use smartchain_testkit as testkit;
	use sp_core::Pair;
	use std::time::Duration;

	const GENESIS: H256 = H256::repeat_byte(1);

	fn pairs() -> Vec<VoterPair> {
		(1..=4).map(testkit::voter).collect()
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
		let target = BlockRef {
			slot,
			number: 9,
			hash: H256::repeat_byte(8),
		};
		let vote = testkit::vote_for(3, Phase::Prevote, target);
		testkit::signed_by(vote, voter, &pairs()[usize::from(voter)], &GENESIS)
	}

	const WINDOW: Window = Window {
		finalized: 100,
		now: 110,
	};

	/// What is known: of the end, and what the core would say of votes and certificates.
	#[derive(Clone, Copy)]
	struct Knows {
		end: fn(&BlockRef) -> KnownEnd,
		want: Want,
		certified: bool,
		news: Result<(), Refused>,
	}

	impl Known for Knows {
		fn end_of_set(&self, decided: &BlockRef) -> KnownEnd {
			(self.end)(decided)
		}
		fn wants_vote(&self, _: &SignedVote) -> Want {
			self.want
		}
		fn has_quorum(&self, _: &Vote) -> bool {
			self.certified
		}
		fn wants_certificate(&self, _: &Certificate) -> Result<(), Refused> {
			self.news
		}
	}

	const NOTHING: Knows = Knows {
		end: |_| KnownEnd::Unknown,
		want: Want::New,
		certified: false,
		news: Ok(()),
	};

	fn knows_end(end: fn(&BlockRef) -> KnownEnd) -> Knows {
		Knows { end, ..NOTHING }
	}

	/// One peer, and one moment.
	fn accept(filter: &mut Filter, bytes: &[u8], known: &Knows) -> Result<Accepted, Refused> {
		filter.accept(bytes, peer(), WINDOW, known, moment())
	}

	fn peer() -> PeerId {
		"12D3KooWRkGLz4YbVmrsWK75VjFTs8NvaBu42xhAmQaP4KeJpw1L"
			.parse()
			.expect("is one")
	}

	fn moment() -> Instant {
		static MOMENT: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
		*MOMENT
	}

	/// A set of five, whose relaxed quorum is three, and relaxed votes of its voters beyond the end.
	fn under_the_rule(relaxed_quorum: u16) -> (Filter, impl Fn(u16) -> SignedVote) {
		let pairs: Vec<VoterPair> = (1..=5).map(testkit::voter).collect();
		let set = VoterSet {
			set_id: 3,
			voters: pairs.iter().map(|pair| pair.public()).collect(),
			relaxed_quorum,
		};
		let end = BlockRef {
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
			testkit::signed_by(vote, voter, &pairs[usize::from(voter)], &GENESIS)
		};
		(Filter::new(GENESIS, set), signed)
	}

	#[test]
	fn relaxed_votes_are_taken_where_what_they_decide_is_known_to_end_the_set() {
		let (mut filter, signed) = under_the_rule(3);
		let bytes = Message::vote(signed(1));
		for known in [knows_end(|_| KnownEnd::Unknown), knows_end(|_| KnownEnd::No)] {
			assert_eq!(accept(&mut filter, &bytes, &known), Err(Refused::Relaxed));
		}
		let decides = knows_end(|block| if block.slot == 103 { KnownEnd::Yes } else { KnownEnd::No });
		assert!(
			accept(&mut filter, &bytes, &decides).is_ok(),
			"not lost by having come too early"
		);
		let mut forged = signed(1);
		forged.voter = 2;
		assert_eq!(
			accept(&mut filter, &Message::vote(forged), &decides),
			Err(Refused::False)
		);
		for off in [0, 2, 4, 5] {
			let (mut filter, signed) = under_the_rule(off);
			let refused = accept(&mut filter, &Message::vote(signed(1)), &decides);
			assert_eq!(refused, Err(Refused::Relaxed), "{off} of five");
		}
	}

	#[test]
	fn relaxed_certificates_are_taken_unless_what_they_decide_ends_no_set() {
		let (filter, signed) = under_the_rule(3);
		let of = |voters: std::ops::Range<u16>| {
			let signatures = voters.map(|voter| (voter, signed(voter).signature)).collect();
			Certificate::new(signed(0).vote, 5, signatures)
		};
		let yes = knows_end(|_| KnownEnd::Yes);
		let check = |certificate: &Certificate, known: &Knows| filter.check_certificate(certificate, WINDOW, known);
		assert_eq!(check(&of(1..4), &yes), Ok(()));
		assert_eq!(check(&of(1..4), &NOTHING), Ok(()));
		assert_eq!(check(&of(1..4), &knows_end(|_| KnownEnd::No)), Err(Refused::Relaxed));
		assert_eq!(check(&of(1..3), &yes), Err(Refused::False));
		let (off, _) = under_the_rule(4);
		assert_eq!(off.check_certificate(&of(0..5), WINDOW, &yes), Err(Refused::Relaxed));
	}

	#[test]
	fn a_true_vote_is_taken_once() {
		let mut filter = filter();
		let bytes = Message::vote(vote(105, 2));
		assert_eq!(
			accept(&mut filter, &bytes, &NOTHING),
			Ok(Accepted::Vote {
				vote: vote(105, 2),
				pass_on: true
			})
		);
		assert_eq!(accept(&mut filter, &bytes, &NOTHING), Err(Refused::Known));
	}

	/// Its signature is not even looked at: this one is false, and that goes unnoticed.
	#[test]
	fn a_third_vote_and_one_that_is_counted_are_dropped_unread() {
		let mut forged = vote(105, 0);
		forged.voter = 1;
		for (want, expected) in [
			(Want::Full, Refused::ThirdVote),
			(Want::Known, Refused::Known),
			(Want::New, Refused::False),
			(Want::Proof, Refused::False),
		] {
			let known = Knows { want, ..NOTHING };
			let refused = accept(&mut filter(), &Message::vote(forged.clone()), &known);
			assert_eq!(refused, Err(expected), "{want:?}");
		}
	}

	#[test]
	fn votes_beyond_a_quorum_are_taken_and_not_passed_on() {
		let certified = Knows {
			certified: true,
			..NOTHING
		};
		let bytes = Message::vote(vote(105, 2));
		let accepted = accept(&mut filter(), &bytes, &certified);
		assert!(matches!(accepted, Ok(Accepted::Vote { pass_on: false, .. })));
	}

	/// However many slots a voter votes in, and through however many peers.
	#[test]
	fn a_voter_has_no_more_passed_on_than_its_bucket_holds() {
		let mut filter = filter();
		let window = Window {
			finalized: 100,
			now: 10_000,
		};
		let mut passed_on = |slots: std::ops::Range<u64>, voter: u16, at: Instant| {
			slots
				.filter(|slot| {
					let bytes = Message::vote(vote(*slot, voter));
					let accepted = filter.accept(&bytes, PeerId::random(), window, &NOTHING, at);
					matches!(accepted.expect("is true"), Accepted::Vote { pass_on: true, .. })
				})
				.count()
		};
		assert_eq!(passed_on(101..301, 0, moment()), 64);
		assert_eq!(passed_on(101..121, 1, moment()), 20, "others have their own");
		assert_eq!(passed_on(301..401, 0, moment() + Duration::from_secs(1)), 16);
	}

	/// Of the n signatures of one block a peer makes any number of certificates, each true and each of other bytes.
	#[test]
	fn a_peer_has_no_more_certificates_verified_than_its_bucket_holds() {
		let mut filter = filter();
		let mut verified = |peer: PeerId, at: Instant| {
			(0..100u8)
				.filter(|n| {
					let mut forged = certificate(105);
					forged.vote.target.number = 1_000 + u32::from(*n);
					let bytes = Message::certificate(forged);
					// That it is false only a look at its signatures tells.
					filter.accept(&bytes, peer, WINDOW, &NOTHING, at) == Err(Refused::False)
				})
				.count()
		};
		let peer = PeerId::random();
		assert_eq!(verified(peer, moment()), 16);
		assert_eq!(verified(peer, moment() + Duration::from_secs(1)), 8);
		assert_eq!(verified(PeerId::random(), moment()), 16, "others have their own");
	}

	#[test]
	fn certificates_are_asked_for_news_before_their_signatures() {
		let mut forged = certificate(105);
		forged.vote.target.hash = H256::zero();
		let known = Knows {
			news: Err(Refused::Known),
			..NOTHING
		};
		let check = |certificate: &Certificate, known: &Knows| filter().check_certificate(certificate, WINDOW, known);
		assert_eq!(check(&forged, &known), Err(Refused::Known));
		assert_eq!(check(&forged, &NOTHING), Err(Refused::False));
		assert_eq!(check(&certificate(105), &NOTHING), Ok(()));
		for slot in [100, 113, u64::MAX] {
			forged.vote.target.slot = slot;
			assert_eq!(check(&forged, &NOTHING), Err(Refused::OutOfWindow), "{slot}");
		}
		assert_eq!(check(&certificate(112), &NOTHING), Ok(()));
	}

	#[test]
	fn readings_of_clocks_are_taken_if_they_agree_and_are_signed() {
		let reading = |slot: u64, voter: u16| ClockReading {
			set_id: 3,
			voter,
			slot,
			signature: pairs()[usize::from(voter)].sign(&clock_payload(&GENESIS, 3, slot)),
		};
		let mut filter = filter();
		let mut take = |reading: ClockReading| accept(&mut filter, &Message::clock(reading), &NOTHING);
		for slot in [106, 114] {
			let expected = Accepted::Clock {
				reading: reading(slot, 1),
				pass_on: true,
			};
			assert_eq!(take(reading(slot, 1)), Ok(expected));
		}
		assert_eq!(take(reading(106, 1)), Err(Refused::Known));
		for slot in [0, 105, 115, u64::MAX] {
			assert_eq!(take(reading(slot, 1)), Err(Refused::OutOfWindow));
		}
		let mut forged = reading(110, 1);
		forged.voter = 2;
		assert_eq!(take(forged), Err(Refused::False));
		let mut stranger = reading(110, 1);
		stranger.voter = 77;
		assert_eq!(take(stranger), Err(Refused::False));
		let mut of_other_set = reading(110, 1);
		of_other_set.set_id = 4;
		assert_eq!(take(of_other_set), Err(Refused::OtherSet(4)));
	}

	/// A true certificate of three of the four voters.
	fn certificate(slot: u64) -> Certificate {
		let signatures = (0..3).map(|voter| (voter, vote(slot, voter).signature)).collect();
		Certificate::new(vote(slot, 0).vote, 4, signatures)
	}

	#[test]
	fn stale_early_foreign_and_false_votes_are_dropped() {
		let mut filter = filter();
		let mut drop = |vote: SignedVote| accept(&mut filter, &Message::vote(vote), &NOTHING);
		assert_eq!(drop(vote(100, 0)), Err(Refused::OutOfWindow));
		assert_eq!(drop(vote(113, 0)), Err(Refused::OutOfWindow));
		let mut of_other_set = vote(105, 0);
		of_other_set.vote.set_id = 4;
		assert_eq!(drop(of_other_set), Err(Refused::OtherSet(4)));
		let mut end_above = vote(105, 0);
		end_above.vote.end = Some(end_above.vote.target);
		end_above.signature = pairs()[0].sign(&end_above.vote.payload(&GENESIS));
		assert_eq!(drop(end_above), Err(Refused::False));
		let mut forged = vote(105, 0);
		forged.voter = 1;
		assert_eq!(drop(forged), Err(Refused::False));
		let mut stranger = vote(105, 0);
		stranger.voter = 77;
		assert_eq!(drop(stranger), Err(Refused::False));
	}

	#[test]
	fn a_false_message_does_not_hide_a_true_one() {
		let mut filter = filter();
		let mut forged = vote(105, 0);
		forged.voter = 1;
		assert_eq!(
			accept(&mut filter, &Message::vote(forged), &NOTHING),
			Err(Refused::False)
		);
		assert!(accept(&mut filter, &Message::vote(vote(105, 1)), &NOTHING).is_ok());
	}

	proptest! {
		#[test]
		fn damaged_bytes_are_never_taken(at in any::<prop::sample::Index>(), flip in 1u8..) {
			let mut bytes = Message::vote(vote(105, 0));
			let at = at.index(bytes.len());
			bytes[at] ^= flip;
			prop_assert!(accept(&mut filter(), &bytes, &NOTHING).is_err());
		}

		#[test]
		fn random_bytes_are_never_taken(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
			prop_assert!(accept(&mut filter(), &bytes, &NOTHING).is_err());
			let _ = Request::decode_all(&mut &bytes[..]);
			let _ = Response::decode_all(&mut &bytes[..]);
		}
	}
}
